# SPDX-License-Identifier: Apache-2.0
"""Platforms and modules to place, as placing sees them, written out or drawn by chance."""

from __future__ import annotations

from ansible.module_utils.flowstream.placement.policy import BALANCED, Policy
from ansible.module_utils.flowstream.placement.problem import Problem, problem_of
from ansible.module_utils.flowstream.placement.request import Request
from ansible.module_utils.flowstream.platform.facts import ModuleHost
from ansible.module_utils.flowstream.platform.occupancy import Use
from hypothesis import strategies as st

USUAL_MEMORY = {"process": 64, "clickos": 32, "linux_guest": 128}
PACKET_NS = 500
"""Of modules whose type nobody knows."""
BALANCE = Policy(BALANCED)
SIZES = st.integers(16, 300)
"""Memory of modules, MiB."""


def module_host(name: str, driver: str = "process", pms: int = 100, memory: int = 1000, vcpus: int = 2, processors: int | None = None, uplink: int | None = None, flows: int | None = None) -> ModuleHost:  # fmt: skip
    return ModuleHost(name, driver, "br-pm", 1, "sw1", 11, pms, memory, vcpus, "", processors, uplink, flows)


def request(number: int, memory: int | None = None, kind: str | None = None, at: str = "", rate: int = 0, packet_ns: int = 0, vcpus: int | None = None, flows: int = 0, apart: str = "") -> Request:  # fmt: skip
    where = f"alloc.xml:{number}: pm {number}"
    return Request(where, number, kind, memory, vcpus, USUAL_MEMORY, at, rate, packet_ns, flows, apart)


def problem(requests: list[Request], hosts: list[ModuleHost], policy: Policy = BALANCE, **used: Use) -> Problem:
    return problem_of(requests, hosts, used, policy, PACKET_NS)[0]


@st.composite
def platforms(draw: st.DrawFn, most: int = 4) -> list[ModuleHost]:
    names = [f"mh{number}" for number in range(draw(st.integers(1, most)))]
    bounded = st.none() | st.integers(1, 4)
    return [
        module_host(
            name,
            draw(st.sampled_from(["process", "process", "xen"])),
            pms=draw(st.integers(1, 6)),
            memory=draw(st.integers(64, 600)),
            vcpus=draw(st.integers(1, 2)),
            processors=draw(bounded),
            uplink=draw(st.none() | st.integers(100, 2000)),
            flows=draw(st.none() | st.integers(10, 60)),
        )
        for name in names
    ]


@st.composite
def demands(
    draw: st.DrawFn, hosts: list[ModuleHost], most: int = 8, running: bool = True, sizes: st.SearchStrategy[int] = SIZES
) -> list[Request]:
    homes = st.sampled_from(["", "", "gone", *(host.name for host in hosts)]) if running else st.just("")
    return [
        request(
            number,
            memory=draw(st.none() | sizes),
            kind=draw(st.sampled_from([None, None, None, "process", "clickos"])),
            at=draw(homes),
            rate=draw(st.sampled_from([0, 10, 100, 400])),
            packet_ns=draw(st.sampled_from([0, 300, 900])),
            vcpus=draw(st.sampled_from([None, None, 2])),
            flows=draw(st.integers(0, 12)),
            apart=draw(st.sampled_from(["", "", "stage a", "stage b"])),
        )
        for number in range(draw(st.integers(1, most)))
    ]


@st.composite
def cases(
    draw: st.DrawFn,
    running: bool = True,
    most: int = 8,
    most_hosts: int = 4,
    sizes: st.SearchStrategy[int] = SIZES,
) -> tuple[list[ModuleHost], list[Request]]:
    hosts = draw(platforms(most_hosts))
    return hosts, draw(demands(hosts, most, running, sizes))
