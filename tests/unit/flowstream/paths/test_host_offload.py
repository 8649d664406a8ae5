# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.flowstream.offload.spare import in_turn, states
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.proof import violations

from ....model.sharing import plan_of

OURS = "metadata=0x5eed000000000000/0xffffffff00000000"
PLAN = plan_of("mh1", "mh2*")


def test_what_is_dealt_to_a_spare_is_dealt_once_more_while_it_rests() -> None:
    assert [flow.describe() for flow in PLAN.switches["sw1"].flows if flow.table == 4] == [
        f"table=4,priority=1500,ip,{OURS},nw_frag=yes,reg0=0x1/0xffff"
        " actions=multipath(symmetric_l3,0,hrw,1,0,NXM_NX_REG0[0..15]),resubmit(,4)",
        f"table=4,priority=1000,{OURS},reg0=0x0/0xffff actions=push_vlan:0x8100,set_field:4097->vlan_vid,output:11",
        f"table=4,priority=1000,{OURS},reg0=0x1/0xffff"
        " actions=multipath(symmetric_l3l4+udp,0,hrw,1,0,NXM_NX_REG0[0..15]),resubmit(,4)",
    ]


def test_one_entry_above_these_leads_it_to_the_spare() -> None:
    assert {name: flow.describe() for name, flow in PLAN.switches["sw1"].spilled.items()} == {
        "fw-pm1": f"table=4,priority=2000,{OURS},reg0=0x1/0xffff actions=push_vlan:0x8100,set_field:4098->vlan_vid,output:12"
    }
    assert PLAN.switches["sw1"].spilled["fw-pm1"].why == "every port to pm 1: in, hop 1 of 2, spilled"


@pytest.mark.parametrize("homes", [("mh1", "mh2*"), ("mh2*", "mh1"), ("mh1", "mh3*", "mh1", "mh2*")])
def test_every_state_is_proved(homes: tuple[str, ...]) -> None:
    plan = plan_of(*homes)
    assert list(violations(plan)) == []
    assert Plan.from_json(plan.to_json()) == plan
    assert [state.spares for state in states(plan)] == [
        tuple(in_turn(plan)[:count]) for count in range(len(in_turn(plan)) + 1)
    ]


def spoiled(*actions: str) -> list[str]:
    """What the proof says of the plan with other actions for the spare."""
    switch = PLAN.switches["sw1"]
    other = replace(switch.spilled["fw-pm1"], actions=actions)
    return list(violations(replace(PLAN, switches={"sw1": replace(switch, spilled={"fw-pm1": other})})))


def test_an_entry_that_leads_to_the_wrong_place_once_it_is_there_is_found() -> None:
    packet = "a packet to 0.0.0.0 from 10.0.0.0 with nw_frag=0x0 that enters by platform port 0"
    text = f"once flows are spilled to fw-pm1, {packet}"
    assert f"{text} reaches nothing; it should reach fw-pm0 or fw-pm1" in spoiled("drop")
    assert f"{text} never reaches fw-pm1" in spoiled("push_vlan:0x8100", "set_field:4097->vlan_vid", "output:11")


def test_a_spare_that_gets_flows_while_it_should_rest_is_found() -> None:
    switch = PLAN.switches["sw1"]
    early = replace(PLAN, switches={"sw1": replace(switch, flows=(*switch.flows, switch.spilled["fw-pm1"]))})
    text = "a packet to 0.0.0.0 from 10.0.0.0 with nw_frag=0x0 that enters by platform port 0"
    assert f"{text} reaches fw-pm1; it should reach fw-pm0" in list(violations(early))


def test_an_entry_that_would_take_packets_of_others_is_found() -> None:
    switch = PLAN.switches["sw1"]
    flow = replace(switch.spilled["fw-pm1"], match=(("reg0", "0x1/0xffff"),))
    found = list(violations(replace(PLAN, switches={"sw1": replace(switch, spilled={"fw-pm1": flow})})))
    assert found[0] == f"on sw1, the entry '{flow}' takes packets that are not of the allocation"
