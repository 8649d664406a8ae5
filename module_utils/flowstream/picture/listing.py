# SPDX-License-Identifier: Apache-2.0
"""What a plan's page lists: entries by their ways, groups, modules; bounded, whatever the plan has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ansible.module_utils.flowstream.flows.fields import match_text
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, SwitchPlan

MOST_WAYS = 1_000
MOST_ENTRIES = 4_000
MOST_MODULES = 100
MOST_TEXT = 1 << 20
"""Of configurations, and of what types decided, in characters: each module has an equal share."""
_MOST_CLAIMS = 32
_MOST_ACTIONS = 1_000


class Row(NamedTuple):
    """An entry of a bridge as texts."""

    bridge: str
    table: int
    priority: int
    match: str
    actions: str
    why: str


class Listed(NamedTuple):
    """The entries of one way, in the order of its hops; `total` says how many there are, of which `rows` are shown."""

    name: str
    total: int
    rows: tuple[Row, ...]


class Module(NamedTuple):
    """A module as texts."""

    name: str
    host: str
    kind: str
    gets: tuple[str, ...]
    more: int
    routes: tuple[str, ...]
    more_routes: int
    interfaces: tuple[str, ...]
    memory_mib: int
    vcpus: int
    tenant: str
    why: str
    facts: str
    config: str


def entries(plan: Plan) -> tuple[list[Listed], int]:
    """Return the ways of a plan with their entries, of which at most MOST_ENTRIES are shown, and how many ways are left out."""
    ways: dict[str, list[tuple[str, Flow]]] = {}
    for name, bridge in plan.bridges().items():
        spilled = bridge.spilled.values() if isinstance(bridge, SwitchPlan) else ()
        for flow in (*bridge.flows, *spilled):
            ways.setdefault(flow.why.partition(", hop ")[0], []).append((name, flow))
    each = max(1, MOST_ENTRIES // max(1, min(len(ways), MOST_WAYS)))
    listed = [
        Listed(name, len(found), tuple(_row(*one) for one in (found if len(found) <= each else found[:each])))
        for name, found in list(ways.items())[:MOST_WAYS]
    ]
    return listed, max(0, len(ways) - MOST_WAYS)


def groups(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Yield the groups: bridge, text and reason."""
    found = ((name, str(group), group.why) for name, bridge in plan.bridges().items() for group in bridge.groups)
    for number, (name, text, why) in enumerate(found):
        if number == MOST_WAYS:
            return
        yield name, shortened(text, _MOST_ACTIONS), why


def modules(plan: Plan) -> list[Module]:
    """Return the first MOST_MODULES modules."""
    found = [(name, pm) for name, host in plan.hosts.items() for pm in host.pms][:MOST_MODULES]
    return [_module(name, pm, MOST_TEXT // len(found)) for name, pm in found]


def shortened(text: str, most: int) -> str:
    """Return a text, or its beginning with a word of how much is left out."""
    return text if len(text) <= most else f"{text[:most]}\n... {len(text) - most:,} more characters"


def _row(bridge: str, flow: Flow) -> Row:
    actions = shortened(",".join(flow.actions), _MOST_ACTIONS)
    return Row(bridge, flow.table, flow.priority, match_text(flow.match), actions, flow.why)


def _module(host: str, pm: PlannedPm, most_text: int) -> Module:
    gets, more = _first(pm.gets)
    routes, more_routes = _first(map(str, pm.routes))
    return Module(
        name=pm.name,
        host=host,
        kind=pm.kind,
        gets=gets,
        more=more,
        routes=routes,
        more_routes=more_routes,
        interfaces=tuple(
            f"{vif.interface}, {vif.mac}, port {vif.ofport} of the host's bridge ({vif.device})"
            + ("" if vif.rate_mbps is None else f", at most {vif.rate_mbps} Mbit/s")
            for vif in pm.vifs
        ),
        memory_mib=pm.memory_mib,
        vcpus=pm.vcpus,
        tenant=pm.tenant,
        why=pm.why,
        facts=shortened(json.dumps(pm.facts, indent=1, sort_keys=True), most_text) if pm.facts else "",
        config=shortened(pm.config, most_text),
    )


def _first(texts: Iterable[str]) -> tuple[tuple[str, ...], int]:
    every = tuple(texts)
    return every[:_MOST_CLAIMS], max(0, len(every) - _MOST_CLAIMS)
