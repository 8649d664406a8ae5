# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.flowstream.world.run import NotInstalledError
from ansible.module_utils.flowstream.xen.converge import converge_domain
from ansible.module_utils.flowstream.xen.domain import Domain, DomainVif, Owner
from ansible.module_utils.flowstream.xen.observe import observe_domains
from ansible.module_utils.flowstream.xen.steps import WantedDomain

from ..conftest import messages
from .played_xen import PlayedXen, Port

VIF = DomainVif("pm1", "br-pm", "02:00:00:00:00:01", 4711)
DOMAIN = Domain("d1", "pvh", "/k", 8192, vifs=(VIF,), owner=Owner("alloc", "abc"))


@pytest.fixture
def xen() -> PlayedXen:
    return PlayedXen()


def converge(xen: PlayedXen, want: WantedDomain | str, check: bool = False) -> dict[str, Any]:
    return converge_domain(lambda: xen, xen.run, want, 0, check)


def running(domain: Domain = DOMAIN, **how: Any) -> WantedDomain:
    return WantedDomain(domain, "running", **how)


def test_predict_then_do_then_nothing_is_left_to_do(xen: PlayedXen) -> None:
    want = running(autostart=True)
    predicted = converge(xen, want, check=True)
    assert (xen.known, xen.ports) == ({}, {})
    done = converge(xen, want)
    repeated = converge(xen, want)
    assert predicted["changes"] == done["changes"] == [
        "define domain d1: pvh, 8192 KiB, 1 vcpu, kernel /k",
        "plug in domain d1: pm1 is OpenFlow port 4711 of br-pm",
        "start domain d1",
        "have domain d1 started at boot",
    ]  # fmt: skip
    assert predicted["diff"] == done["diff"]
    assert done["diff"]["after"].splitlines()[-3:] == [
        "vif 0: device=pm1 bridge=br-pm mac=02:00:00:00:00:01 ofport=4711",
        "state: running",
        "autostart: True",
    ]
    assert (repeated["changed"], repeated["changes"]) == (False, [])
    assert repeated["diff"]["before"] == repeated["diff"]["after"]
    assert repeated["domain"]["ports"] == [{"device": "pm1", "bridge": "br-pm", "ofport": 4711, "vlan": None}]
    assert xen.ports["pm1"].ids == {"flowstream-domain": "d1", "flowstream-allocation": "alloc"}


def test_a_domain_without_its_kernel_is_refused_before_anything_is_touched(xen: PlayedXen) -> None:
    xen.missing.add("/k")
    assert messages(lambda: converge(xen, running())) == [
        "cannot start domain d1: its kernel /k is not there; install it"
    ]
    assert (xen.known, xen.ports) == ({}, {})


def test_the_port_is_there_before_the_domain_starts(xen: PlayedXen) -> None:
    start = xen.start
    seen: list[list[str]] = []

    def starting(name: str, paused: bool) -> None:
        seen.append(list(xen.ports))
        start(name, paused)

    xen.start = starting  # type: ignore[method-assign]
    converge(xen, running())
    assert seen == [["pm1"]]


def test_a_change_that_needs_a_restart_is_written_and_said_and_done_when_allowed(xen: PlayedXen) -> None:
    converge(xen, running())
    larger = replace(DOMAIN, memory_kib=16384)
    done = converge(xen, running(larger))
    assert done["changes"] == ["change the definition of domain d1"]
    assert done["restart_needed"] == ["its memory_kib is 8192, not 16384"]
    again = converge(xen, running(larger))
    assert (again["changed"], again["restart_needed"]) == (False, ["its memory_kib is 8192, not 16384"])
    restarted = converge(xen, running(larger, restart=True))
    assert restarted["changes"] == ["restart domain d1: its memory_kib is 8192, not 16384"]
    assert restarted["restart_needed"] == []
    assert converge(xen, running(larger))["restart_needed"] == []


def test_number_and_vlan_of_a_port_change_under_a_running_domain(xen: PlayedXen) -> None:
    converge(xen, running())
    number = xen.known["d1"].number
    moved = replace(DOMAIN, vifs=(replace(VIF, ofport=4712, vlan=9),))
    done = converge(xen, running(moved, restart=True))
    assert done["changes"] == [
        "change the definition of domain d1",
        "plug in domain d1: pm1 is OpenFlow port 4712 of br-pm",
    ]
    assert done["domain"]["ports"] == [{"device": "pm1", "bridge": "br-pm", "ofport": 4712, "vlan": 9}]
    assert xen.known["d1"].number == number
    back = converge(xen, running())
    assert back["domain"]["ports"] == [{"device": "pm1", "bridge": "br-pm", "ofport": 4711, "vlan": None}]


def test_a_port_that_somebody_took_away_or_moved_is_plugged_in_again(xen: PlayedXen) -> None:
    converge(xen, running())
    for damaged in ({}, {"pm1": Port("br-other", ids=dict(xen.ports["pm1"].ids), request=4711)}):
        xen.ports = damaged
        assert converge(xen, running())["changes"] == ["plug in domain d1: pm1 is OpenFlow port 4711 of br-pm"]
        assert xen.ports["pm1"].bridge == "br-pm"
    assert xen.calls == ["define d1", "start d1"]


def test_a_number_that_the_bridge_does_not_give_is_an_error_that_names_it(xen: PlayedXen) -> None:
    xen.stolen = {4711}
    assert messages(lambda: converge(xen, running())) == [
        "cannot plug pm1 of domain d1 into br-pm as OpenFlow port 4711: the bridge gave it 9"
    ]


def test_a_port_that_the_definition_has_no_more_goes_with_the_restart(xen: PlayedXen) -> None:
    converge(xen, running())
    renamed = replace(DOMAIN, vifs=(replace(VIF, device="pm2"),))
    waiting = converge(xen, WantedDomain(renamed, "defined"))
    assert waiting["changes"] == [
        "change the definition of domain d1",
        "plug in domain d1: pm2 is OpenFlow port 4711 of br-pm",
    ]
    assert sorted(xen.ports) == ["pm1", "pm2"]
    done = converge(xen, running(renamed, restart=True))
    assert done["changes"] == [
        "unplug domain d1: pm1",
        "restart domain d1: device of vif 0 is pm1, not pm2",
    ]
    assert sorted(xen.ports) == ["pm2"]


def test_removal_leaves_neither_definition_nor_port(xen: PlayedXen) -> None:
    converge(xen, running())
    predicted = converge(xen, "d1", check=True)
    done = converge(xen, "d1")
    assert predicted["changes"] == done["changes"] == ["remove domain d1"]
    assert predicted["diff"] == done["diff"]
    assert done["diff"]["after"] == ""
    assert done["domain"] == {}
    assert (xen.known, xen.ports) == ({}, {})
    assert converge(xen, "d1")["changed"] is False


def test_a_port_that_outlived_its_domain_is_removed_as_well(xen: PlayedXen) -> None:
    converge(xen, running())
    xen.known.clear()
    assert list(observe_domains(xen, xen.run)) == ["d1"]
    converge(xen, "d1")
    assert xen.ports == {}


def test_check_mode_of_a_host_without_a_toolstack_predicts_a_first_run(xen: PlayedXen) -> None:
    def missing() -> PlayedXen:
        raise NotInstalledError("cannot run xl: it is not installed")

    predicted = converge_domain(missing, xen.run, running(), 0, check_mode=True)
    assert predicted["changes"][0] == "define domain d1: pvh, 8192 KiB, 1 vcpu, kernel /k"
    assert messages(lambda: converge_domain(missing, xen.run, running(), 0, check_mode=False)) == [
        "cannot run xl: it is not installed"
    ]


def test_from_any_state_to_any_other_every_prediction_holds_and_nothing_is_left_to_do(xen: PlayedXen) -> None:
    chance = random.Random(4)
    for _ in range(300):
        domain = replace(
            DOMAIN,
            kind=chance.choice(["pvh", "pv"]),
            memory_kib=chance.choice([8192, 16384]),
            vifs=tuple(
                DomainVif(device, "br-pm", "02:00:00:00:00:01", chance.choice([None, 300]), chance.choice([None, 7]))
                for device in chance.choice([[], ["pm1"], ["pm2"]])
            ),
        )
        state = chance.choice(["defined", "running", "paused", "stopped", "absent"])
        want: WantedDomain | str = "d1"
        if state != "absent":
            want = WantedDomain(domain, state, chance.choice([None, True, False]), chance.choice([True, False]))
        predicted = converge(xen, want, check=True)
        done = converge(xen, want)
        assert predicted["changes"] == done["changes"]
        assert predicted["diff"] == done["diff"]
        assert predicted["restart_needed"] == done["restart_needed"]
        assert converge(xen, want)["changes"] == []
        if state != "absent":
            assert xen.known["d1"].defined == domain
            assert state in ("defined", xen.known["d1"].state)
            assert done["domain"]["state"] == xen.known["d1"].state
        else:
            assert (xen.known, xen.ports) == ({}, {})
