# SPDX-License-Identifier: Apache-2.0
"""The probes of a plan, sent through its tables and its modules in the real engine."""

from __future__ import annotations

from pathlib import Path

from ansible.module_utils.flowstream.addresses import IPV6, address_text
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.expectations import expectations
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q
from scapy.packet import Raw

from .played_modules import PlayedModules

DISCARD = 9


def come_out_as_expected(plan: Plan, tmp_path: Path) -> None:
    """Fail unless what every probe of a plan expects is what the modules do."""
    probes = expectations(plan)
    sends_on = plan.type != "generator"
    assert {probe.output_port is None for probe in probes} == ({True, False} if sends_on else {True})
    neighbours: dict[int, list[str]] = {}
    packets = []
    for number, probe in enumerate(probes):
        if probe.output_port is not None and probe.next_hop_text is not None:
            neighbours.setdefault(probe.output_port, []).append(probe.next_hop_text)
        source = "198.18.0.1" if probe.source_address is None else address_text(probe.source_address, probe.family)
        header = (IPv6 if probe.family == IPV6 else IP)(src=source, dst=address_text(probe.destination, probe.family))
        udp = UDP(sport=DISCARD, dport=DISCARD) / Raw(number.to_bytes(2, "big"))
        tag = None if probe.vlan is None else Dot1Q(vlan=probe.vlan)
        packets.append((probe.source_port, header / udp if tag is None else tag / header / udp))
    counted = sorted({probe.counter for probe in probes if probe.counter})
    modules = PlayedModules(plan, tmp_path, neighbours)
    left = modules.exchange(packets, counted)
    came_out = {
        int.from_bytes(bytes(one.packet[Raw])[:2], "big"): one.portid
        for one in left
        if isinstance(one.packet.payload, UDP)
    }
    expected = {number: probe.output_port for number, probe in enumerate(probes) if probe.output_port is not None}
    assert came_out == expected
    for counter in counted:
        dropped = sum(probe.counter == counter for probe in probes)
        assert sum(int(values.get(counter) or 0) for values in modules.values.values()) == dropped
