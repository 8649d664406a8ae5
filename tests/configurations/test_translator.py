# SPDX-License-Identifier: Apache-2.0
"""The translator between IPv6 and IPv4."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scapy.layers.inet import ICMP, IP, TCP, UDP, UDPerror
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptSrcLLAddr,
    ICMPv6TimeExceeded,
    IPerror6,
    IPv6,
    IPv6ExtHdrFragment,
)
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet, Raw

from .played_devices import EXAMPLES, Played, is_at, packets_of, play

CLIENT, CLIENT_MAC = "2001:db8:1::20", "02:00:00:00:01:20"
SIX, SIX_MAC = "2001:db8:1::1", "02:00:00:00:01:01"
FOUR, FOUR_MAC = "203.0.113.2", "02:00:00:00:02:01"
GATEWAY, GATEWAY_MAC = "203.0.113.1", "02:00:00:00:02:fe"
SERVER, EMBEDDED = "198.51.100.80", "64:ff9b::c633:6450"
POOL = "203.0.113.10"


def from_client(packet: Packet) -> Packet:
    return Ether(src=CLIENT_MAC, dst=SIX_MAC) / packet


def from_gateway(packet: Packet) -> Packet:
    return Ether(src=GATEWAY_MAC, dst=FOUR_MAC) / packet


ADVERTISED = from_client(
    IPv6(src=CLIENT, dst=SIX, hlim=255)
    / ICMPv6ND_NA(R=0, S=1, O=1, tgt=CLIENT)
    / ICMPv6NDOptDstLLAddr(lladdr=CLIENT_MAC)
)
PING_SIX = from_client(IPv6(src=CLIENT, dst=SIX) / ICMPv6EchoRequest(id=1))
PING_FOUR = from_gateway(IP(src=GATEWAY, dst=FOUR) / ICMP(id=1))


def play_translator(
    folder: Path, six: Sequence[tuple[float, Packet]], four: Sequence[tuple[float, Packet]] = ()
) -> Played:
    """Play the translator for twenty seconds; pings make it ask for its neighbors, who answer."""
    told = is_at(GATEWAY, GATEWAY_MAC, FOUR, FOUR_MAC)
    arriving = {
        "eth1": [(0.0, PING_SIX), (0.1, ADVERTISED), *six],
        "eth2": [(0.0, PING_FOUR), (0.1, told), *four],
    }
    return play(EXAMPLES / "translator.click", arriving, folder, seconds=20)


def translated(folder: Path, packet: Packet, layer: type[Packet]) -> Packet:
    """Return what becomes of the client's packet on the IPv4 link."""
    sent = play_translator(folder, [(1, from_client(packet))]).sent["eth2"]
    [out] = [frame for frame in packets_of(sent, layer) if frame[IP].dst == SERVER]
    assert (out.src, out.dst) == (FOUR_MAC, GATEWAY_MAC)
    assert out[IP].src == POOL
    return out


def test_a_client_of_ipv6_opens_a_tcp_connection_to_a_server_of_ipv4(tmp_path: Path) -> None:
    syn = IPv6(src=CLIENT, dst=EMBEDDED, hlim=64) / TCP(
        sport=5000, dport=80, flags="S", seq=100, options=[("MSS", 1440)]
    )
    out = translated(tmp_path, syn, TCP)
    assert (out[TCP].dport, out[TCP].flags, out[TCP].seq, out[TCP].options) == (80, "S", 100, [("MSS", 1440)])
    assert out[IP].ttl == 63

    answer = IP(src=SERVER, dst=POOL, ttl=60) / TCP(sport=80, dport=out[TCP].sport, flags="SA", seq=9, ack=101)
    ack = IPv6(src=CLIENT, dst=EMBEDDED) / TCP(sport=5000, dport=80, flags="PA", seq=101, ack=10) / Raw(b"GET /")
    played = play_translator(tmp_path, [(1, from_client(syn)), (3, from_client(ack))], [(2, from_gateway(answer))])
    [back] = packets_of(played.sent["eth1"], TCP)
    assert (back.src, back.dst) == (SIX_MAC, CLIENT_MAC)
    assert (back[IPv6].src, back[TCP].sport, back[IPv6].dst, back[TCP].dport) == (EMBEDDED, 80, CLIENT, 5000)
    assert (back[IPv6].hlim, back[TCP].flags, back[TCP].ack) == (59, "SA", 101)
    [_, data] = packets_of(played.sent["eth2"], TCP)
    assert (data[IP].src, data[TCP].sport, data[Raw].load) == (POOL, out[TCP].sport, b"GET /")


def test_a_udp_query_is_answered_over_both_protocols(tmp_path: Path) -> None:
    query = IPv6(src=CLIENT, dst=EMBEDDED) / UDP(sport=5353, dport=53) / Raw(b"who?")
    out = translated(tmp_path, query, UDP)
    assert (out[UDP].dport, out[Raw].load) == (53, b"who?")

    answer = IP(src=SERVER, dst=POOL) / UDP(sport=53, dport=out[UDP].sport) / Raw(b"me")
    other = IP(src=SERVER, dst=POOL) / UDP(sport=53, dport=out[UDP].sport ^ 2) / Raw(b"unasked")
    played = play_translator(tmp_path, [(1, from_client(query))], [(2, from_gateway(answer)), (3, from_gateway(other))])
    [back] = packets_of(played.sent["eth1"], UDP)
    assert (back[IPv6].src, back[UDP].sport, back[IPv6].dst, back[UDP].dport) == (EMBEDDED, 53, CLIENT, 5353)
    assert back[Raw].load == b"me"


def test_a_ping_of_icmpv6_becomes_one_of_icmp_and_its_reply_comes_back(tmp_path: Path) -> None:
    ping = IPv6(src=CLIENT, dst=EMBEDDED) / ICMPv6EchoRequest(id=77, seq=3, data=b"data")
    out = translated(tmp_path, ping, ICMP)
    assert (out[ICMP].type, out[ICMP].seq, out[Raw].load) == (8, 3, b"data")

    reply = IP(src=SERVER, dst=POOL) / ICMP(type="echo-reply", id=out[ICMP].id, seq=3) / Raw(b"data")
    played = play_translator(tmp_path, [(1, from_client(ping))], [(2, from_gateway(reply))])
    [_, back] = packets_of(played.sent["eth1"], ICMPv6EchoReply)
    assert (back[IPv6].src, back[IPv6].dst) == (EMBEDDED, CLIENT)
    assert (back[ICMPv6EchoReply].id, back[ICMPv6EchoReply].seq, back[ICMPv6EchoReply].data) == (77, 3, b"data")


def test_an_icmp_error_comes_back_about_the_packet_that_the_client_sent(tmp_path: Path) -> None:
    query = IPv6(src=CLIENT, dst=EMBEDDED) / UDP(sport=5353, dport=53) / Raw(b"who?")
    out = translated(tmp_path, query, UDP)
    error = IP(src="198.51.100.1", dst=POOL) / ICMP(type=3, code=1) / out[IP]
    played = play_translator(tmp_path, [(1, from_client(query))], [(2, from_gateway(error))])
    [back] = packets_of(played.sent["eth1"], ICMPv6DestUnreach)
    assert (back[IPv6].src, back[IPv6].dst, back[ICMPv6DestUnreach].code) == ("64:ff9b::c633:6401", CLIENT, 0)
    quoted = back[IPerror6]
    assert (quoted.src, quoted.dst, quoted[UDPerror].sport, quoted[UDPerror].dport) == (CLIENT, EMBEDDED, 5353, 53)
    assert quoted[UDPerror].chksum == Ether(bytes(from_client(query)))[UDP].chksum


def test_neighbors_of_both_links_find_the_translator(tmp_path: Path) -> None:
    asked = Ether(src=CLIENT_MAC, dst="33:33:ff:00:00:01") / IPv6(src=CLIENT, dst="ff02::1:ff00:1", hlim=255)
    asked = asked / ICMPv6ND_NS(tgt=SIX) / ICMPv6NDOptSrcLLAddr(lladdr=CLIENT_MAC)
    who_has = [
        Ether(src=GATEWAY_MAC, dst="ff:ff:ff:ff:ff:ff") / ARP(psrc=GATEWAY, pdst=address) for address in (FOUR, POOL)
    ]
    arriving = {"eth1": [(1.0, asked)], "eth2": [(1.0 + turn, frame) for turn, frame in enumerate(who_has)]}
    played = play(EXAMPLES / "translator.click", arriving, tmp_path, seconds=5)
    [advertised] = packets_of(played.sent["eth1"], ICMPv6ND_NA)
    assert (advertised[ICMPv6ND_NA].tgt, advertised[ICMPv6NDOptDstLLAddr].lladdr) == (SIX, SIX_MAC)
    assert (advertised.dst, advertised[IPv6].dst, advertised[IPv6].hlim) == (CLIENT_MAC, CLIENT, 255)
    assert [(reply[ARP].psrc, reply[ARP].hwsrc) for reply in played.sent["eth2"]] == [
        (address, FOUR_MAC) for address in (FOUR, POOL)
    ]


def test_the_translator_looks_for_its_neighbors_and_is_answered_by_them(tmp_path: Path) -> None:
    played = play_translator(tmp_path, [])
    [question] = packets_of(played.sent["eth1"], ICMPv6ND_NS)
    assert (question[ICMPv6ND_NS].tgt, question[ICMPv6NDOptSrcLLAddr].lladdr) == (CLIENT, SIX_MAC)
    assert (question.dst, question[IPv6].dst) == ("33:33:ff:00:00:20", "ff02::1:ff00:20")
    [pong] = packets_of(played.sent["eth1"], ICMPv6EchoReply)
    assert (pong.dst, pong[IPv6].src, pong[IPv6].dst) == (CLIENT_MAC, SIX, CLIENT)
    [arp, reply] = played.sent["eth2"]
    assert arp[ARP].pdst == GATEWAY
    assert (reply.dst, reply[IP].src, reply[ICMP].type) == (GATEWAY_MAC, FOUR, 0)


def test_an_answer_that_is_too_long_for_ipv6_leaves_in_fragments_or_is_refused(tmp_path: Path) -> None:
    query = IPv6(src=CLIENT, dst=EMBEDDED) / UDP(sport=5353, dport=53) / Raw(b"who?")
    out = translated(tmp_path, query, UDP)
    content = bytes(value % 251 for value in range(1472))
    answer = IP(src=SERVER, dst=POOL) / UDP(sport=53, dport=out[UDP].sport) / Raw(content)
    whole = answer.copy()
    whole.flags = "DF"
    played = play_translator(tmp_path, [(1, from_client(query))], [(2, from_gateway(answer)), (3, from_gateway(whole))])
    fragments = [frame for frame in played.sent["eth1"] if IPv6ExtHdrFragment in frame]
    assert all(len(fragment[IPv6]) <= 1500 for fragment in fragments)
    payload = b"".join(bytes(fragment[IPv6ExtHdrFragment].payload) for fragment in fragments)
    assert payload[8:] == content
    header = IPv6(src=EMBEDDED, dst=CLIENT) / UDP(sport=53, dport=5353) / Raw(content)
    assert payload[:8] == bytes(header)[40:48]
    [refusal] = [frame for frame in packets_of(played.sent["eth2"], ICMP) if frame[ICMP].type == 3]
    assert (refusal[IP].src, refusal[IP].dst, refusal[ICMP].code) == (FOUR, SERVER, 4)
    assert refusal[ICMP].nexthopmtu == 1480


def test_a_client_is_told_when_hops_are_over_and_where_there_is_no_route(tmp_path: Path) -> None:
    last = IPv6(src=CLIENT, dst=EMBEDDED, hlim=1) / UDP(sport=5353, dport=33434)
    nowhere = IPv6(src=CLIENT, dst="2001:db8:2::1") / UDP(sport=5353, dport=53)
    played = play_translator(tmp_path, [(1, from_client(last)), (2, from_client(nowhere))])
    [expired] = packets_of(played.sent["eth1"], ICMPv6TimeExceeded)
    [unreachable] = packets_of(played.sent["eth1"], ICMPv6DestUnreach)
    assert (expired[IPv6].src, expired[IPerror6].dst) == (SIX, EMBEDDED)
    assert (unreachable[IPv6].src, unreachable[ICMPv6DestUnreach].code) == (SIX, 0)
    assert [frame for frame in played.sent["eth2"] if UDP in frame] == []
