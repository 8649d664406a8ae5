# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import shutil
import subprocess

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Bucket, Flow, Group, declared_flows, parse_flows, parse_groups

# What a person may write, and the same flow as `ovs-ofctl dump-flows --no-stats --no-names -O OpenFlow13` prints it.
SPELLINGS = [
    ("ip,nw_dst=10.0.0.1/255.255.255.0,actions=mod_dl_dst:00:11:22:33:44:55,2",
     " cookie=0x0, ip,nw_dst=10.0.0.0/24 actions=set_field:00:11:22:33:44:55->eth_dst,output:2"),
    ("table=1,priority=7,eth_dst=00:15:17:15:5D:20,ip,ip_dst=10.0.0.0/8 actions=output:11",
     " cookie=0x0, table=1, priority=7,ip,dl_dst=00:15:17:15:5d:20,nw_dst=10.0.0.0/8 actions=output:11"),
    ("eth_type=0x800,nw_proto=6,tcp_dst=0x50 actions=drop", " cookie=0x0, tcp,tp_dst=80 actions=drop"),
    ("in_port=LOCAL,vlan_tci=0,actions=mod_vlan_vid:5,output:2",
     " cookie=0x0, in_port=LOCAL,vlan_tci=0x0000/0x1fff actions=push_vlan:0x8100,set_field:4101->vlan_vid,output:2"),
    ("vlan_vid=0x1005,actions=strip_vlan,in_port,controller",
     " cookie=0x0, dl_vlan=5 actions=pop_vlan,IN_PORT,CONTROLLER:65535"),
    ("tcp,tp_dst=0x50/0xfff0,actions=dec_ttl,mod_nw_dst:1.2.3.4,mod_tp_dst:80,output=3",
     " cookie=0x0, tcp,tp_dst=0x50/0xfff0 actions=dec_ttl,set_field:1.2.3.4->ip_dst,set_field:80->tcp_dst,output:3"),
    ("ip,ip_dscp=46,actions=drop", " cookie=0x0, ip,nw_tos=184 actions=drop"),
    ("arp,nw_dst=1.2.3.4,nw_proto=2,actions=enqueue:1:2",
     " cookie=0x0, arp,arp_tpa=1.2.3.4,arp_op=2 actions=set_queue:2,output:1,pop_queue"),
    ("metadata=5,reg0=7/0xff,tun_id=9,actions=set_queue:5,goto_table:1",
     " cookie=0x0, reg0=0x7/0xff,tun_id=0x9,metadata=0x5 actions=set_queue:5,goto_table:1"),
    ("ip,nw_dst=0.0.0.0/0,actions=group:0x5", " cookie=0x0, ip actions=group:5"),
    ("dl_type=0x86dd,ipv6_dst=2001:0DB8::1/32,actions=all", " cookie=0x0, ipv6,ipv6_dst=2001:db8::/32 actions=ALL"),
    ("dl_dst=1:0:0:0:0:0/01:00:00:00:00:00,actions=flood",
     " cookie=0x0, dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=FLOOD"),
    ("cookie=10,idle_timeout=5,hard_timeout=7,send_flow_rem,actions=normal",
     " cookie=0xa, duration=1.5s, table=0, n_packets=1, n_bytes=60, idle_timeout=5, hard_timeout=7, send_flow_rem "
     "actions=NORMAL"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "dumped"), SPELLINGS, ids=[written for written, _ in SPELLINGS])
def test_a_persons_spelling_and_a_dumps_are_one_flow(written: str, dumped: str) -> None:
    flow = Flow.parse(written)
    assert flow == Flow.parse(dumped)
    assert Flow.parse(str(flow)) == flow
    assert Flow.from_dict(flow.to_dict()) == flow


@pytest.mark.parametrize("written", [written for written, _ in SPELLINGS])
def test_ovs_ofctl_reads_what_is_written_as_the_same_flow(written: str) -> None:
    if shutil.which("ovs-ofctl") is None:
        pytest.skip("ovs-ofctl is not installed")

    def flow_mod(text: str) -> str:
        argv = ["ovs-ofctl", "--protocols=OpenFlow13", "parse-flow", text]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        return done.stdout.rpartition("ADD ")[2]

    assert flow_mod(str(Flow.parse(written))) == flow_mod(written)


def test_fields_are_in_one_order_whatever_the_order_given() -> None:
    one = Flow(0, 5, (("nw_dst", "10.0.0.0/8"), ("ip", ""), ("in_port", "1")), ("2",), 1)
    other = Flow.parse("cookie=1,priority=5,in_port=1,ip,nw_dst=10.0.0.0/8 actions=output:2")
    assert one == other
    assert str(one) == "cookie=0x1,table=0,priority=5,in_port=1,ip,nw_dst=10.0.0.0/8 actions=output:2"


def test_the_identity_leaves_out_what_a_table_may_change_in_place() -> None:
    one, other = Flow.parse("cookie=1,ip actions=drop"), Flow.parse("cookie=2,ip,idle_timeout=9 actions=output:1")
    assert one.identity == other.identity
    assert one != other


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ip", "flow 'ip': has no actions; write actions=drop to drop"),
        ("ipx actions=drop", "flow 'ipx actions=drop': 'ipx' is neither field=value nor a protocol"),
        ("table=255 actions=drop", "flow 'table=255 actions=drop': table: 255 is outside 0..254"),
        ("priority=x actions=drop", "flow 'priority=x actions=drop': priority: 'x' is not a number"),
        ("nw_dst=10.0.0.0/8 actions=drop",
         "flow 'nw_dst=10.0.0.0/8 actions=drop': match field nw_dst needs ip beside it, or the switch ignores it"),
        ("ip,tp_dst=80 actions=drop",
         "flow 'ip,tp_dst=80 actions=drop': match field tp_dst needs tcp or udp or sctp beside it, "
         "or the switch ignores it"),
        ("ip,nw_dst=10.0.0.0/33 actions=drop",
         "flow 'ip,nw_dst=10.0.0.0/33 actions=drop': nw_dst: prefix length: 33 is outside 0..32"),
        ("dl_src=00:11 actions=drop",
         "flow 'dl_src=00:11 actions=drop': dl_src: '00:11' is not an Ethernet address; "
         "write six hexadecimal bytes with colons"),
        ("in_port=eth0 actions=drop",
         "flow 'in_port=eth0 actions=drop': in_port: 'eth0' is not an OpenFlow port number; "
         "port names are not resolved"),
        ("ip,arp actions=drop", "flow 'ip,arp actions=drop': match gives dl_type twice: 0x0800 and 0x0806"),
        ("actions=output:1,drop", "flow 'actions=output:1,drop': actions 'output:1,drop': "
         "drop stands beside another action"),
        ("actions=resubmit(,1", "flow 'actions=resubmit(,1': actions 'resubmit(,1': brackets do not match"),
        ("actions=output:99999", "flow 'actions=output:99999': action output: 99999 is outside 1..65279"),
    ],
)  # fmt: skip
def test_a_flow_that_a_switch_would_refuse_or_misread_is_refused_with_its_reason(line: str, message: str) -> None:
    with pytest.raises(FlowstreamError) as error:
        Flow.parse(line)
    assert str(error.value) == message


def test_headers_comments_and_empty_lines_of_a_dump_are_skipped() -> None:
    lines = ["OFPST_FLOW reply (OF1.3) (xid=0x2):", "", "# ip actions=drop", " cookie=0x5, ip actions=drop"]
    assert parse_flows(lines) == [Flow.parse("cookie=5,ip actions=drop")]


@pytest.mark.parametrize(
    ("written", "dumped"),
    [
        ("group_id=1,type=select,bucket=output:1,bucket=weight:5,actions=2",
         " group_id=1,type=select,bucket=weight:100,actions=output:1,bucket=weight:5,actions=output:2"),
        ("group_id=0x2,type=ff,bucket=watch_port:1,output:1",
         " group_id=2,type=fast_failover,bucket=watch_port:1,actions=output:1"),
        ("group_id=3,type=all", " group_id=3,type=all"),
        ("group_id=4,type=indirect,bucket=actions=drop", " group_id=4,type=indirect,bucket=bucket_id:0,actions=drop"),
    ],
)  # fmt: skip
def test_groups_are_one_in_every_spelling(written: str, dumped: str) -> None:
    group = Group.parse(written)
    assert parse_groups(["OFPST_GROUP_DESC reply (OF1.3) (xid=0x2):", dumped]) == [group]
    assert Group.parse(str(group)) == group
    assert Group.from_dict(group.to_dict()) == group


def test_a_group_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(FlowstreamError) as error:
        Group(1, "some", (Bucket(("1",)),))
    assert str(error.value) == "group 1: type is 'some'; write all, select, indirect, fast_failover"


def test_declared_flows_are_texts_or_mappings() -> None:
    text, mapping = declared_flows(["ip actions=output:1", {"match": {"ip": None}, "actions": ["output:1"]}])
    assert text == mapping
