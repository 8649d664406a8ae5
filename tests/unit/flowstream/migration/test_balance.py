# SPDX-License-Identifier: Apache-2.0
"""Which modules go where by what they take: never more than may be moved, nor for less than is asked for, nor where there is no room."""

from __future__ import annotations

from itertools import product

import pytest
from ansible.module_utils.flowstream.migration.balance import Balance, Burden, Room, Shift, balance
from hypothesis import given
from hypothesis import strategies as st

ROOMS = [Room(name, processors=1, pms=64, memory=4096) for name in ("a", "b", "c")]


def burdens(**hosts: list[int]) -> list[Burden]:
    """Modules of 100 MiB with these loads by host, named after host and number."""
    return [Burden(f"{host}{n}", host, load, 100) for host, loads in hosts.items() for n, load in enumerate(loads)]


def moved(found: Balance) -> dict[str, str]:
    return {shift.module: shift.target for shift in found.shifts}


def test_one_move_brings_the_busiest_host_down_as_far_as_one_can() -> None:
    found = balance(ROOMS, burdens(a=[500, 300], b=[200], c=[100]), most=1, gain=100)
    assert found.shifts == (Shift("a1", "a", "c", 300, 100),)
    assert (found.before, found.after, found.gain) == (
        {"a": 800, "b": 200, "c": 100},
        {"a": 500, "b": 200, "c": 400},
        300,
    )


def test_two_hosts_as_busy_need_two_moves_and_none_is_made_alone() -> None:
    even = burdens(a=[400, 300], b=[400, 300])
    assert balance(ROOMS, even, most=1, gain=10).shifts == ()
    two = balance(ROOMS, even, most=2, gain=10)
    assert (len(two.shifts), two.gain) == (2, 100)


def test_it_ends_where_another_move_gains_less_than_is_asked_for() -> None:
    load = burdens(a=[100] * 8)
    gains = [len(balance(ROOMS, load, most=8, gain=gain).shifts) for gain in (1, 100, 200, 600)]
    assert gains == [5, 5, 4, 0]
    first = balance(ROOMS, load, most=8, gain=100)
    settled = [Burden(one.module, moved(first).get(one.module, one.host), one.load, one.memory) for one in load]
    assert balance(ROOMS, settled, most=8, gain=100).shifts == ()


@pytest.mark.parametrize(
    "change",
    [{"memory": 150}, {"pms": 1}],
    ids=["no memory", "no room for a module"],
)
def test_a_host_without_room_gets_nothing(change: dict[str, int]) -> None:
    rooms = [ROOMS[0], Room("b", **{"processors": 1, "pms": 64, "memory": 4096, **change})]
    assert balance(rooms, burdens(a=[500, 400], b=[100]), most=1, gain=10).shifts == ()


def test_what_may_not_move_counts_where_it_is() -> None:
    fixed = [Burden("switch", "a", 700, pms=0, is_movable=False), *burdens(a=[100], b=[200])]
    assert moved(balance(ROOMS[:2], fixed, most=2, gain=50)) == {"a0": "b"}
    assert balance(ROOMS[:2], fixed[:1], most=2, gain=1).shifts == ()


def test_a_host_with_more_processors_is_less_busy_with_the_same() -> None:
    rooms = [Room("a", 4, 64, 4096), Room("b", 1, 64, 4096)]
    assert moved(balance(rooms, burdens(a=[400], b=[400, 400]), most=1, gain=100)) == {"b0": "a"}


def test_of_a_thousand_modules_no_more_move_than_may() -> None:
    rooms = [Room(f"h{n:03}", 4, 64, 1 << 20) for n in range(100)]
    loads = [Burden(f"m{n:04}", f"h{n % 70:03}", 100 + n * 37 % 200, 128) for n in range(1000)]
    found = balance(rooms, loads, most=20, gain=1)
    assert found.gain > 0
    assert len(found.shifts) <= 20


LOADS = st.lists(
    st.builds(
        Burden,
        st.just(""),
        st.sampled_from("abc"),
        st.integers(0, 900),
        st.integers(0, 300),
        st.just(1),
        st.booleans(),
    ),
    max_size=7,
)


@given(loads=LOADS, most=st.integers(1, 4), gain=st.integers(1, 300))
def test_any_load_is_moved_within_what_was_asked_for(loads: list[Burden], most: int, gain: int) -> None:
    rooms = [Room(name, processors, pms=6, memory=900) for name, processors in (("a", 1), ("b", 2), ("c", 1))]
    named = [Burden(f"m{n}", x.host, x.load, x.memory, x.pms, x.is_movable) for n, x in enumerate(loads)]
    found = balance(rooms, named, most, gain)
    by_name = {one.module: one for one in named}
    assert len(found.shifts) <= most
    assert all(by_name[shift.module].is_movable for shift in found.shifts)
    assert found.gain >= gain or not found.shifts
    for room in rooms:
        there = [one for one in named if moved(found).get(one.module, one.host) == room.host]
        if any(shift.target == room.host for shift in found.shifts):
            assert len(there) <= room.pms
            assert sum(one.memory for one in there) <= room.memory
        assert found.after[room.host] == sum(one.load for one in there) // room.processors
    if most == 1:
        assert found.gain == _best_of_one(rooms, named, gain)


def _best_of_one(rooms: list[Room], named: list[Burden], gain: int) -> int:
    """By how much one move can bring the busiest host down, tried out; 0 where that is less than is asked for."""

    def busiest(homes: dict[str, str]) -> int:
        return max(sum(x.load for x in named if homes[x.module] == room.host) // room.processors for room in rooms)

    stay = {one.module: one.host for one in named}
    best = busiest(stay)
    for one, room in product(named, rooms):
        there = [other for other in named if other.host == room.host]
        has_room = len(there) < room.pms and sum(x.memory for x in there) + one.memory <= room.memory
        if one.is_movable and one.load and has_room:
            best = min(best, busiest({**stay, one.module: room.host}))
    return busiest(stay) - best if busiest(stay) - best >= gain else 0
