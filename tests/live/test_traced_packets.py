# SPDX-License-Identifier: Apache-2.0
"""Hundreds of random packets come out of the lab where `trace` says of the plan that they do, for each example that the lab can carry as it is.

Left out are those that need more than the example itself: keys (vpn-router), devices (through-devices), two switches, domains (two-kinds),
and addresses that no endpoint has (three-modules, side-by-side).
"""

from __future__ import annotations

import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.trace.engine import Engine
from ansible.module_utils.flowstream.trace.observe import Place, send_and_capture
from ansible.module_utils.flowstream.trace.packet import TracedPacket
from ansible.module_utils.flowstream.trace.way import tables_of, trace
from ansible.module_utils.flowstream.world.run import local_run

from .router_lab import ROOT, RouterLab

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
]
PACKETS = 300
NETWORKS6 = ["2001:db8:5", "2001:db8:6", "fd00:db8:7", "2001:db8:8"]
SERVICES = ["203.0.113.9", "203.0.113.80", "203.0.113.2", "10.0.6.254", "172.16.3.4", "198.51.100.1"]
DESTINATION_PORTS = [9, 22, 25, 53, 80, 443, 5201]


def random_packets(plan: Plan, choose: random.Random) -> Iterator[tuple[int, str]]:
    """Packets, each with the platform port that it enters by: from its networks, to endpoints, to services and to nobody."""
    ports = [port.portid for port in plan.ports]
    has_six = any(port.addresses6 for port in plan.ports)
    for _ in range(PACKETS):
        enters, leaves = choose.choice(ports), choose.choice(ports)
        if has_six and choose.random() < 0.5:
            addresses = f"ip6 src {NETWORKS6[enters]}::{choose.randrange(1, 99):x} dst {NETWORKS6[leaves]}::1"
        else:
            source = f"{choose.choice(['192.168', '10.0'])}.{5 + enters}.{choose.randrange(1, 251)}"
            endpoint = f"{choose.choice(['192.168', '10.0'])}.{5 + leaves}.1"
            addresses = f"ip src {source} dst {endpoint if choose.random() < 0.8 else choose.choice(SERVICES)}"
        if choose.random() < 0.2:
            yield enters, f"{addresses} icmp"
        else:
            chosen = choose.choice([*DESTINATION_PORTS, choose.randrange(1, 65536)])
            protocol = choose.choice(["tcp", "udp"])
            yield enters, f"{addresses} {protocol} sport {choose.randrange(1024, 65536)} dport {chosen}"


def apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function that does not come back from where it goes to, namespaces, in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as other:
        return other.submit(function, *arguments).result(60)


@pytest.mark.parametrize("name", EXAMPLES)
def test_packets_come_out_where_the_trace_says(lab: RouterLab, tmp_path: Path, name: str) -> None:
    allocation = str(ROOT / "examples" / name / "allocation.xml")
    lab.play("deploy", allocation=allocation)
    try:
        (file,) = lab.build.glob("*/plan.json")
        plan = Plan.from_json(file.read_text())
        places = [Place(str(port.portid), "eth0", f"{lab.prefix}-ep{port.portid}") for port in plan.ports]
        engine = Engine(
            local_run(20),
            ROOT / "clickos" / "build" / "click",
            tmp_path,
            TracedPacket.parse("src ::1 dst ::").marks[:1],
        )
        foretold: list[set[int | None]] = []
        frames: dict[int, list[bytes]] = {port.portid: [] for port in plan.ports}
        numbers: dict[int, list[int]] = {port.portid: [] for port in plan.ports}
        texts = []
        for number, (enters, text) in enumerate(random_packets(plan, random.Random(name))):
            packet = TracedPacket.parse(text)
            ways = trace(plan, tables_of(plan), packet, enters, engine.passage, plan.up())
            foretold.append({way[-1].portid for way in ways})
            mac = next(port.mac for port in plan.ports if port.portid == enters)
            frames[enters].append(packet.frame("02:00:00:00:00:00", mac, len(frames[enters])))
            numbers[enters].append(number)
            texts.append(f"port {enters}: {text}")
        came_out: list[Counter[int]] = [Counter() for _ in texts]
        for enters in frames:
            for place, counts in apart(send_and_capture, str(enters), places, frames[enters], 1, 2).items():
                for number, count in zip(numbers[enters], counts, strict=True):
                    came_out[number][int(place)] += count
    finally:
        lab.play("remove", allocation=allocation)
        file.unlink()
    wrong = [
        f"{text}: foretold {sorted(map(str, ways))}, came out {dict(+seen)}"
        for text, ways, seen in zip(texts, foretold, came_out, strict=True)
        if sorted(seen.elements()) not in [[] if way is None else [way] for way in ways]
    ]
    assert wrong == []
    assert {None} in foretold
    assert len({way for ways in foretold for way in ways}) > 1
