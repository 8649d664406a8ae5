# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.paths.parallel_by_prefix import Arm
from ansible.module_utils.flowstream.paths.spread_by_flow import switch_flows
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.proof import violations

from ....model.sharing import CLAIMS, COOKIE, PORTS, plan_of
from ..conftest import messages


def lines(flows: tuple[Flow, ...]) -> list[str]:
    assert {flow.cookie for flow in flows} == {COOKIE}
    return [flow.describe() for flow in flows if "arp" not in flow.describe()]


def test_the_switch_deals_and_says_to_the_host_to_whom() -> None:
    assert lines(plan_of("mh1", "mh2", "mh1").switches["sw1"].flows)[:4] == [
        "table=0,priority=1508,in_port=1,dl_dst=02:00:00:00:00:00,ip,nw_src=10.0.0.0/8,nw_frag=yes"
        " actions=multipath(symmetric_l3,0,hrw,3,0,NXM_NX_REG0[0..15]),write_metadata:0x5eed000000000000,goto_table:4",
        "table=0,priority=1508,in_port=2,dl_dst=02:00:00:00:00:01,ip,nw_dst=10.0.0.0/8,nw_frag=yes"
        " actions=multipath(symmetric_l3,0,hrw,3,0,NXM_NX_REG0[0..15]),write_metadata:0x5eed000000000000,goto_table:4",
        "table=0,priority=1008,in_port=1,dl_dst=02:00:00:00:00:00,ip,nw_src=10.0.0.0/8"
        " actions=multipath(symmetric_l3l4+udp,0,hrw,3,0,NXM_NX_REG0[0..15]),write_metadata:0x5eed000000000000,goto_table:4",
        "table=0,priority=1008,in_port=2,dl_dst=02:00:00:00:00:01,ip,nw_dst=10.0.0.0/8"
        " actions=multipath(symmetric_l3l4+udp,0,hrw,3,0,NXM_NX_REG0[0..15]),write_metadata:0x5eed000000000000,goto_table:4",
    ]
    ours = "metadata=0x5eed000000000000/0xffffffff00000000"
    assert lines(plan_of("mh1", "mh2", "mh1").switches["sw1"].flows)[-3:] == [
        f"table=4,priority=1000,{ours},reg0=0x0/0xffff actions=push_vlan:0x8100,set_field:4097->vlan_vid,output:11",
        f"table=4,priority=1000,{ours},reg0=0x1/0xffff actions=push_vlan:0x8100,set_field:4098->vlan_vid,output:12",
        f"table=4,priority=1000,{ours},reg0=0x2/0xffff actions=push_vlan:0x8100,set_field:4099->vlan_vid,output:11",
    ]


def test_the_host_takes_the_tag_off() -> None:
    assert lines(plan_of("mh1", "mh2", "mh1").hosts["mh2"].flows) == [
        "table=0,priority=1000,in_port=1,dl_vlan=2,dl_dst=02:00:00:00:00:00,ip actions=pop_vlan,output:301",
        "table=0,priority=1000,in_port=1,dl_vlan=2,dl_dst=02:00:00:00:00:01,ip actions=pop_vlan,output:301",
        "table=0,priority=1000,in_port=301,dl_src=02:00:00:00:00:00 actions=output:1",
        "table=0,priority=1000,in_port=301,dl_src=02:00:00:00:00:01 actions=output:1",
        "table=0,priority=100,in_port=301 actions=drop",
    ]


@pytest.mark.parametrize("homes", [("mh1",), ("mh1", "mh2"), ("mh1", "mh2", "mh1", "mh3", "mh3")])
def test_each_flow_reaches_one_of_them_whatever_the_hash_says(homes: tuple[str, ...]) -> None:
    plan = plan_of(*homes)
    assert list(violations(plan)) == []
    assert Plan.from_json(plan.to_json()) == plan


def spoiled(plan: Plan, before: str, after: str, only: str = "") -> list[str]:
    flows = tuple(
        replace(flow, actions=tuple(action.replace(before, after) for action in flow.actions))
        if only in str(flow)
        else flow
        for flow in plan.switches["sw1"].flows
    )
    return list(violations(replace(plan, switches={"sw1": replace(plan.switches["sw1"], flows=flows)})))


def test_a_module_that_is_left_out_or_reached_with_the_tag_of_another_is_found() -> None:
    plan = plan_of("mh1", "mh2", "mh1")
    text = "a packet to 0.0.0.0 from 10.0.0.0 with nw_frag=0x0 that enters by platform port 0"
    assert f"{text} never reaches fw-pm2" in spoiled(plan, "hrw,3,", "hrw,2,")
    assert f"{text} reaches nothing; it should reach fw-pm0 or fw-pm1 or fw-pm2" in spoiled(plan, "4099->", "4098->")


def test_directions_that_are_dealt_in_different_orders_are_found() -> None:
    plan = plan_of("mh1", "mh2")
    extra = [
        Flow.parse(f"table=4,priority=2000,in_port=2,metadata=0x5eed000000000000/0xffffffff00000000,reg0={number}/0xffff"
                   f" actions=push_vlan:0x8100,set_field:{4098 - number}->vlan_vid,output:{12 - number}")
        for number in (0, 1)
    ]  # fmt: skip
    flows = (*plan.switches["sw1"].flows, *(replace(flow, cookie=COOKIE) for flow in extra))
    found = list(violations(replace(plan, switches={"sw1": replace(plan.switches["sw1"], flows=flows)})))
    assert found[0] == (
        "a packet to 10.0.0.0 with nw_frag=0x0 that enters by platform port 1 is dealt to fw-pm1, fw-pm0 in this order;"
        " other packets are to fw-pm0, fw-pm1"
    )


def test_a_hash_that_parts_the_directions_is_refused() -> None:
    plan = plan_of("mh1", "mh2")
    (message,) = messages(lambda: spoiled(plan, "symmetric_l3l4+udp", "symmetric_l4"))
    assert message.endswith(
        "multipath(symmetric_l4,0,hrw,2,0,NXM_NX_REG0[0..15]) parts the two directions of a flow;"
        " hash symmetric_l3, symmetric_l3l4, symmetric_l3l4+udp"
    )


def test_modules_that_claim_different_things_or_are_too_many_are_refused() -> None:
    arms = [Arm(0, CLAIMS, "mh1", 11, 300), Arm(1, CLAIMS[:1], "mh1", 11, 301)]
    assert messages(lambda: switch_flows(PORTS, arms, COOKIE)) == [
        "modules that share flows do not claim the same; give all of them the same claims"
    ]
    many = [Arm(number, CLAIMS, "mh1", 11, 300 + number) for number in range(65)]
    assert messages(lambda: switch_flows(PORTS, many, COOKIE)) == [
        "flows are spread over 64 modules at most, got 65; use fewer, or spread by prefix"
    ]
