# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from ansible.module_utils.flowstream.flows.apply import Output, Stop, ToGroup, ToTable, apply
from ansible.module_utils.flowstream.flows.packet import IPV4, Packet

from ..conftest import messages

UDP = Packet({"dl_type": IPV4, "nw_proto": 17, "nw_ttl": 64, "in_port": 1})


def changed(action: str, packet: Packet) -> Packet:
    step = apply(action, packet)
    assert isinstance(step, Packet)
    return step


@pytest.mark.parametrize(
    ("action", "step"),
    [
        ("output:3", Output(3)),
        ("IN_PORT", Output(None)),
        ("LOCAL", Output(0xFFFE)),
        ("group:7", ToGroup(7)),
        ("goto_table:2", ToTable(2, forward=True)),
        ("resubmit(,4)", ToTable(4)),
        ("resubmit(5,4)", ToTable(4, 5)),
        ("resubmit(5,)", ToTable(None, 5)),
        ("resubmit:5", ToTable(None, 5)),
        ("drop", UDP),
    ],
)
def test_what_does_not_change_a_packet_says_where_it_goes(action: str, step: object) -> None:
    assert apply(action, UDP) == step


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [
        ("set_field:02:00:00:00:00:07->eth_src", "dl_src", 0x020000000007),
        ("set_field:10.0.0.1->ip_dst", "nw_dst", 0x0A000001),
        ("set_field:46->ip_dscp", "nw_tos", 0xB8),
        ("set_field:53->udp_dst", "tp_dst", 53),
        ("set_field:0x5/0x7->reg3", "reg3", 5),
        ("write_metadata:0x15/0xff", "metadata", 0x15),
        ("dec_ttl", "nw_ttl", 63),
    ],
)
def test_a_field_is_written(action: str, field: str, value: int) -> None:
    assert changed(action, UDP).get(field) == value


@pytest.mark.parametrize(
    "action", ["set_field:80->tcp_dst", "set_field:2001:db8::1->ipv6_dst", "set_field:4101->vlan_vid", "pop_vlan"]
)
def test_a_field_that_the_packet_does_not_have_is_left_alone(action: str) -> None:
    assert apply(action, UDP) == UDP


def test_a_write_says_which_bits_no_longer_depend_on_what_came() -> None:
    assert changed("set_field:0x1/0x3->reg0", changed("set_field:0x4/0x4->reg0", UDP)).written == {"reg0": 7}


def test_a_tag_is_put_on_and_what_was_there_comes_up_again() -> None:
    tagged = Packet({**UDP.values, "vlan_tci": 0x7005})
    outer = changed("set_field:4102->vlan_vid", changed("push_vlan:0x8100", tagged))
    assert (outer.get("vlan_tci"), outer.get("vlan_tci2")) == (0x1006, 0x7005)
    again = changed("pop_vlan", outer)
    assert (again.get("vlan_tci"), again.get("vlan_tci2"), again.written["vlan_tci"]) == (0x7005, 0, 0)
    assert changed("pop_vlan", again).get("vlan_tci") == 0
    assert messages(lambda: apply("push_vlan:0x8100", outer)) == [
        "push_vlan would make three tags, which is not understood"
    ]


def test_a_packet_whose_time_to_live_ends_goes_no_further() -> None:
    assert apply("dec_ttl", Packet({**UDP.values, "nw_ttl": 1})) == Stop()


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("FLOOD", "FLOOD is not understood"),
        ("output:NXM_NX_REG0[]", "output:NXM_NX_REG0[] is not understood"),
        ("set_field:1->ct_mark", "set_field:1->ct_mark is not understood"),
        ("set_field:64->ip_dscp", "set_field:64->ip_dscp has more than 6 bits"),
        ("set_field:0x1ffffffff->reg0", "reg0=0x1ffffffff has more than 32 bits"),
        ("set_field:ten->reg0", "reg0=ten is not understood"),
        ("ct(commit)", "ct(commit) is not understood"),
    ],
)
def test_what_is_not_known_is_an_error_that_names_it(action: str, message: str) -> None:
    assert messages(lambda: apply(action, UDP)) == [message]
