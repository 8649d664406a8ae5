# SPDX-License-Identifier: Apache-2.0
"""Whether flows go to a spare on another host or come back, by what modules say of their load: one spare at a time.

Going and coming back have thresholds of their own. A spare gives its flows back where none of the others would have more than `low`
even if it got all of them, and gets them where one has `high` or more. What made it get them is there or with it afterwards, so
that under the same load it does not give them back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.offload.spare import Spare, in_turn, spilling
from ansible.module_utils.flowstream.plan.plan import Plan

Handlers = Mapping[str, str]
"""What a module has answered, by handler."""
Growth = Mapping[str, float]
"""By how much a module's handlers grow in a second."""


class Decision(NamedTuple):
    """The spares that are to have flows, in turn, and in words what was seen and why it is so; `changes` says whether that is new."""

    spares: tuple[str, ...]
    lines: tuple[str, ...]
    changes: bool


def handlers_of(plan: Plan) -> list[str]:
    """Return the handlers that have to be read to decide."""
    return sorted({name for spare in _Modules(plan).spares.values() for name in spare.handlers})


def growth(before: Handlers, after: Handlers, seconds: float) -> Growth:
    """Return what two answers of a module say that were so many seconds apart; nothing of what has begun anew in between."""
    found: dict[str, float] = {}
    for name in before.keys() & after.keys():
        with suppress(ValueError):
            grown = (int(after[name]) - int(before[name])) / seconds
            if grown >= 0:
                found[name] = grown
    return found


def decide(plan: Plan, answers: Mapping[str, Growth], found: Iterable[Flow]) -> Decision:
    """Return who is to have flows; `answers` are those of the modules that run, by name, `found` what the switch has."""
    modules = _Modules(plan)
    have = spilling(plan, found)
    silent = [name for name in have if _load(modules.spares[name], answers.get(name)) is None]
    if silent:
        keep = tuple(name for name in have if name not in silent)
        lines = tuple(f"{modules.called(name)} does not answer: its flows go back to the others" for name in silent)
        return Decision(keep, lines, changes=True)
    return _spill(modules, answers, have) or _return(modules, answers, have)


class _Modules:
    """The modules of an allocation that share flows."""

    def __init__(self, plan: Plan) -> None:
        pms = {pm.name: (host, pm) for host, there in plan.hosts.items() for pm in there.pms if pm.stage is None}
        self.turn = in_turn(plan)
        self.hosts = {name: host for name, (host, _) in pms.items()}
        self.spares = {name: spare for name, (_, pm) in pms.items() if (spare := Spare.of(pm.facts)) is not None}
        self.always = sorted(pms.keys() - self.spares.keys(), key=lambda name: pms[name][1].pm_id)

    def called(self, name: str) -> str:
        return f"{name} on {self.hosts[name]}"


def _load(spare: Spare, answer: Growth | None) -> int | None:
    """The load of a module as a spare counts it; None where it did not say all of it."""
    if answer is None or any(name not in answer for name in spare.handlers):
        return None
    return round(sum(answer[name] for name in spare.handlers))


def _loads(
    modules: _Modules, spare: Spare, names: Iterable[str], answers: Mapping[str, Growth]
) -> Iterator[tuple[int, str]]:
    """Yield the loads that are known, and whose they are."""
    for name in names:
        load = _load(spare, answers.get(name))
        if load is not None:
            yield load, name


def _spill(modules: _Modules, answers: Mapping[str, Growth], have: list[str]) -> Decision | None:
    """Give the next spare its flows, if one of those that serve has too much for it."""
    resting = [name for name in modules.turn if name not in have]
    lines: list[str] = []
    for name in resting:
        spare = modules.spares[name]
        load, busiest = max(_loads(modules, spare, [*modules.always, *have], answers), default=(0, ""))
        if load < spare.high:
            return None
        seen = f"{modules.called(busiest)} has {load} {spare.load}/s, {spare.high} or more"
        if _load(spare, answers.get(name)) is None:
            lines.append(f"{seen}, and {modules.called(name)} does not answer")
            continue
        part = f"1 of {len(modules.always) + len(modules.spares)} flows"
        lines.append(f"{seen}: {modules.called(name)} gets its part, {part}")
        return Decision(tuple(one for one in modules.turn if one in (*have, name)), tuple(lines), changes=True)
    if lines:
        return Decision(tuple(have), (*lines, "no other spare is left"), changes=False)
    return None


def _return(modules: _Modules, answers: Mapping[str, Growth], have: list[str]) -> Decision:
    """Have the last spare that has flows give them back, if that is too much for none of the others; else leave all as it is."""
    if not have:
        return Decision((), tuple(_as_they_are(modules, answers)), changes=False)
    *keep, name = have
    spare = modules.spares[name]
    others = [*modules.always, *keep]
    loads = {one: load for load, one in _loads(modules, spare, [*others, name], answers)}
    unknown = [one for one in others if one not in loads]
    if unknown:
        told = " and ".join(map(modules.called, unknown))
        return Decision(
            tuple(have), (f"{modules.called(name)} keeps its flows: {told} does not answer",), changes=False
        )
    busiest = max(others, key=lambda one: loads[one])
    would = loads[busiest] + loads[name]
    seen = (
        f"{modules.called(busiest)} would have {would} {spare.load}/s at most with the flows of {modules.called(name)}"
    )
    if would <= spare.low:
        return Decision(tuple(keep), (f"{seen}, {spare.low} or less: they go back",), changes=True)
    return Decision(tuple(have), (f"{seen}, more than {spare.low}: it keeps them",), changes=False)


def _as_they_are(modules: _Modules, answers: Mapping[str, Growth]) -> Iterator[str]:
    """Say of each spare why it rests."""
    for name in modules.turn:
        spare = modules.spares[name]
        load, busiest = max(_loads(modules, spare, modules.always, answers), default=(0, ""))
        if busiest:
            seen = f"{modules.called(busiest)} has {load} {spare.load}/s, less than {spare.high}"
            yield f"{seen}: {modules.called(name)} rests"
        else:
            yield f"no module says what it has: {modules.called(name)} rests"
