# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.flowstream.middleboxes.router.expectations import probes
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.traffic.handover import Passage, passage_table, passages, touched_modules
from ansible.module_utils.flowstream.traffic.verification import TrafficEndpoint

from ..conftest import ROOT, Planner

ENDPOINTS = [TrafficEndpoint(f"ep{port}", port, (f"192.168.{port + 5}.1",)) for port in range(4)]


def traffic(plan: Plan, **arrivals: Any) -> dict[str, dict[str, Any]]:
    """Each endpoint sent 100 packets for each route of the seed, and all arrived but for `arrivals` (`ep0_7=...`)."""
    results: dict[str, dict[str, Any]] = {endpoint.name: {"sent": {}, "received": {}} for endpoint in ENDPOINTS}
    for number, probe in enumerate(probes(plan)):
        results[f"ep{probe.source_port}"]["sent"][str(number)] = 100
        if probe.output_port is not None:
            results[f"ep{probe.output_port}"]["received"][str(number)] = {"packets": 100, "first": 0}
    for place, arrival in arrivals.items():
        endpoint, number = place.split("_")
        if arrival is None:
            del results[endpoint]["received"][number]
        else:
            results[endpoint]["received"][number] = arrival
    return results


def judged(plan: Plan, touched: str = "", **arrivals: Any) -> list[Passage]:
    return passages(probes(plan), ENDPOINTS, traffic(plan, **arrivals), frozenset(touched.split()))


def test_every_route_is_judged_and_nothing_lost_is_fine(plan_of: Planner) -> None:
    found = judged(plan_of())
    assert [(one.sent, one.unserved, one.lost, one.touched, one.faults) for one in found] == [
        (100, 0, 0, False, ())
    ] * 8


def test_what_a_touched_route_lost_is_told_and_no_fault(plan_of: Planner) -> None:
    found = judged(plan_of(), "felipeiprouter-pm0", ep0_0={"packets": 97, "first": 0})
    assert (found[0].lost, found[0].faults) == (3, ())


def test_what_another_route_lost_is_a_fault(plan_of: Planner) -> None:
    found = judged(plan_of(), "felipeiprouter-pm1", ep0_0={"packets": 97, "first": 3})
    assert (found[0].lost, found[0].unserved) == (3, 0)
    assert found[0].faults == ("3 lost of a flow that was not touched",)


def test_a_packet_that_was_sent_before_its_route_was_there_is_not_lost(plan_of: Planner) -> None:
    found = judged(plan_of(), "felipeiprouter-pm0", ep0_0={"packets": 39, "first": 60})
    assert (found[0].unserved, found[0].lost, found[0].faults) == (60, 1, ())


def test_packets_that_still_took_the_old_way_are_not_lost(plan_of: Planner) -> None:
    found = judged(
        plan_of(), "felipeiprouter-pm0", ep3_0={"packets": 60, "first": 0}, ep0_0={"packets": 40, "first": 60}
    )
    assert (found[0].unserved, found[0].lost) == (0, 0)


@pytest.mark.parametrize("touched", ["", "felipeiprouter-pm0"])
def test_a_route_by_which_nothing_comes_out_is_a_fault(plan_of: Planner, touched: str) -> None:
    found = judged(plan_of(), touched, ep0_0=None)
    assert found[0].faults == (("nothing came out",) if touched else ("100 lost of a flow that was not touched",))


def test_a_module_is_touched_by_what_was_done_to_it_and_to_flows_that_lead_to_it(plan_of: Planner) -> None:
    nothing: dict[str, Any] = {"touched": [], "destinations": []}
    assert touched_modules(plan_of(), [nothing, {"skipped": True}]) == set()
    assert touched_modules(plan_of(), [{"touched": ["felipeiprouter-pm1"]}]) == {"felipeiprouter-pm1"}
    assert touched_modules(plan_of(), [{"destinations": ["192.168.0.0/16"]}]) == {"felipeiprouter-pm0"}
    assert touched_modules(plan_of(), [{"destinations": ["0.0.0.0/0"]}]) == {"felipeiprouter-pm0", "felipeiprouter-pm1"}


def test_the_modules_of_destinations_of_ipv6_are_touched(plan_of: Planner) -> None:
    plan = plan_of((ROOT / "examples" / "dual-stack-router" / "allocation.xml").read_text())
    assert touched_modules(plan, [{"destinations": ["2001:db8:6::/48"]}]) == {"dual-pm0"}
    assert touched_modules(plan, [{"destinations": ["fd00::/8"]}]) == {"dual-pm1"}
    assert touched_modules(plan, [{"destinations": ["::/0"]}]) == {"dual-pm0", "dual-pm1"}


def test_the_table_says_what_each_route_lost(plan_of: Planner) -> None:
    found = judged(
        plan_of(), "felipeiprouter-pm0", ep0_0={"packets": 39, "first": 60}, ep0_4={"packets": 99, "first": 0}
    )
    lines = passage_table([found[0], found[4]]).splitlines()
    assert lines == [
        "destination     module              touched  sent  before its route  lost  verdict",
        "--------------  ------------------  -------  ----  ----------------  ----  -------------------------------------",
        "192.168.5.0/24  felipeiprouter-pm0  yes       100                60     1  ok",
        "10.0.5.0/24     felipeiprouter-pm1  no        100                 0     1  1 lost of a flow that was not touched",
    ]
