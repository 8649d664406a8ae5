# SPDX-License-Identifier: Apache-2.0
"""The tree that an allocation file spells, in XML or in YAML: named elements with attributes, and their lines.

Both readers produce it, so that everything behind them, messages included, is the same for both.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_BYTES = 128 * 1024 * 1024
"""An allocation file of a thousand modules with a thousand entries each has about 75 MiB."""

MAX_DEPTH = 16
"""An allocation needs five levels; a deeper file is a mistake or an attack on the reader's stack."""

TOO_DEEP = f"elements nest too deeply, got more than {MAX_DEPTH} levels; an allocation needs 5"


@dataclass(slots=True)
class Element:
    """One element: `attributes` as they are written, `lines` where an attribute has a line of its own (YAML)."""

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""
    lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, attribute: str) -> int:
        """Return the line that the attribute stands on."""
        return self.lines.get(attribute, self.line)
