# SPDX-License-Identifier: Apache-2.0
"""The packets that nothing tells apart: one of each class, for tables and claims that look at any fields.

A class is the set of questions whose answer is yes. They are found field by field: only combinations that some question
asks for are split, so that a table of a thousand entries makes about a thousand classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ansible.module_utils.flowstream.addresses import address_text
from ansible.module_utils.flowstream.flows.packet import IPV4, IPV6, Constraint

Question = tuple[Constraint, ...]
"""Whether a packet fulfils all of these."""

_ORDER = {field: rank for rank, field in enumerate(("dl_type", "nw_proto", "nw_src", "ipv6_src"))}
_ADDRESSED = {IPV4: (4, "nw_src", "nw_dst"), IPV6: (6, "ipv6_src", "ipv6_dst")}
"""The family of a packet by its Ethernet type, and its addresses."""
_Asked = tuple[int, int, int]
"""Value and mask of a field, and which questions ask for it, a bit each."""


class Class(NamedTuple):
    """The smallest packet of a class, as the fields in which it had to be told apart, and the questions that it answers with yes."""

    values: Mapping[str, int]
    yes: frozenset[Question]


@lru_cache(maxsize=64)
def classes(questions: frozenset[Question]) -> tuple[Class, ...]:
    """Return every class that some packet has."""
    ordered = sorted(questions)
    asked: dict[str, dict[tuple[int, int], int]] = {}
    for at, question in enumerate(ordered):
        for field, value, mask in question:
            by_value = asked.setdefault(field, {})
            by_value[value, mask] = by_value.get((value, mask), 0) | 1 << at
    states: dict[int, Mapping[str, int]] = {(1 << len(ordered)) - 1: {}}
    for field in sorted(asked, key=lambda field: (_ORDER.get(field, len(_ORDER)), field)):
        states = _split(states, field, asked[field])
    return tuple(Class(values, frozenset(_members(ordered, yes))) for yes, values in states.items())


def remaining(question: Question, given: Mapping[str, int]) -> Question | None:
    """Return what a question asks of the fields that are not given; None when those say no."""
    rest = []
    for one in question:
        if one.field not in given:
            rest.append(one)
        elif given[one.field] & one.mask != one.value:
            return None
    return tuple(rest)


def described(ether_type: int, values: Mapping[str, int]) -> str:
    """Name a packet by what tells it apart."""
    if ether_type not in _ADDRESSED:
        text, told = f"a packet of Ethernet type {ether_type:#06x}", set[str]()
    else:
        family, source, destination = _ADDRESSED[ether_type]
        text, told = f"a packet to {address_text(values.get(destination, 0), family)}", {source, destination}
        if source in values:
            text += f" from {address_text(values[source], family)}"
    more = [f"{name}={value:#x}" for name, value in values.items() if name not in told]
    return f"{text} with {','.join(more)}" if more else text


def _split(
    states: Mapping[int, Mapping[str, int]], field: str, asked: Mapping[tuple[int, int], int]
) -> dict[int, Mapping[str, int]]:
    """Tell packets apart by one more field, where a question that is still open asks for it."""
    mentioned = 0
    for who in asked.values():
        mentioned |= who
    cuts: dict[int, dict[int, int]] = {}
    found: dict[int, Mapping[str, int]] = {}
    for state, values in states.items():
        open_here = state & mentioned
        if not open_here:
            found.setdefault(state, values)
            continue
        if open_here not in cuts:
            here = [(value, mask, who & open_here) for (value, mask), who in asked.items() if who & open_here]
            cuts[open_here] = _cut(here)
        for yes, value in cuts[open_here].items():
            found.setdefault(state & ~mentioned | yes, {**values, field: value})
    return found


def _cut(asked: Sequence[_Asked]) -> dict[int, int]:
    """The smallest value for each set of questions that one value answers with yes."""
    found: dict[int, int] = {}
    waiting = [(list(asked), 0, 0)]
    while waiting:
        still, yes, value = waiting.pop()
        if not still:
            found.setdefault(yes, value)
            continue
        bit = 1 << max(mask for _, mask, _ in still).bit_length() - 1
        for side in (bit, 0):
            rest: list[_Asked] = []
            got = yes
            for wanted, mask, who in still:
                if not mask & bit:
                    rest.append((wanted, mask, who))
                elif wanted & bit == side and mask != bit:
                    rest.append((wanted, mask ^ bit, who))
                elif wanted & bit == side:
                    got |= who
            waiting.append((rest, got, value | side))
    return found


def _members(ordered: Sequence[Question], yes: int) -> Iterator[Question]:
    while yes:
        lowest = yes & -yes
        yield ordered[lowest.bit_length() - 1]
        yes ^= lowest
