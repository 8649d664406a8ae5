# SPDX-License-Identifier: Apache-2.0
"""Whatever is allocated: every packet reaches its module and then its port, and nobody else's packet moves."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ansible.module_utils.flowstream.middleboxes.router.expectations import probes
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.paths import parallel_in_tables
from ansible.module_utils.flowstream.plan.plan import Plan
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
IP, ARP = 0x0800, 0x0806
ADDRESSES = st.integers(0, 2**32 - 1).map(IPv4Address)

every_allocation = given(source=allocations(), facts=platforms(), data=st.data())


def planned(source: bytes, facts: dict[str, Any]) -> tuple[dict[str, Any], Plan, Network]:
    # One half of all allocations is planned as if it were too large for one table.
    bound = 0 if len(source) % 2 else parallel_in_tables.LARGEST_PRODUCT
    with patch.object(parallel_in_tables, "LARGEST_PRODUCT", bound):
        plan = plan_allocation(parse(source, "model.yml").allocation, Platform.from_facts(facts), RENDER)
    return json.loads(source), plan, Network(plan.files())


def ports_of(asked: dict[str, Any]) -> list[dict[str, Any]]:
    return asked["portmacmappings"]["portmacmapping"]


def network_of(entry: dict[str, Any]) -> IPv4Network:
    return IPv4Network(f"{entry['addr']}/{entry['mask']}")


def owner_of(asked: dict[str, Any], destination: IPv4Address) -> str | None:
    for pm in asked["pm"]:
        if any(destination in network_of(prefix) for prefix in pm["prefix"]):
            return f"model-pm{pm['id']}"
    return None


def interesting(asked: dict[str, Any]) -> st.SearchStrategy[IPv4Address]:
    """Addresses at the edges of what is asked for, where mistakes live, and anywhere."""
    edges = set()
    networks = [IPv4Network(text, strict=False) for port in ports_of(asked) for text in port.get("address", [])]
    for pm in asked["pm"]:
        networks += [network_of(entry) for entry in (*pm["prefix"], *pm["forwardingtable"]["forwardingentry"])]
    for network in networks:
        first, last = int(network.network_address), int(network.broadcast_address)
        edges |= {first, last, max(first - 1, 0), min(last + 1, 2**32 - 1)}
    return st.one_of(st.sampled_from(sorted(edges)).map(IPv4Address), ADDRESSES)


@every_allocation
@settings(max_examples=150, deadline=None)
def test_an_ip_packet_reaches_the_owner_of_its_destination_and_nobody_else(
    source: bytes, facts: dict[str, Any], data: st.DataObject
) -> None:
    asked, _, network = planned(source, facts)
    for port in ports_of(asked):
        for destination in data.draw(st.lists(interesting(asked), min_size=1, max_size=8)):
            packet = Packet(src=NEIGHBOUR, dst=port["mac"], ether_type=IP, ip_dst=destination)
            owner = owner_of(asked, destination)
            assert network.enter(packet, port["switchport"]) == ([Arrival(pm=owner)] if owner else [])


@every_allocation
@settings(max_examples=60, deadline=None)
def test_a_packet_that_is_not_for_the_port_it_came_by_goes_nowhere(
    source: bytes, facts: dict[str, Any], data: st.DataObject
) -> None:
    asked, _, network = planned(source, facts)
    macs = [port["mac"] for port in ports_of(asked)]
    for port in ports_of(asked):
        destination = data.draw(interesting(asked))
        for mac in (*macs, NEIGHBOUR, "ff:ff:ff:ff:ff:ff"):
            if mac != port["mac"]:
                packet = Packet(src=NEIGHBOUR, dst=mac, ether_type=IP, ip_dst=destination)
                assert network.enter(packet, port["switchport"]) == []


@every_allocation
@settings(max_examples=60, deadline=None)
def test_arp_requests_reach_the_first_module_and_replies_all_of_them(
    source: bytes, facts: dict[str, Any], data: st.DataObject
) -> None:
    asked, _, network = planned(source, facts)
    everybody = {f"model-pm{pm['id']}" for pm in asked["pm"]}
    first = f"model-pm{min(pm['id'] for pm in asked['pm'])}"
    for port in ports_of(asked):
        own = {IPv4Address(text.partition("/")[0]) for text in port.get("address", [])}
        for wanted in (*own, data.draw(ADDRESSES)):
            request = Packet(NEIGHBOUR, "ff:ff:ff:ff:ff:ff", ARP, arp_op=1, arp_tpa=wanted)
            arrivals = network.enter(request, port["switchport"])
            assert arrivals == ([Arrival(pm=first)] if wanted in own else [])
        reply = Packet(NEIGHBOUR, port["mac"], ARP, arp_op=2, arp_tpa=IPv4Address(0))
        arrivals = network.enter(reply, port["switchport"])
        assert sorted(arrival.pm or "" for arrival in arrivals) == sorted(everybody)


@every_allocation
@settings(max_examples=60, deadline=None)
def test_a_module_sends_by_the_port_whose_mac_it_uses_and_by_no_other_mac(
    source: bytes, facts: dict[str, Any], data: st.DataObject
) -> None:
    asked, _, network = planned(source, facts)
    for pm in asked["pm"]:
        name = f"model-pm{pm['id']}"
        for port in ports_of(asked):
            packet = Packet(port["mac"], NEIGHBOUR, data.draw(st.sampled_from([IP, ARP])), ip_dst=IPv4Address(1))
            assert network.send(packet, name) == [Arrival(switchport=port["switchport"])]
        for mac in (NEIGHBOUR, "02:00:00:00:ff:ff"):
            assert network.send(Packet(mac, NEIGHBOUR, IP, ip_dst=IPv4Address(1)), name) == []


@every_allocation
@settings(max_examples=100, deadline=None)
def test_a_module_forwards_by_the_longest_prefix_that_was_asked_for(
    source: bytes, facts: dict[str, Any], data: st.DataObject
) -> None:
    asked, _, network = planned(source, facts)
    ports = sorted(ports_of(asked), key=lambda port: port["portid"])
    own = {text.partition("/")[0] for port in ports for text in port.get("address", [])}
    for pm in asked["pm"]:
        for destination in data.draw(st.lists(interesting(asked), min_size=1, max_size=8)):
            entries = [e for e in pm["forwardingtable"]["forwardingentry"] if destination in network_of(e)]
            output, gateway = network.route(f"model-pm{pm['id']}", destination)
            if str(destination) in own:
                assert output == len(ports) + 1
            elif not entries:
                assert output == len(ports)
            else:
                best = max(entries, key=lambda entry: network_of(entry).prefixlen)
                port = next(port for port in ports if port["portid"] == best["outputport"])
                assert ports[output] == port
                segment = IPv4Network(port["address"][0], strict=False) if "address" in port else None
                near = segment is not None and destination in segment
                on_itself = network_of(best).prefixlen == 32 and str(destination) == port.get("gateway")
                assert gateway == (None if near or on_itself else port.get("gateway"))


@every_allocation
@settings(max_examples=100, deadline=None)
def test_every_probe_comes_out_as_it_says(source: bytes, facts: dict[str, Any], data: st.DataObject) -> None:
    asked, plan, network = planned(source, facts)
    ports = sorted(ports_of(asked), key=lambda port: port["portid"])
    by_portid = {port["portid"]: port for port in ports}
    for probe in probes(plan):
        port = by_portid[probe.source_port]
        destination = IPv4Address(probe.destination)
        packet = Packet(NEIGHBOUR, probe.source_mac, IP, ip_dst=destination)
        assert network.enter(packet, port["switchport"]) == ([Arrival(pm=probe.pm)] if probe.pm else [])
        if probe.pm is None:
            continue
        assert network.places[probe.pm][0] == probe.host
        output, gateway = network.route(probe.pm, destination)
        if probe.output_port is None:
            assert output == len(ports)
        else:
            assert ports[output]["portid"] == probe.output_port
            assert probe.next_hop == (int(IPv4Address(gateway)) if gateway else probe.destination)


@every_allocation
@settings(max_examples=40, deadline=None)
def test_order_in_the_file_does_not_change_the_plan(source: bytes, facts: dict[str, Any], data: st.DataObject) -> None:
    asked, plan, _ = planned(source, facts)
    shuffled = json.loads(source)
    shuffled["pm"] = data.draw(st.permutations(asked["pm"]))
    shuffled["portmacmappings"]["portmacmapping"] = data.draw(st.permutations(ports_of(asked)))
    for pm in shuffled["pm"]:
        table = pm["forwardingtable"]
        table["forwardingentry"] = data.draw(st.permutations(table["forwardingentry"]))
    _, again, _ = planned(json.dumps(shuffled).encode(), facts)
    first, second = plan.to_dict(), again.to_dict()
    first["allocation"].pop("sha256")
    second["allocation"].pop("sha256")
    assert first == second
