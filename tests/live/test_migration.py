# SPDX-License-Identifier: Apache-2.0
"""Modules that go from one host to another while packets flow: a NAT that 10,000 connections and an iperf3 stream pass, then killed runs."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from typing import Self

import pytest

from .crowd import Crowd
from .iperf import stream
from .router_lab import ROOT, RouterLab

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

MIGRATION_LAB_INDEX = 8
NAT = str(ROOT / "examples" / "nat" / "allocation.xml")
SERVER = "192.168.6.1"
SUBSCRIBERS = [f"192.168.5.{number}" for number in range(1, 51)]
LONGEST_PAUSE = 30.0
"""Seconds: TCP gives up far later, and a machine that is shared by others is slow."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RouterLab]:
    """A lab with the NAT of the example, whose inside has fifty subscribers."""
    lab = RouterLab(MIGRATION_LAB_INDEX, tmp_path_factory.mktemp("build"))
    lab.play("lab-down")
    lab.play("lab-up")
    lab.play("deploy", allocation=NAT)
    for address in SUBSCRIBERS[1:]:
        lab.endpoint(0).run("ip", "address", "add", f"{address}/24", "dev", "eth0")
    yield lab
    lab.play("lab-down")


def move(lab: RouterLab, host: str) -> str:
    """Move the module that is in use; return what was said of it."""
    output = words(lab.play("migrate", allocation=NAT, module="nat-pm0", host=host).output)
    found = re.search(r"nat-pm0: moved from .*? at most", output)
    assert found, output
    return found[0]


def words(output: str) -> str:
    """What Ansible printed, without the ends of its lines."""
    return " ".join(output.split())


def homes(lab: RouterLab) -> dict[str, list[str]]:
    return {host: sorted(lab.modules(host)) for host in ("mh1", "mh2")}


class Pings:
    """Pings every 20 ms, until they are counted or the block ends."""

    def __init__(self, lab: RouterLab) -> None:
        argv = ["ping", "-n", "-i", "0.02", "-D", SERVER]
        self._process = subprocess.Popen([*lab.endpoint(0).prefix, *argv], stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def end(self) -> tuple[int, float]:
        """How many got no answer, and the longest time between two answers in seconds."""
        self._process.send_signal(signal.SIGINT)
        text, _ = self._process.communicate(timeout=30)
        found = re.search(r"(\d+) packets transmitted, (\d+) received", text)
        assert found, text
        times = [float(moment) for moment in re.findall(r"^\[([\d.]+)\] \d+ bytes from", text, re.MULTILINE)]
        return int(found[1]) - int(found[2]), max(after - before for before, after in itertools.pairwise(times))


def test_all_connections_of_a_nat_and_a_stream_live_through_its_move(
    lab: RouterLab, figure: Callable[[str], None]
) -> None:
    inside, upstream = lab.endpoint(0), lab.endpoint(1)
    with Crowd(inside, upstream, SERVER, 9000, SUBSCRIBERS, 200) as crowd:
        assert crowd.answered() == crowd.count == 10000
        with stream(inside, upstream, SERVER, "-b", "20M", "-t", "900") as sent, Pings(lab) as pings:
            said = move(lab, "mh2")
            lost, gap = pings.end()
            assert sent.goes_on, sent.said
        assert crowd.answered() == 10000
    figure(f"{said}; pings every 20 ms: {lost} lost, the longest gap {gap:.2f} s")
    assert homes(lab) == {"mh1": [], "mh2": ["nat-pm0", "nat-pm1"]}
    assert gap < LONGEST_PAUSE
    carried = re.search(r"with ([\d,]+) flows", said)
    assert carried
    assert int(carried[1].replace(",", "")) >= 10000


def test_it_stays_where_it_is_and_a_second_move_there_is_nothing_to_do(lab: RouterLab) -> None:
    assert lab.play("deploy", allocation=NAT).changed == {}
    assert lab.play("migrate", allocation=NAT, module="nat-pm0", host="mh2").changed == {}
    refused = lab.attempt("migrate", allocation=NAT, module="nat-pm7", host="mh1")
    assert "module: is none of the allocation, got nat-pm7; use nat-pm0 or nat-pm1" in words(refused.output)


@pytest.mark.parametrize(
    ("step", "source", "ends_at"),
    [
        ("Switch the traffic over", "mh2", "mh2"),
        ("Have modules that moved know the rest", "mh2", "mh1"),
        ("Close the ways that lead nowhere any more", "mh1", "mh2"),
    ],
    ids=["before the switch", "before the last round", "before the old one goes"],
)
def test_a_move_that_was_killed_is_made_good_by_the_next_deployment(
    lab: RouterLab, step: str, source: str, ends_at: str
) -> None:
    target = "mh1" if source == "mh2" else "mh2"
    with Crowd(lab.endpoint(0), lab.endpoint(1), SERVER, 9001, SUBSCRIBERS[:5], 20) as crowd:
        # A connection that has carried no data is kept for four minutes only.
        assert crowd.answered() == crowd.count == 100
        begun = lab.start("migrate", allocation=NAT, module="nat-pm0", host=target)
        begun.await_line(f"PLAY [{step}]")
        begun.kill()
        said = words(lab.play("deploy", allocation=NAT).output)
        assert f"packets are led to {ends_at}: it stays there" in said
        assert crowd.answered() == 100
    owners = [host for host, modules in homes(lab).items() if "nat-pm0" in modules]
    assert owners == [ends_at]
    if "rest" in step:
        assert f"nat-pm0: finished the move from {source} to {ends_at}" in said
