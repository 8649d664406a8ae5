# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow, Group
from ansible.module_utils.flowstream.openflow.converge import FlowTable, converge_flows, flow_changes, owned_by
from ansible.module_utils.flowstream.openflow.observe import Switch, observe_ports, observe_table_limits, observe_tables
from ansible.module_utils.flowstream.world.run import Result

OWNER = 0x77
SWITCH = Switch("br0")


class Recorder:
    """Answers by argv, and keeps what was sent to standard input."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self.answers = answers
        self.sent: list[str] = []

    def __call__(self, argv: list[str], stdin: str = "") -> Result:
        command = argv[3]
        if stdin:
            self.sent.append(stdin)
        return Result(tuple(argv), 0, self.answers.get(command, ""), "")


def table(*lines: str, groups: tuple[str, ...] = ()) -> FlowTable:
    return owned_by(OWNER, [Flow.parse(line) for line in lines], [Group.parse(group) for group in groups])


def refusal(*lines: str, groups: tuple[str, ...] = ()) -> tuple[str, ...]:
    with pytest.raises(FlowstreamError) as error:
        table(*lines, groups=groups)
    return error.value.messages


def test_what_is_new_comes_before_what_goes_and_groups_stand_around_their_flows() -> None:
    want = table("ip actions=group:1", "arp actions=drop", groups=("group_id=1,type=all,bucket=output:1",))
    have = table("ipv6 actions=group:2", "arp actions=output:3", groups=("group_id=2,type=all,bucket=output:2",))
    assert flow_changes(want, have).bundle().splitlines() == [
        "group add group_id=1,type=all,bucket=actions=output:1",
        "flow add cookie=0x77,table=0,priority=32768,ip actions=group:1",
        "flow modify_strict cookie=0x77,table=0,priority=32768,arp actions=drop",
        "flow delete_strict cookie=0x77/-1,table=0,priority=32768,ipv6",
        "group delete group_id=2",
    ]


def test_a_new_timeout_needs_the_flow_to_be_added_again() -> None:
    changes = flow_changes(table("ip,idle_timeout=5 actions=drop"), table("ip actions=drop"))
    assert changes.bundle() == "flow add cookie=0x77,table=0,priority=32768,idle_timeout=5,ip actions=drop\n"


def test_the_same_match_twice_is_refused_unless_it_says_the_same() -> None:
    assert len(table("ip actions=drop", "dl_type=0x800 actions=drop").flows) == 1
    assert refusal("ip actions=drop", "ip actions=output:1") == (
        "flow 'table=0,priority=32768,ip actions=output:1': the same match has "
        "'table=0,priority=32768,ip actions=drop'; keep one",
    )


def test_a_flow_of_another_cookie_and_one_to_an_undeclared_group_are_refused_together() -> None:
    assert refusal("cookie=5,ip actions=drop", "arp actions=group:9") == (
        "flow 'cookie=0x5,table=0,priority=32768,ip actions=drop': its cookie is not the owner's 0x77; leave it out",
        "flow 'table=0,priority=32768,arp actions=group:9': group 9 is not declared; add it to groups",
    )


def test_cookie_zero_owns_nothing() -> None:
    with pytest.raises(FlowstreamError) as error:
        owned_by(0, [], [])
    assert str(error.value) == "cookie is 0, which Open vSwitch gives to every flow without an owner; choose another"


def test_a_group_that_a_foreign_flow_uses_is_neither_changed_nor_removed() -> None:
    run = Recorder(
        {
            "dump-flows": " cookie=0x77, ip actions=group:1\n cookie=0x5, arp actions=group:1\n",
            "dump-groups": " group_id=1,type=all,bucket=actions=output:1\n",
        }
    )
    gone = converge_flows(run, SWITCH, OWNER, FlowTable((), ()), purge=True, check_mode=False)
    assert gone["changes"] == ["remove flow table=0,priority=32768,ip actions=group:1"]
    with pytest.raises(FlowstreamError) as error:
        converge_flows(
            run, SWITCH, OWNER, table(groups=("group_id=1,type=all,bucket=output:2",)), purge=True, check_mode=False
        )
    assert str(error.value) == (
        "cannot change group 1 of br0: cookie 0x5 uses it in table=0,priority=32768,arp actions=group:1"
    )


def test_without_purge_only_what_is_declared_changes() -> None:
    run = Recorder({"dump-flows": " cookie=0x77, ip actions=drop\n cookie=0x77, arp actions=drop\n"})
    result = converge_flows(run, SWITCH, OWNER, table("ip actions=output:1"), purge=False, check_mode=False)
    assert result["changes"] == [
        "change flow table=0,priority=32768,ip actions=drop to table=0,priority=32768,ip actions=output:1"
    ]
    assert run.sent == ["flow modify_strict cookie=0x77,table=0,priority=32768,ip actions=output:1\n"]


def test_nothing_is_sent_in_check_mode_or_when_nothing_differs() -> None:
    run = Recorder({"dump-flows": " cookie=0x77, ip actions=drop\n"})
    assert (
        converge_flows(run, SWITCH, OWNER, table("ip actions=drop"), purge=True, check_mode=False)["changed"] is False
    )
    assert converge_flows(run, SWITCH, OWNER, table("arp actions=drop"), purge=True, check_mode=True)["changed"] is True
    assert run.sent == []


def test_permanent_flows_are_in_a_file_that_goes_with_the_last_of_them(tmp_path: Path) -> None:
    kept = tmp_path / "flowstream" / "flows" / "br0" / "0x77"
    flow = "cookie=0x77,table=0,priority=32768,ip actions=drop"
    group = "group_id=1,type=all,bucket=actions=output:1"

    def converge(have: str, want: FlowTable, check_mode: bool = False) -> object:
        run = Recorder({"dump-flows": have})
        return converge_flows(run, SWITCH, OWNER, want, purge=True, check_mode=check_mode, permanent=kept)["changes"]

    flows = table("ip actions=drop", groups=(group,))
    assert converge(f" {flow}\n", flows, check_mode=True) == [f"add group {group}", f"write {kept}"]
    assert not kept.exists()
    converge(f" {flow}\n", flows)
    assert kept.read_text() == f"group add_or_mod {group}\nflow add {flow}\n"
    assert converge(f" {flow}\n", table("ip actions=drop")) == [f"write {kept}"]
    assert converge(f" {flow}\n", table("ip actions=drop")) == []
    assert converge("", FlowTable((), ())) == [f"remove {kept}"]
    assert list(tmp_path.iterdir()) == []


def test_ports_come_with_their_names_and_counters_in_the_order_of_numbers() -> None:
    run = Recorder(
        {
            "dump-ports-desc": (
                "OFPST_PORT_DESC reply (OF1.3) (xid=0x2):\n"
                " 11(p11): addr:f6:2d:5f:55:7d:5c\n     config:     0\n     state:      LIVE\n"
                " 2(p2): addr:f6:2d:5f:55:7d:5d\n     config:     PORT_DOWN\n     state:      LINK_DOWN\n"
                " LOCAL(br0): addr:26:f2:98:d2:67:46\n     config:     0\n     state:      BLOCKED LINK_DOWN\n"
            ),
            "dump-ports": (
                "OFPST_PORT reply (OF1.3) (xid=0x2): 3 ports\n"
                "  port LOCAL: rx pkts=0, bytes=0, drop=0, errs=0, frame=0, over=0, crc=0\n"
                "           tx pkts=0, bytes=0, drop=0, errs=0, coll=0\n           duration=0.096s\n"
                "  port  11: rx pkts=7, bytes=700, drop=1, errs=0, frame=0, over=0, crc=0\n"
                "           tx pkts=8, bytes=800, drop=0, errs=2, coll=0\n           duration=0.084s\n"
                "  port  2: rx pkts=?, bytes=5, drop=?, errs=?, frame=?, over=?, crc=?\n"
                "           tx pkts=1, bytes=6, drop=?, errs=?, coll=?\n"
            ),
        }
    )
    ports = observe_ports(run, SWITCH)
    assert [(port["port"], port["name"]) for port in ports] == [("2", "p2"), ("11", "p11"), ("LOCAL", "br0")]
    assert ports[1] == {
        "port": "11", "name": "p11", "up": True,
        "rx_packets": 7, "rx_bytes": 700, "rx_dropped": 1, "rx_errors": 0,
        "tx_packets": 8, "tx_bytes": 800, "tx_dropped": 0, "tx_errors": 2,
    }  # fmt: skip
    assert not ports[2]["up"]
    assert ports[0] == {"port": "2", "name": "p2", "up": False, "rx_bytes": 5, "tx_packets": 1, "tx_bytes": 6}


def test_tables_that_do_nothing_are_left_out() -> None:
    text = (
        "OFPST_TABLE reply (OF1.3) (xid=0x2):\n  table 0:\n    active=2, lookup=9, matched=7\n\n"
        "  table 1:\n    active=0, lookup=0, matched=0\n\n  tables 2..253: ditto\n"
    )
    run = Recorder({"dump-tables": text})
    assert observe_tables(run, SWITCH) == [{"table": 0, "active": 2, "lookups": 9, "matched": 7}]


def test_what_tables_hold_is_told_for_all_that_hold_as_much() -> None:
    features = (
        "    metadata: match=0xffff write=0xffff\n    max_entries={}\n    instructions (table miss and others):\n"
    )
    text = "\n".join(
        (
            "OFPST_TABLE_FEATURES reply (OF1.3) (xid=0x2):",
            f"  table 0 ('classifier'):\n{features.format(100)}",
            f"  table 1:\n{features.format(1000)}",
            "  tables 2...252: ditto\n",
            f"  table 253:\n{features.format(1000)}",
        )
    )
    assert observe_table_limits(Recorder({"dump-table-features": text}), SWITCH) == [
        {"first": 0, "last": 0, "entries": 100},
        {"first": 1, "last": 253, "entries": 1000},
    ]
    silent = "OFPST_TABLE_FEATURES reply (OF1.3) (xid=0x2):\n  table 0:\n    metadata: match=0xffff write=0xffff\n"
    assert observe_table_limits(Recorder({"dump-table-features": silent}), SWITCH) == []


def test_a_group_comes_after_the_groups_that_it_leads_to_and_goes_before_them() -> None:
    outer = "group_id=1,type=ff,bucket=watch_group:3,actions=group:3,bucket=actions=group:2"
    inner = [f"group_id={n},type=all,bucket=actions=output:{n}" for n in (2, 3)]
    want = table("ip actions=group:1", groups=(outer, *inner))
    added = [line.split(",")[0] for line in flow_changes(want, table()).bundle().splitlines()]
    assert added[:3] == ["group add group_id=2", "group add group_id=3", "group add group_id=1"]
    removed = flow_changes(table(), want).bundle().splitlines()
    assert removed[-3:] == ["group delete group_id=1", "group delete group_id=3", "group delete group_id=2"]


def test_the_groups_that_a_group_leads_to_are_of_the_same_owner() -> None:
    outer, inner = "group_id=1,type=all,bucket=actions=group:2", "group_id=2,type=all,bucket=actions=output:2"
    run = Recorder({
        "dump-flows": " cookie=0x77, ip actions=group:1\n",
        "dump-groups": f" {outer}\n {inner}\n",
    })  # fmt: skip
    gone = converge_flows(run, SWITCH, OWNER, table(), purge=True, check_mode=False)
    assert gone["changes"] == [
        "remove flow table=0,priority=32768,ip actions=group:1",
        f"remove group {outer}",
        f"remove group {inner}",
    ]


def test_what_a_changed_group_leads_elsewhere_is_told() -> None:
    group = "group_id=1,type=all,bucket=actions=output:{}"
    flow = "ip,nw_dst=10.0.0.0/8 actions=group:1"
    changes = flow_changes(table(flow, groups=(group.format(3),)), table(flow, groups=(group.format(2),)))
    assert changes.destinations() == ["10.0.0.0/8"]


def test_what_takes_another_way_is_told_of_either_family_and_neighbour_discovery_is_of_none() -> None:
    want = table(
        "ip,nw_dst=10.0.0.0/8 actions=output:1",
        "ipv6,ipv6_dst=2001:db8::/32 actions=output:1",
        "ipv6 actions=output:2",
        "icmp6,icmp_type=135,icmp_code=0,nd_target=2001:db8::1 actions=output:1",
        "arp actions=output:1",
    )
    assert flow_changes(want, table()).destinations() == ["10.0.0.0/8", "2001:db8::/32", "::/0"]


def test_a_table_is_filled_before_anything_leads_to_it_and_left_before_it_is_emptied() -> None:
    want = table("table=0,ip actions=goto_table:1", "table=1,ip actions=goto_table:2", "table=2,ip actions=output:1")
    added = [line.split(",")[1] for line in flow_changes(want, table()).bundle().splitlines()]
    assert added == ["table=2", "table=1", "table=0"]
    removed = [line.split(",")[1] for line in flow_changes(table(), want).bundle().splitlines()]
    assert removed == ["table=0", "table=1", "table=2"]


TEACHER = (
    "in_port=1,tcp actions=learn(table=100,idle_timeout=5,priority=100,delete_learned,cookie=0x77,limit=9,eth_type=0x800,nw_proto=6,"
    "NXM_OF_IP_SRC[],NXM_OF_TCP_SRC[],load:0x1->NXM_NX_REG0[]),output:2"
)
TAUGHT = " cookie=0x77, table=100, idle_timeout=5, priority=100,tcp,nw_src=10.0.0.1,tp_src=80 actions=load:0x1->NXM_NX_REG0[]\n"


def test_what_a_switch_has_taught_itself_stays_as_long_as_somebody_teaches_it() -> None:
    run = Recorder({"dump-flows": f" cookie=0x77, priority=32768,{TEACHER}\n{TAUGHT}"})
    assert converge_flows(run, SWITCH, OWNER, table(TEACHER), purge=True, check_mode=False)["changed"] is False
    assert run.sent == []
    other = TEACHER.replace("table=100", "table=101")
    converge_flows(run, SWITCH, OWNER, table(other), purge=True, check_mode=False)
    assert "flow delete_strict cookie=0x77/-1,table=100,priority=100,tcp,nw_src=10.0.0.1,tp_src=80\n" in run.sent[0]


def test_what_it_has_taught_itself_goes_with_its_owner() -> None:
    run = Recorder({"dump-flows": f" cookie=0x77, priority=32768,{TEACHER}\n{TAUGHT}"})
    result = converge_flows(run, SWITCH, OWNER, table(), purge=True, check_mode=False)
    assert result["flows_removed"] == 2


def test_what_is_left_beside_the_declared_flows_is_counted_until_it_goes() -> None:
    run = Recorder(
        {
            "dump-flows": " cookie=0x77, priority=1,in_port=1 actions=group:7\n cookie=0x77, priority=1,in_port=2 actions=drop\n"
        }
    )
    wanted = table("priority=1,in_port=2 actions=drop")
    kept = converge_flows(run, SWITCH, OWNER, wanted, purge=False, check_mode=False)
    assert (kept["changed"], kept["left"]) == (False, 1)
    gone = converge_flows(run, SWITCH, OWNER, wanted, purge=True, check_mode=False)
    assert (gone["flows_removed"], gone["left"]) == (1, 0)


def test_an_optional_flow_stays_where_it_is_and_is_not_added_where_it_is_not() -> None:
    want, optional = table("ip actions=drop"), table("arp actions=output:1")
    there = Recorder({"dump-flows": " cookie=0x77, ip actions=drop\n cookie=0x77, arp actions=output:1\n"})
    missing = Recorder({"dump-flows": " cookie=0x77, ip actions=drop\n"})
    other = Recorder({"dump-flows": " cookie=0x77, ip actions=drop\n cookie=0x77, arp actions=output:9\n"})
    for run in (there, missing, other):
        converge_flows(run, SWITCH, OWNER, want, purge=True, check_mode=False, optional=optional)
    assert there.sent == missing.sent == []
    assert other.sent == ["flow modify_strict cookie=0x77,table=0,priority=32768,arp actions=output:1\n"]
    gone = converge_flows(there, SWITCH, OWNER, want, purge=True, check_mode=False)
    assert gone["changes"] == ["remove flow table=0,priority=32768,arp actions=output:1"]
