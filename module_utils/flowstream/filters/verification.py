# SPDX-License-Identifier: Apache-2.0
"""What a verification sends, and the verdict over what came out of the platform."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.expectations import expectations
from ansible.module_utils.flowstream.planner.types import counters_of, middlebox_of
from ansible.module_utils.flowstream.traffic.handover import passage_table, passages
from ansible.module_utils.flowstream.traffic.report import measure_fault, report_text
from ansible.module_utils.flowstream.traffic.verification import (
    Drops,
    TrafficEndpoint,
    neighbour_outcomes,
    neighbour_questions,
    neighbour_table,
    outcome_table,
    outcomes,
    streams,
)


def flowstream_streams(
    plan: Mapping[str, Any], endpoints: Mapping[str, Mapping[str, Any]], packets: int
) -> dict[str, list[dict[str, Any]]]:
    """Return, by endpoint, the streams that verify a deployed plan, `packets` of each."""
    return streams(expectations(Plan.from_dict(plan)), _endpoints(endpoints), packets)


def flowstream_neighbour_questions(
    plan: Mapping[str, Any], endpoints: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[str]]:
    """Return, by endpoint, the router's addresses that it can ask for, by ARP or neighbour discovery."""
    return neighbour_questions(Plan.from_dict(plan).ports, _endpoints(endpoints))


def flowstream_outcomes(
    plan: Mapping[str, Any],
    endpoints: Mapping[str, Mapping[str, Any]],
    results: Mapping[str, Mapping[str, Any]],
    drops: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the verdict over what `traffic_probe` returned at each endpoint: rows, tables and the faults.

    `drops` is by how much the counters of dropped packets grew: `modules` by handler, and `switch`, if somebody looked.
    """
    read = Plan.from_dict(plan)
    macs = {port.portid: port.mac for port in read.ports}
    outside = _endpoints(endpoints)
    judged = outcomes(expectations(read), outside, macs, results, Drops(**drops))
    answers = neighbour_outcomes(read.ports, outside, results)
    return {
        "rows": [one.to_dict() for one in judged],
        "neighbours": [one.to_dict() for one in answers],
        "table": outcome_table(judged),
        "neighbour_table": neighbour_table(answers) if answers else "",
        "faults": [
            *(f"who has {one.address}, asked at {one.endpoint}: {fault}" for one in answers for fault in one.faults),
            *(f"{one.probe.to_dict()['destination']}: {fault}" for one in judged for fault in one.faults),
        ],
    }


def flowstream_passages(
    plan: Mapping[str, Any],
    endpoints: Mapping[str, Mapping[str, Any]],
    results: Mapping[str, Mapping[str, Any]],
    touched: list[str],
) -> dict[str, Any]:
    """Return what a deployment did to the packets that `traffic_probe` sent meanwhile: rows, the table, the faults."""
    judged = passages(expectations(Plan.from_dict(plan)), _endpoints(endpoints), results, frozenset(touched))
    return {
        "rows": [one.to_dict() for one in judged],
        "table": passage_table(judged),
        "faults": [f"{one.probe.to_dict()['prefix']}: {fault}" for one in judged for fault in one.faults],
    }


def flowstream_report(plan: Mapping[str, Any], outcome: Mapping[str, Any], measures: list[Mapping[str, Any]]) -> str:
    """Return the report of a verification: its outcome, and `measures`, the results of a loop over iperf3.

    Measures that were skipped have no line.
    """
    return report_text(Plan.from_dict(plan), outcome["neighbour_table"], outcome["table"], _measured(measures))


def flowstream_measure_faults(measures: list[Mapping[str, Any]]) -> list[str]:
    """Return why a measure of a loop over iperf3 has no result, for each that has none."""
    return [f"{name}: {fault}" for name, measured in _measured(measures) if (fault := measure_fault(measured))]


def _measured(measures: list[Mapping[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for measure in measures:
        if "stdout" in measure:
            try:
                measured = json.loads(measure["stdout"])
            except json.JSONDecodeError:
                measured = {"error": measure.get("stderr") or measure["stdout"] or "iperf3 said nothing"}
            found.append((measure["item"]["name"], measured))
    return found


def flowstream_counters(portids: list[int | str]) -> list[str]:
    """Return the handlers that count in a processing module of any type, on a platform with these ports."""
    return counters_of([int(portid) for portid in portids])


def flowstream_drop_counters(plan: Mapping[str, Any]) -> list[str]:
    """Return the handlers by which the modules of a plan count what they drop."""
    return list(middlebox_of(Plan.from_dict(plan).type).counters.drops)


def flowstream_growth(
    after: Iterable[Mapping[str, Any]], before: Iterable[Mapping[str, Any]], handlers: list[str]
) -> dict[str, int]:
    """Return by how much counting handlers grew over all modules, between two lists of results of `click_process_info`."""
    now, then = list(after), list(before)
    return {handler: _handler_sum(now, handler) - _handler_sum(then, handler) for handler in handlers}


def _handler_sum(results: list[Mapping[str, Any]], handler: str) -> int:
    return sum(int(pm["handlers"].get(handler, 0)) for result in results for pm in result["pms"])


def flowstream_drop_sum(results: list[Mapping[str, Any]]) -> int:
    """Return how many packets the flows that drop have counted, in results of `openflow_stats`."""
    return sum(flow["packets"] for result in results for flow in result["flows"] if flow["actions"] == ["drop"])


def _endpoints(endpoints: Mapping[str, Mapping[str, Any]]) -> list[TrafficEndpoint]:
    return [TrafficEndpoint.from_dict(name, fact) for name, fact in sorted(endpoints.items())]
