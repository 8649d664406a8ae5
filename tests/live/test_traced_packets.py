# SPDX-License-Identifier: Apache-2.0
"""Hundreds of random packets come out of the lab where `trace` says of the plan that they do, for each example that the lab can carry as it is.

Devices and subscribers are played, and endpoints get the addresses that an example's own networks have. What is encrypted is nowhere to be
seen, as foretold. Left out are examples that need more: domains (two-kinds), and generators, which take packets in and give none back.
"""

from __future__ import annotations

import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.trace.engine import Engine
from ansible.module_utils.flowstream.trace.observe import Place, send_and_capture
from ansible.module_utils.flowstream.trace.packet import TracedPacket
from ansible.module_utils.flowstream.trace.way import tables_of, trace
from ansible.module_utils.flowstream.world.run import local_run

from .nft_device import NftDevice
from .router_lab import ROOT, RouterLab, await_condition
from .subscriber import subscriber

pytestmark = [
    pytest.mark.live,
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines"),
]

EXAMPLES = [
    "felipeiprouter",
    "dual-stack-router",
    "firewall",
    "nat",
    "loadbalancer",
    "click",
    "flow-router",
    "staged-router",
    "watched-router",
    "offloaded-router",
    "spilling-router",
    "translator",
    "three-modules",
    "through-devices",
    "bng",
    "vpn-router",
]
SUBSCRIBERS = {101: "192.168.5.1", 102: "192.168.5.2", 201: "10.0.5.1", 202: "10.0.5.2"}
"""Of example bng, by their VLANs."""
HOSTS = {"three-modules": [["192.0.2.1/30"], ["198.51.100.2/25", "10.1.0.2/16"], ["203.0.113.7/24"]]}
"""Of examples with networks of their own: the addresses of the endpoint at each port."""
OTHER_SITE = {"vpn-router": ["10.99.0.7"]}
"""Of examples with a tunnel: hosts behind it."""
KEYS = {"branch": {"out": {"spi": 0x1001, "key": "01" * 36}, "in": [{"spi": 0x2001, "key": "02" * 36}]}}
PACKETS = 300
BFD = 1000
"""Milliseconds between two packets by which a switch sees whether a device passes anything on."""
NETWORKS6 = ["2001:db8:5", "2001:db8:6", "fd00:db8:7", "2001:db8:8"]
SERVICES = ["203.0.113.9", "203.0.113.80", "203.0.113.2", "10.0.6.254", "172.16.3.4", "198.51.100.1"]
SERVICES6 = ["64:ff9b:1::c0a8:601", "64:ff9b:1::a00:601", "64:ff9b::c0a8:601", "64:ff9b::a00:601"]
FAR_AWAY = ["8.8.8.8", "10.2.3.4", "150.1.2.3", "217.1.2.3"]
"""Behind a gateway that is an endpoint, or nowhere: nobody else there answers who is asked for by ARP."""
DESTINATION_PORTS = [9, 22, 25, 53, 80, 443, 5201]


def random_packets(
    plan: Plan, choose: random.Random, hosts: list[list[str]], far: list[str]
) -> Iterator[tuple[int, str]]:
    """Packets, each with the platform port that it enters by: from its networks, to endpoints, to services, `far` away and to nobody."""
    ports = [port.portid for port in plan.ports]
    with_six = [port.portid for port in plan.ports if port.addresses6]
    for _ in range(PACKETS):
        enters, leaves = choose.choice(ports), choose.choice(ports)
        if enters in with_six and choose.random() < 0.5:
            endpoint = f"{NETWORKS6[leaves]}::1"
            target = endpoint if len(with_six) > 1 or choose.random() < 0.3 else choose.choice(SERVICES6)
            addresses = f"ip6 src {NETWORKS6[enters]}::{choose.randrange(1, 99):x} dst {target}"
        elif hosts:
            source, endpoint = (choose.choice(hosts[port]).partition("/")[0] for port in (enters, leaves))
            addresses = f"ip src {source} dst {endpoint if choose.random() < 0.6 else choose.choice(FAR_AWAY)}"
        else:
            source = f"{choose.choice(['192.168', '10.0'])}.{5 + enters}.{choose.randrange(1, 251)}"
            endpoint = f"{choose.choice(['192.168', '10.0'])}.{5 + leaves}.1"
            addresses = f"ip src {source} dst {endpoint if choose.random() < 0.8 else choose.choice([*SERVICES, *far])}"
        if choose.random() < 0.2:
            yield enters, f"{addresses} icmp"
        else:
            chosen = choose.choice([*DESTINATION_PORTS, choose.randrange(1, 65536)])
            protocol = choose.choice(["tcp", "udp"])
            yield enters, f"{addresses} {protocol} sport {choose.randrange(1024, 65536)} dport {chosen}"


def subscribers_packets(choose: random.Random) -> Iterator[tuple[int, str]]:
    """Packets of subscribers, some in another's VLAN or in none, and packets for subscribers and for nobody."""
    for _ in range(PACKETS):
        vlan, source = choose.choice(list(SUBSCRIBERS.items()))
        far = choose.choice([*FAR_AWAY, "192.168.6.1", "10.0.6.1", *SUBSCRIBERS.values()])
        ports = f"{choose.choice(['tcp', 'udp'])} sport {choose.randrange(1024, 65536)} dport {choose.choice(DESTINATION_PORTS)}"
        if choose.random() < 0.5:
            tag = choose.choice([f"vlan {vlan}"] * 4 + [f"vlan {choose.choice([*SUBSCRIBERS, 999])}", ""])
            yield 0, f"ip src {source} dst {far} {ports} {tag}"
        else:
            target = source if choose.random() < 0.8 else choose.choice(["192.168.5.3", "10.0.5.3", "10.0.6.1"])
            yield 1, f"ip src {choose.choice(['192.168.6.1', '10.0.6.1', *FAR_AWAY])} dst {target} {ports}"


def apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function that does not come back from where it goes to, namespaces, in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as other:
        return other.submit(function, *arguments).result(60)


@pytest.fixture
def devices(lab: RouterLab) -> list[NftDevice]:
    """The devices of the lab, which pass on everything."""
    return [NftDevice(lab, name, "udp dport 0 counter name refused") for name in ("ids1", "ids2")]


@pytest.mark.parametrize("name", EXAMPLES)
def test_packets_come_out_where_the_trace_says(
    lab: RouterLab, request: pytest.FixtureRequest, tmp_path: Path, name: str
) -> None:
    if name == "through-devices":
        request.getfixturevalue("devices")
    with ExitStack() as played:
        for vlan, address in SUBSCRIBERS.items() if name == "bng" else ():
            gateway = f"{address.rpartition('.')[0]}.254"
            played.enter_context(subscriber(lab.endpoint(0), vlan, f"{address}/24", gateway))
        compare(lab, tmp_path, name)


def test_packets_come_out_where_the_trace_says_of_two_allocations(lab: RouterLab, tmp_path: Path) -> None:
    compare(lab, tmp_path, "side-by-side", "")


def test_packets_come_out_where_the_trace_says_of_two_switches(fabric: RouterLab, tmp_path: Path) -> None:
    compare(fabric, tmp_path, "two-switches")


def compare(lab: RouterLab, tmp_path: Path, name: str, file: str = "allocation.xml") -> None:
    """Send packets through an example, of each of its allocations, and hold where they come out against the trace of each."""
    allocation = str(ROOT / "examples" / name / file)
    hosts = HOSTS.get(name, [])
    lab.play("deploy", allocation=allocation, device_bfd_interval=BFD, vpn_secrets=KEYS)
    for number, addresses in enumerate(hosts):
        for address in addresses:
            lab.endpoint(number).run("ip", "address", "add", address, "dev", "eth0")
    try:
        if name == "through-devices":
            pairs = [(0, "192.168.6.1"), (0, "192.168.7.1"), (1, "192.168.7.1")]
            await_condition("packets pass the devices", lambda: all(lab.pings(*pair) for pair in pairs), seconds=60)
        plans = [Plan.from_json(path.read_text()) for path in sorted(lab.build.glob("*/plan.json"))]
        choose = random.Random(name)
        portids = [port.portid for plan in plans for port in plan.ports]
        wrong = []
        for plan in plans:
            packets = (
                subscribers_packets(choose)
                if name == "bng"
                else random_packets(plan, choose, hosts, OTHER_SITE.get(name, []))
            )
            wrong += sent_otherwise(lab, tmp_path, plan, packets, portids)
    finally:
        for number, addresses in enumerate(hosts):
            for address in addresses:
                lab.endpoint(number).run("ip", "address", "del", address, "dev", "eth0")
        lab.play("remove", allocation=allocation)
        for plan in lab.build.glob("*/plan.json"):
            plan.unlink()
    assert wrong == []


def sent_otherwise(
    lab: RouterLab, folder: Path, plan: Plan, packets: Iterable[tuple[int, str]], portids: list[int]
) -> list[str]:
    """Those of a deployed plan's packets that came out elsewhere than foretold, of endpoints at these ports."""
    places = [Place(str(portid), "eth0", f"{lab.prefix}-ep{portid}") for portid in portids]
    engine = Engine(
        local_run(20), ROOT / "clickos" / "build" / "click", folder, TracedPacket.parse("src ::1 dst ::").marks[:1]
    )
    foretold: list[set[int | None]] = []
    frames: dict[int, list[bytes]] = {port.portid: [] for port in plan.ports}
    numbers: dict[int, list[int]] = {port.portid: [] for port in plan.ports}
    texts = []
    for number, (enters, text) in enumerate(packets):
        packet = TracedPacket.parse(text)
        foretold.append(
            {way[-1].portid for way in trace(plan, tables_of(plan), packet, enters, engine.passage, plan.up())}
        )
        mac = next(port.mac for port in plan.ports if port.portid == enters)
        frames[enters].append(packet.frame("02:00:00:00:00:00", mac, len(frames[enters])))
        numbers[enters].append(number)
        texts.append(f"port {enters}: {text}")
    came_out: list[Counter[int]] = [Counter() for _ in texts]
    for enters in frames:
        for place, counts in apart(send_and_capture, str(enters), places, frames[enters], 1, 2).items():
            for number, count in zip(numbers[enters], counts, strict=True):
                came_out[number][int(place)] += count
    assert {None} in foretold
    assert len({way for ways in foretold for way in ways}) > 1
    return [
        f"{text}: foretold {sorted(map(str, ways))}, came out {dict(+seen)}"
        for text, ways, seen in zip(texts, foretold, came_out, strict=True)
        if sorted(seen.elements()) not in [[] if way is None else [way] for way in ways]
    ]
