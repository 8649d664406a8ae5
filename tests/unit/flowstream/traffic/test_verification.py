# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from ansible.module_utils.flowstream.middleboxes.router.expectations import probes
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.traffic.verification import (
    Drops,
    TrafficEndpoint,
    neighbour_outcomes,
    neighbour_questions,
    neighbour_table,
    outcomes,
    streams,
)

from ..conftest import Planner, messages

ENDPOINTS = [TrafficEndpoint(f"ep{port}", port, (f"192.168.{port + 5}.1",)) for port in range(4)]
NOBODY_LOOKED = Drops()
ADDRESSES = {str(port): {"addresses": [f"192.168.{port + 5}.254/24"]} for port in range(4)}


def perfect(plan: Plan) -> dict[str, dict[str, Any]]:
    results: dict[str, dict[str, Any]] = {endpoint.name: {"sent": {}, "received": {}} for endpoint in ENDPOINTS}
    macs = {port.portid: port.mac for port in plan.ports}
    for number, probe in enumerate(probes(plan)):
        results[f"ep{probe.source_port}"]["sent"][str(number)] = 100
        if probe.output_port is not None:
            results[f"ep{probe.output_port}"]["received"][str(number)] = {
                "packets": 100,
                "duplicates": 0,
                "ttls": {"63": 100},
                "bad_checksums": 0,
                "source_macs": {macs[probe.output_port]: 100},
            }
    return results


def faults(plan: Plan, results: dict[str, dict[str, Any]], drops: Drops = NOBODY_LOOKED) -> list[tuple[str, ...]]:
    macs = {port.portid: port.mac for port in plan.ports}
    return [one.faults for one in outcomes(probes(plan), ENDPOINTS, macs, results, drops)]


def test_traffic_that_is_as_planned_has_no_faults(plan_of: Planner) -> None:
    plan = plan_of()
    assert faults(plan, perfect(plan), Drops({"no_route.count": 100}, 0)) == [()] * 9


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"packets": 99}, "1 lost"),
        ({"duplicates": 2}, "2 came twice"),
        ({"ttls": {"63": 98, "64": 2}}, "TTL 64 on 2"),
        ({"bad_checksums": 5}, "5 with a wrong checksum"),
        ({"source_macs": {"02:00:00:00:00:01": 100}}, "100 from 02:00:00:00:00:01"),
    ],
)
def test_what_is_wrong_with_arrivals_is_said(plan_of: Planner, change: dict[str, Any], fault: str) -> None:
    plan = plan_of()
    results = perfect(plan)
    results["ep0"]["received"]["0"].update(change)
    assert faults(plan, results)[0] == (fault,)


def test_what_comes_out_elsewhere_or_not_at_all_is_said(plan_of: Planner) -> None:
    plan = plan_of()
    results = perfect(plan)
    results["ep3"]["received"]["0"] = results["ep0"]["received"].pop("0")
    assert faults(plan, results)[0] == ("100 lost", "100 came out at ep3")


def test_packets_without_a_route_are_counted_by_whoever_drops_them(plan_of: Planner, seed: str) -> None:
    plan = plan_of(seed.replace('<prefix addr="0.0.0.0" mask="128.0.0.0"/>', '<prefix addr="10.0.0.0" mask="8"/>'))
    assert [probe.pm for probe in probes(plan)[-2:]] == ["felipeiprouter-pm0", None]
    results = perfect(plan)
    assert faults(plan, results, Drops({"no_route.count": 100}, 100))[-2:] == [(), ()]
    assert faults(plan, results, Drops({"no_route.count": 99}, 7))[-2:] == [
        ("99 counted by no_route",),
        ("7 counted by the switch",),
    ]
    assert faults(plan, results)[-2:] == [(), ()]


def test_a_port_without_an_endpoint_is_named(plan_of: Planner) -> None:
    plan = plan_of()
    assert messages(lambda: streams(probes(plan), ENDPOINTS[:3], 10)) == [
        "platform port 3: no endpoint is there; give a host of group endpoints its portid"
    ]


def test_arp_must_be_answered_with_the_mac_of_the_port(plan_of: Planner, facts: dict[str, Any]) -> None:
    plan = plan_of(facts={**facts, "ports": ADDRESSES})
    assert neighbour_questions(plan.ports, ENDPOINTS) == {f"ep{port}": [f"192.168.{port + 5}.254"] for port in range(4)}
    results = {f"ep{port.portid}": {"neighbours": {f"192.168.{port.portid + 5}.254": port.mac}} for port in plan.ports}
    assert [one.faults for one in neighbour_outcomes(plan.ports, ENDPOINTS, results)] == [()] * 4
    wrong = deepcopy(results)
    wrong["ep1"]["neighbours"]["192.168.6.254"] = plan.ports[0].mac
    wrong["ep2"]["neighbours"]["192.168.7.254"] = None
    judged = neighbour_outcomes(plan.ports, ENDPOINTS, wrong)
    assert [one.faults for one in judged] == [
        (),
        ("00:15:17:15:5d:20 answered, not 00:15:17:15:5d:21",),
        ("nobody answered",),
        (),
    ]
    assert neighbour_table(judged).splitlines()[2:5] == [
        "192.168.5.254     0  ep0       00:15:17:15:5d:20  ok",
        "192.168.6.254     1  ep1       00:15:17:15:5d:20  00:15:17:15:5d:20 answered, not 00:15:17:15:5d:21",
        "192.168.7.254     2  ep2       -                  nobody answered",
    ]


def test_a_port_without_an_address_is_not_asked_for(plan_of: Planner) -> None:
    assert neighbour_questions(plan_of().ports, ENDPOINTS) == {f"ep{port}": [] for port in range(4)}
