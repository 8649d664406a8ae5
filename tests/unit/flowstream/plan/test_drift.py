# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.plan.drift import drift, drift_table
from ansible.module_utils.flowstream.plan.plan import cookie_of

OWN = Flow.parse(f"cookie={cookie_of('edge'):#x},priority=7,ip,actions=output:1")
OTHER = Flow.parse(f"cookie={cookie_of('other'):#x},priority=8,ip,actions=output:1")
NOBODYS = Flow.parse("cookie=0xfeed,priority=9,arp,actions=drop")


def test_a_platform_as_planned_has_no_difference() -> None:
    assert drift({"sw1": [], "mh1": []}, {"sw1": [OWN.to_dict()], "mh1": []}, ["edge"]) == []


def test_what_would_be_done_and_what_is_of_nobody_is_told_by_machine() -> None:
    changes = {"sw1": ["add flow a (port 0 to pm 0: in, hop 1 of 2)"], "mh1": ["start pm edge-pm0"] * 2}
    flows = {"sw1": [one.to_dict() for one in (OWN, OTHER, NOBODYS)], "mh1": [OWN.to_dict()]}
    found = drift(changes, flows, ["edge", "other"])
    assert [tuple(one) for one in found] == [
        ("mh1", "start pm edge-pm0", ""),
        ("sw1", "add flow a (port 0 to pm 0: in, hop 1 of 2)", ""),
        ("sw1", "", "cookie=0xfeed,table=0,priority=9,arp actions=drop"),
    ]
    assert drift_table(found).splitlines() == [
        "machine  what        entry or module",
        "-------  ----------  -------------------------------------------------",
        "mh1      to be done  start pm edge-pm0",
        "sw1      to be done  add flow a (port 0 to pm 0: in, hop 1 of 2)",
        "sw1      of nobody   cookie=0xfeed,table=0,priority=9,arp actions=drop",
    ]
    assert found[2].to_dict() == {
        "machine": "sw1", "change": "", "foreign": "cookie=0xfeed,table=0,priority=9,arp actions=drop",
    }  # fmt: skip
