# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.rollout.waves import Amount, Wish, canary_of, parse_wish, waves_of
from hypothesis import given
from hypothesis import strategies as st

AMOUNTS = st.builds(Amount, st.integers(1, 100), st.booleans())
HOSTS = st.integers(0, 60).map(lambda count: [f"mh{number:02}" for number in range(count)])


@st.composite
def wishes(draw: st.DrawFn) -> tuple[Wish, list[str]]:
    hosts = draw(HOSTS)
    member = st.lists(st.sampled_from([*hosts, "stranger"]), max_size=20, unique=True).map(tuple)
    batches = tuple(draw(st.lists(AMOUNTS, min_size=1, max_size=4)))
    return Wish(draw(AMOUNTS), batches, tuple(draw(st.lists(member, max_size=3)))), hosts


@given(wishes())
def test_every_host_is_in_one_wave_and_no_wave_has_more_than_its_batch(drawn: tuple[Wish, list[str]]) -> None:
    wish, hosts = drawn
    waves = waves_of(wish, hosts)
    assert sorted(host for wave in waves for host in wave) == sorted(hosts)
    for number, wave in enumerate(waves):
        batch = wish.batches[min(number, len(wish.batches) - 1)]
        most = max(1, batch.number * len(hosts) // 100) if batch.percent else batch.number
        assert 1 <= len(wave) <= most
    assert waves_of(wish, hosts) == waves


@given(wishes())
def test_groups_come_one_after_the_other_and_no_wave_mixes_two(drawn: tuple[Wish, list[str]]) -> None:
    wish, hosts = drawn

    def group(host: str) -> int:
        return next((number for number, names in enumerate(wish.groups) if host in names), len(wish.groups))

    waves = [{group(host) for host in wave} for wave in waves_of(wish, hosts)]
    assert all(len(groups) == 1 for groups in waves)
    assert [min(groups) for groups in waves] == sorted(min(groups) for groups in waves)


@given(AMOUNTS, st.integers(0, 30), st.integers(0, 30))
def test_an_amount_of_canaries_is_the_first_that_wait_and_counts_those_that_have_begun(
    amount: Amount, waits: int, has_begun: int
) -> None:
    waiting, begun = [f"w{number}" for number in range(waits)], [f"b{number}" for number in range(has_begun)]
    canary = canary_of(Wish(amount), waiting, begun, [])
    assert list(canary) == waiting[: len(canary)]
    if waiting and not begun:
        assert canary
    assert len(canary) + has_begun == max(has_begun, amount.of(waits + has_begun))


@pytest.mark.parametrize(
    ("canary", "batch", "wish"),
    [
        (1, "20%", Wish()),
        ("2", 10, Wish(Amount(2), (Amount(10),))),
        ("5%", [1, 5, "25%"], Wish(Amount(5, percent=True), (Amount(1), Amount(5), Amount(25, percent=True)))),
        ("my-pm0, my-pm3", "100%", Wish(("my-pm0", "my-pm3"), (Amount(100, percent=True),))),
        (["my-pm0"], ["3"], Wish(("my-pm0",), (Amount(3),))),
    ],
)
def test_what_a_person_writes_is_read(canary: object, batch: object, wish: Wish) -> None:
    assert parse_wish(canary, batch) == wish


def test_what_cannot_be_meant_is_refused_all_at_once() -> None:
    with pytest.raises(FlowstreamError) as refused:
        parse_wish(0, ["5", "0%", "many", True])
    assert refused.value.messages == (
        "rollout_batch: is no number of hosts and no share of them, got '0%'; write 10, 25% or a list of such",
        "rollout_batch: is no number of hosts and no share of them, got 'many'; write 10, 25% or a list of such",
        "rollout_batch: is no number of hosts and no share of them, got True; write 10, 25% or a list of such",
        "rollout_canary: is no module, no number of modules and no share of them, got 0; write a name, 2 or 5%",
    )
    with pytest.raises(FlowstreamError) as refused:
        parse_wish(1, [])
    assert str(refused.value) == "rollout_batch: has nothing in it, got []; write 10, 25% or a list of such"


def test_a_named_canary_is_one_that_something_is_done_to() -> None:
    wish = Wish(("pm2", "pm1", "pm9", "pm0"))
    with pytest.raises(FlowstreamError) as refused:
        canary_of(wish, ["pm1", "pm2", "pm3"], [], ["pm0"])
    assert refused.value.messages == (
        "rollout_canary: is no module of it, got pm9; use pm1, pm2, pm3",
        "rollout_canary: nothing is changed for it, got pm0; use pm1, pm2, pm3",
    )
    assert canary_of(Wish(("pm2", "pm1")), ["pm1", "pm3"], ["pm2"], []) == ("pm1",)
