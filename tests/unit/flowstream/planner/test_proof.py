# SPDX-License-Identifier: Apache-2.0
"""Each way to spoil a good plan is found, and said in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible.module_utils.flowstream.flows.flow import Flow, Group
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.proof import check_flows, violations

from ..conftest import ROOT, Planner, messages

Spoil = Callable[[Flow], Flow | None]


def spoiled(plan: Plan, bridge: str, spoil: Spoil, *extra: str) -> Plan:
    """The plan with one bridge's flows changed, dropped (None) or joined by others."""
    flows = [changed for flow in plan.bridges()[bridge].flows if (changed := spoil(flow)) is not None]
    flows += [replace(Flow.parse(line), cookie=plan.cookie) for line in extra]
    if bridge in plan.switches:
        return replace(plan, switches={bridge: replace(plan.switches[bridge], flows=tuple(flows))})
    return replace(plan, hosts={**plan.hosts, bridge: replace(plan.hosts[bridge], flows=tuple(flows))})


def without(*words: str) -> Spoil:
    return lambda flow: None if all(word in str(flow) for word in words) else flow


def keep(flow: Flow) -> Flow:
    return flow


@pytest.fixture
def plan(plan_of: Planner, facts: dict[str, Any]) -> Plan:
    facts["ports"] = {"0": {"addresses": ["192.168.5.254/24"]}}
    return plan_of(facts=facts)


def ofport(plan: Plan, host: str) -> int:
    return plan.hosts[host].pms[0].vifs[0].ofport


def test_a_planned_plan_is_without_fault(plan: Plan) -> None:
    check_flows(plan)


def test_the_message_names_the_plan(plan: Plan) -> None:
    broken = spoiled(plan, "sw1", without("in_port=1", "nw_dst=0.0.0.0/1"))
    assert messages(lambda: check_flows(broken)) == [
        "cannot use the plan of felipeiprouter: a packet to 0.0.0.0 that enters by platform port 0 reaches nothing;"
        " it should reach felipeiprouter-pm1"
    ]


def test_a_packet_that_is_stolen_by_a_longer_prefix_is_found(plan: Plan) -> None:
    thief = "priority=1024,in_port=2,dl_dst=00:15:17:15:5d:21,ip,nw_dst=10.0.5.0/24 actions=output:11"
    assert list(violations(spoiled(plan, "sw1", keep, thief))) == [
        "a packet to 10.0.5.0 that enters by platform port 1 reaches nothing; it should reach felipeiprouter-pm1"
    ]


def test_a_packet_that_reaches_two_is_found(plan: Plan) -> None:
    def double(flow: Flow) -> Flow:
        return replace(flow, actions=("output:11", "output:12")) if "nw_dst=128.0.0.0/1" in str(flow) else flow

    both = spoiled(plan, "sw1", double)
    both = spoiled(both, "mh2", keep, *(
        f"priority=1001,in_port=1,dl_dst={port.mac},ip,nw_dst=128.0.0.0/1 actions=output:{ofport(plan, 'mh2')}"
        for port in plan.ports
    ))  # fmt: skip
    assert next(violations(both)) == (
        "a packet to 128.0.0.0 that enters by platform port 0 reaches felipeiprouter-pm0 and felipeiprouter-pm1;"
        " it should reach felipeiprouter-pm0"
    )


def test_a_packet_that_nobody_asked_for_is_found(plan: Plan) -> None:
    lost = replace(plan, hosts={**plan.hosts, "mh1": replace(plan.hosts["mh1"], pms=(replace(
        plan.hosts["mh1"].pms[0], claims=()),))})  # fmt: skip
    assert next(violations(lost)) == (
        "a packet to 128.0.0.0 that enters by platform port 0 reaches felipeiprouter-pm0; it should reach nothing"
    )


def test_an_arp_request_to_the_wrong_module_is_found(plan: Plan) -> None:
    def wrong(flow: Flow) -> Flow:
        return replace(flow, actions=("output:12",)) if "arp_op=1" in str(flow) else flow

    assert list(violations(spoiled(plan, "sw1", wrong))) == [
        "an ARP request for 192.168.5.254 that enters by platform port 0 reaches nothing;"
        " it should reach felipeiprouter-pm0"
    ]


def test_an_arp_reply_that_misses_a_module_is_found(plan: Plan) -> None:
    assert list(violations(spoiled(plan, "mh2", without("arp_op=2", "00:15:17:15:5d:20")))) == [
        "an ARP reply that enters by platform port 0 reaches felipeiprouter-pm0;"
        " it should reach felipeiprouter-pm0 and felipeiprouter-pm1"
    ]


def test_a_way_out_that_is_missing_or_wrong_is_found(plan: Plan) -> None:
    assert list(violations(spoiled(plan, "mh1", without("dl_src=00:15:17:15:5d:20")))) == [
        "what felipeiprouter-pm0 sends from port 0 reaches nothing; it should leave by it"
    ]

    def crossed(flow: Flow) -> Flow:
        return replace(flow, actions=("output:2",)) if "dl_src=00:15:17:15:5d:20" in str(flow) else flow

    assert list(violations(spoiled(plan, "sw1", crossed))) == [
        "what felipeiprouter-pm0 sends from port 0 reaches port 2; it should leave by it",
        "what felipeiprouter-pm1 sends from port 0 reaches port 2; it should leave by it",
    ]


def test_a_loop_is_found(plan: Plan) -> None:
    """Two hosts wired to each other twice: no inventory gives that, but a plan may come from elsewhere."""
    mac, vif = plan.ports[0].mac, ofport(plan, "mh1")

    def onward(flow: Flow) -> Flow:
        return replace(flow, actions=("output:2",)) if f"in_port={vif},dl_src={mac}" in str(flow) else flow

    looping = spoiled(plan, "mh1", onward)
    looping = spoiled(looping, "mh2", keep, f"priority=1000,in_port=1,dl_src={mac} actions=output:5")
    mh1, mh2 = (looping.hosts[name] for name in ("mh1", "mh2"))
    wired = {"mh1": replace(mh1, switch="mh2", switch_port=5), "mh2": replace(mh2, switch="mh1", switch_port=2)}
    found = list(violations(replace(looping, hosts=wired)))
    assert "what felipeiprouter-pm0 sends from port 0 reaches mh1 again; it should leave by it" in found


def test_a_sender_with_a_foreign_mac_is_found(plan: Plan) -> None:
    vif = ofport(plan, "mh1")
    open_host = spoiled(plan, "mh1", keep, f"priority=150,in_port={vif} actions=output:1")
    opened = spoiled(open_host, "sw1", keep, "priority=150,in_port=11 actions=output:2")
    assert list(violations(opened)) == [
        f"on sw1, the entry 'cookie={plan.cookie:#x},table=0,priority=150,in_port=11 actions=output:2'"
        " takes packets that are not of the allocation",
        "what felipeiprouter-pm0 sends from a foreign MAC reaches port 2",
    ]


@pytest.mark.parametrize(
    "entry",
    [
        "priority=1,in_port=1,ip actions=drop",
        "priority=1,in_port=1,dl_dst=00:15:17:15:5d:21,ip actions=drop",
        "priority=1,dl_dst=00:15:17:15:5d:20,ip actions=drop",
        "priority=1,in_port=2,arp,arp_op=1,arp_tpa=192.168.5.254 actions=drop",
        "priority=1,in_port=11 actions=drop",
    ],
)
def test_an_entry_that_takes_what_is_not_ours_is_found(plan: Plan, entry: str) -> None:
    flow = replace(Flow.parse(entry), cookie=plan.cookie)
    assert list(violations(spoiled(plan, "sw1", keep, entry))) == [
        f"on sw1, the entry '{flow}' takes packets that are not of the allocation"
    ]


def test_an_entry_without_the_cookie_is_found(plan: Plan) -> None:
    def unmarked(flow: Flow) -> Flow:
        return replace(flow, cookie=1) if "actions=drop" in str(flow) else flow

    found = list(violations(spoiled(plan, "mh1", unmarked)))
    assert found == [
        f"on mh1, the entry 'cookie=0x1,table=0,priority=100,in_port={ofport(plan, 'mh1')} actions=drop'"
        " does not carry the allocation's cookie"
    ]


def test_an_entry_that_stands_twice_is_found(plan: Plan) -> None:
    again = plan.switches["sw1"].flows[-1]
    assert list(violations(spoiled(plan, "sw1", keep, str(again)))) == [
        f"on sw1, the entry '{again.selector()}' stands twice"
    ]


def test_two_entries_between_which_the_switch_may_choose_are_found(plan: Plan) -> None:
    rival = "priority=1001,in_port=1,dl_dst=00:15:17:15:5d:20,ip,nw_dst=10.0.0.0/8 actions=output:11"
    found = list(violations(spoiled(plan, "sw1", keep, rival)))
    mark = f"cookie={plan.cookie:#x},table=0,priority=1001,in_port=1,dl_dst=00:15:17:15:5d:20,ip,nw_dst="
    assert found[-1] == (
        f"on sw1, the entries '{mark}0.0.0.0/1 actions=output:12' and '{mark}10.0.0.0/8 actions=output:11'"
        " take the same packets with equal priority"
    )


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            "priority=1,in_port=1,dl_dst=00:15:17:15:5d:20,ct_state=+trk actions=drop",
            "ct_state=+trk is not understood",
        ),
        ("priority=1,in_port=1,dl_dst=00:15:17:15:5d:20 actions=FLOOD", "FLOOD is not understood"),
    ],
)
def test_what_it_cannot_judge_it_does_not_pass(plan: Plan, entry: str, expected: str) -> None:
    def prefer(flow: Flow) -> Flow | None:
        return None if "in_port=1," in str(flow) else flow

    (message,) = messages(lambda: check_flows(spoiled(plan, "sw1", prefer, entry)))
    assert message.startswith("cannot check the flow '")
    assert message.endswith(expected)


def with_groups(plan: Plan, *groups: str) -> Plan:
    return replace(
        plan, switches={"sw1": replace(plan.switches["sw1"], groups=tuple(Group.parse(group) for group in groups))}
    )


def to_group(flow: Flow) -> Flow:
    return (
        replace(flow, actions=("group:1",)) if "in_port=1," in str(flow) and "nw_dst=0.0.0.0/1" in str(flow) else flow
    )


def test_each_bucket_of_a_group_has_to_be_right(plan: Plan) -> None:
    right = "group_id=1,type=select,bucket=actions=output:12,bucket=actions=output:12"
    assert list(violations(with_groups(spoiled(plan, "sw1", to_group), right))) == []
    wrong = "group_id=1,type=select,bucket=actions=output:12,bucket=actions=output:11"
    assert list(violations(with_groups(spoiled(plan, "sw1", to_group), wrong))) == [
        "a packet to 0.0.0.0 that enters by platform port 0 reaches nothing; it should reach felipeiprouter-pm1"
    ]


def test_a_failover_to_a_wrong_port_is_found_and_nothing_is_asked_of_one_whose_ports_are_all_down(plan: Plan) -> None:
    right = "group_id=1,type=ff,bucket=watch_port:12,actions=output:12"
    assert list(violations(with_groups(spoiled(plan, "sw1", to_group), right))) == []
    wrong = f"{right},bucket=watch_port:11,actions=output:11"
    assert list(violations(with_groups(spoiled(plan, "sw1", to_group), wrong))) == [
        "a packet to 0.0.0.0 that enters by platform port 0 reaches nothing; it should reach felipeiprouter-pm1"
    ]


def test_a_way_through_several_tables_is_followed(plan: Plan) -> None:
    def onward(flow: Flow) -> Flow:
        if "in_port=1," in str(flow) and "nw_dst=0.0.0.0/1" in str(flow):
            return replace(flow, actions=("set_field:7->reg0", f"write_metadata:{plan.cookie:#x}", "goto_table:1"))
        return flow

    there = f"table=1,priority=1,metadata={plan.cookie:#x},reg0=7 actions=output:12"
    assert list(violations(spoiled(plan, "sw1", onward, there))) == []
    elsewhere = f"table=1,priority=2,metadata={plan.cookie:#x},udp,nw_dst=9.0.0.0/8,udp_dst=53 actions=drop"
    assert list(violations(spoiled(plan, "sw1", onward, there, elsewhere))) == [
        "a packet to 9.0.0.0 with nw_proto=0x11,tp_dst=0x35 that enters by platform port 0 reaches nothing;"
        " it should reach felipeiprouter-pm1"
    ]


def test_an_entry_of_a_later_table_has_to_carry_the_mark_of_the_allocation(plan: Plan) -> None:
    (found,) = violations(spoiled(plan, "sw1", keep, "table=1,priority=1,metadata=0x5 actions=output:12"))
    assert found.endswith(
        "table=1,priority=1,metadata=0x5 actions=output:12' takes packets that are not of the allocation"
    )


def test_a_packet_that_tables_send_in_circles_is_found(plan: Plan) -> None:
    def again(flow: Flow) -> Flow:
        return replace(flow, actions=("resubmit(,0)",)) if to_group(flow) != flow else flow

    assert next(violations(spoiled(plan, "sw1", again))) == (
        "a packet to 0.0.0.0 that enters by platform port 0 comes back to sw1"
    )


def test_a_tag_that_a_foreign_module_may_send_is_found(plan_of: Planner) -> None:
    folder = ROOT / "examples" / "click"
    plan = plan_of((folder / "allocation.xml").read_text(), beside=folder)
    check_flows(plan)
    broken = spoiled(plan, "mh1", without("vlan_tci"))
    assert list(violations(broken)) == [
        "what meter-pm0 sends with a VLAN tag reaches port 1",
        "what meter-pm0 sends with a VLAN tag reaches port 2",
    ]


@pytest.fixture
def offloading(plan_of: Planner, facts: dict[str, Any]) -> Plan:
    """The example whose firewall gives flows back to the switch."""
    facts["ports"] = {}
    return plan_of((ROOT / "examples" / "offloaded-router" / "allocation.xml").read_text(), facts=facts)


def test_what_is_learned_is_proved_too(offloading: Plan) -> None:
    check_flows(offloading)


def test_an_accepted_flow_that_is_led_elsewhere_is_found(offloading: Plan) -> None:
    def astray(flow: Flow) -> Flow:
        return replace(flow, actions=("output:1",)) if flow.table and "nw_dst=0.0.0.0/1" in str(flow) else flow

    found = list(violations(spoiled(offloading, "sw1", astray)))
    assert all(one.startswith("once flows are learned, a packet to 0.0.0.0 ") for one in found)
    assert any(one.endswith("reaches port 1; it should reach offloaded-pm1") for one in found)


def test_a_flow_that_goes_past_without_being_accepted_is_found(offloading: Plan) -> None:
    def trusting(flow: Flow) -> Flow:
        return replace(flow, match=tuple(one for one in flow.match if one[0] != "reg0")) if flow.table else flow

    found = list(violations(spoiled(offloading, "sw1", trusting)))
    assert any(
        one.startswith("a packet to 0.0.0.0 ") and one.endswith("reaches offloaded-pm1; it should reach offloaded-pm10")
        for one in found
    )


def test_a_mark_that_is_not_taken_off_is_found(offloading: Plan) -> None:
    def marked(flow: Flow) -> Flow:
        learns = "learn(" in str(flow)
        return replace(flow, actions=tuple(one for one in flow.actions if one != "pop_vlan")) if learns else flow

    found = list(violations(spoiled(offloading, "sw1", marked)))
    assert any("passes on at platform port 1 with its verdict" in one and "with its tag" in one for one in found)


@pytest.mark.parametrize("who", ["in_port=2", "in_port=12"])
def test_a_verdict_of_somebody_else_is_found(offloading: Plan, who: str) -> None:
    learn = next(one for flow in offloading.switches["sw1"].flows for one in flow.actions if one.startswith("learn("))
    door = offloading.ports[1].mac
    forged = f"priority=5000,{who},{'dl_dst' if who == 'in_port=2' else 'dl_src'}={door},udp actions={learn},drop"
    forged = forged.replace(",drop", "")
    found = list(violations(spoiled(offloading, "sw1", keep, forged)))
    assert any("teaches sw1 by 'table=0,priority=5000" in one for one in found)


def test_the_end_of_a_connection_that_goes_past_is_found(offloading: Plan) -> None:
    broken = spoiled(offloading, "sw1", without("tcp_flags=+fin", "in_port=2"))
    found = list(violations(broken))
    assert found
    assert all("tcp_flags=0x1" in one and "should reach offloaded-pm10" in one for one in found)
