# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from ansible.module_utils.flowstream.experiments.latency import Latency, delays, percentile
from hypothesis import given
from hypothesis import strategies as st


@given(
    values=st.lists(st.integers(0, 10**12), min_size=1).map(sorted),
    percent=st.one_of(st.integers(1, 100), st.sampled_from([0.1, 99.9, 99.99])),
)
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(values: list[int], percent: float) -> None:
    found = percentile(values, percent)
    thousandths = round(percent * 1000)
    assert sum(value <= found for value in values) * 100_000 >= thousandths * len(values)
    below = [value for value in values if value < found]
    assert len(below) * 100_000 < thousandths * len(values)


def test_of_nothing_there_is_no_percentile() -> None:
    with pytest.raises(ValueError, match="no value has a percentile"):
        percentile([], 50)
    assert Latency.of([]) is None


@given(
    sent=st.dictionaries(st.integers(0, 50), st.integers(0, 10**9)),
    took=st.dictionaries(st.integers(0, 50), st.integers(0, 10**6)),
)
def test_only_packets_that_were_seen_at_both_ends_have_a_delay(sent: dict[int, int], took: dict[int, int]) -> None:
    came = {number: sent.get(number, 0) + delay for number, delay in took.items()}
    assert delays(sent, came) == sorted(delay for number, delay in took.items() if number in sent)


def test_delays_are_summed_up_in_microseconds() -> None:
    latency = Latency.of([1000 * value for value in range(1, 1001)])
    assert latency is not None
    assert latency.to_dict() == {
        "samples": 1000,
        "min": 1.0,
        "mean": 500.5,
        "max": 1000.0,
        "p50": 500.0,
        "p90": 900.0,
        "p99": 990.0,
        "p99.9": 999.0,
    }
