# SPDX-License-Identifier: Apache-2.0
"""Whatever switches are joined in whatever way: packets get to where they would at one switch, as they were, and nowhere else."""

from __future__ import annotations

import json
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.joint import with_plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.platform.occupancy import NOTHING
from hypothesis import given, settings
from hypothesis import strategies as st

from .allocations import allocations, fabrics
from .network import Arrival
from .openflow_switch import Packet
from .test_isolation import together
from .test_planned_flows import ARP, IP, NEIGHBOUR, interesting, owner_of, planned, ports_of

ROOT = Path(__file__).parents[2]
TAGS = st.lists(st.integers(1, 4095).map(lambda vlan: 0x1000 | vlan), max_size=1).map(tuple)
"""Among them those that are labels: outside they mean nothing."""
on_a_fabric = given(source=allocations(), facts=fabrics(), data=st.data())


def home(facts: dict[str, Any], port: dict[str, Any]) -> str:
    return str(facts["ports"][str(port["portid"])]["switch"])


@on_a_fabric
@settings(max_examples=100, deadline=None)
def test_a_packet_reaches_the_owner_of_its_destination_as_it_was(
    source: bytes, facts: dict[str, Any], data: st.DataObject
) -> None:
    asked, _, network = planned(source, facts)
    for port in ports_of(asked):
        for destination in data.draw(st.lists(interesting(asked), min_size=1, max_size=4)):
            packet = Packet(NEIGHBOUR, port["mac"], IP, ip_dst=destination, tags=data.draw(TAGS))
            owner = owner_of(asked, destination)
            arrivals = network.enter(packet, port["switchport"], home(facts, port))
            assert arrivals == ([Arrival(pm=owner)] if owner else [])
            assert all(arrival.packet == packet for arrival in arrivals)


@on_a_fabric
@settings(max_examples=60, deadline=None)
def test_a_module_sends_by_its_port_at_the_switch_of_that_and_nowhere_else(
    source: bytes, facts: dict[str, Any], data: st.DataObject
) -> None:
    asked, _, network = planned(source, facts)
    for pm in asked["pm"]:
        name = f"model-pm{pm['id']}"
        for port in ports_of(asked):
            packet = Packet(port["mac"], NEIGHBOUR, data.draw(st.sampled_from([IP, ARP])), tags=data.draw(TAGS))
            arrivals = network.send(packet, name)
            assert arrivals == [Arrival(switchport=port["switchport"], switch=home(facts, port))]
            assert arrivals[0].packet == packet
        assert network.send(Packet(NEIGHBOUR, "02:00:00:00:ff:ff", IP, tags=data.draw(TAGS)), name) == []


@on_a_fabric
@settings(max_examples=40, deadline=None)
def test_questions_reach_the_first_module_and_answers_all(
    source: bytes, facts: dict[str, Any], data: st.DataObject
) -> None:
    asked, _, network = planned(source, facts)
    everybody = sorted(f"model-pm{pm['id']}" for pm in asked["pm"])
    first = f"model-pm{min(pm['id'] for pm in asked['pm'])}"
    for port in ports_of(asked):
        for text in port.get("address", []):
            request = Packet(NEIGHBOUR, "ff:ff:ff:ff:ff:ff", ARP, arp_op=1, arp_tpa=IPv4Address(text.partition("/")[0]))
            assert network.enter(request, port["switchport"], home(facts, port)) == [Arrival(pm=first)]
        reply = Packet(NEIGHBOUR, port["mac"], ARP, arp_op=2, arp_tpa=IPv4Address(0))
        arrivals = network.enter(reply, port["switchport"], home(facts, port))
        assert sorted(arrival.pm or "" for arrival in arrivals) == everybody
        assert all(arrival.packet == reply for arrival in arrivals)


@on_a_fabric
@settings(max_examples=40, deadline=None)
def test_what_has_no_label_ends_where_a_link_does(source: bytes, facts: dict[str, Any], data: st.DataObject) -> None:
    asked, _, network = planned(source, facts)
    for name, switch in facts["switches"].items():
        for link in switch["links"]:
            for port in ports_of(asked):
                for src, dst in ((NEIGHBOUR, port["mac"]), (port["mac"], NEIGHBOUR)):
                    packet = Packet(src, dst, IP, ip_dst=data.draw(interesting(asked)))
                    assert network.enter(packet, link, name) == []


def two_tenants() -> list[Plan]:
    """The example, and the same with other Ethernet addresses at the other ports, on two switches."""
    folder = ROOT / "examples" / "two-switches"
    facts = yaml.safe_load((folder / "platform.yml").read_text())
    for switch in facts["switches"].values():
        switch["outside"] = [1, 2, 3, 4]
    text = (folder / "allocation.xml").read_text()
    other = text.replace("campus", "lodge").replace("00:53:2", "00:53:3")
    for port in ("1", "2"):
        other = other.replace(f'switchport="{port}"', f'switchport="{int(port) + 2}"')
    facts["ports"] = {}
    found: list[Plan] = []
    there = NOTHING
    for source in (text, other):
        allocation = parse(source.encode(), "a.xml").allocation
        render = renderer(ROOT / "templates" / "click")
        found.append(plan_allocation(allocation, Platform.from_facts(facts), render, occupancy=there))
        there = with_plan(there, found[-1])
    return found


PLANS = two_tenants()
OWNERS = {port.mac: plan.allocation_id for plan in PLANS for port in plan.ports}
MACS = st.sampled_from([*OWNERS, NEIGHBOUR, "ff:ff:ff:ff:ff:ff"])
NETWORK = together(PLANS)
PLACES = sorted({(plan.switch_of(port), port.switchport) for plan in PLANS for port in plan.ports})
forged = st.builds(
    Packet,
    src=MACS,
    dst=MACS,
    ether_type=st.sampled_from([IP, IP, ARP, 0x86DD]),
    ip_dst=st.sampled_from(["10.0.5.1", "192.168.7.1", "203.0.113.1"]).map(IPv4Address),
    arp_op=st.sampled_from([1, 2]),
    tags=st.lists(st.integers(128, 400).map(lambda vlan: 0x1000 | vlan), max_size=2).map(tuple),
)


def mine(arrival: Arrival) -> str:
    """Whose module or platform port it is."""
    if arrival.pm:
        return arrival.pm.partition("-pm")[0]
    (owner,) = (
        plan.allocation_id
        for plan in PLANS
        for port in plan.ports
        if (plan.switch_of(port), port.switchport) == (arrival.switch, arrival.switchport)
    )
    return owner


@given(forged, st.sampled_from(PLACES))
@settings(max_examples=1000, deadline=None)
def test_what_anybody_forges_outside_comes_to_nobody_elses_module(packet: Packet, place: tuple[str, int]) -> None:
    (owner,) = (
        plan.allocation_id for plan in PLANS for port in plan.ports if (plan.switch_of(port), port.switchport) == place
    )
    assert {mine(arrival) for arrival in NETWORK.enter(packet, place[1], place[0])} <= {owner}


@given(forged, st.sampled_from(sorted(NETWORK.places)))
@settings(max_examples=1000, deadline=None)
def test_what_a_module_forges_leaves_by_its_own_ports_alone(packet: Packet, pm: str) -> None:
    for arrival in NETWORK.send(packet, pm):
        assert mine(arrival) == pm.partition("-pm")[0] == OWNERS[packet.src]


def test_the_entries_of_the_fabric_are_the_same_in_every_plan() -> None:
    one, other = (
        {name: json.dumps(switch["fabric"]) for name, switch in plan.to_dict()["switches"].items()} for plan in PLANS
    )
    assert one == other
