# SPDX-License-Identifier: Apache-2.0
"""Seconds for allocations of 10 tenants on 20 module hosts at 4 switches in a ring, planned one beside the other.

`plan s` is all of it: parsing apart, what a run that plans a folder does, the joint check and the proof of each plan included; `joint s`
and `proof s` are these two alone, once more. `change s` is one allocation that gets another route, beside all the others.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import ansible.module_utils

ROOT = Path(__file__).parents[2]
ansible.module_utils.__path__.append(str(ROOT / "module_utils"))

from ansible.module_utils.flowstream.allocation.model import Allocation  # noqa: E402  after the path is known
from ansible.module_utils.flowstream.middleboxes.template import renderer  # noqa: E402
from ansible.module_utils.flowstream.plan.plan import Plan  # noqa: E402
from ansible.module_utils.flowstream.planner.joint import refuse_conflicts, with_plan  # noqa: E402
from ansible.module_utils.flowstream.planner.parser import parse  # noqa: E402
from ansible.module_utils.flowstream.planner.planner import plan_allocation  # noqa: E402
from ansible.module_utils.flowstream.planner.proof import check_flows  # noqa: E402
from ansible.module_utils.flowstream.platform.facts import Platform  # noqa: E402
from ansible.module_utils.flowstream.platform.occupancy import NOTHING, Occupancy  # noqa: E402

SIZES = (25, 50, 100)
TENANTS, HOSTS, SWITCHES, PORTS, MODULES = 10, 20, 4, 2, 4
CAPACITY = {"pms": 64, "memory_mib": 8192, "vcpus": 2}
Value = TypeVar("Value")


def facts() -> dict[str, Any]:
    """Switches in a ring, by ports 121 and 122; hosts at ports from 101 on, what is outside at those up to 50."""
    switches = {
        f"sw{at}": {
            "bridge": "br-flow",
            "number": at + 1,
            "links": {121: f"sw{(at + 1) % SWITCHES}/122", 122: f"sw{(at - 1) % SWITCHES}/121"},
            "outside": list(range(1, 51)),
        }
        for at in range(SWITCHES)
    }
    hosts = {
        f"mh{at:02}": {
            "driver": "process",
            "bridge": "br-pm",
            "uplink_port": 1,
            "switch": f"sw{at % SWITCHES}",
            "switch_port": 101 + at // SWITCHES,
            "capacity": CAPACITY,
        }
        for at in range(HOSTS)
    }
    tenants = {f"tenant{at}": {"modules": 100} for at in range(TENANTS)}
    return {"switches": switches, "hosts": hosts, "ports": {}, "tenants": tenants}


def allocation(number: int, route: str = "10.0.0.0") -> Allocation:
    """A router of four modules between two ports at different switches, with addresses of its own."""
    ports = "".join(
        f'<portmacmapping portid="{port}" mac="02:00:00:00:{number:02x}:{port:02x}" switch="sw{(number + port) % SWITCHES}"'
        f' switchport="{1 + number // 2}" address="172.{16 + port}.{number}.1/24"/>'
        for port in range(PORTS)
    )
    modules = "".join(
        f'<pm id="{pm}" rate="10"><prefix addr="{pm * 64}.0.0.0" mask="2"/><forwardingtable>'
        f'<forwardingentry addr="{pm * 64}.0.0.0" mask="2" outputport="0"/>'
        f'<forwardingentry addr="{pm * 64 + int(route.partition(".")[0])}.0.0.0" mask="8" outputport="1"/>'
        "</forwardingtable></pm>"
        for pm in range(MODULES)
    )
    text = (
        f'<allocationdescription id="a{number}" type="fastiprouter" subtype="prefixlb" tenant="tenant{number % TENANTS}">'
        f"<portmacmappings>{ports}</portmacmappings>{modules}</allocationdescription>"
    )
    return parse(text.encode(), f"a{number}.xml").allocation


def timed(work: Callable[[], Value]) -> tuple[Value, float]:
    gc.collect()
    start = time.process_time()
    value = work()
    return value, time.process_time() - start


def main() -> None:
    """Print one line for each number of allocations; fail where the largest takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = parser.parse_args().sizes
    render = renderer(ROOT / "templates" / "click")
    platform = Platform.from_facts(facts())

    def plan_all(wanted: list[Allocation]) -> tuple[list[Plan], Occupancy]:
        beside, plans = NOTHING, []
        earlier: dict[str, Allocation] = {}
        for one in wanted:
            plans.append(plan_allocation(one, platform, render, occupancy=beside, earlier=earlier))
            beside = with_plan(beside, plans[-1])
            earlier[one.allocation_id] = one
        return plans, beside

    print(
        f"{'allocations':>11} {'modules':>8} {'entries':>8} {'plan s':>8} {'joint s':>8} {'proof s':>8} {'change s':>9}"
    )
    for size in sizes:
        wanted = [allocation(number) for number in range(size)]
        (plans, there), seconds = timed(lambda wanted=wanted: plan_all(wanted))  # type: ignore[misc]

        def check_jointly(
            wanted: list[Allocation] = wanted, plans: list[Plan] = plans, there: Occupancy = there
        ) -> None:
            for one, plan in zip(wanted, plans, strict=True):
                refuse_conflicts(one, plan, platform.switches, there)

        _, joint = timed(check_jointly)
        _, proof = timed(lambda plans=plans: [check_flows(plan) for plan in plans])  # type: ignore[misc]
        other = allocation(size // 2, "20.0.0.0")
        _, change = timed(lambda one=other, beside=there: plan_allocation(one, platform, render, occupancy=beside))  # type: ignore[misc]
        entries = sum(len(bridge.flows) for plan in plans for bridge in plan.bridges().values())
        modules = sum(len(host.pms) for plan in plans for host in plan.hosts.values())
        print(
            f"{size:11} {modules:8} {entries:8} {seconds:8.2f} {joint:8.2f} {proof:8.2f} {change:9.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
