# SPDX-License-Identifier: Apache-2.0
"""Each way to spoil the way through a device, or past it, is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.flowstream.flows.flow import Flow, Group
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.proof import violations

from ..conftest import ROOT


@pytest.fixture
def plan() -> Plan:
    return Plan.from_json((ROOT / "examples" / "through-devices" / "expected" / "plan.json").read_text())


def with_entries(plan: Plan, *lines: str, leaving_out: str = "nothing") -> Plan:
    """The plan with more entries on its switch, or without those that have a word."""
    switch = plan.switches["sw1"]
    flows = [flow for flow in switch.flows if leaving_out not in str(flow)]
    flows += [replace(Flow.parse(line), cookie=plan.cookie) for line in lines]
    return replace(plan, switches={"sw1": replace(switch, flows=tuple(flows))})


def with_group(plan: Plan, line: str) -> Plan:
    group = Group.parse(line)
    switch = plan.switches["sw1"]
    groups = [group if each.group_id == group.group_id else each for each in switch.groups]
    return replace(plan, switches={"sw1": replace(switch, groups=tuple(groups))})


def test_the_example_is_without_fault(plan: Plan) -> None:
    assert list(violations(plan)) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            "priority=4000,in_port=2,dl_dst=02:00:5e:00:5a:01,ip actions=push_vlan:0x8100,set_field:4100->vlan_vid,output:11",
            "that enters by platform port 1 reaches guarded-pm10; it should reach device ids1 at port 21",
        ),
        (
            "priority=4000,in_port=11,dl_vlan=3,dl_src=02:00:5e:00:5a:02,ip actions=pop_vlan,output:23",
            "reaches device ids2 at port 23; it should reach device ids2 at port 24",
        ),
        (
            "priority=4000,in_port=24,dl_src=02:00:5e:00:5a:02,ip actions=output:3",
            "that device ids2 at port 24 gives back at platform port 2 reaches port 3; it should reach nothing",
        ),
        (
            "priority=4000,in_port=24,dl_dst=02:00:5e:00:5a:02,dl_type=0x88b5 actions=output:3",
            "that device ids2 at port 24 gives back at platform port 2 reaches port 3; it should reach nothing",
        ),
    ],
)
def test_a_way_around_a_device_or_back_from_it_is_found(plan: Plan, line: str, found: str) -> None:
    assert any(found in one for one in violations(with_entries(plan, line)))


@pytest.mark.parametrize("entry", ["in_port=21,vlan", "in_port=22,vlan", "in_port=23,vlan", "in_port=24,vlan"])
def test_what_nobody_leads_on_behind_a_device_is_found(plan: Plan, entry: str) -> None:
    device = "ids1" if entry[8:10] < "23" else "ids2"
    found = list(violations(with_entries(plan, leaving_out=entry)))
    assert any(f"that device {device} at port {entry[8:10]} gives back" in one for one in found)


@pytest.mark.parametrize(
    ("group", "port"),
    [
        ("group_id=84,type=fast_failover,bucket=watch_port:22,actions=group:85", 21),
        ("group_id=85,type=indirect,bucket=actions=output:21", 22),
        ("group_id=86,type=indirect,bucket=actions=set_field:21->in_port,resubmit(,0)", 21),
        ("group_id=88,type=indirect,bucket=actions=group:89", 22),
    ],
)
def test_a_group_that_does_not_lead_past_a_device_that_is_down_is_found(plan: Plan, group: str, port: int) -> None:
    found = list(violations(with_group(plan, group)))
    assert found
    assert any(one.startswith(f"while port {port} of device ids1 is down, ") for one in found)
