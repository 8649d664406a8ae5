# SPDX-License-Identifier: Apache-2.0
"""A module that runs and waits on another host: what has to be the load of the others for its part of the flows to go to it, and back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.plan.plan import Plan

FACT = "spare"
"""What it is called in the facts of a module's type."""


class Spare(NamedTuple):
    """The module gets its flows where another has a `load` of `high` or more, and gives them back where none would have more than `low`.

    The load of a module is by how much its `handlers` together grow in a second.
    """

    load: str
    handlers: tuple[str, ...]
    high: int
    low: int

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**self._asdict(), "handlers": list(self.handlers)}

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Spare | None:
        """Read it from the facts of a module, if it is a spare."""
        if FACT not in facts:
            return None
        return cls(**{**facts[FACT], "handlers": tuple(facts[FACT]["handlers"])})


class State(NamedTuple):
    """What a plan is while these spares have flows, by name and in turn."""

    spares: tuple[str, ...]
    plan: Plan


def states(plan: Plan) -> list[State]:
    """Return the states of a plan: all spares rest, then each in turn has its flows, too."""
    turn = in_turn(plan)
    return [State(tuple(turn[:count]), with_spilled(plan, turn[:count])) for count in range(len(turn) + 1)]


def in_turn(plan: Plan) -> list[str]:
    """Return the names of a plan's spares in the order in which they get flows."""
    pms = [pm for host in plan.hosts.values() for pm in host.pms if FACT in pm.facts]
    return [pm.name for pm in sorted(pms, key=lambda pm: pm.pm_id)]


def with_spilled(plan: Plan, spares: Collection[str]) -> Plan:
    """Return the plan as the switch has it while these spares have flows."""
    switches = {
        name: replace(
            switch, flows=(*switch.flows, *(flow for spare, flow in switch.spilled.items() if spare in spares))
        )
        for name, switch in plan.switches.items()
    }
    return replace(plan, switches=switches)


def spilling(plan: Plan, found: Iterable[Flow]) -> list[str]:
    """Return the spares that have flows, in turn, by the entries that the switch has."""
    identities = {flow.identity for flow in found if flow.cookie == plan.cookie}
    entries = {name: flow for switch in plan.switches.values() for name, flow in switch.spilled.items()}
    return [name for name in in_turn(plan) if entries[name].identity in identities]
