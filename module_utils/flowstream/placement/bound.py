# SPDX-License-Identifier: Apache-2.0
"""How full the fullest host is in any case, whichever way modules are placed: what no algorithm can do better than."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ansible.module_utils.flowstream.placement.amounts import RESOURCES, UNBOUNDED, WHOLE, added, share
from ansible.module_utils.flowstream.placement.problem import Bin, Item, Problem


class Shortage(NamedTuple):
    """Items that only these bins can have, which have too little of a resource (by its place in RESOURCES) for all of them."""

    items: tuple[Item, ...]
    bins: tuple[Bin, ...]
    resource: int


def least_level(problem: Problem) -> int | Shortage:
    """Return a level in thousandths below which the fullest host cannot be, or why there is no way at all.

    Whatever set of hosts some items cannot do without has to have room for all of them together, of each resource; and each item
    has to be somewhere. Both are less than the truth where items leave gaps.
    """
    level = problem.floor
    for bins in dict.fromkeys(problem.reaches.values()):
        inside = {each.key for each in bins}
        items = tuple(i for i in problem.items if inside >= {each.key for each in problem.reaches[i.reach]})
        for resource in range(len(RESOURCES)):
            found = _level_of(items, bins, resource)
            if found > WHOLE:
                return Shortage(items, bins, resource)
            level = max(level, found)
    return max([level, *_levels_alone(problem)])


def _levels_alone(problem: Problem) -> list[int]:
    """The lowest level of each item if it were the only one; items alike are asked for once."""
    alike = {(item.reach, tuple(sorted(item.demands.items()))): item for item in problem.items}
    return [
        min(share(added(home.used, demand), home.capacity)
            for home in problem.reaches[item.reach] if (demand := home.demand(item)))
        for item in alike.values() if problem.reaches[item.reach]
    ]  # fmt: skip


def _level_of(items: Sequence[Item], bins: Sequence[Bin], resource: int) -> int:
    """The lowest level at which bins have room for the sum of one resource, and for the number of items if all were the smallest."""
    bounded = [each for each in bins if each.capacity[resource] < UNBOUNDED]
    if len(bounded) < len(bins) or not bins:
        return 0
    kinds = {each.kinds[0] for each in bins}
    needs = [_least(item, kinds, resource) for item in items]
    smallest, needed = min(needs, default=0), sum(needs)
    if not needed:
        return 0

    def suffices(level: int) -> bool:
        rooms = [max(0, level * each.capacity[resource] // WHOLE - each.used[resource]) for each in bounded]
        return sum(rooms) >= needed and (not smallest or sum(room // smallest for room in rooms) >= len(items))

    return _first(suffices, WHOLE)


def _least(item: Item, kinds: set[str], resource: int) -> int:
    able = [item.request.kind] if item.request.kind else sorted(kinds)
    return min(item.demands[kind][resource] for kind in able)


def _first(suffices: Callable[[int], bool], most: int) -> int:
    """The first number from 0 on that suffices, most + 1 when none does."""
    low, high = 0, most + 1
    while low < high:
        middle = (low + high) // 2
        if suffices(middle):
            high = middle
        else:
            low = middle + 1
    return low
