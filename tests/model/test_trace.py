# SPDX-License-Identifier: Apache-2.0
"""Packets traced through the examples: bridges by the model of the proof, modules by the engine; and what is found when a flow is wrong."""

from __future__ import annotations

import random
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.trace.engine import Engine
from ansible.module_utils.flowstream.trace.job import Look, run_trace
from ansible.module_utils.flowstream.trace.packet import TracedPacket
from ansible.module_utils.flowstream.trace.way import Step, tables_of, trace
from ansible.module_utils.flowstream.world.run import local_run

from .network import Network
from .openflow_switch import Packet as Header
from .played_modules import NEIGHBOUR, ROOT, plan_of

CLICK = ROOT / "clickos" / "build" / "click"
RUN = local_run(20)
STAGED = "ip src 192.168.5.1 dst 192.168.6.9 tcp dport 443"


def ways_of(plan: Plan, text: str, port: int, folder: Path) -> list[tuple[Step, ...]]:
    packet = TracedPacket.parse(text)
    return trace(plan, tables_of(plan), packet, port, Engine(RUN, CLICK, folder, packet.marks).passage, plan.up())


def read(plan: Plan, growth: int = 0) -> dict[str, list[dict[str, Any]]]:
    """What openflow_stats returns where just a plan is deployed."""
    return {
        name: [{**replace(flow, why="").to_dict(), "packets": growth} for flow in flows]
        for name, flows in plan.entries().items()
    }


def test_a_packet_passes_bridges_router_and_stages_and_says_why(tmp_path: Path) -> None:
    (way,) = ways_of(plan_of("staged-router"), STAGED, 0, tmp_path)
    assert [(step.place, step.why) for step in way if step.kind != "module"] == [
        ("sw1", "port 0 to pm 0 (128.0.0.0/1): in, hop 1 of 2"),
        ("mh1", "port 0 to pm 0 (128.0.0.0/1): in, hop 2 of 2"),
        ("mh1", "pm 0 to stage seen (pm 11): out, hop 1 of 3"),
        ("sw1", "modules on mh1 to stage seen (pm 11): out, hop 2 of 3"),
        ("mh2", "modules to stage seen (pm 11): out, hop 3 of 3"),
        ("mh2", "stage seen (pm 11) to stage line (pm 10): out, hop 1 of 3"),
        ("sw1", "stage seen on mh2 to stage line (pm 10): out, hop 2 of 3"),
        ("mh1", "stage seen to stage line (pm 10): out, hop 3 of 3"),
        ("mh1", "stage line (pm 10) to port 1: out, hop 1 of 2"),
        ("sw1", "stage line on mh1 to port 1: out, hop 2 of 2"),
        ("sw1", ""),
    ]
    router, seen, line = (step for step in way if step.kind == "module")
    assert (router.place, seen.place, line.place) == ("mh1/staged-pm0", "mh2/staged-pm11", "mh1/staged-pm10")
    assert router.what.endswith("-> to_device; it asked where 192.168.6.9 is")
    assert [each for each in router.elements if each.startswith(("rt", "arpq"))] == ["rt [1]", "arpq1"]
    assert line.elements[-5:] == ("outward_flows", "outward_line", "outward_rate", "scheduler", "to_device")
    assert way[-1].portid == 1


def test_what_a_firewall_refuses_ends_in_it(tmp_path: Path) -> None:
    (way,) = ways_of(plan_of("staged-router"), "ip src 192.168.8.1 dst 192.168.5.1 tcp dport 22", 3, tmp_path)
    assert way[-1].place == "mh1/staged-pm14"
    assert way[-1].what.endswith("; nothing comes out")


def test_a_packet_for_the_other_site_leaves_encrypted_and_another_as_it_is(tmp_path: Path) -> None:
    gateway = plan_of("vpn-router")
    (sealed,) = ways_of(gateway, "ip src 192.168.5.1 dst 10.99.1.2 tcp dport 443", 0, tmp_path)
    elements = next(step.elements for step in sealed if step.place.endswith("vpn-pm11"))
    assert (elements[elements.index("fits") + 1], elements[-1]) == ("encrypt", "to_device")
    assert (sealed[-1].what, sealed[-1].portid) == ("leaves encrypted by platform port 1", None)
    (plain,) = ways_of(gateway, "ip src 192.168.5.1 dst 192.168.6.9 tcp dport 443", 0, tmp_path)
    assert plain[-1].portid == 1


def test_a_subscribers_packet_goes_by_its_vlan_and_one_for_it_leaves_in_it(tmp_path: Path) -> None:
    """The module asks for the subscriber in the VLAN, too."""
    edge = plan_of("bng")
    (out,) = ways_of(edge, "ip src 192.168.5.2 dst 192.168.6.1 udp vlan 102", 0, tmp_path)
    assert out[-1].what == "leaves by platform port 1"
    (back,) = ways_of(edge, "ip src 192.168.6.1 dst 192.168.5.2 udp", 1, tmp_path)
    assert "it asked where 192.168.5.2 is" in next(step.what for step in back if step.kind == "module")
    assert back[-1].what == "leaves by platform port 0 in VLAN 102"
    for tag in ("", "vlan 101", "vlan 103"):
        (way,) = ways_of(edge, f"ip src 192.168.5.2 dst 192.168.6.1 udp {tag}", 0, tmp_path)
        assert way[-1].what.endswith("nothing comes out")


def test_whom_a_module_asks_for_because_of_packets_of_its_own_is_not_told(tmp_path: Path) -> None:
    (way,) = ways_of(plan_of("generator"), "ip src 192.168.5.1 dst 203.0.113.48 tcp dport 443", 0, tmp_path)
    assert way[-1].what.endswith("Discard@73; nothing comes out")


def test_a_packet_that_nobody_claims_is_dropped_by_name(tmp_path: Path) -> None:
    (way,) = ways_of(plan_of("three-modules"), "ip src 198.51.100.2 dst 240.0.0.1", 1, tmp_path)
    assert [(step.place, step.why) for step in way] == [("sw1", "port 1: drop, no module claims it")]


def test_where_flows_are_dealt_every_way_is_told(tmp_path: Path) -> None:
    ways = ways_of(plan_of("flow-router"), "ip src 192.168.5.1 dst 192.168.6.1 tcp dport 443", 0, tmp_path)
    modules = [next(step.place for step in way if step.kind == "module") for way in ways]
    assert modules == ["mh1/byflow-pm0", "mh2/byflow-pm1", "mh1/byflow-pm2"]
    assert {way[-1].portid for way in ways} == {1}


def test_hundreds_of_random_packets_go_where_another_model_has_them_go(tmp_path: Path) -> None:
    """The tests' own switch and the module's table of routes, which were both written apart from what traces."""
    plan, choose = plan_of("felipeiprouter"), random.Random(5)
    network = Network(plan.files())
    marks = TracedPacket.parse("src 0.0.0.0 dst 0.0.0.0").marks[:1]
    engine = Engine(RUN, CLICK, tmp_path, marks)
    ends: set[int | None] = set()
    for _ in range(200):
        net, host = choose.choice(["192.168", "10.0", "10.9", "172.16"]), choose.randrange(1, 255)
        text = f"src 192.168.5.{choose.randrange(1, 250)} dst {net}.{choose.randrange(4, 10)}.{host} udp dport {host}"
        packet = TracedPacket.parse(text)
        (way,) = trace(plan, tables_of(plan), packet, 0, engine.passage, plan.up())
        header = Header(
            NEIGHBOUR, plan.ports[0].mac, 0x0800, IPv4Address(packet.destination), ip_src=IPv4Address(packet.source)
        )
        (arrival,) = network.enter(header, plan.ports[0].switchport)
        assert [step.place.split("/")[1] for step in way if step.kind == "module"] == [arrival.pm]
        routed = net in ("192.168", "10.0") and 5 <= packet.destination >> 8 & 255 <= 8
        expected = network.route(str(arrival.pm), IPv4Address(packet.destination))[0] if routed else None
        assert way[-1].portid == expected, text
        ends.add(expected)
    assert ends == {None, 0, 1, 2, 3}


def test_random_packets_of_ipv6_go_where_another_model_has_them_go(tmp_path: Path) -> None:
    plan, choose = plan_of("dual-stack-router"), random.Random(6)
    network = Network(plan.files())
    engine = Engine(RUN, CLICK, tmp_path, TracedPacket.parse("src :: dst ::").marks[:1])
    ends: set[int | None] = set()
    for _ in range(60):
        net = choose.choice(["2001:db8:6", "2001:db8:60:1", "fd00:db8:7", "fd00:db8:8", "2001:db8:99", "fe80"])
        text = f"ip6 src 2001:db8:5::{choose.randrange(1, 99)} dst {net}::{choose.randrange(1, 99)} tcp dport 443"
        packet = TracedPacket.parse(text)
        (way,) = trace(plan, tables_of(plan), packet, 0, engine.passage, plan.up())
        destination = IPv6Address(packet.destination)
        header = Header(NEIGHBOUR, plan.ports[0].mac, 0x86DD, destination, ip_src=IPv6Address(packet.source))
        (arrival,) = network.enter(header, plan.ports[0].switchport)
        module = next(step for step in way if step.kind == "module")
        assert module.place.split("/")[1] == arrival.pm
        output, gateway = network.route(str(arrival.pm), destination)
        expected = output if output < len(plan.ports) else None
        assert way[-1].portid == expected, text
        if expected is not None:
            assert f"it asked where {gateway or destination} is" in module.what
        ends.add(expected)
    assert ends == {None, 0, 1, 2}


def test_the_platform_beside_the_plan_is_the_same_and_its_counters_say_so(tmp_path: Path) -> None:
    plan, packet = plan_of("staged-router"), TracedPacket.parse(STAGED)
    look = Look(read(plan), read(plan, 5), 5, {0: 0, 1: 5, 2: 0, 3: 0})
    result = run_trace(RUN, CLICK, tmp_path, plan, packet, 0, look)
    assert not result["differs"]
    assert result["lines"][-1] == "  sw1: leaves by platform port 1  [5 probes]"
    assert {row["counted"] for row in result["rows"]} == {5, None}


def test_a_wrong_flow_is_found_and_what_it_does_to_the_way_is_marked(tmp_path: Path) -> None:
    plan, packet = plan_of("staged-router"), TracedPacket.parse(STAGED)
    wrong = Flow.parse("cookie=7,priority=4000,in_port=12,dl_vlan=3,actions=pop_vlan,output:4")
    before, after = read(plan), read(plan, 5)
    for flows in (before["sw1"], after["sw1"]):
        flows.append({**wrong.to_dict(), "packets": 0 if flows is before["sw1"] else 5})
    result = run_trace(RUN, CLICK, tmp_path, plan, packet, 0, Look(before, after, 5, {0: 0, 1: 0, 2: 0, 3: 5}))
    assert result["differs"]
    marked = [line for line in result["lines"] if line.startswith("!")]
    assert (
        "! not planned: sw1: table=0,priority=4000,in_port=12,dl_vlan=3 actions=pop_vlan,output:4  (in no plan)  [5 probes]"
        in marked
    )
    assert "! not planned: sw1: leaves by platform port 3  [5 probes]" in marked
    assert any(line.startswith("! planned, and not so: mh1/staged-pm10:") for line in marked)


def test_an_entry_that_is_there_and_counts_nothing_is_marked(tmp_path: Path) -> None:
    plan, packet = plan_of("felipeiprouter"), TracedPacket.parse("src 192.168.5.1 dst 10.0.6.9")
    look = Look(read(plan), read(plan), 5, {0: 0, 1: 0, 2: 5, 3: 0})
    result = run_trace(RUN, CLICK, tmp_path, plan, packet, 0, look)
    assert [line[0] for line in result["lines"]] == ["!", "!", " ", "!", "!", "!", "!"]
    assert result["lines"][-1] == "! not planned: sw1: leaves by platform port 2  [5 probes]"


@pytest.mark.parametrize(
    ("down", "way"),
    [
        ({}, ["sw1", "sw1", "sw2", "sw2", "mh2"]),
        ({"sw1": [31]}, ["sw1", "sw1", "sw3", "sw3", "sw2", "sw2", "mh2"]),
        ({"sw1": [31], "sw2": [32]}, ["sw1", "sw1", "sw3", "sw3", "sw3"]),
        ({"sw1": [31, 32]}, ["sw1", "sw1", "sw1"]),
    ],
)
def test_where_links_are_down_the_way_is_the_one_that_is_left(
    down: dict[str, list[int]], way: list[str], tmp_path: Path
) -> None:
    folder = ROOT / "examples" / "two-switches"
    facts = yaml.safe_load((folder / "platform.yml").read_text())
    for number, switch in enumerate(("sw1", "sw2"), 31):
        facts["switches"][switch]["links"][32] = f"sw3/{number}"
    facts["switches"]["sw3"] = {"bridge": "br-flow", "number": 3, "links": {31: "sw1/32", 32: "sw2/32"}}
    allocation = parse((folder / "allocation.xml").read_bytes(), "a.xml").allocation
    plan = plan_allocation(allocation, Platform.from_facts(facts), renderer(ROOT / "templates" / "click"))
    packet = TracedPacket.parse("src 192.168.5.1 dst 10.0.7.1")
    result = run_trace(RUN, CLICK, tmp_path, plan, packet, 0, Look(read(plan), down=down))
    assert result["differs"] == bool(down)
    found = [row["found"] for row in result["rows"] if row["found"]]
    assert [step["place"] for step in found][: len(way)] == way
    assert found[-1]["what"] == (
        "leaves by platform port 2"
        if way[-1] == "mh2"
        else {"sw3": "lost: port 32 down", "sw1": "lost: port 31 and 32 down"}[way[-1]]
    )


@pytest.mark.parametrize("name", sorted(file.parent.name for file in ROOT.glob("examples/*/allocation.xml")))
def test_a_packet_is_followed_through_every_kind_of_example(name: str, tmp_path: Path) -> None:
    """To its end: out of a platform port, or into an element that keeps it."""
    ways = ways_of(plan_of(name), "ip src 192.168.5.1 dst 192.168.6.1 udp dport 80", 0, tmp_path)
    for way in ways:
        assert way[-1].portid is not None or way[-1].kind == "module" or way[-1].what.endswith("actions=drop")
        assert all(step.elements for step in way if step.kind == "module")


def test_a_port_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="port: is none of allocation staged, got 9; write one of 0, 1, 2, 3"):
        ways_of(plan_of("staged-router"), STAGED, 9, tmp_path)
