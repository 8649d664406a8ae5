# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.placement.amounts import NONE, added, capacity_of, demand_of, share
from ansible.module_utils.flowstream.placement.balanced import Balanced
from ansible.module_utils.flowstream.placement.heuristics import first_fit
from ansible.module_utils.flowstream.placement.policy import BALANCED, FEW, Policy
from ansible.module_utils.flowstream.placement.problem import Assignment, Problem, Score
from ansible.module_utils.flowstream.placement.request import Place, Request
from ansible.module_utils.flowstream.placement.search import search
from ansible.module_utils.flowstream.platform.facts import ModuleHost
from ansible.module_utils.flowstream.platform.occupancy import Use
from hypothesis import given, settings
from hypothesis import strategies as st

from ..conftest import messages
from .conftest import BALANCE, PACKET_NS, cases, module_host, problem, request

PROPERTY = settings(max_examples=20, deadline=None)
LESS_OFTEN = settings(max_examples=2, deadline=None)
POLICIES = st.sampled_from(
    [BALANCE, Policy(BALANCED, FEW, 80), Policy(BALANCED, moves=1), Policy(BALANCED, FEW, 80, moves=9)]
)


def placed(requests: list[Request], hosts: list[ModuleHost], policy: Policy = BALANCE, **used: Use) -> list[Place]:
    return Balanced(policy, PACKET_NS, lambda text: None)(requests, hosts, used)


def placed_or_not(requests: list[Request], hosts: list[ModuleHost], policy: Policy) -> list[Place] | None:
    try:
        return placed(requests, hosts, policy)
    except FlowstreamError:
        return None


def hosts_of(places: list[Place]) -> str:
    return " ".join(place.host.name for place in places)


def best_of_all(whole: Problem) -> Score | None:
    """What the best of every way there is is worth."""
    scores = []
    for homes in product(whole.bins, repeat=len(whole.items)):
        found = Assignment(whole)
        for item, home in zip(whole.items, homes, strict=True):
            if found.would(item, home) is None:
                break
            found.put(item, home)
        else:
            if found.score().moves <= whole.policy.moves:
                scores.append(found.score())
    return min(scores, default=None)


@PROPERTY
@given(cases(), POLICIES)
def test_no_host_gets_more_than_it_has(case: tuple[list[ModuleHost], list[Request]], policy: Policy) -> None:
    hosts, requests = case
    loads = {host.name: NONE for host in hosts}
    for place, wanted in zip(placed_or_not(requests, hosts, policy) or [], requests, strict=False):
        assert place.kind in place.host.kinds
        assert place.vcpus <= place.host.max_vcpus
        loads[place.host.name] = added(loads[place.host.name], demand_of(wanted, place.kind, policy.frame_bytes))
    assert all(share(loads[host.name], capacity_of(host)) <= 1000 for host in hosts)


@PROPERTY
@given(cases(), POLICIES, st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_makes_no_difference(
    case: tuple[list[ModuleHost], list[Request]], policy: Policy, chance: random.Random
) -> None:
    hosts, requests = case

    def answer(requests: list[Request], hosts: list[ModuleHost]) -> str:
        places = placed_or_not(requests, hosts, policy)
        rows = [
            (wanted.number, place.host.name, place.kind, place.memory, place.why)
            for wanted, place in zip(requests, places or [], strict=False)
        ]
        return json.dumps(sorted(rows))

    mixed, mixed_hosts = chance.sample(requests, len(requests)), chance.sample(hosts, len(hosts))
    assert answer(mixed, mixed_hosts) == answer(requests, hosts)


@PROPERTY
@given(cases(running=False, most=5), st.sampled_from([BALANCE, Policy(BALANCED, FEW, 80)]))
def test_nothing_is_better_in_small(case: tuple[list[ModuleHost], list[Request]], policy: Policy) -> None:
    hosts, requests = case
    whole = problem(requests, hosts, policy)
    best, answer = best_of_all(whole), search(whole)
    assert (answer.found.score() if answer.found else None) == best
    assert answer.is_impossible == (best is None)
    assert best is None or answer.bound <= best.level


@PROPERTY
@given(cases(), POLICIES)
def test_it_is_never_worse_than_first_fit(case: tuple[list[ModuleHost], list[Request]], policy: Policy) -> None:
    hosts, requests = case
    whole = problem(requests, hosts, policy)
    simple, answer = first_fit(whole), search(whole)
    if simple is not None:
        assert answer.found is not None
        assert answer.found.score() <= simple.score()
        alone = search(whole, has_solver=False)
        assert alone.found is not None
        assert answer.found.score() <= alone.found.score() <= simple.score()


@PROPERTY
@given(cases(running=False), st.sampled_from([BALANCE, Policy(BALANCED, FEW, 80)]))
def test_one_module_more_moves_no_other(case: tuple[list[ModuleHost], list[Request]], policy: Policy) -> None:
    hosts, requests = case
    before = placed_or_not(requests[:-1], hosts, policy)
    if before is not None:
        running = [replace(one, at=place.host.name) for one, place in zip(requests[:-1], before, strict=True)]
        after = placed_or_not([*running, requests[-1]], hosts, policy)
        assert after is None or hosts_of(after[:-1]) == hosts_of(before)


@PROPERTY
@given(cases(), st.integers(0, 3))
def test_no_more_moves_than_are_allowed(case: tuple[list[ModuleHost], list[Request]], moves: int) -> None:
    hosts, requests = case
    whole = problem(requests, hosts, Policy(BALANCED, moves=moves))
    answer = search(whole)
    assert answer.found is None or answer.found.score().moves <= moves


@LESS_OFTEN
@given(st.integers(0, 1 << 30), st.booleans())
def test_hosts_that_are_looked_at_some_at_a_time_give_no_worse_and_the_same_twice(seed: int, few: bool) -> None:
    chance = random.Random(seed)
    hosts = [module_host(f"mh{number:02}", memory=1024, processors=4) for number in range(40)]
    requests = [
        request(number, chance.choice([64, 96, 200, 333]), rate=chance.randint(1, 50), packet_ns=300, apart=f"stage {number // 3}")
        for number in range(90)
    ]  # fmt: skip
    whole = problem(requests, hosts, Policy(BALANCED, FEW, 80) if few else BALANCE)
    first, again = search(whole, work=0.3), search(whole, work=0.3)
    alone = search(whole, has_solver=False)
    assert first.found is not None
    assert again.found is not None
    assert alone.found is not None
    assert first.found.where == again.found.where
    assert first.found.score() <= alone.found.score()
    assert first.bound <= first.found.score().level


def test_the_fullest_host_is_as_empty_as_can_be() -> None:
    # The largest first to the emptiest host ends with 700 on one.
    hosts = [module_host("a"), module_host("b")]
    places = placed([request(number, memory) for number, memory in enumerate([300, 300, 200, 200, 200])], hosts)
    loads = Counter[str]()
    for place in places:
        loads[place.host.name] += place.memory
    assert sorted(loads.values()) == [600, 600]


def test_few_hosts_are_filled_as_far_as_the_policy_says() -> None:
    hosts = [module_host(name) for name in "abc"]
    requests = [request(number, 250) for number in range(4)]
    assert hosts_of(placed(requests, hosts, Policy(BALANCED, FEW, 80))) in {"a a a b", "a a b b"}
    assert hosts_of(placed(requests, hosts, Policy(BALANCED, FEW, 100))) == "a a a a"


def test_modules_of_one_stage_are_on_different_hosts_though_one_is_emptier() -> None:
    hosts = [module_host("a", memory=100000), module_host("b")]
    pair = [request(number, 400, apart="stage door") for number in range(2)]
    assert sorted(hosts_of(placed(pair, hosts)).split()) == ["a", "b"]
    assert hosts_of(placed([*pair, request(2, 400)], hosts)).split()[2] == "a"


def test_what_others_use_counts_by_their_rate_too() -> None:
    hosts = [module_host("a", uplink=1000, processors=1), module_host("b", uplink=1000, processors=1)]
    assert hosts_of(placed([request(0, rate=100)], hosts, a=Use(1, 64, 901))) == "b"
    # 400 Mbit/s of smallest frames at 500 ns each keep 0.39 of a processor busy.
    assert hosts_of(placed([request(0, rate=350, packet_ns=900)], hosts, a=Use(1, 64, 400))) == "b"


def test_a_new_host_moves_nothing_unless_moves_are_allowed() -> None:
    running = [request(number, 300, at="a") for number in range(3)]
    hosts = [module_host("a"), module_host("b")]
    assert hosts_of(placed(running, hosts)) == "a a a"
    assert sorted(hosts_of(placed(running, hosts, Policy(BALANCED, moves=1))).split()) == ["a", "a", "b"]


def test_a_place_says_what_would_be_elsewhere() -> None:
    hosts = [module_host("host-a"), module_host("host-b"), module_host("host-c", "xen")]
    running = [request(0, 400, kind="process", at="host-a"), request(1, 720, kind="process")]
    assert [place.why for place in placed(running, hosts)] == [
        "runs there already",
        "host-b is at 72 % memory with it; host-a would be at 112 % memory, host-c does not run process",
    ]


def test_how_good_the_places_are_is_told() -> None:
    told: list[str] = []
    hosts = [module_host(name) for name in "abc"]
    Balanced(BALANCE, PACKET_NS, told.append)([request(number, 100) for number in range(7)], hosts, {})
    assert told == [
        "7 placed and 0 stay where they run: the fullest host that gets some is at 30 %, which is the least possible,"
        " 3 of 3 hosts in use"
    ]  # fmt: skip


def test_a_kind_that_no_host_runs_is_said_of_every_module() -> None:
    wanted = [request(0, kind="clickos"), request(1), request(2, vcpus=3)]
    assert messages(lambda: placed(wanted, [module_host("a")])) == [
        "alloc.xml:0: pm 0: fits on no module host, got kind clickos, default memory, 1 vcpus;"
        " no module host runs clickos, they run process; leave kind out, or add a host with that driver",
        "alloc.xml:2: pm 2: fits on no module host, got kind any, default memory, 3 vcpus;"
        " none gives one pm more than 2 vcpus; ask for fewer, or raise vcpus of module_host_capacity",
    ]


def test_what_is_too_much_together_is_named_with_the_limits_that_it_meets() -> None:
    hosts = [module_host("a"), module_host("b", uplink=100)]
    wanted = [request(0, 600), request(1, 700), request(2, 20), request(3, 600, rate=10)]
    assert messages(lambda: placed(wanted, hosts)) == [
        "alloc.xml:0: pm 0: finds no room beside the others named here, got 600 MiB; ask for less, add a module host, or"
        " raise module_host_capacity",
        "alloc.xml:1: pm 1: finds no room beside the others named here, got 700 MiB; ask for less, add a module host, or"
        " raise module_host_capacity",
        "alloc.xml:3: pm 3: finds no room beside the others named here, got 600 MiB; ask for less, add a module host, or"
        " raise module_host_capacity",
        "inventory: module host a: memory is too little for that, got 1000 MiB; raise memory_mib of module_host_capacity",
        "inventory: module host b: memory is too little for that, got 1000 MiB; raise memory_mib of module_host_capacity",
    ]


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        ("ab", "got 1000 MiB measured each; state memory_mib of module_host_capacity"),
        ("a", "got 1000 MiB from the inventory or measured each; raise memory_mib of module_host_capacity"),
        ("", "got 1000 MiB each; raise memory_mib of module_host_capacity"),
    ],
)
def test_a_limit_says_whether_it_was_measured(measured: str, said: str) -> None:
    of_memory, of_pms = frozenset({"memory_mib"}), frozenset({"vcpus"})
    hosts = [
        replace(module_host(name), measured=of_memory if name in measured else of_pms if measured else frozenset())
        for name in "ab"
    ]
    (_, limit) = messages(lambda: placed([request(0, 1200)], hosts))
    assert limit == f"inventory: module hosts a, b: memory is too little for that, {said}"


@pytest.mark.parametrize(("count", "others"), [(30, 20), (1000, 781)])
def test_very_many_that_are_too_much_are_summed_up(count: int, others: int) -> None:
    hosts = [module_host(f"mh{number}", memory=count * 10, pms=5000) for number in range(5)]
    assert messages(lambda: placed([request(number, 64) for number in range(count)], hosts)) == [
        f"alloc.xml:0: pm 0: finds no room beside {others} others, got {(others + 1) * 64} MiB together;"
        " ask for less, add a module host, or raise module_host_capacity",
        f"inventory: module hosts mh0, mh1, mh2 and 2 more: memory is too little for that, got {count * 10} MiB each; raise"
        " memory_mib of module_host_capacity",
    ]
