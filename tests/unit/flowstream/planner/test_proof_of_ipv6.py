# SPDX-License-Identifier: Apache-2.0
"""Each way to spoil what a good plan does with IPv6 is found, and said in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.marks import marks_of
from ansible.module_utils.flowstream.paths import parallel_in_tables
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.proof import violations

from ..conftest import ROOT, Planner

Change = Callable[[Flow], Flow | None]
SOURCE = (ROOT / "examples" / "dual-stack-router" / "allocation.xml").read_text()


@pytest.fixture(params=[parallel_in_tables.LARGEST_PRODUCT, 0], ids=["one table", "several tables"])
def plan(request: pytest.FixtureRequest, plan_of: Planner, facts: dict[str, Any]) -> Plan:
    with patch.object(parallel_in_tables, "LARGEST_PRODUCT", request.param):
        return plan_of(SOURCE, facts)


def changed(plan: Plan, bridge: str, change: Change, *words: str) -> Plan:
    """The plan with the flows of a bridge that have all these words changed; None drops one."""
    flows = [
        other
        for flow in plan.bridges()[bridge].flows
        if (other := change(flow) if all(word in str(flow) for word in words) else flow) is not None
    ]
    assert tuple(flows) != plan.bridges()[bridge].flows
    if bridge in plan.switches:
        return replace(plan, switches={bridge: replace(plan.switches[bridge], flows=tuple(flows))})
    return replace(plan, hosts={**plan.hosts, bridge: replace(plan.hosts[bridge], flows=tuple(flows))})


def dropped(flow: Flow) -> None:
    return None


def to_12(flow: Flow) -> Flow:
    return replace(flow, actions=("output:12",))


def test_a_planned_plan_is_without_fault(plan: Plan) -> None:
    assert list(violations(plan)) == []


def test_a_packet_of_ipv6_that_gets_lost_is_found(plan: Plan) -> None:
    found = list(violations(changed(plan, "sw1", dropped, "ipv6_dst=8000::/1")))
    assert found[0] == (
        "a packet to 8000:: with nw_proto=0x0 that enters by platform port 0 reaches nothing; it should reach dual-pm1"
    )


def test_a_packet_of_ipv6_that_goes_astray_is_found(plan: Plan) -> None:
    found = list(violations(changed(plan, "sw1", to_12, "ipv6_dst=::/1")))
    assert found[0] == (
        "a packet to :: with nw_proto=0x0 that enters by platform port 0 reaches nothing; it should reach dual-pm0"
    )


def test_a_solicitation_to_the_wrong_module_is_found(plan: Plan) -> None:
    spoiled = changed(plan, "sw1", to_12, "33:33:ff:00:00:fe", "nd_target=2001:db8:6::fe")
    assert list(violations(spoiled)) == [
        "a neighbour solicitation for 2001:db8:6::fe to 3333ff0000fe that enters by platform port 1 reaches nothing;"
        " it should reach dual-pm0"
    ]


def test_a_solicitation_to_the_port_itself_that_goes_by_its_destination_is_found(plan: Plan) -> None:
    found = list(violations(changed(plan, "sw1", dropped, f"dl_dst={plan.ports[1].mac}", "nd_target=")))
    assert found[-1] == (
        "a neighbour solicitation for 2001:db8:6::fe to 02005e005301 that enters by platform port 1 reaches dual-pm1;"
        " it should reach dual-pm0"
    )


def test_a_solicitation_to_a_stranger_that_is_taken_is_found(plan: Plan) -> None:
    def anywhere(flow: Flow) -> Flow:
        return replace(flow, match=tuple(one for one in flow.match if one[0] != "dl_dst"))

    for bridge in ("sw1", "mh1"):
        plan = changed(plan, bridge, anywhere, f"dl_dst={plan.ports[1].mac}", "nd_target=")
    assert "a packet for a foreign MAC that enters by platform port 1 reaches dual-pm0" in next(violations(plan))


def test_an_advertisement_that_misses_a_module_is_found(plan: Plan) -> None:
    found = list(violations(changed(plan, "mh2", dropped, "icmp_type=136")))
    assert len(found) == 3
    assert found[0].startswith(
        "a neighbour advertisement that enters by platform port 0 reaches dual-pm0; it should reach"
    )


def test_a_solicitation_for_somebody_else_is_none_of_ours(plan: Plan) -> None:
    def wider(flow: Flow) -> Flow:
        return replace(flow, match=tuple(one for one in flow.match if one[0] != "nd_target"))

    found = list(violations(changed(plan, "sw1", wider, "nd_target=2001:db8:6::fe")))
    assert "takes packets that are not of the allocation" in found[0]


def test_an_entry_without_the_code_takes_what_is_no_discovery(plan: Plan) -> None:
    """ICMPv6 of another code goes where its destination is claimed, and nowhere else."""

    def wider(flow: Flow) -> Flow:
        return replace(flow, match=tuple(one for one in flow.match if one[0] != "icmp_code"))

    for bridge in ("sw1", "mh1", "mh2"):
        plan = changed(plan, bridge, wider, "icmp_type=136")
    assert "reaches dual-pm0 and dual-pm1; it should reach dual-pm0" in next(violations(plan))


def test_one_owner_of_a_port_is_told_from_another_by_the_address_that_neighbours_ask_for(plan: Plan) -> None:
    asked = {question.address for question in marks_of(plan.switches["sw1"].flows).questions}
    assert {"2001:db8:5::fe", "2001:db8:6::fe", "fd00:db8:7::fe", "192.168.5.254"} <= asked
