# SPDX-License-Identifier: Apache-2.0
"""Claims that look at sources, of either family: whatever modules claim of a port's packets comes to them, and nothing else does."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.paths import parallel_in_tables
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from hypothesis import given, settings
from hypothesis import strategies as st

from .allocations import platforms
from .network import Arrival, Network
from .openflow_switch import Packet

ROOT = Path(__file__).parents[2]
RENDER = renderer(ROOT / "templates" / "click", ROOT / "examples" / "dual-stack-click")
NEIGHBOUR = "06:00:00:00:00:01"
TYPES = {4: 0x0800, 6: 0x86DD}
Address = IPv4Address | IPv6Address
Block = IPv4Network | IPv6Network


class Asked(NamedTuple):
    """Packets of a family that a module claims; without a block any are meant."""

    pm: int
    entry: int
    family: int
    source: Block | None
    destination: Block | None

    @property
    def attributes(self) -> dict[str, Any]:
        ends = {"src": self.source, "dst": self.destination}
        said = {name: str(block) for name, block in ends.items() if block is not None}
        return {"from": self.entry, **said, **({} if said or self.family == 4 else {"src": "::/0"})}

    def has(self, source: Address, destination: Address) -> bool:
        return self.family == source.version and all(
            block is None or address in block
            for block, address in ((self.source, source), (self.destination, destination))
        )


def block(family: int, number: int, more: int) -> Block:
    """One of eight blocks of a family that do not meet, or the n-th part of it."""
    base = f"{10 + number}.0.0.0/8" if family == 4 else f"2001:db{number}::/32"
    return (
        next(sub for index, sub in enumerate(ip_network(base).subnets(2)) if index == more)
        if more < 4
        else ip_network(base)
    )


@st.composite
def claims(draw: st.DrawFn, ports: int) -> list[Asked]:
    """Claims of which no two have a packet: at a port and of a family, either sources or destinations tell them apart."""
    found: list[Asked] = []
    for entry in range(ports):
        for family in (4, 6):
            by_source = draw(st.booleans())
            for number in draw(st.lists(st.integers(0, 7), max_size=4, unique=True)):
                own = block(family, number, draw(st.integers(0, 4)))
                other = draw(st.none() | st.builds(block, st.just(family), st.integers(0, 7), st.integers(0, 4)))
                ends = (own, other) if by_source else (other, own)
                found.append(Asked(draw(st.integers(0, 2)), entry, family, *ends))
    return found


def allocation(asked: list[Asked], ports: int) -> dict[str, Any]:
    return {
        "id": "model",
        "type": "click",
        "subtype": "file",
        "portmacmappings": {
            "portmacmapping": [
                {
                    "portid": number,
                    "mac": f"02:00:5E:00:53:0{number}",
                    "switchport": number + 1,
                    "address": f"192.168.{number}.254/24",
                    "address6": f"fd00:{number}::fe/64",
                }
                for number in range(ports)
            ]
        },
        "pm": [
            {"id": pm, "click": {"file": "gate.click"}, "claim": [one.attributes for one in asked if one.pm == pm]}
            for pm in sorted({one.pm for one in asked})
        ],
    }


def addresses(family: int) -> st.SearchStrategy[Address]:
    """Addresses in and beside what is claimed."""
    inside = st.builds(
        lambda number, more, at: block(family, number, more)[at],
        st.integers(0, 7),
        st.integers(0, 4),
        st.integers(-1, 0),
    )
    every = st.integers(0, 2**32 - 1).map(IPv4Address) if family == 4 else st.integers(0, 2**128 - 1).map(IPv6Address)
    return inside | every


@given(facts=platforms(), data=st.data(), in_tables=st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_packet_comes_to_the_module_that_claims_it_and_to_nobody_without(
    facts: dict[str, Any], data: st.DataObject, in_tables: bool
) -> None:
    ports = data.draw(st.integers(1, 3))
    asked = data.draw(claims(ports).filter(bool))
    source = json.dumps(allocation(asked, ports)).encode()
    bound = 0 if in_tables else parallel_in_tables.LARGEST_PRODUCT
    with patch.object(parallel_in_tables, "LARGEST_PRODUCT", bound):
        plan = plan_allocation(parse(source, "model.yml").allocation, Platform.from_facts(facts), RENDER)
    network = Network(plan.files())
    for family in (4, 6):
        ends = data.draw(st.lists(st.tuples(addresses(family), addresses(family)), min_size=4, max_size=12))
        for entry in range(ports):
            for source_address, destination in ends:
                packet = Packet(
                    NEIGHBOUR,
                    f"02:00:5e:00:53:0{entry}",
                    TYPES[family],
                    destination,
                    ip_src=source_address,
                    ip_proto=17,
                )
                owners = {one.pm for one in asked if one.entry == entry and one.has(source_address, destination)}
                expected = [Arrival(pm=f"model-pm{pm}") for pm in owners]
                assert network.enter(packet, entry + 1) == expected
