# SPDX-License-Identifier: Apache-2.0
"""The gateway that translates addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPerror, UDPerror
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet, Raw

from .played_devices import EXAMPLES, Played, is_at, packets_of, play

CLIENT, CLIENT_MAC = "192.168.1.20", "02:00:00:00:01:20"
INSIDE, INSIDE_MAC = "192.168.1.1", "02:00:00:00:01:01"
OUTSIDE, OUTSIDE_MAC = "203.0.113.2", "02:00:00:00:02:01"
GATEWAY, GATEWAY_MAC = "203.0.113.1", "02:00:00:00:02:fe"
SERVER = "198.51.100.80"


def from_client(packet: Packet) -> Packet:
    return Ether(src=CLIENT_MAC, dst=INSIDE_MAC) / packet


def from_gateway(packet: Packet) -> Packet:
    return Ether(src=GATEWAY_MAC, dst=OUTSIDE_MAC) / packet


def play_gateway(
    folder: Path,
    inside: Sequence[tuple[float, Packet]],
    outside: Sequence[tuple[float, Packet]],
    *,
    seconds: float = 10,
    handlers: Sequence[str] = (),
) -> Played:
    """Play the gateway. From 0.1 s on it is told by ARP who is where, every now and then; so ask it for something at 0 s."""
    times = [0.1 + 30 * turn for turn in range(int(seconds // 30) + 1)]
    here: Mapping[str, list[tuple[float, Packet]]] = {
        "eth1": [(at, is_at(CLIENT, CLIENT_MAC, INSIDE, INSIDE_MAC)) for at in times],
        "eth2": [(at, is_at(GATEWAY, GATEWAY_MAC, OUTSIDE, OUTSIDE_MAC)) for at in times],
    }
    arriving = {
        "eth1": sorted([*here["eth1"], *inside], key=lambda one: one[0]),
        "eth2": sorted([*here["eth2"], *outside], key=lambda one: one[0]),
    }
    return play(EXAMPLES / "nat-gateway.click", arriving, folder, seconds=seconds, handlers=handlers)


# The gateway answers these, and has to ask for the client and the router to do so.
AWAKE_INSIDE = (0.0, from_client(IP(src=CLIENT, dst=INSIDE) / ICMP(id=1)))
AWAKE_OUTSIDE = (0.0, from_gateway(IP(src=SERVER, dst=OUTSIDE) / ICMP(id=1)))


def test_tcp_leaves_with_the_outside_address_and_its_answer_comes_back(tmp_path: Path) -> None:
    syn = from_client(IP(src=CLIENT, dst=SERVER, ttl=64) / TCP(sport=5000, dport=80, flags="S", seq=100))
    answer = from_gateway(IP(src=SERVER, dst=OUTSIDE, ttl=60) / TCP(sport=80, dport=5000, flags="SA", seq=900, ack=101))
    played = play_gateway(tmp_path, [AWAKE_INSIDE, (1, syn)], [AWAKE_OUTSIDE, (2, answer)])
    [out] = packets_of(played.sent["eth2"], TCP)
    assert (out.src, out.dst) == (OUTSIDE_MAC, GATEWAY_MAC)
    assert (out[IP].src, out[TCP].sport, out[IP].dst, out[TCP].dport) == (OUTSIDE, 5000, SERVER, 80)
    assert (out[IP].ttl, out[TCP].flags, out[TCP].seq) == (63, "S", 100)
    [back] = packets_of(played.sent["eth1"], TCP)
    assert (back.src, back.dst) == (INSIDE_MAC, CLIENT_MAC)
    assert (back[IP].src, back[TCP].sport, back[IP].dst, back[TCP].dport) == (SERVER, 80, CLIENT, 5000)
    assert (back[IP].ttl, back[TCP].flags, back[TCP].ack) == (59, "SA", 101)


def test_two_clients_with_the_same_udp_port_are_told_apart_outside(tmp_path: Path) -> None:
    query = IP(dst=SERVER) / UDP(sport=5353, dport=53) / Raw(b"who?")
    first, second = query.copy(), query.copy()
    first.src, second.src = CLIENT, "192.168.1.21"
    inside = [AWAKE_INSIDE, (1, from_client(first)), (2, from_client(second))]
    played = play_gateway(tmp_path, inside, [AWAKE_OUTSIDE])
    queries = packets_of(played.sent["eth2"], UDP)
    assert [(out[IP].src, out[IP].dst, out[UDP].dport, out[Raw].load) for out in queries] == [
        (OUTSIDE, SERVER, 53, b"who?")
    ] * 2
    assert queries[0][UDP].sport == 5353
    assert queries[1][UDP].sport != 5353

    reply = IP(src=SERVER, dst=OUTSIDE) / UDP(sport=53, dport=5353) / Raw(b"me")
    played = play_gateway(tmp_path, inside, [AWAKE_OUTSIDE, (3, from_gateway(reply))])
    [back] = packets_of(played.sent["eth1"], UDP)
    assert (back[IP].src, back[UDP].sport, back[IP].dst, back[UDP].dport) == (SERVER, 53, CLIENT, 5353)
    assert back[Raw].load == b"me"


def test_a_ping_goes_out_and_its_reply_comes_back(tmp_path: Path) -> None:
    ping = from_client(IP(src=CLIENT, dst=SERVER) / ICMP(id=7777, seq=3) / Raw(b"data"))
    reply = from_gateway(IP(src=SERVER, dst=OUTSIDE) / ICMP(type="echo-reply", id=7777, seq=3) / Raw(b"data"))
    stranger = from_gateway(IP(src=SERVER, dst=OUTSIDE) / ICMP(type="echo-reply", id=7778))
    played = play_gateway(
        tmp_path, [AWAKE_INSIDE, (1, ping)], [AWAKE_OUTSIDE, (2, reply), (3, stranger)], handlers=["unasked.count"]
    )
    [out] = [ping for ping in packets_of(played.sent["eth2"], ICMP) if ping[ICMP].type == 8]
    assert (out[IP].src, out[IP].dst, out[ICMP].id, out[ICMP].seq) == (OUTSIDE, SERVER, 7777, 3)
    [own, back] = packets_of(played.sent["eth1"], ICMP)
    assert own[IP].src == INSIDE
    assert (back[IP].src, back[IP].dst, back[ICMP].type, back[ICMP].id) == (SERVER, CLIENT, 0, 7777)
    assert back[Raw].load == b"data"
    assert played.values["unasked.count"] == "1"


def test_an_icmp_error_comes_back_about_the_packet_that_the_client_sent(tmp_path: Path) -> None:
    query = IP(src=CLIENT, dst=SERVER) / UDP(sport=5353, dport=53) / Raw(b"who?")
    [sent] = packets_of(
        play_gateway(tmp_path, [AWAKE_INSIDE, (1, from_client(query))], [AWAKE_OUTSIDE]).sent["eth2"], UDP
    )
    error = from_gateway(IP(src="198.51.100.1", dst=OUTSIDE) / ICMP(type=3, code=1) / sent[IP])
    unrelated = error.copy()
    unrelated[UDP].sport = 5354
    played = play_gateway(
        tmp_path,
        [AWAKE_INSIDE, (1, from_client(query))],
        [AWAKE_OUTSIDE, (2, error), (3, unrelated)],
        handlers=["unasked.count"],
    )
    [back] = [frame for frame in packets_of(played.sent["eth1"], ICMP) if frame[ICMP].type == 3]
    assert (back[IP].src, back[IP].dst, back[ICMP].code) == ("198.51.100.1", CLIENT, 1)
    quoted = back[IPerror]
    assert (quoted.src, quoted.dst, quoted[UDPerror].sport, quoted[UDPerror].dport) == (CLIENT, SERVER, 5353, 53)
    as_sent = from_client(query)
    as_sent.ttl = quoted.ttl
    as_sent = Ether(bytes(as_sent))
    assert (quoted.chksum, quoted[UDPerror].chksum) == (as_sent[IP].chksum, as_sent[UDP].chksum)
    assert played.values["unasked.count"] == "1"


def test_an_ftp_server_connects_to_the_port_that_the_client_said(tmp_path: Path) -> None:
    control = IP(src=CLIENT, dst=SERVER)
    command = b"PORT 192,168,1,20,19,137\r\n"
    client = [
        control / TCP(sport=5000, dport=21, flags="S", seq=99),
        control / TCP(sport=5000, dport=21, flags="PA", seq=100, ack=501) / Raw(command),
        control / TCP(sport=5000, dport=21, flags="PA", seq=100 + len(command), ack=501) / Raw(b"LIST\r\n"),
    ]
    inside = [AWAKE_INSIDE, *((at, from_client(packet)) for at, packet in enumerate(client, 1))]
    sent = packets_of(play_gateway(tmp_path, inside, [AWAKE_OUTSIDE]).sent["eth2"], TCP)
    said = sent[1][Raw].load.decode().removeprefix("PORT ").strip().split(",")
    port = int(said[4]) * 256 + int(said[5])
    assert said[:4] == OUTSIDE.split(".")
    moved = len(sent[1][Raw].load) - len(command)
    assert (sent[2][Raw].load, sent[2][TCP].seq) == (b"LIST\r\n", 100 + len(command) + moved)

    to_client = IP(src=SERVER, dst=OUTSIDE)
    acked = to_client / TCP(sport=21, dport=5000, flags="A", seq=501, ack=100 + len(command) + moved + 6)
    data = to_client / TCP(sport=20, dport=port, flags="S", seq=7)
    other = to_client / TCP(sport=20, dport=port + 1, flags="S", seq=7)
    arriving = [AWAKE_OUTSIDE, (5, from_gateway(acked)), (6, from_gateway(data)), (7, from_gateway(other))]
    played = play_gateway(tmp_path, inside, arriving, handlers=["unasked.count"])
    [ack, syn] = packets_of(played.sent["eth1"], TCP)
    assert (ack[IP].dst, ack[TCP].dport, ack[TCP].ack) == (CLIENT, 5000, 100 + len(command) + 6)
    assert (syn[IP].src, syn[TCP].sport, syn[IP].dst, syn[TCP].dport) == (SERVER, 20, CLIENT, 19 * 256 + 137)
    assert syn[TCP].flags == "S"
    assert played.values["unasked.count"] == "1"


def test_what_nobody_inside_asked_for_does_not_come_in(tmp_path: Path) -> None:
    unasked = [
        IP(src=SERVER, dst=OUTSIDE) / TCP(sport=80, dport=5000, flags="S"),
        IP(src=SERVER, dst=OUTSIDE) / TCP(sport=80, dport=5000, flags="A"),
        IP(src=SERVER, dst=OUTSIDE) / UDP(sport=53, dport=5353),
        IP(src=SERVER, dst=CLIENT) / UDP(sport=53, dport=5353),
    ]
    outside = [AWAKE_OUTSIDE, *((at, from_gateway(packet)) for at, packet in enumerate(unasked, 1))]
    played = play_gateway(tmp_path, [AWAKE_INSIDE], outside, handlers=["unasked.count"])
    assert [frame.summary() for frame in played.sent["eth1"] if TCP in frame or UDP in frame] == []
    assert played.values["unasked.count"] == "3"


def test_a_udp_mapping_is_forgotten_after_five_minutes_of_silence(tmp_path: Path) -> None:
    query = from_client(IP(src=CLIENT, dst=SERVER) / UDP(sport=5353, dport=53))
    reply = from_gateway(IP(src=SERVER, dst=OUTSIDE) / UDP(sport=53, dport=5353))
    outside = [AWAKE_OUTSIDE, (299, reply), (299 + 311, reply)]
    played = play_gateway(tmp_path, [AWAKE_INSIDE, (1, query)], outside, seconds=700, handlers=["unasked.count"])
    assert len(packets_of(played.sent["eth1"], UDP)) == 1
    assert played.values["unasked.count"] == "1"


def test_a_packet_without_hops_left_is_answered_by_the_gateway(tmp_path: Path) -> None:
    last = from_client(IP(src=CLIENT, dst=SERVER, ttl=1) / UDP(sport=5353, dport=33434))
    played = play_gateway(tmp_path, [AWAKE_INSIDE, (1, last)], [AWAKE_OUTSIDE])
    [error] = [frame for frame in packets_of(played.sent["eth1"], ICMP) if frame[ICMP].type == 11]
    assert (error[IP].src, error[IP].dst, error[IPerror].src) == (INSIDE, CLIENT, CLIENT)
    assert packets_of(played.sent["eth2"], UDP) == []


def test_the_gateway_answers_arp_for_its_own_address_alone(tmp_path: Path) -> None:
    def who_has(address: str) -> Packet:
        return Ether(src=CLIENT_MAC, dst="ff:ff:ff:ff:ff:ff") / ARP(psrc=CLIENT, hwsrc=CLIENT_MAC, pdst=address)

    played = play_gateway(tmp_path, [(0, who_has(INSIDE)), (1, who_has("192.168.1.30"))], [])
    [reply] = played.sent["eth1"]
    assert (reply[ARP].op, reply[ARP].psrc, reply[ARP].hwsrc, reply.dst) == (2, INSIDE, INSIDE_MAC, CLIENT_MAC)
