# SPDX-License-Identifier: Apache-2.0
"""What a verification can send: the packets of the allocation's type, as far as the stages on their way let them pass."""

from __future__ import annotations

from collections.abc import Iterator

from ansible.module_utils.flowstream.addresses import of_family
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm
from ansible.module_utils.flowstream.planner.types import STAGES, TYPES, Stages, Types, middlebox_of
from ansible.module_utils.flowstream.traffic.probe import Probe


def expectations(plan: Plan, types: Types = TYPES, stages: Stages = STAGES) -> list[Probe]:
    """Return the probes whose outcome the type of the allocation foretells. What a stage stops says nothing of it."""
    found = middlebox_of(plan.type, types).expectations(plan)
    return [probe for probe in found if all(_passes(probe, *met, stages) for met in _met(plan, probe))]


def _passes(probe: Probe, pm: PlannedPm, inward: bool, stages: Stages) -> bool:
    return pm.stage is None or stages[pm.stage.type].admits(pm, probe, inward=inward)


def _met(plan: Plan, probe: Probe) -> Iterator[tuple[PlannedPm, bool]]:
    """Yield the modules of stages on the way of a probe, each with whether it comes to it on its way in."""
    for host in plan.hosts.values():
        for pm in host.pms:
            if pm.stage is None:
                continue
            networks = list(of_family(pm.stage.networks, probe.family))
            source = probe.source_address
            if pm.stage.port == probe.source_port and source is not None and any(net.holds(source) for net in networks):
                yield pm, True
            if pm.stage.port == probe.output_port and any(net.holds(probe.destination) for net in networks):
                yield pm, False
