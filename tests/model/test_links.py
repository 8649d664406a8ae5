# SPDX-License-Identifier: Apache-2.0
"""Links between switches that are down: with another way every packet takes it, without one it is lost, and none circles."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from .allocations import allocations, fabrics
from .network import Arrival, Network
from .openflow_switch import Packet
from .test_planned_flows import ARP, IP, NEIGHBOUR, interesting, owner_of, planned, ports_of

Links = list[tuple[str, int]]


def links_of(facts: dict[str, Any]) -> Links:
    """Every link once, by one of its ends."""
    return [
        (name, port)
        for name, switch in facts["switches"].items()
        for port, end in switch["links"].items()
        if (name, port) < (end.partition("/")[0], int(end.partition("/")[2]))
    ]


def reached(facts: dict[str, Any], start: str, down: Links) -> set[str]:
    """The switches to which there is a way, by a search of its own."""
    places = [(name, port) for name, switch in facts["switches"].items() for port in switch["links"]]
    ends = {(far(facts, *place)[0], place[0]) for place in places if {place, far(facts, *place)}.isdisjoint(down)}
    found: set[str] = set()
    more = {start}
    while more:
        found |= more
        more = {other for other, name in ends if name in found} - found
    return found


def far(facts: dict[str, Any], name: str, port: int) -> tuple[str, int]:
    other, _, number = facts["switches"][name]["links"][port].partition("/")
    return other, int(number)


def check(
    network: Network, asked: dict[str, Any], facts: dict[str, Any], down: Links, data: st.DataObject
) -> list[bool]:
    """Send to modules and from them, see that nothing comes to anybody else; return of each packet whether it came if it had a way."""
    homes = {pm["name"]: host["switch"] for host in network.plan["hosts"].values() for pm in host["pms"]}
    came = []
    for port in ports_of(asked):
        home = facts["ports"][str(port["portid"])]["switch"]
        destination = data.draw(interesting(asked))
        packet = Packet(NEIGHBOUR, port["mac"], IP, ip_dst=destination)
        if owner := owner_of(asked, destination):
            arrivals = network.enter(packet, port["switchport"], home)
            assert arrivals in ([], [Arrival(pm=owner)])
            came.append((bool(arrivals), homes[owner] in reached(facts, home, down)))
            assert all(arrival.packet == packet for arrival in arrivals)
        for name, switch in homes.items():
            packet = Packet(port["mac"], NEIGHBOUR, data.draw(st.sampled_from([IP, ARP])), tags=data.draw(TAGS))
            arrivals = network.send(packet, name)
            assert arrivals in ([], [Arrival(switchport=port["switchport"], switch=home)])
            came.append((bool(arrivals), home in reached(facts, switch, down)))
            assert all(arrival.packet == packet for arrival in arrivals)
    assert all(joined for arrived, joined in came if arrived)
    return [arrived == joined for arrived, joined in came]


TAGS = st.lists(st.integers(1, 0xFFFF).map(lambda tci: tci | 0x1000), max_size=1).map(tuple)
"""Of any priority: what a tag of a packet's own says is not for the fabric."""


@given(source=allocations(), facts=fabrics(), data=st.data())
@settings(max_examples=80, deadline=None)
def test_with_one_link_down_packets_that_have_a_way_arrive_and_the_others_are_those_that_have_none(
    source: bytes, facts: dict[str, Any], data: st.DataObject
) -> None:
    asked, _, network = planned(source, facts)
    for link in links_of(facts):
        network.cut(*link)
        assert all(check(network, asked, facts, [link], data))
        network.mend()


@given(source=allocations(), facts=fabrics(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_with_several_links_down_packets_arrive_or_are_lost_and_none_circles(
    source: bytes, facts: dict[str, Any], data: st.DataObject
) -> None:
    asked, _, network = planned(source, facts)
    down = data.draw(st.lists(st.sampled_from(links_of(facts)), min_size=2, max_size=4))
    for link in down:
        network.cut(*link)
    check(network, asked, facts, down, data)
