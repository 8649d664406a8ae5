# SPDX-License-Identifier: Apache-2.0
"""Which modules are better on another host by what they take of processors now: few moves, each set of which has to be worth it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

WHOLE = 1000
"""Loads are in thousandths of a processor, shares in thousandths of a host's processors."""


@dataclass(frozen=True, slots=True)
class Room:
    """A host: how many processors it has, and how many modules and MiB of their memory it has room for in all."""

    host: str
    processors: int
    pms: int
    memory: int


@dataclass(frozen=True, slots=True)
class Burden:
    """A module: what it takes of a processor, and of memory in MiB; whether it may go elsewhere. What else a host does is one that may not."""

    module: str
    host: str
    load: int
    memory: int = 0
    pms: int = 1
    is_movable: bool = True


@dataclass(frozen=True, slots=True)
class Shift:
    """A module that is better on another host, and what that costs."""

    module: str
    source: str
    target: str
    load: int
    memory: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What is to be moved, and how busy each host is before and after, in thousandths of its processors."""

    shifts: tuple[Shift, ...]
    before: dict[str, int]
    after: dict[str, int]

    @property
    def gain(self) -> int:
        """By how much the busiest host is less busy."""
        return max(self.before.values(), default=0) - max(self.after.values(), default=0)


def balance(rooms: Sequence[Room], burdens: Sequence[Burden], most: int, gain: int) -> Balance:
    """Return what to move, `most` modules at most and none twice.

    One after the other, the module goes whose move leaves the hosts least busy, the busiest counted first. Moves are kept up to the last one
    by which the busiest host has come down by `gain` since those that were kept before it: nothing moves for less. The same input gives
    the same answer. Two modules that would have to change places are not found.
    """
    before = _shares(rooms, burdens)
    now, kept = list(burdens), list(burdens)
    level = max(before.values(), default=0)
    moved: set[str] = set()
    while len(moved) < most:
        better = min(_steps(rooms, now, moved), default=None)
        if better is None or better[0] >= _order(_shares(rooms, now)):
            break
        _, module, number, target = better
        now[number] = replace(now[number], host=target)
        moved.add(module)
        reached = max(_shares(rooms, now).values())
        if level - reached >= gain:
            kept, level = list(now), reached
    shifts = tuple(
        Shift(old.module, old.host, new.host, old.load, old.memory)
        for old, new in zip(burdens, kept, strict=True)
        if old.host != new.host
    )
    return Balance(shifts, before, _shares(rooms, kept))


def _steps(
    rooms: Sequence[Room], burdens: Sequence[Burden], moved: set[str]
) -> Iterator[tuple[list[int], str, int, str]]:
    """Every move of one more module off a busiest host to one that has room: how busy the hosts are then, and what it is.

    While these stay, no other move makes the busiest less busy.
    """
    shares = _shares(rooms, burdens)
    busiest = {host for host, share in shares.items() if share == max(shares.values())}
    loads = {room.host: _taken(burdens, room.host) for room in rooms}
    processors = {room.host: room.processors for room in rooms}
    for number, one in enumerate(burdens):
        if one.host not in busiest or not one.is_movable or one.module in moved or not one.load:
            continue
        left = (loads[one.host].load - one.load) // processors[one.host]
        for room in rooms:
            there = loads[room.host]
            fits = there.pms + one.pms <= room.pms and there.memory + one.memory <= room.memory
            if room.host != one.host and fits:
                then = {**shares, one.host: left, room.host: (there.load + one.load) // room.processors}
                yield _order(then), one.module, number, room.host


def _taken(burdens: Sequence[Burden], host: str) -> Burden:
    """All that is on a host, as one."""
    there = [one for one in burdens if one.host == host]
    return Burden("", host, sum(one.load for one in there), sum(one.memory for one in there), sum(x.pms for x in there))


def _shares(rooms: Sequence[Room], burdens: Sequence[Burden]) -> dict[str, int]:
    return {room.host: sum(one.load for one in burdens if one.host == room.host) // room.processors for room in rooms}


def _order(shares: dict[str, int]) -> list[int]:
    return sorted(shares.values(), reverse=True)
