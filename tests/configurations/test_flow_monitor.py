# SPDX-License-Identifier: Apache-2.0
"""The monitor of flows between two cables, and what its collector is told."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet, Raw

from .played_devices import EXAMPLES, START, is_at, packets_of, play

MONITOR, MONITOR_IP = "02:00:00:00:00:01", "192.168.1.2"
COLLECTOR, COLLECTOR_IP = "02:00:00:00:00:03", "192.168.1.3"
A, A_IP = "02:00:00:00:00:0a", "10.0.0.2"
B, B_IP = "02:00:00:00:00:0b", "10.0.0.3"

IDLE, ACTIVE, ENDED, FORCED = 1, 2, 3, 4

# Numbers of information elements, by IANA's registry.
BYTES, PACKETS, PROTOCOL, FLAGS, SOURCE_PORT, SOURCE, TARGET_PORT, TARGET = 1, 2, 4, 6, 7, 8, 11, 12
END_REASON, BEGIN, END = 136, 152, 153

Stamped = tuple[float, Packet]


@dataclass(frozen=True)
class Flow:
    """What a record says; times are seconds from the start."""

    source: str
    target: str
    protocol: int
    ports: tuple[int, int]
    packets: int
    octets: int
    begin: float
    end: float
    reason: int
    flags: int = 0


class Collector:
    """Reads IPFIX messages one after another (RFC 7011)."""

    def __init__(self) -> None:
        self.templates: dict[int, list[tuple[int, int]]] = {}
        self.records = 0

    def flows(self, message: bytes) -> Iterator[Flow]:
        version, length, _time, sequence, domain = struct.unpack_from("!HHIII", message)
        assert (version, length, domain) == (10, len(message), 1)
        assert sequence == self.records
        at = 16
        while at < length:
            kind, size = struct.unpack_from("!HH", message, at)
            content = message[at + 4 : at + size]
            if kind == 2:
                self.learn(content)
            else:
                yield from self.read(self.templates[kind], content)
            at += size
        assert at == length

    def learn(self, content: bytes) -> None:
        kind, count = struct.unpack_from("!HH", content)
        assert kind >= 256
        assert len(content) == 4 + 4 * count
        self.templates[kind] = list(struct.iter_unpack("!HH", content[4:]))

    def read(self, fields: Sequence[tuple[int, int]], content: bytes) -> Iterator[Flow]:
        size = sum(length for _, length in fields)
        while len(content) >= size:
            values: dict[int, int] = {}
            for element, length in fields:
                values[element], content = int.from_bytes(content[:length]), content[length:]
            self.records += 1
            yield Flow(
                source=str(IPv4Address(values[SOURCE])),
                target=str(IPv4Address(values[TARGET])),
                protocol=values[PROTOCOL],
                ports=(values[SOURCE_PORT], values[TARGET_PORT]),
                packets=values[PACKETS],
                octets=values[BYTES],
                begin=values[BEGIN] / 1000 - START,
                end=values[END] / 1000 - START,
                reason=values[END_REASON],
                flags=values[FLAGS],
            )
        assert not any(content)


def from_a(packet: Packet) -> Packet:
    return Ether(src=A, dst=B) / IP(src=A_IP, dst=B_IP) / packet


def from_b(packet: Packet) -> Packet:
    return Ether(src=B, dst=A) / IP(src=B_IP, dst=A_IP) / packet


def told(
    tmp_path: Path, left: Sequence[Stamped], right: Sequence[Stamped], seconds: float, flush_at: float | None = None
) -> list[Flow]:
    """What the collector is told, after a look that all frames passed and nothing else did."""
    answers = [(at + 0.5, is_at(COLLECTOR_IP, COLLECTOR, MONITOR_IP, MONITOR)) for at in range(int(seconds))]
    played = play(
        EXAMPLES / "flow-monitor.click",
        {"eth1": left, "eth2": right, "eth3": answers},
        tmp_path,
        seconds=seconds,
        writes=[(flush_at, "monitor.flush")] if flush_at is not None else [],
    )
    assert [bytes(frame) for frame in played.sent["eth2"]] == [bytes(frame) for _, frame in left]
    assert [bytes(frame) for frame in played.sent["eth1"]] == [bytes(frame) for _, frame in right]
    collector = Collector()
    flows: list[Flow] = []
    for frame in packets_of(played.sent["eth3"], UDP):
        assert (frame.src, frame.dst, frame[IP].src, frame[IP].dst) == (MONITOR, COLLECTOR, MONITOR_IP, COLLECTOR_IP)
        assert frame[UDP].dport == 4739
        flows += collector.flows(bytes(frame[UDP].payload))
    return flows


def test_each_way_of_a_conversation_is_a_flow_with_its_packets_octets_and_times(tmp_path: Path) -> None:
    question, answer = UDP(sport=1000, dport=53) / Raw(bytes(30)), UDP(sport=53, dport=1000) / Raw(bytes(200))
    left = [(at, from_a(question)) for at in (0.25, 1.5, 3.75)]
    right = [(at, from_b(answer)) for at in (0.5, 2.0)]
    back, there = told(tmp_path, left, right, seconds=30)
    assert there == Flow(A_IP, B_IP, 17, (1000, 53), 3, 3 * 58, 0.25, 3.75, IDLE)
    assert back == Flow(B_IP, A_IP, 17, (53, 1000), 2, 2 * 228, 0.5, 2.0, IDLE)


def test_a_connection_is_told_of_soon_after_its_end_with_all_its_flags(tmp_path: Path) -> None:
    left = [
        (float(at), from_a(TCP(sport=2000, dport=80, flags=flags)))
        for at, flags in enumerate(("S", "A", "PA", "FA"), start=1)
    ]
    (flow,) = told(tmp_path, left, [], seconds=8)
    assert flow == Flow(A_IP, B_IP, 6, (2000, 80), 4, 160, 1, 4, ENDED, flags=0b011011)


def test_a_flow_that_goes_on_is_told_of_every_minute(tmp_path: Path) -> None:
    left = [(float(at), from_a(UDP(sport=1, dport=2))) for at in range(150)]
    flows = told(tmp_path, left, [], seconds=180)
    assert [flow.reason for flow in flows] == [ACTIVE, ACTIVE, IDLE]
    assert sum(flow.packets for flow in flows) == 150
    assert sum(flow.octets for flow in flows) == 150 * 28
    for flow in flows[:2]:
        assert flow.end - flow.begin == pytest.approx(60, abs=1)


def test_all_flows_are_told_of_when_they_are_asked_for_also_in_many_messages(tmp_path: Path) -> None:
    left = [(port / 100, from_a(UDP(sport=port, dport=9) / Raw(bytes(port)))) for port in range(1, 101)]
    flows = told(tmp_path, left, [], seconds=4, flush_at=2)
    assert {flow.reason for flow in flows} == {FORCED}
    assert {(flow.ports, flow.packets, flow.octets) for flow in flows} == {
        ((port, 9), 1, 28 + port) for port in range(1, 101)
    }
    assert len(flows) == 100


def test_what_is_no_whole_ipv4_packet_passes_uncounted(tmp_path: Path) -> None:
    frames = [
        Ether(src=A, dst="ff:ff:ff:ff:ff:ff") / ARP(pdst=B_IP),
        Ether(src=A, dst=B) / IPv6() / UDP(),
        Ether(src=A, dst=B) / Dot1Q(vlan=5) / IP(src=A_IP, dst=B_IP) / UDP(),
        Ether(bytes(from_a(UDP()))[:20]),
        from_a(ICMP(type=8)),
    ]
    (ping,) = told(tmp_path, [(at / 10, frame) for at, frame in enumerate(frames)], [], seconds=20)
    assert (ping.protocol, ping.ports, ping.packets) == (1, (0, 0), 1)
