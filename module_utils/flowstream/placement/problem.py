# SPDX-License-Identifier: Apache-2.0
"""What is to be placed where, in whole numbers and in an order of its own, and what a way of doing so is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ansible.module_utils.flowstream.placement.amounts import (
    NONE,
    WHOLE,
    Amounts,
    added,
    capacity_of,
    demand_of,
    less,
    share,
    use_of,
)
from ansible.module_utils.flowstream.placement.policy import FEW, Policy
from ansible.module_utils.flowstream.placement.request import DEFAULT_VCPUS, Place, Request
from ansible.module_utils.flowstream.platform.facts import ModuleHost
from ansible.module_utils.flowstream.platform.occupancy import Use

NOWHERE = -1


class Item(NamedTuple):
    """A module that is to be placed. `key` is the position of its request, `demands` are by kind, `at` is the bin where it runs and could stay, or NOWHERE."""

    key: int
    request: Request
    demands: Mapping[str, Amounts]
    at: int = NOWHERE

    @property
    def signature(self) -> tuple[object, ...]:
        """What two items have in common that can change places without a difference."""
        return (*self.reach, tuple(sorted(self.demands.items())), self.request.apart, self.at)

    @property
    def reach(self) -> tuple[str, int]:
        """What decides which bins can have it when they are empty."""
        return self.request.kind or "", self.request.vcpus or DEFAULT_VCPUS


class Bin(NamedTuple):
    """A host, `key` being its place by name. `used` is what others and modules that stay take of it, `apart` of what groups those are."""

    key: int
    host: ModuleHost
    kinds: tuple[str, ...]
    capacity: Amounts
    used: Amounts
    apart: frozenset[str] = frozenset()

    def kind_of(self, item: Item) -> str | None:
        """Return what the item would be here, None when that cannot be."""
        kind = item.request.kind or self.kinds[0]
        return kind if kind in self.kinds and self.host.max_vcpus >= (item.request.vcpus or DEFAULT_VCPUS) else None

    def demand(self, item: Item) -> Amounts | None:
        """Return what the item would take here."""
        kind = self.kind_of(item)
        return None if kind is None else item.demands[kind]

    def fits(self, load: Sequence[int]) -> bool:
        """Whether the host can carry that."""
        return all(taken <= most for taken, most in zip(load, self.capacity, strict=True))

    @property
    def room(self) -> tuple[object, ...]:
        """What two bins have in common that can change places without a difference."""
        return self.kinds, self.host.max_vcpus, self.capacity, self.used, self.apart


class Score(NamedTuple):
    """What a way of placing is worth, less being better, and what comes first counting first.

    `together` are modules beside another of their group, `level` is how full the fullest host is that gets something, in thousandths
    and not less than the policy's fill, `hosts` are those in use, negative where many are wanted.
    """

    together: int
    level: int
    hosts: int
    moves: int


@dataclass(frozen=True)
class Problem:
    """Items by number, bins by name."""

    items: tuple[Item, ...]
    bins: tuple[Bin, ...]
    policy: Policy

    @property
    def floor(self) -> int:
        """The level below which nothing is gained."""
        return self.policy.fill * WHOLE // 100

    @cached_property
    def reaches(self) -> dict[tuple[str, int], tuple[Bin, ...]]:
        """The bins for each reach that an item has."""
        alike = {item.reach: item for item in self.items}
        return {reach: tuple(each for each in self.bins if each.kind_of(item)) for reach, item in alike.items()}


def problem_of(
    requests: Sequence[Request], hosts: Sequence[ModuleHost], used: Mapping[str, Use], policy: Policy, packet_ns: int
) -> tuple[Problem, dict[int, int]]:
    """Return what is to be decided, and the bin of each request (by position) that stays where it runs.

    What runs stays if its host can have it, the smallest first; it is an item where the policy lets some move.
    `packet_ns` is what a packet of others costs.
    """
    order = sorted(range(len(requests)), key=lambda at: (requests[at].number, requests[at].where))
    sorted_hosts = sorted(hosts, key=lambda host: host.name)
    bins = [
        Bin(
            index,
            host,
            host.kinds,
            capacity_of(host),
            use_of(used.get(host.name, Use()), packet_ns, policy.frame_bytes),
        )
        for index, host in enumerate(sorted_hosts)
    ]
    items = {at: Item(at, requests[at], _demands(requests[at], bins, policy.frame_bytes)) for at in order}
    staying = _staying([items[at] for at in order], bins)
    if policy.moves:
        chosen = [items[at]._replace(at=staying.get(at, NOWHERE)) for at in order]
        return Problem(tuple(chosen), tuple(bins), policy), {}
    return Problem(
        tuple(items[at] for at in order if at not in staying), _filled(items, bins, staying), policy
    ), staying


def _demands(request: Request, bins: Sequence[Bin], frame_bytes: int) -> dict[str, Amounts]:
    kinds = {request.kind or each.kinds[0] for each in bins}
    return {kind: demand_of(request, kind, frame_bytes) for kind in sorted(kinds)}


def _staying(items: Sequence[Item], bins: Sequence[Bin]) -> dict[int, int]:
    by_name = {each.host.name: each for each in bins}
    running = [(demand, item, home) for item in items
               if (home := by_name.get(item.request.at)) and (demand := home.demand(item))]  # fmt: skip
    loads = {each.key: each.used for each in bins}
    staying: dict[int, int] = {}
    for demand, item, home in sorted(running, key=lambda one: (share(one[0], one[2].capacity), one[1].request.number)):
        load = added(loads[home.key], demand)
        if home.fits(load):
            loads[home.key] = load
            staying[item.key] = home.key
    return staying


def _filled(items: Mapping[int, Item], bins: Sequence[Bin], staying: Mapping[int, int]) -> tuple[Bin, ...]:
    """The bins with what stays as part of what is used."""
    filled = list(bins)
    for at, home in staying.items():
        there = filled[home]
        apart = there.apart | ({items[at].request.apart} - {""})
        filled[home] = there._replace(used=added(there.used, there.demand(items[at]) or NONE), apart=apart)
    return tuple(filled)


class Assignment:
    """A bin for each item, with what that makes of the bins."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.where: dict[int, int] = {}
        self.loads: list[Amounts] = [each.used for each in problem.bins]
        self.groups: list[Counter[str]] = [Counter(each.apart) for each in problem.bins]
        self.items: list[dict[int, Item]] = [{} for _ in problem.bins]

    def put(self, item: Item, home: Bin) -> None:
        """Place an item that has no place."""
        self.loads[home.key] = added(self.loads[home.key], home.demand(item) or NONE)
        self.where[item.key] = home.key
        self.items[home.key][item.key] = item
        if item.request.apart:
            self.groups[home.key][item.request.apart] += 1

    def take(self, item: Item) -> Bin:
        """Take an item's place away and return it."""
        home = self.problem.bins[self.where.pop(item.key)]
        self.loads[home.key] = less(self.loads[home.key], home.demand(item) or NONE)
        del self.items[home.key][item.key]
        if item.request.apart:
            self.groups[home.key][item.request.apart] -= 1
        return home

    def would(self, item: Item, home: Bin) -> int | None:
        """Return how full a bin would be with an item that has no place, None when it cannot have it."""
        demand = home.demand(item)
        if demand is None:
            return None
        level = 0
        for taken, more, most in zip(self.loads[home.key], demand, home.capacity, strict=True):
            if taken + more > most:
                return None
            level = max(level, -(-WHOLE * (taken + more) // most))
        return level

    def joins(self, item: Item, home: Bin) -> bool:
        """Whether it would stand beside another of its group."""
        return bool(item.request.apart) and self.groups[home.key][item.request.apart] > 0

    def is_used(self, home: Bin) -> bool:
        """Whether anything is there."""
        return self.loads[home.key][0] > 0

    def share(self, home: Bin) -> int:
        """Return how full a bin is."""
        return share(self.loads[home.key], home.capacity)

    def getting(self) -> Iterator[Bin]:
        """Yield the bins that have an item."""
        return (home for home in self.problem.bins if self.items[home.key])

    def score(self) -> Score:
        """Return what it is worth."""
        count = sum(map(self.is_used, self.problem.bins))
        return Score(
            together=sum(max(0, number - 1) for groups in self.groups for number in groups.values()),
            level=max([self.problem.floor, *map(self.share, self.getting())]),
            hosts=count if self.problem.policy.hosts == FEW else -count,
            moves=sum(item.at not in (NOWHERE, self.where[item.key]) for item in self.problem.items),
        )

    def places(self) -> dict[int, Place]:
        """Return the answer without reasons, by position of the request."""
        return {
            item.key: place_on(self.problem.bins[self.where[item.key]], item.request) for item in self.problem.items
        }


def place_on(home: Bin, request: Request) -> Place:
    """Return the place of a request there."""
    kind = request.kind or home.kinds[0]
    memory = request.memory or request.usual_memory[kind]
    return Place(home.host, kind, memory, request.vcpus or DEFAULT_VCPUS)
