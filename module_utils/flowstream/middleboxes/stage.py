# SPDX-License-Identifier: Apache-2.0
"""What a type of stages gives the toolkit: processing that stands at a platform port and lets packets pass as they are addressed.

A module of a stage has one arm. A frame to the port's Ethernet address is on its way in, one from it is on its way out; the
module sends each on with the Ethernet header that it came with, and drops all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ansible.module_utils.flowstream.allocation.reader import ReadableStage
from ansible.module_utils.flowstream.middleboxes.middlebox import Counters, Counting
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.traffic.probe import Probe

ARM = "eth0"
COUNTERS = ("inward.count", "outward.count", "inward_header.drops", "outward_header.drops", "other.count")
"""What stage.click.j2 counts for every type."""
TITLES = {"inward_header.drops": "bad header", "outward_header.drops": "bad header"}
COUNTERS6 = Counters(
    always=("inward6.count", "outward6.count", "inward6_header.drops", "outward6_header.drops"),
    titles={"inward6_header.drops": "bad IPv6 header", "outward6_header.drops": "bad IPv6 header"},
)
"""Those of IPv6, which modules at a port without an address of IPv6 do not have, nor those of types that carry IPv4 alone."""


class StageType(ReadableStage, Counting, Protocol):
    """A type of stages. Reading its part of an allocation is ReadableStage's; its template is `stage-<type>.click.j2`."""

    def plan(self, body: Any, port: PlannedPort) -> Mapping[str, Any]:
        """Decide of a module what its type has to decide, as JSON; `body` is what `read` returned.

        Where it gives flows back to the switch, the fact `bypass` says so (plan/bypass.py).
        """

    def configuration(self, pm: PlannedPm, port: PlannedPort) -> Mapping[str, object]:
        """The variables of its template beside `stage`. `pm` has no configuration yet."""

    def admits(self, pm: PlannedPm, probe: Probe, *, inward: bool) -> bool:
        """Whether it lets a probe pass that comes to it, as it came."""


@dataclass(frozen=True, slots=True)
class StageModule:
    """What stage.click.j2 spells of a module. `mac` is the platform port's Ethernet address, `own_mac` the module's.

    `mac_digits` is the former as a Classifier pattern has it. `has_ipv6`: packets of IPv6 come to it, too.
    """

    name: str
    allocation_id: str
    stage_id: str
    portid: int
    interface: str
    mac: str
    mac_digits: str
    own_mac: str
    has_ipv6: bool

    @classmethod
    def of(cls, allocation_id: str, stage_id: str, pm: PlannedPm, port: PlannedPort) -> StageModule:
        """Gather it."""
        (vif,) = pm.vifs
        digits = port.mac.replace(":", "")
        return cls(
            pm.name,
            allocation_id,
            stage_id,
            port.portid,
            vif.interface,
            port.mac,
            digits,
            vif.mac,
            bool(port.addresses6),
        )
