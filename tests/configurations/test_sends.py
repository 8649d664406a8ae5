# SPDX-License-Identifier: Apache-2.0
"""What the analysis says that a configuration may send, held against the real engine: whatever leaves is among it."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.addresses import (
    Interface,
    Prefix,
    parse_address,
    parse_interface6,
    parse_prefix_text,
)
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import PlannedPort
from ansible.module_utils.flowstream.sends.elements import EFFECTS, SENDER
from ansible.module_utils.flowstream.sends.graph import Graph
from ansible.module_utils.flowstream.sends.interpretation import Arrival, interpret
from ansible.module_utils.flowstream.sends.packet import RECEIVED, TAGS, Packet, Start
from ansible.module_utils.flowstream.sends.verdict import Verdict, judge
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet as Frame
from scapy.packet import Raw

from .played_devices import CLICK, play

MACS = ("02:00:5e:00:53:00", "02:00:5e:00:53:01")
NEIGHBOUR = "02:00:00:00:00:77"
PORTS = tuple(
    PlannedPort(number, mac, number + 1, (Interface(parse_address("address", f"192.168.{5 + number}.254"), 24),), None)
    for number, mac in enumerate(MACS)
)
LEFT, RIGHT, WORLD = (parse_prefix_text(text) for text in ("192.168.5.0/24", "192.168.6.0/24", "0.0.0.0/0"))
CLAIMS = (Claim(RIGHT, LEFT, 0), Claim(LEFT, RIGHT, 1))
SERVING = (Claim(parse_prefix_text("203.0.113.7/32"), WORLD, 1), Claim(WORLD, LEFT, 0))

BEGIN = """define($mac0 02:00:5e:00:53:00, $mac1 02:00:5e:00:53:01, $ip0 192.168.5.254, $ip1 192.168.6.254);
out :: Queue -> ToDevice(eth0);
"""
SINK = "FromDevice(eth0) -> Discard;\n"
ROUTED = "FromDevice(eth0) -> Classifier(12/0800) -> Strip(14) -> CheckIPHeader -> "


def graph_of(text: str, folder: Path) -> Graph:
    file = folder / "own.click"
    file.write_text(BEGIN + text)
    command = [CLICK, "--check", "--graph", "-", file.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    return Graph.from_json(done.stdout)


def judged(text: str, folder: Path, claims: Iterable[Claim] = CLAIMS) -> Verdict:
    return judge(graph_of(text, folder), "eth0", tuple(claims), PORTS)


SPOOFING = {
    "a source of its own with a foreign address": (
        f'{SINK}RatedSource(DATA "x") -> UDPIPEncap(8.8.8.8, 53, 192.168.5.7, 53) -> EtherEncap(0x0800, $mac0, 1:1:1:1:1:1) -> out;',
        "own.click:4: UDPIPEncap@6 :: UDPIPEncap: may send a source address by port 0 that is not its own, got 8.8.8.8/32;"
        " send from 192.168.5.0/24 or 192.168.6.0/24, or claim dst 8.8.8.8/32 from 0",
    ),
    "an Ethernet address that is of no port": (
        f"{ROUTED}EtherEncap(0x0800, 2:2:2:2:2:2, 1:1:1:1:1:1) -> out;",
        "own.click:3: EtherEncap@7 :: EtherEncap: may send an Ethernet source that is of no platform port, got 02:02:02:02:02:02;"
        " send from 02:00:5e:00:53:00 or 02:00:5e:00:53:01, by which the switch knows the port",
    ),
    "ARP for a neighbour": (
        f"{SINK}ARPFaker(192.168.5.7, 1:1:1:1:1:1, 192.168.5.1, $mac0) -> out;",
        "own.click:4: ARPFaker@5 :: ARPFaker: may send ARP as somebody else by port 0, got 192.168.5.1/32;"
        " speak by ARP for 192.168.5.254",
    ),
    "answers for everybody": (
        "FromDevice(eth0) -> Classifier(12/0806 20/0001) -> ARPResponder(0.0.0.0/0 $mac1) -> out;",
        "own.click:3: ARPResponder@5 :: ARPResponder: may send ARP as somebody else by port 1, got 0.0.0.0/0;"
        " speak by ARP for 192.168.6.254",
    ),
    "questions in another name": (
        f"{ROUTED}ask :: ARPQuerier(192.168.5.1, $mac0) -> out; Idle -> [1] ask;",
        "own.click:3: ask :: ARPQuerier: may send ARP as somebody else by port 0, got 192.168.5.1/32;"
        " speak by ARP for 192.168.5.254",
    ),
    "a tag": (
        f"{ROUTED}EtherEncap(0x0800, $mac0, 1:1:1:1:1:1) -> VLANEncap(VLAN_ID 7) -> out;",
        "own.click:3: VLANEncap@8 :: VLANEncap: may send a VLAN tag;"
        " tags are how bridges tell each other where a packet goes: send frames without",
    ),
    "a header with a tag": (
        f"{ROUTED}EtherVLANEncap(0x0800, $mac0, 1:1:1:1:1:1, 7) -> out;",
        "own.click:3: EtherVLANEncap@7 :: EtherVLANEncap: may send a VLAN tag;"
        " tags are how bridges tell each other where a packet goes: send frames without",
    ),
    "a rewriter with a pool of others": (
        f"{ROUTED}IPAddrRewriter(pattern 198.51.100.4-198.51.100.7 - 0 0) -> EtherEncap(0x0800, $mac1, 1:1:1:1:1:1) -> out;",
        "own.click:3: IPAddrRewriter@7 :: IPAddrRewriter: may send a source address by port 1 that is not its own, got 198.51.100.4/30;"
        " send from 192.168.5.0/24 or 192.168.6.0/24, or claim dst 198.51.100.4/30 from 1",
    ),
    "a pattern with a name": (
        "IPRewriterPatterns(nat 198.51.100.4 1024-65535 - -);\n"
        f"{ROUTED}UDPRewriter(pattern nat 0 0) -> EtherEncap(0x0800, $mac1, 1:1:1:1:1:1) -> out;",
        "own.click:4: UDPRewriter@8 :: UDPRewriter: may send a source address by port 1 that is not its own, got 198.51.100.4/32;"
        " send from 192.168.5.0/24 or 192.168.6.0/24, or claim dst 198.51.100.4/32 from 1",
    ),
    "addresses as ports are kept": (
        f"{ROUTED}IPRewriter(pattern 198.51.100.4 - - - 0 0) -> EtherEncap(0x0800, $mac1, 1:1:1:1:1:1) -> out;",
        "own.click:3: IPRewriter@7 :: IPRewriter: may send a source address by port 1 that is not its own,"
        " got 198.51.100.4/32; send from 192.168.5.0/24 or 192.168.6.0/24, or claim dst 198.51.100.4/32 from 1",
    ),
    "a source that is written": (
        f"{ROUTED}StoreIPAddress(9.9.9.9, src) -> EtherEncap(0x0800, $mac1, 1:1:1:1:1:1) -> out;",
        "own.click:3: StoreIPAddress@7 :: StoreIPAddress: may send a source address by port 1 that is not its own, got 9.9.9.9/32;"
        " send from 192.168.5.0/24 or 192.168.6.0/24, or claim dst 9.9.9.9/32 from 1",
    ),
    "errors from elsewhere": (
        f"{ROUTED}ICMPError(9.9.9.9, timeexceeded) -> EtherEncap(0x0800, $mac1, 1:1:1:1:1:1) -> out;",
        "own.click:3: ICMPError@7 :: ICMPError: may send a source address by port 1 that is not its own, got 9.9.9.9/32;"
        " send from 192.168.5.0/24 or 192.168.6.0/24, or claim dst 9.9.9.9/32 from 1",
    ),
    "a tunnel from elsewhere, in a compound": (
        "elementclass Hidden { $from |\n input -> IPEncap(4, $from, 192.168.6.9) -> output }\n"
        f"{ROUTED}Hidden(9.9.9.9) -> EtherEncap(0x0800, $mac1, 1:1:1:1:1:1) -> out;",
        "own.click:4: Hidden@7/IPEncap@1 :: IPEncap: may send a source address by port 1 that is not its own, got 9.9.9.9/32;"
        " send from 192.168.5.0/24 or 192.168.6.0/24, or claim dst 9.9.9.9/32 from 1",
    ),
    "frames for measuring": (
        f"{SINK}FastUDPSource(1, 1, 60, $mac0, 9.9.9.9, 1, 1:1:1:1:1:1, 9.9.9.8, 2) -> Unqueue -> out;",
        "own.click:4: FastUDPSource@5 :: FastUDPSource: may send a source address by port 0 that is not its own, got 9.9.9.9/32;"
        " send from 192.168.5.0/24 or 192.168.6.0/24, or claim dst 9.9.9.9/32 from 0",
    ),
    "bytes of a frame": (
        f"{SINK}RatedSource(DATA \\<010101010101 02005e005300 0800 4500001c00000000 4011 0000 09090909 c0a80507 0000000000080000>) -> out;",
        "own.click:4: RatedSource@5 :: RatedSource: may send a source address by port 0 that is not its own, got 9.9.9.9/32;"
        " send from 192.168.5.0/24 or 192.168.6.0/24, or claim dst 9.9.9.9/32 from 0",
    ),
    "bytes of IPv6": (
        f"{SINK}RatedSource(DATA \\<60>) -> EtherEncap(0x86dd, $mac0, 1:1:1:1:1:1) -> out;",
        "own.click:4: EtherEncap@6 :: EtherEncap: may send IPv6 packets; platform ports have IPv4 addresses: send IPv4 alone",
    ),
    "what it received, as it was": (
        "FromDevice(eth0) -> Classifier(12/0800) -> out;",
        "own.click:3: FromDevice@3 :: FromDevice: may send an Ethernet source that is of no platform port, got that of whom it has"
        " a packet from; send from 02:00:5e:00:53:00 or 02:00:5e:00:53:01, by which the switch knows the port",
    ),
    "packets that lack a header": (
        f"{ROUTED}out;",
        "own.click:3: FromDevice@3 :: FromDevice: may send packets without an Ethernet header;"
        " put one in front with EtherEncap or ARPQuerier",
    ),
}


def test_addresses_of_ipv6_are_left_to_the_bridge_where_ports_have_it_and_refused_where_not(tmp_path: Path) -> None:
    six = tuple(replace(port, addresses6=(parse_interface6(f"2001:db8:{5 + port.portid}::fe/64"),)) for port in PORTS)
    claims = (Claim(parse_prefix_text("2001:db8:6::/64"), parse_prefix_text("2001:db8:5::/64"), 0),)
    graph = graph_of("FromDevice(eth0) -> Classifier(12/86dd) -> EtherRewrite($mac1, 1:1:1:1:1:1) -> out;", tmp_path)
    assert judge(graph, "eth0", claims, six) == Verdict(
        (),
        (
            "own.click:3: FromDevice@3 :: FromDevice: the source address of the IPv6 packets that it sends is not known here;"
            " the bridge of its host drops what is not its own (anti-spoofing)",
        ),
    )
    (refused,) = judge(graph, "eth0", claims, (six[0], PORTS[1])).refused
    assert "may send IPv6 packets" in refused


@pytest.mark.parametrize("name", SPOOFING)
def test_what_is_not_its_own_is_refused_with_its_line(name: str, tmp_path: Path) -> None:
    text, message = SPOOFING[name]
    assert judged(text, tmp_path).refused == (message,)


OWN = {
    "a ping responder": (
        f"{ROUTED}IPClassifier(icmp type echo) -> ICMPPingResponder -> rt :: StaticIPLookup(192.168.5.0/24 0, 192.168.6.0/24 1);\n"
        "rt [0] -> EtherEncap(0x0800, $mac0, 1:1:1:1:1:1) -> out; rt [1] -> EtherEncap(0x0800, $mac1, 1:1:1:1:1:1) -> out;",
        CLAIMS,
    ),
    "a NAT": (
        f"{ROUTED}side :: IPClassifier(src net 192.168.5.0/24, -) [0] -> [0] rw :: IPRewriter(pattern 203.0.113.7 1024-65535 - - 0 1, drop);\n"
        "side [1] -> [1] rw; rw [0] -> EtherEncap(0x0800, $mac1, 1:1:1:1:1:1) -> out;\n"
        "rw [1] -> EtherEncap(0x0800, $mac0, 1:1:1:1:1:1) -> out;",
        SERVING,
    ),
    "an answer to ARP": (
        "FromDevice(eth0) -> Classifier(12/0806 20/0001) -> ARPResponder($ip0 $mac0) -> out;",
        CLAIMS,
    ),
}


@pytest.mark.parametrize("name", OWN)
def test_what_is_its_own_is_proved(name: str, tmp_path: Path) -> None:
    text, claims = OWN[name]
    assert judged(text, tmp_path, claims) == Verdict((), ())


UNDECIDED = {
    "an element that is not in the table": (
        f"{ROUTED}StoreData(0, x) -> EtherEncap(0x0800, $mac0, 1:1:1:1:1:1) -> out;",
        "StoreData",
    ),
    "a script, which may write to handlers": (f"{SINK}Script(wait 1s, stop); Idle -> out;", "Script"),
    "a counter that calls handlers": (f"{SINK}Idle -> Counter(COUNT_CALL 10 stop) -> Discard; Idle -> out;", "Counter"),
    "a mapper": (
        f"m :: SourceIPHashMapper(3 7, - - 192.168.6.9 - 0 0 1);\n{ROUTED}IPRewriter(m) -> EtherEncap(0x0800, $mac0, 1:1:1:1:1:1) -> out;",
        "IPRewriter",
    ),
    "another device": (f"{SINK}FromDevice(lo) -> EtherRewrite($mac0, 1:1:1:1:1:1) -> out;", "FromDevice"),
    "what has come through a tunnel": (
        f"{ROUTED}Strip(20) -> CheckIPHeader -> EtherEncap(0x0800, $mac0, 1:1:1:1:1:1) -> out;",
        "Strip",
    ),
}


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_nobody_can_tell_is_told(name: str, tmp_path: Path) -> None:
    text, kind = UNDECIDED[name]
    verdict = judged(text, tmp_path)
    assert verdict.refused == ()
    assert any(f":: {kind}: " in line and "anti-spoofing" in line for line in verdict.undecided)


def test_the_table_speaks_of_elements_that_there_are() -> None:
    there = subprocess.run([CLICK, "--elements"], capture_output=True, text=True, timeout=20, check=True).stdout.split()
    assert set(EFFECTS) <= set(there)


# Random configurations of what the table knows, and whether more comes out than it says.
ADDRESSES = ("192.168.5.9", "192.168.6.9", "203.0.113.7", "9.9.9.9", "192.168.5.254")
ETHERS = (*MACS, NEIGHBOUR, "02:02:02:02:02:02")
# By what a packet begins with (a frame, a network header, one that is checked) and what it begins with behind the element.
FRAME, NETWORK, CHECKED = range(3)
MAKING: tuple[tuple[str, int, int, int, int], ...] = (
    ("Strip(14)", 1, 1, FRAME, NETWORK),
    ("Strip(14)", 1, 1, FRAME, NETWORK),
    ("CheckIPHeader(14)", 1, 2, FRAME, FRAME),
    ("EtherRewrite({m}, {m})", 1, 1, FRAME, FRAME),
    ("EtherMirror", 1, 1, FRAME, FRAME),
    ("StoreEtherAddress({m}, src)", 1, 2, FRAME, FRAME),
    ("StoreEtherAddress({m}, 0)", 1, 2, FRAME, FRAME),
    ("StoreEtherAddress({m}, 9)", 1, 2, FRAME, FRAME),
    ("StoreIPAddress({a}, 26)", 1, 2, FRAME, FRAME),
    ("VLANEncap(VLAN_ID 5)", 1, 1, FRAME, FRAME),
    ("VLANDecap", 1, 1, FRAME, FRAME),
    ("HostEtherFilter({m})", 1, 2, FRAME, FRAME),
    ("Classifier(12/0800, 12/0806, -)", 1, 3, FRAME, FRAME),
    ("Classifier(12/0800)", 1, 1, FRAME, FRAME),
    ("Classifier(12/0800 23/11, 12/0800, 12/0806 20/0001, -)", 1, 4, FRAME, FRAME),
    ("ARPResponder({a}/24 {m}, {a} {m})", 1, 2, FRAME, FRAME),
    ("Unstrip(14)", 1, 1, NETWORK, FRAME),
    ("MarkIPHeader", 1, 1, NETWORK, CHECKED),
    ("CheckIPHeader", 1, 2, NETWORK, CHECKED),
    ("CheckIPHeader", 1, 2, NETWORK, CHECKED),
    ("CheckIPHeader", 1, 2, NETWORK, CHECKED),
    ("StoreIPAddress({a}, 12)", 1, 2, NETWORK, NETWORK),
    ("EtherEncap(0x0806, {m}, {m})", 1, 1, NETWORK, FRAME),
    ("EtherEncap(0x86dd, {m}, {m})", 1, 1, NETWORK, FRAME),
    ("EtherEncap(0x0800, {m}, {m})", 1, 1, CHECKED, FRAME),
    ("EtherEncap(0x0800, {m}, {m})", 1, 1, CHECKED, FRAME),
    ("EtherEncap(0x0800, {m}, {m})", 1, 1, CHECKED, FRAME),
    ("ARPQuerier({a}, {m})", 2, 1, CHECKED, FRAME),
    ("Unstrip(14)", 1, 1, CHECKED, FRAME),
    ("Strip(20)", 1, 1, CHECKED, NETWORK),
    ("SetIPAddress({a})", 1, 1, CHECKED, CHECKED),
    ("GetIPAddress(16)", 1, 1, CHECKED, CHECKED),
    ("StaticIPLookup(192.168.5.0/24 0, 192.168.6.0/24 {a} 1, 0.0.0.0/0 0)", 1, 2, CHECKED, CHECKED),
    ("RadixIPLookup(192.168.6.0/24 1, 0.0.0.0/0 0)", 1, 2, CHECKED, CHECKED),
    ("IPMirror", 1, 1, CHECKED, CHECKED),
    ("ICMPPingResponder", 1, 2, CHECKED, CHECKED),
    ("TCPReflector", 1, 1, CHECKED, CHECKED),
    ("ICMPError({a}, timeexceeded)", 1, 1, CHECKED, CHECKED),
    ("FixIPSrc({a})", 1, 1, CHECKED, CHECKED),
    ("IPOutputCombo(1, {a}, 1500)", 1, 5, CHECKED, CHECKED),
    ("IPGWOptions({a})", 1, 2, CHECKED, CHECKED),
    ("DecIPTTL", 1, 2, CHECKED, CHECKED),
    ("SetIPDSCP(10)", 1, 1, CHECKED, CHECKED),
    ("SetIPChecksum", 1, 1, CHECKED, CHECKED),
    ("SetUDPChecksum", 1, 1, CHECKED, CHECKED),
    ("IPFragmenter(100)", 1, 2, CHECKED, CHECKED),
    ("StoreIPAddress({a}, src)", 1, 2, CHECKED, CHECKED),
    ("StoreIPAddress({a}, dst)", 1, 2, CHECKED, CHECKED),
    ("StoreIPAddress(src)", 1, 2, CHECKED, CHECKED),
    ("IPEncap(4, {a}, {a})", 1, 1, CHECKED, CHECKED),
    ("IPEncap(4, {a}, DST_ANNO)", 1, 1, CHECKED, CHECKED),
    ("UDPIPEncap({a}, 1, {a}, 2)", 1, 1, CHECKED, CHECKED),
    ("ICMPPingEncap({a}, {a})", 1, 1, CHECKED, CHECKED),
    ("IPRewriter(pattern {a} 1024-65535 - - 0 1, keep 1 0)", 2, 2, CHECKED, CHECKED),
    ("IPRewriter(pattern - - {a} - 0 1, drop)", 2, 2, CHECKED, CHECKED),
    ("IPAddrRewriter(pattern {a} - 0 1, pass 1)", 2, 2, CHECKED, CHECKED),
    ("IPAddrPairRewriter(pattern {a} {a} 0 1, drop)", 2, 2, CHECKED, CHECKED),
    ("Tee(2)", 1, 2, CHECKED, CHECKED),
    ("SetEtherAddress({m}, 0)", 1, 1, CHECKED, CHECKED),
    ("SetAnnoByte(0, 9)", 1, 1, CHECKED, CHECKED),
    ("Paint(9, 1)", 1, 1, CHECKED, CHECKED),
    ("IPReassembler", 1, 2, CHECKED, CHECKED),
)
START = ("Null", 1, 1, FRAME, FRAME)


def random_row(chance: random.Random) -> list[tuple[str, int, int, int, int]]:
    """Elements of which most can work on what the one before gives, and of which the last one most often gives frames."""
    # Without a classifier, what has a tag ends most that can be said.
    made = [START, ("Classifier(12/0800)", 1, 1, FRAME, FRAME)] if chance.random() < 0.7 else [START]
    count = chance.randint(3, 10)
    while len(made) < count or (made[-1][4] != FRAME and len(made) < 2 * count):
        state = made[-1][4] if chance.random() < 0.92 else chance.randrange(3)
        made.append(chance.choice([one for one in MAKING if one[3] == state]))
    return made


def random_configuration(chance: random.Random) -> str:
    """Elements in a row, each output to a later one or to the device."""
    made = random_row(chance)
    lines = []
    for number, (text, *_) in enumerate(made):
        while "{" in text:
            text = text.replace("{m}", chance.choice(ETHERS), 1)
            text = text.replace("{a}", chance.choice(ADDRESSES), 1)
        lines.append(f"e{number} :: {text};")
    fed: set[tuple[int, int]] = set()
    for number, (_, _, outputs, _, state) in enumerate(made):
        fitting = [later for later in range(number + 1, len(made)) if made[later][3] == state]
        for output in range(outputs):
            target = number + 1 if output == 0 or not fitting else chance.choice(fitting)
            if target == len(made) or chance.random() < (0.05 if state != FRAME else 0.15):
                lines.append(f"e{number} [{output}] -> out;")
            else:
                port = 0 if chance.random() < 0.8 else chance.randrange(made[target][1])
                fed.add((target, port))
                lines.append(f"e{number} [{output}] -> [{port}] e{target};")
    for number, (_, inputs, *_) in enumerate(made):
        lines += [f"Idle -> [{port}] e{number};" for port in range(inputs) if number and (number, port) not in fed]
    source = "FromDevice(eth0, PROMISC true) -> e0;"
    if chance.random() < 0.2:
        source += f"\nRatedSource(DATA \\<{bytes(frames(chance)[0]).hex()}>, LIMIT 2) -> e0;"
    return "\n".join([*lines, source])


def frames(chance: random.Random) -> list[Frame]:
    """What the claims let in, and ARP, and the same with tags."""
    found: list[Frame] = []
    for port, (near, far) in enumerate(((5, 6), (6, 5))):
        there, here = f"192.168.{near}.{chance.randint(1, 9)}", f"192.168.{far}.{chance.randint(1, 9)}"
        head = IP(src=there, dst=here, ttl=chance.choice((1, 64)))
        for body in (UDP(sport=1000, dport=53), TCP(sport=1001, dport=80, flags="S"), ICMP()):
            packet = head / body / Raw(bytes(chance.randint(0, 300)))
            found.append(Ether(src=NEIGHBOUR, dst=MACS[port]) / packet)
            found.append(Ether(src=NEIGHBOUR, dst=MACS[port]) / Dot1Q(vlan=5) / packet)
            inner = head / IP(src="9.9.9.9", dst=here) / body
            found.append(Ether(src=NEIGHBOUR, dst=MACS[port]) / inner)
        asked = ARP(op=1, hwsrc=NEIGHBOUR, psrc=there, pdst=f"192.168.{near}.254")
        found.append(Ether(src=NEIGHBOUR, dst="ff:ff:ff:ff:ff:ff") / asked)
        found.append(Ether(src=NEIGHBOUR, dst=MACS[port]) / ARP(op=2, hwsrc=NEIGHBOUR, psrc=here, pdst=there))
    chance.shuffle(found)
    return found


def covers(said: Packet, raw: bytes) -> bool:
    """Whether the bytes of a frame are among the packets."""
    said = said.as_frame()
    if said.start is Start.ANYTHING:
        return True
    if said.start is Start.NETWORK:
        sender = raw[14:18] if said.kind.value == 0x0806 else raw[12:16]
        return said.source.value is None or len(sender) < 4 or _holds(said.source.value, sender)
    kind = int.from_bytes(raw[12:14], "big")
    mac = raw[6:12].hex(":")
    if said.kind.value not in (None, kind) or said.mac.value not in (None, RECEIVED if mac not in MACS else mac, mac):
        return False
    source = {0x0800: raw[26:30], 0x0806: raw[28:32]}.get(kind, b"")
    return kind in TAGS or said.source.value is None or len(source) < 4 or _holds(said.source.value, source)


def _holds(prefix: Prefix, address: bytes) -> bool:
    return prefix.holds(int.from_bytes(address, "big"))


@pytest.mark.parametrize("seed", range(12))
def test_nothing_leaves_the_engine_that_was_not_said(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    left = told = 0
    for number in range(20):
        text = random_configuration(chance)
        folder = tmp_path / str(number)
        folder.mkdir()
        graph = graph_of(text, folder)
        arrival = Arrival(
            (claim.source, claim.destination, port.mac)
            for claim in CLAIMS
            for port in PORTS
            if claim.enters(port.portid)
        )
        said = [
            packet
            for end, packets in interpret(graph, "eth0", arrival).items()
            if graph.elements[end.element].kind == SENDER
            for packet in packets
        ]
        arriving = [(0.1 * at, frame) for at, frame in enumerate(frames(chance) * 2)]
        sent = play(folder / "own.click", {"eth0": arriving}, folder, seconds=8).sent["eth0"]
        for frame in sent:
            raw = bytes(frame)
            assert any(covers(one, raw) for one in said), f"{text}\n{raw.hex()}\n{said}"
        left += len(sent)
        told += bool(said) and all(one.start is not Start.ANYTHING for one in said)
    assert left > 100
    assert told >= 5
