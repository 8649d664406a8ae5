# SPDX-License-Identifier: Apache-2.0
"""Rollouts that begin with a share of a module's flows, under a load of two hundred flows: what one says was lost is what was lost."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from .load import Load
from .router_lab import ROOT, RouterLab

pytestmark = [
    pytest.mark.live,
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines"),
]

EXAMPLE = ROOT / "examples" / "click"
WAYS = {str(number): ("192.168.5.1", "192.168.6.1") for number in range(200)}
WEIGHT = 20
HEALTH = {"received": ["others.count"], "dropped": ["lossy.drops"]}


def write_lossy(folder: Path, share: str) -> str:
    """Write the example with an element that drops that share of what passes, by chance; return the path."""
    meter = (EXAMPLE / "meter.click").read_text()
    assert meter.count("others :: Counter -> out;") == 1
    lossy = f"others :: Counter -> lossy :: RandomSample(DROP {share}) -> out;"
    (folder / "meter.click").write_text(meter.replace("others :: Counter -> out;", lossy))
    (folder / "allocation.xml").write_text((EXAMPLE / "allocation.xml").read_text())
    return str(folder / "allocation.xml")


@pytest.fixture(scope="module")
def deployed(lab: RouterLab) -> str:
    """The example, which is deployed."""
    allocation = str(EXAMPLE / "allocation.xml")
    lab.play("deploy", allocation=allocation)
    return allocation


def test_a_share_that_drops_five_percent_is_taken_back_and_every_packet_lost_is_said(
    lab: RouterLab, deployed: str, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    bad = write_lossy(tmp_path, "0.05")
    with Load(lab.endpoint(0), lab.endpoint(1), WAYS, 400) as load:
        settings = {"rollout_weight": WEIGHT, "rollout_health": HEALTH, "rollout_seconds": 5}
        result = lab.attempt("rollout", allocation=bad, **settings)
        carried = load.end()
    assert result.code == 2, result.output
    said = result.output.split("PLAY [Say how it ended]")[1]
    assert f"share of {WEIGHT} %: 1 of 1 module on 1 host is not well" in said
    assert re.search(r"meter-pm0-canary on mh1: drops \S+ % of its packets, 0\.0 % beside it", said), said
    assert f"meter: stopped at share of {WEIGHT} %; all flows are led to modules that run what is deployed" in said
    told = re.search(
        r"meter-pm0-canary got (\S+) % of the packets of meter-pm0; until all were led back it had dropped ([\d,]+) packets",
        said,
    )
    assert told, said
    assert 10 < float(told[1]) < 30
    lost = sum(way.lost for way in carried.values())
    assert int(told[2].replace(",", "")) == lost > 0
    met = sum(way.lost > 0 for way in carried.values())
    assert met < len(WAYS) / 2
    figure(
        f"{told[0]}; of {sum(way.sent for way in carried.values()):,} datagrams {lost} did not come back, of {met} of {len(WAYS)} flows"
    )
    lab.play("drift", allocation=deployed)


def test_a_share_that_is_well_is_followed_by_the_others_and_nothing_is_lost(
    lab: RouterLab, deployed: str, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    good = write_lossy(tmp_path, "0")
    settings = {"allocation": good, "rollout_weight": WEIGHT, "rollout_health": HEALTH, "rollout_seconds": 2}
    with Load(lab.endpoint(0), lab.endpoint(1), WAYS, 400) as load:
        begun = lab.start("rollout", **settings)
        begun.await_line("TASK [Have them count]")
        begun.kill()
        assert sorted(lab.modules("mh1")) == ["meter-pm0", "meter-pm0-canary"]
        differs = lab.attempt("drift", allocation=deployed)
        said = " ".join(lab.play("rollout", **settings).output.split())
        carried = load.end()
    assert differs.code == 2
    assert "meter-pm0-canary on mh1: is left of a run that was not finished, and goes" in said
    assert "share: meter-pm0-canary beside meter-pm0 on mh1 gets 20 % of its flows" in said
    assert "meter: 1 module run what was rolled out" in said
    assert sorted(lab.modules("mh1")) == ["meter-pm0"]
    sent, lost = (sum(getattr(way, what) for way in carried.values()) for what in ("sent", "lost"))
    figure(f"a share that was killed and one that was well: of {sent:,} datagrams {lost} did not come back")
    assert lost == 0
    lab.play("drift", allocation=good)
    lab.play("deploy", allocation=deployed)


def test_what_an_earlier_run_has_left_goes_with_the_next_deployment(
    lab: RouterLab, deployed: str, tmp_path: Path
) -> None:
    begun = lab.start("rollout", allocation=write_lossy(tmp_path, "0"), rollout_weight=WEIGHT, rollout_seconds=2)
    begun.await_line("TASK [Have them count]")
    begun.kill()
    lab.play("deploy", allocation=deployed)
    assert sorted(lab.modules("mh1")) == ["meter-pm0"]
    assert lab.play("deploy", allocation=deployed).changed == {}
