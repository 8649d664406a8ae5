# SPDX-License-Identifier: Apache-2.0
"""A deployment that exchanges the prefixes of two modules, killed at twelve of its moments; the next run makes each good.

Pings through both modules go on from before the run that is killed until after the next one. After every single step, of other
plans too, but without packets: tests/model/test_killed_deployment.py.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest

from .conversations import Pings
from .router_lab import SEED, RouterLab, write_exchanged

pytestmark = [
    pytest.mark.live,
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines"),
]

MOMENTS = [
    ("platform_lock : Take the lock of every other machine", 1),
    ("module_host_process : Make the bridge with its uplink", 1),
    ("flow_switch : Make the owner's flows present", 1),
    ("Compare the modules with driver process", 1),
    ("module_host_process : Have the processing modules", 1),
    ("processing_module : Know what they are to run", 1),
    ("module_host_process : Have the processing modules", 2),
    ("processing_module : Lead packets from the uplink", 1),
    ("flow_switch : Make the owner's flows present", 2),
    ("processing_module : Lead packets from the uplink", 2),
    ("module_host_process : Have the processing modules", 3),
    ("platform_history : Keep what became of the allocations", 1),
]
"""The beginning of a task's name, and which of the tasks of that name is meant. The first of two looks, the second does."""


@pytest.fixture(scope="module")
def changes(lab: RouterLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the seed is deployed: descriptions of which each is a change from the one before."""
    lab.play("deploy-router")
    exchanged = write_exchanged(tmp_path_factory.mktemp("descriptions") / "exchanged.xml")
    return itertools.cycle([exchanged, str(SEED)])


@pytest.mark.parametrize(("task", "occurrence"), MOMENTS)
def test_a_run_that_is_killed_and_the_next_one_lose_no_packet(
    lab: RouterLab, changes: Iterator[str], task: str, occurrence: int
) -> None:
    wanted = next(changes)
    with Pings(lab.endpoint(0), "192.168.8.1") as first, Pings(lab.endpoint(0), "10.0.8.1") as second:
        begun = lab.start("deploy-router", allocation=wanted)
        for _ in range(occurrence):
            begun.await_line(f"TASK [{task}")
        begun.kill()
        lab.play("deploy-router", allocation=wanted)
        counts = [pings.end() for pings in (first, second)]
    assert all(count.sent > 100 for count in counts)
    assert [count.lost for count in counts] == [0, 0]
    lab.play("drift", allocation=wanted)
    assert set(lab.play("deploy-router", allocation=wanted).changed) <= {"localhost"}
