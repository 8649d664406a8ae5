# SPDX-License-Identifier: Apache-2.0
"""The intrusion detection system as a stage, in the real engine behind played switches, with random packets in both directions."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw
from yaml import safe_load

from ..configurations.played_devices import play
from .played_modules import GAP, NEIGHBOUR, PLATFORM, ROOT, TEMPLATES, PlayedModules, plan_of

IDS = "watched-pm10"
INSIDE, OUTSIDE, OFFICE, UPSTREAM = "192.168.5.7", "192.168.6.9", "10.0.5.7", "10.0.6.9"
PORT_MAC = "02:00:5e:00:5c:01"
PACKETS = 600
NAME = b"\x04evil\x07example\x00"
SLED = b"\x90" * 8
TEXTS = [
    SLED,
    SLED[1:],
    b"/bin/sh",
    b"/BIN/SH",
    b"get /AdMiN",
    b"/../",
    b"TOP SECRET\r\n",
    b"TOP SECRET\n",
    NAME,
    NAME.upper(),
    b"nothing",
]


def carried(packet: Packet) -> bytes:
    """What follows the headers."""
    return bytes(packet.payload.payload)


def verdict(packet: Packet) -> tuple[bool, bool]:
    """What the example's rules say of a packet: reported and let pass, dropped."""
    text = carried(packet)
    found, dropped = SLED in text, False
    if TCP in packet:
        found |= b"/bin/sh" in text or b"get /admin" in text.lower()
        dropped = b"/../" in text or (packet.src.startswith("192.168.5.") and b"TOP SECRET\r\n" in text)
    elif UDP in packet and 53 in (packet.sport, packet.dport):
        found |= NAME.lower() in text.lower()
    return found and not dropped, dropped


def random_packet(number: int, choose: random.Random) -> tuple[int, Packet]:
    """The port that it enters by, and a packet between the two that has an ordinary text, or one or two that rules may look for."""
    entry = choose.randrange(2)
    ends = choose.choice([(INSIDE, OUTSIDE), (OFFICE, UPSTREAM)])
    source, destination = ends if entry == 0 else ends[::-1]
    ports = {"sport": choose.choice([53, 80, 4000]), "dport": choose.choice([53, 80, 4000])}
    kind = choose.choice([UDP(**ports), TCP(**ports, flags="PA"), ICMP(type=8)])
    words = [choose.choice(TEXTS) for _ in range(choose.randrange(3))]
    text = choose.randbytes(choose.randrange(8)).join([b"", *words, b""])
    return entry, IP(src=source, dst=destination, id=number) / kind / Raw(text)


def test_random_packets_of_both_directions_meet_the_rules_that_are_for_them(tmp_path: Path) -> None:
    choose = random.Random(14)
    sent = [random_packet(number, choose) for number in range(1, PACKETS + 1)]
    modules = PlayedModules(plan_of("watched-router"), tmp_path, {0: [INSIDE, OFFICE], 1: [OUTSIDE, UPSTREAM]})
    left = modules.exchange(sent, ["alerted.count", "dropped.count"])
    judged = {packet.id: verdict(packet) for _, packet in sent}
    expected = {(packet.id, 1 - entry) for entry, packet in sent if not judged[packet.id][1]}
    assert {(one.packet.id, one.portid) for one in left} == expected
    assert len(left) == len(expected)
    texts = {packet.id: carried(packet) for _, packet in sent}
    assert [carried(one.packet) for one in left] == [texts[one.packet.id] for one in left]
    alerted, dropped = (sum(row[at] for row in judged.values()) for at in (0, 1))
    assert min(alerted, dropped) > 15
    assert modules.values[IDS] == {"alerted.count": str(alerted), "dropped.count": str(dropped)}


def test_an_alert_names_the_rule_and_the_flow_and_every_rule_is_counted(tmp_path: Path) -> None:
    (config,) = (pm.config for host in plan_of("watched-router").hosts.values() for pm in host.pms if pm.name == IDS)
    (tmp_path / "module.click").write_text(config)
    asked = IP(src=OUTSIDE, dst=INSIDE) / TCP(sport=4711, dport=80, flags="PA") / Raw(b"GET /admin?/bin/sh HTTP/1.0")
    leaving = IP(src=INSIDE, dst=OUTSIDE) / TCP(sport=80, dport=4711, flags="PA") / Raw(b"...TOP SECRET\r\n")
    resolving = IP(src=OFFICE, dst=UPSTREAM) / UDP(sport=5000, dport=53) / Raw(b"header" + NAME)
    inward, outward = Ether(src=NEIGHBOUR, dst=PORT_MAC), Ether(src=PORT_MAC, dst=NEIGHBOUR)
    frames = [inward / asked, outward / leaving, outward / resolving]
    arriving = [(1 + number * GAP, frame) for number, frame in enumerate(frames)]
    rules = [f"{name}.rules" for name in ("alert0", "alert1", "alert2", "drop0", "drop1")]
    played = play(tmp_path / "module.click", {"eth0": arriving}, tmp_path, seconds=2, handlers=rules)
    assert played.said.splitlines() == [
        f"alert0: 1000002: TCP {OUTSIDE}.4711 > {INSIDE}.80",
        f"alert0: 1000001: TCP {OUTSIDE}.4711 > {INSIDE}.80",
        f"drop1: 1000004: TCP {INSIDE}.80 > {OUTSIDE}.4711",
        f"alert1: 1000005: UDP {OFFICE}.5000 > {UPSTREAM}.53",
    ]
    assert [bytes(frame) for frame in played.sent["eth0"]] == [bytes(frames[0]), bytes(frames[2])]
    assert played.values == {
        "alert0.rules": "1000001 1",
        "alert1.rules": "1000005 1",
        "alert2.rules": "1000006 0",
        "drop0.rules": "1000003 0",
        "drop1.rules": "1000004 1",
    }


RULE_OF_EVERYTHING = 'alert ip any any -> any any (msg:"m"; content:"|00|"; sid:1;)'


@pytest.mark.parametrize(
    ("rule", "passes"),
    [
        ('drop ip any any -> any any (msg:"m"; content:"word"; sid:1;)', False),
        ('drop udp any 1024:2047 -> 192.168.6.9 9 (msg:"m"; content:"wo\\"|72|d\\;"; sid:1;)', True),
        ('drop udp any 1024:2047 -> 192.168.6.9 9 (msg:"m"; content:"|77 6F|rd"; sid:1;)', False),
        ('drop udp any :1499 -> any 9 (msg:"m"; content:"word"; sid:1;)', True),
        ('drop udp any 1500: -> any any (msg:"m"; content:"word"; sid:1;)', False),
        ('drop udp 192.168.6.0/24 any -> any any (msg:"m"; content:"word"; sid:1;)', True),
        ('drop udp 192.168.6.0/24 9 <> 192.168.5.7 any (msg:"m"; content:"WORD"; nocase; sid:1;)', False),
        ('drop icmp any any -> any any (msg:"m"; content:"word"; sid:1;)', True),
    ],
)
def test_a_rule_is_for_the_packets_that_its_header_says(rule: str, passes: bool, tmp_path: Path) -> None:
    (tmp_path / "web.rules").write_text(f"{RULE_OF_EVERYTHING.replace('sid:1', 'sid:2')}\n{rule}\n")
    source = (ROOT / "examples" / "watched-router" / "allocation.xml").read_bytes()
    platform = Platform.from_facts(safe_load(PLATFORM.read_text()))
    plan = plan_allocation(parse(source, "allocation.xml").allocation, platform, renderer(TEMPLATES, tmp_path))
    packet = IP(src=INSIDE, dst=OUTSIDE, id=1) / UDP(sport=1500, dport=9) / Raw(b"a word")
    left = PlayedModules(plan, tmp_path, {1: [OUTSIDE]}).exchange([(0, packet)], ["dropped.count"])
    assert [one.portid for one in left] == [1] * passes
