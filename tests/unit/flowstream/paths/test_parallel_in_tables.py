# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.flowstream.addresses import Interface, parse_prefix_text
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.openflow.converge import FlowTable, extended
from ansible.module_utils.flowstream.paths import parallel_by_prefix, parallel_in_tables, spread_by_flow
from ansible.module_utils.flowstream.paths.parallel_by_prefix import Arm
from ansible.module_utils.flowstream.paths.parallel_in_tables import host_flows, layout_of, switch_flows
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPort
from ansible.module_utils.flowstream.planner.proof import violations

from ..conftest import Planner

COOKIE = 0x5EED0000_00000001
OURS = "metadata=0x5eed000000000000/0xffffffff00000000"
PORTS = (
    PlannedPort(7, "02:00:00:00:00:07", 3, (Interface(0xC0000201, 24),), None),
    PlannedPort(8, "02:00:00:00:00:08", 4, (), None),
)
ARMS = (
    Arm(0, (Claim(parse_prefix_text("10.0.0.0/8")),), "mh1", 11, 300),
    Arm(1, (Claim(parse_prefix_text("11.0.0.0/8"), entry=8),), "mh2", 12, 400),
)


def lines(flows: tuple[Flow, ...]) -> list[str]:
    assert {flow.cookie for flow in flows} == {COOKIE}
    return [flow.describe() for flow in flows]


def test_the_flows_of_a_switch() -> None:
    assert lines(switch_flows(PORTS, ARMS, COOKIE)) == [
        "table=0,priority=2000,in_port=3,arp,arp_op=1,arp_tpa=192.0.2.1 actions=output:11",
        "table=0,priority=900,in_port=3,dl_dst=02:00:00:00:00:07 actions=write_metadata:0x5eed000000000007,goto_table:1",
        "table=0,priority=900,in_port=4,dl_dst=02:00:00:00:00:08 actions=write_metadata:0x5eed000000000008,goto_table:1",
        "table=0,priority=800,dl_src=02:00:00:00:00:07 actions=write_metadata:0x5eed000000000007,goto_table:2",
        "table=0,priority=800,dl_src=02:00:00:00:00:08 actions=write_metadata:0x5eed000000000008,goto_table:2",
        f"table=1,priority=2000,arp,arp_op=2,{OURS} actions=output:11,output:12",
        f"table=1,priority=1008,ip,nw_dst=10.0.0.0/8,{OURS} actions=output:11",
        "table=1,priority=1008,ip,nw_dst=11.0.0.0/8,metadata=0x5eed000000000008 actions=output:12",
        f"table=1,priority=100,{OURS} actions=drop",
        f"table=2,priority=1000,in_port=11,{OURS} actions=goto_table:3",
        f"table=2,priority=1000,in_port=12,{OURS} actions=goto_table:3",
        "table=3,priority=1000,metadata=0x5eed000000000007 actions=output:3",
        "table=3,priority=1000,metadata=0x5eed000000000008 actions=output:4",
    ]


def test_the_flows_of_a_host() -> None:
    assert lines(host_flows(PORTS, ARMS, "mh1", 1, COOKIE)) == [
        "table=0,priority=2000,in_port=1,arp,arp_op=1,arp_tpa=192.0.2.1 actions=output:300",
        "table=0,priority=900,in_port=1,dl_dst=02:00:00:00:00:07 actions=write_metadata:0x5eed000000000007,goto_table:1",
        "table=0,priority=900,in_port=1,dl_dst=02:00:00:00:00:08 actions=write_metadata:0x5eed000000000008,goto_table:1",
        "table=0,priority=800,in_port=300 actions=write_metadata:0x5eed000000000000,goto_table:2",
        f"table=1,priority=2000,arp,arp_op=2,{OURS} actions=output:300",
        f"table=1,priority=1008,ip,nw_dst=10.0.0.0/8,{OURS} actions=output:300",
        f"table=1,priority=100,{OURS} actions=drop",
        f"table=2,priority=1000,dl_src=02:00:00:00:00:07,{OURS} actions=output:1",
        f"table=2,priority=1000,dl_src=02:00:00:00:00:08,{OURS} actions=output:1",
        f"table=2,priority=100,{OURS} actions=drop",
    ]


def test_each_flow_says_for_what_it_is_there() -> None:
    assert [flow.why for flow in switch_flows(PORTS, ARMS, COOKIE)] == [
        "port 7 to pm 0, which answers for the port: ARP request, hop 1 of 2",
        "port 7: in, hop 1 of 2, marked as the port's",
        "port 8: in, hop 1 of 2, marked as the port's",
        "port 7: out, hop 2 of 2, marked as the port's",
        "port 8: out, hop 2 of 2, marked as the port's",
        "every port to every module that may have asked: ARP reply, hop 1 of 2",
        "every port to pm 0 (10.0.0.0/8): in, hop 1 of 2",
        "port 8 to pm 1 (11.0.0.0/8 at port 8): in, hop 1 of 2",
        "every port: drop, no module claims it",
        "modules on mh1 to their ports: out, hop 2 of 2",
        "modules on mh2 to their ports: out, hop 2 of 2",
        "modules to port 7: out, hop 2 of 2",
        "modules to port 8: out, hop 2 of 2",
    ]
    assert all(flow.why for flow in host_flows(PORTS, ARMS, "mh1", 1, COOKIE))


def test_an_arm_that_is_for_one_port_gets_and_sends_that_ports_packets_alone() -> None:
    arms = [replace(arm, ports=(8,)) for arm in ARMS]
    switch, host = lines(switch_flows(PORTS, arms, COOKIE)), lines(host_flows(PORTS, arms, "mh1", 1, COOKIE))
    assert "table=1,priority=1008,ip,nw_dst=10.0.0.0/8,metadata=0x5eed000000000008 actions=output:11" in switch
    assert "table=1,priority=2000,arp,arp_op=2,metadata=0x5eed000000000008 actions=output:11,output:12" in switch
    assert "table=2,priority=1000,in_port=11,metadata=0x5eed000000000008 actions=goto_table:3" in switch
    assert [line for line in host if "in_port=300" in line] == [
        "table=0,priority=1000,in_port=300,dl_src=02:00:00:00:00:08 actions=output:1",
        "table=0,priority=100,in_port=300 actions=drop",
    ]


def test_a_host_without_a_module_gets_no_flow() -> None:
    assert host_flows(PORTS, ARMS, "mh3", 1, COOKIE) == ()


def test_one_table_is_enough_until_ports_times_claims_exceed_the_bound() -> None:
    arms = [replace(ARMS[0], claims=ARMS[0].claims * count) for count in (2048, 2049)]
    assert layout_of(PORTS, arms[:1]).switch_flows is parallel_by_prefix.switch_flows
    assert layout_of(PORTS, arms[1:]).switch_flows is switch_flows


def test_modules_that_share_flows_have_a_layout_of_their_own() -> None:
    arms = [replace(ARMS[0], claims=(ARMS[0].claims[0]._replace(dealt=True),))]
    assert layout_of(PORTS, arms).host_flows is spread_by_flow.host_flows


@pytest.fixture
def both(plan_of: Planner, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, Plan]:
    """One allocation in one table, and in several."""
    one = plan_of()
    monkeypatch.setattr(parallel_in_tables, "LARGEST_PRODUCT", 0)
    several = plan_of()
    assert {flow.table for flow in one.switches["sw1"].flows} == {0}
    assert {flow.table for flow in several.switches["sw1"].flows} == {0, 1, 2, 3}
    return one, several


def test_a_packet_of_the_wrong_port_or_sender_is_found_in_several_tables_too(both: tuple[Plan, Plan]) -> None:
    _, plan = both
    switch = plan.switches["sw1"]
    spoofing = tuple(
        replace(flow, match=tuple(pair for pair in flow.match if pair[0] != "in_port")) if flow.table == 2 else flow
        for flow in switch.flows[:-5]
    ) + tuple(flow for flow in switch.flows if flow.table == 3)
    found = set(violations(replace(plan, switches={"sw1": replace(switch, flows=spoofing)})))
    assert "a packet for a foreign MAC that enters by platform port 0 reaches port 2; it should reach nothing" in found


@pytest.mark.parametrize("direction", [1, -1])
def test_while_a_deployment_has_both_layouts_every_packet_finds_its_way(
    both: tuple[Plan, Plan], direction: int
) -> None:
    """Hosts first have both, then the switch, then the switch has the new one alone, then the hosts."""
    have, want = both[::direction]

    def joined(old: tuple[Flow, ...], new: tuple[Flow, ...]) -> tuple[Flow, ...]:
        return extended(FlowTable(old, ()), FlowTable(new, ())).flows

    hosts = {name: replace(host, flows=joined(host.flows, want.hosts[name].flows)) for name, host in have.hosts.items()}
    switch = have.switches["sw1"]
    between = replace(switch, flows=joined(switch.flows, want.switches["sw1"].flows))
    for moment in (switch, between, want.switches["sw1"]):
        assert list(violations(replace(want, hosts=hosts, switches={"sw1": moment}))) == []
