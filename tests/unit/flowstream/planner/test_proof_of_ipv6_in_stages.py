# SPDX-License-Identifier: Apache-2.0
"""Each way to spoil what a good plan does with IPv6 at ports with stages is found, and said in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.proof import violations

from ..conftest import ROOT, Planner

Change = Callable[[Flow], Flow | None]
SOURCE = (ROOT / "examples" / "dual-stack-stages" / "allocation.xml").read_text()
DOOR, ROOMS = "02:00:5e:00:5d:01", "02:00:5e:00:5d:02"
INSIDE, OUTSIDE = f"dl_dst={DOOR}", f"dl_src={DOOR}"


@pytest.fixture
def plan(plan_of: Planner, facts: dict[str, Any]) -> Plan:
    return plan_of(SOURCE, facts)


def changed(plan: Plan, change: Change, *words: str) -> Plan:
    """The plan with the flows that have all these words changed, wherever they are; None drops one."""

    def of(flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
        found = (change(flow) if all(word in str(flow) for word in words) else flow for flow in flows)
        return tuple(flow for flow in found if flow is not None)

    switches = {name: replace(switch, flows=of(switch.flows)) for name, switch in plan.switches.items()}
    hosts = {name: replace(host, flows=of(host.flows)) for name, host in plan.hosts.items()}
    spoiled = replace(plan, switches=switches, hosts=hosts)
    assert spoiled != plan
    return spoiled


def network_of(prefix: str) -> str:
    addr, _, mask = prefix.partition("/")
    return f'<network addr="{addr}" mask="{mask}"/>'


def dropped(flow: Flow) -> None:
    return None


def without(field: str) -> Change:
    return lambda flow: replace(flow, match=tuple(each for each in flow.match if each[0] != field))


def test_a_planned_plan_is_without_fault(plan: Plan) -> None:
    assert list(violations(plan)) == []


@pytest.mark.parametrize(
    ("change", "words", "told"),
    [
        (
            dropped,
            ("priority=1400", "in_port=2,", INSIDE),
            "a packet to :: with nw_proto=0x0,dl_src=0x0,vlan_tci=0x0 that enters by platform port 1 reaches nothing;"
            " it should reach doors-pm1",
        ),
        (
            dropped,
            ("priority=1400", f"dl_dst={ROOMS}", "pop_vlan"),
            "a packet to :: with nw_proto=0x0,dl_src=0x0,vlan_tci=0x0 that enters by platform port 2 reaches nothing;"
            " it should reach doors-pm3",
        ),
        (
            without("nw_ttl"),
            ("icmp_type=136", INSIDE),
            "reaches doors-pm0; it should reach doors-pm1",
        ),
        (
            without("ipv6_dst"),
            ("icmp_type=136", INSIDE),
            "reaches doors-pm0; it should reach doors-pm1",
        ),
        (
            without("nw_ttl"),
            ("icmp_type=135", OUTSIDE),
            "that doors-pm0 sends from platform port 1 reaches port 2; it should reach doors-pm1",
        ),
        (
            dropped,
            ("icmp_type=135", OUTSIDE),
            "that doors-pm0 sends from platform port 1 reaches doors-pm1; it should reach port 2",
        ),
        (
            dropped,
            ("icmp_type=136", INSIDE),
            "a neighbour advertisement that enters by platform port 1 reaches doors-pm1; it should reach doors-pm0",
        ),
        (
            without("vlan_tci"),
            ("icmp_type=136", OUTSIDE),
            "that doors-pm0 sends from platform port 1 reaches port 2; it should reach nothing",
        ),
    ],
    ids=[
        "into a stage",
        "into a stage of another module for each family",
        "what a router has passed on as an answer",
        "an answer to somebody behind the port",
        "what a router has passed on as a question",
        "questions pass the stage",
        "answers pass the stage",
        "a tag of the module's own",
    ],
)
def test_what_is_spoiled_is_found(change: Change, words: tuple[str, ...], told: str, plan: Plan) -> None:
    found = list(violations(changed(plan, change, *words)))
    assert any(told in text for text in found), found[:4]


@pytest.mark.parametrize("port", [0, 1])
@pytest.mark.parametrize("example", ["dual-stack-router", "dual-stack-firewall"])
def test_stages_in_series_stand_before_other_allocations_of_both_families(
    example: str, port: int, plan_of: Planner, facts: dict[str, Any]
) -> None:
    text = (ROOT / "examples" / example / "allocation.xml").read_text()
    halves = ("2000::/3 0.0.0.0/1", "::/3 128.0.0.0/1")
    pms = "".join(
        f'<pm id="{18 + at}">{"".join(map(network_of, half.split()))}<firewall/></pm>' for at, half in enumerate(halves)
    )
    stages = (
        f'<stage id="whole" type="firewall" port="{port}"><pm id="17"><firewall/></pm></stage>'
        f'<stage id="parts" type="firewall" port="{port}">{pms}</stage>'
    )
    plan = plan_of(text.replace("</allocationdescription>", f"{stages}</allocationdescription>"), facts)
    assert list(violations(plan)) == []
    where = [str(pm.stage) for host in plan.hosts.values() for pm in host.pms if pm.stage]
    assert sorted(where) == [
        f"stage parts at port {port} for 0.0.0.0/1, 2000::/3",
        f"stage parts at port {port} for 128.0.0.0/1, ::/3",
        f"stage whole at port {port}",
    ]


def test_where_a_claim_is_long_what_drops_tags_stands_above_it(plan_of: Planner, facts: dict[str, Any]) -> None:
    text = SOURCE.replace('<prefix addr="::" mask="0"/>', '<prefix addr="2001:db8:5::1" mask="128"/>')
    lines = text.replace('"2001:db8:5::" mask="64" output', '"2001:db8:5::1" mask="128" output').splitlines()
    plan = plan_of("\n".join(line for line in lines if '::" mask="64" output' not in line), facts)
    assert list(violations(plan)) == []
    found = list(violations(changed(plan, dropped, "priority=1300")))
    assert found[0] == (
        "a packet to 2001:db8:5::1 with nw_proto=0x0,dl_src=0x2005e005d01,vlan_tci=0x1000 that enters by platform port 0"
        " reaches doors-pm0; it should reach nothing"
    )
