# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from .conftest import Host

pytestmark = pytest.mark.live

COOKIE = "0x5eed000000000001"


def test_entries_are_counted_by_owner_and_table_and_the_switch_says_how_many_it_holds(
    open_vswitch: Host, bridge: str
) -> None:
    flows = ["table=0,priority=5,ip actions=drop", "table=0,priority=4,arp actions=drop", "table=3,arp actions=drop"]
    open_vswitch.module("openflow_flows", bridge=bridge, cookie=COOKIE, flows=flows)
    limit = ("--id=@small", "create", "Flow_Table", "flow_limit=40", "overflow_policy=refuse")
    open_vswitch.run("ovs-vsctl", "--", *limit, "--", "set", "Bridge", bridge, "flow_tables=3=@small")
    answer = open_vswitch.module("openflow_owners", bridge=bridge)
    owner = next(one for one in answer["owners"] if one["cookie"] == COOKIE)
    assert owner["entries"] == {"0": 2, "3": 1}
    assert answer["tables"] == [
        {"first": 0, "last": 2, "entries": 1_000_000},
        {"first": 3, "last": 3, "entries": 40},
        {"first": 4, "last": 253, "entries": 1_000_000},
    ]
