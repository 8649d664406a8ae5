# SPDX-License-Identifier: Apache-2.0
"""The tree as a collection, installed into an empty folder: what is in it goes by the collection's name."""

from __future__ import annotations

import json
import re

import pytest

from ..installed_collection import ROOT, InstalledCollection

NAME = "flowstream.platform"
INVENTORY = ROOT / "inventory" / "lab"


@pytest.mark.parametrize(
    ("kind", "folder", "suffix"), [("module", "library", ".py"), ("filter", "filter_plugins", ".yml")]
)
def test_every_plugin_is_documented_by_the_collections_name(
    installed: InstalledCollection, kind: str, folder: str, suffix: str
) -> None:
    names = sorted(f"{NAME}.{path.stem}" for path in (ROOT / folder).glob(f"*{suffix}"))
    found = json.loads(installed.run("ansible-doc", "--json", "-t", kind, *names))
    assert sorted(found) == names


def test_no_plugin_imports_what_only_a_tree_has(installed: InstalledCollection) -> None:
    for path in installed.root.glob("plugins/**/*.py"):
        assert "ansible.module_utils.flowstream" not in path.read_text(), path


def test_an_action_plugin_runs_a_module_of_the_collection(installed: InstalledCollection) -> None:
    """Its own, without a name, or one by the collection's name."""
    for path in installed.root.glob("plugins/action/*.py"):
        named = re.findall(r'_execute_module\(\s*"([^"]+)"', path.read_text())
        assert all(name.startswith(f"{NAME}.") for name in named), path


def test_no_line_is_longer_than_ansibles_sanity_tests_allow(installed: InstalledCollection) -> None:
    """Names grow by the collection's."""
    for path in installed.root.glob("plugins/**/*.py"):
        assert max(map(len, path.read_text().splitlines()), default=0) <= 160, path


@pytest.mark.parametrize(
    "playbook",
    [
        "capture",
        "deploy",
        "deploy_router",
        "history",
        "migrate",
        "plan",
        "remove",
        "rollback",
        "rollout",
        "status",
        "verify",
    ],
)
def test_a_playbook_is_found_with_all_that_it_names(installed: InstalledCollection, playbook: str) -> None:
    installed.run("ansible-playbook", "--syntax-check", "--inventory", str(INVENTORY), f"{NAME}.{playbook}")
