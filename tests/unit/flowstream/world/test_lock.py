# SPDX-License-Identifier: Apache-2.0
"""The lock of a machine, with runs that are processes of this one: real files, real processes, a clock that is asked."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.world import lock_file
from ansible.module_utils.flowstream.world.lock import Claim, Holding, is_stale, refusal
from ansible.module_utils.flowstream.world.lock_file import acquire, give_back, lives, own_claim, process_start, take

LEASE = 900.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "deployment.lock"


@pytest.fixture
def own() -> Claim:
    return own_claim("deploy mine")


@pytest.fixture
def other(own: Claim) -> Claim:
    """A run of this control node that lives: process 1."""
    return replace(own, process=f"1:{process_start(1)}", purpose="deploy theirs", since="2026-01-31 12:00:00 UTC")


@pytest.fixture
def gone(own: Claim) -> Claim:
    """A run of this control node that was killed."""
    with subprocess.Popen(["sleep", "60"]) as process:
        claim = replace(own, process=f"{process.pid}:{process_start(process.pid)}")
        assert lives(claim)
        process.kill()
    return claim


def wanted(path: Path, claim: Claim, wait: float = 0, break_it: bool = False) -> dict[str, Any]:
    return acquire(lambda instead_of: take(path, claim, instead_of, False), claim, wait, LEASE, break_it)


def silent_for(path: Path, seconds: float) -> None:
    holding = Holding.parse(path.read_text())
    assert holding
    path.write_text(str(replace(holding, heard=holding.heard - seconds)))


def test_a_run_is_the_playbooks_process_also_seen_from_a_worker(own: Claim) -> None:
    context = multiprocessing.get_context("fork")
    with context.Pool(1) as pool:
        assert pool.apply(own_claim, ("deploy mine",)).process == own.process
    assert own.process == f"{os.getpid()}:{process_start(os.getpid())}"
    assert own.node
    assert lives(own)


def test_a_lock_is_taken_told_and_given_back(path: Path, own: Claim) -> None:
    assert wanted(path, own)["held"] is True
    assert wanted(path, own)["held"] is True
    give_back(path, own, check_mode=False)
    assert not path.parent.exists()
    give_back(path, own, check_mode=False)


def test_another_run_is_told_who_has_it_where_and_since_when(path: Path, own: Claim, other: Claim) -> None:
    wanted(path, other)
    refused = wanted(path, own)
    assert (refused["failed"], refused["held"]) == (True, False)
    assert refused["msg"] == (
        f"{other.owner} (process 1) has the lock since 2026-01-31 12:00:00 UTC to deploy theirs, last heard of 0 s ago; "
        "wait with -e lock_wait=SECONDS, or, when that run is no more, take it with -e lock_break=true "
        "(after 900 s of silence it is free)"
    )
    give_back(path, own, check_mode=False)
    assert wanted(path, other)["held"] is True


def test_a_run_that_was_killed_does_not_hold_it(path: Path, own: Claim, gone: Claim) -> None:
    wanted(path, gone)
    assert wanted(path, own)["held"] is True
    assert wanted(path, gone)["failed"] is True


def test_a_run_of_this_control_node_that_lives_holds_it_however_silent(path: Path, own: Claim, other: Claim) -> None:
    wanted(path, other)
    silent_for(path, 10 * LEASE)
    assert wanted(path, own)["failed"] is True


@pytest.mark.parametrize(("silent", "held"), [(LEASE - 60, False), (LEASE + 60, True)])
def test_a_run_of_another_control_node_holds_it_for_its_lease(
    path: Path, own: Claim, silent: float, held: bool
) -> None:
    wanted(path, replace(own, owner="root@elsewhere", node="another boot"))
    silent_for(path, silent)
    assert wanted(path, own)["held"] is held


def test_a_lock_is_broken_by_whoever_asks_for_that_and_the_other_learns_of_it(
    path: Path, own: Claim, other: Claim
) -> None:
    wanted(path, other)
    assert wanted(path, own, break_it=True)["held"] is True
    assert wanted(path, other)["msg"].startswith(f"{own.owner} (process {os.getpid()}) has the lock since ")
    give_back(path, other, check_mode=False)
    assert path.exists()


def test_who_waits_gets_it_when_it_is_given_back(
    path: Path, own: Claim, other: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted(path, other)
    monkeypatch.setattr(lock_file.time, "sleep", lambda _: give_back(path, other, check_mode=False))
    assert wanted(path, own, wait=60)["held"] is True


def test_a_record_that_changes_meanwhile_is_not_replaced(path: Path, own: Claim, gone: Claim, other: Claim) -> None:
    """Two that find the same stale lock: the second finds the first one's."""
    wanted(path, gone)
    stale = take(path, own, "", False)["record"]
    assert take(path, other, stale, False)["held"] is True
    assert take(path, own, stale, False)["held"] is False


def test_a_record_that_was_cut_off_is_nobodys(path: Path, own: Claim, other: Claim) -> None:
    wanted(path, other)
    path.write_text(path.read_text()[:20])
    assert wanted(path, own)["held"] is True


def test_a_look_takes_nothing_and_is_not_refused(path: Path, own: Claim, other: Claim) -> None:
    assert take(path, own, "", True)["held"] is True
    assert not path.parent.exists()
    wanted(path, other)
    assert take(path, own, "", True)["held"] is True
    give_back(path, other, check_mode=True)
    assert path.exists()


def contend(path: str, rounds: int, claim: Claim) -> int:
    """Take and give back the lock again and again; return how often another had it at the same time."""
    wrong = 0
    inside = Path(path).parents[1] / "inside"
    for _ in range(rounds):
        while not take(Path(path), claim, "", False)["held"]:
            pass
        try:
            inside.mkdir()
            inside.rmdir()
        except FileExistsError:
            wrong += 1
        give_back(Path(path), claim, check_mode=False)
    return wrong


def test_of_many_that_want_it_at_once_one_has_it(path: Path, own: Claim) -> None:
    claims = [replace(own, process=f"{number}:1") for number in range(4)]
    with multiprocessing.get_context("fork").Pool(4) as pool:
        assert pool.starmap(contend, [(str(path), 100, claim) for claim in claims]) == [0] * 4


def test_a_control_node_that_does_not_tell_its_boot_is_believed_for_the_lease_only(own: Claim) -> None:
    nameless = replace(own, node="")
    assert not is_stale(nameless, LEASE - 1, nameless, lives=False, lease=LEASE)
    assert is_stale(nameless, LEASE + 1, nameless, lives=True, lease=LEASE)
    assert refusal(nameless, 12.4, LEASE).count("last heard of 12 s ago") == 1
