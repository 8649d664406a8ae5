# SPDX-License-Identifier: Apache-2.0
"""The translator between IPv6 and IPv4: how addresses are embedded, and the example's modules in the engine."""

from __future__ import annotations

import random
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.addresses import Prefix, parse_prefix_text
from ansible.module_utils.flowstream.middleboxes.translator.embedding import LENGTHS, embedded, has_zeros
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6TimeExceeded,
    IPerror6,
    IPv6,
    IPv6ExtHdrFragment,
)
from scapy.packet import Packet, Raw

from .played_modules import ROOT, PlayedModules, plan_of, planned_from
from .played_probes import come_out_as_expected

EXAMPLE = ROOT / "examples" / "translator" / "allocation.xml"
HOST, SIX = "2001:db8:5::1", "2001:db8:5::fe"
# Of the example's module 1, which has one IPv4 address and everybody's prefix.
SERVER, THERE, PUBLIC, GATEWAY = "198.51.100.80", "64:ff9b::c633:6450", "203.0.113.4", "192.168.6.1"
# The same without state: a host of 203.0.113.9, in a prefix of the network's own.
OWN, OWN_SIX, SERVER_SIX = "203.0.113.9", "2001:db8:64::cb00:7109", "2001:db8:64::c633:6450"
STATELESS = """<allocationdescription id="siit" type="translator" subtype="siit"><portmacmappings>
<portmacmapping portid="0" mac="02:00:5E:00:53:00" switchport="1" address6="2001:db8:5::fe/64"/>
<portmacmapping portid="1" mac="02:00:5E:00:53:01" switchport="2" address="192.168.6.254/24" gateway="192.168.6.1"/></portmacmappings>
<pm id="0"><translation addr="2001:db8:64::" mask="96"><pool4 addr="203.0.113.8" mask="29"/></translation><forwardingtable>
<forwardingentry addr="2001:db8:64::cb00:7108" mask="125" outputport="0"/>
<forwardingentry addr="192.168.6.0" mask="24" outputport="1"/>
<forwardingentry addr="198.51.100.0" mask="24" outputport="1"/></forwardingtable></pm></allocationdescription>"""


@pytest.mark.parametrize(
    ("prefix", "address"),
    [
        ("2001:db8::/32", "2001:db8:c000:221::"),
        ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
        ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"),
        ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
        ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"),
        ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"),
    ],
)
def test_an_address_is_embedded_as_the_standard_has_it(prefix: str, address: str) -> None:
    """RFC 6052 2.4."""
    inner = Prefix(int(IPv4Address("192.0.2.33")), 32)
    assert embedded(parse_prefix_text(prefix), inner).network == int(IPv6Address(address))


@given(st.sampled_from(LENGTHS), st.integers(0, 2**32 - 1), st.integers(0, 32), st.integers(0, 2**32 - 1))
def test_addresses_lie_in_a_network_embedded_or_not_alike(length: int, address: int, bits: int, other: int) -> None:
    outer = parse_prefix_text("2001:db8::/32")._replace(length=length)
    mask = (1 << 32) - (1 << 32 - bits)
    network = Prefix(address & mask, bits)
    inside = embedded(outer, network)
    assert has_zeros(inside)
    assert inside.network | inside.mask == inside.mask
    for one in (address, other):
        assert inside.contains(embedded(outer, Prefix(one, 32))) == network.holds(one)


def exchanged(folder: Path, packets: list[tuple[int, Packet]], source: str = "") -> dict[int, list[Packet]]:
    """What comes out of each port when packets go into the example, or into another allocation."""
    plan = planned_from(source.encode()) if source else plan_of("translator")
    modules = PlayedModules(plan, folder, {0: [HOST, OWN_SIX], 1: [GATEWAY]})
    left = modules.exchange(packets)
    return {portid: [one.packet for one in left if one.portid == portid] for portid in (0, 1)}


def test_a_connection_of_ipv6_is_one_of_ipv4_outside_and_counts_one_hop(tmp_path: Path) -> None:
    syn = IPv6(src=HOST, dst=THERE, hlim=64) / TCP(sport=5000, dport=80, flags="S", seq=100)
    answer = IP(src=SERVER, dst=PUBLIC, ttl=60) / TCP(sport=80, dport=5000, flags="SA", seq=7, ack=101)
    strange = IP(src=SERVER, dst=PUBLIC) / TCP(sport=80, dport=5001, flags="SA")
    came = exchanged(tmp_path, [(0, syn), (1, answer), (1, strange)])
    [out], [back] = came[1], came[0]
    assert (out.src, out.dst, out.ttl, out[TCP].sport, out[TCP].flags) == (PUBLIC, SERVER, 63, 5000, "S")
    assert (back.src, back.dst, back.hlim, back[TCP].dport, back[TCP].ack) == (THERE, HOST, 59, 5000, 101)
    assert [packet[TCP].chksum for packet in (out, back)] == [
        with_sums_anew(packet)[TCP].chksum for packet in (out, back)
    ]


def test_what_has_no_hop_left_and_what_has_no_route_is_told_by_the_family_that_asked(tmp_path: Path) -> None:
    last = IPv6(src=HOST, dst=THERE, hlim=1) / UDP(sport=5000, dport=53)
    nowhere = IPv6(src=HOST, dst="64:ff9b:1::c633:6450") / UDP(sport=5001, dport=53)
    asked = IPv6(src=HOST, dst="64:ff9b:1::192.168.6.254") / ICMPv6EchoRequest(id=5, seq=1)
    came = exchanged(tmp_path, [(0, last), (0, nowhere), (0, asked)])
    assert came[1] == []
    found = {next(kind for kind in _TOLD if kind in packet): packet for packet in came[0]}
    assert (found[ICMPv6TimeExceeded].src, found[ICMPv6TimeExceeded][IPerror6].dst) == (SIX, THERE)
    unreachable = found[ICMPv6DestUnreach]
    assert (unreachable.src, unreachable.dst) == ("64:ff9b:1::c0a8:6fe", HOST)
    assert (unreachable[IPerror6].src, unreachable[IPerror6].dst) == (HOST, "64:ff9b:1::c633:6450")
    assert (found[ICMPv6EchoReply].src, found[ICMPv6EchoReply].seq) == ("64:ff9b:1::c0a8:6fe", 1)


_TOLD = (ICMPv6TimeExceeded, ICMPv6DestUnreach, ICMPv6EchoReply)


@pytest.mark.parametrize(
    ("source", "host", "there", "public"), [("", HOST, THERE, PUBLIC), (STATELESS, OWN_SIX, SERVER_SIX, OWN)]
)
def test_what_is_too_long_for_ipv6_leaves_in_fragments_or_is_told(
    tmp_path: Path, source: str, host: str, there: str, public: str
) -> None:
    query = IPv6(src=host, dst=there) / UDP(sport=5353, dport=53) / Raw(b"who?")
    content = bytes(number % 251 for number in range(1472))
    answer = IP(src=SERVER, dst=public, id=9) / UDP(sport=53, dport=5353) / Raw(content)
    whole = answer.copy()
    whole.flags = "DF"
    fits = IP(src=SERVER, dst=public, id=10, flags="DF") / UDP(sport=53, dport=5353) / Raw(content[:1452])
    came = exchanged(tmp_path, [(0, query), (1, answer), (1, whole), (1, fits)], source)
    parts = [packet for packet in came[0] if IPv6ExtHdrFragment in packet]
    assert all(len(part) <= 1500 for part in parts)
    assert b"".join(bytes(part[IPv6ExtHdrFragment].payload) for part in parts)[8:] == content
    assert [len(packet) for packet in came[0] if UDP in packet and packet not in parts] == [1500]
    [told] = [packet for packet in came[1] if ICMP in packet]
    assert (told.src, told.dst, told[ICMP].code, told[ICMP].nexthopmtu) == ("192.168.6.254", SERVER, 4, 1480)


def test_without_state_every_probe_comes_out_as_foretold(tmp_path: Path) -> None:
    come_out_as_expected(planned_from(STATELESS.encode()), tmp_path)


def test_without_state_either_side_begins_and_nobody_has_anothers_address(tmp_path: Path) -> None:
    there = IPv6(src=OWN_SIX, dst=SERVER_SIX) / UDP(sport=1, dport=2) / Raw(b"there")
    back = IP(src=SERVER, dst=OWN, id=1) / UDP(sport=3, dport=4) / Raw(b"back")
    forged = IPv6(src="2001:db8:64::cb00:7110", dst=SERVER_SIX) / UDP(sport=5, dport=6) / Raw(b"forged")
    as_host = IP(src=OWN, dst="203.0.113.10", id=2) / UDP(sport=7, dport=8) / Raw(b"as a host")
    nobody = IP(src=SERVER, dst="203.0.113.64", id=3) / UDP(sport=9, dport=10) / Raw(b"nobody")
    came = exchanged(tmp_path, [(0, there), (1, back), (0, forged), (1, as_host), (1, nobody)], STATELESS)
    [out], [inward] = came[1], came[0]
    assert (out.src, out.dst, out[UDP].sport, out[Raw].load) == (OWN, SERVER, 1, b"there")
    assert (inward.src, inward.dst, inward[UDP].dport, inward[Raw].load) == (SERVER_SIX, OWN_SIX, 4, b"back")


def test_hosts_that_no_route_leads_to_are_not_translated_round_and_round(tmp_path: Path) -> None:
    partly = STATELESS.replace('7108" mask="125"', '7108" mask="126"')
    lost = IP(src=SERVER, dst="203.0.113.14", id=1) / UDP(sport=3, dport=4)
    found = IP(src=SERVER, dst="203.0.113.9", id=2) / UDP(sport=3, dport=4)
    came = exchanged(tmp_path, [(1, lost), (1, found)], partly)
    assert [packet.dst for packet in came[0]] == [OWN_SIX]


PACKETS = 600


def with_sums_anew(packet: Packet) -> Packet:
    """The same with checksums as they have to be."""
    again = packet.copy()
    for layer in (UDP, TCP):
        if layer in again:
            del again[layer].chksum
    return packet.__class__(bytes(again))


@pytest.mark.parametrize("source", ["", STATELESS])
def test_random_packets_come_out_in_the_other_family_with_right_addresses_and_sums(tmp_path: Path, source: str) -> None:
    choose, prefix = random.Random(11), "2001:db8:64::" if source else "64:ff9b::"
    sent = []
    for number in range(PACKETS):
        host = f"{prefix}203.0.113.{choose.randrange(8, 16)}" if source else f"2001:db8:5::{choose.randrange(1, 90):x}"
        server = f"198.51.100.{choose.randrange(1, 255)}"
        kind = choose.choice([UDP, TCP])(sport=choose.randrange(1024, 65536), dport=choose.randrange(1, 65536))
        content = Raw(number.to_bytes(2, "big") + choose.randbytes(choose.randrange(1200)))
        sent.append((IPv6(src=host, dst=f"{prefix}{server}", hlim=choose.randrange(2, 256)) / kind / content, server))
    came = exchanged(tmp_path, [(0, packet) for packet, _ in sent], source)
    assert sorted(int.from_bytes(bytes(out[Raw])[:2], "big") for out in came[1]) == list(range(PACKETS))
    for out in came[1]:
        packet, server = sent[int.from_bytes(bytes(out[Raw])[:2], "big")]
        kind = UDP if UDP in packet else TCP
        assert (out.dst, out[kind].dport, out[Raw].load) == (server, packet[kind].dport, packet[Raw].load)
        assert out.ttl == packet.hlim - 1
        assert out[kind].chksum == with_sums_anew(out)[kind].chksum
        if source:
            own = int(IPv6Address(packet.src)) & 0xFFFFFFFF
            assert (out.src, out[kind].sport) == (str(IPv4Address(own)), packet[kind].sport)
        else:
            assert out.src == PUBLIC
