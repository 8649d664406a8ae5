# SPDX-License-Identifier: Apache-2.0
"""The processing modules that an allocation asks for, its own and those of its stages: who decides of each, and what it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ansible.module_utils.flowstream.addresses import BITS, IPV6, uncovered
from ansible.module_utils.flowstream.allocation.model import Allocation, ProcessingModule, Stage
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Cost, Middlebox
from ansible.module_utils.flowstream.middleboxes.stage import ARM, StageModule, StageType
from ansible.module_utils.flowstream.middleboxes.template import Render
from ansible.module_utils.flowstream.offload.spare import FACT as SPARE
from ansible.module_utils.flowstream.placement.request import Request
from ansible.module_utils.flowstream.plan.bypass import FACT
from ansible.module_utils.flowstream.plan.own import own_senders, own_sources
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.stage import PlannedStage
from ansible.module_utils.flowstream.planner.types import Stages
from ansible.module_utils.flowstream.platform.occupancy import RunningModule

_OF_AN_ARM, _OF_A_STAGE, _OF_A_MODULE = 2, 6, 3
"""Entries for what is dropped: frames that a module may not send, with others' tags, that come back; and a stage's way out."""
_OF_TAGS6, _OF_A_STAGE6, _OF_A_MODULE6 = 2, 1, 2
"""Those of IPv6 besides: others' tags, a stage's way out, and what modules ask neighbours and tell them past stages."""
_OF_VERDICTS = 2
"""Those for what a module gives back to the switch, inward and outward."""
_OF_DISCOVERY = 3
"""Those for what only others may tell of neighbours: routers, their addresses, better ways."""


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
    for stage, position in positions(allocation):
        for pm in stage.pms:
            yield _StageModule(pm, allocation, stages[stage.type], _place(stage, position, pm, allocation))


def positions(allocation: Allocation) -> Iterator[tuple[Stage, int]]:
    """Yield the stages, each with its place at its port, counted from the port on."""
    met: dict[int, int] = {}
    for stage in allocation.stages:
        position = met.get(stage.port, 0)
        met[stage.port] = position + 1
        yield stage, position


def _place(stage: Stage, position: int, pm: ProcessingModule, allocation: Allocation) -> PlannedStage:
    place = PlannedStage(stage.stage_id, stage.type, stage.port, position)
    return place._replace(networks=pm.networks or allocation.behind(stage.port))


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


def requests_of(
    allocation: Allocation,
    modules: Sequence[WantedModule],
    bodies: Sequence[Body],
    ports: Sequence[PlannedPort],
    running: Mapping[str, RunningModule],
) -> list[Request]:
    """Return the request of each module; `running` are those that run, by name."""
    homes = [running.get(allocation.name_of(module.pm)) for module in modules]
    at_devices = [stage.port for stage in allocation.stages if stage.device is not None]
    entries = _Entries(modules, bodies, ports, at_devices, has_tenant=bool(allocation.tenant))
    own = "the modules that spill" if any(SPARE in body.facts for body in bodies) else ""
    return [
        Request(
            where=f"{allocation.file}:{module.pm.line}: pm {module.pm.pm_id}",
            number=module.pm.pm_id,
            kind=module.pm.kind,
            memory=module.pm.memory,
            vcpus=module.pm.vcpus,
            usual_memory=module.cost.memory_mib,
            at="" if home is None else home.host,
            rate=(module.pm.rate or 0) * len(module.arms),
            packet_ns=module.cost.packet_ns,
            flows=entries.of(module, body),
            apart=own if module.stage is None else f"stage {module.stage.stage_id}",
        )
        for module, body, home in zip(modules, bodies, homes, strict=True)
    ]


class _Entries:
    """How many flow entries a module brings to the bridge of its host, whichever modules of the allocation are there besides.

    What several modules of a host share (the entries for ARP and neighbour discovery) counts with each of them.
    """

    def __init__(
        self,
        modules: Sequence[WantedModule],
        bodies: Sequence[Body],
        ports: Sequence[PlannedPort],
        at_devices: Sequence[int],
        *,
        has_tenant: bool,
    ) -> None:
        self._ports = ports
        self._has_tenant = has_tenant
        self._claims = {
            port.portid: sum(claim.enters(port.portid) for body in bodies for claim in body.claims) for port in ports
        }
        self._tags6 = _OF_TAGS6 if any(one.destination.family == IPV6 for body in bodies for one in body.claims) else 0
        self._receiving: dict[int, int] = dict(Counter(at_devices))
        for module in modules:
            if module.stage is not None:
                have = self._receiving.get(module.stage.port, 0)
                self._receiving[module.stage.port] = have + max(1, len(module.stage.networks))

    def of(self, module: WantedModule, body: Body) -> int:
        if module.stage is not None:
            networks = max(1, len(module.stage.networks))
            sends = 2 * self._receiving[module.stage.port] + self._claims[module.stage.port]
            verdicts = _OF_VERDICTS if FACT in body.facts else 0
            return 2 * networks + sends + _OF_A_STAGE + _OF_A_STAGE6 + self._tags6 + verdicts
        served = [
            port for arm in module.arms for port in self._ports if port.portid in body.ports.get(arm, (port.portid,))
        ]
        held = sum(self._held(port, body) for port in served) if self._has_tenant and body.foreign else 0
        return _OF_AN_ARM * len(module.arms) + sum(self._at(port, body) for port in served) + held

    def _held(self, port: PlannedPort, body: Body) -> int:
        """Those of one port that hold a tenant's own configuration: what it may not send as, and what it may tell of neighbours."""
        others = [
            prefix
            for family in BITS
            for prefix in uncovered(own_sources(body.claims, self._ports, port, family), family)
        ]
        told = len(port.addresses6) ** 2 + _OF_DISCOVERY
        return len(others) + len(list(uncovered(own_senders(port)))) + told

    def _at(self, port: PlannedPort, body: Body) -> int:
        """Those of one port: what comes in, what goes out, ARP, and what leads to stages."""
        claimed = sum(claim.enters(port.portid) for claim in body.claims)
        staged = self._receiving.get(port.portid, 0)
        told = len(port.addresses6) if staged else 1
        neighbours = len(port.addresses) + (2 * len(port.addresses6) + told if port.addresses6 else 0)
        past = _OF_A_MODULE + self._tags6 + (_OF_A_MODULE6 if port.addresses6 else 0)
        return claimed + 2 + neighbours + (staged + past if staged else 0)
