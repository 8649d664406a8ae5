# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from ansible.module_utils.flowstream.addresses import Interface, parse_prefix_text
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.paths.parallel_by_prefix import Arm, host_flows, switch_flows
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import PlannedPort

PORT = PlannedPort(7, "02:00:00:00:00:07", 3, (Interface(0xC0000201, 24),), None)
ARMS = (
    Arm(0, (Claim(parse_prefix_text("10.0.0.0/8")), Claim(parse_prefix_text("172.16.0.0/12"))), "mh1", 11, 300),
    Arm(1, (Claim(parse_prefix_text("11.0.0.0/8")),), "mh2", 12, 400),
    Arm(2, (Claim(parse_prefix_text("12.0.0.0/8")),), "mh2", 12, 500),
)


def lines(flows: tuple[Flow, ...]) -> list[str]:
    assert {flow.cookie for flow in flows} == {5}
    return [flow.describe() for flow in flows]


def test_the_flows_of_a_switch() -> None:
    assert lines(switch_flows([PORT], ARMS, 5)) == [
        "table=0,priority=2000,in_port=3,dl_dst=02:00:00:00:00:07,arp,arp_op=2 actions=output:11,output:12",
        "table=0,priority=2000,in_port=3,arp,arp_op=1,arp_tpa=192.0.2.1 actions=output:11",
        "table=0,priority=1012,in_port=3,dl_dst=02:00:00:00:00:07,ip,nw_dst=172.16.0.0/12 actions=output:11",
        "table=0,priority=1008,in_port=3,dl_dst=02:00:00:00:00:07,ip,nw_dst=10.0.0.0/8 actions=output:11",
        "table=0,priority=1008,in_port=3,dl_dst=02:00:00:00:00:07,ip,nw_dst=11.0.0.0/8 actions=output:12",
        "table=0,priority=1008,in_port=3,dl_dst=02:00:00:00:00:07,ip,nw_dst=12.0.0.0/8 actions=output:12",
        "table=0,priority=1000,in_port=11,dl_src=02:00:00:00:00:07 actions=output:3",
        "table=0,priority=1000,in_port=12,dl_src=02:00:00:00:00:07 actions=output:3",
        "table=0,priority=100,in_port=3,dl_dst=02:00:00:00:00:07,ip actions=drop",
    ]


def test_each_flow_says_for_what_it_is_there() -> None:
    assert [flow.why for flow in switch_flows([PORT], ARMS, 5)] == [
        "port 7 to every module that may have asked: ARP reply, hop 1 of 2",
        "port 7 to pm 0, which answers for the port: ARP request, hop 1 of 2",
        "port 7 to pm 0 (172.16.0.0/12): in, hop 1 of 2",
        "port 7 to pm 0 (10.0.0.0/8): in, hop 1 of 2",
        "port 7 to pm 1 (11.0.0.0/8): in, hop 1 of 2",
        "port 7 to pm 2 (12.0.0.0/8): in, hop 1 of 2",
        "modules on mh1 to port 7: out, hop 2 of 2",
        "modules on mh2 to port 7: out, hop 2 of 2",
        "port 7: drop, no module claims it",
    ]
    assert [flow.why for flow in host_flows([PORT], ARMS, "mh1", 1, 5)] == [
        "port 7 to every module that may have asked: ARP reply, hop 2 of 2",
        "port 7 to pm 0, which answers for the port: ARP request, hop 2 of 2",
        "port 7 to pm 0 (172.16.0.0/12): in, hop 2 of 2",
        "port 7 to pm 0 (10.0.0.0/8): in, hop 2 of 2",
        "pm 0 to port 7: out, hop 1 of 2",
        "pm 0: drop, anti-spoof, what it sends as somebody else",
    ]


def test_the_flows_of_the_host_whose_module_answers_arp() -> None:
    assert lines(host_flows([PORT], ARMS, "mh1", 1, 5)) == [
        "table=0,priority=2000,in_port=1,dl_dst=02:00:00:00:00:07,arp,arp_op=2 actions=output:300",
        "table=0,priority=2000,in_port=1,arp,arp_op=1,arp_tpa=192.0.2.1 actions=output:300",
        "table=0,priority=1012,in_port=1,dl_dst=02:00:00:00:00:07,ip,nw_dst=172.16.0.0/12 actions=output:300",
        "table=0,priority=1008,in_port=1,dl_dst=02:00:00:00:00:07,ip,nw_dst=10.0.0.0/8 actions=output:300",
        "table=0,priority=1000,in_port=300,dl_src=02:00:00:00:00:07 actions=output:1",
        "table=0,priority=100,in_port=300 actions=drop",
    ]


def test_the_flows_of_another_host_with_two_modules() -> None:
    assert lines(host_flows([PORT], ARMS, "mh2", 1, 5)) == [
        "table=0,priority=2000,in_port=1,dl_dst=02:00:00:00:00:07,arp,arp_op=2 actions=output:400,output:500",
        "table=0,priority=1008,in_port=1,dl_dst=02:00:00:00:00:07,ip,nw_dst=11.0.0.0/8 actions=output:400",
        "table=0,priority=1008,in_port=1,dl_dst=02:00:00:00:00:07,ip,nw_dst=12.0.0.0/8 actions=output:500",
        "table=0,priority=1000,in_port=400,dl_src=02:00:00:00:00:07 actions=output:1",
        "table=0,priority=1000,in_port=500,dl_src=02:00:00:00:00:07 actions=output:1",
        "table=0,priority=100,in_port=400 actions=drop",
        "table=0,priority=100,in_port=500 actions=drop",
    ]


def test_a_host_without_a_module_gets_no_flow() -> None:
    assert host_flows([PORT], ARMS, "mh3", 1, 5) == ()
