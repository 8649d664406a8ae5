# SPDX-License-Identifier: Apache-2.0
"""The labs of the tests, what tests say that they deploy, and figures that they have measured, shown when all have run."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.planner.parser import parse

from .router_lab import ROOT, RouterLab, standing
from .xen_guests import FAR, NEAR
from .xen_host import XenHost

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RouterLab]:
    """The lab of LAB_INDEX, up and without anything on it or in its endpoints' caches; gone when the story has ended."""
    with standing(RouterLab(int(os.environ.get("LAB_INDEX") or 1), tmp_path_factory.mktemp("build"))) as lab:
        yield lab


@pytest.fixture(scope="module")
def fabric(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RouterLab]:
    """The same lab with three switches, in the place of the other one."""
    inventories = [ROOT / "inventory" / "fabric-lab"]
    index = int(os.environ.get("LAB_INDEX") or 1)
    with standing(RouterLab(index, tmp_path_factory.mktemp("build"), inventories=inventories)) as lab:
        yield lab


@pytest.fixture(scope="session")
def xen_lab() -> RouterLab:
    """The lab of LAB_INDEX with Xen hosts, as `make xen-bench-up` leaves it."""
    lab = RouterLab(
        int(os.environ["LAB_INDEX"]), ROOT / "build" / "test-xen", inventories=[ROOT / "inventory" / "xen-lab"]
    )
    lab.play("lab-up")
    return lab


@pytest.fixture(autouse=True)
def deployed_as_marked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Holds a test to its mark `deploys`: the lab's plan of that example is of modules of that kind alone."""
    mark = request.node.get_closest_marker("deploys")
    if mark is None:
        yield
        return
    lab = request.getfixturevalue("xen_lab" if request.node.get_closest_marker("xen") else "lab")
    yield
    assert kinds_planned(lab.build, *mark.args) == {mark.kwargs.get("kind", "process")}


def kinds_planned(build: Path, example: str) -> set[str]:
    """The kinds of the modules that an example has in the plan of the last run."""
    source = (ROOT / "examples" / example / "allocation.xml").read_bytes()
    plan = json.loads((build / parse(source, "allocation.xml").allocation.allocation_id / "plan.json").read_text())
    assert plan["allocation"]["sha256"] == hashlib.sha256(source).hexdigest()
    return {pm["kind"] for host in plan["hosts"].values() for pm in host["pms"]}


@pytest.fixture(scope="session")
def host(xen_lab: RouterLab) -> Iterator[XenHost]:
    """Xen host XEN_HOST (mh1) with the guest's image, and a guest of the same size that does nothing."""
    files = {"clickos": ROOT / "clickos" / "build" / "clickos", "empty": ROOT / "clickos" / "build" / "empty-guest"}
    with XenHost(xen_lab.machine(os.environ.get("XEN_HOST", "mh1")), files) as host:
        host.call("networks", NEAR, FAR)
        yield host


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Notes a line for the end of the run."""
    return request.config.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what was measured."""
    lines = config.stash.get(FIGURES, [])
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.line(line)
