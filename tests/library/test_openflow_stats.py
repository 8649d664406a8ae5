# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from .conftest import Host, wait_until

pytestmark = pytest.mark.live

COOKIE = "0x5eed000000000001"
FRAME = "ff" * 6 + "02" * 6 + "88b5" + "00" * 46
"""A frame of 60 bytes of the Ethernet type for local experiments (IEEE 802, 0x88b5)."""


def test_flows_ports_and_tables_show_what_they_counted(open_vswitch: Host, bridge: str) -> None:
    flows = ["priority=5,in_port=1,dl_type=0x88b5 actions=output:2", "priority=4,arp actions=drop"]
    open_vswitch.module("openflow_flows", bridge=bridge, cookie=COOKIE, flows=flows)
    foreign = ["priority=9,ip actions=drop"]
    open_vswitch.module("openflow_flows", bridge=bridge, cookie="0x66", flows=foreign)
    command = ("ovs-ofctl", "-O", "OpenFlow13", "packet-out", bridge)
    for _ in range(3):
        open_vswitch.run(*command, f"in_port=1,packet={FRAME},actions=TABLE")

    def read() -> dict:
        return open_vswitch.module("openflow_stats", bridge=bridge, cookie=COOKIE)

    wait_until(lambda: read()["packets"] == 3, "three packets are counted")
    answer = read()

    assert answer["changed"] is False
    assert answer["bytes"] == 180
    assert [(flow["match_text"], flow["packets"]) for flow in answer["flows"]] == [
        ("arp", 0),
        ("in_port=1,dl_type=0x88b5", 3),
    ]
    assert answer["flows"][1]["actions"] == ["output:2"]
    assert answer["flows"][1]["cookie"] == COOKIE
    assert [(port["port"], port["name"]) for port in answer["ports"]] == [("1", "p1"), ("2", "p2"), ("LOCAL", "br0")]
    assert [port["up"] for port in answer["ports"]] == [
        True,
        True,
        False,
    ]  # nobody has brought the bridge's own port up
    assert answer["ports"][1]["tx_packets"] >= 3
    assert [(row["table"], row["active"]) for row in answer["tables"]] == [(0, 3)]
    assert answer["tables"][0]["matched"] >= 3


def test_without_a_cookie_every_owners_flows_are_read(open_vswitch: Host, bridge: str) -> None:
    for cookie in (COOKIE, "0x66"):
        flow = f"priority={len(cookie)},ip actions=drop"
        open_vswitch.module("openflow_flows", bridge=bridge, cookie=cookie, flows=[flow])
    read = {"bridge": bridge}
    assert len(open_vswitch.module("openflow_stats", **read)["flows"]) == 2
    assert len(open_vswitch.module("openflow_stats", **read, check=True)["flows"]) == 2


def test_a_cookie_that_is_no_number_is_named(open_vswitch: Host, bridge: str) -> None:
    failed = open_vswitch.module("openflow_stats", bridge=bridge, cookie="mine")
    assert failed["msg"] == "cookie: 'mine' is not a number"
