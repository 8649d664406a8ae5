# SPDX-License-Identifier: Apache-2.0
"""What managed hosts lack: lxml, YAML and Jinja2 are for the control node, and few files may ask for them.

tests/house/test_layers.py has the rest of the import graph.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = ROOT / "module_utils" / "flowstream"
PREFIX = "ansible.module_utils.flowstream."

OWNERS = {"lxml": {"allocation_xml"}, "yaml": {"allocation_yaml"}, "jinja2": {"click_config"}}
CONTROL_NODE = {"allocation_plan"}
"""The modules that only ever run on the control node."""


def imports(path: Path) -> set[str]:
    """The absolute names that a file imports, at its top or anywhere inside."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def reached(path: Path) -> dict[str, Path]:
    """The files of the core that a file needs, by name."""
    found: dict[str, Path] = {}
    waiting = [path]
    while waiting:
        for name in imports(waiting.pop()):
            target = CORE / f"{name.removeprefix(PREFIX)}.py"
            if name.startswith(PREFIX) and target.name not in found:
                found[target.name] = target
                waiting.append(target)
    return found


@pytest.mark.parametrize("package", OWNERS)
def test_only_its_owner_imports_a_package_of_the_control_node(package: str) -> None:
    users = {path.stem for path in CORE.glob("*.py") if any(name.split(".")[0] == package for name in imports(path))}
    assert users == OWNERS[package]


@pytest.mark.parametrize(
    "module", [path for path in sorted((ROOT / "library").glob("*.py")) if path.stem not in CONTROL_NODE],
    ids=lambda path: path.stem,
)  # fmt: skip
def test_a_module_of_managed_hosts_needs_no_package_of_the_control_node(module: Path) -> None:
    owners = {f"{owner}.py" for names in OWNERS.values() for owner in names}
    assert owners & reached(module).keys() == set()


def test_the_graph_is_followed_beyond_the_first_step() -> None:
    assert {"allocation_xml.py", "addresses.py"} <= reached(CORE / "allocation.py").keys()
    assert "errors.py" in reached(ROOT / "library" / "openflow_flows.py")
