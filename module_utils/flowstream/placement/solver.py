# SPDX-License-Identifier: Apache-2.0
"""Placing by CP-SAT of OR-tools: one goal after the other, each kept while the next is sought.

The same problem gives the same answer: one worker, one seed, and a limit in the solver's own count of work instead of seconds.
Only a control node has OR-tools; whoever calls has looked (`is_there`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ansible.module_utils.flowstream.placement.amounts import NONE, UNBOUNDED, WHOLE, Amounts, added, share, total
from ansible.module_utils.flowstream.placement.policy import FEW
from ansible.module_utils.flowstream.placement.problem import NOWHERE, Assignment, Bin, Item, Problem, Score

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

_LEVEL = Score._fields.index("level")
Counts = Mapping[tuple[int, int], int]
"""How many of a class of items, by its number, are in a bin."""


def is_there() -> bool:
    """Whether this machine has OR-tools."""
    return find_spec("ortools") is not None


@dataclass(frozen=True)
class Window:
    """Some bins, and the items that are to be dealt to them; all else stays where it is.

    So many `moves` of the items may leave where they run. Nobody looks for less than `bound`.
    """

    items: Sequence[Item]
    bins: Sequence[Bin]
    moves: int
    bound: Score


@dataclass(frozen=True)
class Found:
    """The bin of each item, None when no way was found; `level` is what no way is below, `work` what was done, in the solver's units."""

    where: Mapping[int, int] | None
    is_impossible: bool = False
    level: int = 0
    work: float = 0.0


def solve(problem: Problem, window: Window, start: Assignment | None, limit: float) -> Found:
    """Seek the best way of dealing a window's items, beginning with one that is known; `limit` is the work for each goal."""
    # Its import takes half a second, which most plans have no use for.
    from ortools.sat.python import cp_model

    deal = _Deal(problem, window)
    model = _Model(deal, cp_model.CpModel())
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = limit
    known = None if start is None else deal.counted(start)
    worth = None if known is None else deal.worth(known)
    level, work, is_proven = window.bound.level, 0.0, True
    for at, (goal, least) in enumerate(zip(model.goals(), window.bound, strict=True)):
        if worth is None or worth[at] > least:
            model.seek(goal, known)
            status = solver.solve(model.cp)
            work += solver.response_proto.deterministic_time
            if status == cp_model.INFEASIBLE and worth is None:
                return Found(None, is_impossible=True, work=work)
            if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                counts = {key: solver.value(count) for key, count in model.counts.items()}
                new = deal.worth(counts)
                if worth is None or new < worth:
                    known, worth = counts, new
            if worth is None or known is None:
                return Found(None, work=work)
            is_proven = is_proven and status == cp_model.OPTIMAL
            if at == _LEVEL and is_proven:
                level = worth.level
        model.cp.add(goal <= worth[at])
    return Found(deal.dealt(known or {}), level=level, work=work)


class _Deal:
    """A window with its items in classes of those that can change places: the solver only counts them."""

    def __init__(self, problem: Problem, window: Window) -> None:
        self.problem = problem
        self.window = window
        classes: dict[tuple[object, ...], list[Item]] = {}
        for item in window.items:
            classes.setdefault(item.signature, []).append(item)
        self.classes = list(classes.values())
        self.first = [alike[0] for alike in self.classes]

    def able(self, home: Bin) -> dict[int, Amounts]:
        """Return the classes that a bin can have one of, by number, with what that takes."""
        demands = {number: home.demand(item) for number, item in enumerate(self.first)}
        return {n: demand for n, demand in demands.items() if demand and home.fits(added(home.used, demand))}

    def counted(self, start: Assignment) -> Counts:
        """Return what an assignment has of each class where."""
        counts: dict[tuple[int, int], int] = {}
        for number, alike in enumerate(self.classes):
            for item in alike:
                key = number, start.where[item.key]
                counts[key] = counts.get(key, 0) + 1
        return counts

    def dealt(self, counts: Counts) -> dict[int, int]:
        """Return the bin of each item: of a class, the first items have the first bins."""
        where: dict[int, int] = {}
        for number, alike in enumerate(self.classes):
            homes = [home.key for home in self.window.bins for _ in range(counts.get((number, home.key), 0))]
            where.update(zip((item.key for item in alike), homes, strict=True))
        return where

    def worth(self, counts: Counts) -> Score:
        """Return what counts of the window are worth."""
        together, level, hosts = 0, max(self.problem.floor, self.window.bound.level), 0
        for home in self.window.bins:
            here = {n: count for n in range(len(self.first)) if (count := counts.get((n, home.key), 0))}
            takes = total([tuple(c * a for a in home.demand(self.first[n]) or NONE) for n, c in here.items()])
            if here:
                level = max(level, share(added(home.used, takes), home.capacity))
            hosts += bool(here) or home.used[0] > 0
            for group in {self.first[n].request.apart for n in here} - {""}:
                members = sum(count for n, count in here.items() if self.first[n].request.apart == group)
                together += members - (group not in home.apart)
        moves = sum(count for (n, at), count in counts.items() if self.first[n].at not in (NOWHERE, at))
        return Score(together, level, hosts if self.problem.policy.hosts == FEW else -hosts, moves)


class _Model:
    """What CP-SAT is told of a window."""

    def __init__(self, deal: _Deal, cp: cp_model.CpModel) -> None:
        self.cp = cp
        self._deal = deal
        self.counts: dict[tuple[int, int], cp_model.IntVar] = {}
        problem, window = deal.problem, deal.window
        self._level = cp.new_int_var(window.bound.level, max(WHOLE, problem.floor, window.bound.level), "level")
        self._beside: list[cp_model.IntVar] = []
        self._used: list[cp_model.IntVar] = []
        self._used_anyway = sum(home.used[0] > 0 for home in window.bins)
        for home in window.bins:
            self._fill(home)
        for number, alike in enumerate(deal.classes):
            own = [count for (of, _), count in self.counts.items() if of == number]
            cp.add(sum(own, self._zero()) == len(alike))

    def _zero(self) -> cp_model.IntVar:
        return self.cp.new_constant(0)

    def _fill(self, home: Bin) -> None:
        """What a bin may get, and what follows from that."""
        classes, able = self._deal.classes, self._deal.able(home)
        if not able:
            return
        here = {number: self.cp.new_int_var(0, len(classes[number]), "") for number in able}
        self.counts |= {(number, home.key): count for number, count in here.items()}
        gets = self.cp.new_bool_var("")
        for number, count in here.items():
            self.cp.add(count <= len(classes[number]) * gets)
        self.cp.add(sum(here.values(), self._zero()) >= gets)
        if home.used[0] == 0:
            self._used.append(gets)
        for resource, capacity in enumerate(home.capacity):
            if capacity < UNBOUNDED and any(demand[resource] for demand in able.values()):
                takes = sum(
                    (able[n][resource] * count for n, count in here.items()), home.used[resource] + self._zero()
                )
                self.cp.add(takes <= capacity)
                below = self.cp.add(WHOLE * takes <= capacity * self._level)
                if WHOLE * home.used[resource] > self._deal.window.bound.level * capacity:
                    below.only_enforce_if(gets)
        for group in sorted({self._deal.first[n].request.apart for n in here} - {""}):
            members = [count for n, count in here.items() if self._deal.first[n].request.apart == group]
            beside = self.cp.new_int_var(0, len(self._deal.window.items), "")
            self.cp.add(beside >= sum(members, self._zero()) - (group not in home.apart))
            self._beside.append(beside)

    def goals(self) -> tuple[cp_model.LinearExprT, ...]:
        """Return what is to be made small, as Score has it."""
        runs = sum(len(alike) for alike in self._deal.classes if alike[0].at != NOWHERE)
        stays = [self.counts[n, item.at] for n, item in enumerate(self._deal.first) if (n, item.at) in self.counts]
        moves = runs - sum(stays, self._zero())
        self.cp.add(moves <= self._deal.window.moves)
        hosts = sum(self._used, self._used_anyway + self._zero())
        few = self._deal.problem.policy.hosts == FEW
        return sum(self._beside, self._zero()), self._level, hosts if few else -hosts, moves

    def seek(self, goal: cp_model.LinearExprT, known: Counts | None) -> None:
        """Ask for the least of a goal, beginning with counts that are known."""
        self.cp.minimize(goal)
        self.cp.clear_hints()  # type: ignore[no-untyped-call]  # OR-tools says nothing of it
        if known is not None:
            for key, count in self.counts.items():
                self.cp.add_hint(count, known.get(key, 0))
