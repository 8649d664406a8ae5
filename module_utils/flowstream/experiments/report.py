# SPDX-License-Identifier: Apache-2.0
"""One page that shows an experiment to people: plots, figures, and on what they were measured. It needs nothing but a browser."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.experiments.description import Description
from ansible.module_utils.flowstream.experiments.matrix import Matrix
from ansible.module_utils.flowstream.experiments.plots import Plot
from ansible.module_utils.flowstream.experiments.result import COLUMNS, Row
from ansible.module_utils.flowstream.templates import filled_in

PAGE = "experiment.html"
_FACTS = (
    "kernel",
    "processor",
    "processors",
    "memory_mib",
    "virtual",
    "ansible",
    "python",
    "click",
    "switch",
    "commit",
)


def report_of(
    description: Description,
    results: Sequence[Mapping[str, Any]],
    rows: Sequence[Row],
    plots: Sequence[Plot],
    matrix: Matrix,
    templates: Path,
) -> str:
    """Return the page."""
    known = {cell.digest for cell in matrix.cells} - {result["digest"] for result in results}
    facts = {
        name: sorted({str(result["facts"][name]) for result in results if result["facts"].get(name)}) for name in _FACTS
    }
    shown = [column for column in COLUMNS if any(row[column] != "" for row in rows)]
    return filled_in(
        templates,
        f"{PAGE}.j2",
        {
            "description": description,
            "columns": shown,
            "rows": [[row[column] for column in shown] for row in rows],
            "plots": [{"title": one.title, "data": b64encode(one.svg).decode()} for one in plots],
            "facts": {name.replace("_", " "): values for name, values in facts.items() if values},
            "missing": len(known),
            "left_out": matrix.left_out,
        },
        f"write {PAGE}",
    )
