# SPDX-License-Identifier: Apache-2.0
"""Flows that spill to a module on another host: which ones, whatever the switch hashes, and both directions alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest
from ansible.module_utils.flowstream.offload.spare import states
from ansible.module_utils.flowstream.plan.plan import Plan

from .network import Network
from .openflow_switch import Packet
from .sharing import PORTS, plan_of

NEIGHBOUR = "06:00:00:00:00:01"
INSIDE, OUTSIDE = IPv4Address("10.0.0.1"), IPv4Address("198.51.100.1")
FLOWS = range(200)
CASES = {"half of one module's": ("mh1", "mh2*"), "of two by two": ("mh1", "mh3*", "mh1", "mh2*")}


def highest_random_weight(flow: int, count: int) -> int:
    """Which of the first modules has a flow: one more takes its own from all others, and none else moves."""
    return max(range(count), key=lambda module: hashlib.sha256(f"{flow} {module}".encode()).digest())


def owners(plan: Plan) -> Iterator[str | None]:
    """The module of each flow, which is that of its answer."""
    network = Network(plan.files())
    for flow in FLOWS:
        network.bridges["sw1"].choose = lambda count, flow=flow: highest_random_weight(flow, count)
        there = Packet(NEIGHBOUR, PORTS[0].mac, 0x0800, OUTSIDE, ip_src=INSIDE, ip_proto=17, port_src=5, port_dst=53)
        back = Packet(NEIGHBOUR, PORTS[1].mac, 0x0800, INSIDE, ip_src=OUTSIDE, ip_proto=17, port_src=53, port_dst=5)
        (arrival,) = network.enter(there, 1)
        assert network.enter(back, 2) == [arrival]
        yield arrival.pm


@pytest.mark.parametrize("homes", CASES.values(), ids=CASES)
def test_each_spare_in_turn_gets_flows_of_its_own_and_no_other_flow_moves(homes: tuple[str, ...]) -> None:
    resting, *spilled = states(plan_of(*homes))
    before = list(owners(resting.plan))
    serving = {f"fw-pm{number}" for number, home in enumerate(homes) if not home.endswith("*")}
    assert set(before) == serving
    for state in spilled:
        after = list(owners(state.plan))
        gained = state.spares[-1]
        moved = [now for was, now in zip(before, after, strict=True) if was != now]
        assert set(moved) == {gained}
        assert 0.5 < len(moved) * len(homes) / len(FLOWS) < 1.5
        assert set(after) == serving | set(state.spares)
        before = after
