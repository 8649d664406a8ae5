# SPDX-License-Identifier: Apache-2.0
"""The probes of a plan, sent through its tables and its modules in the real engine."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.expectations import expectations
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw

from .played_modules import PlayedModules

DISCARD = 9


def come_out_as_expected(plan: Plan, tmp_path: Path) -> None:
    """Fail unless what every probe of a plan expects is what the modules do."""
    probes = expectations(plan)
    assert {probe.output_port is None for probe in probes} == {True, False}
    neighbours: dict[int, list[str]] = {}
    packets = []
    for number, probe in enumerate(probes):
        if probe.output_port is not None and probe.next_hop is not None:
            neighbours.setdefault(probe.output_port, []).append(str(IPv4Address(probe.next_hop)))
        source = IPv4Address(probe.source_address or 0xC6120001)
        udp = UDP(sport=DISCARD, dport=DISCARD) / Raw(number.to_bytes(2, "big"))
        packets.append((probe.source_port, IP(src=str(source), dst=str(IPv4Address(probe.destination))) / udp))
    counted = sorted({probe.counter for probe in probes if probe.counter})
    modules = PlayedModules(plan, tmp_path, neighbours)
    left = modules.exchange(packets, counted)
    arrived = {
        int.from_bytes(bytes(one.packet[Raw])[:2], "big"): one
        for one in left
        if Raw in one.packet and UDP in one.packet
    }
    came_out = {number: one.portid for number, one in arrived.items() if one.packet.proto == 17}
    expected = {number: probe.output_port for number, probe in enumerate(probes) if probe.output_port is not None}
    assert came_out == expected
    for counter in counted:
        dropped = sum(probe.counter == counter for probe in probes)
        assert sum(int(values.get(counter) or 0) for values in modules.values.values()) == dropped
