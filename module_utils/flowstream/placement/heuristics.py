# SPDX-License-Identifier: Apache-2.0
"""Ways of placing that take no time to speak of: where the solver begins, and what is left when there is none."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from itertools import islice

from ansible.module_utils.flowstream.placement.amounts import share
from ansible.module_utils.flowstream.placement.policy import FEW
from ansible.module_utils.flowstream.placement.problem import NOWHERE, Assignment, Bin, Item, Problem

_PASSES = 2
_ASKED = 50
"""Bins with room that are compared for one of many items, the least full of all."""


def first_fit(problem: Problem) -> Assignment | None:
    """Give each item the first bin that has room, by name."""
    found = _staying(problem)
    for item in problem.items:
        if item.key in found.where:
            continue
        home = next((each for each in problem.bins if found.would(item, each) is not None), None)
        if home is None:
            return None
        found.put(item, home)
    return found


def best_fit(problem: Problem) -> Assignment | None:
    """Give each item, the largest first, the bin that is best for it then."""
    found = _staying(problem)
    shelf = _Shelf(found)
    sizes = _sizes(problem)
    for item in sorted(problem.items, key=lambda item: (-sizes[item.key], item.request.number, item.key)):
        if item.key not in found.where:
            home = shelf.best(item)
            if home is None:
                return None
            shelf.put(item, home)
    return found


def polish(found: Assignment) -> None:
    """Move single items to where it is better, while that makes nothing worse that counts more.

    Afterwards a module is on no host that is fuller with it than another would be, unless what counts more asks for that.
    """
    few = found.problem.policy.hosts == FEW
    for _ in range(_PASSES):
        shelf = _Shelf(found)
        moved = False
        for item in found.problem.items:
            home = found.problem.bins[found.where[item.key]]
            if home.key == item.at:
                continue
            shelf.take(item)
            empties, own = not found.is_used(home), shelf.rank(item, home)
            better = shelf.best(item)
            if better is None or shelf.rank(item, better) >= own or (
                (not found.is_used(better)) > empties if few else found.is_used(better) and empties
            ):  # fmt: skip
                better = home
            shelf.put(item, better)
            moved = moved or better is not home
        if not moved:
            return


def _staying(problem: Problem) -> Assignment:
    found = Assignment(problem)
    for item in problem.items:
        if item.at != NOWHERE:
            found.put(item, problem.bins[item.at])
    return found


def _sizes(problem: Problem) -> dict[int, int]:
    """How much of a host each item takes, of the largest that could have it."""
    hosts = {
        reach: {(each.capacity, each.kinds): each for each in bins}.values() for reach, bins in problem.reaches.items()
    }
    return {
        item.key: min(
            (share(demand, each.capacity) for each in hosts[item.reach] if (demand := each.demand(item))), default=0
        )
        for item in problem.items
    }


Rank = tuple[bool, int, bool, int]


class _Shelf:
    """The bins by how full they are, so that few have to be asked."""

    def __init__(self, found: Assignment) -> None:
        self._found = found
        self._bins = found.problem.bins
        self._floor = found.problem.floor
        self._few = found.problem.policy.hosts == FEW
        self._most = _ASKED if len(found.problem.items) > 1 else len(self._bins)
        self._order = sorted((found.share(each), each.key) for each in self._bins)

    def put(self, item: Item, home: Bin) -> None:
        self._remove(home)
        self._found.put(item, home)
        insort(self._order, (self._found.share(home), home.key))

    def take(self, item: Item) -> None:
        home = self._bins[self._found.where[item.key]]
        self._remove(home)
        self._found.take(item)
        insort(self._order, (self._found.share(home), home.key))

    def _remove(self, home: Bin) -> None:
        del self._order[bisect_left(self._order, (self._found.share(home), home.key))]

    def rank(self, item: Item, home: Bin) -> Rank:
        """Less is better: alone of its group, lower, with few hosts one that is in use, and otherwise the least full."""
        would = self._found.would(item, home)
        level = max(self._floor, 1 << 30 if would is None else would)
        used = self._found.is_used(home)
        return (
            self._found.joins(item, home),
            level,
            self._few and not used,
            0 if would is None or self._few else would,
        )

    def best(self, item: Item) -> Bin | None:
        """Return the bin with the least rank, the first by fullness and name; with few hosts the fullest that will do."""
        for home in islice(self._full_enough(), self._most) if self._few else ():
            would = self._found.would(item, home)
            if would is not None and would <= self._floor and not self._found.joins(item, home):
                return home
        best: tuple[Rank, Bin] | None = None
        asked = 0
        for full, key in self._order:
            home = self._bins[key]
            enough = asked >= self._most or (full >= best[0][1] and full > self._floor) if best is not None else False
            if enough and best is not None and not best[0][0]:
                break
            if self._found.would(item, home) is not None:
                rank = self.rank(item, home)
                asked += 1
                if best is None or rank < best[0]:
                    best = rank, home
        return None if best is None else best[1]

    def _full_enough(self) -> Iterator[Bin]:
        """Bins in use that may still get something, the fullest first."""
        for at in range(bisect_left(self._order, (self._floor + 1, 0)) - 1, -1, -1):
            home = self._bins[self._order[at][1]]
            if self._found.is_used(home):
                yield home
