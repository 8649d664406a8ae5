# SPDX-License-Identifier: Apache-2.0
"""Allocations on one played platform, each planned by what the platform says of itself when others are deployed."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.marks import marks_of
from ansible.module_utils.flowstream.hosts.process.observe import describe_pm
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.plan.plan import HostPlan, Plan, SwitchPlan, cookie_of
from ansible.module_utils.flowstream.planner.joint import with_plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.platform.occupancy import NOTHING, Occupancy

from .played_platform import EMPTY, PATHS, PlayedPlatform
from .test_killed_deployment import FACTS, ROOT

NAMES = ("school1", "shop54")
"""Their modules have the same OpenFlow number by their names."""


def planned(path: Path, occupancy: Occupancy) -> Plan:
    allocation = parse(path.read_bytes(), path.name).allocation
    render = renderer(ROOT / "templates" / "click")
    return plan_allocation(allocation, Platform.from_facts(FACTS), render, occupancy=occupancy)


def example(name: str, occupancy: Occupancy = NOTHING) -> Plan:
    return planned(ROOT / "examples" / "side-by-side" / f"{name}.xml", occupancy)


def account(platform: PlayedPlatform) -> Occupancy:
    """What the toolkit reads of the platform."""
    flows = platform.flows.get("sw1", EMPTY).flows
    marks = {name: marks_of(flow for flow in flows if flow.cookie == cookie_of(name)).to_dict() for name in NAMES}
    hosts = {name: [describe_pm(PATHS, pm) for pm in seen.values()] for name, seen in platform.modules.items()}
    return Occupancy.from_account({"hosts": hosts, "switches": {"sw1": marks}, "unread": {}})


def nothing_of(plan: Plan) -> Plan:
    """What a removal leaves."""
    switches = {name: SwitchPlan(switch.bridge, ()) for name, switch in plan.switches.items()}
    hosts = {
        name: HostPlan(host.driver, host.bridge, host.uplink_port, host.switch, host.switch_port, (), ())
        for name, host in plan.hosts.items()
    }
    return Plan(plan.allocation_id, plan.type, plan.subtype, "", (), plan.cookie, switches, hosts)


def numbers(plan: Plan) -> set[int]:
    return {vif.ofport for host in plan.hosts.values() for pm in host.pms for vif in pm.vifs}


@pytest.fixture
def beside() -> tuple[PlayedPlatform, Plan, Plan]:
    """A platform with both, and their plans."""
    platform = PlayedPlatform()
    first = example("school1", account(platform))
    platform.deploy(first)
    second = example("shop54", account(platform))
    platform.deploy(second)
    return platform, first, second


def test_numbers_that_would_collide_do_not(beside: tuple[PlayedPlatform, Plan, Plan]) -> None:
    platform, first, second = beside
    assert numbers(example("school1")) == numbers(example("shop54")) == numbers(first)
    assert not numbers(first) & numbers(second)
    assert set(platform.modules["mh1"]) == {"school1-pm0", "shop54-pm0"}


def test_what_the_platform_says_of_itself_is_what_the_plans_said(beside: tuple[PlayedPlatform, Plan, Plan]) -> None:
    platform, first, second = beside
    foreseen = with_plan(with_plan(NOTHING, first), second)
    read = account(platform)
    assert sorted(read.modules, key=str) == sorted(foreseen.modules, key=str)
    assert read.marks == foreseen.marks
    assert {module.tenant for module in read.modules} == {"town", "trade"}


def test_each_is_planned_again_as_it_is_deployed(beside: tuple[PlayedPlatform, Plan, Plan]) -> None:
    platform, first, second = beside
    for name, plan in zip(NAMES, (first, second), strict=True):
        again = example(name, account(platform))
        assert again == plan  # whatever the reasons: a module is where it is because it runs there by now
        assert platform.deploy(again) == 0


def test_a_removal_of_one_touches_nothing_of_the_other_now_or_later(beside: tuple[PlayedPlatform, Plan, Plan]) -> None:
    platform, first, second = beside
    alone = PlayedPlatform()
    alone.deploy(second)
    platform.deploy(nothing_of(first))
    assert platform == alone
    assert platform.deploy(example("shop54", account(platform))) == 0


def test_one_that_would_take_what_another_has_is_refused_before_anything_is_touched(
    beside: tuple[PlayedPlatform, Plan, Plan], tmp_path: Path
) -> None:
    platform, _, _ = beside
    path = tmp_path / "third.xml"
    text = (ROOT / "examples" / "side-by-side" / "school1.xml").read_text()
    path.write_text(text.replace('id="school1"', 'id="third"'))
    with pytest.raises(FlowstreamError) as caught:
        planned(path, account(platform))
    assert [message.split(", got ")[0] for message in caught.value.messages] == [
        f"third.xml:{10 + port}: portmacmapping {port}: mac is that of a port of allocation school1"
        for port in range(2)
    ]
