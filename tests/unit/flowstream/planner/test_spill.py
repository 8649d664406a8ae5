# SPDX-License-Identifier: Apache-2.0
"""A spare is on another host than the modules that it relieves, whichever algorithm places them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.flowstream.middleboxes.template import Render
from ansible.module_utils.flowstream.offload.spare import Spare, states
from ansible.module_utils.flowstream.placement.balanced import Balanced
from ansible.module_utils.flowstream.placement.policy import BALANCED, Policy
from ansible.module_utils.flowstream.placement.request import Placer
from ansible.module_utils.flowstream.placement.round_robin import round_robin
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform

from ..conftest import ROOT, messages

FILE = ROOT / "examples" / "spilling-router" / "allocation.xml"
FEW = Balanced(Policy(algorithm=BALANCED, hosts="few"), 100, lambda text: None)


def plan_of(text: str, facts: dict[str, Any], render: Render, place: Placer = round_robin) -> Plan:
    return plan_allocation(parse(text.encode(), "a.xml").allocation, Platform.from_facts(facts), render, place)


def homes(plan: Plan) -> dict[str, str]:
    return {pm.name: host for host, there in plan.hosts.items() for pm in there.pms}


@pytest.mark.parametrize("place", [round_robin, FEW], ids=["round robin", "few hosts"])
def test_the_spare_is_on_another_host(place: Placer, facts: dict[str, Any], render: Render) -> None:
    assert homes(plan_of(FILE.read_text(), facts, render, place)) == {"spilling-pm0": "mh1", "spilling-pm1": "mh2"}


def test_a_spare_beside_those_that_it_relieves_is_refused(facts: dict[str, Any], render: Render) -> None:
    text = FILE.read_text().replace('<pm id="1">', '<pm id="2">')
    assert messages(lambda: plan_of(text, facts, render)) == [
        "a.xml:24: pm 2: takes flows on another host, got mh1 for it and pm 0; add a module host, remove the spill, or have modules"
        " balanced (platform_placement)"
    ]
    assert homes(plan_of(text, facts, render, FEW)) == {"spilling-pm0": "mh1", "spilling-pm2": "mh2"}
    del facts["hosts"]["mh2"]
    assert len(messages(lambda: plan_of(text, facts, render, FEW))) == 1


def test_the_plan_has_thresholds_and_an_entry_for_either_state(facts: dict[str, Any], render: Render) -> None:
    plan = plan_of(FILE.read_text(), facts, render)
    (pm,) = plan.hosts["mh2"].pms
    assert Spare.of(pm.facts) == Spare("packets", ("in0.count", "in1.count", "in2.count", "in3.count"), 2000, 500)
    resting, spilled = states(plan)
    assert (resting.plan, resting.spares, spilled.spares) == (plan, (), ("spilling-pm1",))
    assert set(spilled.plan.switches["sw1"].flows) - set(plan.switches["sw1"].flows) == {
        plan.switches["sw1"].spilled["spilling-pm1"]
    }
    assert plan.files()["flows/sw1.spilled"].startswith("cookie=0xd43952a95db6f93c,table=4,priority=2000,")
