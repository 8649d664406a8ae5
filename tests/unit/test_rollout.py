# SPDX-License-Identifier: Apache-2.0
"""What rollout.yml does to hosts that are played: in waves, no further than it is well, and on from there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "bench"))

from rollout_bench import PlayedRollout, tasks_of  # noqa: E402  after the path is known

HOSTS = [f"mh{number:03}" for number in range(4)]


@pytest.fixture
def played(tmp_path: Path) -> PlayedRollout:
    return PlayedRollout(tmp_path, len(HOSTS))


def test_a_wave_that_is_not_well_ends_it_and_the_next_run_goes_on_behind_those_that_are(played: PlayedRollout) -> None:
    looked = played.roll_out("--check", rollout_canary="bench-pm1", rollout_batch=1)
    assert looked.returncode == 0, looked.stdout + looked.stderr
    for line in (
        "bench: 4 of 4 modules get another configuration, without a restart",
        "canary: bench-pm1 on mh001, which gets 10.0.1.0/24",
        "wave 1 of 3: 1 module on 1 host: mh000",
        "wave 2 of 3: 1 module on 1 host: mh002",
        "wave 3 of 3: 1 module on 1 host: mh003",
    ):
        assert line in looked.stdout
    assert played.changed == []

    played.ill("mh002").touch()
    stopped = played.roll_out(rollout_canary="bench-pm1", rollout_batch=1, rollout_failure="stop")
    assert stopped.returncode == 2
    said = stopped.stdout.split("PLAY [Say how it ended]")[1]
    assert "wave 2 of 3: 1 of 1 module on 1 host is not well" in said
    assert "bench-pm2 on mh002: drops 5.0 % of its packets, 0.0 % before" in said
    assert "bench: stopped at wave 2 of 3; 1 module run again what is deployed: bench-pm2" in said
    assert "2 modules keep the new configuration; the next run goes on behind them" in said
    assert played.changed == ["mh000", "mh001"]
    tasks = tasks_of(stopped.stdout)
    assert tasks["mh003"] < tasks["mh000"] < tasks["mh002"]

    played.ill("mh002").unlink()
    went_on = played.roll_out(rollout_batch="100%")
    assert went_on.returncode == 0, went_on.stdout + went_on.stderr
    assert "bench: 2 of 4 modules get another configuration, without a restart" in went_on.stdout
    assert "2 modules run it already, from an earlier run that was not finished" in went_on.stdout
    assert "bench: 4 modules run what was rolled out" in went_on.stdout
    assert played.changed == HOSTS


def test_all_goes_back_where_one_is_not_well_and_what_another_run_left_too(played: PlayedRollout) -> None:
    played.ill("mh003").touch()
    failed = played.roll_out(rollout_batch="100%")
    assert failed.returncode == 2
    assert "bench: stopped at wave 1 of 1; 4 modules run again what is deployed" in failed.stdout
    assert played.changed == []

    played.leave_behind("mh000")
    back = played.roll_out(routes=1)
    assert back.returncode == 0, back.stdout + back.stderr
    assert "1 module of 4 run what an earlier rollout gave them" in back.stdout
    assert "bench: 1 module run again what is deployed" in back.stdout
    assert played.changed == []


def test_what_is_no_rollout_is_refused_and_nothing_is_done(played: PlayedRollout) -> None:
    refused = played.roll_out(rollout_canary="bench-pm9", rollout_batch="0%")
    assert refused.returncode == 2
    assert "rollout_batch: is no number of hosts and no share of them, got '0%'" in refused.stdout
    assert played.changed == []
