# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import Result
from ansible.module_utils.flowstream.xen.mass.converge import Pace, converge_domains, converge_mass
from ansible.module_utils.flowstream.xen.mass.template import DomainTemplate, VifTemplate

from ...conftest import messages
from ..played_xen import PlayedXen, Port
from .played_host import NEEDED_KIB, PlayedHost

TEMPLATE = DomainTemplate(
    "d{number}", 1, 5, "/kernel", "pv", 4096,
    vifs=(VifTemplate("v{number}", "br-pm", "02:00:00:00:00:00", ofport=100, vlan=7),), configuration="Idle;",
)  # fmt: skip


@pytest.fixture
def host() -> PlayedHost:
    return PlayedHost()


class Converge:
    """Has the domains of a template, two a batch."""

    def __init__(self, host: PlayedHost, progress: Path) -> None:
        self._host = host
        self.progress = progress

    def __call__(
        self, template: DomainTemplate = TEMPLATE, state: str = "present", restart: bool = False, check: bool = False,
        **pace: Any,
    ) -> dict[str, Any]:  # fmt: skip
        at = replace(Pace(batch=2, reserve_kib=0, timeout=0, ready=True, progress=self.progress), **pace)
        host: Any = self._host
        return converge_mass(host, host, host.run, template, state, restart, at, check)


@pytest.fixture
def converge(host: PlayedHost, tmp_path: Path) -> Converge:
    return Converge(host, tmp_path / "progress")


def test_predict_then_do_then_nothing_is_left_to_do(host: PlayedHost, converge: Converge) -> None:
    predicted = converge(check=True)
    assert (host.names, host.xen.ports, host.commands) == ([], {}, [])
    done = converge()
    assert predicted["changes"] == done["changes"] == ["create 5 domains d{number}: 1-5"]
    assert (
        predicted["diff"] == done["diff"] == {"before": "0 domains d{number}\n", "after": "5 domains d{number}: 1-5\n"}
    )
    assert (predicted["created"], done["created"], done["destroyed"]) == (0, 5, 0)
    assert done["phases"] == {"build": 0.06, "plug": 0.5}
    assert (host.kernel, host.names) == ("/kernel", ["d1", "d2", "d3", "d4", "d5"])
    host.commands.clear()
    repeated = converge()
    assert (repeated["changed"], repeated["changes"], repeated["outdated"], host.commands) == (False, [], [], [])


def test_ports_are_made_before_their_domains_a_batch_in_one_transaction(host: PlayedHost, converge: Converge) -> None:
    # One of another domain's, and another VLAN.
    host.xen.ports["v5"] = Port("br-pm", 8, 4, {"flowstream-domain": "other", "flowstream-allocation": "a"})
    converge()
    assert host.xen.ports == {
        f"v{number}": Port("br-pm", 7, 100 + number, {"flowstream-domain": f"d{number}"}) for number in range(1, 6)
    }
    assert [argv[0] for argv in host.commands] == ["modprobe", "ovs-vsctl", "ovs-vsctl", "ovs-vsctl"]


def test_progress_is_told_batch_by_batch(converge: Converge) -> None:
    converge.progress.write_text("of an earlier run\n")
    converge()
    lines = [line.split(" ", 1)[1] for line in converge.progress.read_text().splitlines()]
    assert lines[0] == "create 5 domains d{number}: 1-5"
    assert [line.split(",")[0] for line in lines[1:]] == ["created 2 of 5", "created 4 of 5", "created 5 of 5"]


def test_a_run_makes_those_that_are_missing_and_leaves_the_others_alone(host: PlayedHost, converge: Converge) -> None:
    converge()
    host.lose(12)
    host.lose(14)
    assert converge()["changes"] == ["create 2 domains d{number}: 2, 4"]
    assert host.names == ["d1", "d3", "d5", "d2", "d4"]


def test_a_domain_of_another_template_stays_until_it_may_be_replaced(host: PlayedHost, converge: Converge) -> None:
    converge()
    moved = replace(TEMPLATE, vifs=(VifTemplate("w{number}", "br-other", "02:00:00:00:00:00"),))
    assert (converge(moved)["changed"], converge(moved)["outdated"]) == (False, [1, 2, 3, 4, 5])
    done = converge(moved, restart=True)
    assert done["changes"] == ["destroy 5 domains d{number}: 1-5", "create 5 domains d{number}: 1-5"]
    assert (done["destroyed"], done["created"], done["outdated"]) == (5, 5, [])
    assert done["phases"] == {"build": 0.06, "plug": 0.3}
    assert {name: port.bridge for name, port in host.xen.ports.items()} == {f"w{n}": "br-other" for n in range(1, 6)}


def test_a_crashed_domain_whose_port_is_elsewhere_is_made_again(host: PlayedHost, converge: Converge) -> None:
    host.add(3, "d1", state="crashed")
    host.xen.ports["v1"] = Port("br-old", None, None, {"flowstream-domain": "d1"})
    assert converge()["changes"] == ["destroy 1 domain d{number}: 1", "create 5 domains d{number}: 1-5"]
    assert host.xen.ports["v1"].bridge == "br-pm"


def test_removal_takes_domains_and_ports_and_none_of_others(host: PlayedHost, converge: Converge) -> None:
    converge()
    host.add(3, "other")
    host.xen.ports["o1"] = Port("br-pm", ids={"flowstream-domain": "other"})
    host.commands.clear()
    predicted = converge(state="absent", check=True)
    done = converge(state="absent")
    assert predicted["changes"] == done["changes"] == ["destroy 5 domains d{number}: 1-5"]
    assert done["diff"] == {"before": "5 domains d{number}: 1-5\n", "after": "0 domains d{number}\n"}
    assert (done["destroyed"], host.names, list(host.xen.ports)) == (5, ["other"], ["o1"])
    assert sum("del-port" in argv for argv in host.commands) == 3
    assert converge(state="absent")["changed"] is False


def test_removal_takes_the_ports_of_domains_that_are_gone_already(host: PlayedHost, converge: Converge) -> None:
    converge()
    host.lose(12)
    host.lose(13)
    without_vifs = replace(TEMPLATE, vifs=())
    changes = ["destroy 3 domains d{number}: 1, 4-5", "remove the ports of 2 domains d{number}: 2-3"]
    assert converge(without_vifs, state="absent", check=True)["changes"] == changes
    assert converge(without_vifs, state="absent")["changes"] == changes
    assert (host.names, host.xen.ports) == ([], {})
    assert converge(without_vifs, state="absent")["changed"] is False


def failure(call: Any, *args: Any, **kwargs: Any) -> FlowstreamError:
    with pytest.raises(FlowstreamError) as caught:
        call(*args, **kwargs)
    return caught.value


def test_the_kth_failure_has_its_cause_and_the_next_run_goes_on_there(host: PlayedHost, converge: Converge) -> None:
    host.broken["d3"] = "Cannot allocate memory"
    error = failure(converge)
    assert str(error) == "cannot create domain d3: xc_domain_create: Cannot allocate memory"
    assert error.details == {"created": 3, "destroyed": 0, "call": "xc_domain_create", "errno": 12, "domid": 0}
    assert converge.progress.read_text().splitlines()[-1].endswith(str(error))
    # The other one of its batch was under way already.
    assert host.names == ["d1", "d2", "d4"]
    host.broken.clear()
    assert converge()["changes"] == ["create 2 domains d{number}: 3, 5"]


def test_a_domain_that_cannot_be_destroyed_is_named_and_the_others_go(host: PlayedHost, converge: Converge) -> None:
    converge()
    host.broken["d2"] = "Invalid argument"
    error = failure(converge, state="absent")
    assert str(error) == "cannot destroy domain d2: xc_domain_destroy: Invalid argument"
    assert error.details == {"created": 0, "destroyed": 4, "call": "xc_domain_destroy", "errno": 12, "domid": 12}
    assert host.names == ["d2"]


def test_it_stops_before_a_batch_that_would_take_the_reserve(host: PlayedHost, converge: Converge) -> None:
    host.free_kib = 3 * NEEDED_KIB + 1000
    error = failure(converge, reserve_kib=1000)
    assert str(error) == (
        "cannot create domain d3: 5864 KiB of the host's memory are free, the next 2 domains and the reserve need 10728; "
        "give the host more memory, dom0 less, or lower count"
    )
    assert (host.names, error.details) == (["d1", "d2"], {"created": 2, "destroyed": 0})


def test_a_pvh_domain_needs_its_page_tables_too(host: PlayedHost, converge: Converge) -> None:
    host.free_kib = 2 * (NEEDED_KIB + 4 * 260) - 1
    error = failure(converge, replace(TEMPLATE, kind="pvh"))
    assert str(error).startswith(
        "cannot create domain d1: 11807 KiB of the host's memory are free, the next 2 domains and the reserve need 11808;"
    )


def test_a_domain_that_refuses_its_configuration_ends_the_run(host: PlayedHost, converge: Converge) -> None:
    host.says["d2"] = b"1 error\nconfig:1: unknown element class 'Idel'\nrouter could not be initialized\n"
    error = failure(converge)
    assert str(error) == (
        "cannot start the router of domain 12: config:1: unknown element class 'Idel'; router could not be initialized"
    )
    assert (host.names, error.details) == (["d1", "d2"], {"created": 2, "destroyed": 0})


def test_no_more_are_made_than_a_batch_while_domains_are_silent(host: PlayedHost, converge: Converge) -> None:
    host.says = {f"d{number}": None for number in range(1, 6)}
    error = failure(converge)
    assert str(error) == "cannot create more domains: 4 do not answer after 0 s, the first is domain 11"
    assert (host.names, error.details) == (["d1", "d2", "d3", "d4"], {"created": 4, "destroyed": 0})


def test_in_the_end_all_have_to_answer_unless_nobody_waits_for_that(host: PlayedHost, converge: Converge) -> None:
    host.says = {"d4": None}
    assert str(failure(converge)) == "cannot create more domains: 1 do not answer after 0 s, the first is domain 14"
    for number in range(11, 16):
        host.lose(number)
    assert converge(ready=False)["created"] == 5


def test_it_waits_for_a_domain_that_answers_later(
    host: PlayedHost, converge: Converge, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.says = {"d5": None}
    monkeypatch.setattr(
        "ansible.module_utils.flowstream.xen.mass.converge.time.sleep",
        lambda _: host.nodes.update({"/local/domain/15/data/clickos/0/status": b"1 running"}),
    )
    assert converge(timeout=60)["created"] == 5


def test_ports_that_cannot_be_made_end_the_run_before_their_domains(host: PlayedHost, converge: Converge) -> None:
    answers = {
        "modprobe": Result(("modprobe",), 0, "", ""),
        "ovs-vsctl": Result(("ovs-vsctl",), 1, "", "no bridge br-pm"),
    }
    host.run = lambda argv, _="": answers[argv[0]]  # type: ignore[method-assign]
    assert str(failure(converge)) == "cannot prepare the ports of the domains: no bridge br-pm"
    assert host.names == []


# The choice between domain-builder and the host's toolstack


def choose(template: DomainTemplate, method: str, state: str = "present", check: bool = False) -> dict[str, Any]:
    at = Pace(batch=2, reserve_kib=0, timeout=0, ready=True, progress=Path("/nowhere/progress"))
    return converge_domains(PlayedXen().run, template, state, False, at, method, "/nowhere/domain-builder", check)


def test_what_a_method_cannot_do_is_refused() -> None:
    assert messages(lambda: choose(TEMPLATE, "xl")) == [
        "domains d{number}: only method libxenctrl takes a configuration, got xl"
    ]
    assert messages(lambda: choose(replace(TEMPLATE, configuration="", count=17), "auto")) == [
        "cannot run /nowhere/domain-builder: it is not installed; use role clickos_domains"
    ]


def test_check_mode_on_a_host_without_the_builder_predicts_all_domains() -> None:
    predicted = choose(TEMPLATE, "auto", check=True)
    assert (predicted["changes"], predicted["changed"]) == (["create 5 domains d{number}: 1-5"], True)


def test_few_domains_are_made_by_the_toolstack(monkeypatch: pytest.MonkeyPatch) -> None:
    xen = PlayedXen()
    monkeypatch.setattr("ansible.module_utils.flowstream.xen.mass.converge.open_toolstack", lambda *_: xen)
    template = replace(TEMPLATE, configuration="", count=2)
    at = Pace(batch=2, reserve_kib=0, timeout=0, ready=True, progress=Path("/nowhere/progress"))

    def have(state: str = "present", check: bool = False) -> dict[str, Any]:
        return converge_domains(xen.run, template, state, False, at, "auto", "/nowhere/domain-builder", check)

    predicted, done = have(check=True), have()
    assert predicted["changes"] == done["changes"]
    assert (predicted["created"], done["created"], sorted(xen.known)) == (0, 2, ["d1", "d2"])
    assert xen.ports["v2"] == Port("br-pm", 7, 102, {"flowstream-domain": "d2"})
    assert have()["changed"] is False
    assert (have("absent")["destroyed"], xen.known, xen.ports) == (2, {}, {})
