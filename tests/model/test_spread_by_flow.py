# SPDX-License-Identifier: Apache-2.0
"""Whatever the switch hashes, as long as it is the same both ways, both directions of a flow meet the same module."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from .network import Arrival, Network
from .openflow_switch import Packet
from .sharing import PORTS, plan_of

HOMES = ("mh1", "mh2", "mh1", "mh3", "mh3")
NEIGHBOUR = "06:00:00:00:00:01"


@pytest.mark.parametrize("choice", range(len(HOMES)))
def test_both_directions_of_a_flow_meet_the_module_of_its_number(choice: int) -> None:
    network = Network(plan_of(*HOMES).files())
    network.bridges["sw1"].choose = lambda count: choice % count
    inside, outside = IPv4Address("10.0.0.1"), IPv4Address("198.51.100.1")
    there = Packet(NEIGHBOUR, PORTS[0].mac, 0x0800, outside, ip_src=inside, ip_proto=17, port_src=5, port_dst=53)
    back = Packet(NEIGHBOUR, PORTS[1].mac, 0x0800, inside, ip_src=outside, ip_proto=17, port_src=53, port_dst=5)
    assert network.enter(there, 1) == network.enter(back, 2) == [Arrival(pm=f"fw-pm{choice}")]
    stranger = Packet(NEIGHBOUR, PORTS[0].mac, 0x0800, inside, ip_src=outside)
    assert network.enter(stranger, 1) == []
