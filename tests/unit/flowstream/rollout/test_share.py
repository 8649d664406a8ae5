# SPDX-License-Identifier: Apache-2.0
"""What comes before the canary of a rollout: who gets a share of whose flows, what is refused, and what a gate sees of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.flowstream.filters.share import flowstream_rollout_share, flowstream_rollout_share_gate

from ..conftest import ROOT

FACTS: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "platform.yml").read_text())
ROLLOUT = {"faults": [], "lines": ["first", "last"], "canary": {"mh1": ["meter-pm0"]}}
METER = ROOT / "examples" / "click" / "expected" / "plan.json"
NAT = ROOT / "examples" / "nat" / "expected" / "plan.json"


def share(
    plan: Path = METER, weight: str = "20", facts: dict[str, Any] = FACTS, runs: tuple[str, ...] = (), **rollout: Any
) -> dict[str, Any]:
    planned = json.loads(plan.read_text())
    hostvars = {host: {"processing_module_info": {"pms": []}} for host in planned["hosts"]}
    hostvars["mh1"]["processing_module_info"]["pms"] = [{"name": name} for name in runs]
    return flowstream_rollout_share(hostvars, {**ROLLOUT, **rollout}, planned, planned, weight, {}, facts)


def test_the_canary_has_others_beside_it_that_are_said_and_in_the_plan() -> None:
    found = share()
    assert found["share"] == {"mh1": ["meter-pm0"]}
    said = "share: meter-pm0-canary beside meter-pm0 on mh1 gets 20 % of its flows"
    assert found["lines"] == ["first", said, "last"]
    assert [pm["name"] for pm in found["share_plan"]["hosts"]["mh1"]["pms"]] == ["meter-pm0", "meter-pm0-canary"]


def test_without_a_weight_there_is_none_but_what_an_earlier_run_has_left_goes() -> None:
    assert share(weight="0")["share"] == {}
    found = share(weight="0", runs=("meter-pm0", "meter-pm0-canary", "meter-pm7"))
    assert found["share"] == {"mh1": ()}
    assert "meter-pm0-canary on mh1: is left of a run that was not finished, and goes" in found["lines"]


def test_what_is_no_rollout_has_no_share() -> None:
    assert share(faults=["wrong"]) == {**ROLLOUT, "faults": ["wrong"], "share": {}}


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"weight": "100"}, "rollout_weight: is no share of the flows from 1 to 99 percent, got '100'"),
        (
            {"plan": NAT, "canary": {"mh1": ["nat-pm0"]}},
            "rollout_weight: a flow of type nat has to stay at the module that knows it (the mappings of its connections), got nat-pm0;",
        ),
        (
            {"facts": {**FACTS, "hosts": {name: {**host, "driver": "xen"} for name, host in FACTS["hosts"].items()}}},
            "rollout_weight: modules run beside each other on hosts with driver process only, got meter-pm0 on mh1;",
        ),
    ],
    ids=["weight", "type", "driver"],
)
def test_a_share_that_cannot_be_had_is_refused_and_nothing_is_done(arguments: dict[str, Any], fault: str) -> None:
    found = share(**arguments)
    assert found["share"] == {}
    assert [text[: len(fault)] for text in found["faults"]] == [fault]


def gate(**variables: Any) -> dict[str, Any]:
    planned = json.loads(METER.read_text())
    hostvars = {"localhost": {"rollout": share()}, "mh1": variables}
    return flowstream_rollout_share_gate(hostvars, ["mh1"], planned, planned, {"received": ["all"], "dropped": ["bad"]})


def read(at: float, counts: dict[str, tuple[int, int]]) -> dict[str, Any]:
    config = json.loads(METER.read_text())["hosts"]["mh1"]["pms"][0]["config"]
    pms = [
        {"name": name, "active": True, "handlers": {"all": str(every), "bad": str(bad)}}
        for name, (every, bad) in counts.items()
    ]
    return {"part": "share", "at": at, "info": {"pms": pms, "configurations": {pm["name"]: config for pm in pms}}}


@pytest.mark.parametrize(("bad", "failed"), [(5, False), (50, True)])
def test_the_gate_counts_what_was_dropped_until_all_flows_were_back(bad: int, failed: bool) -> None:
    reads = [
        read(0, {"meter-pm0": (9000, 0), "meter-pm0-canary": (10, 1)}),
        read(5, {"meter-pm0": (13000, 0), "meter-pm0-canary": (1010, 1 + bad)}),
        read(6, {"meter-pm0": (14000, 0), "meter-pm0-canary": (1100, 3 + bad)}),
    ]
    found = gate(rollout_reads=reads)
    assert (found["failed"], found["title"], found["modules"]) == (failed, "share of 20 %", {})
    said = f"meter-pm0-canary got 20.0 % of the packets of meter-pm0; until all were led back it had dropped {3 + bad} packets of 1,100: {3 + bad} bad"
    assert said in found["lines"]


def test_the_gate_says_why_none_could_run() -> None:
    found = gate(rollout_refused="the configuration is refused:\n  line 3")
    assert found["failed"]
    assert found["lines"] == ["share of 20 %: nothing was seen", "mh1: the configuration is refused: line 3"]


def test_the_gate_fails_where_nobody_could_be_asked() -> None:
    found = gate()
    assert found["failed"]
    assert "meter-pm0-canary on mh1: nobody asked it" in found["lines"]
