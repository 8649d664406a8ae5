# SPDX-License-Identifier: Apache-2.0
"""The router between VLANs: hosts of VLAN 10 and VLAN 20 behind one cable."""

from __future__ import annotations

from pathlib import Path

from scapy.layers.inet import ICMP, IP, UDP, IPerror
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet, Raw

from .played_devices import EXAMPLES, play

ROUTER = "02:00:00:00:00:01"
A, A_IP = "02:00:00:00:00:0a", "10.0.10.2"
B, B_IP = "02:00:00:00:00:0b", "10.0.20.2"
EVERYBODY = "ff:ff:ff:ff:ff:ff"


def from_a(packet: Packet, to: str = ROUTER, priority: int = 0) -> Packet:
    return Ether(src=A, dst=to) / Dot1Q(vlan=10, prio=priority) / packet


def to_b(payload: bytes, ttl: int = 64) -> Packet:
    return IP(src=A_IP, dst=B_IP, ttl=ttl, id=7) / UDP(sport=1000, dport=2000) / Raw(payload)


def arp(operation: str, mac: str, ip: str, asked: str, vlan: int, to: str = EVERYBODY) -> Packet:
    return Ether(src=mac, dst=to) / Dot1Q(vlan=vlan) / ARP(op=operation, hwsrc=mac, psrc=ip, pdst=asked)


def routed(tmp_path: Path, *arriving: Packet) -> list[Packet]:
    """What leaves when these frames arrive a second apart, after A has answered the router's question for it."""
    frames = [(float(at), frame) for at, frame in enumerate(arriving)]
    answer = arp("is-at", A, A_IP, "10.0.10.1", 10, ROUTER)
    asked_for = from_a(IP(src=A_IP, dst="10.0.10.1") / ICMP(id=1, seq=1))
    arriving_all = [(0.0, asked_for), (0.5, answer), *((1 + at, frame) for at, frame in frames)]
    played = play(EXAMPLES / "vlan-router.click", {"eth1": arriving_all}, tmp_path, seconds=len(frames) + 2)
    question, first_reply, *rest = played.sent["eth1"]
    assert (question[Dot1Q].vlan, question[ARP].pdst, question[ARP].psrc) == (10, A_IP, "10.0.10.1")
    assert first_reply[ICMP].seq == 1
    return rest


def right(packet: Packet, *layers: type[Packet]) -> bool:
    """Whether the checksums of these layers are what scapy would write."""
    anew = packet.copy()
    for layer in layers:
        del anew[layer].chksum
    return bytes(anew) == bytes(packet)


def test_a_packet_to_another_vlan_waits_for_arp_and_leaves_with_that_vlans_tag(tmp_path: Path) -> None:
    answer = arp("is-at", B, B_IP, "10.0.20.1", 20, ROUTER)
    question, *packets = routed(tmp_path, from_a(to_b(b"first"), priority=5), answer, from_a(to_b(b"second")))
    assert (question.src, question.dst, question[Dot1Q].vlan) == (ROUTER, EVERYBODY, 20)
    assert (question[ARP].op, question[ARP].psrc, question[ARP].pdst) == (1, "10.0.20.1", B_IP)
    for payload, packet in zip((b"first", b"second"), packets, strict=True):
        expected = Ether(src=ROUTER, dst=B) / Dot1Q(vlan=20) / to_b(payload, ttl=63)
        assert bytes(packet) == bytes(expected)


def test_the_router_answers_arp_in_the_vlan_of_its_address_alone(tmp_path: Path) -> None:
    (reply,) = routed(
        tmp_path,
        arp("who-has", A, A_IP, "10.0.10.1", 10),
        arp("who-has", A, A_IP, "10.0.20.1", 10),
    )
    assert (reply.src, reply.dst, reply[Dot1Q].vlan) == (ROUTER, A, 10)
    assert (reply[ARP].op, reply[ARP].hwsrc, reply[ARP].psrc, reply[ARP].pdst) == (2, ROUTER, "10.0.10.1", A_IP)


def test_the_router_answers_pings_to_all_its_addresses(tmp_path: Path) -> None:
    pings = [
        from_a(IP(src=A_IP, dst=address) / ICMP(id=9, seq=seq) / Raw(b"x" * 56))
        for seq, address in enumerate(("10.0.10.1", "10.0.20.1", "10.0.30.1"))
    ]
    replies = routed(tmp_path, *pings)
    for ping, reply in zip(pings, replies, strict=True):
        assert (reply.src, reply.dst, reply[Dot1Q].vlan) == (ROUTER, A, 10)
        assert (reply[IP].src, reply[IP].dst) == (ping[IP].dst, A_IP)
        assert (reply[ICMP].type, reply[ICMP].id, reply[ICMP].seq) == (0, 9, ping[ICMP].seq)
        assert reply[Raw].load == b"x" * 56
        assert right(reply, IP, ICMP)


def test_a_packet_whose_time_is_over_is_answered_from_the_side_that_it_came_from(tmp_path: Path) -> None:
    dead = from_a(to_b(b"", ttl=1))
    (error,) = routed(tmp_path, dead)
    assert (error.src, error.dst, error[Dot1Q].vlan) == (ROUTER, A, 10)
    assert (error[IP].src, error[IP].dst, error[ICMP].type, error[ICMP].code) == ("10.0.10.1", A_IP, 11, 0)
    assert bytes(error[IPerror])[:28] == bytes(dead[IP])[:28]
    assert right(error, IP, ICMP)


def test_what_cannot_be_delivered_is_answered_with_its_reason(tmp_path: Path) -> None:
    nowhere, refused, too_long = routed(
        tmp_path,
        from_a(IP(src=A_IP, dst="192.0.2.1") / UDP()),
        from_a(IP(src=A_IP, dst="10.0.20.1") / UDP(dport=9)),
        from_a(IP(src=A_IP, dst=B_IP, flags="DF") / UDP() / Raw(bytes(1473))),
    )
    assert [(error[ICMP].type, error[ICMP].code) for error in (nowhere, refused, too_long)] == [(3, 0), (3, 3), (3, 4)]
    assert too_long[ICMP].nexthopmtu == 1500
    assert {error[IP].src for error in (nowhere, refused, too_long)} == {"10.0.10.1"}


def test_a_packet_longer_than_a_frame_leaves_in_fragments(tmp_path: Path) -> None:
    data = bytes(range(256)) * 12
    answer = arp("is-at", B, B_IP, "10.0.20.1", 20, ROUTER)
    _, *fragments = routed(tmp_path, from_a(to_b(data)), answer)
    assert len(fragments) == 3
    whole = b""
    for fragment in fragments:
        assert (fragment.dst, fragment[Dot1Q].vlan, fragment[IP].frag * 8, fragment[IP].ttl) == (B, 20, len(whole), 63)
        assert fragment[IP].len <= 1500
        assert right(fragment, IP)
        whole += bytes(fragment[IP].payload)
    assert [bool(fragment[IP].flags.MF) for fragment in fragments] == [True, True, False]
    assert whole == bytes(to_b(data)[UDP])


def test_vlans_and_networks_are_what_the_operator_says_and_the_rest_of_the_world_is_a_route(tmp_path: Path) -> None:
    a, b = Ether(src=A, dst=ROUTER) / Dot1Q(vlan=0xABC), Ether(src=B, dst=ROUTER) / Dot1Q(vlan=0xFFE)
    gateway = ARP(op="is-at", hwsrc=B, psrc="172.16.9.254", pdst="172.16.9.1")
    arriving = [
        (0.5, a / IP(src="192.168.7.2", dst="203.0.113.5") / UDP()),
        (1.0, b / gateway),
    ]
    played = play(
        EXAMPLES / "vlan-router.click",
        {"eth1": arriving},
        tmp_path,
        seconds=2,
        writes=[(0.1, "rt.set 0/0 172.16.9.254 2")],
        parameters={"vlan0": "abc", "net0": "192.168.7.1/24", "vlan2": "ffe", "net2": "172.16.9.1/24"},
    )
    question, packet = played.sent["eth1"]
    assert (question[Dot1Q].vlan, question[ARP].pdst) == (0xFFE, "172.16.9.254")
    assert (packet[Dot1Q].vlan, packet.dst, packet[IP].dst, packet[IP].ttl) == (0xFFE, B, "203.0.113.5", 63)


def test_frames_of_no_vlan_for_others_or_from_forged_addresses_go_nowhere(tmp_path: Path) -> None:
    packet = to_b(b"x")
    own_broadcast = IP(src="10.0.10.255", dst=B_IP) / UDP()
    wrong_sum = IP(src=A_IP, dst=B_IP, chksum=1) / UDP()
    assert not routed(
        tmp_path,
        Ether(src=A, dst=ROUTER) / packet,
        Ether(src=A, dst=ROUTER) / Dot1Q(vlan=99) / packet,
        Ether(src=A, dst=ROUTER) / Dot1Q(vlan=10) / Dot1Q(vlan=20) / packet,
        from_a(packet, to=B),
        from_a(packet, to=EVERYBODY),
        from_a(own_broadcast),
        from_a(wrong_sum),
    )
