# SPDX-License-Identifier: Apache-2.0
"""A run that is killed after any step is made good by the next one, whatever that one deploys."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform

from .played_platform import EMPTY, PlayedPlatform

ROOT = Path(__file__).parents[2]
SEED = (ROOT / "examples" / "felipeiprouter" / "allocation.xml").read_text()
HOST: dict[str, Any] = {
    "driver": "process",
    "bridge": "br-pm",
    "uplink_port": 1,
    "switch": "sw1",
    "capacity": {"pms": 64, "memory_mib": 2048, "vcpus": 2},
}
FACTS = {
    "switches": {"sw1": {"bridge": "br-flow"}},
    "hosts": {f"mh{number}": {**HOST, "switch_port": 10 + number} for number in (1, 2)},
    "ports": {},
}
VARIANTS = {
    "seed": SEED,
    "changed": SEED.replace(
        'addr="192.168.8.0" mask="24" outputport="3"', 'addr="192.168.8.0" mask="24" outputport="2"'
    ),
    "renamed": SEED.replace('<pm id="0">', '<pm id="3">'),
    "narrow": SEED.replace('<prefix addr="0.0.0.0" mask="128.0.0.0"/>', '<prefix addr="10.0.0.0" mask="8"/>'),
}


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    render = renderer(ROOT / "templates" / "click")
    assert len(set(VARIANTS.values())) == len(VARIANTS)
    return {
        name: plan_allocation(parse(text.encode(), f"{name}.xml").allocation, Platform.from_facts(FACTS), render)
        for name, text in VARIANTS.items()
    }


def deployed(*plans: Plan) -> PlayedPlatform:
    platform = PlayedPlatform()
    for plan in plans:
        platform.deploy(plan)
    return platform


@pytest.mark.parametrize("name", VARIANTS)
def test_a_deployment_leaves_what_its_plan_has_and_another_has_nothing_to_do(plans: dict[str, Plan], name: str) -> None:
    platform = deployed(plans["seed"], plans[name])
    for host, planned in plans[name].hosts.items():
        modules = platform.modules[host]
        assert {pm.name: pm.config for pm in planned.pms} == {pm: seen.running_config for pm, seen in modules.items()}
        assert all(seen.active and seen.enabled for seen in modules.values())
        assert len(platform.flows.get(host, EMPTY).flows) == len(planned.flows)
    assert platform.deploy(plans[name]) == 0


@pytest.mark.parametrize(("first", "second"), [*product([None, "seed"], VARIANTS)])
def test_a_run_that_was_killed_after_any_step_is_made_good_by_the_next(
    plans: dict[str, Plan], first: str | None, second: str
) -> None:
    before = [plans[first]] if first else []
    steps = deployed(*before).deploy(plans[second])
    assert (steps > 0) == (first != second)
    for last, killed_after in product(VARIANTS, range(steps)):
        platform = deployed(*before)
        platform.deploy(plans[second], killed_after)
        platform.deploy(plans[last])
        assert platform == deployed(plans[last]), f"killed after step {killed_after} of {steps}, then {last}"
        assert platform.deploy(plans[last]) == 0
