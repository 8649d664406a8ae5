# SPDX-License-Identifier: Apache-2.0
"""Allocations beside each other on the same switch and hosts: whatever anybody forges, nobody's packet comes to another's module."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from pathlib import Path

import pytest
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

from .network import Network
from .openflow_switch import Packet

ROOT = Path(__file__).parents[2]
NAMES = ("felipeiprouter", "staged-router", "flow-router", "click", "dual-stack-router", "dual-stack-click")
OTHERS = {
    "dual-stack-router": (
        ("5E:00:53:0", "5E:00:54:0"),
        (".254/24", ".253/24"),
        ("::fe/64", "::fd/64"),
        (' type="', ' tenant="umbrella" type="'),
    ),
    "dual-stack-click": (("5E:00:53:0", "5E:00:55:0"), (".254/24", ".252/24"), (' type="', ' tenant="acme" type="')),
}
"""Those whose ports have the addresses of another example: what is put in the place of a text, and whose they are."""
STRANGER = "06:00:00:00:00:01"


def plans() -> list[Plan]:
    """The examples' plans on one platform, each made beside those before it."""
    platform = Platform.from_facts(yaml.safe_load((ROOT / "examples" / "platform.yml").read_text()))
    found: list[Plan] = []
    there = NOTHING
    for name in NAMES:
        folder = ROOT / "examples" / name
        render = renderer(ROOT / "templates" / "click", folder)
        source = (folder / "allocation.xml").read_bytes()
        for one, another in OTHERS.get(name, ()):
            source = source.replace(one.encode(), another.encode())
        found.append(plan_allocation(parse(source, "allocation.xml").allocation, platform, render, occupancy=there))
        there = with_plan(there, found[-1])
    return found


def together(found: list[Plan]) -> Network:
    """One network of all of them: each bridge with everybody's flows, each host with everybody's modules."""
    files = found[0].files()
    whole = json.loads(files["plan.json"])
    for plan in found[1:]:
        for name, host in plan.to_dict()["hosts"].items():
            whole["hosts"][name]["pms"] += host["pms"]
        for name, text in plan.files().items():
            if name.startswith("flows/") and not name.endswith((".fabric", ".fabric-groups")):
                files[name] += text
    return Network({**files, "plan.json": json.dumps(whole)})


PLANS = plans()
NETWORK = together(PLANS)
OWNERS = {pm.name: plan.allocation_id for plan in PLANS for host in plan.hosts.values() for pm in host.pms}
FOREIGN = {pm.name for plan in PLANS for host in plan.hosts.values() for pm in host.pms if pm.foreign}
"""Modules whose configuration is an operator's own: no tag of theirs says anything to a bridge."""
MACS = {port.mac: plan.allocation_id for plan in PLANS for port in plan.ports}
ANSWERING = {
    plan.allocation_id: {interface.text for port in plan.ports for interface in port.addresses6} for plan in PLANS
}
OUTSIDE = sorted({port.switchport for plan in PLANS for port in plan.ports})
ADDRESSES = st.sampled_from(["10.0.5.1", "10.0.7.9", "192.168.6.1", "192.168.7.250", "203.0.113.5", "224.0.0.1"]).map(
    IPv4Address
)

SIX = st.sampled_from(
    [f"2001:db8:{net}::{host}" for net in (5, 6, 9) for host in (1, "fd", "fe")] + ["fd00:db8:7::1", "fe80::1", "::"]
).map(IPv6Address)
NEIGHBOUR_DISCOVERY = range(133, 138)

forged4 = st.builds(
    Packet,
    src=st.sampled_from([*MACS, STRANGER]),
    dst=st.sampled_from([*MACS, STRANGER, "ff:ff:ff:ff:ff:ff"]),
    ether_type=st.sampled_from([0x0800, 0x0800, 0x0800, 0x88B5]),
    ip_dst=ADDRESSES,
    ip_src=ADDRESSES,
    tags=st.lists(st.integers(0, 9).map(lambda vlan: 0x1000 | vlan), max_size=2).map(tuple),
)
forged6 = st.builds(
    Packet,
    src=st.sampled_from([*MACS, STRANGER]),
    dst=st.sampled_from([*MACS, STRANGER, "33:33:ff:00:00:fe", "33:33:ff:00:00:fd", "33:33:00:00:00:01"]),
    ether_type=st.just(0x86DD),
    ip_dst=SIX,
    ip_src=SIX,
    ip_proto=st.sampled_from([6, 58, 58, 58]),
    port_src=st.sampled_from([*NEIGHBOUR_DISCOVERY, 128]),
    port_dst=st.sampled_from([0, 0, 1]),
    nd_target=SIX,
    tags=st.sampled_from([(), (), (), (0x1002,)]),
)
forged = forged4 | forged6


def test_they_have_numbers_of_their_own() -> None:
    assert len(NETWORK.places) == len(OWNERS) == 16
    assert {"meter-pm0", "gate-pm0"} == FOREIGN


@given(packet=forged, port=st.sampled_from(OUTSIDE))
@settings(max_examples=2000, deadline=None)
def test_what_comes_from_outside_comes_to_modules_of_the_address_that_it_is_for(packet: Packet, port: int) -> None:
    for arrival in NETWORK.enter(packet, port):
        assert arrival.pm is not None
        if packet.dst in MACS:
            assert OWNERS[arrival.pm] == MACS[packet.dst]
        else:
            # A question to a group comes to those who have the address.
            assert packet.port_src == 135
            assert str(packet.nd_target) in ANSWERING[OWNERS[arrival.pm]]


@pytest.mark.parametrize("name", sorted(OWNERS))
@given(packet=forged)
@settings(max_examples=300, deadline=None)
def test_what_a_module_sends_comes_to_modules_of_its_own_or_leaves_in_its_own_name(name: str, packet: Packet) -> None:
    arrivals = NETWORK.send(packet, name)
    assert not (arrivals and packet.tags and name in FOREIGN)
    for arrival in arrivals:
        if arrival.pm is not None:
            assert OWNERS[arrival.pm] == OWNERS[name]
        else:
            assert MACS.get(packet.src) == OWNERS[name]


@given(packet=forged6)
@settings(max_examples=2000, deadline=None)
def test_a_tenants_own_configuration_says_by_ipv6_nothing_but_what_is_its_own(packet: Packet) -> None:
    port = {"02:00:5e:00:55:00": "2001:db8:5::fe", "02:00:5e:00:55:01": "2001:db8:6::fe"}
    arrivals = NETWORK.send(packet, "gate-pm0")
    mine = any(packet.ip_src in IPv6Network(network) for network in ("2001:db8:5::/64", "2001:db8:6::/64"))
    tells = packet.ip_proto == 58 and packet.port_src in (134, 136, 137)
    advertises = tells and packet.port_src == 136 and packet.port_dst == 0
    told = str(packet.nd_target) == str(packet.ip_src) == port.get(packet.src)
    right = packet.src in port and not packet.tags and mine and (not tells or (advertises and told))
    assert [arrival.pm for arrival in arrivals] == ([None] if right else [])
