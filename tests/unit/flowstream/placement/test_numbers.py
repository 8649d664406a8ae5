# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.placement.numbers import FIRST_OFPORT, LAST_OFPORT, Numbered, Plug, numbered
from ansible.module_utils.flowstream.platform.occupancy import NOTHING, Occupancy, RunningModule


def plugs(allocation: str, count: int, host: str = "mh1") -> list[Plug]:
    return [Plug(f"{allocation}-pm{number}", f"{allocation}-pm{number}", host) for number in range(count)]


def running(allocation: str, found: dict[str, Numbered], host: str = "mh1") -> Occupancy:
    return Occupancy(
        tuple(RunningModule(name, allocation, host, ports={one.device: one.ofport}) for name, one in found.items())
    )


def test_two_tenants_of_five_hundred_modules_on_one_host_share_no_number() -> None:
    first = numbered(plugs("alpha", 500), "alpha", NOTHING)
    alone = numbered(plugs("beta", 500), "beta", NOTHING)
    beside = numbered(plugs("beta", 500), "beta", running("alpha", first))
    used = {one.ofport for one in first.values()}
    assert used & {one.ofport for one in alone.values()}
    assert not used & {one.ofport for one in beside.values()}
    assert not {one.device for one in first.values()} & {one.device for one in beside.values()}


def test_numbers_of_another_host_are_in_nobodys_way() -> None:
    first = numbered(plugs("alpha", 500), "alpha", NOTHING)
    assert numbered(plugs("beta", 500), "beta", running("alpha", first, "mh2")) == numbered(
        plugs("beta", 500), "beta", NOTHING
    )


def test_what_runs_keeps_its_number_when_the_one_that_was_in_the_way_has_gone() -> None:
    first = numbered(plugs("alpha", 500), "alpha", NOTHING)
    beside = numbered(plugs("beta", 500), "beta", running("alpha", first))
    assert numbered(plugs("beta", 500), "beta", running("beta", beside)) == beside
    assert beside != numbered(plugs("beta", 500), "beta", NOTHING)


def test_a_new_module_leaves_the_number_of_one_that_runs() -> None:
    wanted = numbered(plugs("alpha", 1), "alpha", NOTHING)["alpha-pm0"]
    old = running("alpha", {"alpha-pm1": Numbered("pm00000001", wanted.ofport)})
    found = numbered(plugs("alpha", 2), "alpha", old)
    assert found == {
        "alpha-pm0": Numbered(wanted.device, wanted.ofport + 1),
        "alpha-pm1": Numbered("pm00000001", wanted.ofport),
    }


def test_a_module_that_moves_leaves_its_number_behind() -> None:
    there = running("alpha", {"alpha-pm0": Numbered("pm00000001", 300)}, "mh2")
    assert numbered(plugs("alpha", 1), "alpha", there) == numbered(plugs("alpha", 1), "alpha", NOTHING)


def test_a_number_that_another_has_meanwhile_is_kept_by_nobody() -> None:
    own = RunningModule("alpha-pm0", "alpha", "mh1", ports={"pm00000001": 300})
    other = RunningModule("beta-pm0", "beta", "mh1", ports={"pm00000001": 300})
    found = numbered(plugs("alpha", 1), "alpha", Occupancy((own, other)))
    assert found == numbered(plugs("alpha", 1), "alpha", NOTHING)


def test_each_arm_keeps_its_own() -> None:
    arms = [Plug("nat-pm0", "nat-pm0", "mh1"), Plug("nat-pm0/outside", "nat-pm0", "mh1")]
    first = numbered(arms, "nat", NOTHING)
    ports = {one.device: one.ofport + 1000 for one in first.values()}
    again = numbered(arms, "nat", Occupancy((RunningModule("nat-pm0", "nat", "mh1", ports=ports),)))
    assert again == {name: Numbered(one.device, one.ofport + 1000) for name, one in first.items()}


def test_a_host_without_a_number_left_is_named() -> None:
    full = {f"pm{number:08x}": number for number in range(FIRST_OFPORT, LAST_OFPORT + 1)}
    with pytest.raises(FlowstreamError, match=r"^inventory: module host mh1: has no OpenFlow port left for alpha-pm0"):
        numbered(plugs("alpha", 1), "alpha", Occupancy((RunningModule("b", "beta", "mh1", ports=full),)))
