# SPDX-License-Identifier: Apache-2.0
"""An experiment on the control node: what is to be measured, and what has been."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.experiments.allocation import allocation_of
from ansible.module_utils.flowstream.experiments.description import Description
from ansible.module_utils.flowstream.experiments.matrix import Matrix, Setup, combined, expected_seconds
from ansible.module_utils.flowstream.experiments.plots import Plot, plots_of
from ansible.module_utils.flowstream.experiments.reader import read_experiment
from ansible.module_utils.flowstream.experiments.report import report_of
from ansible.module_utils.flowstream.experiments.result import row_of, table
from ansible.module_utils.flowstream.world.files import replace_file

CSV, REPORT = "results.csv", "report.html"

ARGUMENTS = {
    "src": {"type": "path", "required": True},
    "folder": {"type": "path", "required": True},
    "template_dir": {"type": "path", "required": True},
    "drivers": {"type": "dict", "required": True},
    "endpoints": {"type": "dict", "required": True},
}
"""What modules that do something with an experiment are told of it."""


@dataclass(frozen=True, slots=True)
class ExperimentJob:
    """An experiment, and the platform that it is for: the driver of each module host, and the endpoints by name."""

    src: Path
    folder: Path
    template_dir: Path
    drivers: Mapping[str, str]
    endpoints: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> ExperimentJob:
        """Read what a module was told."""
        return cls(
            src=Path(params["src"]),
            folder=Path(params["folder"]),
            template_dir=Path(params["template_dir"]),
            drivers=params["drivers"],
            endpoints=params["endpoints"],
        )

    def described(self) -> Description:
        """Read the description."""
        try:
            return read_experiment(self.src.read_bytes(), str(self.src))
        except OSError as error:
            raise FlowstreamError(f"cannot read {self.src}: {error.strerror}") from error

    def ends(self, description: Description) -> tuple[str, str]:
        """The endpoints that send and count."""
        found = []
        for port in description.ports:
            names = [name for name, one in sorted(self.endpoints.items()) if str(one["portid"]) == str(port.portid)]
            if not names:
                known = ", ".join(str(one["portid"]) for one in self.endpoints.values()) or "none"
                raise FlowstreamError(
                    f"cannot measure: no endpoint is at platform port {port.portid}, got {known};"
                    " put one into the inventory's group endpoints"
                )
            found.append(names[0])
        return found[0], found[1]

    def matrix(self, description: Description) -> tuple[Matrix, dict[Setup, str]]:
        """All that is to be measured, and the text of each setup's allocation."""
        sender, receiver = (str(self.endpoints[name]["addresses"][0]) for name in self.ends(description))
        texts: dict[Setup, str] = {}

        def written(setup: Setup) -> str:
            return texts.setdefault(setup, allocation_of(description, setup, self.template_dir, sender, receiver))

        return combined(description, self.drivers, written), texts

    @property
    def results(self) -> Path:
        """The folder of the results."""
        return self.folder / "results"

    def measured(self) -> set[str]:
        """The names of the results that are there."""
        return {path.name for path in self.results.glob("*.json")}


def plan_experiment(job: ExperimentJob) -> dict[str, Any]:
    """Write the allocations of what is still to be measured, and return what there is to do."""
    description = job.described()
    matrix, texts = job.matrix(description)
    missing = matrix.missing(job.measured())
    source, sink = job.ends(description)
    if missing:
        job.results.mkdir(parents=True, exist_ok=True)
    setups = []
    for setup, cells in missing:
        file = job.folder / f"{setup.name}.yml"
        replace_file(file, texts[setup])
        setups.append(
            {
                "name": str(setup),
                "seconds": round(expected_seconds([(setup, cells)])),
                "variables": {
                    "allocation": str(file),
                    "allocation_left": list(setup.left),
                    "measure_source": source,
                    "measure_sink": sink,
                    "measure_mac": description.ports[0].mac,
                    "measure_trial": asdict(description.trial),
                    "measure_search": asdict(description.search),
                    "measure_cells": [
                        {"cell": one.to_dict(), "digest": one.digest, "file": str(job.results / one.file)}
                        for one in cells
                    ],
                },
            }
        )
    to_do, seconds = sum(len(cells) for _, cells in missing), round(expected_seconds(missing))
    lines = [
        f"{description.id}: {len(matrix.cells)} measurements, {len(matrix.cells) - to_do} are there already,"
        f" {to_do} to do on {len(missing)} deployments, about {_minutes(seconds)}",
        *(
            f"{setup}: {len(cells)} measurements, about {_minutes(round(expected_seconds([(setup, cells)])))}"
            for setup, cells in missing
        ),
        *(f"left out: {reason}" for reason in matrix.left_out),
    ]
    return {
        "id": description.id,
        "folder": str(job.folder),
        "setups": setups,
        "lines": lines,
        "seconds": seconds,
        "left_out": list(matrix.left_out),
    }


def _minutes(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"


def report_experiment(job: ExperimentJob, page_templates: Path, write: bool) -> dict[str, Any]:
    """Make table, plots and page of all that has been measured, and write those that are different."""
    description = job.described()
    matrix, _ = job.matrix(description)
    results = [
        json.loads((job.results / cell.file).read_text()) for cell in matrix.cells if (job.results / cell.file).exists()
    ]
    rows = [row_of(result) for result in results]
    plots: list[Plot] = plots_of(results) if results else []
    files = {CSV: table(rows).encode()}
    for plot in plots:
        files |= {f"{plot.name}.svg": plot.svg, f"{plot.name}.png": plot.png}
    files[REPORT] = report_of(description, results, rows, plots, matrix, page_templates).encode()
    changed = [name for name, data in files.items() if _differs(job.folder / name, data)]
    for name in changed if write else ():
        replace_file(job.folder / name, files[name])
    return {
        "changed": bool(changed),
        "files": [str(job.folder / name) for name in files],
        "rows": len(rows),
        "missing": len(matrix.cells) - len(rows),
    }


def _differs(path: Path, data: bytes) -> bool:
    return not path.exists() or path.read_bytes() != data
