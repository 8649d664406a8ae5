# SPDX-License-Identifier: Apache-2.0
"""Stages, devices, shared flows and learned ones on any fabric: as at one switch, whatever link is down that has another way."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from hypothesis import event, given, settings
from hypothesis import strategies as st

from .allocations import fabrics, mac
from .network import Arrival, Network
from .openflow_switch import Packet
from .test_devices import EVERYTHING, ROUTER, cases, expected, followed
from .test_links import links_of, reached
from .test_stages import ADDRESSES, HALVES, NEIGHBOUR, OTHER, PORTS, network_of, prefix, staged, way
from .test_switch_offload import DOOR, a_flow, answer_to, ends, guarded, judged

FREE = 104
"""The first port of every switch that no module host has."""


def home(facts: dict[str, Any], port: int) -> str:
    return str(facts["ports"][str(port)]["switch"])


def with_links_down(network: Network, facts: dict[str, Any]) -> Iterator[None]:
    """Have all links up, and then each down of those without which all switches are joined."""
    yield
    for link in links_of(facts):
        if len(reached(facts, link[0], [link])) == len(facts["switches"]):
            event("a link is down")
            network.cut(*link)
            yield
            network.mend()


@given(
    asked=staged(),
    facts=fabrics(),
    source=ADDRESSES,
    destination=ADDRESSES,
    port=st.sampled_from(PORTS),
    at=st.integers(0, 1),
)
@settings(max_examples=40, deadline=None)
def test_stages_are_passed_in_order_and_in_reverse_wherever_their_hosts_are(
    asked: dict[str, Any], facts: dict[str, Any], source: IPv4Address, destination: IPv4Address, port: int, at: int
) -> None:
    network = network_of(asked, facts)
    owner = next(f"model-pm{number}" for number, half in enumerate(HALVES) if destination in half)
    inward = Packet(NEIGHBOUR, mac(port), 0x0800, destination, ip_src=source)
    outward = Packet(mac(port), OTHER, 0x0800, source, ip_src=destination)
    for _ in with_links_down(network, facts):
        arrived = network.enter(inward, port + 1, home(facts, port))
        for name in [*way(asked, port, source), owner]:
            assert [(each.pm, each.packet) for each in arrived] == [(name, inward)]
            arrived = network.send(inward, name)
        arrived = network.send(outward, f"model-pm{at}")
        for name in reversed(way(asked, port, source)):
            assert [(each.pm, each.packet) for each in arrived] == [(name, outward)]
            arrived = network.send(outward, name)
        assert arrived == [Arrival(switchport=port + 1, switch=home(facts, port))]
        assert arrived[0].packet == outward


@given(facts=fabrics(), data=st.data(), addresses=st.tuples(ADDRESSES, ADDRESSES))
@settings(max_examples=60, deadline=None)
def test_devices_are_passed_in_order_without_a_tag_wherever_they_are(
    facts: dict[str, Any], data: st.DataObject, addresses: tuple[IPv4Address, IPv4Address]
) -> None:
    case = data.draw(cases(facts, ("block",), FREE))
    network = case.network()
    inward = Packet(NEIGHBOUR, mac(0), 0x0800, addresses[0], ip_src=addresses[1])
    outward = Packet(mac(0), OTHER, 0x0800, addresses[0], ip_src=addresses[1])
    for _ in with_links_down(network, facts):
        found = followed(network, network.enter(inward, 1, home(facts, 0)), inward)
        assert found == expected(list(case.stages), set(), ROUTER)
        found = followed(network, network.send(outward, ROUTER), outward)
        assert found == expected(list(reversed(case.stages)), set(), "port 1")


@given(facts=fabrics(), at=st.integers(0, 4), count=st.integers(2, 5), addresses=st.tuples(ADDRESSES, ADDRESSES))
@settings(max_examples=60, deadline=None)
def test_both_directions_of_a_flow_meet_the_module_of_its_number_wherever_that_is(
    facts: dict[str, Any], at: int, count: int, addresses: tuple[IPv4Address, IPv4Address]
) -> None:
    """The ports are at one switch, which deals; at several that is refused."""
    switch = home(facts, 0)
    facts["ports"]["1"]["switch"] = switch
    routes = [{**prefix(half), "outputport": number} for number, half in enumerate(HALVES)]
    network = network_of(
        {
            "id": "model",
            "type": "fastiprouter",
            "subtype": "flowlb",
            "portmacmappings": {
                "portmacmapping": [{"portid": port, "mac": mac(port), "switchport": port + 1} for port in (0, 1)]
            },
            "pm": [
                {
                    "id": number,
                    "prefix": [{**EVERYTHING, "mask": 0}],
                    "forwardingtable": {"forwardingentry": routes},
                }
                for number in range(count)
            ],
        },
        facts,
    )
    network.bridges[switch].choose = lambda choices: at % choices
    one, other = addresses
    there = Packet(NEIGHBOUR, mac(0), 0x0800, other, ip_src=one, ip_proto=17, port_src=5, port_dst=53)
    back = Packet(NEIGHBOUR, mac(1), 0x0800, one, ip_src=other, ip_proto=17, port_src=53, port_dst=5)
    for _ in with_links_down(network, facts):
        assert (
            network.enter(there, 1, switch) == network.enter(back, 2, switch) == [Arrival(pm=f"model-pm{at % count}")]
        )


@given(
    asked=guarded(),
    facts=fabrics(),
    together=st.booleans(),
    addresses=st.tuples(ADDRESSES, ADDRESSES),
    protocol=st.sampled_from((6, 17)),
)
@settings(max_examples=40, deadline=None)
def test_flows_are_given_back_to_the_switch_that_has_port_and_modules_or_it_is_refused(
    asked: dict[str, Any],
    facts: dict[str, Any],
    together: bool,
    addresses: tuple[IPv4Address, IPv4Address],
    protocol: int,
) -> None:
    switch = home(facts, DOOR)
    for host in facts["hosts"].values() if together else ():
        host["switch"] = switch
    network, refused = None, ""
    try:
        network = network_of(asked, facts)
    except FlowstreamError as error:
        refused = str(error)
    if network is None:
        assert "gives flows back to the switch, which has to have the port and all modules itself" in refused
        assert any(host["switch"] != switch for host in facts["hosts"].values())
        event("refused")
        return
    packet, stage, owner = a_flow(asked, addresses, protocol)
    assert ends(network.enter(packet, DOOR + 1, switch)) == [(stage, packet)]
    assert ends(network.send(judged(packet), stage)) == [(owner, packet)]
    learned = {name: sum(100 <= one.table < 116 for one in network.bridges[name].entries) for name in facts["switches"]}
    assert learned == {name: 2 if name == switch else 0 for name in facts["switches"]}
    assert ends(network.enter(packet, DOOR + 1, switch)) == [(owner, packet)]
    assert ends(network.send(answer_to(packet), owner)) == [(DOOR + 1, answer_to(packet))]
