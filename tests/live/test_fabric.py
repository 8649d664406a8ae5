# SPDX-License-Identifier: Apache-2.0
"""A router over two switches with a link between them and a third that is a way round, in the lab of inventory/fabric-lab.

The tests are one story.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.fabric.share import COOKIE

from .iperf import iperf_server
from .router_lab import ROOT, Node, RouterLab, await_condition

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

ALLOCATION = ROOT / "examples" / "two-switches" / "allocation.xml"
SWITCHES = ("sw1", "sw2", "sw3")
FABRIC = f"cookie={COOKIE:#x},"


@pytest.fixture(scope="module")
def lab(fabric: RouterLab) -> RouterLab:
    """The lab of this story has three switches."""
    return fabric


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The allocation with a stage at port 2."""
    file = tmp_path_factory.mktemp("staged") / "allocation.xml"
    stage = '<stage id="line" type="shaper" port="2"><pm id="10"><line out="100"/></pm></stage>'
    text = ALLOCATION.read_text()
    file.write_text(text.replace("</allocationdescription>", f"{stage}</allocationdescription>"))
    return file


def received(endpoint: Node) -> int:
    """How many frames an endpoint has got."""
    return int(endpoint.run("cat", "/sys/class/net/eth0/statistics/rx_packets"))


def crossed(lab: RouterLab, switch: str) -> int:
    """How many packets a switch has sent on with a label of another one."""
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
    assert [crossed(lab, switch) > count for switch, count in zip(SWITCHES, before, strict=True)] == [True, True, False]


def test_a_connection_crosses_the_link_both_ways(lab: RouterLab) -> None:
    with iperf_server(lab.endpoint(2)):
        said = lab.endpoint(0).run("iperf3", "--json", "--time", "2", "--client", "192.168.7.1")
    assert json.loads(said)["end"]["sum_received"]["bits_per_second"] > 1e6


@dataclass
class Cable:
    """The end of a link at a switch, by the interface that it is there."""

    lab: RouterLab
    switch: str
    interface: str

    def plug(self, state: str) -> None:
        """Pull it out (`down`) or put it in (`up`): the other end loses its link, too."""
        self.lab.machine(self.switch).run("ip", "link", "set", self.interface, state)

    @contextmanager
    def pulled(self) -> Iterator[None]:
        """Have it out for a while."""
        self.plug("down")
        try:
            yield
        finally:
            self.plug("up")


def links(lab: RouterLab) -> dict[str, Any]:
    """What status.yml says of the links between switches, by link."""
    lab.play("status")
    found = json.loads((lab.build / "status.json").read_text())["links"]
    return {link["link"]: link for link in found}


def test_packets_go_another_way_while_a_link_is_down_and_back_when_it_is_up(lab: RouterLab) -> None:
    """Pings every 20 ms, half of which a switch sends over the link: the cut may cost what is on the cable, and no more than that."""
    argv = [*lab.endpoint(0).prefix, "ping", "-n", "-i", "0.02", "-c", "400", "-W", "1", "192.168.7.1"]
    before, direct = crossed(lab, "sw3"), Cable(lab, "sw2", "sw1")
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as ping:
        await_condition("pings cross the link", lambda: crossed(lab, "sw1") > 50)
        with direct.pulled():
            await_condition("pings go round", lambda: crossed(lab, "sw3") > before + 100)
        output, _ = ping.communicate(timeout=60)
    (answered,) = re.findall(r"(\d+) received", output)
    assert int(answered) >= 396, output
    passed = crossed(lab, "sw3")
    assert lab.pings(0, "192.168.7.1")
    assert crossed(lab, "sw3") == passed


def test_status_says_which_links_are_down_whose_they_are_and_what_is_lost(lab: RouterLab) -> None:
    with Cable(lab, "sw2", "sw1").pulled(), Cable(lab, "sw3", "sw1").pulled():
        assert not lab.pings(0, "192.168.7.1", count=1)
        found = links(lab)
    assert {link: one["state"] for link, one in found.items()} == {
        "sw1/31 to sw2/31": "down",
        "sw1/32 to sw3/31": "down",
        "sw2/32 to sw3/32": "up",
    }
    assert found["sw1/31 to sw2/31"]["allocations"] == ["campus"]
    assert found["sw1/31 to sw2/31"]["instead"] == [
        "sw1 to sw2 lost, sw1/32 is down as well",
        "sw2 to sw1 lost, sw3/31 is down as well",
    ]
    assert lab.pings(0, "192.168.7.1")


def test_a_switch_that_starts_anew_has_its_flows_and_those_of_the_platform(lab: RouterLab) -> None:
    before = [lab.flows(switch) for switch in SWITCHES]
    lab.machine("sw2").run("systemctl", "restart", "openvswitch-switch")
    await_condition("its flows are back", lambda: [lab.flows(switch) for switch in SWITCHES] == before)
    await_condition("packets pass again", lambda: lab.pings(0, "192.168.7.1"))
    assert lab.pings(0, "10.0.6.1")


def test_a_switch_with_empty_tables_gets_all_of_them_by_the_next_deployment(lab: RouterLab) -> None:
    before = lab.flows("sw2")
    for command in ("del-flows", "del-groups"):
        lab.machine("sw2").run("ovs-ofctl", "--protocols=OpenFlow13", command, "br-flow")
    assert not lab.pings(0, "10.0.6.1", count=1)
    assert set(lab.play("deploy", allocation=str(ALLOCATION)).changed) == {"sw2"}
    assert lab.flows("sw2") == before
    assert lab.pings(0, "10.0.6.1")


def test_a_stage_is_passed_on_a_host_of_another_switch(lab: RouterLab, staged: Path) -> None:
    """The stage is at a port of sw2, its module on mh1, which is at sw1."""
    lab.play("deploy", allocation=str(staged))
    assert "campus-pm10" in lab.modules("mh1")
    before = [lab.handler("mh1", "campus-pm10", f"{way}.count") for way in ("inward", "outward")]
    assert lab.pings(0, "192.168.7.1", count=5)
    after = [lab.handler("mh1", "campus-pm10", f"{way}.count") for way in ("inward", "outward")]
    assert [now - then for then, now in zip(before, after, strict=True)] == [5, 5]


def test_trace_says_that_packets_go_round_a_link_that_is_down(lab: RouterLab, staged: Path) -> None:
    """Through the stage too: its module is behind the link that is down."""
    packet = "ip src 192.168.5.1 dst 192.168.7.1 udp dport 4000"
    with Cable(lab, "sw2", "sw1").pulled():
        assert lab.attempt("trace", allocation=str(staged), packet=packet, port=0).code == 2
    rows = lab.report("trace", "campus")["rows"]
    rounds = [row for row in rows if row["found"] and row["found"]["place"] == "sw3"]
    assert rounds
    assert all(row["planned"] is None and row["counted"] >= 5 for row in rounds)
    missed = [row["found"] or row["planned"] for row in rows if row["found"] is None]
    assert missed
    assert all("in_port=31" in step["what"] for step in missed)
    assert rows[-1]["found"]["what"] == "leaves by platform port 2"


def test_a_removal_leaves_the_fabric_and_nothing_else(lab: RouterLab) -> None:
    lab.play("remove", allocation=str(ALLOCATION))
    for switch in SWITCHES:
        left = lab.flows(switch)
        assert left
        assert all(FABRIC in flow for flow in left)
    assert [lab.modules(name) for name in ("mh1", "mh2")] == [{}, {}]
