# SPDX-License-Identifier: Apache-2.0
"""The VPN gateway as a stage, in the real engine behind played switches: scapy is the gateway of the other site."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scapy.layers.inet import ICMP, IP, UDP, fragment
from scapy.layers.ipsec import ESP, SecurityAssociation
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from .played_modules import GAP, NEIGHBOUR, Left, PlayedModules, plan_of

INSIDE, HOST, FAR = "192.168.5.9", "192.168.6.9", "10.99.0.7"
OURS, PEER = "192.168.6.254", "192.168.6.1"
PORT_MAC = "02:00:5e:00:59:01"
GATEWAY = "vpn-pm11"
OUT_KEY, IN_KEY, NEXT_KEY = bytes(range(20)), bytes(range(100, 136)), bytes(range(50, 86))
COUNTS = ("encrypt.count", "encrypt.drops", "decrypt.count", "decrypt.drops", "decrypt.replayed", "refused.count",
          "unprotected.count")  # fmt: skip
KEYS = [(0.1, f"encrypt.sa 0x1001 {OUT_KEY.hex()} -"), (0.1, f"decrypt.add 0x2001 {IN_KEY.hex()} - 0 1024")]


def association(spi: int, key: bytes, source: str, destination: str) -> SecurityAssociation:
    outer = IP(src=source, dst=destination)
    return SecurityAssociation(ESP, spi=spi, crypt_algo="AES-GCM", crypt_key=key, tunnel_header=outer)


def to_peer(spi: int = 0x1001, key: bytes = OUT_KEY) -> SecurityAssociation:
    return association(spi, key, OURS, PEER)


def from_peer(spi: int = 0x2001, key: bytes = IN_KEY) -> SecurityAssociation:
    return association(spi, key, PEER, OURS)


def packet(source: str, destination: str, number: int, length: int = 30, **fields: object) -> Packet:
    return IP(src=source, dst=destination, id=number, **fields) / UDP(sport=5, dport=6) / Raw(bytes(length))


def exchange(
    folder: Path, packets: Sequence[tuple[int, Packet]], writes: Sequence[tuple[float, str]] = KEYS
) -> tuple[list[Left], dict[str, int]]:
    """What comes out, and what the gateway counted. Neighbours of the router answer when all packets are in."""
    plan = plan_of("vpn-router")
    modules = PlayedModules(plan, folder, {0: [INSIDE, "10.0.5.1"], 1: [PEER, HOST]}, {GATEWAY: writes})
    left = modules.exchange(packets, COUNTS)
    return left, {name: int(modules.values[GATEWAY][name]) for name in COUNTS}


def test_what_goes_to_the_other_site_leaves_encrypted_for_the_same_neighbour(tmp_path: Path) -> None:
    plain = packet(INSIDE, HOST, 3)
    left, counted = exchange(
        tmp_path,
        [
            (0, packet(INSIDE, FAR, 1)),
            (0, packet("10.0.5.1", FAR, 2)),  # from no near network
            (0, plain),
            (0, packet(INSIDE, FAR, 4)),
        ],
    )
    assert {one.portid for one in left} == {1}
    frames = [one.packet.underlayer for one in left]
    assert {(frame[Ether].src, frame[Ether].dst) for frame in frames} == {(PORT_MAC, NEIGHBOUR)}
    sealed = [one.packet for one in left if one.packet.proto == 50]
    assert {(each.src, each.dst) for each in sealed} == {(OURS, PEER)}
    # The router of before took one off the time to live; the tunnel takes none.
    assert [bytes(to_peer().decrypt(each)) for each in sealed] == [
        bytes(packet(INSIDE, FAR, number, ttl=63)) for number in (1, 4)
    ]
    assert [one.packet.id for one in left if one.packet.proto == 17] == [3]
    assert (counted["encrypt.count"], counted["refused.count"]) == (2, 1)


def test_what_comes_from_the_other_site_is_let_in_by_the_tunnel_alone(tmp_path: Path) -> None:
    peer = from_peer()
    good = peer.encrypt(packet(FAR, INSIDE, 1))
    stranger = from_peer(key=bytes(36)).encrypt(packet(FAR, INSIDE, 9), seq_num=50)
    pieces = fragment(peer.encrypt(packet(FAR, INSIDE, 2, 1000)), 500)
    refused = [peer.encrypt(packet("198.51.100.1", INSIDE, 3)), peer.encrypt(packet(FAR, "10.0.5.1", 4))]
    unprotected = packet(FAR, INSIDE, 5)
    plain = packet(HOST, INSIDE, 6)
    arriving = [good, good, stranger, *pieces, *refused, unprotected, plain]
    left, counted = exchange(tmp_path, [(1, each) for each in arriving])
    assert [(one.portid, one.packet.id) for one in left] == [(0, 1), (0, 2), (0, 6)]
    assert bytes(left[0].packet) == bytes(packet(FAR, INSIDE, 1, ttl=63))
    assert counted == {
        "encrypt.count": 0,
        "encrypt.drops": 0,
        "decrypt.count": 4,
        "decrypt.drops": 2,
        "decrypt.replayed": 1,
        "refused.count": 2,
        "unprotected.count": 1,
    }


def test_without_keys_nothing_passes_between_the_sites_and_all_else_does(tmp_path: Path) -> None:
    sealed = from_peer().encrypt(packet(FAR, INSIDE, 2))
    left, counted = exchange(
        tmp_path,
        [(0, packet(INSIDE, FAR, 1)), (1, sealed), (0, packet(INSIDE, HOST, 3)), (1, packet(HOST, INSIDE, 4))],
        writes=(),
    )
    assert sorted((one.portid, one.packet.id) for one in left) == [(0, 4), (1, 3)]
    assert (counted["encrypt.drops"], counted["decrypt.drops"]) == (1, 1)


def test_what_does_not_fit_is_cut_or_answered_with_the_size_that_does(tmp_path: Path) -> None:
    left, _ = exchange(
        tmp_path,
        [
            (0, packet(INSIDE, FAR, 1, 1438 - 28, flags="DF")),
            (0, packet(INSIDE, FAR, 2, 1439 - 28, flags="DF")),
            (0, packet(INSIDE, FAR, 3, 1439 - 28)),
        ],
    )
    sealed = [one.packet for one in left if one.packet.proto == 50]
    assert max(map(len, sealed)) == 1492
    assert [(each.id, len(each)) for each in map(to_peer().decrypt, sealed)] == [(1, 1438), (3, 1436), (3, 23)]
    (answer,) = [one for one in left if ICMP in one.packet]
    assert (answer.portid, answer.packet.src, answer.packet.dst) == (0, PEER, INSIDE)
    assert (answer.packet[ICMP].type, answer.packet[ICMP].code, answer.packet[ICMP].nexthopmtu) == (3, 4, 1438)


def test_new_keys_take_over_between_two_packets(tmp_path: Path) -> None:
    number = 200
    old, new = from_peer(), from_peer(0x2002, NEXT_KEY)
    inward = [(1, (old if at < number / 2 else new).encrypt(packet(FAR, INSIDE, at))) for at in range(number)]
    half = 1 + number / 2 * GAP
    writes = [
        *KEYS,
        (half - 0.5, f"decrypt.add 0x2002 {NEXT_KEY.hex()} - 0 1024"),
        (half + 0.5, "decrypt.remove 0x2001"),
    ]
    left, counted = exchange(tmp_path, inward, writes)
    assert [one.packet.id for one in left] == list(range(number))
    assert (counted["decrypt.count"], counted["decrypt.drops"]) == (number, 0)
