# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible.module_utils.flowstream.flows.flow import Flow, Group
from ansible.module_utils.flowstream.flows.packet import IPV4, Packet
from ansible.module_utils.flowstream.flows.pipeline import Bridge, Chance, ways

from ..conftest import messages

PACKET = Packet({"dl_type": IPV4, "nw_ttl": 64})


def ports_of(flows: Sequence[str], groups: Sequence[str] = (), in_port: int = 1) -> list[tuple[list[int], bool]]:
    """The ports of the copies for each way, and whether it is one on which all that could work is down."""
    bridge = Bridge("br0", map(Flow.parse, flows), map(Group.parse, groups))
    found = ways(lambda chance: [port for port, _ in bridge.receive(PACKET, in_port, chance)])
    return [(ports, chance.all_down) for ports, chance in found]


def test_metadata_and_registers_lead_from_table_to_table_and_stay_inside() -> None:
    flows = [
        "ip actions=set_field:7->reg0,write_metadata:0x30/0xf0,goto_table:2",
        "table=2,reg0=7,metadata=0x30/0xf0 actions=resubmit(,3),output:2",
        "table=3,reg0=7 actions=output:4",
    ]
    bridge = Bridge("br0", map(Flow.parse, flows))
    (far, _), (near, copy) = bridge.receive(PACKET, 1, Chance())
    assert (far, near) == (4, 2)
    assert copy.entering(9).values == {**PACKET.values, "in_port": 9}


def test_a_copy_is_as_the_packet_is_when_it_leaves() -> None:
    bridge = Bridge("br0", [Flow.parse("ip actions=output:2,dec_ttl,output:3,IN_PORT,output:1")])
    sent = bridge.receive(PACKET, 1, Chance())
    assert [(port, copy.get("nw_ttl")) for port, copy in sent] == [(2, 64), (3, 63), (1, 63)]


def test_each_bucket_of_a_select_group_may_be_taken_but_one_of_no_weight() -> None:
    group = "group_id=1,type=select,bucket=actions=output:2,bucket=weight:0,actions=output:3,bucket=actions=output:4"
    assert ports_of(["actions=group:1"], [group]) == [([2], False), ([4], False)]


def test_every_bucket_of_an_all_group_gets_the_packet_as_it_came_to_the_group() -> None:
    group = "group_id=1,type=all,bucket=actions=dec_ttl,output:2,bucket=actions=output:3"
    bridge = Bridge("br0", [Flow.parse("ip actions=group:1,output:4")], [Group.parse(group)])
    sent = bridge.receive(PACKET, 1, Chance())
    assert [(port, copy.get("nw_ttl")) for port, copy in sent] == [(2, 63), (3, 64), (4, 64)]


def test_a_failover_takes_the_first_bucket_whose_port_is_up_and_a_port_stays_as_it_is() -> None:
    group = "group_id=1,type=ff,bucket=watch_port:2,actions=output:2,bucket=watch_port:3,actions=output:3"
    assert ports_of(["actions=group:1,group:1"], [group]) == [([2, 2], False), ([3, 3], False), ([], True)]
    assert ports_of(["actions=group:1,output:2"], [group]) == [([2, 2], False), ([3], False), ([], True)]


def test_a_bucket_can_watch_a_group() -> None:
    groups = [
        "group_id=1,type=ff,bucket=watch_port:2,actions=output:2",
        "group_id=2,type=ff,bucket=watch_group:1,actions=group:1,bucket=actions=output:4",
    ]
    assert ports_of(["actions=group:2"], groups) == [([2], False), ([4], False)]


def test_a_set_of_actions_is_carried_out_in_the_order_of_the_standard() -> None:
    group = "group_id=1,type=indirect,bucket=actions=output:2,set_field:4101->vlan_vid,push_vlan:0x8100"
    bridge = Bridge("br0", [Flow.parse("ip actions=group:1")], [Group.parse(group)])
    assert [(port, copy.get("vlan_tci")) for port, copy in bridge.receive(PACKET, 1, Chance())] == [(2, 0x1005)]


@pytest.mark.parametrize(
    ("flow", "groups", "message"),
    [
        ("ip actions=resubmit(,0)", [], "tables or groups of br0 lead into each other without end"),
        (
            "ip actions=group:1",
            ["group_id=1,type=all,bucket=actions=output:2,output:3"],
            "cannot check the flow 'cookie=0x0,table=0,priority=32768,ip actions=group:1':"
            " a bucket sends once, got output:2,output:3; make it two groups",
        ),
        (
            "ip actions=group:1",
            ["group_id=1,type=all,bucket=actions=goto_table:3"],
            "cannot check the flow 'cookie=0x0,table=0,priority=32768,ip actions=group:1':"
            " a bucket with goto_table:3 is not understood",
        ),
    ],
)
def test_what_a_switch_would_not_do_is_an_error(flow: str, groups: list[str], message: str) -> None:
    assert messages(lambda: ports_of([flow], groups)) == [message]


def test_more_ways_than_can_be_followed_are_an_error() -> None:
    group = "group_id=1,type=select," + ",".join(f"bucket=actions=output:{port}" for port in range(2, 10))
    assert messages(lambda: ports_of(["actions=group:1,group:1,group:1,group:1,group:1"], [group])) == [
        "groups leave a packet more than 4096 ways; use fewer one after the other"
    ]
