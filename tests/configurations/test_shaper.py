# SPDX-License-Identifier: Apache-2.0
"""The shaper of a way out, measured by the times at which packets left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet, Raw

from .played_devices import EXAMPLES, START, Played, play

EXPEDITED, BACKGROUND = 46, 8
LINE = 10e6
SECONDS = 1.0


@dataclass(frozen=True)
class Flow:
    """Packets of one source port, evenly from the start on."""

    port: int
    bits_per_second: float
    length: int = 1000
    dscp: int = 0

    def packets(self, seconds: float) -> Iterator[tuple[float, Packet]]:
        frame = Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b")
        frame /= IP(src="10.0.0.2", dst="192.0.2.1", tos=self.dscp << 2) / UDP(sport=self.port, dport=9)
        frame /= Raw(bytes(self.length - len(frame)))
        step = self.length * 8 / self.bits_per_second
        for number in range(int(seconds / step)):
            yield number * step, frame

    def bits(self, played: Played, since: float, until: float) -> float:
        """Its bits per second on the line between two times."""
        left = [p for p in self.left(played) if since <= float(p.time) - START < until]
        return sum(map(len, left)) * 8 / (until - since)

    def left(self, played: Played) -> list[Packet]:
        return [packet for packet in played.sent["eth2"] if UDP in packet and packet[UDP].sport == self.port]

    def delays(self, played: Played) -> list[float]:
        """How long each packet was inside; only of a flow that loses none."""
        arrived = [at for at, _ in self.packets(SECONDS)]
        left = [float(packet.time) - START for packet in self.left(played)]
        return [out - at for at, out in zip(arrived, left, strict=True)]


def shaped(tmp_path: Path, *flows: Flow, more: tuple[tuple[float, Packet], ...] = ()) -> Played:
    arriving = [packet for flow in flows for packet in flow.packets(SECONDS)]
    arriving = sorted([*arriving, *more], key=lambda stamped: stamped[0])
    return play(
        EXAMPLES / "shaper.click",
        {"eth1": arriving, "eth2": []},
        tmp_path,
        seconds=SECONDS + 2,
        handlers=("others.drops", "background.drops", "excess.count", "sent.byte_count"),
    )


def test_the_line_gets_its_rate_and_never_more(tmp_path: Path) -> None:
    played = shaped(tmp_path, Flow(1, 1.3 * LINE))
    bits = [len(packet) * 8 for packet in played.sent["eth2"]]
    times = [float(packet.time) - START for packet in played.sent["eth2"]]
    assert sum(bits) == int(played.values["sent.byte_count"]) * 8
    assert Flow(1, 0).bits(played, 0.1, 0.9) == pytest.approx(LINE, rel=0.01)
    burst = 3028 * 8
    for span in (2, 10, 100):
        for first, last in zip(range(len(times) - span), range(span, len(times)), strict=True):
            assert sum(bits[first + 1 : last + 1]) <= LINE * (times[last] - times[first] + 1e-5) + burst


def test_two_flows_share_the_line_whatever_they_ask_for_and_however_long_their_packets_are(tmp_path: Path) -> None:
    greedy, modest = Flow(1, 1.3 * LINE, length=1400), Flow(2, 0.8 * LINE, length=500)
    played = shaped(tmp_path, greedy, modest)
    assert int(played.values["others.drops"]) > 0
    for flow in (greedy, modest):
        assert flow.bits(played, 0.2, SECONDS) == pytest.approx(LINE / 2, rel=0.03)


def test_a_sparse_flow_waits_for_a_packet_or_two_of_the_greedy_one_not_for_its_queue(tmp_path: Path) -> None:
    greedy, sparse = Flow(1, 1.3 * LINE, length=1400), Flow(2, 50e3, length=100)
    delays = sparse.delays(shaped(tmp_path, greedy, sparse))
    packet = 1400 * 8 / LINE
    assert len(delays) == 62
    assert max(delays) <= 3 * packet
    assert fmean(delays) <= 1.5 * packet


def test_expedited_packets_go_first_and_only_as_many_as_they_may_be(tmp_path: Path) -> None:
    greedy = Flow(1, 1.3 * LINE, length=1400)
    voice = Flow(2, 0.15 * LINE, length=200, dscp=EXPEDITED)
    played = shaped(tmp_path, greedy, voice)
    assert max(voice.delays(played)) <= 2 * 1400 * 8 / LINE
    assert played.values["excess.count"] == "0"


def test_more_expedited_packets_than_agreed_on_leave_the_others_their_share(tmp_path: Path) -> None:
    greedy, flood = Flow(1, 1.3 * LINE, length=1400), Flow(2, 0.4 * LINE, length=400, dscp=EXPEDITED)
    played = shaped(tmp_path, greedy, flood)
    assert flood.bits(played, 0.2, SECONDS) == pytest.approx(2e6, rel=0.03)
    assert greedy.bits(played, 0.2, SECONDS) == pytest.approx(LINE - 2e6, rel=0.03)
    assert int(played.values["excess.count"]) == len(list(flood.packets(SECONDS))) - len(flood.left(played))


def test_background_has_what_others_leave_and_half_at_most_when_they_need_it(tmp_path: Path) -> None:
    background = [Flow(port, 0.4 * LINE, dscp=BACKGROUND) for port in (1, 2, 3)]
    others = Flow(4, 0.3 * LINE), Flow(5, 0.8 * LINE)
    (tmp_path / "some").mkdir()
    (tmp_path / "much").mkdir()
    some = shaped(tmp_path / "some", *background, others[0])
    assert others[0].bits(some, 0.2, SECONDS) == pytest.approx(0.3 * LINE, rel=0.03)
    assert sum(flow.bits(some, 0.2, SECONDS) for flow in background) == pytest.approx(0.7 * LINE, rel=0.03)
    much = shaped(tmp_path / "much", *background, others[1])
    assert others[1].bits(much, 0.2, SECONDS) == pytest.approx(LINE / 2, rel=0.03)
    for flow in background:
        assert flow.bits(much, 0.2, SECONDS) == pytest.approx(LINE / 6, rel=0.05)


def test_arp_does_not_wait_behind_the_greedy_and_the_way_in_is_open(tmp_path: Path) -> None:
    question = Ether(src="02:00:00:00:00:0a", dst="ff:ff:ff:ff:ff:ff") / ARP(pdst="10.0.0.1")
    played = shaped(tmp_path, Flow(1, 1.3 * LINE, length=1400), more=((0.5, question),))
    (asked,) = [packet for packet in played.sent["eth2"] if ARP in packet]
    assert float(asked.time) - START - 0.5 <= 3 * 1400 * 8 / LINE
    answer = Ether(src="02:00:00:00:00:0b", dst="02:00:00:00:00:0a") / ARP(op=2)
    inward = play(EXAMPLES / "shaper.click", {"eth1": [], "eth2": [(0, answer)]}, tmp_path, seconds=1)
    assert [bytes(frame) for frame in inward.sent["eth1"]] == [bytes(answer)]
    assert not inward.sent["eth2"]
