# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from ansible.module_utils.flowstream.flows.flow import parse_flows
from ansible.module_utils.flowstream.flows.marks import Marks, Question, Tag, marks_by_cookie

FLOWS = """\
cookie=0x1,priority=1008,ip,in_port=1,dl_dst=02:00:00:00:00:01,nw_dst=10.0.0.0/8 actions=output:11
cookie=0x1,priority=1000,in_port=11,dl_src=02:00:00:00:00:01 actions=output:1
cookie=0x1,table=3,priority=2000,arp,in_port=1,arp_op=1,arp_tpa=192.0.2.1 actions=output:11
cookie=0x2,priority=1000,in_port=11,dl_vlan=7 actions=output:12
cookie=0x2,priority=1000,in_port=1,dl_vlan=8,dl_dst=02:00:00:00:00:02 actions=output:12
cookie=0,priority=1,dl_type=0x88b5 actions=drop
"""


def test_each_owner_is_known_by_what_its_flows_look_for() -> None:
    assert marks_by_cookie(parse_flows(FLOWS.splitlines())) == {
        0: Marks(entries={0: 1}),
        1: Marks(
            frozenset({"02:00:00:00:00:01"}),
            frozenset({Question("1", "192.0.2.1", "output:11")}),
            ports=frozenset({"1", "11"}),
            entries={0: 2, 3: 1},
        ),
        2: Marks(
            frozenset({"02:00:00:00:00:02"}),
            tags=frozenset({Tag("11", "7")}),
            ports=frozenset({"1", "11"}),
            entries={0: 2},
        ),
    }


def test_marks_read_back_as_they_were() -> None:
    for marks in marks_by_cookie(parse_flows(FLOWS.splitlines())).values():
        assert Marks.from_dict(marks.to_dict()) == marks
