# SPDX-License-Identifier: Apache-2.0
"""The example's firewall against its policy, read here from the XML once more: random packets that each begin something."""

from __future__ import annotations

import random
import re
import subprocess
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.addresses import IPV6
from ansible.module_utils.flowstream.middleboxes.firewall.rule import Rule
from lxml import etree
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.packet import Packet, Raw

from ..configurations.played_devices import CLICK
from .played_modules import ROOT, PlayedModules, plan_of, planned_from

EXAMPLE = ROOT / "examples" / "firewall" / "allocation.xml"
ALLOCATION = etree.parse(EXAMPLE).getroot()
INSIDE = 0
NETWORKS = {INSIDE: "192.168.5", 1: "192.168.6", 2: "192.168.7"}
PACKETS = 1500


def applies(rule: Any, port: int, packet: Packet) -> bool:
    """Whether the packet is of a rule, by its attributes alone."""
    said = rule.attrib
    if ("from" in said and int(said["from"]) != port) or ("from" not in said and port == INSIDE):
        return False
    layer = {6: "tcp", 17: "udp", 1: "icmp"}[packet.proto]
    if said.get("protocol", layer) != layer or ("icmptype" in said and packet[ICMP].type != int(said["icmptype"])):
        return False
    if any(
        IPv4Address(getattr(packet, name)) not in IPv4Network(said[name]) for name in ("src", "dst") if name in said
    ):
        return False
    return "dstport" not in said or packet.dport in map(int, said["dstport"].split())


def passes(port: int, packet: Packet) -> bool:
    """The policy of pm 0, which alone has packets here."""
    for rule in ALLOCATION.findall("pm[@id='0']/firewall/rule"):
        if applies(rule, port, packet):
            return bool(rule.get("action") == "allow")
    return port == INSIDE


def begins(number: int, choose: random.Random) -> tuple[int, Packet]:
    """A packet of nothing that there was before: its source port, or identifier, is its own."""
    port = choose.choice([INSIDE, 1, 2])
    other = choose.choice([1, 2]) if port == INSIDE else INSIDE
    source, destination = (f"{NETWORKS[at]}.{choose.choice([1, 2, 3])}" for at in (port, other))
    kind = choose.choice(["tcp", "tcp", "udp", "icmp"])
    dport = choose.choice([22, 25, 53, 80, 443, 8080])
    layers = {
        "tcp": TCP(sport=10_000 + number, dport=dport, flags="S"),
        "udp": UDP(sport=10_000 + number, dport=dport),
        "icmp": ICMP(type=choose.choice([8, 13]), id=10_000 + number),
    }
    return port, IP(src=source, dst=destination, id=number) / layers[kind] / Raw(number.to_bytes(4, "big"))


@pytest.mark.parametrize("seed", [1, 2])
def test_what_begins_passes_as_the_policy_says_and_leaves_by_its_route(seed: int, tmp_path: Path) -> None:
    choose = random.Random(seed)
    sent = [begins(number, choose) for number in range(PACKETS)]
    hosts = {port: [f"{network}.{host}" for host in (1, 2, 3)] for port, network in NETWORKS.items()}
    left = PlayedModules(plan_of("firewall"), tmp_path, hosts).exchange(sent)
    ports = {network: port for port, network in NETWORKS.items()}
    expected = {
        packet.id: ports[packet.dst.rpartition(".")[0]]
        for port, packet in sent
        # A stateful firewall knows no ICMP but pings and errors (RFC 5508).
        if passes(port, packet) and not (ICMP in packet and packet[ICMP].type == 13)
    }
    assert {one.packet.id: one.portid for one in left} == expected
    assert 200 < len(expected) < PACKETS - 200


def test_an_answer_passes_and_so_does_an_error_about_it_but_nothing_else_from_there(tmp_path: Path) -> None:
    there = IP(src="192.168.5.1", dst="192.168.6.1", id=1) / UDP(sport=7000, dport=5000) / Raw(b"question")
    back = IP(src="192.168.6.1", dst="192.168.5.1", id=2) / UDP(sport=5000, dport=7000) / Raw(b"answer")
    about = bytes(IP(bytes(there)))[:28]
    error = IP(src="192.168.6.1", dst="192.168.5.1", id=3) / ICMP(type=3, code=3) / Raw(about)
    strange = IP(src="192.168.6.1", dst="192.168.5.1", id=4) / UDP(sport=5000, dport=7001) / Raw(b"strange")
    spoofed = IP(src="192.168.5.9", dst="192.168.5.1", id=5) / UDP(sport=5000, dport=53) / Raw(b"from inside, outside")
    modules = PlayedModules(plan_of("firewall"), tmp_path, {0: ["192.168.5.1"], 1: ["192.168.6.1"]})
    left = modules.exchange(
        [(0, there), (1, back), (1, error), (1, strange), (1, spoofed)],
        ["rejected.count", "martians.count", "firewall.connections"],
    )
    assert {one.packet.id: one.portid for one in left} == {1: 1, 2: 0, 3: 0}
    assert modules.values["firewall-pm0"] == {
        "rejected.count": "1",
        "martians.count": "1",
        "firewall.connections": "1",
    }


def test_fragments_pass_as_a_whole(tmp_path: Path) -> None:
    big = IP(src="192.168.5.1", dst="192.168.6.1", id=7) / UDP(sport=7000, dport=5000) / Raw(bytes(3000))
    pieces = IP(bytes(big)).fragment(1400)
    assert len(pieces) == 3
    left = PlayedModules(plan_of("firewall"), tmp_path, {1: ["192.168.6.1"]}).exchange([(0, piece) for piece in pieces])
    assert sum(len(one.packet.payload) for one in left) == 3008
    assert {one.portid for one in left} == {1}


@pytest.mark.parametrize("subtype", ["stateful", "stateless"])
@pytest.mark.parametrize("inward", ["allow", "deny"])
@pytest.mark.parametrize("outward", ["allow", "deny"])
@pytest.mark.parametrize("rules", [True, False])
def test_the_engine_accepts_every_kind_of_policy(
    subtype: str, inward: str, outward: str, rules: bool, tmp_path: Path
) -> None:
    text = EXAMPLE.read_text().replace('"stateful"', f'"{subtype}"').replace(' connections="4096"', "")
    text = text.replace("<firewall>", f'<firewall inward="{inward}" outward="{outward}">')
    plan = planned_from((text if rules else re.sub("<rule .*/>", "", text)).encode())
    for pm in (pm for host in plan.hosts.values() for pm in host.pms):
        config = tmp_path / f"{pm.name}.click"
        config.write_text(pm.config)
        done = subprocess.run([CLICK, "--check", config], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_stateless_firewall_judges_each_packet_alone(tmp_path: Path) -> None:
    plan = planned_from(
        EXAMPLE.read_text().replace('"stateful"', '"stateless"').replace(' connections="4096"', "").encode()
    )
    there = IP(src="192.168.5.1", dst="192.168.6.1", id=1) / UDP(sport=7000, dport=5000)
    back = IP(src="192.168.6.1", dst="192.168.5.1", id=2) / UDP(sport=5000, dport=7000)
    asked = IP(src="192.168.6.1", dst="192.168.5.1", id=3) / TCP(sport=5000, dport=80, flags="A")
    modules = PlayedModules(plan, tmp_path, {0: ["192.168.5.1"], 1: ["192.168.6.1"]})
    left = modules.exchange([(0, there), (1, back), (1, asked)], ["refused.count"])
    assert {one.packet.id: one.portid for one in left} == {1: 1, 3: 0}
    assert modules.values["firewall-pm0"] == {"refused.count": "1"}


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ({"action": "allow"}, "true"),
        ({"action": "allow", "src": "10.0.0.0/8", "dst": "192.0.2.1/32"}, "src net 10.0.0.0/8 and dst host 192.0.2.1"),
        (
            {"action": "deny", "protocol": "udp", "srcport": "53", "dstport": "1024-2047 4000"},
            "src udp port 53 and (dst udp port >= 1024 and dst udp port <= 2047 or dst udp port 4000)",
        ),
        ({"action": "deny", "protocol": "icmp", "icmptype": 5}, "icmp type 5"),
        ({"action": "deny", "protocol": "47", "dst": "192.0.2.0/24"}, "dst net 192.0.2.0/24 and ip proto 47"),
    ],
)
def test_a_rule_is_read_back_as_it_was_planned_and_spelled_as_a_pattern(rule: dict[str, Any], pattern: str) -> None:
    assert Rule.from_dict(rule).to_dict() == rule
    assert Rule.from_dict(rule).pattern() == pattern


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ({"action": "deny"}, "ip6"),
        ({"action": "allow", "src": "2001:db8::/32"}, "ip6 and src net 2001:db8::/32"),
        ({"action": "allow", "dst": "2001:db8::1/128", "protocol": "udp"}, "ip6 and dst host 2001:db8::1 and udp"),
        ({"action": "allow", "src": "::/0", "protocol": "tcp", "dstport": "80"}, "ip6 and dst tcp port 80"),
        ({"action": "allow", "protocol": "icmp6", "icmptype": 128}, "ip6 and icmp6 type 128"),
        ({"action": "deny", "protocol": "47"}, "ip6 and ip6 proto 47"),
        ({"action": "deny", "protocol": "icmp"}, None),
        ({"action": "deny", "dst": "192.0.2.0/24"}, None),
    ],
)
def test_a_rule_is_spelled_for_ipv6_where_it_is_for_that(rule: dict[str, Any], pattern: str | None) -> None:
    read = Rule.from_dict(rule)
    assert read.to_dict() == rule
    assert (read.pattern(IPV6) if read.is_for(IPV6) else None) == pattern
