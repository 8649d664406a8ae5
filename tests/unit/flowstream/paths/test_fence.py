# SPDX-License-Identifier: Apache-2.0
"""A tenant's own configuration is held at its vif: it sends nothing as somebody else, whatever it runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.flowstream.paths.fence import HOLD_PRIORITY
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.proof import violations

from ..conftest import ROOT, Planner

CLICK = ROOT / "examples" / "click"
STAGE = '<stage id="seen" type="flowmonitor" port="1"><pm id="7"><collector addr="192.168.5.9" source="192.168.6.5"/></pm></stage>'


def planned(plan_of: Planner, *, tenant: str = "acme", stage: str = "") -> Plan:
    text = (CLICK / "allocation.xml").read_text().partition("?>")[2]
    if tenant:
        text = text.replace('type="click"', f'type="click" tenant="{tenant}"')
    return plan_of(text.replace("</allocationdescription>", f"{stage}</allocationdescription>"), beside=CLICK)


def without_hold(plan: Plan) -> Plan:
    hosts = {
        name: replace(host, flows=tuple(flow for flow in host.flows if flow.priority != HOLD_PRIORITY))
        for name, host in plan.hosts.items()
    }
    return replace(plan, hosts=hosts)


@pytest.mark.parametrize("stage", ["", STAGE], ids=["alone", "behind a stage"])
def test_without_these_entries_the_proof_finds_what_it_could_send(plan_of: Planner, stage: str) -> None:
    plan = planned(plan_of, stage=stage)
    assert list(violations(plan)) == []
    found = list(violations(without_hold(plan)))
    assert any("meter-pm0" in text for text in found)


def test_each_entry_says_why(plan_of: Planner) -> None:
    plan = planned(plan_of)
    why = {flow.why for host in plan.hosts.values() for flow in host.flows if flow.priority == HOLD_PRIORITY}
    assert why == {
        "pm 0: drop, anti-spoof, IPv6, of which no port has an address",
        "pm 0: drop, anti-spoof, a source that is not its own at port 0",
        "pm 0: drop, anti-spoof, a source that is not its own at port 1",
        "pm 0: drop, anti-spoof, ARP as somebody else at port 0",
        "pm 0: drop, anti-spoof, ARP as somebody else at port 1",
    }


def test_where_nobody_is_a_tenant_nothing_is_held(plan_of: Planner) -> None:
    plan = planned(plan_of, tenant="")
    assert without_hold(plan) == plan
