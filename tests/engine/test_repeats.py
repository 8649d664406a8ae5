# SPDX-License-Identifier: Apache-2.0
"""The third copy of a shape becomes its base: nothing long stands twice in the engine's elements."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

ELEMENTS = Path(__file__).parents[2] / "clickos" / "elements"
MOST = 5
"""Lines that may be alike, one after the other: code and documentation, without includes and lines of brackets alone."""


def said(path: Path) -> list[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    return [
        (number, line.strip()) for number, line in lines if re.search(r"\w", line) and not line.startswith("#include")
    ]


def test_no_block_of_more_than_five_lines_stands_twice() -> None:
    places: dict[tuple[str, ...], list[str]] = defaultdict(list)
    paths = [path for path in sorted(ELEMENTS.rglob("*.[ch][ch]")) if not path.name.endswith("_test.cc")]
    for path in paths:
        lines = said(path)
        for first in range(len(lines) - MOST):
            block = tuple(line for _, line in lines[first : first + MOST + 1])
            places[block].append(f"{path.relative_to(ELEMENTS)}:{lines[first][0]}")
    assert len(paths) > 250
    repeated = [" and ".join(where) for where in places.values() if len(where) > 1]
    assert not repeated, "\n".join(repeated)
