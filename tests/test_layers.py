# SPDX-License-Identifier: Apache-2.0
"""What managed hosts lack: YAML and Jinja2 are for the control node, lxml for it and Xen hosts; few files ask for them.

tests/house/test_layers.py has the rest of the import graph.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring

ROOT = Path(__file__).parents[1]
CORE = ROOT / "module_utils" / "flowstream"
PREFIX = "ansible.module_utils.flowstream."

OWNERS = {
    "lxml": {"allocation_xml", "domain_xml"},
    "yaml": {"allocation_yaml"},
    "jinja2": {"click_config"},
    "libvirt": {"toolstack_libvirt"},
}
CONTROL_NODE = {"allocation_plan"}
"""The modules that only ever run on the control node."""
XEN_HOSTS = {"xen_domain", "xen_domain_info", "xen_domains", "click_domain", "click_domain_info"}
"""The modules of hosts to which role module_host_xen brings lxml and libvirt, unless xl is their toolstack."""
XEN_OWNERS = {"domain_xml", "toolstack_libvirt"}


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
    allowed = XEN_OWNERS if module.stem in XEN_HOSTS else set()
    owners = {f"{owner}.py" for names in OWNERS.values() for owner in names - allowed}
    assert owners & reached(module).keys() == set()


@pytest.mark.parametrize("module", sorted(XEN_HOSTS))
def test_a_module_of_xen_hosts_says_what_it_needs_and_starts_without_it(module: str) -> None:
    path = ROOT / "library" / f"{module}.py"
    documented = get_docstring(str(path), fragment_loader, plugin_type="module")[0]
    assert any(need.startswith("python3-libvirt and python3-lxml") for need in documented["requirements"])
    assert XEN_OWNERS & {file.stem for file in reached_at_start(path)} == set()


def reached_at_start(path: Path) -> set[Path]:
    """The files of the core that are read as soon as a file is, which an import inside a function is not."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        for node in ast.parse(waiting.pop().read_text()).body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PREFIX):
                target = CORE / f"{(node.module or '').removeprefix(PREFIX)}.py"
                if target not in found:
                    found.add(target)
                    waiting.append(target)
    return found


def test_the_graph_is_followed_beyond_the_first_step() -> None:
    assert {"allocation_xml.py", "addresses.py"} <= reached(CORE / "allocation.py").keys()
    assert "errors.py" in reached(ROOT / "library" / "openflow_flows.py")
