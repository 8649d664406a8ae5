# SPDX-License-Identifier: Apache-2.0
"""What a planned module of a router does with IPv6, in the real engine: of examples/dual-stack-router, its first one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptSrcLLAddr,
    ICMPv6PacketTooBig,
    ICMPv6TimeExceeded,
    IPerror6,
    IPv6,
)
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from .played_devices import Played, is_at, packets_of, play

MODULE = Path(__file__).parents[2] / "examples" / "dual-stack-router" / "expected" / "click" / "dual-pm0.click"
UPSTREAM_MAC, OFFICES_MAC, ROOM_MAC = (f"02:00:5e:00:53:0{port}" for port in range(3))
UPSTREAM, OFFICES, ROOM = "2001:db8:5::fe", "2001:db8:6::fe", "fd00:db8:7::fe"
GATEWAY, GATEWAY_MAC = "2001:db8:5::1", "06:00:00:00:00:05"
HOST, HOST_MAC = "2001:db8:6::9", "06:00:00:00:00:06"
FAR = "2001:db8:99::1"


def from_gateway(packet: Packet) -> Packet:
    return Ether(src=GATEWAY_MAC, dst=UPSTREAM_MAC) / packet


def from_host(packet: Packet) -> Packet:
    return Ether(src=HOST_MAC, dst=OFFICES_MAC) / packet


HOST_IS_THERE = is_at(HOST, HOST_MAC, OFFICES, OFFICES_MAC)
GATEWAY_IS_THERE = is_at(GATEWAY, GATEWAY_MAC, UPSTREAM, UPSTREAM_MAC)


def play_module(folder: Path, frames: Sequence[tuple[float, Packet]], *handlers: str) -> Played:
    return play(MODULE, {"eth0": frames}, folder, seconds=10, handlers=handlers)


def solicited(address: str, group: str, mac: str, source: str = HOST) -> Packet:
    packet = IPv6(src=source, dst=group, hlim=255) / ICMPv6ND_NS(tgt=address)
    option = ICMPv6NDOptSrcLLAddr(lladdr=HOST_MAC) if source != "::" else b""
    return Ether(src=HOST_MAC, dst=mac) / packet / option


@pytest.mark.parametrize(
    ("group", "mac"), [("ff02::1:ff00:fe", "33:33:ff:00:00:fe"), (OFFICES, OFFICES_MAC)], ids=["group", "itself"]
)
def test_who_asks_for_an_address_of_a_port_learns_its_mac(tmp_path: Path, group: str, mac: str) -> None:
    (answer,) = packets_of(play_module(tmp_path, [(1, solicited(OFFICES, group, mac))]).sent["eth0"], ICMPv6ND_NA)
    told = answer[ICMPv6ND_NA]
    assert (answer.src, answer.dst, answer[IPv6].src, answer[IPv6].dst) == (OFFICES_MAC, HOST_MAC, OFFICES, HOST)
    assert (told.R, told.S, told.O, told.tgt, answer[IPv6].hlim) == (1, 1, 1, OFFICES, 255)
    assert answer[ICMPv6NDOptDstLLAddr].lladdr == OFFICES_MAC


def test_who_would_have_the_same_address_is_told_and_who_asks_for_others_is_not(tmp_path: Path) -> None:
    frames = [
        (1, solicited(OFFICES, "ff02::1:ff00:fe", "33:33:ff:00:00:fe", source="::")),
        (2, solicited(HOST, "ff02::1:ff00:9", "33:33:ff:00:00:09")),
    ]
    (answer,) = packets_of(play_module(tmp_path, frames).sent["eth0"], ICMPv6ND_NA)
    assert (answer[IPv6].dst, answer.dst, answer[ICMPv6ND_NA].S) == ("ff02::1", "33:33:00:00:00:01", 0)


def test_a_neighbour_is_asked_for_and_then_has_what_waited(tmp_path: Path) -> None:
    packet = IPv6(src=FAR, dst=HOST, hlim=9) / UDP(sport=1, dport=2) / Raw(b"hello")
    played = play_module(tmp_path, [(1, from_gateway(packet)), (2, HOST_IS_THERE)], "in6_0.count", "out6_1.count")
    question, frame = played.sent["eth0"]
    assert (question.src, question.dst) == (OFFICES_MAC, "33:33:ff:00:00:09")
    assert (question[IPv6].src, question[ICMPv6ND_NS].tgt) == (OFFICES, HOST)
    assert (frame.src, frame.dst, frame[IPv6].hlim) == (OFFICES_MAC, HOST_MAC, 8)
    assert bytes(frame[UDP]) == bytes(Ether(bytes(from_gateway(packet)))[UDP])
    assert played.values == {"in6_0.count": "1", "out6_1.count": "1"}


def test_what_is_beyond_goes_to_the_gateway_of_the_port_or_of_the_route(tmp_path: Path) -> None:
    branch = IPv6(src=GATEWAY, dst="2001:db8:60::5") / UDP()
    frames = [(1, from_host(IPv6(src=HOST, dst=FAR) / UDP())), (2, GATEWAY_IS_THERE), (3, from_gateway(branch))]
    sent = play_module(tmp_path, frames).sent["eth0"]
    assert [frame[ICMPv6ND_NS].tgt for frame in packets_of(sent, ICMPv6ND_NS)] == [GATEWAY, "2001:db8:6::1"]
    (frame,) = packets_of(sent, UDP)
    assert (frame.src, frame.dst, frame[IPv6].dst) == (UPSTREAM_MAC, GATEWAY_MAC, FAR)


def test_the_routers_own_addresses_answer_pings(tmp_path: Path) -> None:
    frames = [
        (1, from_host(IPv6(src=HOST, dst=OFFICES) / ICMPv6EchoRequest(id=7, seq=1, data=b"ping"))),
        (2, HOST_IS_THERE),
        (3, from_host(IPv6(src=HOST, dst=UPSTREAM) / ICMPv6EchoRequest(id=7, seq=2, data=b"ping"))),
    ]
    answers = packets_of(play_module(tmp_path, frames).sent["eth0"], ICMPv6EchoReply)
    assert [(answer[IPv6].src, answer[ICMPv6EchoReply].seq) for answer in answers] == [(OFFICES, 1), (UPSTREAM, 2)]
    assert {(answer.src, answer.dst, answer[IPv6].dst) for answer in answers} == {(OFFICES_MAC, HOST_MAC, HOST)}


@pytest.mark.parametrize(
    ("packet", "error", "code"),
    [
        (IPv6(src=HOST, dst=FAR, hlim=1) / UDP(), ICMPv6TimeExceeded, 0),
        (IPv6(src=HOST, dst="fd00::7") / UDP(), ICMPv6DestUnreach, 0),
        (IPv6(src=HOST, dst=FAR) / UDP() / Raw(bytes(1453)), ICMPv6PacketTooBig, 0),
    ],
    ids=["hop limit", "no route", "too big"],
)
def test_who_sends_what_cannot_go_on_is_told_by_the_port_that_it_came_by(
    tmp_path: Path, packet: Packet, error: type[Packet], code: int
) -> None:
    sent = play_module(tmp_path, [(1, from_host(packet)), (2, HOST_IS_THERE)]).sent["eth0"]
    (answer,) = packets_of(sent, error)
    assert not packets_of([frame for frame in sent if IPerror6 not in frame], UDP)
    assert (answer.src, answer.dst, answer[IPv6].src, answer[IPv6].dst) == (OFFICES_MAC, HOST_MAC, OFFICES, HOST)
    assert (answer[error].code, answer[IPerror6].dst) == (code, packet[IPv6].dst)
    if error is ICMPv6PacketTooBig:
        assert answer[error].mtu == 1500


def test_the_largest_packet_passes(tmp_path: Path) -> None:
    packet = IPv6(src=HOST, dst=FAR) / UDP() / Raw(bytes(1452))
    sent = play_module(tmp_path, [(1, from_host(packet)), (2, GATEWAY_IS_THERE)]).sent["eth0"]
    assert [len(frame) for frame in packets_of(sent, UDP)] == [1514]


@pytest.mark.parametrize(
    "source", ["::", "::1", "::ffff:c000:201", "fe80::9", "ff02::1", OFFICES, ROOM, "2001:db8:5::7", "fd00:db8:7::7"]
)
def test_what_comes_from_nobody_from_the_router_or_from_another_ports_network_is_dropped(
    tmp_path: Path, source: str
) -> None:
    frames = [(1, from_host(IPv6(src=source, dst=FAR) / UDP())), (2, HOST_IS_THERE), (2, GATEWAY_IS_THERE)]
    played = play_module(tmp_path, frames, "martians.count", "header6.drops", "out6_0.count")
    assert played.sent["eth0"] == []
    assert int(played.values["martians.count"]) + int(played.values["header6.drops"]) == 1
    assert played.values["out6_0.count"] == "0"


@pytest.mark.parametrize("destination", ["fe80::1", "ff0e::1"])
def test_nothing_goes_beyond_its_link_that_is_for_it_alone_or_for_a_group(tmp_path: Path, destination: str) -> None:
    frames = [(1, from_host(IPv6(src=HOST, dst=destination) / UDP())), (2, HOST_IS_THERE), (2, GATEWAY_IS_THERE)]
    played = play_module(tmp_path, frames, "no_route6.count", "out6_0.count")
    assert not [frame for frame in packets_of(played.sent["eth0"], UDP) if IPerror6 not in frame]
    assert played.values == {"no_route6.count": "1", "out6_0.count": "0"}


def test_ipv4_passes_beside_it(tmp_path: Path) -> None:
    packet = Ether(src=GATEWAY_MAC, dst=UPSTREAM_MAC) / IP(src="10.0.5.1", dst="10.0.6.9", ttl=9) / UDP()
    told = is_at("10.0.6.9", HOST_MAC, "10.0.6.254", OFFICES_MAC)
    (frame,) = packets_of(play_module(tmp_path, [(1, packet), (2, told)]).sent["eth0"], UDP)
    assert (frame.src, frame.dst, frame[IP].ttl) == (OFFICES_MAC, HOST_MAC, 8)
