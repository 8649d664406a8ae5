# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from ansible.module_utils.flowstream.middleboxes.router.expectations import probes
from ansible.module_utils.flowstream.plan.plan import Plan

from ...conftest import ROOT, Planner


def rows(plan: Plan) -> list[str]:
    found = []
    for probe in probes(plan):
        plain = probe.to_dict()
        found.append(
            f"{plain['prefix']}: {plain['source_port']} {plain['source_address']} -> {plain['destination']}"
            f" by {plain['output_port']} via {plain['next_hop']} of {plain['pm']} on {plain['host']}"
        )
    return found


def test_each_route_of_the_seed_is_tried_across_the_router_and_one_packet_has_no_route(plan_of: Planner) -> None:
    assert rows(plan_of()) == [
        "192.168.5.0/24: 1 192.168.6.1 -> 192.168.5.1 by 0 via 192.168.5.1 of felipeiprouter-pm0 on mh1",
        "192.168.6.0/24: 2 192.168.7.1 -> 192.168.6.1 by 1 via 192.168.6.1 of felipeiprouter-pm0 on mh1",
        "192.168.7.0/24: 3 192.168.8.1 -> 192.168.7.1 by 2 via 192.168.7.1 of felipeiprouter-pm0 on mh1",
        "192.168.8.0/24: 0 192.168.5.1 -> 192.168.8.1 by 3 via 192.168.8.1 of felipeiprouter-pm0 on mh1",
        "10.0.5.0/24: 1 10.0.6.1 -> 10.0.5.1 by 0 via 10.0.5.1 of felipeiprouter-pm1 on mh2",
        "10.0.6.0/24: 2 10.0.7.1 -> 10.0.6.1 by 1 via 10.0.6.1 of felipeiprouter-pm1 on mh2",
        "10.0.7.0/24: 3 10.0.8.1 -> 10.0.7.1 by 2 via 10.0.7.1 of felipeiprouter-pm1 on mh2",
        "10.0.8.0/24: 0 10.0.5.1 -> 10.0.8.1 by 3 via 10.0.8.1 of felipeiprouter-pm1 on mh2",
        "None: 0 192.168.5.1 -> 128.0.0.1 by None via None of felipeiprouter-pm0 on mh1",
    ]


def test_gateways_addresses_and_segments_count(plan_of: Planner) -> None:
    plan = plan_of((ROOT / "examples" / "three-modules" / "allocation.xml").read_text())
    assert rows(plan)[:3] == [
        "0.0.0.0/1: 1 10.1.0.2 -> 1.0.0.1 by 0 via 192.0.2.1 of edge-pm0 on mh1",
        "10.1.0.0/16: 2 203.0.113.254 -> 10.1.0.2 by 1 via 10.1.0.2 of edge-pm0 on mh1",
        "10.2.0.0/16: 0 192.0.2.1 -> 10.2.0.1 by 2 via 203.0.113.7 of edge-pm0 on mh1",
    ]


def allocation(*entries: str, prefix: str = "0") -> str:
    return (
        '<allocationdescription id="edge" type="fastiprouter" subtype="prefixlb"><portmacmappings>'
        '<portmacmapping portid="0" mac="02:00:00:00:00:01" switchport="1"/></portmacmappings>'
        f'<pm id="0"><prefix addr="0.0.0.0" mask="{prefix}"/><forwardingtable>{"".join(entries)}'
        "</forwardingtable></pm></allocationdescription>"
    )


def entry(addr: str, mask: int) -> str:
    return f'<forwardingentry addr="{addr}" mask="{mask}" outputport="0"/>'


ZERO = ".".join("0000")


def test_a_route_is_tried_where_no_longer_one_is(plan_of: Planner) -> None:
    plan = plan_of(allocation(entry("10.0.0.0", 8), entry("10.0.0.0", 16), entry("10.0.0.1", 32)))
    assert [row.split(" by")[0] for row in rows(plan)][:3] == [
        "10.0.0.0/8: 0 10.1.0.1 -> 10.1.0.1",
        "10.0.0.0/16: 0 10.1.0.1 -> 10.0.0.3",
        "10.0.0.1/32: 0 10.1.0.1 -> 10.0.0.1",
    ]


def test_a_route_that_longer_ones_cover_is_not_tried(plan_of: Planner) -> None:
    plan = plan_of(allocation(entry("10.0.0.0", 24), entry("10.0.0.0", 25), entry("10.0.0.128", 25)))
    assert [row.split(":")[0] for row in rows(plan)] == ["10.0.0.0/25", "10.0.0.128/25", "None"]


def test_where_everything_has_a_route_the_switch_drops_what_no_module_has(plan_of: Planner) -> None:
    plan = plan_of(allocation(entry(ZERO, 1), prefix="1"))
    assert rows(plan)[-1] == "None: 0 1.0.0.1 -> 128.0.0.1 by None via None of None on None"


def test_a_module_and_the_switch_each_drop_one_where_both_must(plan_of: Planner) -> None:
    plan = plan_of(allocation(entry("10.0.0.0", 8), prefix="1"))
    assert rows(plan)[-2:] == [
        "None: 0 10.0.0.1 -> 7.255.255.254 by None via None of edge-pm0 on mh1",
        "None: 0 10.0.0.1 -> 128.0.0.1 by None via None of None on None",
    ]


def test_where_nothing_is_dropped_there_is_no_packet_to_try_it_with(plan_of: Planner) -> None:
    plan = plan_of(allocation(entry(ZERO, 0)))
    assert [row.split(":")[0] for row in rows(plan)] == ["0.0.0.0/0"]
