# SPDX-License-Identifier: Apache-2.0
"""Which wall of a dom0 comes first, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.flowstream.dom0.facts import Demand, Dom0
from ansible.module_utils.flowstream.dom0.walls import NEVER, Wall, walls
from ansible.module_utils.flowstream.tables import text_table

APPLIES = {
    "now": "",
    "reboot": "after a reboot",
    "kernel": "with another kernel",
    "nothing": "no setting",
}
"""When the knob of a wall works, in a report's words."""


def capacity(host: Dom0, demand: Demand) -> dict[str, Any]:
    """All walls as plain data, the first one, whether what is wanted fits, and a table of it."""
    found = walls(host, demand)
    rows = [describe_wall(wall, demand.domains) for wall in found]
    first = next((row for row in rows if row["stops"] and row["domains"] is not None), None)
    return {
        "present": host.domains,
        "fits": all(row["enough"] for row in rows if row["stops"]),
        "domains": first["domains"] if first else None,
        "first": first,
        "walls": rows,
        "table": walls_table(rows),
    }


def describe_wall(wall: Wall, wanted: int) -> dict[str, Any]:
    """One wall, against the number of domains that is wanted."""
    return {
        "wall": wall.name,
        "domains": wall.domains,
        "enough": wall.domains is None or wall.domains >= wanted,
        "stops": wall.stops,
        "limit": None if wall.limit >= NEVER else int(wall.limit),
        "used": int(wall.used),
        "each": wall.each,
        "knob": wall.knob,
        "applies": wall.applies,
        "source": wall.source,
    }


def walls_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """One line for each wall that can be reached."""
    heading = ("wall", "reached at", "limit", "taken", "for each", "enough", "what raises it")
    lines = [
        (
            _name(row),
            str(row["domains"]),
            str(row["limit"]),
            str(row["used"]),
            f"{row['each']:g}",
            "yes" if row["enough"] else "no",
            _knob(row),
        )
        for row in rows
        if row["domains"] is not None
    ]
    return text_table([heading, *lines], right=(1, 2, 3, 4))


def doctor_table(before: Mapping[str, Any], after: Mapping[str, Any] | None = None) -> str:
    """The walls of one host, and what became of them; `before` and `after` are what `capacity` made."""
    later = {row["wall"]: row["domains"] for row in (after or before)["walls"]}
    heading = ("wall", "reached at", "after", "wanted", "what raises it")
    lines = [
        (
            _name(row),
            _number(row["domains"]),
            _number(later.get(row["wall"])) if after else "-",
            "enough" if _enough(row, after) else "short",
            _knob(row),
        )
        for row in before["walls"]
        if row["domains"] is not None
    ]
    return text_table([heading, *lines], right=(1, 2))


def _enough(row: Mapping[str, Any], after: Mapping[str, Any] | None) -> bool:
    rows = {other["wall"]: other for other in (after or {"walls": []})["walls"]}
    return bool(rows.get(row["wall"], row)["enough"])


def _name(row: Mapping[str, Any]) -> str:
    return str(row["wall"]) if row["stops"] else f"({row['wall']})"


def _number(domains: int | None) -> str:
    return "never" if domains is None else str(domains)


def _knob(row: Mapping[str, Any]) -> str:
    when = APPLIES[row["applies"]]
    return f"{row['knob']}, {when}" if when and row["applies"] != "nothing" else str(row["knob"])
