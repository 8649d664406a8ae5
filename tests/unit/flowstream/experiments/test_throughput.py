# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from ansible.module_utils.flowstream.experiments.description import Search
from ansible.module_utils.flowstream.experiments.throughput import Outcome, highest_rate, most_trials, patient
from hypothesis import given
from hypothesis import strategies as st


def outcome(rate: int, lost: int = 0, packets: int = 10_000, achieved: float | None = None) -> Outcome:
    return Outcome(rate, rate if achieved is None else achieved, packets, packets - lost)


class Device:
    """Forwards up to a rate and loses one packet above it; notes what it was asked for."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.rates: list[int] = []

    def attempt(self, rate: int) -> Outcome:
        self.rates.append(rate)
        return outcome(rate, lost=int(rate > self.limit))


@given(
    least=st.integers(1, 1000),
    span=st.integers(0, 1_000_000),
    resolution=st.integers(1, 50),
    limit=st.integers(0, 2_000_000),
)
def test_the_answer_passes_and_is_as_close_to_the_limit_as_was_asked(
    least: int, span: int, resolution: int, limit: int
) -> None:
    search = Search(least=least, most=least + span, resolution=resolution)
    device = Device(limit)
    found = highest_rate(search, device.attempt)
    assert len(device.rates) <= most_trials(search)
    assert len(set(device.rates)) == len(device.rates)
    if limit < least:
        assert found is None
    elif limit >= search.most:
        assert found is not None
        assert found.rate == search.most
    else:
        assert found is not None
        assert found.rate <= limit
        too_high = min(rate for rate in device.rates if rate > limit)
        assert too_high - found.rate <= max(1, resolution * too_high / 100)


@given(loss=st.integers(0, 1_000_000), lost=st.integers(0, 10_000))
def test_a_rate_passes_when_no_more_is_lost_than_may_be(loss: int, lost: int) -> None:
    passes = outcome(100, lost).passes(Search(loss=loss))
    assert passes == (lost < 10_000 and lost * 100 <= loss)


def test_a_rate_that_the_generator_did_not_keep_is_none_that_can_be_had() -> None:
    assert not outcome(1000, achieved=900).passes(Search())
    assert outcome(1000, achieved=960).passes(Search())


def test_a_hiccup_does_not_decide_where_a_rate_may_be_tried_again() -> None:
    answers = iter([outcome(500, lost=1), outcome(500)])
    assert patient(lambda rate: next(answers), Search(), tries=2)(500) == outcome(500)
    assert list(answers) == []


@pytest.mark.parametrize(("tries", "asked"), [(1, 1), (3, 3)])
def test_a_rate_that_loses_is_tried_as_often_as_it_may_be(tries: int, asked: int) -> None:
    device = Device(100)
    assert patient(device.attempt, Search(), tries)(500).lost == 1
    assert device.rates == [500] * asked
