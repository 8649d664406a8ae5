# SPDX-License-Identifier: Apache-2.0
"""What a deployment does to machines, from what it left in variables: configurations on the way, moves, changes, a summary."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.migration.moves import Move
from ansible.module_utils.flowstream.migration.report import carried
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.summary import summary
from ansible.module_utils.flowstream.planner.transition import Surroundings, transitional_configs
from ansible.module_utils.flowstream.planner.types import STAGES, middlebox_of
from ansible.module_utils.flowstream.traffic.handover import touched_modules

_SHOWN = 3


def flowstream_in_transition(
    plan: Mapping[str, Any], host: str, running: Mapping[str, str], templates: str
) -> list[dict[str, Any]]:
    """Return a plan's processing modules of `host`, those that give destinations away with the routes of both plans.

    `running` has by name the configurations that the host's modules run now, `templates` is the folder of templates.
    """
    pms = plan["hosts"].get(host, {}).get("pms", [])
    if not running:
        return list(pms)
    allocation = plan["allocation"]
    ports = [PlannedPort.from_dict(port) for port in allocation["ports"]]
    shared = Surroundings(allocation["id"], allocation["type"], ports)
    planned = [PlannedPm.from_dict(pm) for pm in pms]
    configs = transitional_configs(shared, planned, running, renderer(Path(templates)))
    return [{**pm, "config": configs.get(pm["name"], pm["config"])} for pm in pms]


def flowstream_carried(
    move: Mapping[str, Any],
    rounds: list[Mapping[str, Any]],
    followed: Mapping[str, Any],
    took: float | None = None,
    waited: float | None = None,
) -> str:
    """Return what a move of a module carried in rounds and in those of click_follower, or, without `took`, what there is to carry.

    Of `rounds`, those of other modules are left out. `took` is since the first round, 0 for unknown.
    """
    own = [one for one in rounds if one["module"] == move["module"]]
    return carried(Move.from_dict(move), own, followed, took, waited)


def flowstream_differences(hostvars: Mapping[str, Mapping[str, Any]], names: list[str]) -> list[str]:
    """Return what a run in check mode would have done to each machine, 3 at most, and a count of the rest."""
    found: list[str] = []
    for name in names:
        done = [hostvars[name].get("flow_switch_result", {}), *hostvars[name].get("processing_module_done", [])]
        changes = [*_laid(hostvars[name]), *(change for one in done for change in one.get("changes", []))]
        found += [f"{name}: would {change}" for change in changes[:_SHOWN]]
        if len(changes) > _SHOWN:
            found.append(f"{name}: and {len(changes) - _SHOWN} more")
    return found


def flowstream_touched(
    hostvars: Mapping[str, Mapping[str, Any]], names: list[str], plan: Mapping[str, Any]
) -> list[str]:
    """Return the processing modules whose traffic a deployment may have met, by what it left in variables.

    Those are what `flow_switch_done` says on a switch, and on a module host what `processing_module_done` says of all but
    what took away.
    """
    results = [one for name in names for one in _done(hostvars[name]) if not one.get("exclusive", False)]
    return sorted(touched_modules(Plan.from_dict(plan), results))


def flowstream_summary(
    hostvars: Mapping[str, Mapping[str, Any]],
    names: list[str],
    plans: list[Mapping[str, Any]],
    moments: list[list[Any]],
    *,
    looked: bool = False,
) -> str:
    """Return what a deployment of plans did to the machines `names`, by what it left in variables.

    `moments` are the stages with the time in seconds at which each began, the last one being the end.
    """
    changes = {
        name: [*_laid(hostvars[name]), *(change for one in _done(hostvars[name]) for change in one["changes"])]
        for name in names
    }
    began = [(str(stage), float(moment)) for stage, moment in moments]
    return summary(list(map(Plan.from_dict, plans)), changes, began[:-1], began[-1][1], done=not looked)


def flowstream_change_count(hostvars: Mapping[str, Mapping[str, Any]], names: list[str]) -> int:
    """Return how many things of the machines `names` a run has changed, by what it left in variables."""
    return sum(len(one["changes"]) for name in names for one in _done(hostvars[name]))


def flowstream_stateful(plans: list[Mapping[str, Any]], host: str) -> list[dict[str, Any]]:
    """Return the modules of plans on a host that know something of flows, each with its kind and the handlers that say what (C(state)).

    What a tenant's own configuration knows nobody can name; a module that is known for nothing is left out, too.
    """
    found = []
    for plan in map(Plan.from_dict, plans):
        for pm in plan.hosts[host].pms if host in plan.hosts else ():
            kind = STAGES[pm.stage.type] if pm.stage is not None else middlebox_of(plan.type)
            if kind.state:
                found.append({"module": pm.name, "kind": pm.kind, "state": list(kind.state)})
    return found


def _laid(variables: Mapping[str, Any]) -> list[str]:
    """What was done to the platform's own entries of one switch of several."""
    return list(variables.get("flow_switch_laid", {}).get("changes", []))


def _done(variables: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*variables.get("processing_module_done", []), *variables.get("flow_switch_done", [])]
