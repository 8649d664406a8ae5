# SPDX-License-Identifier: Apache-2.0
"""Nanoseconds that a packet costs a module of each type: what `packet_ns` in its Cost says, rounded.

A module of an example gets a frame of 64 bytes that it passes on, from memory and into memory, again and again: one flow, which it
knows after the first. Of the packets that a verification would send, and on their way out too where it stands in a stage, that counts
which costs most. Rates of a shaper are raised out of the way. The time of a run with few frames is taken off that of many.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import ansible.module_utils

ROOT = Path(__file__).parents[2]
ansible.module_utils.__path__.append(str(ROOT / "module_utils"))

from ansible.module_utils.flowstream.addresses import address_text  # noqa: E402  after the path is known
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm  # noqa: E402
from ansible.module_utils.flowstream.planner.types import STAGES, middlebox_of  # noqa: E402
from ansible.module_utils.flowstream.traffic.frames import Stream  # noqa: E402

CLICK = ROOT / "clickos" / "build" / "click"
EXAMPLES = (
    "three-modules",
    "firewall",
    "nat",
    "loadbalancer",
    "translator",
    "staged-router",
    "vpn-router",
    "watched-router",
)
FEW, MANY, RUNS, PACKETS = 100_000, 1_000_000, 5, 6
SOURCE_MAC, NEXT_MAC = bytes.fromhex("02005e00aa01"), bytes.fromhex("02005e00aa02")
DEVICES = """
define($limit 1000)
elementclass FromDevice { $device, __REST__ $rest |
    InfiniteSource(DATA \\<%s>, LIMIT $limit, BURST 32, STOP true) -> output }
elementclass ToDevice { $device, __REST__ $rest | input -> left :: Counter -> Discard(BURST 32) }
"""


def frames(plan: Plan) -> Iterator[tuple[str, int, bytes]]:
    """Yield next hop, port that it leaves by, and frame, of each packet that the allocation's type passes on, in and out."""
    macs = {port.portid: bytes.fromhex(port.mac.replace(":", "")) for port in plan.ports}
    for probe in middlebox_of(plan.type).expectations(plan):
        if probe.output_port is not None and probe.source_address is not None:
            next_hop = probe.next_hop_text or address_text(probe.destination, probe.family)
            for source, destination in (SOURCE_MAC, macs[probe.source_port]), (macs[probe.output_port], NEXT_MAC):
                stream = Stream(
                    1, probe.source_address, probe.destination, destination, 1, family=probe.family, vlan=probe.vlan
                )
                yield next_hop, probe.output_port, stream.frame(source, 1, 1)


def played(pm: PlannedPm, next_hop: str, port: int, frame: bytes) -> str:
    """The module's configuration between a source and a sink in memory."""
    config = re.sub(r"\b\d+Mbps\b", "100Gbps", pm.config)
    known = f"write arpq{port}.insert {next_hop} {NEXT_MAC.hex(':')}, " if f"arpq{port} ::" in config else ""
    return f"{DEVICES % frame.hex()}{config}\nDriverManager({known}pause, print to_device/left.count, stop);\n"


def passes(configuration: Path) -> bool:
    """Whether a module lets its frame through."""
    done = subprocess.run([CLICK, configuration, "limit=1000"], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        sys.exit(f"cannot measure {configuration.name}: {done.stderr}")
    return int(done.stdout.split()[-1]) >= FEW // 200


def seconds(configuration: Path, limit: int) -> float:
    """What a run costs a processor."""
    with Path(os.devnull).open("w") as nowhere:
        pid = os.posix_spawn(
            CLICK, [str(CLICK), str(configuration), f"limit={limit}"], os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)],
        )  # fmt: skip
        _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"cannot measure {configuration.name}: it ended with status {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print a line for each type."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"{'type':<20} {'module':<14} {'ns/packet':>9} {'least':>7} {'most':>7} {'declared':>8}")
    met: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        for example in EXAMPLES:
            plan = Plan.from_json((ROOT / "examples" / example / "expected" / "plan.json").read_text())
            candidates = list(frames(plan))
            for pm in sorted((pm for host in plan.hosts.values() for pm in host.pms), key=lambda pm: pm.pm_id):
                kind = plan.type if pm.stage is None else f"stage {pm.stage.type}"
                if kind in met:
                    continue
                met.add(kind)
                cost = middlebox_of(plan.type).cost if pm.stage is None else STAGES[pm.stage.type].cost
                figures = max(measured(pm, candidates, Path(folder)), key=statistics.median)
                print(
                    f"{kind:<20} {pm.name:<14} {statistics.median(figures):>9.0f} {min(figures):>7.0f}"
                    f" {max(figures):>7.0f} {cost.packet_ns:>8}",
                    flush=True,
                )


def measured(pm: PlannedPm, candidates: list[tuple[str, int, bytes]], folder: Path) -> Iterator[list[float]]:
    """Yield the nanoseconds of each run, for each of the first packets that the module lets through."""
    texts = dict.fromkeys(played(pm, *candidate) for candidate in candidates)
    configuration = folder / f"{pm.name}.click"
    found = 0
    for text in texts:
        configuration.write_text(text)
        if found < PACKETS and passes(configuration):
            found += 1
            yield [
                (seconds(configuration, MANY) - seconds(configuration, FEW)) / (MANY - FEW) * 1e9 for _ in range(RUNS)
            ]


if __name__ == "__main__":
    main()
