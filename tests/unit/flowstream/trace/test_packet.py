# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.packet import TAGGED
from ansible.module_utils.flowstream.trace.packet import TracedPacket, fields_of, is_answer, with_tag
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6ND_NS,
    ICMPv6TimeExceeded,
    IPv6,
)
from scapy.layers.l2 import Dot1Q, Ether

from ..conftest import messages

MACS = "06:00:00:00:00:01", "02:00:00:00:00:07"


@pytest.mark.parametrize(
    ("text", "layer", "ports"),
    [
        ("ip src 192.0.2.1 dst 10.1.2.3 tcp dport 443", TCP, (40000, 443)),
        ("dport 53 sport 7 udp dst 10.1.2.3 src 192.0.2.1 ttl 3 dscp 46", UDP, (7, 53)),
        ("src 192.0.2.1 dst 10.1.2.3 icmp", ICMP, None),
    ],
)
def test_a_packet_in_words_is_a_frame_with_right_checksums(
    text: str, layer: type, ports: tuple[int, int] | None
) -> None:
    frame = Ether(TracedPacket.parse(text).frame(*MACS, number=7))
    assert (frame.src, frame.dst, frame[IP].src, frame[IP].dst) == (*MACS, "192.0.2.1", "10.1.2.3")
    assert ports in (None, (getattr(frame[layer], "sport", 0), getattr(frame[layer], "dport", 0)))
    assert (frame[IP].ttl, frame[IP].tos >> 2) == ((3, 46) if "ttl" in text else (64, 0))
    assert bytes(frame[layer].payload).endswith(b"flowstream trace\x00\x07")
    made = frame.copy()
    for header in (IP, layer):
        del made[header].chksum
    assert bytes(Ether(bytes(made))) == bytes(frame)


def test_a_packet_of_a_vlan_has_its_tag() -> None:
    frame = Ether(TracedPacket.parse("src 192.0.2.1 dst 10.1.2.3 vlan 102").frame(*MACS))
    bare = Ether(TracedPacket.parse("src 192.0.2.1 dst 10.1.2.3").frame(*MACS))
    assert bytes(frame) == bytes(Ether(src=MACS[0], dst=MACS[1]) / Dot1Q(vlan=102) / bare.payload)
    assert fields_of(bytes(frame)).get("vlan_tci") == TAGGED | 102
    with pytest.raises(FlowstreamError, match="packet: word 6: vlan is not a number from 1 to 4094, got 4095"):
        TracedPacket.parse("src 192.0.2.1 dst 10.1.2.3 vlan 4095")


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        ("ip6 src 2001:db8::1 dst fd00::2 tcp dport 443 ttl 3 dscp 46", TCP),
        ("src 2001:db8::1 dst fd00::2", UDP),
        ("icmp src 2001:db8::1 dst fd00::2", ICMPv6EchoRequest),
    ],
)
def test_a_packet_of_ipv6_in_words_is_a_frame_and_the_fields_that_a_switch_sees(text: str, layer: type) -> None:
    packet = TracedPacket.parse(text)
    frame = Ether(packet.frame(*MACS, number=7))
    assert (frame[IPv6].src, frame[IPv6].dst) == ("2001:db8::1", "fd00::2")
    assert (frame[IPv6].hlim, frame[IPv6].tc >> 2) == ((3, 46) if "ttl" in text else (64, 0))
    made = frame.copy()
    del made[IPv6].plen
    if layer is ICMPv6EchoRequest:
        del made[layer].cksum
    else:
        del made[layer].chksum
    assert bytes(made) == bytes(frame)
    seen = fields_of(bytes(frame))
    assert (seen.get("ipv6_src"), seen.get("ipv6_dst")) == (packet.source, packet.destination)
    assert (seen.get("nw_proto"), seen.get("tp_dst"), seen.get("icmp_type")) == {
        TCP: (6, 443, 0),
        UDP: (17, 9, 0),
        ICMPv6EchoRequest: (58, 0, 128),
    }[layer]


def test_what_icmpv6_says_of_a_packet_is_an_answer_and_a_solicitation_asks_for_its_target() -> None:
    header = Ether() / IPv6(src="2001:db8::1", dst="2001:db8::2")
    assert is_answer(bytes(header / ICMPv6TimeExceeded() / IPv6()))
    assert is_answer(bytes(header / ICMPv6EchoReply()))
    assert not is_answer(bytes(header / ICMPv6EchoRequest()))
    asking = bytes(header / ICMPv6ND_NS(tgt="2001:db8::2"))
    assert (fields_of(asking).get("icmp_type"), fields_of(asking).get("nd_target")) == (135, 0x20010DB8 << 96 | 2)


def test_addresses_of_two_families_are_no_packet() -> None:
    assert messages(lambda: TracedPacket.parse("src 192.0.2.1 dst fd00::2")) == [
        "packet: word 3: dst is of another family than src, got both; write addresses of one"
    ]


def test_every_wrong_word_is_named() -> None:
    text = "ip src 10.0.6 src 10.0.0.1 tcp udp dport 70000 ttl 0 foo dscp"
    assert messages(lambda: TracedPacket.parse(text)) == [
        "packet: word 3: src is not an IPv4 address, got 10.0.6; write four numbers 0..255 with dots",
        "packet: word 4: src is said twice, got 10.0.0.1; keep one",
        "packet: word 7: protocol is said twice, got udp; keep one",
        "packet: word 9: dport is not a number from 0 to 65535, got 70000; write one",
        "packet: word 11: ttl is not a number from 1 to 255, got 0; write one",
        "packet: word 12: is not understood, got foo; write ip, ip6, icmp, tcp, udp, src, dst, ttl, dscp, vlan, sport, dport",
        "packet: word 13: dscp has no value, got the end; write one behind it",
        "packet: dst is missing; write dst and an address",
    ]
    assert messages(lambda: TracedPacket.parse("src 10.0.0.1 dst 10.0.0.2 icmp sport 7")) == [
        "packet: word 6: sport is of tcp and udp, got icmp; write tcp or udp beside it"
    ]


def test_a_switch_sees_the_fields_of_a_frame_and_its_tag() -> None:
    frame = TracedPacket.parse("src 192.0.2.1 dst 10.1.2.3 tcp dport 443").frame(*MACS)
    seen = fields_of(frame)
    assert (seen.get("nw_dst"), seen.get("tp_dst"), seen.get("nw_proto"), seen.get("vlan_tci")) == (
        0x0A010203,
        443,
        6,
        0,
    )
    tagged = with_tag(frame, seen.set("vlan_tci", TAGGED | 5, 0xFFFF))
    assert Ether(tagged)[Dot1Q].vlan == 5
    assert fields_of(tagged).get("vlan_tci") == TAGGED | 5
    assert with_tag(tagged, fields_of(tagged).set("vlan_tci", 0, 0xFFFF)) == frame


def test_an_entry_that_rewrites_more_than_tags_is_not_followed() -> None:
    frame = TracedPacket.parse("src 192.0.2.1 dst 10.1.2.3").frame(*MACS)
    with pytest.raises(FlowstreamError, match="an entry rewrites nw_dst, which trace cannot"):
        with_tag(frame, fields_of(frame).set("nw_dst", 1, 0xFFFFFFFF))


def test_what_speaks_of_a_packet_is_not_the_packet() -> None:
    packet = TracedPacket.parse("src 192.0.2.1 dst 10.1.2.3 icmp").frame(*MACS)
    assert not is_answer(packet)
    assert is_answer(bytes(Ether() / IP() / ICMP(type=11) / packet[14:42]))
    assert is_answer(bytes(Ether() / IP() / ICMP(type=0)))
