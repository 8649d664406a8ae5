# SPDX-License-Identifier: Apache-2.0
"""A link that is down: the switches get new ways, and a plan that was made before still does all that it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.flowstream.middleboxes.template import Render
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.planner.proof import violations
from ansible.module_utils.flowstream.platform.facts import Platform

EXAMPLE = Path(__file__).parents[4] / "examples" / "two-switches"


@pytest.fixture
def ring() -> dict[str, Any]:
    """The example's switches, each with a link to the other and one to a third."""
    facts: dict[str, Any] = yaml.safe_load((EXAMPLE / "platform.yml").read_text())
    facts["switches"]["sw1"]["links"][32] = "sw3/31"
    facts["switches"]["sw2"]["links"][32] = "sw3/32"
    facts["switches"]["sw3"] = {"bridge": "br-flow", "number": 3, "links": {31: "sw1/32", 32: "sw2/32"}}
    return facts


def planned(facts: dict[str, Any], render: Render) -> Plan:
    source = (EXAMPLE / "allocation.xml").read_bytes()
    return plan_allocation(parse(source, "a.xml").allocation, Platform.from_facts(facts), render)


def laid_anew(plan: Plan, facts: dict[str, Any]) -> Plan:
    """The plan on switches that have been prepared for another inventory."""
    fabric = Platform.from_facts(facts).fabric
    assert fabric is not None
    switches = {name: replace(switch, fabric=fabric.share(name)) for name, switch in plan.switches.items()}
    return replace(plan, switches=switches)


def test_packets_go_the_other_way_round_and_no_allocation_is_planned_anew(ring: dict[str, Any], render: Render) -> None:
    before = planned(ring, render)
    assert before.switches["sw3"].flows == ()
    del ring["switches"]["sw1"]["links"][31], ring["switches"]["sw2"]["links"][31]
    fabric = Platform.from_facts(ring).fabric
    assert fabric is not None
    assert fabric.way("sw1", "sw2") == ["sw1", "sw3", "sw2"]
    assert list(violations(laid_anew(before, ring))) == []
    after = planned(ring, render)
    assert {name: switch.flows for name, switch in after.switches.items()} == {
        name: switch.flows for name, switch in before.switches.items()
    }


def test_a_switch_that_comes_changes_no_entry_of_the_others(ring: dict[str, Any], render: Render) -> None:
    before = planned(ring, render)
    ring["switches"]["sw0"] = {"bridge": "br-flow", "number": 9, "links": {1: "sw2/33"}}
    ring["switches"]["sw2"]["links"][33] = "sw0/1"
    assert list(violations(laid_anew(before, {**ring, "hosts": ring["hosts"]}))) == []
    after = planned(ring, render)
    assert all(after.switches[name].flows == switch.flows for name, switch in before.switches.items())
