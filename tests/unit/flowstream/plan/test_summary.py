# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.plan.summary import summary

EXAMPLES = Path(__file__).parents[4] / "examples"


def plan(name: str) -> Plan:
    return Plan.from_json((EXAMPLES / name / "expected" / "plan.json").read_text())


def test_a_summary_says_what_runs_where_what_was_changed_and_how_long_each_stage_took() -> None:
    changes = {
        "mh1": ["create pm edge-pm0: interface pm1, OpenFlow port 7", "start pm edge-pm0", "start pm edge-pm0"],
        "mh2": [],
        "sw1": [f"add flow {number}" for number in range(7)],
    }
    began = [("plan", 100.0), ("modules", 101.25), ("flows", 103.0)]
    assert summary([plan("three-modules")], changes, began, 103.5, done=True).splitlines() == [
        "edge: 3 modules on 2 hosts, 28 flows on 1 switch",
        "module    host  kind     gets                      why there",
        "--------  ----  -------  ------------------------  --------------------------------------",
        "edge-pm0  mh1   process  0.0.0.0/1                 round robin: the host whose turn it is",
        "edge-pm2  mh1   process  192.0.0.0/4, 208.0.0.0/4  round robin: the host whose turn it is",
        "edge-pm1  mh2   process  128.0.0.0/2               round robin: the host whose turn it is",
        "mh1: create pm edge-pm0: interface pm1, OpenFlow port 7",
        "mh1: start pm edge-pm0",
        "sw1: add flow 0",
        "sw1: add flow 1",
        "sw1: add flow 2",
        "sw1: and 4 more",
        "nothing to do on 1 machine",
        "plan 1.2 s, modules 1.8 s, flows 0.5 s; together 3.5 s",
    ]


def test_a_look_says_what_would_be_done_and_to_a_large_platform_not_all_of_it() -> None:
    changes = {f"mh{number:03}": ["start pm a"] for number in range(23)}
    lines = summary([plan("three-modules")], changes, [("plan", 0.0)], 1.0, done=False).splitlines()
    assert lines[6:] == [
        *(f"mh{number:03}: would start pm a" for number in range(20)),
        "and 3 more machines",
        "plan 1.0 s; together 1.0 s",
    ]
