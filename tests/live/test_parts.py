# SPDX-License-Identifier: Apache-2.0
"""A part of a router's packets that goes to a module of its own on another host and comes back, while packets flow."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import pytest

from .load import Carried, Load
from .router_lab import RouterLab

pytestmark = [
    pytest.mark.live,
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines"),
]

PART = "felipeiprouter-pm0-192.168.7.0-24"
RATE = 500
"""Datagrams a second to the part, and as many to the rest of the module; each comes back."""


def led(lab: RouterLab, host: str) -> Mapping[str, Carried]:
    """Lead the packets to a prefix to a host, under a constant load of it and of another prefix of the module."""
    source = "192.168.5.1"
    with (
        Load(lab.endpoint(0), lab.endpoint(2), {"part": (source, "192.168.7.1")}, RATE) as part,
        Load(lab.endpoint(0), lab.endpoint(1), {"rest": (source, "192.168.6.1")}, RATE) as rest,
    ):
        lab.play("migrate", module="felipeiprouter-pm0", prefix="192.168.7.0/24", host=host)
        return {**part.end(), **rest.end()}


def test_a_part_of_a_router_goes_to_another_host_stays_there_and_comes_back_under_a_load(
    lab: RouterLab, figure: Callable[[str], None]
) -> None:
    lab.play("deploy")
    assert lab.pings(0, "192.168.7.1")
    assert lab.pings(0, "192.168.6.1")
    there = led(lab, "mh2")
    assert sorted(lab.modules("mh2")) == [PART, "felipeiprouter-pm1"]
    assert lab.play("deploy").changed == {}
    lab.play("verify")
    before = lab.handler("mh2", PART, "in0.count")
    assert lab.pings(0, "192.168.7.1")
    assert lab.handler("mh2", PART, "in0.count") >= before + 3
    back = led(lab, "mh1")
    assert sorted(lab.modules("mh2")) == ["felipeiprouter-pm1"]
    lab.play("drift")
    for what, carried in (("led away", there), ("led back", back)):
        told = "; ".join(f"{way} {one.sent:,} datagrams and back, {one.lost} lost" for way, one in carried.items())
        figure(f"a part of a router {what}: {told}")
    assert [one.lost for carried in (there, back) for one in carried.values()] == [0] * 4
    assert all(one.sent > RATE for carried in (there, back) for one in carried.values())
