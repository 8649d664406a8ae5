# SPDX-License-Identifier: Apache-2.0
"""Modules that are better on another host, by what hosts measured of their processors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError, shortened
from ansible.module_utils.flowstream.experiments.usage import MODULES
from ansible.module_utils.flowstream.migration.balance import WHOLE, Balance, Burden, Room, balance
from ansible.module_utils.flowstream.migration.moves import CARRYING
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.types import STAGES, middlebox_of
from ansible.module_utils.flowstream.platform.facts import Platform

_SHOWN = 4
_LIMITS = {"moves": (1, 1000), "gain": (1, 100)}


def flowstream_rebalance(
    hostvars: Mapping[str, Mapping[str, Any]],
    platform: Mapping[str, Any],
    plans: Sequence[Mapping[str, Any]],
    wishes: Mapping[str, Any],
) -> dict[str, Any]:
    """Return which modules of these plans are to go where, so that the busiest host is less busy.

    C(platform) is what P(flowstream_platform#filter) returns. `rebalance_usage` of a module host are two results of
    M(process_usage_info), and `processing_module_info` has its modules. C(wishes) are C(moves), how many at most, and C(gain), by how
    many percent of its processors the busiest host has to come down. C(pins) are the new hosts by module, C(lines) say what was
    measured and what is to be moved.
    """
    limits = _limits(wishes)
    hosts = [host for host in Platform.from_facts(platform).hosts if host.driver == CARRYING]
    rooms = [
        Room(host.name, host.max_processors or host.max_vcpus, host.max_pms, host.max_memory)
        for host in hosts
        if len(hostvars[host.name].get("rebalance_usage", ())) == 2
    ]
    movable = _movable([Plan.from_dict(plan) for plan in plans])
    burdens = [one for room in rooms for one in _burdens(hostvars[room.host], room.host, movable)]
    found = balance(rooms, burdens, limits["moves"], limits["gain"] * WHOLE // 100)
    silent = [
        f"{host.name}: was not measured, and nothing goes there" for host in hosts if host.name not in found.before
    ]
    lines = [*silent, *_measured(rooms, burdens, found), *_wanted(found, limits)]
    return {"pins": {shift.module: shift.target for shift in found.shifts}, "lines": lines}


def _limits(wishes: Mapping[str, Any]) -> dict[str, int]:
    """How much somebody wants moved, and for what; FlowstreamError with a line for each that cannot be meant."""
    limits, wrong = {}, []
    for name, (least, most) in _LIMITS.items():
        text = str(wishes[name]).strip()
        limits[name] = int(text) if text.isdecimal() and len(text) < 10 else -1
        if not least <= limits[name] <= most:
            wrong.append(
                f"rebalance_{name}: is no number from {least} to {most}, got {wishes[name]!r}; write {least * 2}"
            )
    if wrong:
        raise FlowstreamError(*wrong)
    return limits


def _movable(plans: Sequence[Plan]) -> set[str]:
    """The modules of these plans that take along what they know."""
    return {
        pm.name
        for plan in plans
        for host in plan.hosts.values()
        for pm in host.pms
        if (STAGES[pm.stage.type] if pm.stage else middlebox_of(plan.type)).state is not None
    }


def _burdens(variables: Mapping[str, Any], host: str, movable: set[str]) -> Iterator[Burden]:
    """What each unit of a host took between two readings. One that was not there before has taken nothing that is known."""
    before, after = variables["rebalance_usage"]
    memory = {pm["name"]: pm.get("memory_mib", 0) for pm in variables["processing_module_info"]["pms"]}
    seconds = max(after["at"] - before["at"], 1e-3)
    for unit, used in sorted(after["units"].items()):
        earlier = before["units"].get(unit, used)["processor_ns"]
        load = round(max(0, used["processor_ns"] - earlier) / seconds / 1e9 * WHOLE)
        name = unit.removesuffix(".service").removeprefix(MODULES)
        is_module = unit.startswith(MODULES)
        yield Burden(name, host, load, memory.get(name, 0), int(is_module), is_module and name in movable)


def _measured(rooms: Sequence[Room], burdens: Sequence[Burden], found: Balance) -> Iterator[str]:
    for room in rooms:
        there = sorted((one for one in burdens if one.host == room.host), key=lambda one: (-one.load, one.module))
        taken = shortened([f"{one.module} {_processor(one.load)}" for one in there], _SHOWN)
        plural = "" if room.processors == 1 else "s"
        busy = _percent(found.before[room.host])
        yield f"{room.host}: {busy} of {room.processors} processor{plural} busy: {', '.join(taken)}"


def _wanted(found: Balance, limits: Mapping[str, int]) -> Iterator[str]:
    most, gain = limits["moves"], limits["gain"]
    if not found.shifts:
        busiest = max(found.before, key=lambda name: found.before[name], default="")
        at = f", {busiest} at {_percent(found.before[busiest])}," if busiest else ""
        yield f"nothing is moved: {most} moves at most do not bring the busiest host{at} down by {gain} %"
        return
    for shift in found.shifts:
        yield (
            f"{shift.module}: goes from {shift.source} to {shift.target}, takes {_processor(shift.load)} of a processor;"
            f" costs {shift.memory} MiB while both run"
        )
    was, then = (_percent(max(shares.values())) for shares in (found.before, found.after))
    yield f"the busiest host comes from {was} to {then} by {len(found.shifts)} of {most} moves; none is made for less than {gain} %"


def _percent(share: int) -> str:
    return f"{share * 100 / WHOLE:.1f} %"


def _processor(load: int) -> str:
    return f"{load / WHOLE:.2f}"
