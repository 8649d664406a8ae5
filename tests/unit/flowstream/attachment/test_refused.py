# SPDX-License-Identifier: Apache-2.0
"""What an allocation may not ask of several switches, each with its line; and what it may, proved by its plan."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.middleboxes.template import Render
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.joint import with_plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.planner.proof import violations
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.platform.occupancy import NOTHING

from ..conftest import messages

EXAMPLES = Path(__file__).parents[4] / "examples"
TWO = yaml.safe_load((EXAMPLES / "two-switches" / "platform.yml").read_text())
SOURCE = (EXAMPLES / "two-switches" / "allocation.xml").read_text()
Planning = Callable[..., Plan]


@pytest.fixture
def two() -> dict[str, Any]:
    """Facts of a platform with two switches, to be changed at will."""
    return deepcopy(TWO)


@pytest.fixture
def planned(render: Render, two: dict[str, Any]) -> Planning:
    """Plans a text on two switches."""

    def plan(text: str = SOURCE, **others: Any) -> Plan:
        return plan_allocation(parse(text.encode(), "a.xml").allocation, Platform.from_facts(two), render, **others)

    return plan


def at_both(name: str, **homes: str) -> str:
    """An example with its ports at two switches, `sw1` unless told otherwise by portid."""
    text = (EXAMPLES / name / "allocation.xml").read_text()
    for portid in "0123":
        switch = homes.get(f"port{portid}", "sw1")
        text = text.replace(f'portmacmapping portid="{portid}"', f'portmacmapping portid="{portid}" switch="{switch}"')
    return text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'switch="sw1" switchport="1"',
            'switchport="1"',
            "switch is missing; the platform has several, add sw1 or sw2, or say it in platform_ports of the inventory",
        ),
        (
            'switch="sw1" switchport="1"',
            'switch="sw3" switchport="1"',
            "switch is unknown, got sw3; use sw1 or sw2",
        ),
        (
            'switch="sw1" switchport="1"',
            'switch="sw1" switchport="11"',
            "switchport is the link of module host mh1, got 11; use a port that leads outside",
        ),
        (
            'switch="sw1" switchport="1"',
            'switch="sw1" switchport="31"',
            "switchport is the link to switch sw2, got 31; use a port that leads outside",
        ),
        (
            'switch="sw1" switchport="1"',
            'switch="sw1" switchport="7"',
            "switchport is none of sw1 that leads outside (flow_switch_outside), got 7; use 1 or 2",
        ),
    ],
)
def test_a_port_that_leads_nowhere_is_named_with_its_line(
    planned: Planning, two: dict[str, Any], old: str, new: str, expected: str
) -> None:
    assert messages(lambda: planned(SOURCE.replace(old, new))) == [f"a.xml:10: portmacmapping 0: {expected}"]


def test_the_inventory_says_where_ports_are_that_do_not(planned: Planning, two: dict[str, Any]) -> None:
    said = planned()
    for portid, switch in zip("0123", ("sw1", "sw1", "sw2", "sw2"), strict=True):
        two["ports"][portid]["switch"] = switch
    bare = SOURCE.replace(' switch="sw1"', "").replace(' switch="sw2"', "")
    two["switches"]["sw2"]["outside"] = [3, 4]
    for portid in "23":
        bare = bare.replace(
            f':2{portid}" switchport="{int(portid) - 1}"', f':2{portid}" switchport="{int(portid) + 1}"'
        )
    assert [port.switch for port in planned(bare).ports] == [port.switch for port in said.ports]


def test_the_only_switch_may_be_named_and_no_other(facts: dict[str, Any], render: Render, seed: str) -> None:
    def plan(text: str) -> Plan:
        return plan_allocation(parse(text.encode(), "a.xml").allocation, Platform.from_facts(facts), render)

    named = seed.replace("<portmacmapping ", '<portmacmapping switch="sw1" ')
    assert plan(named).to_dict()["switches"] == plan(seed).to_dict()["switches"]
    assert messages(lambda: plan(named.replace('"sw1"', '"sw2"', 1))) == [
        "a.xml:3: portmacmapping 0: switch is unknown, got sw2; use sw1"
    ]


def test_a_port_of_a_tenants_at_one_switch_is_not_that_of_another(planned: Planning, two: dict[str, Any]) -> None:
    two["tenants"] = {"acme": {"switchports": ["sw1/1", "sw1/2", "sw2/1"]}}
    text = SOURCE.replace('id="campus"', 'id="campus" tenant="acme"')
    assert messages(lambda: planned(text)) == [
        "a.xml:13: portmacmapping 3: switchport is none of tenant acme's, got sw2/2; use sw1/1, sw1/2 or sw2/1"
    ]
    two["tenants"]["acme"]["switchports"].append("sw2/2")
    assert planned(text).tenant == "acme"


def test_two_ports_of_a_switch_are_not_one(planned: Planning) -> None:
    twice = SOURCE.replace('switch="sw1" switchport="2"', 'switch="sw1" switchport="1"')
    assert messages(lambda: planned(twice)) == [
        "a.xml:11: portmacmapping 1: switchport stands twice, got sw1/1, first on line 10; give each port its own"
    ]


def test_what_gives_flows_back_stays_at_one_switch(planned: Planning, two: dict[str, Any]) -> None:
    two["switches"]["sw1"]["outside"] = [1, 2, 3, 4]
    (refused,) = messages(lambda: planned(at_both("offloaded-router")))
    assert refused.endswith(
        "gives flows back to the switch, which has to have the port and all modules itself, got sw1 and sw2; remove the bypass"
    )
    two["hosts"]["mh2"] |= {"switch": "sw1", "switch_port": 12}
    assert planned(at_both("offloaded-router")).switches["sw2"].flows == ()


def test_vlans_of_subscribers_stay_at_one_switch(planned: Planning, two: dict[str, Any]) -> None:
    two["switches"]["sw1"]["outside"] = [1, 2, 3, 4]
    refused = messages(lambda: planned(at_both("bng")))
    assert len(refused) == 2
    assert refused[0].endswith(
        "pm 0: has subscribers in VLANs, whose tags no link between switches carries, got sw1 and sw2; put ports and modules at one switch"
    )
    two["hosts"]["mh2"] |= {"switch": "sw1", "switch_port": 12}
    assert planned(at_both("bng")).switches["sw2"].flows == ()


def test_a_device_that_packets_go_past_is_at_the_switch_of_all(planned: Planning, two: dict[str, Any]) -> None:
    two["switches"]["sw1"]["outside"] = [1, 2, 3, 4]
    two["devices"] = {
        name: {"switch": "sw1", "outside_port": port, "inside_port": port + 1}
        for name, port in (("ids1", 21), ("ids2", 23))
    }
    text = at_both("through-devices")
    (refused,) = messages(lambda: planned(text))
    assert refused.endswith(
        "goes past its device when that is down, so port, device and all modules have to be at one switch, got sw1 and sw2;"
        " write down=block"
    )
    two["devices"]["ids2"]["switch"] = "sw2"
    blocking = planned(text.replace('down="bypass"', 'down="block"'))
    assert all(plan.flows for plan in blocking.switches.values())


def test_flows_are_dealt_at_one_switch_to_modules_at_any(planned: Planning, two: dict[str, Any]) -> None:
    for switch in two["switches"].values():
        switch["outside"] = [1, 2, 3, 4]
    (refused,) = messages(lambda: planned(at_both("flow-router", port1="sw2")))
    assert refused.endswith(
        "shares flows with others, which one switch has to deal in both directions, got ports at sw1 and sw2;"
        " put the ports at one switch, or share by prefix"
    )
    plan = planned(at_both("flow-router"))
    assert {name for name, host in plan.hosts.items() if host.pms} == {"mh1", "mh2"}
    spilling = planned(at_both("spilling-router"))
    assert [name for name, switch in spilling.switches.items() if switch.spilled] == ["sw1"]


def test_stages_may_be_anywhere(planned: Planning, two: dict[str, Any]) -> None:
    for switch in two["switches"].values():
        switch["outside"] = [1, 2, 3, 4]
    plan = planned(at_both("staged-router", port1="sw2"))
    pushed = [flow for flow in plan.switches["sw1"].flows if flow.actions.count("push_vlan:0x8100") == 2]
    assert pushed, "a frame with the tag of a stage has to get a label too"


def test_another_at_another_switch_may_not_answer_for_the_same_address_on_the_same_host(
    planned: Planning, two: dict[str, Any]
) -> None:
    """On the host both ask alike, though their switches say it otherwise: one has the host, the other a label."""
    first = planned()
    two["switches"]["sw2"]["outside"] = [1, 2, 3]
    two["ports"]["8"] = two["ports"]["0"]
    other = SOURCE.replace("campus", "lodge").replace("00:53:2", "00:53:3")
    other = other.replace('portid="0" mac="02:00:5E:00:53:30" switch="sw1" switchport="1"',
                          'portid="8" mac="02:00:5E:00:53:30" switch="sw2" switchport="3"')  # fmt: skip
    other = other.replace('outputport="0"', 'outputport="8"')
    found = messages(lambda: planned(other, occupancy=with_plan(NOTHING, first)))
    assert (
        "a.xml:10: portmacmapping 8: address is answered for allocation campus at switchport sw1/1, got 192.168.5.254;"
        " allocation lodge cannot answer for it as well, choose another"
    ) in found


def without(plan: Plan, switch: str, selector: str) -> Plan:
    """The plan where a switch has lost an entry of the fabric."""
    share = plan.switches[switch].fabric
    flows = tuple(flow for flow in share.flows if selector not in str(flow))
    assert len(flows) == len(share.flows) - 1
    spoiled = replace(plan.switches[switch], fabric=replace(share, flows=flows))
    return replace(plan, switches={**plan.switches, switch: spoiled})


@pytest.mark.parametrize("selector", ["in_port=31", "dl_vlan=267"])
def test_the_proof_finds_a_fabric_that_lacks_an_entry(planned: Planning, selector: str) -> None:
    found = list(violations(without(planned(), "sw2", selector)))
    assert any("that enters by platform port 0 reaches nothing; it should reach campus-pm1" in text for text in found)


def test_the_proof_finds_a_label_that_leads_to_another_port(planned: Planning) -> None:
    plan = planned()
    share = plan.switches["sw2"].fabric
    flows = tuple(
        Flow(flow.table, flow.priority, flow.match, ("pop_vlan", "output:2"), flow.cookie)
        if dict(flow.match).get("dl_vlan") == "257"
        else flow
        for flow in share.flows
    )
    spoiled = replace(plan.switches["sw2"], fabric=replace(share, flows=flows))
    found = list(violations(replace(plan, switches={**plan.switches, "sw2": spoiled})))
    assert "what campus-pm0 sends from port 2 reaches port 2 of sw2; it should leave by it" in found
