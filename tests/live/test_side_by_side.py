# SPDX-License-Identifier: Apache-2.0
"""Two allocations that know nothing of each other on one platform, on the lab; the tests are one story."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from .conversations import Pings
from .router_lab import ROOT, RouterLab

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

SCHOOL, SHOP = (ROOT / "examples" / "side-by-side" / f"{name}.xml" for name in ("school1", "shop54"))
COUNTED = re.compile(r"cookie=(0x[0-9a-f]+), duration=([0-9.]+)s.*n_packets=(\d+)")


@pytest.fixture(scope="module", autouse=True)
def without_others(lab: RouterLab) -> None:
    """Take off what the tests before these have left."""
    if lab.machine("sw1").ask("ovs-vsctl", "br-exists", "br-flow").returncode == 0:
        lab.play("remove-router")


def planned_number(lab: RouterLab, name: str) -> int:
    """The OpenFlow number of the one module of an allocation, by its plan."""
    plan = json.loads((lab.build / name / "plan.json").read_text())
    (number,) = (vif["ofport"] for host in plan["hosts"].values() for pm in host["pms"] for vif in pm["vifs"])
    return int(number)


def counted(lab: RouterLab, name: str) -> list[tuple[float, int]]:
    """Age and packets of each flow of an allocation on the switch, in the switch's order."""
    cookie = int(json.loads((lab.build / name / "plan.json").read_text())["cookie"], 16)
    text = lab.machine("sw1").run("ovs-ofctl", "--protocols=OpenFlow13", "dump-flows", "br-flow")
    found = [(int(found[1], 16), float(found[2]), int(found[3])) for found in COUNTED.finditer(text)]
    return [(age, packets) for owner, age, packets in found if owner == cookie]


def test_a_plan_alone_needs_no_platform_and_says_that_it_saw_none(lab: RouterLab) -> None:
    result = lab.play("plan", "--limit", "localhost", allocation=str(SHOP))
    assert "the platform was not looked at: planned as if nothing ran on it" in result.output


def test_modules_of_a_folder_whose_numbers_would_collide_run_beside_each_other(lab: RouterLab) -> None:
    alone = planned_number(lab, "shop54")
    lab.play("deploy", allocation=str(SCHOOL.parent))
    assert planned_number(lab, "school1") == alone
    assert planned_number(lab, "shop54") == alone + 1
    assert set(lab.modules("mh1")) == {"school1-pm0", "shop54-pm0"}
    assert lab.pings(0, "192.168.6.1")
    assert lab.pings(2, "192.168.8.1")
    assert not lab.pings(0, "192.168.8.1", count=1)


def test_a_third_that_wants_what_one_of_them_has_is_refused_by_name_and_nothing_is_touched(
    lab: RouterLab, tmp_path: Path
) -> None:
    third = tmp_path / "third.xml"
    third.write_text(SCHOOL.read_text().replace('id="school1"', 'id="third"'))
    before = lab.flows("sw1"), lab.modules("mh1"), lab.modules("mh2")
    refused = lab.attempt("deploy", allocation=str(third))
    assert refused.code != 0
    assert f"{third}:10: portmacmapping 0: mac is that of a port of allocation school1" in refused.output
    assert set(refused.changed) <= {"localhost"}
    assert (lab.flows("sw1"), lab.modules("mh1"), lab.modules("mh2")) == before


def test_a_removal_of_one_leaves_the_others_packets_and_counters_running(lab: RouterLab) -> None:
    before = counted(lab, "shop54")
    with Pings(lab.endpoint(2), "192.168.8.1") as pings:
        lab.play("remove", allocation=str(SCHOOL))
        pinged = pings.end()
    assert pinged.sent > 50
    assert pinged.lost == 0
    after = counted(lab, "shop54")
    assert len(after) == len(before) > 0
    assert all(older > age and more >= packets for (age, packets), (older, more) in zip(before, after, strict=True))
    assert sum(packets for _, packets in after) - sum(packets for _, packets in before) >= 2 * (
        pinged.sent - pinged.lost
    )
    assert counted(lab, "school1") == []
    assert set(lab.modules("mh1")) == {"shop54-pm0"}


def test_what_is_left_keeps_its_number_though_its_own_is_free_now(lab: RouterLab) -> None:
    assert set(lab.play("deploy", allocation=str(SHOP)).changed) <= {"localhost"}
    assert lab.pings(2, "192.168.8.1")


def test_a_folder_is_removed_in_one_run(lab: RouterLab) -> None:
    lab.play("remove", allocation=str(SCHOOL.parent))
    assert [lab.traces(name) for name in ("sw1", "mh1", "mh2")] == [[], [], []]
