# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.flows.flow import Flow, Group
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.plan.route import PlannedRoute

from ..conftest import Planner, messages


@pytest.mark.parametrize("text", ["10.0.0.0/8 0", "0.0.0.0/0 192.0.2.1 300"])
def test_a_route_reads_back_as_it_was_written(text: str) -> None:
    assert str(PlannedRoute.parse(text)) == text


def test_a_route_has_a_gateway_or_none() -> None:
    assert PlannedRoute.parse("10.0.0.0/8 7") == PlannedRoute(Prefix(0x0A000000, 8), None, 7)
    assert PlannedRoute.parse("10.0.0.0/8 0.0.0.1 7").gateway == 1


def test_the_files_are_those_of_apply(plan_of: Planner) -> None:
    files = plan_of().files()
    assert sorted(files) == [
        "click/felipeiprouter-pm0.click",
        "click/felipeiprouter-pm1.click",
        "flows/mh1.flows",
        "flows/mh2.flows",
        "flows/sw1.flows",
        "plan.json",
    ]
    plain = json.loads(files["plan.json"])
    assert plain["hosts"]["mh1"]["pms"][0]["config"] == files["click/felipeiprouter-pm0.click"]
    for name, bridge in (*plain["switches"].items(), *plain["hosts"].items()):
        assert [Flow.parse(line) for line in files[f"flows/{name}.flows"].splitlines()] == [
            Flow.from_dict(flow) for flow in bridge["flows"]
        ]


def test_the_json_has_the_fields_of_the_contract(plan_of: Planner) -> None:
    plain = json.loads(plan_of().to_json())
    assert sorted(plain) == ["allocation", "cookie", "hosts", "schema", "switches"]
    assert sorted(plain["allocation"]) == ["id", "ports", "sha256", "subtype", "type"]
    assert sorted(plain["switches"]["sw1"]) == ["bridge", "flows", "groups"]
    assert sorted(plain["hosts"]["mh1"]["pms"][0]) == [
        "config", "id", "kind", "memory_mib", "name", "prefixes", "routes", "vcpus", "vifs", "why",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"schema": 2}, "cannot read plan: its schema is 2, not 1; plan again"),
        ({"schema": None}, "cannot read plan: its schema is None, not 1; plan again"),
        ({"cookie": "xyz"}, "cannot read plan: invalid literal for int() with base 16: 'xyz'; plan again"),
        ({"allocation": {"id": "a"}}, "cannot read plan: type is missing; plan again"),
    ],
)
def test_what_is_no_plan_is_refused(plan_of: Planner, change: dict[str, Any], expected: str) -> None:
    plain = {**plan_of().to_dict(), **change}
    assert messages(lambda: Plan.from_dict(plain)) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]", "cannot read plan: it is no mapping but list; plan again"),
        (
            "{",
            "cannot read plan: Expecting property name enclosed in double quotes: line 1 column 2 (char 1); plan again",
        ),
    ],
)
def test_what_is_no_json_mapping_is_refused(text: str, expected: str) -> None:
    assert messages(lambda: Plan.from_json(text)) == [expected]


def test_groups_of_switches_and_hosts_are_read_back_as_they_were_and_have_files_of_their_own(plan_of: Planner) -> None:
    plan = plan_of()
    group = Group.parse("group_id=1,type=select,bucket=actions=output:1,bucket=weight:7,actions=output:2")
    more = replace(
        plan,
        switches={"sw1": replace(plan.switches["sw1"], groups=(group,))},
        hosts={**plan.hosts, "mh1": replace(plan.hosts["mh1"], groups=(group,))},
    )
    assert Plan.from_json(more.to_json()) == more
    assert "groups" not in plan.to_dict()["hosts"]["mh1"]
    assert set(more.files()) - set(plan.files()) == {"flows/sw1.groups", "flows/mh1.groups"}
    assert Group.parse(more.files()["flows/sw1.groups"]) == group
