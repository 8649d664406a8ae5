# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.control.clickos_messages import Status
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.converge import converge as converge_modules
from ansible.module_utils.flowstream.hosts.declaration import Declaration
from ansible.module_utils.flowstream.hosts.observe import report
from ansible.module_utils.flowstream.hosts.xen.connection import XenDoors
from ansible.module_utils.flowstream.hosts.xen.driver import XenDriver
from ansible.module_utils.flowstream.hosts.xen.steps import DomainHost
from ansible.module_utils.flowstream.plan.plan import PlannedPm
from ansible.module_utils.flowstream.plan.vif import Vif
from ansible.module_utils.flowstream.xen.steps import SeenDomain

from ...conftest import messages
from ...xen.played_xen import PlayedXen

IMAGE = b"IMAGE!!!"
OLD = "FromDevice(eth0) -> c :: Counter -> Discard;\n"
NEW = "FromDevice(eth0) -> other :: Counter -> Discard;\n"


def pm(number: int, config: str = OLD, **changed: Any) -> PlannedPm:
    vif = Vif(f"pm{number}", "eth0", f"02:00:00:00:00:0{number}", 300 + number, None)
    plain = PlannedPm(f"lib-pm{number}", number, "clickos", 8, 1, (), (), (vif,), config)
    return replace(plain, **changed)


class PlayedClickOs:
    """The ClickOS domains of a played host: what each runs, and what it was given. A refused text has `Wrong` in it."""

    def __init__(self, xen: PlayedXen) -> None:
        self.xen = xen
        self.running: dict[int, str] = {}
        self.installed: list[str] = []
        self.silent: set[str] = set()

    def control(self, seen: SeenDomain) -> PlayedControl:
        assert seen.known is not None
        return PlayedControl(self, seen.name, seen.known.number)


class PlayedControl:
    def __init__(self, clickos: PlayedClickOs, name: str, number: int) -> None:
        self.clickos, self.name, self.number = clickos, name, number
        running = clickos.xen.known[name].running
        assert running is not None
        self.ramdisk = Path(running.ramdisk)

    def __enter__(self) -> PlayedControl:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def configuration(self) -> str:
        if self.name in self.clickos.silent:
            raise FlowstreamError(f"cannot read handler 'config' of domain {self.name}: no answer in 5 s")
        if self.number not in self.clickos.running:
            self.clickos.running[self.number] = self._own()
        return self.clickos.running[self.number]

    def _own(self) -> str:
        if self.ramdisk.suffix != ".initramfs":
            return self.ramdisk.read_text()
        argv = ["cpio", "--extract", "--to-stdout", "--quiet", "router.click"]
        archive = self.ramdisk.read_bytes().removeprefix(IMAGE)
        return subprocess.run(argv, input=archive, capture_output=True, check=True).stdout.decode()

    def status(self) -> Status | None:
        if self.name in self.clickos.silent:
            return None
        wrong = "Wrong" in self.configuration()
        return Status(0, "error", ("config:1: unknown element class 'Wrong'",)) if wrong else Status(0, "running")

    def install(self, text: str) -> None:
        if "Wrong" in text:
            raise FlowstreamError(f"cannot install the configuration of domain {self.name}: config:1: unknown element")
        self.clickos.installed.append(self.name)
        self.clickos.running[self.number] = text

    def readable(self, handler: str) -> bool:
        return handler.split(".")[0] in self.configuration()

    def read(self, handler: str) -> str:
        return f"{handler}\n"


Converge = Callable[..., dict[str, Any]]


@pytest.fixture
def xen() -> PlayedXen:
    return PlayedXen()


@pytest.fixture
def clickos(xen: PlayedXen) -> PlayedClickOs:
    return PlayedClickOs(xen)


@dataclass(frozen=True)
class PlayedDoors(XenDoors):
    clickos: PlayedClickOs

    def control(self, seen: SeenDomain, timeout: float) -> Any:
        return self.clickos.control(seen)


@pytest.fixture
def doors(xen: PlayedXen, clickos: PlayedClickOs) -> XenDoors:
    def no_store() -> Any:
        raise AssertionError("the played domains need no XenStore")

    return PlayedDoors(xen.run, lambda: xen, no_store, clickos)


@pytest.fixture
def converge(doors: XenDoors, tmp_path: Path) -> Converge:
    def call(pms: list[PlannedPm], state: str = "started", exclusive: bool = False, check: bool = False, **host: Any):  # type: ignore[no-untyped-def]  # noqa: ANN202
        kernels = {"clickos": host.get("kernel", "/k1"), "linux_guest": str(host.get("linux", "/none"))}
        driver = XenDriver(doors, DomainHost("br-pm", "pvh", kernels, config_dir=tmp_path / "flowstream" / "pm"), 0)
        return converge_modules(driver, Declaration("lib", pms, state, exclusive), check_mode=check)

    return call


def test_predict_then_do_then_nothing_is_left_to_do(converge: Converge, xen: PlayedXen, tmp_path: Path) -> None:
    predicted = converge([pm(0), pm(1)], check=True)
    assert (xen.known, xen.ports, list(tmp_path.iterdir())) == ({}, {}, [])
    done = converge([pm(0), pm(1)])
    repeated = converge([pm(0), pm(1)])
    assert predicted["changes"] == done["changes"]
    assert done["changes"][:5] == [
        "write the start-up configuration of domain lib-pm0",
        "define domain lib-pm0: pvh, 8192 KiB, 1 vcpu, kernel /k1",
        "plug in domain lib-pm0: pm0 is OpenFlow port 300 of br-pm",
        "start domain lib-pm0",
        "have domain lib-pm0 started at boot",
    ]
    assert predicted["diff"] == done["diff"]
    assert predicted["touched"] == done["touched"] == ["lib-pm0", "lib-pm1"]
    assert (repeated["changed"], repeated["diff"], repeated["touched"]) == (False, [], [])
    assert [(one["name"], one["active"], one["enabled"], one["ofport"]) for one in repeated["pms"]] == [
        ("lib-pm0", True, True, 300),
        ("lib-pm1", True, True, 301),
    ]


def test_a_new_configuration_reaches_a_running_domain_and_its_file_without_a_restart(
    converge: Converge, xen: PlayedXen, clickos: PlayedClickOs, tmp_path: Path
) -> None:
    converge([pm(0)])
    number = xen.known["lib-pm0"].number
    predicted = converge([pm(0, NEW)], check=True)
    done = converge([pm(0, NEW)])
    assert predicted["changes"] == done["changes"] == [
        "replace the configuration of domain lib-pm0: without a restart"
    ]  # fmt: skip
    file = tmp_path / "flowstream" / "pm" / "lib-pm0.click"
    assert done["diff"] == predicted["diff"] == [
        {"before_header": str(file), "after_header": str(file), "before": OLD, "after": NEW}
    ]  # fmt: skip
    assert (xen.known["lib-pm0"].number, clickos.installed, file.read_text()) == (number, ["lib-pm0"], NEW)
    assert converge([pm(0, NEW)])["changed"] is False


def test_a_configuration_that_a_running_domain_refuses_is_not_what_it_starts_with_next(
    converge: Converge, tmp_path: Path
) -> None:
    converge([pm(0)])
    assert messages(lambda: converge([pm(0, "Wrong;\n")])) == [
        "cannot install the configuration of domain lib-pm0: config:1: unknown element"
    ]
    assert (tmp_path / "flowstream" / "pm" / "lib-pm0.click").read_text() == OLD
    assert converge([pm(0)])["changed"] is False


def test_a_domain_that_refuses_its_start_up_configuration_is_named_with_its_words(converge: Converge) -> None:
    assert messages(lambda: converge([pm(0, "Wrong;\n")])) == [
        "cannot start domain lib-pm0: config:1: unknown element class 'Wrong'"
    ]


def test_modules_without_their_kernel_are_all_named_before_anything_is_touched(
    converge: Converge, xen: PlayedXen, tmp_path: Path
) -> None:
    xen.missing.add("/k1")
    assert messages(lambda: converge([pm(0), pm(1)])) == [
        "cannot start domain lib-pm0: its kernel /k1 is not there; install it",
        "cannot start domain lib-pm1: its kernel /k1 is not there; install it",
    ]
    assert (xen.known, xen.ports, list(tmp_path.iterdir())) == ({}, {}, [])


def test_a_new_kernel_and_a_silent_domain_are_reasons_for_a_restart(converge: Converge, clickos: PlayedClickOs) -> None:
    converge([pm(0)])
    assert converge([pm(0)], kernel="/k2")["changes"] == [
        "change the definition of domain lib-pm0",
        "restart domain lib-pm0: its kernel is /k1, not /k2",
    ]
    clickos.silent = {"lib-pm0"}
    assert converge([pm(0)], kernel="/k2", check=True)["changes"] == [
        "restart domain lib-pm0: it does not answer"
    ]  # fmt: skip
    assert messages(lambda: converge([pm(0)], kernel="/k2")) == ["cannot start domain lib-pm0: it says nothing in 0 s"]


def test_a_file_that_somebody_changed_is_written_again_and_the_domain_left_alone(
    converge: Converge, xen: PlayedXen, tmp_path: Path
) -> None:
    converge([pm(0)])
    (tmp_path / "flowstream" / "pm" / "lib-pm0.click").write_text("other")
    done = converge([pm(0)])
    assert done["changes"] == ["write the start-up configuration of domain lib-pm0"]
    assert done["touched"] == []
    assert xen.calls.count("start lib-pm0") == 1


@pytest.fixture
def linux(tmp_path: Path) -> Path:
    """The kernel of Linux guests, with its file system beside it."""
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("linux-1", "linux-2"):
        (folder / f"{name}.initramfs").write_bytes(IMAGE)
    return folder / "linux-1"


def test_a_linux_guest_starts_with_its_configuration_behind_the_files_of_its_image(
    converge: Converge, xen: PlayedXen, clickos: PlayedClickOs, tmp_path: Path, linux: Path
) -> None:
    guest = pm(0, kind="linux_guest")
    assert converge([guest], linux=linux)["changes"][0] == "write the start-up configuration of domain lib-pm0"
    defined = xen.known["lib-pm0"].defined
    assert defined is not None
    files = tmp_path / "flowstream" / "pm"
    assert (defined.ramdisk, defined.cmdline) == (str(files / "lib-pm0.initramfs"), "console=hvc0 quiet")
    assert clickos.running == {xen.known["lib-pm0"].number: OLD}
    assert converge([guest], linux=linux)["changed"] is False
    assert converge([pm(0, NEW, kind="linux_guest")], linux=linux)["changes"] == [
        "replace the configuration of domain lib-pm0: without a restart"
    ]
    xen.destroy("lib-pm0")
    converge([pm(0, NEW, kind="linux_guest")], linux=linux)
    assert clickos.running[xen.known["lib-pm0"].number] == NEW
    (files / "lib-pm0.initramfs").unlink()
    assert converge([pm(0, NEW, kind="linux_guest")], linux=linux)["changes"] == [
        "write the start-up configuration of domain lib-pm0"
    ]
    converge([], "absent", linux=linux)
    assert not files.exists()


def test_another_image_of_linux_guests_is_written_for_each_before_it_is_started_with_that(
    converge: Converge, linux: Path
) -> None:
    guest = pm(0, kind="linux_guest")
    converge([guest], linux=linux)
    other = linux.with_name("linux-2")
    assert converge([guest], linux=other)["changes"] == [
        "write the start-up configuration of domain lib-pm0",
        "change the definition of domain lib-pm0",
        f"restart domain lib-pm0: its kernel is {linux}, not {other}",
    ]
    assert messages(lambda: converge([guest], linux="/none")) == [
        "cannot read /none.initramfs: No such file or directory"
    ]


def test_stopped_leaves_the_definitions_and_started_takes_them_up(converge: Converge) -> None:
    converge([pm(0)])
    assert converge([pm(0)], "stopped")["changes"] == [
        "stop domain lib-pm0",
        "have domain lib-pm0 not started at boot",
    ]
    assert converge([pm(0)], "stopped")["changed"] is False
    assert converge([pm(0)], "present")["changed"] is False
    assert converge([pm(0)])["changes"] == ["start domain lib-pm0", "have domain lib-pm0 started at boot"]


def test_exclusive_removes_the_allocations_other_modules_and_nobody_elses(
    converge: Converge, xen: PlayedXen, doors: XenDoors, tmp_path: Path
) -> None:
    converge([pm(0), pm(1)])
    theirs = replace(pm(2), name="theirs-pm0")
    place = DomainHost("br-pm", "pvh", {"clickos": "/k1"}, config_dir=tmp_path / "flowstream" / "pm")
    declared = Declaration("theirs", [theirs], "started", exclusive=False)
    converge_modules(XenDriver(doors, place, 0), declared, check_mode=False)
    predicted = converge([pm(1)], exclusive=True, check=True)
    done = converge([pm(1)], exclusive=True)
    assert predicted["changes"] == done["changes"] == ["remove domain lib-pm0"]
    assert (sorted(xen.known), sorted(xen.ports)) == (["lib-pm1", "theirs-pm0"], ["pm1", "pm2"])
    assert converge([], "absent")["changes"] == ["remove domain lib-pm1"]
    assert sorted(xen.known) == ["theirs-pm0"]


def test_removal_of_the_last_leaves_nothing(converge: Converge, xen: PlayedXen, tmp_path: Path) -> None:
    converge([pm(0)])
    assert converge([pm(0)], "absent")["changes"] == ["remove domain lib-pm0"]
    assert (xen.known, xen.ports, list(tmp_path.iterdir())) == ({}, {}, [])
    assert converge([pm(0)], "absent")["changed"] is False


def test_modules_that_cannot_be_are_all_named_before_anything_is_touched(converge: Converge, xen: PlayedXen) -> None:
    pms = [pm(0), pm(1, kind="process"), pm(2, config=" "), replace(pm(3), vifs=pm(0).vifs)]
    assert messages(lambda: converge(pms)) == [
        "pm lib-pm1: its kind is process; this host has a kernel for clickos, linux_guest",
        "pm lib-pm2: its configuration is empty",
        "pm lib-pm3: device pm0 is that of pm lib-pm0; choose another",
        "pm lib-pm3: ofport 300 is that of pm lib-pm0; choose another",
    ]
    assert xen.calls == []


def test_a_report_has_what_a_module_takes_of_its_host_whether_it_runs_or_not(
    converge: Converge, doors: XenDoors, tmp_path: Path
) -> None:
    arms = (
        Vif("pm1", "inside", "02:00:00:00:00:01", 301, 50),
        Vif("pm7", "outside", "02:00:00:00:00:07", 307, 50),
    )
    converge([pm(1, vifs=arms, tenant="acme")])
    converge([pm(2)], "stopped")
    driver = XenDriver(doors, DomainHost(config_dir=tmp_path), 1)
    found = report(driver, {"allocation": None, "handlers": [], "configurations": False}, False)["pms"]
    names = ("name", "tenant", "memory_mib", "vcpus", "rate_mbps", "ports")
    assert [tuple(one[name] for name in names) for one in found] == [
        ("lib-pm1", "acme", 8, 1, 100, {"pm1": 301, "pm7": 307}),
        ("lib-pm2", "", 8, 1, None, {"pm2": 302}),
    ]


def test_a_report_has_the_handlers_of_those_that_answer_and_the_reason_of_those_that_do_not(
    converge: Converge, clickos: PlayedClickOs, doors: XenDoors, tmp_path: Path
) -> None:
    converge([pm(0), pm(1)])
    clickos.silent = {"lib-pm1"}
    driver = XenDriver(doors, DomainHost(config_dir=tmp_path), 5)
    asked = {"allocation": "lib", "handlers": ["c.count", "missing.count"], "configurations": False}
    found = report(driver, asked, check_mode=False)["pms"]
    assert [(one["name"], one["handlers"], one["error"]) for one in found] == [
        ("lib-pm0", {"c.count": "c.count"}, ""),
        ("lib-pm1", {}, "cannot read handler 'config' of domain lib-pm1: no answer in 5 s"),
    ]
    assert report(driver, {**asked, "allocation": "other"}, check_mode=False)["pms"] == []


def test_what_a_module_runs_is_read_from_it_and_from_its_file_where_it_does_not_answer(
    converge: Converge, clickos: PlayedClickOs, doors: XenDoors, tmp_path: Path
) -> None:
    converge([pm(0), pm(1)])
    clickos.silent = {"lib-pm1"}
    folder = tmp_path / "flowstream" / "pm"
    for name in ("lib-pm0", "lib-pm1"):
        (folder / f"{name}.click").write_text("Idle -> Discard;")
    driver = XenDriver(doors, DomainHost(config_dir=folder), 5)
    found = report(driver, {"allocation": "lib", "handlers": [], "configurations": True}, check_mode=False)
    assert found["configurations"] == {"lib-pm0": pm(0).config, "lib-pm1": "Idle -> Discard;"}


def test_modules_start_beside_each_other_and_each_that_does_not_is_named(
    converge: Converge, clickos: PlayedClickOs, xen: PlayedXen
) -> None:
    clickos.silent = {"lib-pm0"}
    wrong = "FromDevice(eth0) -> Wrong -> Discard;\n"
    assert messages(lambda: converge([pm(0), pm(1, wrong), pm(2)])) == [
        "cannot start domain lib-pm0: it says nothing in 0 s",
        "cannot start domain lib-pm1: config:1: unknown element class 'Wrong'",
    ]
    assert sorted(name for name, known in xen.known.items() if known.running) == ["lib-pm0", "lib-pm1", "lib-pm2"]
