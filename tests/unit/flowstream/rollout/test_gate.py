# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.rollout.gate import (
    Answer,
    Counting,
    Health,
    counting,
    judge,
    judge_beside,
    parse_health,
)

OLD = "in0 :: Counter; in1 :: Counter; no_route :: Counter; header :: CheckIPHeader; queue0 :: Queue;"
NEW = OLD + " ttl0 :: DecIPTTL;"
COUNTS = counting([OLD, NEW], Health())


def answer(at: float, received: int, dropped: int = 0, header: int = 0, runs: str | None = NEW) -> Answer:
    counts = {"in0.count": received, "in1.count": 0, "no_route.count": dropped, "header.drops": header}
    return Answer(at, {name: str(number) for name, number in counts.items()}, runs)


def verdict(*answers: Answer, health: Health | None = None) -> tuple[str, ...]:
    return judge("pm0", "mh1", NEW, COUNTS, answers, health or Health()).faults


def test_what_counts_is_what_the_two_configurations_declare_and_what_a_person_adds() -> None:
    assert (
        Counting(
            ("in0.count", "in1.count"),
            {
                "header.drops": "bad header",
                "no_route.count": "no route",
                "queue0.drops": "queue full",
                "ttl0.drops": "expired",
            },
        )
        == COUNTS
    )
    own = counting([""], Health(received=("all.count",), dropped=("lossy.drops",)))
    assert own == Counting(("all.count",), {"lossy.drops": "lossy.drops"})


@pytest.mark.parametrize(
    ("dropped", "faults"),
    [
        (20, ()),
        (50, ("drops 5.0 % of its packets, 1.0 % before (50 of 1000: 50 no route)",)),
    ],
)
def test_a_module_may_drop_a_little_more_than_before(dropped: int, faults: tuple[str, ...]) -> None:
    before = answer(0, 1000, 7), answer(5, 2000, 17)
    assert verdict(*before, answer(7, 2400, 17), answer(12, 3400, 17 + dropped)) == faults


def test_a_module_that_dropped_much_before_may_go_on() -> None:
    assert verdict(answer(0, 0, 0), answer(5, 1000, 300), answer(7, 1000, 300), answer(12, 2000, 605)) == ()


def test_a_module_without_a_window_before_is_judged_by_what_it_drops_now() -> None:
    assert verdict(answer(7, 0, 0), answer(12, 1000, 5)) == ()
    assert verdict(answer(7, 0, 0), answer(12, 1000, 50)) == ("drops 5.0 % of its packets (50 of 1000: 50 no route)",)


def test_a_counter_that_a_configuration_began_anew_counts_from_nothing() -> None:
    found = judge(
        "pm0", "mh1", NEW, COUNTS, [answer(7, 5000, 9, header=400), answer(12, 6000, 9, header=100)], Health()
    )
    assert found.after is not None
    assert (found.after.received, found.after.dropped) == (1000, {"bad header": 100})


def test_a_module_that_gets_nothing_any_more_is_not_well() -> None:
    before = answer(0, 0), answer(5, 1000)
    assert verdict(*before, answer(7, 1000), answer(12, 1000)) == ("gets 0 packets/s, 200 before",)
    assert verdict(*before, answer(7, 1000), answer(12, 1600)) == ()


def test_shares_of_few_packets_say_nothing() -> None:
    quiet = [answer(0, 0), answer(5, 99), answer(7, 99), answer(12, 198, 99)]
    assert verdict(*quiet) == ()
    assert len(verdict(*quiet, health=Health(packets=10))) == 1


def test_a_module_that_does_not_answer_or_runs_something_else_is_not_well() -> None:
    assert verdict(answer(7, 0), Answer(12, fault="does not run")) == ("does not run",)
    assert verdict(answer(7, 0), answer(12, 0, runs=OLD)) == ("does not run what it was given",)
    assert verdict(answer(7, 0), answer(12, 0, runs=NEW + "\n")) == ()


def test_health_is_read_and_what_cannot_be_meant_refused() -> None:
    assert parse_health({}) == Health()
    assert parse_health({"drops": "0.5", "packets": 10, "dropped": ["x.drops"]}) == Health(
        drops=0.5, packets=10, dropped=("x.drops",)
    )
    with pytest.raises(FlowstreamError) as refused:
        parse_health({"drop": 1, "drops": "few", "less": 101, "received": "in.count"})
    assert refused.value.messages == (
        "rollout_health: has no drop, got 1; use drops, less, probes, packets, received or dropped",
        "rollout_health: drops is no number from 0 to 100, got 'few'; write 1.0",
        "rollout_health: less is no number from 0 to 100, got 101; write 50.0",
        "rollout_health: received is no list of handlers, got 'in.count'; write [in.count]",
    )


def beside(own: Sequence[Answer], other: Sequence[Answer]) -> tuple[str, ...]:
    return judge_beside("pm0-canary", "mh1", NEW, COUNTS, own, other, Health()).faults


def test_a_successor_is_judged_by_what_the_other_drops_at_the_same_time() -> None:
    other = answer(0, 10000, 0, runs=OLD), answer(5, 12000, 100, runs=OLD)
    assert beside((answer(0, 0), answer(5, 1000, 55)), other) == ()
    worse = (answer(0, 0), answer(5, 1000, 70))
    assert beside(worse, other) == ("drops 7.0 % of its packets, 5.0 % beside it (70 of 1000: 70 no route)",)


def test_a_successor_may_get_few_packets_and_has_to_run_what_it_was_given() -> None:
    other = answer(0, 0, runs=OLD), answer(5, 100000, runs=OLD)
    assert beside((answer(0, 0), answer(5, 99, 99)), other) == ()
    assert beside((answer(0, 0), answer(5, 1, runs=OLD)), other) == ("does not run what it was given",)


@pytest.mark.parametrize("silent", [0, 1])
def test_a_successor_that_does_not_answer_is_not_well_and_the_other_may_be_silent(silent: int) -> None:
    answers = [answer(0, 0), answer(5, 1000)]
    fault = Answer(5, fault="does not run")
    assert beside(answers, [*answers[:1], fault]) == ()
    answers[silent] = fault
    assert beside(answers, (answer(0, 0), answer(5, 1000))) == ("does not run",)
