# SPDX-License-Identifier: Apache-2.0
"""A stage that keeps each direction to the rate of a line, and shares that fairly among the flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation, Stage
from ansible.module_utils.flowstream.allocation.rules import pm_label
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape
from ansible.module_utils.flowstream.allocation.values import Values, whole
from ansible.module_utils.flowstream.middleboxes.middlebox import Cost, Counters
from ansible.module_utils.flowstream.middleboxes.stage import COUNTERS, TITLES
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.traffic.probe import Probe

MAX_RATE = 100_000
_RATE = whole("linerate", MAX_RATE, "Mbit/s")

DECLARATION = Declaration(
    type="shaper",
    subtypes={},
    unpassable="every packet waits for its turn there",
    unspillable="what a module lets pass is its own rate, and not that of two",
    text="Keeps each direction to the rate of a line, so that packets wait here, where flows have short queues of their own"
    " (RFC 8290), and not in a modem. Expedited packets (DSCP 46) go first as long as they keep to a rate of their own.",
    single={"line": "the rates"},
    shapes=(
        Shape(
            "line",
            "The rates of what stands behind the port, a little below its own. A direction without one is not shaped.",
            attributes=(
                Attribute("out", _RATE, "the rate of what leaves by the port"),
                Attribute("in", _RATE, "the rate of what comes in by it"),
                Attribute("expedited", _RATE, "of each, what expedited packets may take; without it a fifth"),
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Rates:
    """What the allocation says, in Mbit/s."""

    inward: int | None
    outward: int | None
    expedited: int | None
    line: int


@dataclass(frozen=True, slots=True)
class Line:
    """One direction. `rate` and `expedited` are in Mbit/s; without a rate packets pass as they come."""

    way: str
    title: str
    rate: int | None
    expedited: str


class Shaper:
    """The StageType `shaper`."""

    declaration = DECLARATION
    counters = Counters(
        always=(
            *COUNTERS,
            *(
                f"{way}_{name}"
                for way in ("inward", "outward")
                for name in ("excess.count", "flows.drops", "first.drops")
            ),
        ),
        titles={
            **TITLES,
            **{f"{way}_excess.count": "expedited beyond its rate" for way in ("inward", "outward")},
            **{f"{way}_{name}.drops": "queue full" for way in ("inward", "outward") for name in ("flows", "first")},
        },
    )
    cost = Cost(memory_mib={"process": 64, "clickos": 32, "linux_guest": 128}, packet_ns=190)
    state: tuple[str, ...] = ()
    knows = "the packets in its queues"
    learned: tuple[str, ...] = ()

    def read(self, pm: Element, values: Values) -> Rates | None:
        """Read the rates."""
        for child in pm.children:
            if child.name == "line":
                inward, outward, expedited = (
                    values.whole(child, name, 1, MAX_RATE) for name in ("in", "out", "expedited")
                )
                return Rates(inward, outward, expedited, child.line)
        return None

    def check(self, stage: Stage, allocation: Allocation, findings: Findings) -> None:
        """Note expedited packets that would have more than the line."""
        for pm in stage.pms:
            rates: Rates | None = pm.body
            given = [rate for rate in (rates.inward, rates.outward) if rate is not None] if rates else []
            if rates and rates.expedited is not None and given and rates.expedited > min(given):
                text = f"expedited is more than the line has, got {rates.expedited}; write at most {min(given)}"
                findings.error(rates.line, pm_label(pm), text)
            elif rates and not given:
                findings.warning(rates.line, pm_label(pm), "shapes nothing; give the line a rate for out or in")

    def plan(self, body: Rates, port: PlannedPort) -> Mapping[str, object]:
        """Keep what was read."""
        return {"in": body.inward, "out": body.outward, "expedited": body.expedited}

    def configuration(self, pm: PlannedPm, port: PlannedPort) -> Mapping[str, object]:
        """Lay out both directions."""
        share = pm.facts["expedited"]
        lines = [
            Line(way, title, pm.facts[name], f"{share if share is not None else (pm.facts[name] or 0) / 5:g}")
            for way, name, title in (
                ("inward", "in", f"From port {port.portid} to the inside"),
                ("outward", "out", f"Out by port {port.portid}"),
            )
        ]
        return {"lines": lines}

    def admits(self, pm: PlannedPm, probe: Probe, *, inward: bool) -> bool:
        """Nothing is refused for what it is."""
        return True
