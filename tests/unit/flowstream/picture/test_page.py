# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.picture import listing
from ansible.module_utils.flowstream.picture.page import MOST_BYTES, page
from ansible.module_utils.flowstream.picture.svg import draw
from ansible.module_utils.flowstream.picture.ways import Hop, Wiring
from ansible.module_utils.flowstream.plan.plan import HostPlan, Plan, PlannedPm, SwitchPlan
from ansible.module_utils.flowstream.world.run import Result, local_run
from lxml import html

ROOT = Path(__file__).parents[4]
TEMPLATES = ROOT / "templates" / "page"
EXAMPLES = sorted((ROOT / "examples").glob("*/expected/plan.json"))


def example(name: str) -> Plan:
    return Plan.from_json((ROOT / "examples" / name / "expected" / "plan.json").read_text())


def rendered(plan: Plan) -> str:
    return page(plan, TEMPLATES, lambda pictures: draw(local_run(60), pictures))


@cache
def shown(path: Path) -> tuple[Plan, Any]:
    plan = Plan.from_json(path.read_text())
    return plan, html.fromstring(rendered(plan).encode())


def texts(element: Any, kind: str) -> list[list[str]]:
    """The lines of each node or edge of a picture."""
    return [[text.text for text in group.iter("text")] for group in element.iter("g") if kind in group.get("class", "")]


every_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parts[-3])


@every_example
def test_the_page_says_whose_plan_it_is_and_of_which_file(path: Path) -> None:
    plan, tree = shown(path)
    said = tree.get_element_by_id("allocation").text_content()
    for text in (plan.type, plan.subtype, plan.sha256, f"{plan.cookie:#018x}", *(port.mac for port in plan.ports)):
        assert text in said


@every_example
def test_the_picture_of_the_platform_has_each_port_switch_host_and_module_and_how_they_hang_together(
    path: Path,
) -> None:
    plan, tree = shown(path)
    (figure,) = tree.get_element_by_id("platform-picture").iter("figure")
    firsts = Counter((kind, lines[0]) for kind in ("port", "switch", "host") for lines in texts(figure, f"node {kind}"))
    used = [name for name, host in plan.hosts.items() if host.pms]
    wanted = [("port", f"port {port.portid}") for port in plan.ports]
    assert firsts == Counter(
        [*wanted, *(("switch", name) for name in plan.switches), *(("host", name) for name in used)]
    )
    modules = [pm for host in plan.hosts.values() for pm in host.pms]
    assert sorted(pm.name for pm in modules) == sorted(
        line for lines in texts(figure, "node module") for line in lines if line.startswith(f"{plan.allocation_id}-pm")
    )
    devices = [device.name for device in plan.devices]
    assert [lines[0] for lines in texts(figure, "node device")] == devices
    ends = Counter(line for lines in texts(figure, "edge") for line in lines)
    numbers = [str(vif.ofport) for pm in modules for vif in pm.vifs] + [str(port.switchport) for port in plan.ports]
    numbers += [str(number) for name in used for number in (plan.hosts[name].switch_port, plan.hosts[name].uplink_port)]
    numbers += [f"{device.outside_port}, {device.inside_port}" for device in plan.devices]
    numbers += [str(port) for switch in plan.switches.values() for port in switch.fabric.links]
    assert ends == Counter(numbers)


@every_example
def test_the_picture_of_each_port_has_every_hop_of_its_ways_in_both_directions(path: Path) -> None:
    plan, tree = shown(path)
    wiring = Wiring(plan)
    for port in plan.ports:
        figure = tree.get_element_by_id(f"path-{port.portid}").find("figure")
        ways, modules = wiring.of_port(port, 16)
        nodes = [line for lines in texts(figure, "node") for line in lines]
        assert nodes.count(f"port {port.portid}") == 2
        assert {"in", "out"} <= set(nodes)
        labels = [" ".join(lines) for lines in texts(figure, "edge")]
        for way in ways:
            assert set(way.places) <= set(nodes)
            for step in way.steps:
                if isinstance(step, Hop):
                    assert any(label.startswith(step.leaving) for label in labels)
            for claim in way.packets:
                assert any(str(claim) in label for label in labels)
        assert {way.inward for way in ways} == {True, False}
        assert len({way.modules[-1] for way in ways if way.inward}) == modules


@every_example
def test_the_page_lists_every_entry_with_its_priority_match_actions_and_reason(path: Path) -> None:
    plan, tree = shown(path)
    rows = [tuple(cell.text_content() for cell in row.iter("td")) for row in tree.get_element_by_id("flows").iter("tr")]
    wanted = [
        (name, str(flow.table), str(flow.priority), listing.match_text(flow.match), ",".join(flow.actions), flow.why)
        for name, bridge in plan.bridges().items()
        for flow in (*bridge.flows, *(bridge.spilled.values() if isinstance(bridge, SwitchPlan) else ()))
    ]
    assert sorted(row for row in rows if row) == sorted(wanted)


@every_example
def test_the_page_says_of_every_module_where_it_is_and_why_what_it_gets_and_what_it_runs(path: Path) -> None:
    plan, tree = shown(path)
    said = tree.get_element_by_id("modules")
    sections = {section.find("h3").text: section for section in said.iter("section") if section.find("h3") is not None}
    for name, host in plan.hosts.items():
        for pm in host.pms:
            text = sections[pm.name].text_content()
            assert text.count(f"{name}, as {pm.kind}") == 1
            for part in (pm.why, *pm.gets[:32], pm.config):
                assert part.strip("\n") in text


@every_example
def test_the_page_needs_no_script_and_nothing_from_elsewhere_and_no_id_stands_twice(path: Path) -> None:
    _, tree = shown(path)
    assert [element.tag for element in tree.iter("script", "link", "img", "iframe", "object", "a")] == []
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert sorted(ids) == sorted(set(ids))
    attributes = [(name, value) for element in tree.iter() for name, value in element.items()]
    assert [pair for pair in attributes if pair[0].startswith("on") or pair[0] in ("src", "href", "xlink:href")] == []


def test_the_same_plan_makes_the_same_bytes_without_a_word_of_who_drew_it() -> None:
    plan = example("staged-router")
    assert rendered(plan) == rendered(plan)
    assert "raphviz version" not in rendered(plan)


def test_a_stage_is_drawn_on_the_way_in_and_on_the_way_out_in_the_order_that_packets_meet_it() -> None:
    plan = example("staged-router")
    ways, _ = Wiring(plan).of_port(plan.ports[1], 16)
    assert [way.modules for way in ways] == [
        ("staged-pm10", "staged-pm11", "staged-pm0"),
        ("staged-pm10", "staged-pm11", "staged-pm1"),
        ("staged-pm0", "staged-pm11", "staged-pm10"),
        ("staged-pm1", "staged-pm11", "staged-pm10"),
    ]
    first = ways[0].steps[0]
    assert isinstance(first, Hop)
    assert (first.bridge, first.leaving, [flow.why for flow in first.entries]) == (
        "sw1",
        "11, tag 2",
        ["port 1 to stage line (pm 10): in, hop 1 of 2"],
    )


EVIL = '</pre></svg><script>alert("1")</script><b onclick=x>'


def hostile(plan: Plan) -> Plan:
    """The plan with markup of HTML and of graphviz in every text that somebody else may have written."""

    def entry(flow: Flow) -> Flow:
        return replace(flow, why=f"{EVIL} \\N] {flow.why}")

    def module(pm: PlannedPm) -> PlannedPm:
        return replace(pm, name=f"<{pm.name}{EVIL}>", why=EVIL, config=EVIL, facts={EVIL: EVIL}, tenant=EVIL)

    def host(one: HostPlan) -> HostPlan:
        flows = tuple(map(entry, one.flows))
        return replace(one, driver=EVIL, bridge=EVIL, pms=tuple(map(module, one.pms)), flows=flows, switch="<b>s</b>")

    (switch,) = plan.switches.values()
    switches = {"<b>s</b>": replace(switch, bridge='"]; evil [label=<<b>x</b>>', flows=tuple(map(entry, switch.flows)))}
    hosts = {f"<table>{name}\x07": host(one) for name, one in plan.hosts.items()}
    return replace(plan, allocation_id=EVIL, type=EVIL, tenant=EVIL, switches=switches, hosts=hosts)


def test_no_name_of_a_plan_is_read_as_html_or_as_the_language_of_pictures() -> None:
    plan = example("staged-router")
    before = Counter(element.tag for element in html.fromstring(rendered(plan)).iter())
    text = rendered(hostile(plan))
    assert "<script" not in text
    tree = html.fromstring(text)
    after = Counter(element.tag for element in tree.iter())
    # The rows of the tenant, of the plan and of each module; and nothing that was in a name.
    modules = sum(len(host.pms) for host in plan.hosts.values())
    assert after["tr"] == before["tr"] + 1 + modules
    assert (after["b"], after["table"], after["figure"]) == (0, before["table"], before["figure"])
    nodes = [line for lines in texts(tree, "node") for line in lines]
    assert {"<b>s</b>", "<table>mh1?", 'bridge "]; evil [label=<<b>x</b>>', f"<staged-pm0{EVIL}>"} <= set(nodes)
    assert tree.get_element_by_id("modules").text_content().count(EVIL) >= 4 * modules


def test_a_plan_of_any_size_makes_a_page_of_some_megabytes_that_counts_what_it_leaves_out() -> None:
    plan = example("felipeiprouter")
    host = plan.hosts["mh1"]
    (pm,) = host.pms
    many = {
        f"mh{number}": replace(
            host,
            switch_port=100 + number,
            pms=tuple(replace(pm, name=f"pm{at}", vifs=(replace(pm.vifs[0], ofport=10 + at),)) for at in range(16)),
        )
        for number in range(40)
    }
    flows = {f"way {way}": flow for way in range(1_500) for flow in host.flows[:1]}
    large = SwitchPlan(
        "br-flow",
        tuple(
            replace(flow, why=f"{way}, hop {hop} of 20", actions=tuple(f"output:{n}" for n in range(1, 60)))
            for way, flow in flows.items()
            for hop in range(20)
        ),
    )
    ports = tuple(replace(plan.ports[0], portid=number, switchport=1000 + number) for number in range(64))
    text = rendered(replace(plan, ports=ports, switches={"sw1": large}, hosts=many))
    assert len(text) < MOST_BYTES
    tree = html.fromstring(text)
    said = [re.sub(r"\s+", " ", more.text_content()) for more in tree.find_class("more")]
    assert "And 48 more ports; the tables below have their entries." in said
    assert "And 540 more modules; their configurations are in click/." in said
    assert said.count("And 16 more of this way.") == listing.MOST_WAYS
    ways = 1_500 + len({flow.why.partition(", hop ")[0] for flow in host.flows})
    assert f"And {ways - listing.MOST_WAYS} more ways." in said
    nodes = [line for lines in texts(tree.get_element_by_id("platform-picture"), "node") for line in lines]
    assert {"and 48 more ports", "and 24 more hosts", "and 8 more modules"} <= set(nodes)


def test_a_page_without_pictures_says_so_and_has_the_ways_in_words() -> None:
    tree = html.fromstring(page(example("felipeiprouter"), TEMPLATES, None))
    assert list(tree.iter("svg", "figure")) == []
    said = tree.get_element_by_id("path-0").text_content()
    assert "128.0.0.0/1: port 0 → sw1 (port 11) → mh1 (port 13608) → felipeiprouter-pm0" in said
    assert "graphviz is not installed" in tree.get_element_by_id("platform-picture").text_content()


def test_a_picture_that_graphviz_does_not_make_is_an_error_that_says_why() -> None:
    def fails(argv: list[str], stdin: str = "") -> Result:
        return Result(tuple(argv), 1, "", f"Error: syntax error in line {len(stdin.splitlines())}\n")

    with pytest.raises(FlowstreamError, match="cannot draw the plan: Error: syntax error in line 1"):
        draw(fails, ["graph {"])

    def silent(argv: list[str], stdin: str = "") -> Result:
        return Result(tuple(argv), 0, "<svg></svg>" * bool(stdin), "")

    with pytest.raises(FlowstreamError, match="cannot draw the plan: dot made 1 pictures of 2"):
        draw(silent, ["graph {}", "graph {}"])
