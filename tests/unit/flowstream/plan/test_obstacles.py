# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from ansible.module_utils.flowstream.plan.obstacles import conflicts, missing_ports
from ansible.module_utils.flowstream.plan.plan import cookie_of

from ..conftest import Planner

PORTS = {"1": "p1", "2": "p2", "3": "p3", "4": "p4", "11": "mh1", "12": "mh2", "LOCAL": "br-flow"}


def test_a_plan_on_ports_that_are_there_has_nothing_in_its_way(plan_of: Planner) -> None:
    assert missing_ports(plan_of(), "sw1", PORTS) == []


def test_ports_that_the_switch_does_not_have_are_named_with_what_is_behind_them(plan_of: Planner, seed: str) -> None:
    plan = plan_of(seed.replace('switchport="4"', 'switchport="40"'))
    there = {number: name for number, name in PORTS.items() if number not in ("12", "4")}
    assert missing_ports(plan, "sw1", there) == [
        "switch sw1: module_host_switch_port of mh2 is no port of it, got 12; "
        "it has 1 (p1), 2 (p2), 3 (p3), 11 (mh1), LOCAL (br-flow)",
        "switch sw1: switchport of platform port 3 is no port of it, got 40; "
        "it has 1 (p1), 2 (p2), 3 (p3), 11 (mh1), LOCAL (br-flow)",
    ]


def test_links_of_hosts_behind_another_switch_are_none_of_its_business(plan_of: Planner) -> None:
    assert [line.split(":")[1].split()[0] for line in missing_ports(plan_of(), "sw2", {})] == ["switchport"] * 4


def test_a_flow_that_another_allocation_has_is_told_with_both_names(plan_of: Planner) -> None:
    line = f"cannot add flow A to br-flow: cookie {cookie_of('edge'):#x} owns B"
    assert conflicts(plan_of(), "sw1", [line], ["edge", "felipeiprouter"]) == [
        f"allocation felipeiprouter, switch sw1: cannot add flow A to br-flow: "
        f"allocation edge (cookie {cookie_of('edge'):#x}) owns B"
    ]
    assert conflicts(plan_of(), "sw1", ["cookie 0xfeed owns B"] * 9, ["edge"]) == [
        *["allocation felipeiprouter, switch sw1: cookie 0xfeed owns B"] * 3,
        "allocation felipeiprouter, switch sw1: and 6 more",
    ]
