# SPDX-License-Identifier: Apache-2.0
"""Flows that a stage gives back to the switch, by the model's own switch, which learns: past the stage, to where it would have sent them."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from .allocations import mac, platforms
from .network import Arrival, Network
from .openflow_switch import FLAGS, PRESENT, Entry, Packet
from .test_stages import ADDRESSES, HALVES, NEIGHBOUR, OTHER, PORTS, network_of, prefix

VERDICT = 4094
DOOR = 1
"""The platform port with the firewall."""
ACK = FLAGS["ack"]


@st.composite
def guarded(draw: st.DrawFn) -> dict[str, Any]:
    """A router of two modules, one port of which has a firewall that gives flows back: of one module, or one for each half."""
    bypass = {"after": 3, "idle": 5, "hard": 60, "limit": draw(st.integers(1, 100))}
    parts = draw(st.sampled_from([(None,), HALVES]))
    pms = [
        {"id": 10 + at, "firewall": {}, "bypass": bypass, **({"network": [prefix(part)]} if part else {})}
        for at, part in enumerate(parts)
    ]
    entries = [
        {
            "id": at,
            "prefix": [prefix(half)],
            "forwardingtable": {"forwardingentry": [{**prefix(half), "outputport": 0}]},
        }
        for at, half in enumerate(HALVES)
    ]
    ports = [{"portid": port, "mac": mac(port), "switchport": port + 1} for port in PORTS]
    return {
        "id": "model",
        "type": "fastiprouter",
        "subtype": "prefixlb",
        "portmacmappings": {"portmacmapping": ports},
        "pm": entries,
        "stage": [{"id": "door", "type": "firewall", "port": DOOR, "pm": pms}],
    }


def learned(network: Network) -> list[Entry]:
    """What the switch has taught itself."""
    return [entry for entry in network.bridges[network.switch].entries if 100 <= entry.table < 116]


def ends(arrivals: list[Arrival]) -> list[tuple[str | int | None, Packet | None]]:
    return [(one.pm if one.switchport is None else one.switchport, one.packet) for one in arrivals]


def judged(packet: Packet) -> Packet:
    return replace(packet, tags=(VERDICT, *packet.tags))


def answer_to(packet: Packet) -> Packet:
    """As a module of the allocation sends it out by the port."""
    return replace(
        packet,
        src=mac(DOOR),
        dst=OTHER,
        ip_src=packet.ip_dst,
        ip_dst=packet.ip_src,
        port_src=packet.port_dst,
        port_dst=packet.port_src,
    )


def a_flow(asked: dict[str, Any], addresses: tuple[IPv4Address, IPv4Address], protocol: int) -> tuple[Packet, str, str]:
    """A packet that comes in by the port, its module of the stage and that of the allocation."""
    source, destination = addresses
    packet = Packet(
        NEIGHBOUR, mac(DOOR), 0x0800, destination, ip_src=source, ip_proto=protocol, port_src=1234, port_dst=80
    )
    packet = replace(packet, tcp_flags=ACK) if protocol == 6 else packet
    pms = asked["stage"][0]["pm"]
    stage = 10 if len(pms) == 1 else next(10 + at for at, half in enumerate(HALVES) if source in half)
    owner = next(at for at, half in enumerate(HALVES) if destination in half)
    return packet, f"model-pm{stage}", f"model-pm{owner}"


@given(asked=guarded(), facts=platforms(), addresses=st.tuples(ADDRESSES, ADDRESSES), protocol=st.sampled_from((6, 17)))
@settings(max_examples=40, deadline=None)
def test_an_accepted_flow_and_its_answer_go_past_the_stage_to_where_it_would_have_sent_them(
    asked: dict[str, Any], facts: dict[str, Any], addresses: tuple[IPv4Address, IPv4Address], protocol: int
) -> None:
    network = network_of(asked, facts)
    packet, stage, owner = a_flow(asked, addresses, protocol)
    answer = answer_to(packet)
    answering = "model-pm10" if len(asked["stage"][0]["pm"]) == 1 else stage
    assert ends(network.enter(packet, DOOR + 1)) == [(stage, packet)]
    assert ends(network.send(packet, stage)) == [(owner, packet)]
    assert ends(network.send(answer, owner)) == [(answering, answer)]
    assert learned(network) == []
    assert ends(network.send(judged(packet), stage)) == [(owner, packet)]
    assert len(learned(network)) == 2
    assert ends(network.enter(packet, DOOR + 1)) == [(owner, packet)]
    assert ends(network.send(answer, owner)) == [(DOOR + 1, answer)]
    # What ends the connection, another one, and what is neither TCP nor UDP are seen by the module.
    others = [replace(packet, port_src=1235), replace(packet, ip_proto=1, port_src=8, port_dst=0)]
    if protocol == 6:
        others += [replace(packet, tcp_flags=ACK | FLAGS[flag]) for flag in ("syn", "fin", "rst")]
    for other in others:
        assert ends(network.enter(other, DOOR + 1)) == [(stage, other)]
    assert ends(network.send(judged(answer), stage)) == [(DOOR + 1, answer)]
    assert len(learned(network)) == 2


@given(
    asked=guarded(),
    facts=platforms(),
    addresses=st.tuples(ADDRESSES, ADDRESSES),
    macs=st.tuples(*[st.sampled_from([*map(mac, PORTS), NEIGHBOUR])] * 2),
    protocol=st.sampled_from((1, 6, 17)),
    priority=st.integers(0, 7),
    port=st.sampled_from(PORTS),
)
@settings(max_examples=60, deadline=None)
def test_nobody_but_the_module_teaches_the_switch(
    asked: dict[str, Any],
    facts: dict[str, Any],
    addresses: tuple[IPv4Address, IPv4Address],
    macs: tuple[str, str],
    protocol: int,
    priority: int,
    port: int,
) -> None:
    network = network_of(asked, facts)
    packet, stage, _ = a_flow(asked, addresses, protocol)
    forged = replace(packet, src=macs[0], dst=macs[1], tags=(priority << 13 | VERDICT,))
    stages = {f"model-pm{pm['id']}" for pm in asked["stage"][0]["pm"]}
    for arrivals in (
        network.enter(forged, port + 1),
        network.send(forged, "model-pm0"),
        network.send(forged, "model-pm1"),
    ):
        assert not any(one.pm in stages for one in arrivals)
    for tag in (2, 3, 4, 5, PRESENT - 1):
        network.send(replace(packet, tags=(tag,)), stage)
    network.send(replace(judged(packet), ip_proto=1, port_src=8, port_dst=0), stage)
    network.send(replace(judged(packet), dst=NEIGHBOUR), stage)
    assert learned(network) == []


@given(asked=guarded(), facts=platforms(), addresses=st.tuples(ADDRESSES, ADDRESSES))
@settings(max_examples=20, deadline=None)
def test_no_more_flows_go_past_than_the_limit_says_and_the_others_pass_the_module(
    asked: dict[str, Any], facts: dict[str, Any], addresses: tuple[IPv4Address, IPv4Address]
) -> None:
    network = network_of(asked, facts)
    packet, stage, owner = a_flow(asked, addresses, 17)
    limit = asked["stage"][0]["pm"][0]["bypass"]["limit"]
    for port in range(limit + 2):
        one = replace(packet, port_src=2000 + port)
        assert ends(network.send(judged(one), stage)) == [(owner, one)]
        assert ends(network.enter(one, DOOR + 1)) == [(owner if port < limit else stage, one)]
    assert len(learned(network)) == 2 * limit
