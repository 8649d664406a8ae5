# SPDX-License-Identifier: Apache-2.0
"""Whose flows are where, from what was read of modules and switches: what to read, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ansible.module_utils.flowstream.offload.decide import Growth, decide, growth, handlers_of
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.plan.reasons import flow_of


def flowstream_load_handlers(plan: Mapping[str, Any]) -> list[str]:
    """Return the handlers of a plan's modules by which it is decided whether flows spill to another host."""
    return handlers_of(Plan.from_dict(plan))


def flowstream_offload(
    hostvars: Mapping[str, Mapping[str, Any]], switches: list[str], module_hosts: list[str], plan: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is to be done about the load of a plan's modules.

    `offload_reads` of a module host are two answers of its modules, each with the time in seconds; `flow_switch_counters` of a
    switch has its flows. C(flows) are, by switch, the entries with which spares have flows, C(lines) say what was seen and why it is
    to be so.
    """
    planned = Plan.from_dict(plan)
    answers: dict[str, Growth] = {}
    for host in module_hosts:
        own = {pm.name for pm in planned.hosts[host].pms}
        reads = [(_handlers(read["pms"]), float(read["at"])) for read in hostvars[host].get("offload_reads", ())]
        for (before, began), (after, ended) in pairwise(reads):
            known = own & before.keys() & after.keys()
            answers |= {name: growth(before[name], after[name], ended - began) for name in known}
    found = [
        flow_of(read) for name in switches for read in hostvars[name].get("flow_switch_counters", {}).get("flows", [])
    ]
    decision = decide(planned, answers, found)
    return {
        "flows": {
            name: [switch.spilled[spare].to_dict() for spare in decision.spares if spare in switch.spilled]
            for name, switch in planned.switches.items()
        },
        "changes": decision.changes,
        "lines": list(decision.lines),
    }


def _handlers(pms: list[Mapping[str, Any]]) -> dict[str, Mapping[str, str]]:
    return {pm["name"]: pm.get("handlers", {}) for pm in pms if pm.get("active", False)}
