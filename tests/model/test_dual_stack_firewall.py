# SPDX-License-Identifier: Apache-2.0
"""What the example's firewall does with IPv6, in the real engine, against its policy, read here from the XML once more."""

from __future__ import annotations

import random
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6PacketTooBig,
    ICMPv6TimeExceeded,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
)
from scapy.packet import Packet, Raw

from .played_modules import ROOT, Left, PlayedModules, plan_of, planned_from

EXAMPLE = ROOT / "examples" / "dual-stack-firewall" / "allocation.xml"
RULES = etree.parse(EXAMPLE).getroot().findall("pm/firewall/rule")
INSIDE = 0
NETWORKS = {
    4: {INSIDE: "192.168.5.", 1: "192.168.6.", 2: "192.168.7."},
    6: {INSIDE: "2001:db8:5::", 1: "2001:db8:6::", 2: "fd00:db8:7::"},
}
PACKETS = 1500
CLIENT, SERVER, ROUTER = "2001:db8:5::1", "2001:db8:6::1", "2001:db8:99::9"


def plan(subtype: str) -> Any:
    return planned_from(EXAMPLE.read_text().replace('"stateful"', f'"{subtype}"').encode())


def applies(rule: Any, port: int, packet: Packet) -> bool:
    """Whether a packet is of a rule, by its attributes alone."""
    said = rule.attrib
    if ("from" in said and int(said["from"]) != port) or ("from" not in said and port == INSIDE):
        return False
    layer = next(
        name
        for kind, name in ((TCP, "tcp"), (UDP, "udp"), (ICMP, "icmp"), (Packet, "icmp6"))
        if kind in packet or kind is Packet
    )
    if said.get("protocol", layer) != layer:
        return False
    if "icmptype" in said and packet.payload.type != int(said["icmptype"]):
        return False
    for name in ("src", "dst"):
        if name in said and ip_address(getattr(packet, name)) not in ip_network(said[name]):
            return False
    return "dstport" not in said or packet.dport in map(int, said["dstport"].split())


def passes(port: int, packet: Packet) -> bool:
    action = next((rule.get("action") for rule in RULES if applies(rule, port, packet)), None)
    return action == "allow" if action else port == INSIDE


def begins(number: int, choose: random.Random) -> tuple[int, Packet]:
    """A packet of either family that belongs to nothing that there was before: its source port, or identifier, is its own."""
    family = choose.choice([4, 6, 6])
    port = choose.choice([INSIDE, 1, 2])
    other = choose.choice([1, 2]) if port == INSIDE else INSIDE
    source, destination = (f"{NETWORKS[family][at]}{choose.choice([1, 2, 3])}" for at in (port, other))
    if family == 6 and port == 1 and choose.random() < 0.3:
        source = f"2001:db8:60::{choose.randrange(1, 9)}"
    kind = choose.choice(["tcp", "tcp", "udp", "ping"])
    dport = choose.choice([22, 25, 53, 80, 443, 8080])
    ping = ICMP(type=8, id=number) if family == 4 else ICMPv6EchoRequest(id=number)
    layers = {"tcp": TCP(sport=10_000 + number, dport=dport, flags="S"), "udp": UDP(sport=10_000 + number, dport=dport)}
    header = IP(src=source, dst=destination) if family == 4 else IPv6(src=source, dst=destination)
    return port, header / layers.get(kind, ping) / Raw(number.to_bytes(4, "big"))


def numbers(left: list[Left]) -> dict[int, int]:
    """Which packets came out, by the last four bytes, and where."""
    return {int.from_bytes(bytes(one.packet)[-4:], "big"): one.portid for one in left}


@pytest.mark.parametrize("subtype", ["stateful", "stateless"])
def test_what_begins_passes_as_the_policy_says_whichever_family_it_is_of(subtype: str, tmp_path: Path) -> None:
    choose = random.Random(6)
    sent = [begins(number, choose) for number in range(PACKETS)]
    hosts = {
        port: [f"{NETWORKS[family][port]}{host}" for family in (4, 6) for host in (1, 2, 3)] for port in NETWORKS[4]
    }
    left = numbers(PlayedModules(plan(subtype), tmp_path, hosts).exchange(sent))
    ports = {network: port for family in NETWORKS.values() for port, network in family.items()}
    expected = {
        number: next(port for network, port in ports.items() if packet.dst.startswith(network))
        for number, (port, packet) in enumerate(sent)
        if passes(port, packet)
    }
    assert left == expected
    assert 200 < sum(IPv6 in sent[number][1] for number in expected) < PACKETS - 400


def about(packet: Packet) -> bytes:
    return bytes(packet)[:80]


def conversation() -> list[tuple[int, Packet, bool]]:
    """A question, its answer, errors about it, and what only looks like these; each with whether it passes a stateful firewall."""
    there = IPv6(src=CLIENT, dst=SERVER) / UDP(sport=7000, dport=5000) / Raw(b"question")
    strange = IPv6(src=CLIENT, dst=SERVER) / UDP(sport=7001, dport=5000) / Raw(b"never asked")
    back = IPv6(src=SERVER, dst=CLIENT)
    error = IPv6(src=ROUTER, dst=CLIENT)
    ping = ICMPv6EchoRequest(id=5)
    return [
        (INSIDE, there, True),
        (1, back / UDP(sport=5000, dport=7000) / Raw(b"answer"), True),
        (1, back / UDP(sport=5000, dport=7001) / Raw(b"strange"), False),
        (1, error / ICMPv6PacketTooBig(mtu=1280) / Raw(about(there)), True),
        (1, error / ICMPv6TimeExceeded() / Raw(about(there)), True),
        (1, error / ICMPv6DestUnreach(code=4) / Raw(about(there)), True),
        (1, error / ICMPv6PacketTooBig(mtu=1280) / Raw(about(strange)), False),
        (1, IPv6(src=ROUTER, dst="2001:db8:5::2") / ICMPv6PacketTooBig(mtu=1280) / Raw(about(there)), False),
        (INSIDE, IPv6(src=CLIENT, dst=SERVER) / ping / Raw(b"ping"), True),
        (1, back / ICMPv6EchoReply(id=5) / Raw(b"pong"), True),
        (1, back / ICMPv6EchoReply(id=6) / Raw(b"nobody asked"), False),
        (1, back / ping / Raw(b"from outside"), False),
        (INSIDE, IPv6(src=CLIENT, dst=SERVER) / TCP(sport=7000, dport=80, flags="S", seq=10), True),
        (1, back / TCP(sport=80, dport=7000, flags="SA", seq=90, ack=11, window=8192), True),
        (1, back / TCP(sport=80, dport=7000, flags="A", seq=900_000, ack=11, window=8192), False),
        (1, back / TCP(sport=80, dport=7001, flags="SA", seq=90, ack=11), False),
    ]


def test_answers_pass_and_errors_about_what_was_sent_but_nothing_else_from_there(tmp_path: Path) -> None:
    asked = conversation()
    modules = PlayedModules(plan_of("dual-stack-firewall"), tmp_path, {0: [CLIENT, "2001:db8:5::2"], 1: [SERVER]})
    labelled = [(port, packet.__class__(bytes(packet))) for port, packet, _ in asked]
    for number, (_, packet) in enumerate(labelled):
        packet.fl = number + 1
    left = modules.exchange(labelled, ["rejected.count", "firewall.connections"])
    assert {one.packet.fl - 1 for one in left} == {number for number, (_, _, right) in enumerate(asked) if right}
    rejected = sum(not right for _, _, right in asked)
    assert modules.values["wall-pm0"] == {"rejected.count": str(rejected), "firewall.connections": "3"}


def test_a_stateless_one_passes_errors_that_no_rule_is_about_and_no_answers(tmp_path: Path) -> None:
    asked = conversation()
    modules = PlayedModules(plan("stateless"), tmp_path, {0: [CLIENT, "2001:db8:5::2"], 1: [SERVER]})
    labelled = [(port, packet.__class__(bytes(packet))) for port, packet, _ in asked]
    for number, (_, packet) in enumerate(labelled):
        packet.fl = number + 1
    left = {one.packet.fl - 1 for one in modules.exchange(labelled)}
    errors = {number for number, (_, packet, _) in enumerate(asked) if packet.nh == 58 and packet.payload.type < 128}
    assert left == {number for number, (port, _, _) in enumerate(asked) if port == INSIDE} | errors


@pytest.mark.parametrize("subtype", ["stateful", "stateless"])
def test_nothing_passes_whose_protocol_no_rule_sees(subtype: str, tmp_path: Path) -> None:
    """Mail is denied from inside, and a header before it does not change that."""
    mail = TCP(sport=7000, dport=25, flags="S")
    headers = [IPv6ExtHdrHopByHop(), IPv6ExtHdrRouting(), IPv6ExtHdrFragment(), IPv6ExtHdrDestOpt()]
    sent = [(INSIDE, IPv6(src=CLIENT, dst=SERVER) / header / mail) for header in headers]
    sent.append((INSIDE, IPv6(src=CLIENT, dst=SERVER) / TCP(sport=7000, dport=80, flags="S")))
    modules = PlayedModules(plan(subtype), tmp_path, {1: [SERVER]})
    assert [one.packet.dport for one in modules.exchange(sent, ["extended6.count"])] == [80]
    assert modules.values["wall-pm0"] == {"extended6.count": "4"}


def test_nobody_outside_speaks_as_a_host_inside(tmp_path: Path) -> None:
    forged = IPv6(src="2001:db8:5::9", dst=CLIENT) / TCP(sport=7000, dport=80, flags="S")
    modules = PlayedModules(plan_of("dual-stack-firewall"), tmp_path, {0: [CLIENT]})
    assert modules.exchange([(1, forged), (2, forged)], ["martians.count"]) == []
    assert modules.values["wall-pm0"] == {"martians.count": "2"}
