# SPDX-License-Identifier: Apache-2.0
"""The answers to questions for one name, and everything else that passes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scapy.layers.dns import DNS, DNSQR, DNSRROPT
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet

from .played_devices import EXAMPLES, packets_of, play

CLIENT, CLIENT_IP = "02:00:00:00:00:0a", "10.0.0.2"
SERVER, SERVER_IP = "02:00:00:00:00:0b", "10.0.0.53"
NAME = "www.example.net"


def sent(packet: Packet) -> Packet:
    return Ether(src=CLIENT, dst=SERVER) / IP(src=CLIENT_IP, dst=SERVER_IP, id=3) / packet


def asked(dns: DNS, port: int = 53) -> Packet:
    return sent(UDP(sport=40000, dport=port) / dns)


def question(name: str = NAME, kind: str = "A", **more: Any) -> DNS:
    return DNS(id=0x1234, rd=1, qd=DNSQR(qname=name, qtype=kind), **more)


def answers(tmp_path: Path, *frames: Packet) -> tuple[list[Packet], list[Packet]]:
    """What goes back to the clients and what goes on to the servers."""
    arriving = [(float(at), frame) for at, frame in enumerate(frames)]
    played = play(
        EXAMPLES / "dns-responder.click",
        {"eth1": arriving, "eth2": []},
        tmp_path,
        seconds=len(frames) + 1,
    )
    return played.sent["eth1"], played.sent["eth2"]


@pytest.mark.parametrize(
    "asking",
    [
        pytest.param(question(), id="plain"),
        pytest.param(question("wWw.ExAmPlE.nEt"), id="letters of both cases"),
        pytest.param(question(ar=[DNSRROPT(rclass=4096)]), id="EDNS"),
        pytest.param(question(ar=[DNSRROPT(rclass=4096, rdata=bytes(40))]), id="more EDNS than an answer is long"),
    ],
)
def test_a_question_for_the_name_is_answered_with_its_address(tmp_path: Path, asking: DNS) -> None:
    padded = Ether(bytes(asked(asking)) + bytes(20))
    back, on = answers(tmp_path, padded)
    assert not on
    (answer,) = packets_of(back, UDP)
    assert (answer.src, answer.dst, answer[IP].src, answer[IP].dst) == (SERVER, CLIENT, SERVER_IP, CLIENT_IP)
    assert (answer[UDP].sport, answer[UDP].dport, answer[IP].ttl) == (53, 40000, 64)
    dns = answer[DNS]
    assert (dns.id, dns.qr, dns.opcode, dns.aa, dns.tc, dns.rd, dns.ra, dns.rcode) == (0x1234, 1, 0, 1, 0, 1, 0, 0)
    assert (dns.qdcount, dns.ancount, dns.nscount, dns.arcount) == (1, 1, 0, 0)
    assert bytes(dns.qd[0]) == bytes(asking.qd[0])
    record = dns.an[0]
    assert (record.rrname, record.type, record.rclass) == (asking.qd[0].qname, 1, 1)
    assert (record.ttl, record.rdata) == (300, "192.0.2.80")
    assert len(answer) == 14 + answer[IP].len == 34 + answer[UDP].len


def test_name_address_and_time_to_live_are_what_the_operator_says(tmp_path: Path) -> None:
    labels = b"\4ns-1\2de\0"
    played = play(
        EXAMPLES / "dns-responder.click",
        {
            "eth1": [(0, asked(question("NS-1.de"))), (1, asked(question("NS\r1.de"))), (2, asked(question()))],
            "eth2": [],
        },
        tmp_path,
        seconds=3,
        parameters={
            "name": labels.hex(),
            "letters": bytes(0xDF if chr(byte).isalpha() else 0xFF for byte in labels).hex(),
            "size": str(len(labels) + 4),
            "address": "203.0.113.7",
            "ttl": "86400",
        },
    )
    (answer,) = packets_of(played.sent["eth1"], UDP)
    assert (answer[DNS].an[0].rrname, answer[DNS].an[0].rdata, answer[DNS].an[0].ttl) == (
        b"NS-1.de.",
        "203.0.113.7",
        86400,
    )
    assert len(played.sent["eth2"]) == 2


def test_all_but_such_questions_pass_as_they_are(tmp_path: Path) -> None:
    others = [
        asked(question("mail.example.net")),
        asked(question("www.example.net.org")),
        asked(question("xwww.example.net")),
        asked(question(kind="AAAA")),
        asked(question(qr=1)),
        asked(question(opcode=4)),
        asked(question(), port=5353),
        asked(DNS(qd=[DNSQR(qname=NAME), DNSQR(qname=NAME)])),
        sent(TCP(sport=40000, dport=53, flags="S")),
        Ether(src=CLIENT, dst="ff:ff:ff:ff:ff:ff") / IP(src=CLIENT_IP, dst="255.255.255.255") / UDP() / question(),
        Ether(src=CLIENT, dst=SERVER) / IP(src=CLIENT_IP, dst=SERVER_IP, flags="MF") / UDP() / question(),
        Ether(src=CLIENT, dst=SERVER) / IPv6() / UDP(dport=53) / question(),
        Ether(src=CLIENT, dst="ff:ff:ff:ff:ff:ff") / ARP(pdst=SERVER_IP),
        Ether(bytes(asked(question()))[:60]),
    ]
    back, on = answers(tmp_path, *others)
    assert not back
    assert [bytes(frame) for frame in on] == [bytes(frame) for frame in others]


def test_a_question_with_a_wrong_checksum_is_dropped(tmp_path: Path) -> None:
    wrong_udp = asked(question())
    wrong_udp[UDP].chksum = 0x1111
    wrong_ip = asked(question())
    wrong_ip[IP].chksum = 0x1111
    assert answers(tmp_path, wrong_udp, wrong_ip) == ([], [])


def test_what_the_servers_say_comes_back_as_it_is(tmp_path: Path) -> None:
    reply = Ether(src=SERVER, dst=CLIENT) / IP(src=SERVER_IP, dst=CLIENT_IP) / UDP(sport=53, dport=40000) / question()
    played = play(EXAMPLES / "dns-responder.click", {"eth1": [], "eth2": [(0, reply)]}, tmp_path, seconds=1)
    assert [bytes(frame) for frame in played.sent["eth1"]] == [bytes(reply)]
    assert not played.sent["eth2"]
