# SPDX-License-Identifier: Apache-2.0
"""What has to happen on a host so that its processing modules are as declared. Pure: what is seen comes as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ansible.module_utils.flowstream.control.text import same_configuration
from ansible.module_utils.flowstream.hosts.process.unit import PmHost, unit_text, vif_of
from ansible.module_utils.flowstream.plan.plan import PlannedPm


@dataclass(frozen=True)
class WantedPm:
    """A declared processing module, spelled out: the texts of its files and its place on the bridge."""

    name: str
    unit: str
    config: str
    device: str
    ofport: int


@dataclass(frozen=True)
class SeenPort:
    """A port of an Open vSwitch that is tagged as ours; `ofport` is what it got, None before it got one."""

    device: str
    ofport: int | None
    allocation: str
    pm: str


@dataclass(frozen=True)
class SeenPm:
    """What a host has of one processing module; None or False is what it has not.

    `running_config` is what the engine answers on its ControlSocket; `engine_current` says that the process runs the
    very file that the engine's path names now.
    """

    name: str
    allocation: str | None = None
    unit: str | None = None
    config: str | None = None
    active: bool = False
    enabled: bool = False
    pid: int = 0
    engine_current: bool = False
    namespace: bool = False
    port: SeenPort | None = None
    running_config: str | None = None

    @property
    def exists(self) -> bool:
        """Whether anything of it is there."""
        return bool(self.unit or self.config or self.active or self.enabled or self.namespace or self.port)


class Verb(Enum):
    """What is done to one processing module, as the verb that reports use."""

    CREATE = "create"
    WRITE = "write the files of"
    START = "start"
    RESTART = "restart"
    RECONFIGURE = "replace the configuration of"
    ENABLE = "enable"
    STOP = "stop"
    REMOVE = "remove"


@dataclass(frozen=True)
class PmStep:
    """One step for one processing module. `reason` follows the name in the report."""

    verb: Verb
    name: str
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.verb.value} pm {self.name}" + (f": {self.reason}" if self.reason else "")


def wanted_pm(host: PmHost, allocation: str, pm: PlannedPm) -> WantedPm:
    """A declared module of a host; FlowstreamError when it cannot be."""
    vif = vif_of(pm)
    return WantedPm(pm.name, unit_text(host, allocation, pm), pm.config, vif.device, vif.ofport)


def pm_steps(pm: WantedPm, have: SeenPm, state: str) -> list[PmStep]:
    """The steps that make a module be in `state`: present, started or stopped."""
    if state == "stopped":
        return _to_stop(pm, have)
    if have.active:
        steps = _to_keep_running(pm, have)
    else:
        steps = _to_write(pm, have)
        if state == "started":
            steps.append(PmStep(Verb.START, pm.name))
    if state == "started" and not have.enabled:
        steps.append(PmStep(Verb.ENABLE, pm.name))
    return steps


def _to_write(pm: WantedPm, have: SeenPm) -> list[PmStep]:
    if have.unit is None and have.config is None:
        return [PmStep(Verb.CREATE, pm.name, f"interface {pm.device}, OpenFlow port {pm.ofport}")]
    if have.unit != pm.unit or have.config != pm.config:
        return [PmStep(Verb.WRITE, pm.name)]
    return []


def _to_stop(pm: WantedPm, have: SeenPm) -> list[PmStep]:
    steps = _to_write(pm, have)
    if have.active or have.enabled:
        steps.append(PmStep(Verb.STOP, pm.name))
    return steps


def _to_keep_running(pm: WantedPm, have: SeenPm) -> list[PmStep]:
    reason = _restart_reason(pm, have)
    if reason:
        return [*_to_write(pm, have), PmStep(Verb.RESTART, pm.name, reason)]
    if not same_configuration(have.running_config or "", pm.config):
        return [PmStep(Verb.RECONFIGURE, pm.name, "without a restart")]
    return _to_write(pm, have)


def _restart_reason(pm: WantedPm, have: SeenPm) -> str:
    """Why a running module cannot take its new form without a restart; empty when it can."""
    if have.unit is None:
        return "its unit file is gone"
    if have.unit != pm.unit:
        return "its unit changed"
    if not have.namespace:
        return "its network namespace is gone"
    if have.port is None:
        return "its port is gone"
    if have.port.ofport != pm.ofport:
        return f"its OpenFlow port is {have.port.ofport}, not {pm.ofport}"
    if not have.engine_current:
        return "its engine was replaced"
    if have.running_config is None:
        return "it does not answer"
    return ""
