# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.hosts.preparation import preparation_mark

VARIABLES = {"module_host_bridge": "br-pm", "ansible_host": "192.0.2.1", "flow_switch_ports": {"p1": 1}}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "roles/open_vswitch/tasks/main.yml",
        "roles/module_host_process/tasks/main.yml",
        "roles/processing_module/tasks/main.yml",
        "clickos/build/click",
        "clickos/elements/ip/decipttl.cc",
    ):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def mark(tree: Path, kind: str = "process", **variables: Any) -> str:
    return preparation_mark(kind, {**VARIABLES, **variables}, tree, Path.read_bytes)


def test_the_same_machine_of_the_same_tree_has_the_same_mark(tree: Path) -> None:
    assert mark(tree) == mark(tree, ansible_host="192.0.2.2", flow_switch_ports={"p1": 2})
    assert len({mark(tree, kind) for kind in ("switch", "process", "xen")}) == 3


def test_what_a_task_has_registered_is_no_setting(tree: Path) -> None:
    result = {"changed": False, "failed": False, "pms": []}
    assert mark(tree, module_host_process_info=result) == mark(tree)


@pytest.mark.parametrize("name", ["roles/open_vswitch/tasks/main.yml", "clickos/build/click"])
def test_a_role_or_an_engine_that_changed_gives_another_mark(tree: Path, name: str) -> None:
    before = mark(tree)
    (tree / name).write_text("other")
    assert mark(tree) != before


@pytest.mark.parametrize("variable", ["click_build_program", "module_host_process_click"])
def test_another_program_for_the_hosts_counts_instead_of_ours(tree: Path, tmp_path: Path, variable: str) -> None:
    other = tmp_path / "other"
    other.write_text("clickos/build/click")
    before = mark(tree, **{variable: str(other)})
    (tree / "clickos/build/click").write_text("other")
    assert mark(tree, **{variable: str(other)}) == before
    other.write_text("newer")
    assert mark(tree, **{variable: str(other)}) != before
    assert mark(tree, click_build_program="") == mark(tree)


@pytest.mark.parametrize("name", ["roles/processing_module/tasks/main.yml", "clickos/elements/ip/decipttl.cc"])
def test_what_does_not_reach_the_machine_leaves_the_mark(tree: Path, name: str) -> None:
    before = mark(tree)
    (tree / name).write_text("other")
    assert mark(tree) == before


def test_the_sources_of_the_guest_count_on_a_xen_host(tree: Path) -> None:
    before = mark(tree, "xen")
    (tree / "clickos/elements/ip/decipttl.cc").write_text("other")
    assert mark(tree, "xen") != before


def test_another_setting_gives_another_mark(tree: Path) -> None:
    assert mark(tree) != mark(tree, module_host_bridge="br-other")
    assert mark(tree) != mark(tree, module_host_process_click="/elsewhere/click")
    assert mark(tree, "switch") != mark(tree, "switch", flow_switch_ports={"p1": 2})
