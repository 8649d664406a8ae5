# SPDX-License-Identifier: Apache-2.0
"""A generator of traffic and the sink that measures it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet

from .played_devices import EXAMPLES, START, packets_of, play

HANDLERS = (
    "received.count",
    "received.byte_count",
    "received.rate",
    "received.byte_rate",
    "damaged.count",
    "others.count",
)


def generated(tmp_path: Path, seconds: float, **parameters: str) -> list[Packet]:
    played = play(
        EXAMPLES / "traffic-generator.click",
        {"eth1": []},
        tmp_path,
        seconds=seconds,
        handlers=("sent.count", "sent.byte_count"),
        parameters=parameters,
    )
    frames = played.sent["eth1"]
    assert int(played.values["sent.count"]) == len(frames)
    assert int(played.values["sent.byte_count"]) == sum(map(len, frames))
    return frames


def measured(tmp_path: Path, frames: list[tuple[float, Packet]]) -> dict[str, float]:
    played = play(EXAMPLES / "traffic-sink.click", {"eth1": frames}, tmp_path, seconds=5, handlers=HANDLERS)
    return {name: float(value) for name, value in played.values.items()}


def test_as_many_packets_leave_as_the_rate_says_evenly_and_of_the_length(tmp_path: Path) -> None:
    frames = packets_of(generated(tmp_path, 2, rate="100", length="200"), UDP)
    assert len(frames) == pytest.approx(200, abs=1)
    assert {len(frame) for frame in frames} == {200}
    for number, frame in enumerate(frames):
        assert float(frame.time) - START == pytest.approx(number / 100, abs=0.01)


def test_packets_have_the_addresses_that_were_asked_for_and_right_checksums(tmp_path: Path) -> None:
    frames = generated(
        tmp_path, 1, mac="02:00:00:00:00:0a", to_mac="02:00:00:00:00:0b", ip="10.0.0.1", to_ip="10.0.0.2", rate="50"
    )
    assert len(packets_of(frames, UDP)) == len(frames)
    addresses = {(frame.src, frame.dst, frame[IP].src, frame[IP].dst) for frame in frames}
    assert addresses == {("02:00:00:00:00:0a", "02:00:00:00:00:0b", "10.0.0.1", "10.0.0.2")}
    assert all(frame[UDP].chksum for frame in frames)


def test_the_generator_stops_at_its_limit(tmp_path: Path) -> None:
    assert len(generated(tmp_path, 5, rate="100", limit="42")) == 42


def test_the_next_flow_begins_after_as_many_packets_as_one_has(tmp_path: Path) -> None:
    frames = generated(tmp_path, 1, limit="25", per_flow="10")
    ports = [(frame[UDP].sport, frame[UDP].dport) for frame in frames]
    assert ports == [(1024, 1024)] * 10 + [(1025, 1025)] * 10 + [(1026, 1026)] * 5


def test_the_sink_measures_what_the_generator_sent(tmp_path: Path) -> None:
    frames = generated(tmp_path, 2, rate="100", length="1000")
    sink = tmp_path / "sink"
    sink.mkdir()
    found = measured(sink, [(float(frame.time) - START, frame) for frame in frames])
    assert found["received.count"] == len(frames)
    assert found["received.byte_count"] == 1000 * len(frames)
    assert found["received.rate"] == pytest.approx(100, rel=0.01)
    assert found["received.byte_rate"] == pytest.approx(100_000, rel=0.01)
    assert (found["damaged.count"], found["others.count"]) == (0, 0)


def test_the_sink_tells_damaged_packets_and_those_of_others_apart(tmp_path: Path) -> None:
    def datagram(**ip: Any) -> Packet:
        return Ether() / IP(**{"src": "198.18.0.1", "dst": "198.19.0.1", **ip}) / UDP() / bytes(30)

    wrong_sum = datagram()
    wrong_sum[UDP].chksum = 0x1111
    cut = Ether(bytes(datagram())[:50])
    damaged = [wrong_sum, datagram(chksum=0x1111), cut]
    others = [datagram(src="198.18.0.9"), Ether() / IP(src="198.18.0.1", dst="198.19.0.1") / TCP(), Ether() / ARP()]
    frames = [*damaged, datagram(), *others, datagram()]
    found = measured(tmp_path, [(at / 10, frame) for at, frame in enumerate(frames)])
    assert (found["received.count"], found["damaged.count"], found["others.count"]) == (2, 3, 3)
