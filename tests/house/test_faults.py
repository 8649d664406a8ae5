# SPDX-License-Identifier: Apache-2.0
"""docs/faults.md has every fault that is asked for, and names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "docs" / "faults.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith(("| fault", "| ---"))
]
ASKED = (
    "module's process is killed",
    "module host is off or does not answer",
    "switch has empty tables",
    "link between switches is down",
    "device loses a link",
    "device has its links and forwards nothing",
    "gave flows back to the switch",
)


def test_every_fault_that_is_asked_for_has_a_row() -> None:
    faults = [row[0] for row in ROWS]
    assert [fault for fault in ASKED if not any(fault in one for one in faults)] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_row_says_what_is_so_and_names_tests_that_there_are(row: list[str]) -> None:
    _, becomes, back, shown = row
    assert becomes
    assert back
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", shown)
    assert named
    assert re.sub(r"`tests/[\w/]+\.py::test_\w+`(, )?", "", shown) == ""
    for file, name in named:
        assert f"\ndef {name}(" in (ROOT / file).read_text(), f"{file} has no {name}"
