# SPDX-License-Identifier: Apache-2.0
"""The way round a link that is down, such that no packet circles, whatever else is down.

The usual ways to one switch are a tree. A switch that has lost its link up the tree sends packets over a link into another branch, or
down to a switch that has one: what comes down from above goes on like that until it has left the branch, and then up as usual. A
packet is turned aside once: it is marked then, and lost where it would have to be again. So each packet climbs, descends and
climbs, at most, and ends. (The links that lead highest out of each branch are the low points of R. E. Tarjan, Depth-first search
and linear graph algorithms, SIAM J. Comput. 1 (2), 1972; that the port which a packet comes by tells of the failure is the idea of
S. Lee et al., Proactive vs reactive approaches to failure resilient routing, INFOCOM 2004.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ansible.module_utils.flowstream.fabric.share import Place


class Detours(NamedTuple):
    """Of the ways to one switch, by switch: the port by which it sends what cannot go up, and what has come down from above.

    A switch without the first has no other way.
    """

    aside: Mapping[str, int]
    onward: Mapping[str, int]


class _Escape(NamedTuple):
    """A link from one branch to another: how deep in the tree both begin, how many links are left from there, and where it is."""

    meet: int
    left: int
    start: Place


def detours(links: Mapping[str, Mapping[int, Place]], up: Mapping[str, int], depth: Mapping[str, int]) -> Detours:
    """Return the ways round, where `up` has every other switch's port towards the one that all go to, and `depth` its distance."""
    below: dict[str, list[tuple[int, str]]] = {name: [] for name in links}
    for name, port in sorted(up.items()):
        above = links[name][port]
        below[above.switch].append((above.port, name))
    best: dict[str, tuple[_Escape, int]] = {}
    aside: dict[str, int] = {}
    for name in sorted(up, key=lambda one: (-depth[one], one)):
        tree = {up[name], *(port for port, _ in below[name])}
        across = [
            (_Escape(_meet(name, end.switch, links, up, depth), depth[end.switch] + 1, Place(name, port)), port)
            for port, end in sorted(links[name].items())
            if port not in tree
        ]
        down = [(best[child][0], port) for port, child in below[name] if child in best]
        if across or down:
            best[name] = min([*across, *down])
        # A switch that turns a packet aside knows whose branch it is to leave, and takes a link of its own where that does.
        for found in (across, down):
            able = [(escape.left, port) for escape, port in found if escape.meet < depth[name]]
            if able:
                aside[name] = min(able)[1]
                break
    onward: dict[str, int] = {}
    for name, port in aside.items():
        end = links[name][port]
        while up.get(end.switch) == end.port:
            onward[end.switch] = port = best[end.switch][1]
            end = links[end.switch][port]
    return Detours(aside, onward)


def _meet(
    one: str, other: str, links: Mapping[str, Mapping[int, Place]], up: Mapping[str, int], depth: Mapping[str, int]
) -> int:
    """How deep the lowest switch is that both ways up pass."""
    while one != other:
        if depth[one] < depth[other]:
            one, other = other, one
        one = links[one][up[one]].switch
    return depth[one]
