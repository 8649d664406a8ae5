# SPDX-License-Identifier: Apache-2.0
"""Who may know whom: the import graph of the toolkit is the diagram of docs/architecture.md."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "module_utils" / "flowstream"
CORE_NAME = "ansible.module_utils.flowstream"

TOUCHES_THE_WORLD = (
    "observe_", "run", "openflow", "switch_connection", "click_connection", "click_control", "clickos_control", "files",
    "process", "xenstore", "lab", "toolstack_",
)  # fmt: skip
"""How the modules of the core begin that may start processes, open sockets or read a host's state."""

WORLD = {"subprocess", "socket", "paramiko", "libvirt", "asyncio", "multiprocessing", "time", "random", "secrets"}
"""What a pure function has no use for: clocks, chance, processes and networks."""


def imports(path: Path) -> set[str]:
    """Return the absolute names of the modules that a file imports."""
    package = CORE_NAME if path.parent == CORE else ""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = f"{package}.{node.module or ''}".rstrip(".") if node.level else node.module or ""
            found.add(base)
            if base == CORE_NAME:
                found |= {f"{base}.{alias.name}" for alias in node.names}
    return found


def core_files() -> list[Path]:
    return sorted(CORE.glob("**/*.py"))


def is_pure(path: Path) -> bool:
    return not path.relative_to(CORE).parts[0].startswith(TOUCHES_THE_WORLD)


@pytest.mark.parametrize("path", core_files(), ids=lambda path: path.relative_to(CORE).as_posix())
def test_the_core_imports_nothing_of_ansible_but_itself(path: Path) -> None:
    ansible = {name for name in imports(path) if name.split(".")[0] == "ansible" and not name.startswith(CORE_NAME)}
    assert ansible == set()


@pytest.mark.parametrize(
    "path", [path for path in core_files() if is_pure(path)], ids=lambda path: path.relative_to(CORE).as_posix()
)
def test_a_pure_file_imports_no_clock_no_chance_no_process_and_nobody_who_does(path: Path) -> None:
    outward = {name for name in imports(path) if name.split(".")[0] in WORLD}
    for name in imports(path):
        if name.startswith(f"{CORE_NAME}."):
            target = CORE / Path(*name.removeprefix(f"{CORE_NAME}.").split("."))
            module = target.with_suffix(".py")
            if module.exists() and not is_pure(module):
                outward.add(name)
    assert outward == set()


@pytest.mark.parametrize("path", sorted((ROOT / "library").glob("*.py")), ids=lambda path: path.name)
def test_a_module_is_documented_for_ansible_doc(path: Path) -> None:
    assigned = {
        target.id
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert assigned >= {"DOCUMENTATION", "EXAMPLES", "RETURN"}
