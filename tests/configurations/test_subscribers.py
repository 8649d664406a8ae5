# SPDX-License-Identifier: Apache-2.0
"""The edge where subscribers are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scapy.layers.inet import ICMP, IP, UDP, IPerror
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet, Raw

from .played_devices import EXAMPLES, Played, is_at, packets_of, play

EDGE_MAC, CORE, CORE_MAC = "02:00:00:00:01:01", "203.0.113.2", "02:00:00:00:02:01"
GATEWAY, GATEWAY_MAC, SERVER = "203.0.113.1", "02:00:00:00:02:fe", "192.0.2.80"
ALICE, ALICE_MAC, ALICE_GATE, ALICE_VLAN = "198.51.100.10", "02:00:00:00:01:0a", "198.51.100.9", 101
BOB, BOB_MAC, BOB_GATE, BOB_VLAN = "198.51.100.18", "02:00:00:00:01:0b", "198.51.100.17", 102


def tagged(frame: Packet, vlan: int) -> Packet:
    return Ether(src=frame.src, dst=frame.dst) / Dot1Q(vlan=vlan, type=frame.type) / frame.payload


def from_alice(packet: Packet) -> Packet:
    return tagged(Ether(src=ALICE_MAC, dst=EDGE_MAC) / packet, ALICE_VLAN)


def from_bob(packet: Packet) -> Packet:
    return tagged(Ether(src=BOB_MAC, dst=EDGE_MAC) / packet, BOB_VLAN)


def from_gateway(packet: Packet) -> Packet:
    return Ether(src=GATEWAY_MAC, dst=CORE_MAC) / packet


def play_edge(
    folder: Path,
    access: Sequence[tuple[float, Packet]] = (),
    core: Sequence[tuple[float, Packet]] = (),
    *,
    seconds: float = 10,
    writes: Sequence[tuple[float, str]] = (),
    handlers: Sequence[str] = (),
) -> Played:
    """Play the edge; pings make it ask for its neighbors, who answer."""
    arriving = {
        "eth1": [
            (0.0, from_alice(IP(src=ALICE, dst=ALICE_GATE) / ICMP(id=1))),
            (0.0, from_bob(IP(src=BOB, dst=BOB_GATE) / ICMP(id=1))),
            (0.1, tagged(is_at(ALICE, ALICE_MAC, ALICE_GATE, EDGE_MAC), ALICE_VLAN)),
            (0.1, tagged(is_at(BOB, BOB_MAC, BOB_GATE, EDGE_MAC), BOB_VLAN)),
            *access,
        ],
        "eth2": [
            (0.0, from_gateway(IP(src=GATEWAY, dst=CORE) / ICMP(id=1))),
            (0.1, is_at(GATEWAY, GATEWAY_MAC, CORE, CORE_MAC)),
            *core,
        ],
    }
    configuration = EXAMPLES / "subscriber-edge.click"
    return play(configuration, arriving, folder, seconds=seconds, writes=writes, handlers=handlers)


def stream(frame: Packet, packets_a_second: int, *, seconds: int) -> list[tuple[float, Packet]]:
    """Return the frame as often as that, from 1 s on."""
    return [(1 + turn / packets_a_second, frame) for turn in range(packets_a_second * seconds)]


def sent_from(frames: Sequence[Packet], source: str) -> int:
    return sum(frame[IP].src == source for frame in frames if UDP in frame)


def test_a_subscribers_packets_reach_the_core_without_tag_and_answers_come_back_with_it(tmp_path: Path) -> None:
    query = from_alice(IP(src=ALICE, dst=SERVER) / UDP(sport=5353, dport=53) / Raw(b"who?"))
    answer = from_gateway(IP(src=SERVER, dst=ALICE) / UDP(sport=53, dport=5353) / Raw(b"me"))
    played = play_edge(tmp_path, [(1, query)], [(2, answer)])
    [out] = packets_of(played.sent["eth2"], UDP)
    assert (out.src, out.dst, Dot1Q in out) == (CORE_MAC, GATEWAY_MAC, False)
    assert (out[IP].src, out[IP].dst, out[IP].ttl, out[Raw].load) == (ALICE, SERVER, 63, b"who?")
    [back] = packets_of(played.sent["eth1"], UDP)
    assert (back.src, back.dst, back[Dot1Q].vlan) == (EDGE_MAC, ALICE_MAC, ALICE_VLAN)
    assert (back[IP].src, back[IP].dst, back[IP].ttl, back[Raw].load) == (SERVER, ALICE, 63, b"me")


def test_a_packet_with_another_subscribers_address_is_dropped(tmp_path: Path) -> None:
    as_bob = from_alice(IP(src=BOB, dst=SERVER) / UDP())
    as_nobody = from_alice(IP(src="192.0.2.1", dst=SERVER) / UDP())
    as_alice_from_the_core = from_gateway(IP(src=ALICE, dst=BOB) / UDP())
    handlers = ["alice/spoofed.count", "bob/spoofed.count", "spoofed.count"]
    played = play_edge(tmp_path, [(1, as_bob), (2, as_nobody)], [(3, as_alice_from_the_core)], handlers=handlers)
    assert packets_of(played.sent["eth2"], UDP) + packets_of(played.sent["eth1"], UDP) == []
    assert played.values == {"alice/spoofed.count": "2", "bob/spoofed.count": "0", "spoofed.count": "1"}


def test_who_sends_too_much_gets_its_rate_and_takes_none_of_another_ones(tmp_path: Path) -> None:
    # 1000 bytes of IP each: Alice offers 2.4 Mbit/s where 1 is hers, Bob 1.6 where 2 are his.
    alice = from_alice(IP(src=ALICE, dst=SERVER) / UDP(sport=4000, dport=4001) / Raw(bytes(972)))
    bob = from_bob(IP(src=BOB, dst=SERVER) / UDP(sport=4000, dport=4001) / Raw(bytes(972)))
    both = sorted([*stream(alice, 300, seconds=2), *stream(bob, 200, seconds=2)], key=lambda one: one[0])
    played = play_edge(tmp_path, both, seconds=3)
    assert 2 * 125 - 5 <= sent_from(played.sent["eth2"], ALICE) <= 2 * 125 + 12
    assert sent_from(played.sent["eth2"], BOB) == 2 * 200


def test_a_download_has_a_rate_of_its_own_that_can_be_changed(tmp_path: Path) -> None:
    # 8 Mbit/s are offered; 4 are Alice's, then 2.
    download = from_gateway(IP(src=SERVER, dst=ALICE) / UDP(sport=4000, dport=4001) / Raw(bytes(972)))
    whole = play_edge(tmp_path, core=stream(download, 1000, seconds=1), seconds=2)
    assert 500 - 10 <= sent_from(whole.sent["eth1"], SERVER) <= 500 + 30
    writes = [(1.5, "alice/down.rate 2Mbps")]
    half = play_edge(tmp_path, core=stream(download, 1000, seconds=1), seconds=2, writes=writes)
    assert 250 + 125 - 10 <= sent_from(half.sent["eth1"], SERVER) <= 250 + 125 + 40


def test_a_subscribers_call_does_not_wait_behind_its_download(tmp_path: Path) -> None:
    download = from_gateway(IP(src=SERVER, dst=ALICE) / UDP(sport=4000, dport=4001) / Raw(bytes(972)))
    call = from_gateway(IP(src="192.0.2.81", dst=ALICE) / UDP(sport=4002, dport=4003) / Raw(bytes(160)))
    both = sorted([*stream(download, 1000, seconds=1), *stream(call, 50, seconds=1)], key=lambda one: one[0])
    played = play_edge(tmp_path, core=both, seconds=2)
    assert sent_from(played.sent["eth1"], "192.0.2.81") == 50


def test_subscribers_reach_each_other_by_the_edge(tmp_path: Path) -> None:
    played = play_edge(tmp_path, [(1, from_alice(IP(src=ALICE, dst=BOB) / UDP()))])
    [out] = packets_of(played.sent["eth1"], UDP)
    assert (out.dst, out[Dot1Q].vlan, out[IP].src, out[IP].ttl) == (BOB_MAC, BOB_VLAN, ALICE, 63)


def test_arp_is_answered_in_the_vlan_that_asked_for_its_own_gateway(tmp_path: Path) -> None:
    def who_has(address: str, vlan: int) -> Packet:
        return tagged(
            Ether(src=ALICE_MAC, dst="ff:ff:ff:ff:ff:ff") / ARP(psrc=ALICE, hwsrc=ALICE_MAC, pdst=address), vlan
        )

    asked = [
        (1.0, who_has(ALICE_GATE, ALICE_VLAN)),
        (2.0, who_has(BOB_GATE, ALICE_VLAN)),
        (3.0, who_has(ALICE_GATE, 103)),
    ]
    played = play(
        EXAMPLES / "subscriber-edge.click",
        {"eth1": asked, "eth2": []},
        tmp_path,
        seconds=5,
        handlers=["strange.count"],
    )
    [reply] = played.sent["eth1"]
    assert (reply[Dot1Q].vlan, reply[ARP].psrc, reply[ARP].hwsrc, reply.dst) == (
        ALICE_VLAN,
        ALICE_GATE,
        EDGE_MAC,
        ALICE_MAC,
    )
    assert played.values["strange.count"] == "1"


def test_who_asks_for_a_subscriber_that_there_is_not_is_told(tmp_path: Path) -> None:
    nobody = from_gateway(IP(src=SERVER, dst="198.51.100.99") / UDP())
    last = from_gateway(IP(src=SERVER, dst=ALICE, ttl=1) / UDP())
    played = play_edge(tmp_path, core=[(1, nobody), (2, last)])
    errors = [frame for frame in packets_of(played.sent["eth2"], ICMP) if frame[ICMP].type != 0]
    assert [(error[ICMP].type, error[ICMP].code, error[IP].dst) for error in errors] == [
        (3, 1, SERVER),
        (11, 0, SERVER),
    ]
    assert errors[0][IPerror].dst == "198.51.100.99"
    assert packets_of(played.sent["eth1"], UDP) == []
