# SPDX-License-Identifier: Apache-2.0
"""libvirt with its own test driver, whose domains are of another type, and xl by what it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import libvirt
import pytest
from ansible.module_utils.flowstream.world.run import NotInstalledError, Result
from ansible.module_utils.flowstream.xen.connection import open_toolstack
from ansible.module_utils.flowstream.xen.domain import Domain, Owner
from ansible.module_utils.flowstream.xen.toolstack import KnownDomain
from ansible.module_utils.flowstream.xen.toolstack_libvirt import LibvirtToolstack
from ansible.module_utils.flowstream.xen.toolstack_xl import XlToolstack
from ansible.module_utils.flowstream.xen.xl_text import xl_config

from ..conftest import messages

DOMAIN = Domain("d1", "pvh", "/k", 8192, ramdisk="/r", owner=Owner("alloc", "abc", "acme"))


class XenOfTestDriver:
    """A connection to libvirt's test driver that takes and gives Xen's spelling of a domain."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def defineXML(self, xml: str) -> Any:  # noqa: N802  libvirt's name
        text = xml.replace('type="xen"', 'type="test"', 1).replace('machine="xenpvh">xenpvh', ">hvm")
        return self._connection.defineXML(text.replace('<target type="xen"', '<target type="serial"'))

    def listAllDomains(self) -> list[Any]:  # noqa: N802  libvirt's name
        return [XenOfTestDomain(domain) for domain in self._connection.listAllDomains()]


class XenOfTestDomain:
    def __init__(self, domain: Any) -> None:
        self._domain = domain

    def __getattr__(self, name: str) -> Any:
        return getattr(self._domain, name)

    def XMLDesc(self, flags: int = 0) -> str:  # noqa: N802  libvirt's name
        text = self._domain.XMLDesc(flags)
        return str(text.replace("<type arch='x86_64'>hvm<", "<type machine='xenpvh'>xenpvh<"))


@pytest.fixture
def by_libvirt() -> Iterator[LibvirtToolstack]:
    LibvirtToolstack.connect("test:///default")
    connection = libvirt.open("test:///default")
    yield LibvirtToolstack(XenOfTestDriver(connection))
    for domain in connection.listAllDomains():
        if domain.name() == "d1":
            if domain.isActive():
                domain.destroy()
            domain.undefine()
    connection.close()


def test_libvirt_defines_starts_and_forgets_a_domain_and_says_so(by_libvirt: LibvirtToolstack) -> None:
    def known() -> KnownDomain:
        return by_libvirt.domains(["d1"])["d1"]

    by_libvirt.define(DOMAIN)
    assert known() == KnownDomain("d1", DOMAIN, None, "stopped", 0, False)
    by_libvirt.start("d1", paused=False)
    number = known().number
    assert number > 0
    assert known() == KnownDomain("d1", DOMAIN, DOMAIN, "running", number, False)
    by_libvirt.autostart("d1", enabled=True)
    larger = replace(DOMAIN, memory_kib=16384)
    by_libvirt.define(larger)
    assert known() == KnownDomain("d1", larger, DOMAIN, "running", number, True)
    by_libvirt.pause("d1")
    assert known().state == "paused"
    by_libvirt.resume("d1")
    assert known().state == "running"
    by_libvirt.destroy("d1")
    by_libvirt.autostart("d1", enabled=False)
    assert known() == KnownDomain("d1", larger, None, "stopped", 0, False)
    by_libvirt.undefine("d1")
    assert by_libvirt.domains(["d1"]) == {}
    assert list(by_libvirt.domains()) == ["test"]


def test_what_libvirt_refuses_is_said_with_its_own_words_and_nowhere_else(
    by_libvirt: LibvirtToolstack, capfd: pytest.CaptureFixture[str]
) -> None:
    assert messages(lambda: by_libvirt.start("d1", paused=False)) == ["cannot start domain d1: Domain not found"]
    assert messages(lambda: LibvirtToolstack.connect("nonsense:///"))[0].startswith("cannot connect to nonsense:///: ")
    assert capfd.readouterr().err == ""


NOBODY = (
    "Name                                        ID   Mem VCPUs\tState\tTime(s)\nDomain-0    0  1024  1  r-----  1.0\n"
)
SOMEBODY = NOBODY + "d1          4     8  1  -b----  0.2\n"
RUNNING = """[{"domid": 4, "config": {"c_info": {"type": "pvh", "name": "d1"},
 "b_info": {"max_vcpus": 1, "max_memkb": 8192, "kernel": "/k", "ramdisk": "/r"}}}]"""


class PlayedXl:
    """Answers to `xl list`, and remembers what else it was asked."""

    def __init__(self) -> None:
        self.running = False
        self.asked: list[str] = []
        self.refusal = ""

    def __call__(self, argv: list[str], stdin: str = "") -> Result:
        words = " ".join(argv)
        answers = {"xl list": SOMEBODY if self.running else NOBODY, "xl list -l": RUNNING}
        if words in answers:
            return Result(tuple(argv), 0, answers[words], "")
        self.asked.append(words)
        return Result(tuple(argv), 1 if self.refusal else 0, "", self.refusal)


@pytest.fixture
def xl() -> PlayedXl:
    return PlayedXl()


@pytest.fixture
def by_xl(xl: PlayedXl, tmp_path: Path) -> XlToolstack:
    return XlToolstack(xl, tmp_path / "flowstream", tmp_path / "auto")


def test_xl_keeps_definitions_as_files_and_starts_them_at_boot_by_links(
    xl: PlayedXl, by_xl: XlToolstack, tmp_path: Path
) -> None:
    file, link = tmp_path / "flowstream" / "d1.cfg", tmp_path / "auto" / "d1.cfg"
    by_xl.define(DOMAIN)
    by_xl.autostart("d1", enabled=True)
    assert file.read_text() == xl_config(DOMAIN)
    assert link.readlink() == file
    assert by_xl.domains() == {"d1": KnownDomain("d1", DOMAIN, None, "stopped", 0, True)}
    xl.running = True
    ran = replace(DOMAIN, owner=None)
    assert by_xl.domains(["d1"]) == {"d1": KnownDomain("d1", DOMAIN, ran, "running", 4, True)}
    assert by_xl.domains(["d2"]) == {}
    xl.running = False
    by_xl.autostart("d1", enabled=False)
    by_xl.undefine("d1")
    assert by_xl.domains() == {}
    assert list(tmp_path.iterdir()) == [tmp_path / "auto"]


def test_xl_is_asked_for_what_is_done_to_a_domain(xl: PlayedXl, by_xl: XlToolstack, tmp_path: Path) -> None:
    by_xl.start("d1", paused=False)
    by_xl.start("d1", paused=True)
    by_xl.pause("d1")
    by_xl.resume("d1")
    by_xl.destroy("d1")
    file = tmp_path / "flowstream" / "d1.cfg"
    assert xl.asked == [
        f"xl create -q {file}", f"xl create -q -p {file}", "xl pause d1", "xl unpause d1", "xl destroy d1",
    ]  # fmt: skip
    xl.refusal = "libxl: error: libxl_create.c:1: unable to add vif devices"
    assert messages(lambda: by_xl.start("d1", paused=False)) == [f"cannot start domain d1: {xl.refusal}"]


def test_auto_is_libvirt_where_python_has_it(xl: PlayedXl) -> None:
    assert open_toolstack("auto", "test:///default", xl).name == "libvirt"
    assert open_toolstack("xl", "", xl).name == "xl"


def test_without_libvirt_auto_is_xl_and_libvirt_an_error_that_names_the_package(
    xl: PlayedXl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ansible.module_utils.flowstream.xen.toolstack_libvirt", None)
    assert open_toolstack("auto", "", xl).name == "xl"
    with pytest.raises(NotInstalledError):
        open_toolstack("libvirt", "", xl)


def test_a_machine_that_does_not_run_xen_is_said_to_be_one(xl: PlayedXl) -> None:
    xl.refusal = "cannot init xl context"
    assert messages(lambda: open_toolstack("xl", "", xl)) == [
        "cannot use xl: this machine does not run Xen, or Xen's services are not up"
    ]
