# SPDX-License-Identifier: Apache-2.0
"""From a plan, a packet in words and what was read of the platform to the packet's way: planned, and as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.offload.spare import spilling, with_spilled
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.plan.reasons import flow_of
from ansible.module_utils.flowstream.trace.engine import Engine
from ansible.module_utils.flowstream.trace.instrument import NEIGHBOUR
from ansible.module_utils.flowstream.trace.packet import TracedPacket
from ansible.module_utils.flowstream.trace.report import Row, Seen, beside, lines_of, way_lines
from ansible.module_utils.flowstream.trace.way import Tables, tables_of, trace
from ansible.module_utils.flowstream.world.run import Run

_UNPLANNED = "in no plan"


@dataclass(frozen=True)
class Look:
    """What was read of a platform: flows with counters by bridge, as `openflow_stats` returns them, before and after `probes` packets.

    `captured` is how many of them came out, by platform port. `down` are ports that were seen down, by bridge. Empty where nobody looked.
    """

    before: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    after: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    probes: int = 0
    captured: Mapping[int, int] = field(default_factory=dict)
    down: Mapping[str, Sequence[int]] = field(default_factory=dict)


def run_trace(
    run: Run, click: Path, folder: Path, plan: Plan, packet: TracedPacket, portid: int, look: Look
) -> dict[str, Any]:
    """Follow a packet by the plan, and by what was read; return a module's result. Which spares have flows, the switch says."""
    spares = spilling(plan, (flow_of(flow) for name in plan.switches for flow in look.before.get(name, ())))
    plan = with_spilled(plan, spares)
    engine = Engine(run, click, folder, packet.marks)
    planned = trace(plan, tables_of(plan), packet, portid, engine.passage, plan.up())
    rows: list[Row] = []
    if look.before:
        found = trace(
            plan, _tables_found(plan, look.before), packet, portid, engine.passage, _ports_found(plan, look.down)
        )
        rows = beside(planned, found, _seen(plan, look))
    port = next(port for port in plan.ports if port.portid == portid)
    return {
        "frame": packet.frame(NEIGHBOUR.hex(":"), port.mac).hex(),
        "ways": [[step.to_dict() for step in way] for way in planned],
        "rows": [row.to_dict() for row in rows],
        "lines": lines_of(rows) if rows else _planned_lines(planned),
        "differs": any(row.differs for row in rows),
    }


def _planned_lines(ways: Sequence[Sequence[Any]]) -> list[str]:
    if len(ways) == 1:
        return way_lines(ways[0])
    return [line for number, way in enumerate(ways, 1) for line in (f"way {number} of {len(ways)}:", *way_lines(way))]


def _tables_found(plan: Plan, read: Mapping[str, Sequence[Mapping[str, Any]]]) -> Tables:
    """What bridges were read to have, with the reasons of a plan for what it has just so. Groups are the plan's."""
    tables: dict[str, tuple[list[Flow], Any]] = {}
    planned = plan.entries()
    for name, groups in plan.groups().items():
        known = {flow: flow for flow in planned[name]}
        flows = [flow_of(one) for one in read.get(name, ())]
        tables[name] = [known.get(flow) or replace(flow, why=_UNPLANNED) for flow in flows], groups
    return tables


def _ports_found(plan: Plan, down: Mapping[str, Sequence[int]]) -> dict[tuple[str, int], bool]:
    """The ports that groups watch; a link that is down at one end is at the other."""
    links = plan.links()
    places = {(name, port) for name, ports in down.items() for port in ports}
    places |= {links[place] for place in places if place in links}
    return {place: place not in places for place in plan.up()}


def _seen(plan: Plan, look: Look) -> Seen | None:
    if not look.probes:
        return None
    before, after = _counts(look.before), _counts(look.after)
    grown = {entry: count - before.get(entry, 0) for entry, count in after.items()}
    return Seen(look.probes, {port.portid: plan.switch_of(port) for port in plan.ports}, grown, look.captured)


def _counts(read: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[tuple[str, str], int]:
    return {(name, flow_of(one).selector()): one["packets"] for name, flows in read.items() for one in flows}
