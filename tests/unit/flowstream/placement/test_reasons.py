# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

from ansible.module_utils.flowstream.placement.amounts import UNBOUNDED
from ansible.module_utils.flowstream.placement.bound import Shortage, least_level
from ansible.module_utils.flowstream.placement.problem import Problem
from ansible.module_utils.flowstream.placement.reasons import Limit, Reasons, is_possible, smallest_reasons
from ansible.module_utils.flowstream.placement.request import Request
from ansible.module_utils.flowstream.platform.facts import ModuleHost
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from .conftest import cases, module_host, problem, request
from .test_balanced import best_of_all


def only(whole: Problem, reasons: Reasons) -> Problem:
    """The problem with nothing but its reasons: these modules, and no limits but these."""
    limited = {(home.key, limit.resource) for limit in reasons.limits for home in limit.bins}
    bins = [
        home._replace(capacity=tuple(most if (home.key, at) in limited else UNBOUNDED for at, most in enumerate(home.capacity)))
        for home in whole.bins
    ]  # fmt: skip
    return replace(whole, items=reasons.items, bins=tuple(bins))


@settings(max_examples=25, deadline=None)
@given(cases(running=False, most=5, most_hosts=2, sizes=st.integers(200, 400)))
def test_the_smallest_reasons_are_too_much_and_without_any_one_they_are_not(
    case: tuple[list[ModuleHost], list[Request]],
) -> None:
    hosts, requests = case
    everything = problem(requests, hosts)
    whole = problem([item.request for item in everything.items if everything.reaches[item.reach]], hosts)
    assume(best_of_all(whole) is None)
    reasons = smallest_reasons(whole)
    assert best_of_all(only(whole, reasons)) is None
    for item in reasons.items:
        rest = reasons._replace(items=tuple(other for other in reasons.items if other is not item))
        assert best_of_all(only(whole, rest)) is not None
    for limit in reasons.limits:
        looser = reasons._replace(limits=tuple(other for other in reasons.limits if other is not limit))
        assert best_of_all(only(whole, looser)) is not None


def test_modules_that_fit_by_the_sum_but_not_by_their_sizes_are_found_out() -> None:
    sizes = [600, 600, 600, 100]
    whole = problem(
        [request(number, size) for number, size in enumerate(sizes)], [module_host("a"), module_host("b", memory=1100)]
    )
    assert not isinstance(least_level(whole), Shortage)
    assert is_possible(whole) is False
    reasons = smallest_reasons(whole)
    assert [item.request.number for item in reasons.items] == [0, 1, 2]
    assert reasons.limits == (Limit((whole.bins[0],), 1), Limit((whole.bins[1],), 1))


def test_one_that_is_too_large_for_every_host_is_reason_enough() -> None:
    whole = problem([request(0, 600), request(1, 2000), request(2, 600)], [module_host("a"), module_host("b")])
    reasons = smallest_reasons(whole)
    assert [item.request.number for item in reasons.items] == [1]
    assert [(len(limit.bins), limit.resource) for limit in reasons.limits] == [(2, 1)]
