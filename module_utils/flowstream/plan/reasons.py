# SPDX-License-Identifier: Apache-2.0
"""Why what was read from a platform is there, as far as plans are at hand that say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.plan.plan import Plan

Results = Mapping[str, Mapping[str, Any]]
"""What a module of Ansible returned, by machine."""
_FLOW = ("table", "priority", "match", "actions", "cookie", "idle_timeout", "hard_timeout", "flags")


def with_reasons(modules: Results, bridges: Results, plans: Iterable[str]) -> tuple[Results, Results]:
    """Return what was read of module hosts and bridges, each module and entry with the `why` that a plan has for it.

    `plans` are texts of plan.json; one that cannot be read says nothing, and none does of what is not just as it is planned.
    """
    why: dict[tuple[str, str | Flow], str] = {}
    for text in plans:
        with suppress(FlowstreamError):
            plan = Plan.from_json(text)
            why |= {(name, pm.name): pm.why for name, host in plan.hosts.items() for pm in host.pms}
            why |= {(name, flow): flow.why for name, flows in plan.entries().items() for flow in flows}
            why |= {(name, flow): flow.why for name, one in plan.switches.items() for flow in one.spilled.values()}

    def explained(machine: str, result: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        if kind not in result or not why:
            return result
        return {**result, kind: [{**one, **_of(why, machine, one)} for one in result[kind]]}

    return (
        {name: explained(name, result, "pms") for name, result in modules.items()},
        {name: explained(name, result, "flows") for name, result in bridges.items()},
    )


def flow_of(read: Mapping[str, Any]) -> Flow:
    """Return the entry of which `openflow_stats` said what it has counted."""
    return Flow.from_dict({field: read[field] for field in _FLOW if field in read})


def _of(why: Mapping[tuple[str, str | Flow], str], machine: str, read: Mapping[str, Any]) -> dict[str, str]:
    known = read["name"] if "name" in read else flow_of(read)
    found = why.get((machine, known))
    return {"why": found} if found else {}
