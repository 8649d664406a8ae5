# SPDX-License-Identifier: Apache-2.0
"""The processing modules that an allocation asks for, its own and those of its stages, each with the type that decides of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ansible.module_utils.flowstream.allocation.model import Allocation, ProcessingModule, Stage
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Cost, Middlebox
from ansible.module_utils.flowstream.middleboxes.stage import ARM, StageModule, StageType
from ansible.module_utils.flowstream.middleboxes.template import Render
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.stage import PlannedStage
from ansible.module_utils.flowstream.planner.types import Stages


class WantedModule(Protocol):
    """What the planner asks about a module that it has to place."""

    @property
    def pm(self) -> ProcessingModule:
        """What the allocation says of it."""

    @property
    def arms(self) -> tuple[str, ...]:
        """What it calls its interfaces."""

    @property
    def cost(self) -> Cost:
        """What placement counts with."""

    @property
    def stage(self) -> PlannedStage | None:
        """Where it stands, when it is of a stage."""

    def body(self, ports: Sequence[PlannedPort]) -> Body:
        """What its type decides of it."""

    def configuration(self, planned: PlannedPm, ports: Sequence[PlannedPort], render: Render) -> str:
        """Its Click configuration."""


def wanted_modules(allocation: Allocation, middlebox: Middlebox, stages: Stages) -> Iterator[WantedModule]:
    """Yield the allocation's own modules, then those of its stages, each in the order of the allocation."""
    for pm in allocation.pms:
        yield _OwnModule(pm, allocation, middlebox)
    met: dict[int, int] = {}
    for stage in allocation.stages:
        position = met.get(stage.port, 0)
        met[stage.port] = position + 1
        for pm in stage.pms:
            yield _StageModule(pm, allocation, stages[stage.type], _place(stage, position, pm))


def _place(stage: Stage, position: int, pm: ProcessingModule) -> PlannedStage:
    place = PlannedStage(stage.stage_id, stage.type, stage.port, position)
    return place._replace(networks=pm.networks) if pm.networks else place


@dataclass(frozen=True, slots=True)
class _OwnModule:
    pm: ProcessingModule
    allocation: Allocation
    middlebox: Middlebox
    stage: PlannedStage | None = None

    @property
    def arms(self) -> tuple[str, ...]:
        return self.middlebox.arms

    @property
    def cost(self) -> Cost:
        return self.middlebox.cost

    def body(self, ports: Sequence[PlannedPort]) -> Body:
        return self.middlebox.plan(self.pm.body, ports)

    def configuration(self, planned: PlannedPm, ports: Sequence[PlannedPort], render: Render) -> str:
        variables = self.middlebox.configuration(self.allocation.allocation_id, planned, ports)
        return render(self.allocation.type, planned.name, variables)


@dataclass(frozen=True, slots=True)
class _StageModule:
    pm: ProcessingModule
    allocation: Allocation
    kind: StageType
    place: PlannedStage

    @property
    def stage(self) -> PlannedStage | None:
        return self.place

    @property
    def arms(self) -> tuple[str, ...]:
        return (ARM,)

    @property
    def cost(self) -> Cost:
        return self.kind.cost

    def _port(self, ports: Sequence[PlannedPort]) -> PlannedPort:
        (port,) = (port for port in ports if port.portid == self.place.port)
        return port

    def body(self, ports: Sequence[PlannedPort]) -> Body:
        facts = self.kind.plan(self.pm.body, self._port(ports))
        return Body((), facts=facts, ports={ARM: (self.place.port,)})

    def configuration(self, planned: PlannedPm, ports: Sequence[PlannedPort], render: Render) -> str:
        port = self._port(ports)
        stage = StageModule.of(self.allocation.allocation_id, self.place.stage_id, planned, port)
        variables = {**self.kind.configuration(planned, port), "stage": stage}
        return render(f"stage-{self.place.type}", planned.name, variables)
