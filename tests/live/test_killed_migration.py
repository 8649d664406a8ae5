# SPDX-License-Identifier: Apache-2.0
"""A migration of a NAT that is killed at each of its steps; the next run ends with one owner of every flow, and says which.

Pings, an iperf3 stream and TCP connections go through the module from before the run that is killed until after the next one. After every
step, of other next runs too, but without packets: tests/model/test_killed_migration.py.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterator

import pytest

from .conversations import Pings
from .crowd import Crowd
from .iperf import stream
from .router_lab import ROOT, RouterLab

pytestmark = [
    pytest.mark.live,
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines"),
]

NAT = str(ROOT / "examples" / "nat" / "allocation.xml")
SERVER = "192.168.6.1"
SUBSCRIBERS = [f"192.168.5.{number}" for number in range(1, 6)]
HOSTS = {"output:11": "mh1", "output:12": "mh2"}
MOMENTS = [
    ("allocation : Compile into a plan", 1),
    ("platform_lock : Take the lock of every other machine", 1),
    ("Compare the modules with driver process", 1),
    ("Hand over to driver process", 1),
    ("processing_module : Lead packets from the uplink", 1),
    ("module_migration : Read what it knows", 1),
    ("module_migration : Have it known", 1),
    ("module_migration : Read what it knows", 2),
    ("module_migration : Have it known", 2),
    ("module_migration : Have the new place follow", 1),
    ("module_migration : Keep who follows", 1),
    ("flow_switch : Make the owner's flows present", 2),
    ("flow_switch : Keep what that did", 1),
    ("module_migration : Say that it is over", 1),
    ("module_migration : Know what was carried", 1),
    ("module_migration : Say what was carried", 1),
    ("flow_switch : Make the owner's flows present", 3),
]
"""The beginning of a task's name, and which of the tasks of that name is meant. The first that makes flows present is a look."""


@pytest.fixture(scope="module")
def moved(lab: RouterLab) -> RouterLab:
    """The lab with the NAT of the example, whose inside has five subscribers."""
    lab.play("deploy", allocation=NAT)
    for address in SUBSCRIBERS[1:]:
        lab.endpoint(0).run("ip", "address", "add", f"{address}/24", "dev", "eth0")
    return lab


@pytest.fixture(scope="module")
def ports() -> Iterator[int]:
    """Ports of the server that no test had before."""
    return itertools.count(9000)


def homes(lab: RouterLab) -> list[str]:
    """The hosts on which the module runs."""
    return [host for host in ("mh1", "mh2") if "nat-pm0" in lab.modules(host)]


def owner(lab: RouterLab) -> str:
    """The host to which the switch leads what the subscribers send."""
    (found,) = {
        HOSTS[flow.partition("actions=")[2]]
        for flow in lab.flows("sw1")
        if "in_port=1," in flow and "nw_src=192.168.5.0/24" in flow
    }
    return found


@pytest.mark.parametrize(("task", "occurrence"), MOMENTS)
def test_the_run_after_a_killed_one_ends_with_one_owner_of_every_flow_and_says_which(
    moved: RouterLab, ports: Iterator[int], figure: Callable[[str], None], task: str, occurrence: int
) -> None:
    inside, upstream = moved.endpoint(0), moved.endpoint(1)
    (source,) = homes(moved)
    target = "mh1" if source == "mh2" else "mh2"
    with (
        Crowd(inside, upstream, SERVER, next(ports), SUBSCRIBERS, 20) as crowd,
        stream(inside, upstream, SERVER, "-b", "5M", "-t", "900") as sent,
        Pings(inside, SERVER) as pings,
    ):
        assert crowd.answered() == crowd.count == 100
        begun = moved.start("migrate", allocation=NAT, module="nat-pm0", host=target)
        for _ in range(occurrence):
            begun.await_line(f"TASK [{task}")
        begun.kill()
        led_to, copies = owner(moved), homes(moved)
        said = " ".join(moved.play("deploy", allocation=NAT).output.split())
        pinged = pings.end()
        assert crowd.answered() == 100
        assert sent.goes_on, sent.said
    assert homes(moved) == [owner(moved)] == [led_to]
    named = re.search(
        rf"nat-pm0: runs on .*? packets are led to {led_to}: it stays there, and the copy on \S+ goes", said
    )
    # A copy that was about to start when the run was killed may have done so since.
    assert named or copies == [led_to], said
    assert set(moved.play("deploy", allocation=NAT).changed) <= {"localhost"}
    figure(
        f"killed at '{task}' ({occurrence}), from {source} to {target}: ran on {' and '.join(copies)}, packets were led to and stay at"
        f" {led_to}; 100 connections and the stream live, of {pinged.sent} pings {pinged.lost} lost, the longest gap {pinged.gap:.2f} s"
    )
