# SPDX-License-Identifier: Apache-2.0
"""A plan of an earlier generation, on a platform that has changed since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.history.fitted import fitted
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.job import PlanningJob, run_planner
from ansible.module_utils.flowstream.planner.joint import with_plan
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.platform.occupancy import NOTHING, Occupancy
from ansible.module_utils.flowstream.world.run import local_run

from ..conftest import HOST, ROOT, Planner, messages

NAME = "felipeiprouter"


def refused(plan: Plan, facts: dict[str, Any], occupancy: Occupancy = NOTHING) -> list[str]:
    return messages(lambda: fitted(plan, Platform.from_facts(facts), occupancy))


def test_on_the_platform_that_it_was_made_for_a_plan_is_as_it_was(plan_of: Planner, facts: dict[str, Any]) -> None:
    plan = plan_of()
    assert fitted(plan, Platform.from_facts(facts), with_plan(NOTHING, plan)) == plan


def test_machines_that_are_new_have_nothing_of_it(plan_of: Planner, facts: dict[str, Any]) -> None:
    plan = plan_of()
    facts["hosts"]["mh0"] = {**HOST, "switch_port": 20}
    found = fitted(plan, Platform.from_facts(facts), NOTHING)
    assert list(found.hosts) == ["mh0", "mh1", "mh2"]
    assert (found.hosts["mh0"].pms, found.hosts["mh0"].flows) == ((), ())
    assert replace(found, hosts=plan.hosts) == plan


def test_machines_that_are_gone_or_wired_otherwise_are_named(plan_of: Planner, facts: dict[str, Any]) -> None:
    plan = plan_of()
    del facts["hosts"]["mh1"]
    facts["hosts"]["mh2"]["switch_port"] = 13
    facts["switches"]["sw1"]["bridge"] = "br-new"
    advice = "deploy the description instead"
    assert refused(plan, facts) == [
        f"allocation {NAME}: sw1 had bridge br-flow then, got br-new; {advice}",
        f"allocation {NAME}: mh1 is no module host any more; {advice}",
        f"allocation {NAME}: mh2 had driver, bridge and ports process br-pm 1 sw1 12 then, got process br-pm 1 sw1 13; {advice}",
    ]


def test_room_ports_and_addresses_that_others_have_now_are_named(
    plan_of: Planner, facts: dict[str, Any], seed: str
) -> None:
    plan = plan_of()
    (vif,) = plan.hosts["mh1"].pms[0].vifs
    other = plan_of(seed.replace(f'id="{NAME}"', 'id="other"'))
    modules = other.hosts["mh1"].pms[0]
    same_port = replace(modules, vifs=(replace(modules.vifs[0], ofport=vif.ofport),))
    other = replace(other, hosts={**other.hosts, "mh1": replace(other.hosts["mh1"], pms=(same_port,))})
    facts["hosts"]["mh1"]["capacity"] = {"pms": 1, "memory_mib": 100, "vcpus": 2}
    found = refused(plan, facts, with_plan(NOTHING, other))
    advice = "deploy the description instead"
    assert found[:3] == [
        f"allocation {NAME}: mh1 has no room any more: 2 modules with those of others, got 1; {advice}",
        f"allocation {NAME}: mh1 has no room any more: 128 MiB with those of others, got 100; {advice}",
        f"allocation {NAME}: port {vif.ofport} of mh1, of {NAME}-pm0, is that of allocation other now; {advice}",
    ]
    assert found[3] == (
        f"allocation {NAME}: platform port 0: mac is that of a port of allocation other, got 00:15:17:15:5d:20;"
        f" give the port of allocation {NAME} its own"
    )


def test_a_table_that_has_no_room_any_more_is_named(plan_of: Planner, facts: dict[str, Any]) -> None:
    plan = plan_of()
    needed = len(plan.switches["sw1"].flows)
    facts["switches"]["sw1"]["capacity"] = {"flow_entries": needed - 1}
    assert refused(plan, facts, NOTHING) == [
        f"allocation {NAME}: table 0 of sw1 is to have {needed} entries, 0 of them of others, and holds {needed - 1} from the inventory;"
        " deploy the description instead"
    ]


def test_its_files_are_written_as_those_of_a_new_plan(plan_of: Planner, facts: dict[str, Any], tmp_path: Path) -> None:
    plan = plan_of()
    job = PlanningJob(None, facts, tmp_path, ROOT / "templates" / "click", None, earlier=plan.to_dict())
    result = run_planner(local_run(10), job)
    assert result["plan"] == plan.to_dict()
    assert result["files"] == [str(tmp_path / NAME / "plan.json")]
    assert (tmp_path / NAME / "plan.json").read_text() == plan.to_json()
    assert result["findings"] == ["the platform was not looked at: planned as if nothing ran on it"]
    assert not run_planner(local_run(10), job)["changed"]
