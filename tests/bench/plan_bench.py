# SPDX-License-Identifier: Apache-2.0
"""Seconds per plan: N processing modules with N forwarding entries each. The last column stays level if cost is linear."""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import ansible.module_utils

ROOT = Path(__file__).parents[2]
ansible.module_utils.__path__.append(str(ROOT / "module_utils"))

from ansible.module_utils.flowstream.addresses import Prefix  # noqa: E402  after the path is known
from ansible.module_utils.flowstream.middleboxes.template import renderer  # noqa: E402
from ansible.module_utils.flowstream.plan.plan import Plan  # noqa: E402
from ansible.module_utils.flowstream.planner.parser import parse  # noqa: E402
from ansible.module_utils.flowstream.planner.planner import plan_allocation  # noqa: E402
from ansible.module_utils.flowstream.planner.proof import check_flows  # noqa: E402
from ansible.module_utils.flowstream.platform.facts import Platform  # noqa: E402

SIZES = (100, 178, 316, 562, 1000)
PORTS = 4
PMS_PER_HOST = 64
FABRICS = ((4, 200), (8, 500), (64, 60), (64, 500))
"""Many ports or many hosts, one module on each; the last is too large for one table."""
Value = TypeVar("Value")


def allocation_text(size: int, ports: int = PORTS, routes: int | None = None) -> str:
    """An allocation that divides 0.0.0.0/0 among `size` modules, each with `routes` (`size`) routes inside its prefix."""
    routes = size if routes is None else routes
    bits = (size - 1).bit_length()
    lines = ['<allocationdescription id="bench" type="fastiprouter" subtype="prefixlb">', "<portmacmappings>"]
    lines += [
        f'<portmacmapping portid="{port}" mac="02:00:00:00:00:{port:02x}" switchport="{port + 1}"/>'
        for port in range(ports)
    ]
    lines.append("</portmacmappings>")
    for pm in range(size):
        network = pm << (32 - bits)
        lines.append(f'<pm id="{pm}"><prefix addr="{address(network)}" mask="{bits}"/><forwardingtable>')
        lines += [
            f'<forwardingentry addr="{address(network | route << (22 - bits))}" mask="{bits + 10}"'
            f' outputport="{route % ports}"/>'
            for route in range(routes)
        ]
        lines.append("</forwardingtable></pm>")
    lines.append("</allocationdescription>")
    return "\n".join(lines)


def address(value: int) -> str:
    return str(Prefix(value, 32)).partition("/")[0]


def platform(size: int, pms_per_host: int = PMS_PER_HOST) -> Platform:
    hosts = {
        f"mh{number}": {
            "driver": "process",
            "bridge": "br-pm",
            "uplink_port": 1,
            "switch": "sw1",
            "switch_port": 100 + number,
            "capacity": {"pms": pms_per_host, "memory_mib": 64 * pms_per_host, "vcpus": 2},
        }
        for number in range(-(-size // pms_per_host))
    }
    return Platform.from_facts({"switches": {"sw1": {"bridge": "br-flow"}}, "hosts": hosts, "ports": {}})


def timed(work: Callable[[], Value]) -> tuple[Value, float]:
    gc.collect()
    start = time.process_time()
    value = work()
    return value, time.process_time() - start


def main() -> None:
    """Print one line for each size, and one for each fabric."""
    render = renderer(ROOT / "templates" / "click")
    print(f"{'PMs x entries':>14} {'parse s':>8} {'plan s':>8} {'write s':>8} {'plan ns/entry':>14} {'peak MiB':>9}")
    for size in SIZES:
        data = allocation_text(size).encode()
        parsed, parse_seconds = timed(lambda data=data: parse(data, "bench.xml"))  # type: ignore[misc]
        facts = platform(size)
        plan, plan_seconds = timed(lambda p=parsed, f=facts: plan_allocation(p.allocation, f, render))  # type: ignore[misc]
        files, write_seconds = timed(lambda plan=plan: plan.files())  # type: ignore[misc]
        if Plan.from_json(files["plan.json"]) != plan:
            sys.exit(f"plan of {size} x {size} does not read back as it was")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{f'{size} x {size}':>14} {parse_seconds:8.2f} {plan_seconds:8.2f} {write_seconds:8.2f}"
            f" {plan_seconds / size / size * 1e9:14.0f} {peak:9}",
            flush=True,
        )
        del parsed, plan, files
    print(f"\n{'ports x hosts':>14} {'entries':>8} {'switch':>8} {'plan MB':>8} {'plan s':>8} {'proof s':>8}")
    for ports, hosts in FABRICS:
        facts = platform(hosts, 1)
        allocation = parse(allocation_text(hosts, ports, 1).encode(), "bench.xml").allocation
        plan, plan_seconds = timed(lambda a=allocation, f=facts: plan_allocation(a, f, render))  # type: ignore[misc]
        _, proof_seconds = timed(lambda plan=plan: check_flows(plan))  # type: ignore[misc]
        entries = sum(len(bridge.flows) for bridge in plan.bridges().values())
        size_mb = len(plan.to_json()) / 1e6
        on_switch = len(plan.switches["sw1"].flows)
        print(
            f"{f'{ports} x {hosts}':>14} {entries:8} {on_switch:8} {size_mb:8.1f} {plan_seconds:8.2f} {proof_seconds:8.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
