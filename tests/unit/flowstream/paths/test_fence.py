# SPDX-License-Identifier: Apache-2.0
"""A tenant's own configuration is held at its vif: it sends nothing as somebody else, whatever it runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.paths.fence import ADVERTISE_PRIORITY, DISCOVERY_PRIORITY, HOLD_PRIORITY
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.proof import violations

from ..conftest import ROOT, Planner

CLICK, DUAL = (ROOT / "examples" / name for name in ("click", "dual-stack-click"))
STAGE = '<stage id="seen" type="flowmonitor" port="1"><pm id="7"><collector addr="192.168.5.9" source="192.168.6.5"/></pm></stage>'


def planned(plan_of: Planner, *, tenant: str = "acme", stage: str = "", example: Path = CLICK) -> Plan:
    text = (example / "allocation.xml").read_text().partition("?>")[2]
    if tenant:
        text = text.replace('type="click"', f'type="click" tenant="{tenant}"')
    return plan_of(text.replace("</allocationdescription>", f"{stage}</allocationdescription>"), beside=example)


def without_hold(plan: Plan, *priorities: int) -> Plan:
    gone = priorities or (HOLD_PRIORITY,)
    hosts = {
        name: replace(host, flows=tuple(flow for flow in host.flows if flow.priority not in gone))
        for name, host in plan.hosts.items()
    }
    return replace(plan, hosts=hosts)


@pytest.mark.parametrize("stage", ["", STAGE], ids=["alone", "behind a stage"])
def test_without_these_entries_the_proof_finds_what_it_could_send(plan_of: Planner, stage: str) -> None:
    plan = planned(plan_of, stage=stage)
    assert list(violations(plan)) == []
    found = list(violations(without_hold(plan)))
    assert any("meter-pm0" in text for text in found)


@pytest.mark.parametrize(
    ("priority", "harm"),
    [
        (HOLD_PRIORITY, "what gate-pm0 sends as somebody else reaches port 1"),
        (DISCOVERY_PRIORITY, "what gate-pm0 sends as somebody else reaches port 1"),
        (ADVERTISE_PRIORITY, "what gate-pm0 sends from port 0 reaches nothing; it should leave by it"),
    ],
)
def test_of_ipv6_the_proof_finds_it_too_and_what_a_module_has_to_advertise(
    plan_of: Planner, priority: int, harm: str
) -> None:
    plan = planned(plan_of, example=DUAL)
    assert list(violations(plan)) == []
    assert harm in list(violations(without_hold(plan, priority)))


def test_of_ipv6_each_entry_says_why_as_well(plan_of: Planner) -> None:
    plan = planned(plan_of, example=DUAL)
    why = {
        flow.why.removeprefix("pm 0").removesuffix(" at port 0")
        for host in plan.hosts.values()
        for flow in host.flows
        if flow.priority in (HOLD_PRIORITY, DISCOVERY_PRIORITY, ADVERTISE_PRIORITY) and "port 0" in flow.why
    }
    assert why == {
        ": drop, anti-spoof, a source that is not its own",
        ": drop, anti-spoof, ARP as somebody else",
        ": drop, anti-spoof, a router advertisement",
        ": drop, anti-spoof, an advertisement for somebody else",
        ": drop, anti-spoof, a redirect",
        " to port 0 (neighbour advertisement): out, hop 1 of 2",
    }


def test_where_one_port_has_ipv6_none_leaves_by_the_other(plan_of: Planner) -> None:
    text = (
        (CLICK / "allocation.xml").read_text().partition("?>")[2].replace('type="click"', 'type="click" tenant="acme"')
    )
    text = text.replace('address="192.168.5.254/24"', 'address="192.168.5.254/24" address6="2001:db8:5::fe/64"')
    plan = plan_of(text, beside=CLICK)
    assert list(violations(plan)) == []
    dropped = "dl_src=02:00:5e:00:53:01,ipv6 actions=drop"
    assert any(str(flow).endswith(dropped) for host in plan.hosts.values() for flow in host.flows)


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
