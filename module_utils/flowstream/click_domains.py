# SPDX-License-Identifier: Apache-2.0
"""How a processing module lives on a Xen host as a domain, and what has to happen so that it does.

A ClickOS domain starts with the configuration that is its ramdisk. So it comes back as it was by itself, when it dies
and when dom0 boots, and a file, a definition and a port are all that there is to keep. While it runs, a new
configuration reaches it by XenStore, without a restart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ansible.module_utils.flowstream.click_text import same_configuration
from ansible.module_utils.flowstream.domain_steps import (
    DomainStep,
    DomainVerb,
    SeenDomain,
    WantedDomain,
    domain_steps,
    pending_restart,
)
from ansible.module_utils.flowstream.domains import Domain, DomainVif, Owner
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan import PlannedPm

_TRAFFIC = {
    DomainVerb.START, DomainVerb.RESTART, DomainVerb.RECONFIGURE, DomainVerb.RESUME, DomainVerb.PLUG,
    DomainVerb.STOP, DomainVerb.REMOVE,
}  # fmt: skip


@dataclass(frozen=True)
class DomainHost:
    """What all processing modules of one Xen host share.

    `kernels` has by kind of module the kernel that its domains boot, `boot` how (pvh or pv); `config_dir` is where
    their configurations lie.
    """

    bridge: str
    boot: str
    kernels: Mapping[str, str]
    config_dir: Path

    def config_file(self, name: str) -> Path:
        """Where the configuration lies that a module starts with."""
        return self.config_dir / f"{name}.click"


@dataclass(frozen=True)
class WantedModule:
    """A declared processing module as a domain, and its Click configuration."""

    domain: Domain
    config: str

    @property
    def name(self) -> str:
        """The domain's name, which is the module's."""
        return self.domain.name


@dataclass(frozen=True)
class SeenModule:
    """What a host has of one processing module: its domain, the file, and what it says that it runs.

    `running_config` is None of a domain that does not run or does not answer.
    """

    seen: SeenDomain
    config: str | None = None
    running_config: str | None = None

    @property
    def exists(self) -> bool:
        """Whether anything of it is there."""
        return self.seen.exists or self.config is not None


def wanted_modules(host: DomainHost, allocation: str, pms: Sequence[PlannedPm]) -> list[WantedModule]:
    """The declared modules of a host, sorted by name; FlowstreamError with one line for each that cannot be."""
    wanted: dict[str, WantedModule] = {}
    errors: list[str] = []
    for pm in sorted(pms, key=lambda pm: pm.name):
        if pm.name in wanted:
            errors.append(f"pm {pm.name}: is declared twice; keep one")
        if not pm.config.strip():
            errors.append(f"pm {pm.name}: its configuration is empty")
        if pm.kind not in host.kernels:
            errors.append(f"pm {pm.name}: its kind is {pm.kind}; this host has a kernel for {', '.join(host.kernels)}")
            continue
        try:
            wanted[pm.name] = WantedModule(_domain(host, allocation, pm), pm.config)
        except FlowstreamError as error:
            errors += error.messages
    for what in ("device", "ofport"):
        users: dict[object, str] = {}
        for module in wanted.values():
            for vif in module.domain.vifs:
                value = getattr(vif, what)
                if users.setdefault(value, module.name) != module.name:
                    errors.append(f"pm {module.name}: {what} {value} is that of pm {users[value]}; choose another")
    if errors:
        raise FlowstreamError(*errors)
    return list(wanted.values())


def _domain(host: DomainHost, allocation: str, pm: PlannedPm) -> Domain:
    return Domain(
        name=pm.name,
        kind=host.boot,
        kernel=host.kernels[pm.kind],
        ramdisk=str(host.config_file(pm.name)),
        memory_kib=pm.memory_mib * 1024,
        vcpus=pm.vcpus,
        vifs=tuple(DomainVif(vif.device, host.bridge, vif.mac, vif.ofport, rate_mbps=vif.rate_mbps) for vif in pm.vifs),
        owner=Owner(allocation, plan_digest(pm)),
    )


def plan_digest(pm: PlannedPm) -> str:
    """The digest of what the plan says of a module, but for the routes that a running one is given."""
    said = {key: value for key, value in pm.to_dict().items() if key not in ("config", "prefixes", "routes")}
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def module_steps(want: WantedModule, have: SeenModule, state: str) -> list[DomainStep]:
    """The steps that make a module be in `state`: defined (as it is), running or stopped."""
    boot = {"running": True, "stopped": False}.get(state)
    steps = domain_steps(WantedDomain(want.domain, state, boot, restart=True), have.seen)
    running = state == "running" and have.seen.state != "stopped"
    if running and not pending_restart(want.domain, have.seen):
        if have.running_config is None and have.seen.state == "running":
            steps.append(DomainStep(DomainVerb.RESTART, want.name, "it does not answer"))
        elif not same_configuration(have.running_config or "", want.config):
            return [*steps, DomainStep(DomainVerb.RECONFIGURE, want.name, "without a restart")]
    if have.config != want.config:
        steps.insert(0, DomainStep(DomainVerb.WRITE, want.name))
    return steps


def touched(steps: Sequence[DomainStep]) -> list[str]:
    """The modules whose traffic the steps may meet."""
    return sorted({step.name for step in steps if step.verb in _TRAFFIC})
