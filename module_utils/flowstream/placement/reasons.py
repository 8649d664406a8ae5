# SPDX-License-Identifier: Apache-2.0
"""Why modules cannot be placed: a set of modules and of limits of hosts that are too much together, and without any one are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from ansible.module_utils.flowstream.placement.amounts import RESOURCES, UNBOUNDED, WHOLE
from ansible.module_utils.flowstream.placement.bound import Shortage, least_level
from ansible.module_utils.flowstream.placement.heuristics import best_fit, first_fit
from ansible.module_utils.flowstream.placement.problem import Bin, Item, Problem, Score
from ansible.module_utils.flowstream.placement.solver import Window, is_there, solve

_WORK = 0.2
_ASKED = 60
"""Beyond so many modules, what they need together says more than which of them."""
Element = TypeVar("Element")


class Limit(NamedTuple):
    """What bins that are alike have of a resource, by its place in RESOURCES."""

    bins: tuple[Bin, ...]
    resource: int


class Reasons(NamedTuple):
    """What is too much together."""

    items: tuple[Item, ...]
    limits: tuple[Limit, ...]


def is_possible(problem: Problem) -> bool | None:
    """Whether items can be placed at all, None when that was not found out."""
    if any(not bins for bins in problem.reaches.values()) or isinstance(least_level(problem), Shortage):
        return False
    if best_fit(problem) is not None or first_fit(problem) is not None:
        return True
    if not is_there():
        return None
    # A goal that is reached from the beginning is not sought.
    aimless = replace(problem, policy=replace(problem.policy, fill=100))
    bound = Score(0, WHOLE, len(problem.bins), len(problem.items))
    apart = tuple(item._replace(request=replace(item.request, apart="")) for item in problem.items)
    found = solve(aimless, Window(apart, problem.bins, len(problem.items), bound), None, _WORK)
    return False if found.is_impossible else found.where is not None or None


def smallest_reasons(problem: Problem) -> Reasons:
    """Return reasons of a problem without a way, none of which can be left out, as far as the solver could tell."""
    limits = _limits(problem)
    items: Sequence[Item] = sorted(problem.items, key=lambda item: (-max(item.demands.values())[1], item.key))
    stuck = next((item for item in items if is_possible(_reduced(problem, [item], limits)) is False), None)
    shortage = least_level(problem)
    if stuck is not None:
        items = [stuck]
    elif isinstance(shortage, Shortage):
        items = _too_many(shortage)
        limits = [limit for limit in limits if limit.resource == shortage.resource and limit.bins[0] in shortage.bins]
    if len(items) <= _ASKED:
        chosen = limits

        def without(rest: Sequence[Item]) -> bool:
            return is_possible(_reduced(problem, rest, chosen)) is False

        items = _needed(items, without)

    def relaxed(rest: Sequence[Limit]) -> bool:
        return is_possible(_reduced(problem, items, rest)) is False

    needed = tuple(sorted(_needed(limits, relaxed), key=lambda limit: (limit.bins[0].key, limit.resource)))
    return Reasons(tuple(sorted(items, key=lambda item: (item.request.number, item.key))), needed)


def _needed(elements: Sequence[Element], is_enough: Callable[[Sequence[Element]], bool]) -> list[Element]:
    """What stays of elements when each, from the last on, is left out that the rest is enough without."""
    kept = list(elements)
    for element in reversed(elements):
        rest = [other for other in kept if other is not element]
        if is_enough(rest):
            kept = rest
    return kept


def _limits(problem: Problem) -> list[Limit]:
    alike: dict[tuple[object, ...], list[Bin]] = {}
    for home in problem.bins:
        alike.setdefault(home.room, []).append(home)
    return [
        Limit(tuple(bins), resource)
        for bins in alike.values()
        for resource in range(len(RESOURCES))
        if bins[0].capacity[resource] < UNBOUNDED
    ]


def _reduced(problem: Problem, items: Sequence[Item], limits: Sequence[Limit]) -> Problem:
    """The problem with these items and limits only."""
    limited = {(home.key, limit.resource) for limit in limits for home in limit.bins}
    bins = tuple(
        home._replace(
            capacity=tuple(most if (home.key, at) in limited else UNBOUNDED for at, most in enumerate(home.capacity))
        )
        for home in problem.bins
    )
    return Problem(tuple(sorted(items, key=lambda item: (item.request.number, item.key))), bins, problem.policy)


def _too_many(shortage: Shortage) -> list[Item]:
    """The largest of the items that are too much together."""
    kinds = sorted({home.kinds[0] for home in shortage.bins})

    def size(item: Item) -> int:
        return min(
            item.demands[item.request.kind or kind][shortage.resource]
            for kind in ([""] if item.request.kind else kinds)
        )

    items = sorted(shortage.items, key=lambda item: (-size(item), item.key))
    room = sum(max(0, home.capacity[shortage.resource] - home.used[shortage.resource]) for home in shortage.bins)
    for count in range(1, len(items)):
        room -= size(items[count - 1])
        if room < 0:
            return items[:count]
    return items


def told(reasons: Reasons) -> list[str]:
    """Return them as messages, in the order of the modules and then of the hosts."""
    resources = sorted({limit.resource for limit in reasons.limits})
    if len(reasons.items) > _TOLD:
        first = reasons.items[0]
        needs = [f"{sum(_least(item, at) for item in reasons.items)} {RESOURCES[at].unit}" for at in resources]
        messages = [
            f"{first.request.where}: finds no room beside {len(reasons.items) - 1} others, got {', '.join(needs)} together;"
            f" {_ADVICE}"
        ]
    else:
        beside = " beside the others named here" if len(reasons.items) > 1 else " on any module host"
        messages = [
            f"{item.request.where}: finds no room{beside}, got"
            f" {', '.join(f'{_least(item, at)} {RESOURCES[at].unit}' for at in resources)}; {_ADVICE}"
            for item in reasons.items
        ]
    return messages + [_limit_told(limit) for limit in reasons.limits]


_TOLD = 20
_ADVICE = "ask for less, add a module host, or raise module_host_capacity"
_NAMED = 3


def _least(item: Item, resource: int) -> int:
    return min(demand[resource] for demand in item.demands.values())


def _limit_told(limit: Limit) -> str:
    names = [home.host.name for home in limit.bins]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    subject = f"module host{'s' if len(names) > 1 else ''} {', '.join(names[:_NAMED])}{more}"
    resource, home = RESOURCES[limit.resource], limit.bins[0]
    taken = home.used[limit.resource]
    each = " each" if len(names) > 1 else ""
    left = f", of which {taken} are taken" if taken else ""
    origins = sorted({home.host.origin(resource.key) for home in limit.bins})
    remedy = "state" if origins == [" measured"] else "raise"
    return (
        f"inventory: {subject}: {resource.word} {'are' if resource.word.endswith('s') else 'is'} too little for that, got"
        f" {home.capacity[limit.resource]} {resource.unit}{' or'.join(origins)}{each}{left}; {remedy} {resource.key} of module_host_capacity"
    )
