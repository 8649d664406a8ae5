# SPDX-License-Identifier: Apache-2.0
"""Stages on any platform: every packet passes those of its ports in order, as it came, and nothing goes around them."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from hypothesis import given, settings
from hypothesis import strategies as st

from .allocations import mac, platforms
from .network import Network
from .openflow_switch import Packet

RENDER = renderer(Path(__file__).parents[2] / "templates" / "click")
NEIGHBOUR, OTHER = "06:00:00:00:00:01", "06:00:00:00:00:02"
HALVES = (IPv4Network("0.0.0.0/1"), IPv4Network("128.0.0.0/1"))
PORTS = (0, 1, 2)
ADDRESSES = st.integers(0, 2**32 - 1).map(IPv4Address)


@st.composite
def staged(draw: st.DrawFn) -> dict[str, Any]:
    """A router of two modules, with up to three stages at a port, each of one module or one for each half of the addresses."""
    stages: list[dict[str, Any]] = []
    number = 10
    for port in PORTS:
        for _ in range(draw(st.integers(0, 3 if port == 0 else 1))):
            pms = []
            parts = draw(st.sampled_from([(), HALVES]))
            for part in parts or (None,):
                network = {"network": [prefix(part)]} if part else {}
                pms.append({"id": number, "line": {"out": 100}, **network})
                number += 1
            stages.append({"id": f"s{number}", "type": "shaper", "port": port, "pm": pms})
    entries = [
        {
            "id": at,
            "prefix": [prefix(half)],
            "forwardingtable": {"forwardingentry": [{**prefix(half), "outputport": 0}]},
        }
        for at, half in enumerate(HALVES)
    ]
    ports = [{"portid": port, "mac": mac(port), "switchport": port + 1} for port in PORTS]
    named = {"id": "model", "type": "fastiprouter", "subtype": "prefixlb"}
    return {
        **named,
        "portmacmappings": {"portmacmapping": ports},
        "pm": entries,
        **({"stage": stages} if stages else {}),
    }


def prefix(network: IPv4Network) -> dict[str, Any]:
    return {"addr": str(network.network_address), "mask": network.prefixlen}


def network_of(asked: dict[str, Any], facts: dict[str, Any]) -> Network:
    source = json.dumps(asked).encode()
    return Network(plan_allocation(parse(source, "model.yml").allocation, Platform.from_facts(facts), RENDER).files())


def way(asked: dict[str, Any], port: int, behind: IPv4Address) -> list[str]:
    """The modules that a packet from or to an address behind a port passes, from the port on."""
    names = []
    for stage in asked.get("stage", ()):
        for pm in stage["pm"] if stage["port"] == port else ():
            if all(behind in IPv4Network(f"{each['addr']}/{each['mask']}") for each in pm.get("network", ())):
                names.append(f"model-pm{pm['id']}")
    return names


@given(asked=staged(), facts=platforms(), source=ADDRESSES, destination=ADDRESSES, port=st.sampled_from(PORTS))
@settings(max_examples=40, deadline=None)
def test_a_packet_passes_the_stages_of_its_port_and_comes_to_its_module_as_it_was(
    asked: dict[str, Any], facts: dict[str, Any], source: IPv4Address, destination: IPv4Address, port: int
) -> None:
    network = network_of(asked, facts)
    packet = Packet(NEIGHBOUR, mac(port), 0x0800, destination, ip_src=source)
    arrived = network.enter(packet, port + 1)
    owner = next(f"model-pm{at}" for at, half in enumerate(HALVES) if destination in half)
    for name in [*way(asked, port, source), owner]:
        assert [(each.pm, each.packet) for each in arrived] == [(name, packet)]
        arrived = network.send(packet, name)


@given(asked=staged(), facts=platforms(), destination=ADDRESSES, port=st.sampled_from(PORTS), at=st.integers(0, 1))
@settings(max_examples=40, deadline=None)
def test_what_a_module_sends_passes_them_in_reverse_and_leaves_as_it_was(
    asked: dict[str, Any], facts: dict[str, Any], destination: IPv4Address, port: int, at: int
) -> None:
    network = network_of(asked, facts)
    packet = Packet(mac(port), OTHER, 0x0800, destination, ip_src=IPv4Address("192.0.2.1"))
    arrived = network.send(packet, f"model-pm{at}")
    for name in reversed(way(asked, port, destination)):
        assert [(each.pm, each.packet) for each in arrived] == [(name, packet)]
        arrived = network.send(packet, name)
    assert [(each.switchport, each.packet) for each in arrived] == [(port + 1, packet)]


@given(
    asked=staged(),
    facts=platforms(),
    addresses=st.tuples(ADDRESSES, ADDRESSES),
    macs=st.tuples(*[st.sampled_from([*map(mac, PORTS), NEIGHBOUR])] * 2),
    tag=st.integers(0, 14),
    port=st.sampled_from(PORTS),
)
@settings(max_examples=60, deadline=None)
def test_no_forged_tag_or_address_leads_to_a_stage_by_another_way(
    asked: dict[str, Any],
    facts: dict[str, Any],
    addresses: tuple[IPv4Address, IPv4Address],
    macs: tuple[str, str],
    tag: int,
    port: int,
) -> None:
    network = network_of(asked, facts)
    forged = Packet(*macs, 0x0800, addresses[0], ip_src=addresses[1], tags=(0x1000 | tag,) if tag else ())
    first = way(asked, port, addresses[1])
    stages = {f"model-pm{pm['id']}" for stage in asked.get("stage", ()) for pm in stage["pm"]}
    for arrival in network.enter(forged, port + 1):
        assert arrival.pm not in stages or (arrival.pm == first[0] and not tag and macs == (macs[0], mac(port)))
    for name in ("model-pm0", "model-pm1"):
        for arrival in network.send(forged, name):
            allowed = [way(asked, each, addresses[0])[-1:] for each in PORTS if macs[0] == mac(each)]
            assert arrival.pm not in stages or (not tag and [arrival.pm] in allowed)
    for name in sorted(stages):
        own = next(stage["port"] for stage in asked["stage"] for pm in stage["pm"] if name == f"model-pm{pm['id']}")
        for arrival in network.send(replace(forged, src=NEIGHBOUR, dst=OTHER), name):
            raise AssertionError(f"{name} of port {own} sends to {arrival}")
