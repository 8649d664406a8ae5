# SPDX-License-Identifier: Apache-2.0
"""What is said of processors that were measured, and what is to be moved for it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.filters.rebalance import flowstream_rebalance
from ansible.module_utils.flowstream.plan.plan import Plan

from ..conftest import Planner, messages

SECOND = 10**9
WISHES = {"moves": 2, "gain": 10}


def measured(memory: int = 128, **seconds: float) -> dict[str, Any]:
    """The variables of a host whose units took so many seconds of a processor in ten."""
    units = {
        (f"flowstream-pm@{name.replace('_', '-')}.service" if name != "switch" else "ovs-vswitchd.service"): taken
        for name, taken in seconds.items()
    }
    readings = [
        {
            "at": at,
            "units": {unit: {"processor_ns": round(at / 10 * taken * SECOND)} for unit, taken in units.items()},
        }
        for at in (10.0, 20.0)
    ]
    names = [name.replace("_", "-") for name in seconds if name != "switch"]
    info = {"pms": [{"name": name, "memory_mib": memory} for name in names]}
    return {"rebalance_usage": readings, "processing_module_info": info}


@pytest.fixture
def plan(plan_of: Planner) -> Plan:
    return plan_of()


def test_a_module_goes_from_the_busier_host_and_it_is_said_what_for(plan: Plan, facts: dict[str, Any]) -> None:
    hosts = {
        "mh1": measured(felipeiprouter_pm0=6, felipeiprouter_pm1=5, switch=1),
        "mh2": measured(switch=1, edge_pm0=1),
    }
    found = flowstream_rebalance(hosts, facts, [plan.to_dict()], WISHES)
    assert found == {
        "pins": {"felipeiprouter-pm1": "mh2"},
        "lines": [
            "mh1: 60.0 % of 2 processors busy: felipeiprouter-pm0 0.60, felipeiprouter-pm1 0.50, ovs-vswitchd 0.10",
            "mh2: 10.0 % of 2 processors busy: edge-pm0 0.10, ovs-vswitchd 0.10",
            "felipeiprouter-pm1: goes from mh1 to mh2, takes 0.50 of a processor; costs 128 MiB while both run",
            "the busiest host comes from 60.0 % to 35.0 % by 1 of 2 moves; none is made for less than 10 %",
        ],
    }


def test_nothing_is_moved_for_less_than_is_asked_for_nor_what_is_of_no_plan_given(
    plan: Plan, facts: dict[str, Any]
) -> None:
    hosts = {"mh1": measured(felipeiprouter_pm0=0.5, edge_pm0=10), "mh2": measured(switch=0)}
    found = flowstream_rebalance(hosts, facts, [plan.to_dict()], WISHES)
    assert found["pins"] == {}
    assert found["lines"][-1] == (
        "nothing is moved: 2 moves at most do not bring the busiest host, mh1 at 52.5 %, down by 10 %"
    )


def test_a_host_that_was_not_measured_gets_nothing(plan: Plan, facts: dict[str, Any]) -> None:
    hosts = {"mh1": measured(felipeiprouter_pm0=9, felipeiprouter_pm1=9), "mh2": {"processing_module_info": {}}}
    found = flowstream_rebalance(hosts, facts, [plan.to_dict()], WISHES)
    assert found["pins"] == {}
    assert found["lines"][0] == "mh2: was not measured, and nothing goes there"


def test_a_module_whose_state_cannot_be_had_stays(plan: Plan, facts: dict[str, Any]) -> None:
    own = {**plan.to_dict(), "allocation": {**plan.to_dict()["allocation"], "type": "click"}}
    hosts = {"mh1": measured(felipeiprouter_pm0=6, felipeiprouter_pm1=5), "mh2": measured(switch=0)}
    assert flowstream_rebalance(hosts, facts, [own], WISHES)["pins"] == {}


def test_wishes_that_cannot_be_meant_are_all_named(plan: Plan, facts: dict[str, Any]) -> None:
    def ask() -> object:
        return flowstream_rebalance({}, facts, [plan.to_dict()], {"moves": 0, "gain": "half"})

    with pytest.raises(FlowstreamError):
        ask()
    assert messages(ask) == [
        "rebalance_moves: is no number from 1 to 1000, got 0; write 2",
        "rebalance_gain: is no number from 1 to 100, got 'half'; write 2",
    ]
