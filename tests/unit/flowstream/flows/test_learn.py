# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.learn import Learn, taught_by
from ansible.module_utils.flowstream.flows.packet import constraint
from ansible.module_utils.flowstream.flows.pipeline import learnable

# As ovs-ofctl 3.1 printed it of the flow below.
DUMPED = (
    " cookie=0x77, table=0, priority=1200,tcp,in_port=1,dl_vlan=4094,dl_dst=02:00:5e:00:57:03,nw_dst=10.0.0.0/8"
    " actions=learn(table=100,idle_timeout=10,hard_timeout=60,fin_idle_timeout=1,fin_hard_timeout=1,priority=100,delete_learned,"
    "cookie=0x77,limit=2000,eth_type=0x800,nw_proto=6,NXM_OF_ETH_SRC[]=NXM_OF_ETH_DST[],NXM_OF_IP_SRC[]=NXM_OF_IP_DST[],"
    "NXM_OF_IP_DST[]=NXM_OF_IP_SRC[],NXM_OF_TCP_SRC[]=NXM_OF_TCP_DST[],NXM_OF_TCP_DST[]=NXM_OF_TCP_SRC[],"
    "load:0x1->NXM_NX_REG0[]),pop_vlan,output:2"
)
LEARNED = (
    " cookie=0x77, table=100, idle_timeout=10, hard_timeout=60, priority=100,tcp,dl_src=02:00:5e:00:57:03,nw_src=10.0.0.1,"
    "nw_dst=1.2.3.4,tp_src=80,tp_dst=5 actions=fin_timeout(idle_timeout=1,hard_timeout=1),load:0x1->NXM_NX_REG0[]"
)


def test_a_person_may_write_settings_in_any_order_and_leave_out_what_is_usual() -> None:
    written = (
        "cookie=0x77,priority=1200,in_port=1,dl_vlan=4094,dl_dst=02:00:5e:00:57:03,tcp,nw_dst=10.0.0.0/8 actions=learn(limit=2000,"
        "cookie=119,delete_learned,priority=100,fin_hard_timeout=1,fin_idle_timeout=1,hard_timeout=60,idle_timeout=10,table=100,"
        "eth_type=2048,nw_proto=6,NXM_OF_ETH_SRC[]=NXM_OF_ETH_DST[],NXM_OF_IP_SRC[]=NXM_OF_IP_DST[],"
        "NXM_OF_IP_DST[]=NXM_OF_IP_SRC[],NXM_OF_TCP_SRC[]=NXM_OF_TCP_DST[],NXM_OF_TCP_DST[]=NXM_OF_TCP_SRC[],"
        "load:1->NXM_NX_REG0[]),strip_vlan,output:2"
    )
    assert Flow.parse(written) == Flow.parse(DUMPED)
    assert Flow.parse(str(Flow.parse(DUMPED))) == Flow.parse(DUMPED)
    assert str(Flow.parse(DUMPED)).partition("actions=")[2] == DUMPED.partition("actions=")[2]


def test_an_entry_says_what_all_that_it_teaches_have_in_common() -> None:
    (flow,) = learnable([Flow.parse(DUMPED)])
    assert flow == Flow.parse(
        "cookie=0x77,table=100,priority=100,tcp,dl_src=02:00:5e:00:57:03,nw_src=10.0.0.0/8 actions=set_field:0x1->reg0"
    )
    assert Flow.parse(LEARNED).actions == ("fin_timeout(idle_timeout=1,hard_timeout=1)", *flow.actions)
    assert taught_by([Flow.parse(DUMPED).actions, ("output:1",)]) == {(100, 0x77)}


@pytest.mark.parametrize(
    "word", ["NXM_OF_ETH_TYPE[]", "output:NXM_OF_IN_PORT[]", "send_flow_rem", "load:0x1->NXM_NX_REG0[0]"]
)
def test_what_is_not_understood_is_named(word: str) -> None:
    with pytest.raises(FlowstreamError, match="is not understood"):
        Learn.parse(f"learn(table=1,{word})")


def test_flags_of_tcp_are_asked_for_by_their_names() -> None:
    assert constraint("tcp_flags", "+syn-ack") == ("tcp_flags", 0b00010, 0b10010)
    with pytest.raises(FlowstreamError, match="tcp_flags"):
        constraint("tcp_flags", "+urgent")
    with pytest.raises(FlowstreamError, match="tcp_flags needs"):
        Flow.parse("ip,tcp_flags=+syn actions=drop")
