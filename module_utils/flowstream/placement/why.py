# SPDX-License-Identifier: Apache-2.0
"""Why a module is where it is, in words, each of which can be checked against the numbers."""

from __future__ import annotations

from ansible.module_utils.flowstream.placement.amounts import WHOLE, added, fullest
from ansible.module_utils.flowstream.placement.policy import FEW
from ansible.module_utils.flowstream.placement.problem import Assignment, Bin, Item

STAYS = "runs there already"
_TOLD = 2
_LOOKED_AT = 4


def reasons_of(found: Assignment) -> dict[int, str]:
    """Return the reason of each item's place, by the position of its request."""
    bins = found.problem.bins
    by_share = sorted(bins, key=lambda home: (found.share(home), home.key))[: _LOOKED_AT + 1]
    reasons: dict[int, str] = {}
    for item in found.problem.items:
        home = bins[found.where[item.key]]
        if home.key == item.at:
            reasons[item.key] = STAYS
            continue
        others = [each for each in dict.fromkeys((*by_share, *bins[:_LOOKED_AT])) if each is not home]
        full = _full(found.loads[home.key], home)
        found.take(item)
        told = [_instead(found, item, home, other) for other in sorted(others, key=lambda each: each.key)]
        found.put(item, home)
        only = "" if len(bins) > 1 else ", the only module host"
        reasons[item.key] = f"{home.host.name}{only} is at {full} with it" + "".join(
            f"{';' if not at else ','} {text}" for at, text in enumerate(told[:_TOLD])
        )
    return reasons


def _instead(found: Assignment, item: Item, home: Bin, other: Bin) -> str:
    """What would be if an item, which has no place for the moment, were on another host than it is."""
    name = other.host.name
    kind = item.request.kind or other.kinds[0]
    if kind not in other.kinds:
        return f"{name} does not run {kind}"
    demand = other.demand(item)
    if demand is None:
        return f"{name} gives one pm no more than {other.host.max_vcpus} vcpus{other.host.origin('vcpus')}"
    load = added(found.loads[other.key], demand)
    if not other.fits(load):
        return f"{name} would be at {_full(load, other)}"
    if found.joins(item, other):
        return f"{name} has another of {item.request.apart}"
    if found.problem.policy.hosts == FEW and not found.is_used(other) and found.is_used(home):
        return f"{name} would be one host more"
    return f"{name} would be at {_full(load, other)}"


def _full(load: tuple[int, ...], home: Bin) -> str:
    most, resource = fullest(load, home.capacity)
    return f"{percent(most)} {resource.word}"


def percent(level: int) -> str:
    """Return thousandths as people write them, rounded up as a share is."""
    return f"{-(-level * 100 // WHOLE)} %"
