# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import ROOT, Host

EXAMPLE = ROOT / "examples" / "felipeiprouter"
PLATFORM = yaml.safe_load((ROOT / "examples" / "platform.yml").read_text())
UNREACHABLE = {**PLATFORM, "ports": {"1": {"addresses": ["172.16.0.1/24", "192.168.6.1/24"]}}}
"""The platform with a network that no route leads to."""


def plan(host: Host, build: Path, src: Path = EXAMPLE / "allocation.xml", **arguments: Any) -> dict[str, Any]:
    account = {"hosts": {}, "switches": {}, "unread": {}}
    fixed = {"platform": PLATFORM, "account": account, "template_dir": str(ROOT / "templates" / "click")}
    return host.module("allocation_plan", **{**fixed, "src": str(src), "build_dir": str(build), **arguments})


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_build_folder_is_the_examples_expected_folder_also_in_check_mode(
    control_node: Host, tmp_path: Path
) -> None:
    done = plan(control_node, tmp_path, check=True)
    folder, expected = tmp_path / "felipeiprouter", EXAMPLE / "expected"
    assert done["changed"] is True
    assert done["plan_file"] == str(folder / "plan.json")
    assert done["plan"]["allocation"]["id"] == "felipeiprouter"
    assert done["changes"][0].startswith("+ mh1: felipeiprouter-pm0 (process, 64 MiB, 1 vcpus) for 128.0.0.0/1")
    assert done["touched_prefixes"] == ["0.0.0.0/1", "128.0.0.0/1"]
    assert files(folder) == files(expected)
    _, different, unreadable = filecmp.cmpfiles(folder, expected, files(expected), shallow=False)
    assert (different, unreadable) == ([], [])


def test_what_the_plan_holds_is_for_its_owners_eyes(control_node: Host, tmp_path: Path) -> None:
    plan(control_node, tmp_path)
    folder = tmp_path / "felipeiprouter"
    (folder / "plan.json").chmod(0o644)
    plan(control_node, tmp_path)
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()} == {0o600}


def test_a_second_run_changes_nothing(control_node: Host, tmp_path: Path) -> None:
    plan(control_node, tmp_path)
    repeated = plan(control_node, tmp_path)
    assert (repeated["changed"], repeated["changes"], repeated["touched_prefixes"]) == (False, [], [])
    assert repeated["diff"] == []


def test_a_module_that_stays_where_it_runs_has_another_reason_and_that_is_no_change(
    control_node: Host, tmp_path: Path
) -> None:
    plan(control_node, tmp_path)
    names = {"mh1": "felipeiprouter-pm0", "mh2": "felipeiprouter-pm1"}
    hosts = {host: [{"name": name, "allocation": "felipeiprouter"}] for host, name in names.items()}
    account = {"hosts": hosts, "switches": {}, "unread": {}}
    repeated = plan(control_node, tmp_path, account=account)
    assert (repeated["changed"], repeated["changes"], repeated["diff"]) == (False, [], [])
    (pm,) = repeated["plan"]["hosts"]["mh1"]["pms"]
    assert pm["why"] == "runs there already"
    assert '"why": "runs there already"' in (tmp_path / "felipeiprouter" / "plan.json").read_text()


def test_a_diff_has_configurations_and_flows_line_by_line_and_each_once(control_node: Host, tmp_path: Path) -> None:
    lines = [line for one in plan(control_node, tmp_path)["diff"] for line in one["after"].splitlines()]
    assert max(map(len, lines)) < 200
    assert [lines.count(route) for route in ("    192.168.5.0/24 0,", "    10.0.5.0/24 0,")] == [1, 1]
    flows = (tmp_path / "felipeiprouter" / "flows" / "sw1.flows").read_text().splitlines()
    assert [lines.count(flow) for flow in flows] == [1] * len(flows)


def test_files_that_the_plan_does_not_have_any_more_go(control_node: Host, tmp_path: Path) -> None:
    plan(control_node, tmp_path)
    stale = tmp_path / "felipeiprouter" / "click" / "felipeiprouter-pm9.click"
    stale.write_text("Idle -> Discard;\n")
    report = tmp_path / "felipeiprouter" / "verification.txt"
    report.write_text("Traffic of felipeiprouter\n")
    assert plan(control_node, tmp_path)["changed"] is True
    assert not stale.exists()
    assert plan(control_node, tmp_path)["changed"] is False
    assert report.exists()


def test_a_plan_on_disk_that_cannot_be_read_is_replaced_and_mentioned(control_node: Host, tmp_path: Path) -> None:
    path = tmp_path / "felipeiprouter" / "plan.json"
    path.parent.mkdir()
    path.write_text('{"schema": 0}')
    done = plan(control_node, tmp_path)
    assert done["findings"] == [f"{path}: cannot read plan: its schema is 0, not 1; plan again"]
    assert plan(control_node, tmp_path)["changed"] is False


def test_a_network_that_the_inventory_puts_on_a_port_is_warned_of_where_no_route_leads_there(
    control_node: Host, tmp_path: Path
) -> None:
    done = plan(control_node, tmp_path, platform=UNREACHABLE)
    assert done["findings"] == [
        f"{EXAMPLE}/allocation.xml:4: portmacmapping 1: its network has no route in pm 0, got 172.16.0.0/24; "
        "add a forwardingentry with outputport 1, or nobody reaches it through the router"
    ]


def test_all_errors_of_the_description_and_the_platform_come_together_and_nothing_is_written(
    control_node: Host, tmp_path: Path
) -> None:
    src = tmp_path / "wrong.xml"
    text = (EXAMPLE / "allocation.xml").read_text()
    src.write_text(text.replace("00:15:17:15:5D:20", "00:15").replace('mask="128.0.0.0"', 'mask="255.0.255.0"'))
    failed = plan(control_node, tmp_path / "build", src, platform={"switches": {}, "hosts": {}})
    assert failed["failed"] is True
    assert [line.split(":")[1] for line in failed["msg"].splitlines() if line.startswith(str(src))] == ["3", "9", "18"]
    assert failed["msg"].splitlines()[-1].startswith("inventory: platform: has no module host")
    assert not (tmp_path / "build").exists()


def test_of_very_many_errors_a_hundred_are_shown_and_the_rest_is_counted(control_node: Host, tmp_path: Path) -> None:
    src = tmp_path / "wrong.xml"
    text = (EXAMPLE / "allocation.xml").read_text()
    entry = '<forwardingentry addr="192.168.5.0" mask="24" outputport="0" speed="1"/>\n'
    src.write_text(text.replace("</forwardingtable>", entry * 500 + "</forwardingtable>", 1))
    failed = plan(control_node, tmp_path / "build", src)
    assert len(failed["msg"].splitlines()) == 101
    assert failed["msg"].splitlines()[-1] == "and 900 more"


def test_a_description_that_is_not_there_is_named(control_node: Host, tmp_path: Path) -> None:
    failed = plan(control_node, tmp_path, tmp_path / "none.xml")
    assert failed["msg"] == f"cannot read {tmp_path}/none.xml: No such file or directory"


@pytest.mark.parametrize("good", [True, False])
def test_the_engine_reads_every_configuration_of_the_plan(
    control_node: Host, tmp_path: Path, click: Path, good: bool
) -> None:
    templates = ROOT / "templates" / "click"
    if not good:
        templates = Path(shutil.copytree(templates, tmp_path / "templates"))
        with (templates / "routed.click.j2").open("a") as page:
            page.write("\nNoSuchElement -> Discard;\n")
    done = plan(control_node, tmp_path / "build", template_dir=str(templates), click=str(click))
    if good:
        assert done["changed"] is True
    else:
        named = [error for error in done["msg"].splitlines() if "NoSuchElement" in error]
        assert [error.split(":")[0].rsplit("/", 1)[-1] for error in named] == [
            "felipeiprouter-pm0.click",
            "felipeiprouter-pm1.click",
        ]


def test_balanced_places_are_said_to_be_as_good_as_can_be_and_are_the_same_again(
    control_node: Host, tmp_path: Path
) -> None:
    balanced = {"algorithm": "balanced", "hosts": "few"}
    done = plan(control_node, tmp_path, ROOT / "examples" / "staged-router" / "allocation.xml", placement=balanced)
    assert done["placement"] == [
        "staged: 7 placed and 0 stay where they run: the fullest host that gets some is at 21 %, which is the least possible,"
        " 2 of 2 hosts in use"
    ]
    assert plan(control_node, tmp_path, ROOT / "examples" / "staged-router" / "allocation.xml", placement=balanced)["changed"] is False  # fmt: skip
    assert plan(control_node, tmp_path)["placement"] == []


def test_what_may_move_does_only_for_a_better_place_and_the_plan_says_what_it_costs(
    control_node: Host, tmp_path: Path
) -> None:
    running = [
        {"name": f"felipeiprouter-pm{number}", "allocation": "felipeiprouter", "memory_mib": 64, "ports": {}}
        for number in range(2)
    ]
    account = {"hosts": {"mh1": running, "mh2": []}, "switches": {}, "unread": {}}
    still = plan(control_node, tmp_path, account=account, placement={"algorithm": "balanced"})
    assert still["findings"] == []
    assert {pm["why"] for pm in still["plan"]["hosts"]["mh1"]["pms"]} == {"runs there already"}
    moved = plan(control_node, tmp_path, account=account, placement={"algorithm": "balanced", "moves": 1})
    assert moved["findings"] == [
        f"{EXAMPLE}/allocation.xml:17: pm 1: moves from mh1 to mh2, because mh2 is at 4 % memory with it; mh1 would be at 7 %"
        " memory; costs 64 MiB while both run"
    ]
    assert moved["placement"] == [
        "felipeiprouter: 2 placed and 0 stay where they run: the fullest host that gets some is at 4 %, which is the least"
        " possible, 2 of 2 hosts in use, 1 moved"
    ]


def test_a_page_is_written_when_it_is_asked_for_and_none_of_another_plan_stays(
    control_node: Host, tmp_path: Path
) -> None:
    pages = {"page_template_dir": str(ROOT / "templates" / "page")}
    file = tmp_path / "felipeiprouter" / "plan.html"
    assert plan(control_node, tmp_path)["pages"] == []
    assert not file.exists()
    done = plan(control_node, tmp_path, **pages)
    assert (done["pages"], done["changed"], file.stat().st_mode & 0o777) == ([str(file)], False, 0o600)
    first = file.read_text()
    assert first.count("<svg") == 5
    plan(control_node, tmp_path)
    assert file.read_text() == first
    source = tmp_path / "allocation.xml"
    text = (EXAMPLE / "allocation.xml").read_text()
    source.write_text(text.replace('switchport="1"', 'switchport="9"', 1))
    assert plan(control_node, tmp_path, source)["changed"] is True
    assert not file.exists()


def test_a_page_without_graphviz_has_no_pictures_and_a_warning_says_what_brings_them(
    control_node: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = plan(control_node, tmp_path, page_template_dir=str(ROOT / "templates" / "page"))
    file = tmp_path / "felipeiprouter" / "plan.html"
    said = f"{file}: has no pictures: cannot run dot: it is not installed; install graphviz, and plan again"
    assert done["findings"] == [said]
    assert "<svg" not in file.read_text()


def planned_by_a_playbook(build: Path, src: Path, *arguments: str) -> tuple[dict[str, Any], str]:
    """What a task of the control node registers, and what its run printed."""
    registered = build / "registered.json"
    options = {
        "src": str(src),
        "build_dir": str(build),
        "platform": UNREACHABLE,
        "account": {"hosts": {}, "switches": {}, "unread": {}},
        "template_dir": str(ROOT / "templates" / "click"),
    }
    tasks = [
        {"allocation_plan": options, "register": "planned", "ignore_errors": True},
        {"ansible.builtin.copy": {"content": "{{ planned | to_json }}", "dest": str(registered)}, "check_mode": False},
    ]
    playbook = build / "plan.yml"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    done = subprocess.run(
        ["ansible-playbook", "--inventory", "localhost,", "--connection", "local", str(playbook), *arguments],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answer: dict[str, Any] = json.loads(registered.read_text())
    return answer, " ".join((done.stdout + done.stderr).split())


def test_a_task_of_the_control_node_answers_as_the_module_does_in_a_process_of_its_own(
    control_node: Host, tmp_path: Path
) -> None:
    answered, printed = planned_by_a_playbook(tmp_path, EXAMPLE / "allocation.xml", "--diff")
    shutil.rmtree(tmp_path / "felipeiprouter")
    done = plan(control_node, tmp_path, platform=UNREACHABLE)
    done.pop("warnings", None)
    assert done.items() <= answered.items()
    assert done["diff"]
    (finding,) = done["findings"]
    assert finding.partition(": its network")[2] in printed
    silent, _ = planned_by_a_playbook(tmp_path, EXAMPLE / "allocation.xml")
    assert (silent["changed"], silent["diff"]) == (False, [])


def test_a_task_of_the_control_node_is_told_every_error(control_node: Host, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.xml"
    wrong.write_text((EXAMPLE / "allocation.xml").read_text().replace("192.168.", "127.1."))
    answered, printed = planned_by_a_playbook(tmp_path, wrong)
    refused = plan(control_node, tmp_path, wrong)
    assert (answered["failed"], answered["msg"]) == (True, refused["msg"])
    assert len(refused["msg"].splitlines()) > 1
    assert all(" ".join(line.split()) in printed for line in refused["msg"].splitlines())
