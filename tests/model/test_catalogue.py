# SPDX-License-Identifier: Apache-2.0
"""Every example of a type that processes, and every type on every path as every kind: what probes expect is what the engine does."""

from __future__ import annotations

from pathlib import Path

import pytest

from .matrix import Cell, cells
from .played_modules import ROOT, plan_of
from .played_probes import come_out_as_expected

NAMES = sorted(folder.name for folder in (ROOT / "examples").iterdir() if (folder / "allocation.xml").exists())
CELLS = list(cells())
SERVED = [cell for cell in CELLS if not cell.refusal()]


def title(cell: Cell) -> str:
    return f"{cell.type} {cell.path} {cell.kind}".replace(" ", "-")


@pytest.mark.parametrize("name", NAMES)
def test_what_a_probe_expects_is_what_the_modules_do(name: str, tmp_path: Path) -> None:
    come_out_as_expected(plan_of(name), tmp_path)


@pytest.mark.parametrize("cell", SERVED, ids=title)
def test_every_type_does_its_work_on_every_path_as_every_kind_that_the_planner_has_it_be(
    cell: Cell, tmp_path: Path
) -> None:
    plan = cell.plan()
    modules = [pm for host in plan.hosts.values() for pm in host.pms]
    assert {pm.kind for pm in modules} == {cell.kind}
    come_out_as_expected(plan, tmp_path)
