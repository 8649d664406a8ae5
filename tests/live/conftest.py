# SPDX-License-Identifier: Apache-2.0
"""The Xen host of the tests, and figures that tests have measured, shown when all have run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from .router_lab import ROOT, RouterLab
from .xen_guests import FAR, NEAR
from .xen_host import XenHost

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RouterLab]:
    """The lab of LAB_INDEX, up and without anything on it or in its endpoints' caches; gone when the story has ended."""
    lab = RouterLab(int(os.environ.get("LAB_INDEX") or 1), tmp_path_factory.mktemp("build"))
    lab.play("lab-down")
    lab.play("lab-up")
    yield lab
    lab.play("lab-down")


@pytest.fixture(scope="session")
def xen_lab() -> RouterLab:
    """The lab of LAB_INDEX with Xen hosts, as `make xen-bench-up` leaves it."""
    lab = RouterLab(
        int(os.environ["LAB_INDEX"]), ROOT / "build" / "test-xen", inventories=[ROOT / "inventory" / "xen-lab"]
    )
    lab.play("lab-up")
    return lab


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
