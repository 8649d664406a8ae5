# SPDX-License-Identifier: Apache-2.0
"""The first part of a rollout, where modules with the new configuration run beside the canary and get a share of its flows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.filters.rollout import answers_of, planned_on
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm
from ansible.module_utils.flowstream.planner.types import middlebox_of
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.platform.occupancy import Occupancy
from ansible.module_utils.flowstream.rollout.beside import Taken, beside, parse_weight, successor_of
from ansible.module_utils.flowstream.rollout.gate import Answer, counting, judge_beside, parse_health, window
from ansible.module_utils.flowstream.rollout.report import judged, left_over, share_of, sharing
from ansible.module_utils.flowstream.rollout.standing import modules

_DRIVER = "process"
"""Where a module may have a successor beside it: a domain takes its memory for good, and nobody has tried it."""


def flowstream_rollout_share(
    hostvars: Mapping[str, Mapping[str, Any]],
    rollout: Mapping[str, Any],
    plan: Mapping[str, Any],
    deployed: Mapping[str, Any],
    weight: str,
    account: Mapping[str, Any],
    platform: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the same rollout with the part that comes before its canary, where that is to have so many percent of its flows first.

    C(share) are by host the modules that get a successor beside them, of none where one of an earlier run is to go, and C(share_plan)
    the plan with these. `processing_module_info` of a module host has what runs there.
    """
    if rollout["faults"]:
        return {**rollout, "share": {}}
    before, wanted, facts = Plan.from_dict(deployed), Plan.from_dict(plan), Platform.from_facts(platform)
    successors = {successor_of(pm.name) for _, pm in modules(wanted)}
    there = {host: hostvars[host].get("processing_module_info", {}).get("pms", []) for host in wanted.hosts}
    left = {host: [pm["name"] for pm in pms if pm["name"] in successors] for host, pms in there.items()}
    strays = {host: names for host, names in left.items() if names}
    share = dict.fromkeys(strays, ())
    lines = left_over(strays)
    shared = before
    try:
        percent = parse_weight(weight)
        if percent:
            share |= rollout["canary"]
            homes = {name: host for host, names in rollout["canary"].items() for name in names}
            _refuse(before, homes, facts)
            occupancy = Occupancy.from_account(account) if account else Occupancy()
            shared = beside(before, wanted, homes, percent, _taken(occupancy, facts, successors))
            lines += sharing(homes, percent)
    except FlowstreamError as error:
        return {**rollout, "share": {}, "faults": list(error.messages)}
    return {
        **rollout,
        "lines": [*rollout["lines"][:1], *lines, *rollout["lines"][1:]],
        "share": share,
        "share_plan": shared.to_dict(),
        "weight": percent,
    }


def _refuse(deployed: Plan, homes: Mapping[str, str], platform: Platform) -> None:
    """Raise FlowstreamError for modules whose flows cannot be dealt."""
    drivers = {host.name: host.driver for host in platform.hosts}
    found: dict[str, PlannedPm] = {pm.name: pm for _, pm in modules(deployed) if pm.name in homes}
    kind = middlebox_of(deployed.type)
    errors = []
    for name, pm in found.items():
        if drivers.get(homes[name]) != _DRIVER:
            errors.append(
                f"rollout_weight: modules run beside each other on hosts with driver {_DRIVER} only, got {name} on {homes[name]};"
                " leave it out"
            )
        elif pm.stage:
            errors.append(f"rollout_weight: what passes a stage is not dealt, got {name} of {pm.stage}; leave it out")
        # Of a configuration of the operator's own, he knows what it knows.
        elif kind.knows and kind.state is not None:
            errors.append(
                f"rollout_weight: a flow of type {deployed.type} has to stay at the module that knows it ({kind.knows}), got {name};"
                " leave it out"
            )
    if errors:
        raise FlowstreamError(*errors)


def _taken(occupancy: Occupancy, platform: Platform, successors: set[str]) -> dict[str, Taken]:
    """What each host has, without successors that an earlier run has left: they are there already."""
    found = {}
    for host in platform.hosts:
        there = [one for one in occupancy.modules if one.host == host.name and one.name not in successors]
        ports = {device: port for one in there for device, port in one.ports.items()}
        memory = sum(one.memory_mib for one in there)
        found[host.name] = Taken(len(there), memory, host.max_pms, host.max_memory, ports)
    return found


def flowstream_rollout_share_gate(
    hostvars: Mapping[str, Mapping[str, Any]],
    hosts: list[str],
    plan: Mapping[str, Any],
    deployed: Mapping[str, Any],
    health: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the verdict over the modules that ran beside others on these hosts, by the answers in `rollout_reads`.

    It is as that of P(flowstream_rollout_gate#filter). `rollout_refused` of a host is why they did not run there.
    """
    rollout, well = hostvars["localhost"]["rollout"], parse_health(health)
    new, old = (planned_on(one, hosts) for one in (plan, deployed))
    verdicts, lines = [], []
    refused = {host: hostvars[host].get("rollout_refused") or "" for host in hosts}
    for host, name in ((one, name) for one in hosts if not refused[one] for name in rollout["share"][one]):
        counts = counting([old[name].config, new[name].config], well)
        successor = successor_of(name)
        own, other = (answers_of(hostvars[host], one, "share") for one in (successor, name))
        silent = [Answer(0.0, fault="nobody asked it")] * 2
        verdict = judge_beside(
            successor, host, new[name].config, counts, (own or silent)[:2], (other or silent)[:2], well
        )
        verdicts.append(verdict)
        if verdict.before and verdict.after and not own[-1].fault:
            since = window(counts, Answer(own[0].at), own[-1])
            lines.append(share_of(name, successor, verdict.after.received, verdict.before.received, since))
    wrong = [f"{host}: {' '.join(str(why).split())}" for host, why in refused.items() if why]
    title = f"share of {rollout['weight']} %"
    return {
        "title": title,
        "failed": bool(wrong) or any(verdict.faults for verdict in verdicts),
        "lines": [
            *(judged(title, verdicts, well.packets, "beside it") if verdicts else [f"{title}: nothing was seen"]),
            *lines,
            *wrong,
        ],
        "modules": {},
    }
