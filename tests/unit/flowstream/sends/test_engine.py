# SPDX-License-Identifier: Apache-2.0
"""A tenant's own configuration is read by the engine, and refused where it could send what is not its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.planner.job import PlanningJob, run_planner
from ansible.module_utils.flowstream.sends.engine import check_configurations
from ansible.module_utils.flowstream.world.run import local_run

from ..conftest import ROOT, messages

EXAMPLE = ROOT / "examples" / "click"
ENGINE = ROOT / "clickos" / "build" / "click"
NOTHING = {"hosts": {}, "switches": {}, "unread": {}}


def deployed(
    folder: Path, facts: dict[str, Any], config: str, *, tenant: str = "acme", click: Path | None = ENGINE
) -> list[str]:
    """Plan the example with another configuration; return what is told of it."""
    text = (EXAMPLE / "allocation.xml").read_text()
    (folder / "allocation.xml").write_text(
        text.replace('type="click"', f'type="click" tenant="{tenant}"') if tenant else text
    )
    (folder / "meter.click").write_text(config)
    job = PlanningJob(folder / "allocation.xml", facts, folder / "build", ROOT / "templates" / "click", click, NOTHING)
    found: list[str] = run_planner(local_run(20), job)["findings"]
    return found


SPOOFING = """FromDevice($interface) -> Discard;
RatedSource(DATA x)
    -> UDPIPEncap(8.8.8.8, 53, 192.168.5.7, 53)
    -> EtherEncap(0x0800, $mac0, 1:1:1:1:1:1) -> Queue -> ToDevice($interface);
"""


def test_the_example_may_be_a_tenants(tmp_path: Path, facts: dict[str, Any]) -> None:
    assert deployed(tmp_path, facts, (EXAMPLE / "meter.click").read_text()) == []


def test_what_is_not_the_tenants_own_is_refused_with_its_file_and_line(tmp_path: Path, facts: dict[str, Any]) -> None:
    assert messages(lambda: deployed(tmp_path, facts, SPOOFING)) == [
        f"{tmp_path}/meter.click:3: UDPIPEncap@4 :: UDPIPEncap: may send a source address by port 0 that is not its own,"
        " got 8.8.8.8/32; send from 192.168.5.0/24 or 192.168.6.0/24, or claim dst 8.8.8.8/32 from 0"
    ]


def test_what_is_nobodys_is_the_operators_own_business(tmp_path: Path, facts: dict[str, Any]) -> None:
    assert deployed(tmp_path, facts, SPOOFING, tenant="") == []


@pytest.mark.parametrize("click", [ENGINE, None], ids=["by the engine", "by nobody"])
def test_what_nobody_can_tell_is_held_and_told(tmp_path: Path, facts: dict[str, Any], click: Path | None) -> None:
    config = SPOOFING.replace("UDPIPEncap(8.8.8.8, 53, 192.168.5.7, 53)", "StoreData(12, a)")
    held = "the bridge of its host drops what is not its own"
    told = [
        f"{tmp_path}/meter.click:3: StoreData@4 :: StoreData: the source address that it gives is not known here; {held} (anti-spoofing)"
    ]
    unread = [f"meter-pm0 was not looked at: no engine to read what it may send; {held}"]
    found = deployed(tmp_path, facts, config, click=click)
    assert found == (told if click else unread)


def test_a_class_that_the_program_of_the_hosts_lacks_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.click").write_text("Idle -> Discard;\n")
    (tmp_path / "b.click").write_text("Idle\n -> Counter\n -> Discard;\n")
    files = {"a.click": "", "b.click": "", "plan.json": ""}
    assert messages(lambda: check_configurations(local_run(20), ENGINE, tmp_path, files, ["Discard", "Idle"])) == [
        f"{tmp_path}/b.click:2: element class 'Counter' is none of click_build_program's"
    ]
    check_configurations(local_run(20), ENGINE, tmp_path, files, ["Counter", "Discard", "Idle"])
    check_configurations(local_run(20), ENGINE, tmp_path, files)
