# SPDX-License-Identifier: Apache-2.0
"""All combinations of an experiment: which are deployed, which are measured on each, and which are still to be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from ansible.module_utils.flowstream.experiments.description import THROUGHPUT, Description, Search, Trial
from ansible.module_utils.flowstream.experiments.throughput import most_trials
from ansible.module_utils.flowstream.platform.drivers import DRIVER_KINDS

_DEPLOY_SECONDS = 45
_CELL_SECONDS = 6
_TRIAL_SECONDS = 0.3
"""What a deployment with its removal takes in the lab, a cell around its trials, and a trial besides its packets."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is deployed: so many modules of a kind on so many hosts of a driver. `left` are the hosts without a part."""

    processing: str
    modules: int
    computers: int
    host: str
    kind: str
    used: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def name(self) -> str:
        """What its files are called."""
        words = (
            self.processing,
            f"{self.modules}x{self.kind or DRIVER_KINDS[self.host][0]}",
            f"{self.computers}x{self.host}",
        )
        return "-".join(words)

    def __str__(self) -> str:
        modules = "1 module" if self.modules == 1 else f"{self.modules} modules"
        computers = f"{self.computers} {'computer' if self.computers == 1 else 'computers'}"
        return f"{self.processing}, {modules} ({self.kind or DRIVER_KINDS[self.host][0]}) on {computers} ({self.host})"


@dataclass(frozen=True, slots=True)
class Cell:
    """What is measured: `rate` is in packets a second, None where the highest is looked for. `digest` is of all that decides about it."""

    setup: Setup
    size: int
    flows: int
    queues: int
    rate: int | None
    digest: str
    seconds: float

    @property
    def file(self) -> str:
        """Where its result lies."""
        return f"{self.setup.name}-{self.size}-{self.flows}-{THROUGHPUT if self.rate is None else self.rate}-{self.digest}.json"

    def to_dict(self) -> dict[str, Any]:
        """What a result says that it is of."""
        setup = self.setup
        return {
            "processing": setup.processing,
            "modules": setup.modules,
            "computers": setup.computers,
            "host": setup.host,
            "module": setup.kind or DRIVER_KINDS[setup.host][0],
            "size": self.size,
            "flows": self.flows,
            "queues": self.queues,
            "rate": THROUGHPUT if self.rate is None else self.rate,
        }


@dataclass(frozen=True, slots=True)
class Matrix:
    """The combinations, those of a setup next to each other, and what cannot be measured with the reason."""

    cells: tuple[Cell, ...]
    left_out: tuple[str, ...]

    def missing(self, files: Collection[str]) -> list[tuple[Setup, list[Cell]]]:
        """What no file has yet, by setup."""
        found: dict[Setup, list[Cell]] = {}
        for cell in self.cells:
            if cell.file not in files:
                found.setdefault(cell.setup, []).append(cell)
        return list(found.items())


Written = Callable[[Setup], str]
"""The text of a setup's allocation."""


def combined(description: Description, drivers: Mapping[str, str], written: Written) -> Matrix:
    """Combine what the description has, for the module hosts that there are, with the driver of each."""
    cells: list[Cell] = []
    left_out: list[str] = []
    for found in _setups(description, drivers):
        if isinstance(found, str):
            left_out.append(found)
            continue
        text = written(found)
        sides = product(description.sizes, description.flows, description.queues, description.rates)
        cells += [_cell(description, found, text, *side) for side in sides]
    return Matrix(tuple(cells), tuple(left_out))


def _setups(description: Description, drivers: Mapping[str, str]) -> Iterator[Setup | str]:
    """Yield each setup, or the reason why there is none."""
    sides = (description.processing, description.modules, description.computers, description.hosts, description.kinds)
    for processing, modules, computers, host, kind in product(*sides):
        names = sorted(name for name, driver in drivers.items() if driver == host)
        used = tuple(names[:computers])
        setup = Setup(processing, modules, computers, host, kind, used, tuple(sorted(set(drivers) - set(used))))
        if kind and kind not in DRIVER_KINDS[host]:
            yield f"{setup}: hosts of driver {host} run {' and '.join(DRIVER_KINDS[host])}"
        elif computers > modules:
            yield f"{setup}: each computer needs a module"
        elif len(used) < computers:
            yield f"{setup}: the platform has {len(used)} module hosts of driver {host}"
        else:
            yield setup


def _cell(
    description: Description, setup: Setup, text: str, size: int, flows: int, queues: int, rate: int | None
) -> Cell:
    trial, search = description.trial, description.search
    decides = {
        "allocation": text,
        "left": setup.left,
        "size": size,
        "flows": flows,
        "queues": queues,
        "rate": rate,
        "trial": asdict(trial),
        "search": asdict(search) if rate is None else None,
    }
    digest = hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:12]
    return Cell(setup, size, flows, queues, rate, digest, _seconds(rate, trial, search))


def _seconds(rate: int | None, trial: Trial, search: Search) -> float:
    """About how long a cell takes."""
    trials = most_trials(search) + 1 if rate is None else 1
    return _CELL_SECONDS + trials * (trial.milliseconds / 1000 + _TRIAL_SECONDS)


def expected_seconds(missing: list[tuple[Setup, list[Cell]]]) -> float:
    """About how long all of it takes."""
    return sum(_DEPLOY_SECONDS + sum(cell.seconds for cell in cells) for _, cells in missing)
