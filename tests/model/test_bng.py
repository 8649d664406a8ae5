# SPDX-License-Identifier: Apache-2.0
"""The subscriber edge: the example's first module in the engine, in simulated time, with subscribers who keep to the rules and one who does not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from ansible.module_utils.flowstream.middleboxes.bng.subscriber import Subscriber
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet, Raw

from ..configurations.played_devices import Played, is_at, play
from .played_modules import plan_of

ACCESS, CORE = "02:00:5e:00:53:00", "02:00:5e:00:53:01"
HOME, NEIGHBOUR, OTHER_HOME = "02:00:00:00:01:01", "02:00:00:00:01:02", "02:00:00:00:02:01"
GATE, SERVER, SERVER_MAC = "192.168.5.254", "192.168.6.1", "02:00:00:00:06:01"
ALICE, BOB = ("192.168.5.1", 101, HOME), ("192.168.5.2", 102, NEIGHBOUR)
COUNTED = ("forged.count", "strange.count", "nobody.count", "forged101.count", "forged102.count")
HEADERS = 14 + 20 + 8
"""Bytes of a frame without a tag before the content of a datagram."""


def in_vlan(frame: Packet, vlan: int) -> Packet:
    return Ether(src=frame.src, dst=frame.dst) / Dot1Q(vlan=vlan, type=frame.type) / frame.payload


def sent_by(who: tuple[str, int, str], packet: Packet) -> Packet:
    _, vlan, mac = who
    return in_vlan(Ether(src=mac, dst=ACCESS) / packet, vlan)


def sent_outside(packet: Packet) -> Packet:
    return Ether(src=SERVER_MAC, dst=CORE) / packet


def datagram(source: str, destination: str, size: int = 100) -> Packet:
    return IP(src=source, dst=destination) / UDP(sport=5000, dport=5001) / Raw(bytes(size))


def play_edge(
    folder: Path, frames: Sequence[tuple[float, Packet]], *, seconds: float = 5, handlers: Sequence[str] = COUNTED
) -> Played:
    """Play the module that has Alice and Bob; whoever it asks for answers at the beginning."""
    config = folder / "module.click"
    (config_text,) = (pm.config for host in plan_of("bng").hosts.values() for pm in host.pms if pm.name == "bng-pm0")
    config.write_text(config_text)
    # Pings and an answer make the module ask for the three.
    beginning = [(0.1, sent_by(who, IP(src=who[0], dst=GATE) / ICMP(id=1))) for who in (ALICE, BOB)]
    beginning.append((0.1, sent_by(ALICE, IP(src=ALICE[0], dst=SERVER) / ICMP(id=1))))
    beginning += [(0.2, in_vlan(is_at(who[0], who[2], GATE, ACCESS), who[1])) for who in (ALICE, BOB)]
    beginning.append((0.2, is_at(SERVER, SERVER_MAC, "192.168.6.254", CORE)))
    arriving = {"eth0": sorted([*beginning, *frames], key=lambda one: one[0])}
    return play(config, arriving, folder, seconds=seconds, handlers=handlers)


def datagrams(played: Played) -> list[Packet]:
    return [frame for frame in played.sent["eth0"] if UDP in frame]


def test_a_subscriber_reaches_a_server_without_its_tag_and_is_reached_in_its_vlan(tmp_path: Path) -> None:
    there, back = datagram(ALICE[0], SERVER), datagram(SERVER, BOB[0])
    played = play_edge(tmp_path, [(1, sent_by(ALICE, there)), (2, sent_outside(back))])
    out, inward = datagrams(played)
    assert (out.src, out.dst, Dot1Q in out, out[IP].src, out[IP].ttl) == (CORE, SERVER_MAC, False, ALICE[0], 63)
    assert (inward.src, inward.dst, inward[Dot1Q].vlan) == (ACCESS, NEIGHBOUR, 102)
    assert set(played.values.values()) == {"0"}


def test_nobody_sends_as_another_one_nor_by_a_vlan_of_nobody(tmp_path: Path) -> None:
    forged = datagram(ALICE[0], SERVER)
    frames = [
        sent_by(BOB, forged),
        sent_by(BOB, datagram("198.51.100.9", SERVER)),
        in_vlan(Ether(src=NEIGHBOUR, dst=ACCESS) / forged, 103),
        Ether(src=NEIGHBOUR, dst=ACCESS) / forged,
        # From the network outside, with a tag as if it were a subscriber's.
        in_vlan(Ether(src=SERVER_MAC, dst=CORE) / datagram(ALICE[0], BOB[0]), 101),
        sent_outside(datagram(ALICE[0], BOB[0])),
        sent_outside(datagram(SERVER, "192.168.5.77")),
    ]
    played = play_edge(tmp_path, [(1 + number / 10, frame) for number, frame in enumerate(frames)])
    assert datagrams(played) == []
    assert list(played.values.values()) == ["2", "2", "1", "0", "2"]


def test_nobody_takes_anothers_address_by_arp(tmp_path: Path) -> None:
    lie = in_vlan(is_at(ALICE[0], NEIGHBOUR, GATE, ACCESS), 102)
    played = play_edge(tmp_path, [(1, lie), (2, sent_outside(datagram(SERVER, ALICE[0])))])
    [frame] = datagrams(played)
    assert (frame.dst, frame[Dot1Q].vlan) == (HOME, 101)
    assert played.values["forged102.count"] == "1"


def test_the_gateway_answers_arp_and_pings_in_each_vlan_also_those_of_other_modules(tmp_path: Path) -> None:
    def asked(vlan: int, address: str, mac: str) -> Packet:
        return in_vlan(Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / ARP(psrc=address, hwsrc=mac, pdst=GATE), vlan)

    ping = sent_by(BOB, IP(src=BOB[0], dst=GATE) / ICMP(id=7, seq=3))
    frames = [(1.0, asked(101, ALICE[0], HOME)), (1.1, asked(201, "10.0.5.1", OTHER_HOME)), (2.0, ping)]
    played = play_edge(tmp_path, frames)
    told = [frame for frame in played.sent["eth0"] if ARP in frame and frame[ARP].op == 2]
    assert [(frame[Dot1Q].vlan, frame.dst, frame[ARP].psrc, frame[ARP].hwsrc) for frame in told] == [
        (101, HOME, GATE, ACCESS),
        (201, OTHER_HOME, GATE, ACCESS),
    ]
    assert [(frame[ARP].hwdst, frame[ARP].pdst) for frame in told] == [(HOME, ALICE[0]), (OTHER_HOME, "10.0.5.1")]
    [pong] = [frame for frame in played.sent["eth0"] if ICMP in frame and frame[ICMP].id == 7]
    assert (pong[Dot1Q].vlan, pong.dst, pong[ICMP].type, pong[ICMP].seq) == (102, NEIGHBOUR, 0, 3)


def test_who_sends_beyond_its_rate_gets_its_rate_and_takes_none_of_anothers(tmp_path: Path) -> None:
    """Bob offers 4.8 Mbit/s where 2 are his, Alice 2.4 of her 20, for 2 s: his share is within 5 % and what a pause lets pass."""
    frame, seconds = 1000, 2
    bob = sent_by(BOB, datagram(BOB[0], SERVER, frame - HEADERS))
    alice = sent_by(ALICE, datagram(ALICE[0], SERVER, frame - HEADERS))
    offered = [(1 + turn / 600, bob) for turn in range(600 * seconds)]
    offered += [(1 + turn / 300, alice) for turn in range(300 * seconds)]
    handlers = ("up102.count", "up102_queue.drops", "up101_queue.drops")
    played = play_edge(tmp_path, offered, seconds=1 + seconds, handlers=handlers)
    out = datagrams(played)
    passed = sum(len(one) for one in out if one[IP].src == BOB[0])
    rate = 2_000_000 / 8
    assert 0.95 * rate * seconds <= passed <= 1.05 * rate * seconds + 0.05 * rate
    assert sum(one[IP].src == ALICE[0] for one in out) >= 300 * seconds - 1
    # One more is his ping.
    assert played.values["up102.count"] == str(600 * seconds + 1)
    assert int(played.values["up102_queue.drops"]) > 0
    assert played.values["up101_queue.drops"] == "0"


def test_what_is_sent_to_one_subscriber_beyond_its_rate_waits_for_nobody_else(tmp_path: Path) -> None:
    """Bob's 8 Mbit/s downward, 24 offered; Alice is sent 8 of her 50."""
    packet, seconds = 1000, 1
    to_bob = sent_outside(datagram(SERVER, BOB[0], packet - 28))
    to_alice = sent_outside(datagram(SERVER, ALICE[0], packet - 28))
    offered = [(1 + turn / 3000, to_bob) for turn in range(3000 * seconds)]
    offered += [(1 + turn / 1000, to_alice) for turn in range(1000 * seconds)]
    played = play_edge(tmp_path, offered, seconds=1 + seconds, handlers=("down101_queue.drops",))
    out = datagrams(played)
    passed = sum(len(one[IP]) for one in out if one[IP].dst == BOB[0])
    rate = 8_000_000 / 8
    assert 0.95 * rate * seconds <= passed <= 1.05 * rate * seconds + 0.05 * rate
    assert {one[Dot1Q].vlan for one in out if one[IP].dst == BOB[0]} == {102}
    assert sum(one[IP].dst == ALICE[0] for one in out) >= 1000 * seconds - 1
    assert played.values["down101_queue.drops"] == "0"


@given(st.integers(1, 4094), st.integers(0, 2**32 - 1), st.integers(1, 100_000), st.integers(1, 100_000))
def test_a_plan_reads_a_subscriber_as_it_was(vlan: int, address: int, up: int, down: int) -> None:
    assert Subscriber.parse(str(Subscriber(vlan, address, up, down))) == Subscriber(vlan, address, up, down)


def test_of_random_frames_those_leave_whose_vlan_and_source_are_of_one_subscriber(tmp_path: Path) -> None:
    choose, frames, expected = random.Random(17), [], {}
    own = {(101, ALICE[0]), (102, BOB[0])}
    towards = {SERVER: None, ALICE[0]: 101, BOB[0]: 102}
    for number in range(600):
        vlan = choose.choice([None, 101, 102, 103, 201])
        source = choose.choice([ALICE[0], BOB[0], "192.168.5.3", "10.0.5.1", SERVER, GATE, "203.0.113.1"])
        destination = choose.choice(list(towards))
        packet = IP(src=source, dst=destination) / UDP(sport=5000, dport=5001) / Raw(number.to_bytes(2, "big"))
        frame = Ether(src=HOME, dst=choose.choice([ACCESS, ACCESS, CORE])) / packet
        frames.append((1 + number / 100, frame if vlan is None else in_vlan(frame, vlan)))
        of_subscriber = frame.dst == ACCESS and (vlan, source) in own
        of_outside = frame.dst == CORE and vlan is None and source in (SERVER, "203.0.113.1")
        if of_subscriber or of_outside:
            expected[number] = towards[destination]
    played = play_edge(tmp_path, frames, seconds=8)
    came = {
        int.from_bytes(bytes(frame[Raw])[:2], "big"): frame[Dot1Q].vlan if Dot1Q in frame else None
        for frame in datagrams(played)
    }
    assert came == expected
    assert len(expected) > 20
