# SPDX-License-Identifier: Apache-2.0
"""The firewall that keeps connections."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet, Raw

from .played_devices import EXAMPLES, Played, play

CLIENT, SERVER, ROUTER, STRANGER = "192.0.2.20", "192.0.2.80", "192.0.2.1", "198.51.100.9"
OUT = Ether(src="02:00:00:00:01:20", dst="02:00:00:00:02:fe") / IP(src=CLIENT, dst=STRANGER)
IN = Ether(src="02:00:00:00:02:fe", dst="02:00:00:00:01:20") / IP(src=STRANGER, dst=CLIENT)
TO_SERVER = Ether(src="02:00:00:00:02:fe", dst="02:00:00:00:01:80") / IP(src=STRANGER, dst=SERVER)
FROM_SERVER = Ether(src="02:00:00:00:01:80", dst="02:00:00:00:02:fe") / IP(src=SERVER, dst=STRANGER)


def play_firewall(
    folder: Path,
    inside: Sequence[tuple[float, Packet]],
    outside: Sequence[tuple[float, Packet]],
    *,
    seconds: float = 20,
    handlers: Sequence[str] = (),
) -> Played:
    arriving = {"eth1": inside, "eth2": outside}
    return play(EXAMPLES / "stateful-firewall.click", arriving, folder, seconds=seconds, handlers=handlers)


def same(sent: Sequence[Packet], expected: Sequence[Packet]) -> bool:
    return [bytes(frame) for frame in sent] == [bytes(frame) for frame in expected]


def tcp(way: Packet, flags: str, seq: int, ack: int = 0, *, port: int = 5000, service: int = 443) -> Packet:
    """Return a segment; `port` is the client's, wherever the client is."""
    outward = way in (OUT, TO_SERVER)
    sport, dport = (port, service) if outward else (service, port)
    return way / TCP(sport=sport, dport=dport, flags=flags, seq=seq, ack=ack, window=8192)


def test_a_host_inside_opens_a_connection_talks_and_closes_it(tmp_path: Path) -> None:
    inside = [
        (1, tcp(OUT, "S", 100)),
        (3, tcp(OUT, "A", 101, 501)),
        (4, tcp(OUT, "PA", 101, 501) / Raw(b"hello")),
        (6, tcp(OUT, "FA", 106, 503)),
        (8, tcp(OUT, "A", 107, 504)),
    ]
    outside = [(2, tcp(IN, "SA", 500, 101)), (5, tcp(IN, "PA", 501, 106) / Raw(b"hi")), (7, tcp(IN, "FA", 503, 107))]
    played = play_firewall(tmp_path, inside, outside, handlers=["rejected.count", "firewall.begun"])
    assert same(played.sent["eth2"], [frame for _, frame in inside])
    assert same(played.sent["eth1"], [frame for _, frame in outside])
    assert played.values == {"rejected.count": "0", "firewall.begun": "1"}


def test_nobody_outside_opens_a_connection_to_a_host_inside(tmp_path: Path) -> None:
    outside = [
        (1, IN / TCP(sport=443, dport=5000, flags="S")),
        (2, IN / UDP(sport=53, dport=5353)),
        (3, IN / ICMP()),
        (4, TO_SERVER / TCP(sport=5000, dport=22, flags="S")),
        (5, TO_SERVER / UDP(sport=5000, dport=443)),
    ]
    played = play_firewall(tmp_path, [], outside, handlers=["rejected.count", "firewall.connections"])
    assert played.sent["eth1"] == []
    assert played.values == {"rejected.count": "5", "firewall.connections": "0"}


def test_anybody_opens_connections_to_the_published_service(tmp_path: Path) -> None:
    outside = [(1, tcp(TO_SERVER, "S", 100)), (3, tcp(TO_SERVER, "A", 101, 501))]
    inside = [(2, tcp(FROM_SERVER, "SA", 500, 101)), (4, tcp(FROM_SERVER, "PA", 501, 101) / Raw(b"welcome"))]
    played = play_firewall(tmp_path, inside, outside, handlers=["firewall.table"])
    assert same(played.sent["eth1"], [frame for _, frame in outside])
    assert same(played.sent["eth2"], [frame for _, frame in inside])
    assert f"{SERVER}, 443, {STRANGER}, 5000) ESTABLISHED" in played.values["firewall.table"]


def test_a_stray_ack_is_rejected_though_it_is_for_the_published_service(tmp_path: Path) -> None:
    stray = [(1, tcp(TO_SERVER, "A", 101, 501)), (2, tcp(IN, "A", 101, 501)), (3, tcp(IN, "R", 101))]
    played = play_firewall(tmp_path, [], stray, handlers=["rejected.count"])
    assert played.sent["eth1"] == []
    assert played.values["rejected.count"] == "3"


def test_a_segment_that_lies_outside_of_the_window_is_rejected(tmp_path: Path) -> None:
    inside = [(1, tcp(OUT, "S", 100)), (3, tcp(OUT, "A", 101, 501))]
    outside = [
        (2, tcp(IN, "SA", 500, 101)),
        (4, tcp(IN, "R", 501 + 1_000_000)),
        (5, tcp(IN, "PA", 501, 101 + 1_000_000) / Raw(b"forged")),
        (6, tcp(IN, "PA", 501, 101) / Raw(b"true")),
    ]
    played = play_firewall(tmp_path, inside, outside, handlers=["rejected.count"])
    assert same(played.sent["eth1"], [outside[0][1], outside[3][1]])
    assert played.values["rejected.count"] == "2"


def test_a_udp_answer_comes_in_until_five_minutes_have_been_silent(tmp_path: Path) -> None:
    query = OUT / UDP(sport=5353, dport=53) / Raw(b"who?")
    answer = IN / UDP(sport=53, dport=5353) / Raw(b"me")
    another = IN / UDP(sport=54, dport=5353) / Raw(b"I")
    outside = [(2, answer), (3, another), (2 + 299, answer), (2 + 299 + 301, answer)]
    played = play_firewall(
        tmp_path, [(1, query)], outside, seconds=700, handlers=["rejected.count", "firewall.connections"]
    )
    assert same(played.sent["eth1"], [answer, answer])
    assert played.values == {"rejected.count": "2", "firewall.connections": "0"}


def test_an_established_connection_lasts_two_hours_and_a_half_open_one_four_minutes(tmp_path: Path) -> None:
    inside = [(1, tcp(OUT, "S", 100)), (3, tcp(OUT, "A", 101, 501)), (4, tcp(OUT, "S", 100, port=5001))]
    established = tcp(IN, "PA", 501, 101) / Raw(b"still here")
    outside = [
        (2, tcp(IN, "SA", 500, 101)),
        (4 + 241, tcp(IN, "SA", 500, 101, port=5001)),
        (3 + 7439, established),
        (3 + 7439 + 7441, established),
    ]
    played = play_firewall(tmp_path, inside, outside, seconds=15000, handlers=["rejected.count", "firewall.expired"])
    assert same(played.sent["eth1"], [outside[0][1], established])
    assert played.values == {"rejected.count": "2", "firewall.expired": "2"}


def test_a_ping_from_inside_is_answered_and_an_error_about_a_connection_passes(tmp_path: Path) -> None:
    ping = OUT / ICMP(id=7, seq=1)
    pong = IN / ICMP(type="echo-reply", id=7, seq=1)
    query = OUT / UDP(sport=5353, dport=53)
    from_router = Ether(bytes(IN))
    from_router[IP].src = ROUTER
    from_router[IP].remove_payload()
    about = from_router / ICMP(type=3, code=3) / query[IP]
    about_nothing = from_router / ICMP(type=3, code=3) / (IP(src=CLIENT, dst=STRANGER) / UDP(sport=1, dport=2))
    for frame in (about, about_nothing):
        del frame[IP].len, frame[IP].chksum, frame[IP].proto
    outside = [(2, pong), (3, about), (4, about_nothing)]
    played = play_firewall(tmp_path, [(1, ping), (1.5, query)], outside, handlers=["rejected.count"])
    assert same(played.sent["eth1"], [pong, about])
    assert played.values["rejected.count"] == "1"


def test_what_claims_an_address_of_the_other_side_is_dropped(tmp_path: Path) -> None:
    spoofed_inside = Ether(bytes(OUT / UDP()))
    spoofed_inside[IP].src = "203.0.113.5"
    as_router = Ether(bytes(OUT / UDP()))
    as_router[IP].src = ROUTER
    spoofed_outside = Ether(bytes(TO_SERVER / TCP(dport=443, flags="S")))
    spoofed_outside[IP].src = CLIENT
    for frame in (spoofed_inside, as_router, spoofed_outside):
        del frame[IP].chksum
    played = play_firewall(
        tmp_path, [(1, spoofed_inside), (2, as_router)], [(3, spoofed_outside)], handlers=["foreign.count"]
    )
    assert (played.sent["eth1"], played.sent["eth2"]) == ([], [])
    assert played.values["foreign.count"] == "3"


def test_arp_passes_and_ipv6_does_not(tmp_path: Path) -> None:
    question = Ether(src="02:00:00:00:01:20", dst="ff:ff:ff:ff:ff:ff") / ARP(psrc=CLIENT, pdst=ROUTER)
    answer = Ether(src="02:00:00:00:02:fe", dst="02:00:00:00:01:20") / ARP(op=2, psrc=ROUTER, pdst=CLIENT)
    other = Ether(src="02:00:00:00:01:20", dst="02:00:00:00:02:fe") / IPv6(src="2001:db8::1", dst="2001:db8::2") / UDP()
    played = play_firewall(tmp_path, [(1, question), (3, other)], [(2, answer)])
    assert same(played.sent["eth2"], [question])
    assert same(played.sent["eth1"], [answer])
