# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.plan.reasons import with_reasons

from ..conftest import Planner


def read(plan: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the modules that read a platform return where just this plan is deployed."""
    modules = {name: {"pms": [{"name": pm.name} for pm in host.pms]} for name, host in plan.hosts.items()}
    bridges = {
        name: {"flows": [{**replace(flow, why="").to_dict(), "packets": 7} for flow in bridge.flows]}
        for name, bridge in plan.bridges().items()
    }
    return modules, bridges


def test_what_is_as_planned_says_why(plan_of: Planner) -> None:
    plan = plan_of()
    modules, bridges = with_reasons(*read(plan), ["no plan", plan.to_json()])
    assert modules["mh1"]["pms"] == [{"name": "felipeiprouter-pm0", "why": "round robin: the host whose turn it is"}]
    assert [flow["why"] for flow in bridges["mh1"]["flows"]] == [flow.why for flow in plan.hosts["mh1"].flows]
    assert {flow["packets"] for flow in bridges["sw1"]["flows"]} == {7}


def test_an_entry_that_nobody_planned_just_so_says_nothing(plan_of: Planner) -> None:
    plan = plan_of()
    modules, bridges = read(plan)
    one, *_ = bridges["sw1"]["flows"]
    one["actions"] = ["output:77"]
    bridges["sw2"] = {"failed": True, "msg": "it does not answer"}
    foreign = Flow.parse("priority=7,ip actions=drop").to_dict()
    bridges["sw1"]["flows"].append(foreign)
    _, explained = with_reasons(modules, bridges, [plan.to_json()])
    assert [flow for flow in explained["sw1"]["flows"] if "why" not in flow] == [one, foreign]
    assert explained["sw2"] == bridges["sw2"]


def test_without_a_plan_at_hand_nothing_is_added(plan_of: Planner) -> None:
    modules, bridges = read(plan_of())
    assert with_reasons(modules, bridges, []) == (modules, bridges)
