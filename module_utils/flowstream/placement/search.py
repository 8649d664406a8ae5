# SPDX-License-Identifier: Apache-2.0
"""From a first way of placing to the best that the solver finds: at once where that is small, else some hosts at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ansible.module_utils.flowstream.placement.bound import Shortage, least_level
from ansible.module_utils.flowstream.placement.heuristics import best_fit, first_fit, polish
from ansible.module_utils.flowstream.placement.policy import FEW
from ansible.module_utils.flowstream.placement.problem import NOWHERE, Assignment, Bin, Problem, Score
from ansible.module_utils.flowstream.placement.solver import Window, is_there, solve

_AT_ONCE = 2500
"""Counts (classes of items times bins) that the solver is given at once."""
_WORK = 2.0
"""Of the solver's units, about seconds of a processor, for all that a plan asks of it."""
_WINDOW_WORK = 0.1
_WINDOW = 8
_TRIES = 4
_NEAR = 100
"""Where the solver sees some bins at a time, it stops at a level of a hundredth above what no way is below."""


@dataclass(frozen=True)
class Answer:
    """The best way that was found, None for none; `bound` is the level that no way is below. `is_impossible`: there is none."""

    found: Assignment | None
    bound: int
    is_impossible: bool = False
    has_solver: bool = True


def search(problem: Problem, *, has_solver: bool | None = None, work: float = _WORK) -> Answer:
    """Place all items of a problem, none beyond what its bin has."""
    has_solver = is_there() if has_solver is None else has_solver
    bound = least_level(problem)
    if isinstance(bound, Shortage):
        return Answer(None, 0, is_impossible=True, has_solver=has_solver)
    starts = [found for found in (best_fit(problem), first_fit(problem)) if found is not None]
    start = min(starts, key=Assignment.score, default=None)
    answer = Answer(start, bound, has_solver=has_solver)
    if len(problem.items) == 1 and start is not None:
        return replace(answer, bound=start.score().level)  # each of its bins was looked at
    least = _least(problem, bound)
    if has_solver and (start is None or start.score() > least):
        classes = len({item.signature for item in problem.items})
        if start is None or classes * len(problem.bins) <= _AT_ONCE:
            answer = _at_once(problem, answer, least, work)
        else:
            answer = replace(answer, found=_by_windows(problem, start, least, work))
    if answer.found is not None:
        polish(answer.found)
    return answer


def _least(problem: Problem, level: int) -> Score:
    """What no way is better than, goal by goal."""
    idle = [home for home in problem.bins if home.used[0] == 0]
    busy = len(problem.bins) - len(idle)
    hosts = busy if problem.policy.hosts == FEW else -(busy + min(len(idle), len(problem.items)))
    return Score(0, level, hosts, 0)


def _at_once(problem: Problem, answer: Answer, least: Score, work: float) -> Answer:
    window = Window(problem.items, problem.bins, problem.policy.moves, least)
    found = solve(problem, window, answer.found, work / len(Score._fields))
    if found.where is None:
        return replace(answer, is_impossible=found.is_impossible)
    return replace(answer, found=_assigned(problem, found.where), bound=max(answer.bound, found.level))


def _by_windows(problem: Problem, start: Assignment, least: Score, work: float) -> Assignment:
    """Have the solver deal the items of a few bins again, as long as that helps the fullest, or empties one."""
    best = found = start
    near = {"level": least.level + least.level // _NEAR, "hosts": least.hosts}
    left = work
    for goal in ("level", "hosts"):
        tried = 0
        while tried < _TRIES and left > 0 and getattr(best.score(), goal) > near[goal]:
            bins = _window(found, goal, tried)
            if not bins:
                break
            better, used = _window_solved(problem, found, bins, least)
            left -= used
            tried = 0 if better.score() < found.score() or _fewer_at_top(better, found) else tried + 1
            found = better
            best = min(best, found, key=Assignment.score)
        found = best
    return best


def _fewer_at_top(new: Assignment, old: Assignment) -> bool:
    """Whether fewer bins are as full as the fullest: one after the other has to come down before the level does."""
    top = old.score().level
    return sum(new.share(home) >= top for home in new.getting()) < sum(old.share(home) >= top for home in old.getting())


def _window(found: Assignment, goal: str, tried: int) -> list[Bin]:
    """The bin that is to change, and some that may help it; others the more often that was of no use."""
    full = sorted(found.getting(), key=lambda home: (-found.share(home), home.key))
    if goal == "level":
        first, others = full[0], [*reversed(full[1:])]
        others = [*(home for home in found.problem.bins if not found.items[home.key]), *others]
    else:
        own = [home for home in full if home.used[0] == 0]
        if not own:
            return []
        first = own[-1 - min(tried, len(own) - 1)]
        others = [home for home in full if home is not first]
    at = (_WINDOW - 1) * tried % max(1, len(others))
    return sorted([first, *others[at : at + _WINDOW - 1]], key=lambda home: home.key)


def _window_solved(problem: Problem, found: Assignment, bins: Sequence[Bin], least: Score) -> tuple[Assignment, float]:
    inside = {home.key for home in bins}
    items = [item for item in problem.items if found.where[item.key] in inside]
    elsewhere = sum(item.at not in (NOWHERE, found.where[item.key]) for item in problem.items
                    if found.where[item.key] not in inside)  # fmt: skip
    idle = sum(home.used[0] == 0 for home in bins)
    bound = least._replace(hosts=0 if problem.policy.hosts == FEW else idle - len(bins) - min(idle, len(items)))
    window = Window(items, bins, problem.policy.moves - elsewhere, bound)
    solved = solve(problem, window, found, _WINDOW_WORK)
    if solved.where is None:
        return found, solved.work
    return _assigned(problem, {**found.where, **solved.where}), solved.work


def _assigned(problem: Problem, where: Mapping[int, int]) -> Assignment:
    found = Assignment(problem)
    for item in problem.items:
        found.put(item, problem.bins[where[item.key]])
    return found
