# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping

import pytest
from ansible.module_utils.flowstream.offload.decide import Decision, Growth, decide, growth, handlers_of
from ansible.module_utils.flowstream.offload.spare import in_turn, spilling, with_spilled
from ansible.module_utils.flowstream.plan.plan import Plan
from hypothesis import given
from hypothesis import strategies as st

from ....model.sharing import SPARE, plan_of

ONE = plan_of("mh1", "mh2*")
MORE = plan_of("mh1", "mh1", "mh2*", "mh3*")


def answers(loads: Mapping[str, int]) -> dict[str, Growth]:
    """What is known of modules that get so many packets a second, at two ports."""
    return {name: {"in0.count": load - load // 3, "in1.count": load // 3} for name, load in loads.items()}


def after(plan: Plan, loads: Mapping[str, int], *spares: str) -> Decision:
    """What is decided where these spares have flows."""
    return decide(plan, answers(loads), with_spilled(plan, spares).switches["sw1"].flows)


def test_what_is_read_is_what_spares_count() -> None:
    assert handlers_of(ONE) == ["in0.count", "in1.count"]


@pytest.mark.parametrize(
    ("loads", "have", "decision"),
    [
        (
            {"fw-pm0": 1999, "fw-pm1": 0},
            (),
            Decision((), ("fw-pm0 on mh1 has 1999 packets/s, less than 2000: fw-pm1 on mh2 rests",), False),
        ),
        (
            {"fw-pm0": 2000, "fw-pm1": 0},
            (),
            Decision(
                ("fw-pm1",),
                ("fw-pm0 on mh1 has 2000 packets/s, 2000 or more: fw-pm1 on mh2 gets its part, 1 of 2 flows",),
                True,
            ),
        ),
        (
            {"fw-pm0": 251, "fw-pm1": 250},
            ("fw-pm1",),
            Decision(
                ("fw-pm1",),
                (
                    "fw-pm0 on mh1 would have 501 packets/s at most with the flows of fw-pm1 on mh2, more than 500: it keeps them",
                ),
                False,
            ),
        ),
        (
            {"fw-pm0": 250, "fw-pm1": 250},
            ("fw-pm1",),
            Decision(
                (),
                (
                    "fw-pm0 on mh1 would have 500 packets/s at most with the flows of fw-pm1 on mh2, 500 or less: they go back",
                ),
                True,
            ),
        ),
        (
            {"fw-pm0": 9000},
            (),
            Decision(
                (),
                (
                    "fw-pm0 on mh1 has 9000 packets/s, 2000 or more, and fw-pm1 on mh2 does not answer",
                    "no other spare is left",
                ),
                False,
            ),
        ),
        (
            {"fw-pm0": 9000},
            ("fw-pm1",),
            Decision((), ("fw-pm1 on mh2 does not answer: its flows go back to the others",), True),
        ),
        (
            {"fw-pm1": 10},
            ("fw-pm1",),
            Decision(("fw-pm1",), ("fw-pm1 on mh2 keeps its flows: fw-pm0 on mh1 does not answer",), False),
        ),
        ({}, (), Decision((), ("no module says what it has: fw-pm1 on mh2 rests",), False)),
    ],
)
def test_one_spare(loads: dict[str, int], have: tuple[str, ...], decision: Decision) -> None:
    assert after(ONE, loads, *have) == decision


def test_two_answers_say_how_much_a_module_gets_but_not_where_it_began_anew() -> None:
    before = {"in0.count": "100", "in1.count": "50", "in2.count": "7"}
    after = {"in0.count": "1100", "in1.count": "3", "in3.count": "9"}
    assert growth(before, after, 2.0) == {"in0.count": 500.0}


def test_spares_come_one_after_the_other_and_go_in_reverse() -> None:
    high = {"fw-pm0": 100, "fw-pm1": 5000, "fw-pm2": 0, "fw-pm3": 0}
    assert after(MORE, high).spares == ("fw-pm2",)
    assert after(MORE, high, "fw-pm2").spares == ("fw-pm2", "fw-pm3")
    assert after(MORE, high, "fw-pm2", "fw-pm3").changes is False
    low = dict.fromkeys(high, 10)
    assert after(MORE, low, "fw-pm2", "fw-pm3").spares == ("fw-pm2",)
    assert after(MORE, low, "fw-pm2").spares == ()
    assert after(MORE, {**low, "fw-pm1": 5000, "fw-pm0": 5000} | {"fw-pm2": 5000}, "fw-pm3").spares == (
        "fw-pm2",
        "fw-pm3",
    )


def test_entries_of_others_are_no_entries_of_ours() -> None:
    (entry,) = ONE.switches["sw1"].spilled.values()
    assert spilling(ONE, [entry]) == ["fw-pm1"]
    foreign = type(entry)(entry.table, entry.priority, entry.match, entry.actions, entry.cookie + 1)
    assert spilling(ONE, [foreign]) == []


@given(flows=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 3000)), max_size=6))
def test_the_same_load_leads_to_a_state_that_stays(flows: list[tuple[int, int, int]]) -> None:
    """Each flow has a spare that it would go to, or none, and else a module that always serves; what it sends does not change."""

    def loads(spares: tuple[str, ...]) -> dict[str, int]:
        found = dict.fromkeys(("fw-pm0", "fw-pm1", "fw-pm2", "fw-pm3"), 0)
        for home, spare, load in flows:
            name = f"fw-pm{2 + spare}"
            found[name if name in spares else f"fw-pm{home}"] += load
        return found

    have: tuple[str, ...] = ()
    for _ in in_turn(MORE):
        have = after(MORE, loads(have), *have).spares
    assert after(MORE, loads(have), *have).spares == have
    assert SPARE.low < SPARE.high
