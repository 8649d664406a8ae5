# SPDX-License-Identifier: Apache-2.0
"""The rooms of module_utils/flowstream: who may know whom, who touches the world, and what reaches a managed host."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring

ROOT = Path(__file__).parents[2]
CORE = ROOT / "module_utils" / "flowstream"
NAME = "ansible.module_utils.flowstream"
TESTS = ROOT / "tests" / "unit" / "flowstream"

# From the ground up: a room stands on those that it names, which stand above it here. All stand on the root.
MAY_IMPORT: dict[str, str] = {
    "": "",
    "flows": "",
    "fabric": "flows",
    "world": "",
    "xenstore": "",
    "control": "world xenstore",
    "openvswitch": "world",
    "openflow": "flows world",
    "images": "world",
    "lab": "images world",
    "platform": "fabric flows",
    "plan": "fabric flows",
    "offload": "flows plan",
    "history": "fabric flows plan platform world",
    "capture": "control openvswitch plan world",
    "allocation": "flows platform",
    "placement": "plan platform",
    "paths": "flows plan",
    "traffic": "plan",
    "trace": "control flows offload plan traffic world",
    "picture": "flows offload plan world",
    "experiments": "allocation control flows platform trace traffic world",
    "live": "picture plan",
    "sends": "allocation flows plan world",
    "middleboxes": "allocation plan traffic",
    "middleboxes/routed": "allocation middleboxes offload plan traffic",
    "middleboxes/router": "allocation middleboxes middleboxes/routed offload plan traffic",
    "middleboxes/firewall": "allocation middleboxes middleboxes/routed plan traffic",
    "middleboxes/flowmonitor": "allocation middleboxes plan traffic",
    "middleboxes/generator": "allocation middleboxes middleboxes/routed plan traffic",
    "middleboxes/ids": "allocation middleboxes plan traffic",
    "middleboxes/nat": "allocation middleboxes middleboxes/routed plan traffic",
    "middleboxes/balancer": "allocation middleboxes middleboxes/routed plan traffic",
    "middleboxes/bng": "allocation middleboxes middleboxes/routed plan traffic",
    "middleboxes/click": "allocation middleboxes plan traffic",
    "middleboxes/shaper": "allocation middleboxes plan traffic",
    "middleboxes/translator": "allocation middleboxes middleboxes/routed plan traffic",
    "middleboxes/vpngateway": "allocation middleboxes plan traffic",
    "migration": "allocation flows middleboxes placement plan platform",
    "attachment": "allocation plan platform",
    "planner": "allocation attachment fabric flows history middleboxes middleboxes/balancer middleboxes/bng middleboxes/click middleboxes/firewall middleboxes/flowmonitor middleboxes/generator middleboxes/ids middleboxes/nat middleboxes/router middleboxes/shaper middleboxes/translator middleboxes/vpngateway migration offload paths picture placement plan platform sends traffic world",
    "xen": "control openvswitch world xenstore",
    "xen/mass": "control openvswitch world xen xenstore",
    "hosts": "control openvswitch plan world xen xenstore",
    "hosts/process": "control hosts openvswitch plan world",
    "hosts/xen": "control hosts openvswitch plan world xen xenstore",
    "metrics": "control flows hosts hosts/process hosts/xen openflow plan world xen",
    "rollout": "control flows metrics plan",
    "dom0": "world xen",
    "filters": "capture control experiments fabric history hosts middleboxes migration offload plan planner platform rollout traffic",
}

MOST_LINES = 400
MOST_FILES = 14

OUTWARD_NAMES = {"observe", "converge", "connection"}
"""Files of any room that may start processes, open sockets or read a host's state."""
OUTWARD = {
    "capture/engine", "capture/merge", "control/associations", "control/clickos", "control/configuration", "control/following", "control/program", "control/socket", "control/state", "experiments/job", "hosts/process/driver", "hosts/xen/driver", "images/image", "images/qemu_channel", "images/xen_image", "lab/apply", "lab/cgroup", "lab/qemu",
    "live/feed", "live/server", "metrics/answer", "metrics/exporter", "picture/svg", "planner/job", "sends/engine", "trace/engine", "trace/job", "world/files", "world/forward", "world/lock_file", "world/run", "world/ssh", "xen/mass/builder",
    "xen/toolstack_libvirt", "xen/toolstack_xl", "xenstore/library", "xenstore/listing", "xenstore/nodes",
    "xenstore/pipeline", "xenstore/store",
}  # fmt: skip
"""And these besides."""
WORLD = {
    "asyncio", "ctypes", "fcntl", "libvirt", "multiprocessing", "os", "paramiko", "random", "secrets", "select", "shutil",
    "signal", "socket", "subprocess", "tempfile", "threading", "time",
}  # fmt: skip
"""What a pure function has no use for: clocks, chance, processes and networks."""

PACKAGE_OWNERS = {
    "lxml": {"allocation/from_xml", "xen/libvirt_xml"},
    "yaml": {"allocation/from_yaml"},
    "jinja2": {"middleboxes/template", "templates"},
    "graphviz": {"picture/drawing"},
    "libvirt": {"xen/toolstack_libvirt"},
    "matplotlib": {"experiments/plots"},
    "ortools": {"placement/solver"},
    "prometheus_client": {"live/observe", "metrics/exposition"},
}
"""What managed hosts lack: YAML and Jinja2 are for the control node, lxml for it and Xen hosts; few files ask for them."""
CONTROL_NODE = {"allocation_plan", "experiment_plan", "experiment_report", "live_page", "packet_trace"}
"""The modules that only ever run on the control node."""
XEN_HOSTS = {"xen_domain", "xen_domain_info", "xen_domains", "click_domain", "click_domain_info"}
"""The modules of hosts to which role module_host_xen brings lxml and libvirt, unless xl is their toolstack."""
XEN_OWNERS = {"xen/libvirt_xml", "xen/toolstack_libvirt"}


def core_files() -> list[Path]:
    return sorted(CORE.glob("**/*.py"))


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def place(path: Path) -> str:
    """A file of the core as ROOM/NAME."""
    return path.relative_to(CORE).with_suffix("").as_posix()


def room_of(path: Path) -> str:
    folder = path.parent.relative_to(CORE).as_posix()
    return "" if folder == "." else folder


def imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The absolute names that statements import; of a package, each name that is taken out of it."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import; Ansible's own name for the file is the one that is shipped"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(ast.walk(syntax(path)))}


def neighbours(path: Path, at_start: bool = False) -> set[Path]:
    """The files of the core that a file imports, anywhere in it or only as it is read."""
    tree = syntax(path)
    named = [name for name in imported(tree.body if at_start else ast.walk(tree)) if name.startswith(f"{NAME}.")]
    files = {CORE.joinpath(*name.removeprefix(f"{NAME}.").split(".")).with_suffix(".py") for name in named}
    return {file for file in files if file.exists()}


def reached(path: Path, at_start: bool = False) -> set[str]:
    """All that comes with a file, as ROOM/NAME."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        new = neighbours(waiting.pop(), at_start) - found
        found |= new
        waiting += new
    return {place(file) for file in found}


def is_outward(path: Path) -> bool:
    return path.stem in OUTWARD_NAMES or place(path) in OUTWARD


def modules() -> list[Path]:
    return sorted((ROOT / "library").glob("*.py"))


def test_every_room_is_in_the_table_and_stands_on_those_above_it() -> None:
    assert {room_of(path) for path in core_files()} == set(MAY_IMPORT)
    rooms = list(MAY_IMPORT)
    for room, below in MAY_IMPORT.items():
        assert set(below.split()) <= set(rooms[: rooms.index(room)]), room


@pytest.mark.parametrize("room", MAY_IMPORT, ids=lambda room: room or "root")
def test_a_room_imports_only_what_the_table_lets_it(room: str) -> None:
    allowed = {"", room, *MAY_IMPORT[room].split()}
    strangers = {
        f"{place(path)} imports {place(other)}"
        for path in core_files()
        if room_of(path) == room
        for other in neighbours(path)
        if room_of(other) not in allowed
    }
    assert strangers == set()


@pytest.mark.parametrize("path", core_files(), ids=place)
def test_the_core_imports_nothing_of_ansible_but_itself(path: Path) -> None:
    names = imported(ast.walk(syntax(path)))
    assert {name for name in names if name.startswith("ansible") and not name.startswith(f"{NAME}.")} == set()


@pytest.mark.parametrize("path", [path for path in core_files() if not is_outward(path)], ids=place)
def test_a_pure_file_imports_no_clock_no_chance_no_process_and_nobody_who_does(path: Path) -> None:
    assert packages(path) & WORLD == set()
    assert {place(other) for other in neighbours(path) if is_outward(other)} == set()


def test_the_files_that_may_touch_the_world_are_there() -> None:
    assert set(map(place, core_files())) >= OUTWARD


def test_the_tests_of_a_room_lie_in_a_room_of_the_same_name() -> None:
    tested = {path.parent.relative_to(TESTS).as_posix() for path in TESTS.glob("**/test_*.py")} - {"."}
    assert tested <= set(MAY_IMPORT)


def test_no_file_of_the_toolkit_hides_a_second_noun_and_no_room_a_second_room() -> None:
    long = {place(path): lines for path in core_files() if (lines := len(path.read_text().splitlines())) > MOST_LINES}
    crowded = {room: files for room, files in Counter(map(room_of, core_files())).items() if files > MOST_FILES}
    assert (long, crowded) == ({}, {})


# Ansible sends to a host what a module imports, file by file; these three would each fail there and nowhere else.


def test_every_folder_has_an_init_file_without_which_nothing_below_it_is_sent() -> None:
    folders = {path.parent for path in core_files()}
    assert {folder for folder in folders if not (folder / "__init__.py").exists()} == set()


def test_an_init_file_says_nothing_because_what_it_imports_goes_to_every_host() -> None:
    assert [place(path) for path in core_files() if path.stem == "__init__" and syntax(path).body] == []


def test_only_imports_that_can_be_read_in_the_text_bring_the_core_because_no_others_are_sent() -> None:
    looked_up = [
        f"{place(path)}: {ast.unparse(node)}"
        for path in core_files()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"__import__", "import_module", "importlib.import_module"}
        if not isinstance(node.args[0], ast.Constant) or str(node.args[0].value).startswith("ansible")
    ]
    assert looked_up == []


@pytest.mark.parametrize("path", [*core_files(), *modules()], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_an_import_of_the_core_names_a_file_and_not_a_folder(path: Path) -> None:
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(NAME):
            target = CORE.joinpath(*(node.module or "").removeprefix(NAME).split("."))
            named = (
                [target.with_suffix(".py")] if not target.is_dir() else [target / f"{n.name}.py" for n in node.names]
            )
            assert all(file.exists() for file in named), ast.unparse(node)


@pytest.mark.parametrize("package", PACKAGE_OWNERS)
def test_only_its_owner_imports_a_package_that_not_every_host_has(package: str) -> None:
    assert {place(path) for path in core_files() if package in packages(path)} == PACKAGE_OWNERS[package]


@pytest.mark.parametrize("module", [path for path in modules() if path.stem not in CONTROL_NODE], ids=lambda p: p.stem)
def test_a_module_of_managed_hosts_needs_no_package_of_the_control_node(module: Path) -> None:
    allowed = XEN_OWNERS if module.stem in XEN_HOSTS else set()
    assert set.union(*PACKAGE_OWNERS.values()) & reached(module) <= allowed


@pytest.mark.parametrize("module", sorted(XEN_HOSTS))
def test_a_module_of_xen_hosts_says_what_it_needs_and_starts_without_it(module: str) -> None:
    path = ROOT / "library" / f"{module}.py"
    documented = get_docstring(str(path), fragment_loader, plugin_type="module")[0]
    assert any(need.startswith("python3-libvirt and python3-lxml") for need in documented["requirements"])
    assert XEN_OWNERS & reached(path, at_start=True) == set()


def test_the_graph_is_followed_beyond_the_first_step() -> None:
    assert {"allocation/from_xml", "addresses"} <= reached(CORE / "planner" / "job.py")
    assert "errors" in reached(ROOT / "library" / "openflow_flows.py")


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_a_module_is_documented_for_ansible_doc(path: Path) -> None:
    assigned = {
        target.id
        for node in syntax(path).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert assigned >= {"DOCUMENTATION", "EXAMPLES", "RETURN"}
