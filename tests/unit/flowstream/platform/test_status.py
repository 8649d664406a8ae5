# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from ansible.module_utils.flowstream.fabric.links import LinkState
from ansible.module_utils.flowstream.platform.status import status_report

PM = {"name": "edge-pm0", "active": True, "handlers": {"out0.count": "7"}, "error": ""}
FLOW = {"cookie": "0x1", "priority": 7, "match_text": "ip", "actions": [], "packets": 3, "bytes": 180}


def test_a_machine_that_does_not_answer_is_named_with_the_reason_beside_those_that_do() -> None:
    report = status_report(
        {"mh1": {"pms": [PM]}, "mh2": {"unreachable": True, "msg": "Failed to connect\nto the host"}},
        {
            "mh1": {"failed": True, "msg": "cannot read the flow counters of br-pm: br-pm is not a bridge or a socket"},
            "mh2": {"skipped": True},
            "sw1": {"flows": [FLOW]},
        },
        {},
    )
    assert report["modules_table"].splitlines()[2:] == ["mh1          edge-pm0           running     7"]
    assert report["flows_table"].splitlines()[2:] == ["sw1     0x1           7  ip     drop           3    180"]
    assert report["missing_table"].splitlines()[2:] == [
        "mh2      processing modules  Failed to connect to the host",
        "mh1      flows               cannot read the flow counters of br-pm: br-pm is not a bridge or a socket",
    ]


def test_what_says_why_it_is_there_is_shown_with_it() -> None:
    flows = [{**FLOW, "why": "port 0 to pm 0: in, hop 1 of 2"}, FLOW]
    report = status_report({"mh1": {"pms": [{**PM, "why": "runs there already"}]}}, {"sw1": {"flows": flows}}, {})
    assert report["modules_table"].splitlines() == [
        "module host  processing module  state    out0  why",
        "-----------  -----------------  -------  ----  ------------------",
        "mh1          edge-pm0           running     7  runs there already",
    ]
    assert [line.split("  ")[-1].strip() for line in report["flows_table"].splitlines()] == [
        "why",
        "-" * 30,
        "port 0 to pm 0: in, hop 1 of 2",
        "-",
    ]


def test_links_between_switches_are_shown_with_whose_they_are() -> None:
    links = [
        LinkState("sw1/31 to sw2/31", "down", ("campus",), ("sw1 to sw2 over sw3",)),
        LinkState("sw1/32 to sw3/31", "up", ()),
    ]
    report = status_report({}, {}, {}, links)
    assert report["links"][0]["instead"] == ("sw1 to sw2 over sw3",)
    assert report["links_table"].splitlines() == [
        "link              state  allocations  while it is down",
        "----------------  -----  -----------  -------------------",
        "sw1/31 to sw2/31  down   campus       sw1 to sw2 over sw3",
        "sw1/32 to sw3/31  up     -            -",
    ]
    assert status_report({}, {}, {})["links"] == []


def test_a_machine_that_nobody_asked_is_not_passed_over() -> None:
    report = status_report({"mh1": {}}, {}, {})
    assert report["missing"] == [{"machine": "mh1", "what": "processing modules", "cause": "it was not asked"}]
    assert report["modules"] == report["flows"] == []


def test_drops_are_shown_by_reason_and_those_of_one_reason_together() -> None:
    counted = {"out0.count": "7", "queue0.drops": "3", "queue12.drops": "4", "header.drops": "1"}
    titles = {"header.drops": "bad header", "queue{port}.drops": "queue full"}
    pms = [{**PM, "handlers": counted}, {**PM, "name": "edge-pm1", "handlers": {"out0.count": "8"}}]
    assert status_report({"mh1": {"pms": pms}}, {}, titles)["modules_table"].splitlines() == [
        "module host  processing module  state    bad header  out0  queue full",
        "-----------  -----------------  -------  ----------  ----  ----------",
        "mh1          edge-pm0           running           1     7           7",
        "mh1          edge-pm1           running           -     8           -",
    ]


def test_what_a_bridge_has_taught_itself_is_counted_and_not_listed() -> None:
    learn = "learn(table=100,cookie=0x1,eth_type=0x800,NXM_OF_IP_SRC[],load:0x1->NXM_NX_REG0[])"
    flows = [{**FLOW, "actions": [learn]}, *[{**FLOW, "table": 100}] * 3, {**FLOW, "table": 100, "cookie": "0x2"}]
    report = status_report({}, {"sw1": {"flows": flows}}, {})
    assert len(report["flows"]) == 2
    assert report["learned_table"].splitlines() == [
        "bridge  owner               table  learned  packets  bytes",
        "------  ------------------  -----  -------  -------  -----",
        "sw1     0x0000000000000001    100        3        9    540",
    ]
