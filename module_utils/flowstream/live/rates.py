# SPDX-License-Identifier: Apache-2.0
"""What passes now, from two pages of the same exporter. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Labels = tuple[tuple[str, str], ...]
"""Names and values, sorted."""


class Page(NamedTuple):
    """What an exporter said, at seconds of a clock that only goes forward: the value of each sample by its name and labels."""

    at: float
    samples: Mapping[tuple[str, Labels], float]


_UNITS = (("packets", "packets", 1), ("bytes", "bits", 8))
LINK = {
    f"flowstream_switch_port_{direction}_{counted}_total": (f"{direction}_{unit}", times)
    for direction in ("received", "sent")
    for counted, unit, times in _UNITS
} | {"flowstream_switch_port_dropped_packets_total": ("dropped_packets", 1)}
"""Counters of a switch's port: what their rates are called, and by how much they are multiplied."""
MODULE = {
    f"flowstream_module_{name}_{counted}_total": (f"{direction}_{unit}", times)
    for name, direction in (("received", "received"), ("passed", "received"), ("sent", "sent"))
    for counted, unit, times in _UNITS
}
"""Counters of a module; what a stage passes on, it was given."""
DROPPED = "flowstream_module_dropped_packets_total"
UP = "flowstream_module_up"
FLOWS = "flowstream_module_flows"
MACHINE_UP = "flowstream_machine_up"


@dataclass(slots=True)
class Now:
    """What passes now: machines that say that they are well, rates a second of links by `MACHINE PORT`, and modules by name.

    Rates of 0 are left out.
    """

    machines: dict[str, bool] = field(default_factory=dict)
    links: dict[str, dict[str, float]] = field(default_factory=dict)
    modules: dict[str, dict[str, Any]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"machines": self.machines, "links": self.links, "modules": self.modules}


def now(pages: Iterable[tuple[Page | None, Page]]) -> Now:
    """Return what passes by the last page of each exporter, and by the one before it where there is one."""
    found = Now()
    for before, after in pages:
        for name, labels, value in _states(after):
            _note_state(found, name, labels, value)
        for name, labels, rate in _rates(before, after) if before else ():
            _note_rate(found, name, labels, rate)
    return found


def _states(page: Page) -> Iterator[tuple[str, dict[str, str], float]]:
    for (name, labels), value in page.samples.items():
        if name in (UP, FLOWS, MACHINE_UP):
            yield name, dict(labels), value


def _rates(before: Page, after: Page) -> Iterator[tuple[str, dict[str, str], float]]:
    """Yield what grew; a counter that is smaller than it was began anew, as Prometheus has it."""
    seconds = after.at - before.at
    for series, value in after.samples.items():
        name, labels = series
        earlier = before.samples.get(series)
        if earlier is None or value == earlier or seconds <= 0:
            continue
        if name in LINK or name in MODULE or name == DROPPED:
            yield name, dict(labels), (value - earlier if value > earlier else value) / seconds


def _note_state(found: Now, name: str, labels: Mapping[str, str], value: float) -> None:
    if name == MACHINE_UP:
        found.machines[labels["machine"]] = value > 0
        return
    module = _module(found, labels)
    if name == UP:
        module["up"] = value > 0
    else:
        module["flows"] = module.get("flows", 0) + value


def _note_rate(found: Now, name: str, labels: Mapping[str, str], rate: float) -> None:
    if name in LINK:
        key, times = LINK[name]
        _add(found.links.setdefault(f"{labels['machine']} {labels['port']}", {}), key, rate * times)
    elif name in MODULE:
        key, times = MODULE[name]
        _add(_module(found, labels), key, rate * times)
    else:
        module = _module(found, labels)
        _add(module, "dropped_packets", rate)
        _add(module.setdefault("reasons", {}), labels["reason"], rate)


def _module(found: Now, labels: Mapping[str, str]) -> dict[str, Any]:
    about = {key: labels[key] for key in ("machine", "allocation", "tenant")}
    return found.modules.setdefault(labels["module"], about)


def _add(sums: dict[str, Any], key: str, rate: float) -> None:
    sums[key] = sums.get(key, 0.0) + rate
