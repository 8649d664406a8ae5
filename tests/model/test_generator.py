# SPDX-License-Identifier: Apache-2.0
"""The traffic generator: the example's modules in the engine, in simulated time, and how much they send and count."""

from __future__ import annotations

from pathlib import Path

from ansible.module_utils.flowstream.middleboxes.generator.body import Sending
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from ..configurations.played_devices import Played, is_at, play
from .played_modules import plan_of

PORT0, NEIGHBOUR, GATEWAY = "02:00:5e:00:53:00", "02:00:00:00:05:01", "192.168.5.1"
OWN, OTHER, RATE, LENGTH = "203.0.113.48", "203.0.113.49", 200, 512


def from_outside(packet: Packet) -> Packet:
    return Ether(src=NEIGHBOUR, dst=PORT0) / packet


def play_first(folder: Path, frames: list[tuple[float, Packet]], handlers: list[str], seconds: float = 3) -> Played:
    """Play the module that sends the stream; the router at its port answers at once."""
    (text,) = (
        pm.config for host in plan_of("generator").hosts.values() for pm in host.pms if pm.name == "generator-pm0"
    )
    (folder / "module.click").write_text(text)
    answer = (0.001, is_at(GATEWAY, NEIGHBOUR, "192.168.5.254", PORT0))
    asked = (0.0, from_outside(IP(src=GATEWAY, dst=OWN) / ICMP(id=1)))
    return play(folder / "module.click", {"eth0": [asked, answer, *frames]}, folder, seconds=seconds, handlers=handlers)


def test_a_stream_has_its_rate_and_its_length_and_pings_theirs(tmp_path: Path) -> None:
    played = play_first(tmp_path, [], ["sent0.count", "probe1.count"])
    stream = [frame for frame in played.sent["eth0"] if UDP in frame]
    assert abs(int(played.values["sent0.count"]) - 3 * RATE) <= RATE // 20
    assert abs(int(played.values["probe1.count"]) - 3 * 10) <= 1
    assert {(frame[IP].src, frame[IP].dst, frame[UDP].dport, len(frame)) for frame in stream[1:]} == {
        (OWN, OTHER, 862, LENGTH)
    }
    assert {frame.dst for frame in stream} == {NEIGHBOUR}
    assert len(stream) >= 3 * RATE - RATE // 10


def test_what_comes_back_is_counted_and_nothing_else_is(tmp_path: Path) -> None:
    back = IP(src=OTHER, dst=OWN) / UDP(sport=862, dport=40000)
    frames = [
        back,
        back,
        IP(src="198.51.100.1", dst=OWN) / UDP(sport=862, dport=40000),
        IP(src=OTHER, dst=OWN) / UDP(sport=862, dport=40001),
        IP(src=GATEWAY, dst=OWN) / UDP(sport=5000, dport=9),
        IP(src=GATEWAY, dst=OWN) / UDP(sport=5000, dport=53),
        # As if it were its own: dropped like every packet from an address of the router.
        IP(src=OWN, dst=OWN) / UDP(sport=862, dport=40000),
    ]
    arriving = [(1 + number / 100, from_outside(packet)) for number, packet in enumerate(frames)]
    handlers = ["returned0.count", "discarded.count", "ignored.count", "reflected.count", "martians.count"]
    played = play_first(tmp_path, arriving, handlers)
    assert list(played.values.values()) == ["2", "1", "3", "0", "1"]


def test_what_others_measure_with_goes_back_to_them_once(tmp_path: Path) -> None:
    asked = IP(src="198.51.100.7", dst=OWN, ttl=64) / UDP(sport=5000, dport=862) / Raw(b"numbered")
    answer = IP(src=OTHER, dst=OWN) / UDP(sport=862, dport=862)
    played = play_first(tmp_path, [(1, from_outside(asked)), (1.5, from_outside(answer))], ["reflected.count"])
    [back] = [frame for frame in played.sent["eth0"] if UDP in frame and frame[IP].dst == "198.51.100.7"]
    assert (back[UDP].sport, back[UDP].dport, back[Raw].load, back[IP].ttl) == (862, 5000, b"numbered", 63)
    assert played.values["reflected.count"] == "1"


def test_a_ping_is_answered_by_it_and_its_own_are_counted_with_their_time(tmp_path: Path) -> None:
    """An answer 20 ms after the request, which the first ping of the module has as its second one at 100 ms."""
    ping = from_outside(IP(src=GATEWAY, dst=OWN) / ICMP(id=77, seq=5))
    played = play_first(tmp_path, [(1, ping)], [])
    requests = [frame for frame in played.sent["eth0"] if ICMP in frame and frame[ICMP].type == 8]
    [pong] = [frame for frame in played.sent["eth0"] if ICMP in frame and frame[ICMP].id == 77]
    assert (pong[ICMP].type, pong[ICMP].seq, pong[IP].src) == (0, 5, OWN)
    third = requests[2]
    answer = third.copy()
    answer[IP].src, answer[IP].dst, answer[ICMP].type = third[IP].dst, third[IP].src, 0
    del answer[IP].chksum, answer[ICMP].chksum
    at = float(third.time) - 1_000_000_000 + 0.02
    again = tmp_path / "again"
    again.mkdir()
    played = play_first(again, [(at, from_outside(answer[IP]))], ["probe1.replies", "probe1.rtt_avg"])
    assert played.values["probe1.replies"] == "1"
    assert abs(float(played.values["probe1.rtt_avg"]) - 0.02) < 0.001


@given(st.integers(0, 2**32 - 1), st.integers(1, 10**6), st.one_of(st.none(), st.integers(60, 1514)))
def test_a_plan_reads_what_is_sent_as_it_was(destination: int, rate: int, length: int | None) -> None:
    assert Sending.parse(str(Sending(destination, rate, length))) == Sending(destination, rate, length)
