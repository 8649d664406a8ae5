# SPDX-License-Identifier: Apache-2.0
"""A module that rests on another host until the others have too much: its element, reading it, and what must hold for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ansible.module_utils.flowstream.allocation.document import SPILL as NAME
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import pm_label
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape, choice
from ansible.module_utils.flowstream.allocation.values import Values, one_of, whole
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.offload.spare import Spare
from ansible.module_utils.flowstream.plan.plan import PlannedPort

MOST_SPARES = 8
"""In an allocation: the proof follows every packet once more for each."""
MOST_LOAD = 999_999_999
_LOADS = {"packets": "in{port}.count", "bytes": "in{port}.byte_count"}
"""What a load is called, and the handlers of the template that count it, one for each platform port."""
_MEANINGS = "what a module gets in a second: `packets` or `bytes`"

SPILL = Shape(
    NAME,
    "Makes the module a spare: it runs, on another host than those without this element, and gets no flows until one of them has"
    " too much. `offload.yml` looks at the loads, and leads the spare's part of the flows to it, or back. [How](offload.md)",
    attributes=(
        Attribute("load", one_of("spillload", tuple(_LOADS)), f"what is compared, {_MEANINGS}", "packets or bytes"),
        Attribute(
            "high",
            whole("spillhigh", MOST_LOAD),
            "where another module has as much or more, the spare gets its flows",
            "the load of another module at which it gets flows",
        ),
        Attribute(
            "low",
            whole("spilllow", MOST_LOAD - 1),
            "where no module would have more than this with the spare's flows, they go back; less than `high`",
            "the load up to which another module takes its flows back",
        ),
    ),
)


class Spill(NamedTuple):
    """When a module gets flows; where a value could not be read, it is None."""

    load: str | None
    high: int | None
    low: int | None
    line: int

    def spare(self, ports: Sequence[PlannedPort]) -> Spare:
        """Return what a plan says of it."""
        load = self.load or ""
        handlers = tuple(_LOADS[load].format(port=port.portid) for port in ports)
        return Spare(load, handlers, self.high or 0, self.low or 0)


def read_spill(pm: Element, values: Values) -> Spill | None:
    """Read the element of a module, if it has one."""
    element = values.only(pm, NAME)
    if element is None:
        return None
    load = values.attribute(element, "load", _parse_load)
    high = values.whole(element, "high", 1, MOST_LOAD)
    low = values.whole(element, "low", 1, MOST_LOAD - 1)
    if high is not None and low is not None and low >= high:
        text = f"low is not less than high, got {low} and {high}; give it less, or flows would go to and fro"
        values.error(element, "low", text)
    return Spill(load, high, low, element.line)


def _parse_load(text: str) -> str:
    if text not in _LOADS:
        raise FlowstreamError(f"load is unknown, got {text}; use {choice(_LOADS)}")
    return text


def check_spares(allocation: Allocation, spills: Sequence[tuple[ProcessingModule, Spill]], findings: Findings) -> None:
    """Note where modules cannot be spares: nobody else serves, or there are too many."""
    if spills and len(spills) == len(allocation.pms):
        names = " and ".join(pm_label(pm) for pm, _ in spills[:2])
        text = f"no module is left that serves always, got a {NAME} in {names}; remove it from one"
        findings.error(allocation.line, allocation.allocation_id, text)
    for pm, spill in spills[MOST_SPARES:]:
        text = f"is one too many with a {NAME}, got {len(spills)}; keep {MOST_SPARES}"
        findings.error(spill.line, pm_label(pm), text)


def refuse_spares(spills: Sequence[tuple[ProcessingModule, Spill]], subtype: str, use: str, findings: Findings) -> None:
    """Note every spare of an allocation whose modules share no flows."""
    for pm, spill in spills:
        text = (
            f"is no spare for modules that share no flows, got a {NAME} with subtype {subtype}; use {use}, or remove it"
        )
        findings.error(spill.line, pm_label(pm), text)
