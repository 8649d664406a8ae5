# SPDX-License-Identifier: Apache-2.0
"""A router over two switches with a link between them, in the lab of inventory/fabric-lab; the tests are one story."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator

import pytest
from ansible.module_utils.flowstream.fabric.share import COOKIE

from .iperf import iperf_server
from .router_lab import ROOT, Node, RouterLab

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

ALLOCATION = ROOT / "examples" / "two-switches" / "allocation.xml"
SWITCHES = ("sw1", "sw2")
FABRIC = f"cookie={COOKIE:#x},"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RouterLab]:
    """The lab of LAB_INDEX with two switches, up and without anything on it; gone when the story has ended."""
    inventories = [ROOT / "inventory" / "fabric-lab"]
    lab = RouterLab(int(os.environ.get("LAB_INDEX") or 1), tmp_path_factory.mktemp("build"), inventories=inventories)
    lab.play("lab-down")
    lab.play("lab-up")
    yield lab
    lab.play("lab-down")


def received(endpoint: Node) -> int:
    """How many frames an endpoint has got."""
    return int(endpoint.run("cat", "/sys/class/net/eth0/statistics/rx_packets"))


def crossed(lab: RouterLab, switch: str) -> int:
    """How many packets a switch has sent on with a label of the other one."""
    text = lab.machine(switch).run("ovs-ofctl", "--protocols=OpenFlow13", "dump-flows", "br-flow", "table=200")
    return sum(int(count) for count in re.findall(r"n_packets=(\d+).*vlan_tci=", text))


def test_a_router_over_two_switches_is_deployed_and_a_second_time_nothing_changes(lab: RouterLab) -> None:
    lab.play("deploy", allocation=str(ALLOCATION))
    assert [set(lab.modules(name)) for name in ("mh1", "mh2")] == [{"campus-pm0"}, {"campus-pm1"}]
    assert lab.play("deploy", allocation=str(ALLOCATION)).changed == {}


def test_packets_cross_the_link_to_their_module_and_to_their_port_and_reach_nobody_else(lab: RouterLab) -> None:
    """192.168/16 is routed at the first switch, 10/8 at the second; endpoints 0 and 1 are at the first, 2 and 3 at the second."""
    before = [crossed(lab, switch) for switch in SWITCHES]
    assert lab.pings(0, "192.168.7.1")
    assert lab.pings(0, "10.0.6.1")
    assert lab.pings(2, "192.168.6.1")
    nobody = received(lab.endpoint(3))
    assert lab.pings(2, "10.0.5.1", count=20)
    assert received(lab.endpoint(3)) == nobody
    assert lab.pings(3, "192.168.8.254")
    assert all(crossed(lab, switch) > count for switch, count in zip(SWITCHES, before, strict=True))


def test_a_connection_crosses_the_link_both_ways(lab: RouterLab) -> None:
    with iperf_server(lab.endpoint(2)):
        said = lab.endpoint(0).run("iperf3", "--json", "--time", "2", "--client", "192.168.7.1")
    assert json.loads(said)["end"]["sum_received"]["bits_per_second"] > 1e6


def test_what_somebody_takes_off_the_fabric_the_next_deployment_lays_again(lab: RouterLab) -> None:
    cookie = f"{FABRIC.rstrip(',')}/-1"
    lab.machine("sw2").run("ovs-ofctl", "--protocols=OpenFlow13", "del-flows", "br-flow", cookie)
    assert not lab.pings(0, "10.0.6.1", count=1)
    assert set(lab.play("deploy", allocation=str(ALLOCATION)).changed) == {"sw2"}
    assert lab.pings(0, "10.0.6.1")


def test_a_removal_leaves_the_fabric_and_nothing_else(lab: RouterLab) -> None:
    lab.play("remove", allocation=str(ALLOCATION))
    for switch in SWITCHES:
        left = lab.flows(switch)
        assert len(left) == 5
        assert all(FABRIC in flow for flow in left)
    assert [lab.modules(name) for name in ("mh1", "mh2")] == [{}, {}]
