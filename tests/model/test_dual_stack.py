# SPDX-License-Identifier: Apache-2.0
"""Whatever is allocated of both families: every packet reaches its module and its port, as each family has it by itself."""

from __future__ import annotations

import json
from ipaddress import IPv6Address, IPv6Network
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.paths import parallel_in_tables
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from hypothesis import given, settings
from hypothesis import strategies as st

from .allocations import allocations, platforms
from .network import Arrival, Network
from .openflow_switch import Packet

RENDER = renderer(Path(__file__).parents[2] / "templates" / "click")
NEIGHBOUR = "06:00:00:00:00:01"
IPV6, ICMP6 = 0x86DD, 58
SOLICITATION, ADVERTISEMENT = 135, 136
LINK_LOCAL, GROUPS = IPv6Network("fe80::/10"), IPv6Network("ff00::/8")
ADDRESSES = st.integers(0, 2**128 - 1).map(IPv6Address)


def six(network: str, length: int) -> IPv6Network:
    """A network of IPv6 that lies among others as one of IPv4 does: its bits are the first ones behind 2000::/3."""
    bits = int.from_bytes(bytes(map(int, network.split("."))), "big")
    return IPv6Network((1 << 125 | bits << 93, length + 3))


@st.composite
def dual(draw: st.DrawFn) -> dict[str, Any]:
    """A random allocation, each of whose networks has one of IPv6 beside it, so that modules share both alike."""
    asked: dict[str, Any] = json.loads(draw(allocations()))
    for index, port in enumerate(asked["portmacmappings"]["portmacmapping"]):
        port["address6"] = [f"fd00:{index + 1:x}::1/64"]
        if draw(st.booleans()):
            port["gateway6"] = draw(st.sampled_from([f"fd00:{index + 1:x}::2", "fe80::2"]))
    for pm in asked["pm"]:
        for entries in (pm["prefix"], pm["forwardingtable"]["forwardingentry"]):
            for entry in list(entries):
                length = IPv6Network(f"::/{entry['mask']}").prefixlen if str(entry["mask"]).isdigit() else ones(entry)
                network = six(entry["addr"], length)
                entries.append({**entry, "addr": str(network.network_address), "mask": str(network.prefixlen)})
    return asked


def ones(entry: dict[str, Any]) -> int:
    return sum(bin(int(octet)).count("1") for octet in entry["mask"].split("."))


def network_of(entry: dict[str, Any]) -> IPv6Network | None:
    return IPv6Network(f"{entry['addr']}/{entry['mask']}") if ":" in entry["addr"] else None


def networks(entries: list[dict[str, Any]]) -> list[tuple[IPv6Network, dict[str, Any]]]:
    return [(network, entry) for entry in entries if (network := network_of(entry)) is not None]


def interesting(asked: dict[str, Any]) -> st.SearchStrategy[IPv6Address]:
    """Addresses at the edges of what is asked for, and anywhere."""
    edges = {0, 2**128 - 1}
    for pm in asked["pm"]:
        for network, _ in networks([*pm["prefix"], *pm["forwardingtable"]["forwardingentry"]]):
            first, last = int(network.network_address), int(network.broadcast_address)
            edges |= {first, last, first - 1, last + 1}
    return st.one_of(st.sampled_from(sorted(edges)).map(IPv6Address), ADDRESSES)


def planned(asked: dict[str, Any], facts: dict[str, Any]) -> Network:
    source = json.dumps(asked).encode()
    bound = 0 if len(source) % 2 else parallel_in_tables.LARGEST_PRODUCT
    with patch.object(parallel_in_tables, "LARGEST_PRODUCT", bound):
        plan = plan_allocation(parse(source, "model.yml").allocation, Platform.from_facts(facts), RENDER)
    return Network(plan.files())


def ports_of(asked: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(asked["portmacmappings"]["portmacmapping"], key=lambda port: port["portid"])


every_allocation = given(asked=dual(), facts=platforms(), data=st.data())


@every_allocation
@settings(max_examples=30, deadline=None)
def test_a_packet_reaches_the_owner_of_its_destination_and_the_port_of_the_longest_prefix(
    asked: dict[str, Any], facts: dict[str, Any], data: st.DataObject
) -> None:
    network, ports = planned(asked, facts), ports_of(asked)
    for destination in data.draw(st.lists(interesting(asked), min_size=1, max_size=8)):
        owners = [pm for pm in asked["pm"] if any(destination in own for own, _ in networks(pm["prefix"]))]
        for port in ports:
            protocol = data.draw(st.sampled_from([6, 17, ICMP6]))
            packet = Packet(
                NEIGHBOUR, port["mac"], IPV6, ip_dst=destination, ip_proto=protocol, port_src=128, port_dst=0
            )
            arrivals = network.enter(packet, port["switchport"])
            assert arrivals == [Arrival(pm=f"model-pm{pm['id']}") for pm in owners]
            other = Packet(NEIGHBOUR, NEIGHBOUR, IPV6, ip_dst=destination, ip_proto=protocol)
            assert network.enter(other, port["switchport"]) == []
        for pm in owners:
            output, gateway = network.route(f"model-pm{pm['id']}", destination)
            routes = [(own, e) for own, e in networks(pm["forwardingtable"]["forwardingentry"]) if destination in own]
            if destination in LINK_LOCAL or destination in GROUPS or not routes:
                assert output == len(ports)
                continue
            _, best = max(routes, key=lambda route: route[0].prefixlen)
            assert ports[output]["portid"] == best["outputport"]
            assert gateway == ports[output].get("gateway6")


@every_allocation
@settings(max_examples=20, deadline=None)
def test_solicitations_reach_the_first_module_and_advertisements_all_of_them(
    asked: dict[str, Any], facts: dict[str, Any], data: st.DataObject
) -> None:
    network = planned(asked, facts)
    everybody = sorted(f"model-pm{pm['id']}" for pm in asked["pm"])
    first = f"model-pm{min(pm['id'] for pm in asked['pm'])}"
    for port in ports_of(asked):
        (own,) = port["address6"]
        address = IPv6Address(own.partition("/")[0])
        group = IPv6Address(int(IPv6Address("ff02::1:ff00:0")) | int(address) & 0xFFFFFF)
        for wanted in (address, data.draw(ADDRESSES)):
            for to, mac in ((group, "33:33:ff:00:00:01"), (address, port["mac"])):
                asks = Packet(
                    NEIGHBOUR, mac, IPV6, to, ip_proto=ICMP6, port_src=SOLICITATION, port_dst=0, nd_target=wanted
                )
                arrivals = network.enter(asks, port["switchport"])
                if wanted == address:
                    assert arrivals == [Arrival(pm=first)]
                elif mac != port["mac"]:
                    assert arrivals == []
        answer = Packet(NEIGHBOUR, port["mac"], IPV6, address, ip_proto=ICMP6, port_src=ADVERTISEMENT, port_dst=0)
        arrivals = network.enter(answer, port["switchport"])
        assert sorted(arrival.pm or "" for arrival in arrivals) == everybody


@every_allocation
@settings(max_examples=10, deadline=None)
def test_a_module_sends_by_the_port_whose_mac_it_uses_and_by_no_other_mac(
    asked: dict[str, Any], facts: dict[str, Any], data: st.DataObject
) -> None:
    network = planned(asked, facts)
    for pm in asked["pm"]:
        name = f"model-pm{pm['id']}"
        for port in ports_of(asked):
            packet = Packet(port["mac"], NEIGHBOUR, IPV6, ip_dst=data.draw(ADDRESSES), ip_proto=ICMP6)
            assert network.send(packet, name) == [Arrival(switchport=port["switchport"])]
        assert network.send(Packet(NEIGHBOUR, NEIGHBOUR, IPV6, ip_dst=IPv6Address(1)), name) == []
