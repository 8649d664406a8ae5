# SPDX-License-Identifier: Apache-2.0
"""A traced packet for people: its steps, and those of the platform beside them, with what differs marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from ansible.module_utils.flowstream.trace.way import Step, left_by

SAME, DIFFERENT = " ", "!"


@dataclass(frozen=True, slots=True)
class Row:
    """A step as it is planned and as it is on the platform; one is None where the other has no counterpart.

    `counted` is by how much the entry's counter grew when the probe was sent, None where nobody looked. `expected` is by how
    much it had to.
    """

    planned: Step | None
    found: Step | None
    counted: int | None = None
    expected: int = 0

    @property
    def differs(self) -> bool:
        """Whether the platform does another thing here than was planned, or did with the probe."""
        missed = self.counted is not None and self.counted < self.expected
        return self.planned is None or self.found is None or missed

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "planned": self.planned.to_dict() if self.planned else None,
            "found": self.found.to_dict() if self.found else None,
            "counted": self.counted,
            "differs": self.differs,
        }


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of `probes` equal packets.

    `counted` is by how much counters grew, by bridge and entry (its selector); `captured` how many came out, by platform port;
    `switches` are those that these are at.
    """

    probes: int
    switches: Mapping[int, str]
    counted: Mapping[tuple[str, str], int]
    captured: Mapping[int, int]


def beside(
    planned: Sequence[tuple[Step, ...]],
    found: Sequence[tuple[Step, ...]],
    seen: Seen | None = None,
) -> list[Row]:
    """Return the steps of the two side by side: of the ways that each may take, the pair that is most alike.

    Of several ways, what was `seen` of probes says which one they took.
    """
    rows = (_rows(one, other, seen) for one in planned for other in found)
    return min(rows, key=lambda each: sum(row.differs for row in each))


def _rows(planned: Sequence[Step], found: Sequence[Step], seen: Seen | None) -> list[Row]:
    matcher = SequenceMatcher(a=[_key(step) for step in planned], b=[_key(step) for step in found], autojunk=False)
    rows: list[Row] = []
    for tag, low, high, start, end in matcher.get_opcodes():
        if tag == "equal":
            rows += map(Row, planned[low:high], found[start:end])
        else:
            rows += [Row(step, None) for step in planned[low:high]]
            rows += [Row(None, step) for step in found[start:end]]
    if seen is None:
        return rows
    ends = {step.portid for step in found}
    strays = [
        left_by(seen.switches[portid], portid)
        for portid, count in seen.captured.items()
        if count and portid not in ends
    ]
    return [*(_counted(row, seen) for row in rows), *(_counted(Row(None, step), seen) for step in strays)]


def _counted(row: Row, seen: Seen) -> Row:
    step = row.found or row.planned
    if step is None:
        return row
    if step.entry is not None:
        count = seen.counted.get((step.place, step.entry.selector()), 0)
    elif step.portid is not None and step.portid in seen.captured:
        count = seen.captured[step.portid]
    else:
        return row
    return Row(row.planned, row.found, count, seen.probes if row.found else 0)


def _key(step: Step) -> tuple[str, str, str]:
    return step.place, step.kind, step.what


def lines_of(rows: Sequence[Row]) -> list[str]:
    """Return the rows as lines: planned and found together where they agree, else marked."""
    return [line for row in rows for line in _lines(row)]


def _lines(row: Row) -> Iterator[str]:
    mark, count = DIFFERENT if row.differs else SAME, _count(row)
    if row.planned is not None and row.found is not None:
        yield f"{mark} {_text(row.found)}{count}"
    elif row.planned is not None:
        yield f"{mark} planned, and not so: {_text(row.planned)}{count}"
    elif row.found is not None:
        yield f"{mark} not planned: {_text(row.found)}{count}"


def _count(row: Row) -> str:
    """What was counted; more than the probes were others' packets too."""
    if row.counted is None:
        return ""
    return f"  [{row.counted} {'packets' if row.counted > row.expected > 0 else 'probes'}]"


def way_lines(way: Sequence[Step]) -> list[str]:
    """Return the steps of a way as lines."""
    return [f"  {_text(step)}" for step in way]


def _text(step: Step) -> str:
    why = f"  ({step.why})" if step.why else ""
    return f"{step.place}: {step.what}{why}"
