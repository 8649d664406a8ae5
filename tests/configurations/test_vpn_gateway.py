# SPDX-License-Identifier: Apache-2.0
"""The VPN gateway: a host inside, and scapy as the other site's gateway outside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scapy.layers.inet import ICMP, IP, UDP, IPerror, fragment
from scapy.layers.ipsec import ESP, SecurityAssociation
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet, Raw

from .played_devices import EXAMPLES, Played, is_at, packets_of, play

LAN_MAC, WAN_MAC = "02:00:00:00:01:01", "02:00:00:00:02:01"
HOST, HOST_IP = "02:00:00:00:01:09", "10.1.0.9"
GATEWAY, GATEWAY_IP = "02:00:00:00:02:fe", "203.0.113.254"
OURS, PEER = "203.0.113.1", "198.51.100.1"
THEIRS = "10.2.0.7"
OUT_KEY, IN_KEY = bytes(range(20)), bytes(range(100, 136))
HANDLERS = ("encrypt.count", "encrypt.drops", "decrypt.count", "decrypt.drops", "decrypt.replayed", "refused.count")


def to_peer(spi: int = 0x1001, key: bytes = OUT_KEY) -> SecurityAssociation:
    return SecurityAssociation(ESP, spi=spi, crypt_algo="AES-GCM", crypt_key=key, tunnel_header=IP(src=OURS, dst=PEER))


def from_peer(spi: int = 0x2001, key: bytes = IN_KEY) -> SecurityAssociation:
    outer = IP(src=PEER, dst=OURS)
    return SecurityAssociation(ESP, spi=spi, crypt_algo="AES-GCM", crypt_key=key, tunnel_header=outer)


def inside(packet: Packet) -> Packet:
    return Ether(src=HOST, dst=LAN_MAC) / packet


def outside(packet: Packet) -> Packet:
    return Ether(src=GATEWAY, dst=WAN_MAC) / packet


def gateway(
    tmp_path: Path,
    lan: Sequence[tuple[float, Packet]] = (),
    wan: Sequence[tuple[float, Packet]] = (),
    writes: Sequence[tuple[float, str]] = (),
) -> Played:
    """Play the gateway, who knows its neighbours' addresses, and has keys from the start."""
    known_lan = [
        (0.1, inside(IP(src=HOST_IP, dst="10.1.0.1") / ICMP())),
        (0.2, is_at(HOST_IP, HOST, "10.1.0.1", LAN_MAC)),
    ]
    known_wan = [(0.2, is_at(GATEWAY_IP, GATEWAY, OURS, WAN_MAC))]
    keys = [(0.05, f"encrypt.sa 0x1001 {OUT_KEY.hex()} -"), (0.05, f"decrypt.add 0x2001 {IN_KEY.hex()} - 0 1024")]
    first = [(0.15, inside(packet_to_peer(0)))]
    return play(
        EXAMPLES / "vpn-gateway.click",
        {"eth1": [*known_lan[:1], *first, *known_lan[1:], *lan], "eth2": [*known_wan, *wan]},
        tmp_path,
        seconds=6,
        handlers=HANDLERS,
        writes=[*keys, *writes],
    )


def packet_to_peer(number: int, length: int = 30, **fields: object) -> Packet:
    return IP(src=HOST_IP, dst=THEIRS, id=number, **fields) / UDP(sport=5, dport=6) / Raw(bytes(length))


def packet_from_peer(number: int, length: int = 30, **fields: object) -> Packet:
    return IP(src=THEIRS, dst=HOST_IP, id=number, **fields) / UDP(sport=6, dport=5) / Raw(bytes(length))


def opened(played: Played, association: SecurityAssociation) -> list[Packet]:
    """What left through the tunnel, as the peer gets it; the first one is that of `gateway`."""
    sealed = [frame[IP] for frame in packets_of(played.sent["eth2"], ESP)]
    assert all((packet.src, packet.dst) == (OURS, PEER) for packet in sealed)
    return [association.decrypt(packet) for packet in sealed]


def test_what_goes_to_the_other_site_leaves_encrypted_and_nothing_else_leaves(tmp_path: Path) -> None:
    lan = [
        (1.0, inside(packet_to_peer(1))),
        (1.1, inside(IP(src=HOST_IP, dst="192.0.2.1") / UDP())),
        (1.2, inside(IP(src="10.9.0.1", dst=THEIRS) / UDP())),
        (1.3, inside(packet_to_peer(2))),
    ]
    played = gateway(tmp_path, lan=lan)
    assert {ARP in frame or (ESP in frame and frame.dst == GATEWAY) for frame in played.sent["eth2"]} == {True}
    assert played.values["refused.count"] == "2"
    packets = opened(played, to_peer())
    assert [bytes(packet) for packet in packets] == [bytes(packet_to_peer(number, ttl=63)) for number in range(3)]


def test_what_the_other_site_sends_reaches_the_host_and_nothing_else_does(tmp_path: Path) -> None:
    peer = from_peer()
    good = peer.encrypt(packet_from_peer(1))
    other_source = peer.encrypt(IP(src="192.0.2.1", dst=HOST_IP) / UDP())
    other_destination = peer.encrypt(IP(src=THEIRS, dst="192.0.2.1") / UDP())
    plain = packet_from_peer(2)
    stranger = from_peer(key=bytes(36)).encrypt(packet_from_peer(3), seq_num=50)
    pieces = fragment(peer.encrypt(packet_from_peer(4, 1000)), 500)
    wan = [
        (1.0 + at / 10, outside(packet))
        for at, packet in enumerate([good, good, other_source, other_destination, plain, stranger, *pieces])
    ]
    played = gateway(tmp_path, wan=wan)
    arrived = packets_of(played.sent["eth1"], UDP)
    assert [bytes(frame[IP]) for frame in arrived] == [
        bytes(packet_from_peer(1, ttl=63)),
        bytes(packet_from_peer(4, 1000, ttl=63)),
    ]
    assert {frame.dst for frame in arrived} == {HOST}
    assert (played.values["decrypt.replayed"], played.values["decrypt.drops"]) == ("1", "2")
    assert played.values["refused.count"] == "3"


def test_what_does_not_fit_through_the_tunnel_is_answered_or_cut(tmp_path: Path) -> None:
    lan = [
        (1.0, inside(packet_to_peer(1, 1438 - 28, flags="DF"))),
        (1.1, inside(packet_to_peer(2, 1439 - 28, flags="DF"))),
        (1.2, inside(packet_to_peer(3, 1439 - 28))),
        (1.3, inside(packet_to_peer(4, ttl=1))),
    ]
    played = gateway(tmp_path, lan=lan)
    assert max(len(frame[IP]) for frame in packets_of(played.sent["eth2"], ESP)) == 1492
    packets = opened(played, to_peer())
    assert [(packet.id, len(packet), packet.frag) for packet in packets[1:]] == [
        (1, 1438, 0),
        (3, 1436, 0),
        (3, 23, 177),
    ]
    _, too_long, dead = packets_of(played.sent["eth1"], ICMP)
    assert (too_long[ICMP].type, too_long[ICMP].code, too_long[ICMP].nexthopmtu) == (3, 4, 1438)
    assert (dead[ICMP].type, dead[ICMP].code, dead[IPerror].id) == (11, 0, 4)


def test_the_other_site_may_ping_the_gateway(tmp_path: Path) -> None:
    ping = IP(src=THEIRS, dst="10.1.0.1") / ICMP(id=3, seq=4) / Raw(b"through")
    played = gateway(tmp_path, wan=[(1.0, outside(from_peer().encrypt(ping)))])
    reply = opened(played, to_peer())[1]
    assert (reply.src, reply.dst, reply[ICMP].type, reply[ICMP].seq) == ("10.1.0.1", THEIRS, 0, 4)
    assert reply[Raw].load == b"through"


def test_keys_change_as_the_example_says_and_nothing_is_lost(tmp_path: Path) -> None:
    new_out, new_in = bytes(range(50, 70)), bytes(range(30, 50))
    lan = [(1 + at / 100, inside(packet_to_peer(at + 1))) for at in range(300)]
    old_peer, new_peer = from_peer(), from_peer(0x2002, new_in)
    wan = [
        (1 + at / 100, outside((old_peer if at < 150 else new_peer).encrypt(packet_from_peer(at)))) for at in range(300)
    ]
    writes = [
        (2.0, f"decrypt.add 0x2002 {new_in.hex()} - 0 1024"),
        (2.2, f"encrypt.sa 0x1002 {new_out.hex()} -"),
        (3.0, "decrypt.remove 0x2001"),
    ]
    played = gateway(tmp_path, lan=lan, wan=wan, writes=writes)
    peers = {0x1001: to_peer(), 0x1002: to_peer(0x1002, new_out)}
    sealed = [frame[IP] for frame in packets_of(played.sent["eth2"], ESP)]
    assert {packet[ESP].spi for packet in sealed} == set(peers)
    assert [peers[packet[ESP].spi].decrypt(packet).id for packet in sealed] == list(range(301))
    assert [frame[IP].id for frame in packets_of(played.sent["eth1"], UDP)] == list(range(300))
    assert (played.values["encrypt.drops"], played.values["decrypt.drops"]) == ("0", "0")
