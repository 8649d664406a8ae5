# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ansible.module_utils.flowstream.flows.flow import Group
from ansible.module_utils.flowstream.plan.changes import compare
from ansible.module_utils.flowstream.plan.plan import Plan

from ..conftest import Planner


def test_nothing_changes_when_nothing_does(plan_of: Planner) -> None:
    changes = compare(plan_of(), plan_of())
    assert not changes
    assert changes.lines() == []


def test_a_first_plan_starts_before_it_leads_anybody(plan_of: Planner) -> None:
    plan = plan_of()
    changes = compare(None, plan)
    lines = changes.lines()
    assert lines[:2] == [
        "+ mh1: felipeiprouter-pm0 (process, 64 MiB, 1 vcpus) for 128.0.0.0/1, 4 routes"
        " (round robin: the host whose turn it is)",
        "+ mh2: felipeiprouter-pm1 (process, 64 MiB, 1 vcpus) for 0.0.0.0/1, 4 routes"
        " (round robin: the host whose turn it is)",
    ]
    places = [line.split(":")[0] for line in lines[2:]]
    assert list(dict.fromkeys(places)) == ["+ mh1", "+ mh2", "+ sw1"]
    assert len(lines) == 2 + sum(len(bridge.flows) for bridge in plan.bridges().values())
    assert list(map(str, changes.touched)) == ["0.0.0.0/1", "128.0.0.0/1"]


def test_a_removal_stops_last_what_nothing_leads_to(plan_of: Planner) -> None:
    lines = compare(plan_of(), None).lines()
    assert lines[-2:] == ["- mh1: felipeiprouter-pm0", "- mh2: felipeiprouter-pm1"]
    assert all(line.startswith("- ") for line in lines)


def test_a_changed_route_reconfigures_one_module_and_touches_no_flow(plan_of: Planner, seed: str) -> None:
    text = seed.replace('addr="10.0.5.0" mask="24" outputport="0"', 'addr="10.0.5.0" mask="24" outputport="3"')
    changes = compare(plan_of(), plan_of(text))
    assert changes.lines() == ["~ mh2: felipeiprouter-pm1: configuration +1 -1 lines"]
    assert [change.needs_restart for change in changes.reconfigured] == [False]
    assert list(map(str, changes.touched)) == ["0.0.0.0/1"]


def test_a_module_that_gets_more_memory_must_start_anew(plan_of: Planner, seed: str) -> None:
    changes = compare(plan_of(), plan_of(seed.replace('<pm id="1"', '<pm id="1" memory="128"')))
    assert changes.lines() == ["~ mh2: felipeiprouter-pm1: memory_mib 64 -> 128"]
    assert [change.needs_restart for change in changes.reconfigured] == [True]


def test_a_smaller_prefix_changes_flows_hosts_before_switch(plan_of: Planner, seed: str) -> None:
    changes = compare(plan_of(), plan_of(seed.replace('addr="0.0.0.0" mask="128.0.0.0"', 'addr="0.0.0.0" mask="2"')))
    lines = changes.lines()
    assert lines[0] == "~ mh2: felipeiprouter-pm1: configuration +1 -1 lines"
    assert [line.split(":")[0] for line in lines[1:]] == ["+ mh2"] * 4 + ["- mh2"] * 4 + ["+ sw1"] * 4 + ["- sw1"] * 4
    assert (
        lines[-1]
        == "- sw1: table=0,priority=1001,in_port=4,dl_dst=00:15:17:15:5b:c3,ip,nw_dst=0.0.0.0/1 actions=output:12"
    )


def test_a_moved_module_starts_there_before_it_stops_here(plan_of: Planner, seed: str) -> None:
    changes = compare(plan_of(), plan_of(seed.replace('<pm id="1"', '<pm id="2"')))
    assert [(change.host, change.name) for change in changes.started] == [("mh1", "felipeiprouter-pm2")]
    assert [(change.host, change.name) for change in changes.stopped] == [("mh2", "felipeiprouter-pm1")]
    changed = [line for line in changes.lines() if line.startswith("~ sw1")]
    assert changed[-1] == (
        "~ sw1: table=0,priority=1001,in_port=4,dl_dst=00:15:17:15:5b:c3,ip,nw_dst=0.0.0.0/1 actions=output:12 -> output:11"
        " (port 3 to pm 2 (0.0.0.0/1): in, hop 1 of 2)"
    )


def test_groups_stand_around_the_flows_that_use_them(plan_of: Planner) -> None:
    plan = plan_of()

    def with_groups(*lines: str) -> Plan:
        groups = tuple(Group.parse(line) for line in lines)
        return replace(plan, switches={"sw1": replace(plan.switches["sw1"], groups=groups)})

    one, other, third = (f"group_id={n},type=all,bucket=actions=output:{n}" for n in (1, 2, 3))
    instead = "group_id=2,type=all,bucket=actions=output:5"
    assert compare(with_groups(one, other), with_groups(instead, third)).lines() == [
        f"+ sw1: {third}",
        f"~ sw1: {other} -> {instead}",
        f"- sw1: {one}",
    ]
    assert compare(with_groups(one), plan).lines() == [f"- sw1: {one}"]


def test_other_reasons_alone_are_no_change(plan_of: Planner) -> None:
    plan = plan_of()
    text = plan.to_json()
    assert text.count('"why"') == 2 + sum(len(bridge.flows) for bridge in plan.bridges().values())
    for other in (Plan.from_json(re.sub(r'"why": "[^"]*"', '"why": "it was always there"', text)), _unexplained(plan)):
        assert other == plan
        assert not compare(other, plan)
        assert other.shown() == plan.shown()
        assert compare(None, plan).lines() != compare(None, other).lines()


def _unexplained(plan: Plan) -> Plan:
    """The plan as it was before plans said why."""

    def without(plain: Any) -> Any:
        if isinstance(plain, dict):
            return {name: without(value) for name, value in plain.items() if name != "why"}
        return [without(value) for value in plain] if isinstance(plain, list) else plain

    return Plan.from_dict(without(plan.to_dict()))
