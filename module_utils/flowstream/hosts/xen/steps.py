# SPDX-License-Identifier: Apache-2.0
"""How a processing module lives on a Xen host as a domain, and what has to happen so that it does.

A domain starts with its configuration: a ClickOS domain has it as its ramdisk, a Linux guest behind the image's files in
its own. So it comes back as it was by itself, when it dies and when dom0 boots, and files, a definition and a port are all
that there is to keep. While it runs, a new configuration reaches it by XenStore, without a restart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from ansible.module_utils.flowstream.control.text import same_configuration
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.plan import PlannedPm
from ansible.module_utils.flowstream.xen.domain import Domain, DomainVif, Owner
from ansible.module_utils.flowstream.xen.steps import (
    DomainStep,
    DomainVerb,
    SeenDomain,
    WantedDomain,
    domain_steps,
    pending_restart,
)

_TRAFFIC = {
    DomainVerb.START, DomainVerb.RESTART, DomainVerb.RECONFIGURE, DomainVerb.RESUME, DomainVerb.PLUG,
    DomainVerb.STOP, DomainVerb.REMOVE,
}  # fmt: skip

_LINUX_GUEST = "linux_guest"
_LINUX_CMDLINE = "console=hvc0 quiet"


@dataclass(frozen=True)
class DomainHost:
    """What all processing modules of one Xen host share.

    `kernels` has by kind of module the kernel that its domains boot, `boot` how (pvh or pv); `config_dir` is where
    their configurations lie. A kernel of Linux guests, KERNEL, has its file system beside it: KERNEL.initramfs.
    To look at modules, the folder is enough.
    """

    bridge: str = ""
    boot: str = "pvh"
    kernels: Mapping[str, str] = field(default_factory=dict)
    config_dir: Path = field(kw_only=True)

    def config_file(self, name: str) -> Path:
        """Where the configuration lies that a module starts with."""
        return self.config_dir / f"{name}.click"

    def initramfs(self, name: str) -> Path:
        """Where the file system lies that a Linux guest starts with, its configuration in it."""
        return self.config_dir / f"{name}.initramfs"


@dataclass(frozen=True)
class WantedModule:
    """A declared processing module as a domain, and its Click configuration.

    `initramfs` is the image's file system, to which a Linux guest's configuration is added; None of other domains.
    """

    domain: Domain
    config: str
    initramfs: Path | None = None

    @property
    def name(self) -> str:
        """The domain's name, which is the module's."""
        return self.domain.name


@dataclass(frozen=True)
class SeenModule:
    """What a host has of one processing module: its domain, the file, and what it says that it runs.

    `running_config` is None of a domain that does not run or does not answer. `has_initramfs`: whether there is a file
    system with the configuration in it.
    """

    seen: SeenDomain
    config: str | None = None
    running_config: str | None = None
    has_initramfs: bool = False

    @property
    def name(self) -> str:
        """The domain's name, which is the module's."""
        return self.seen.name

    @property
    def active(self) -> bool:
        """Whether its domain runs."""
        return self.seen.state == "running"

    @property
    def exists(self) -> bool:
        """Whether anything of it is there."""
        return self.seen.exists or self.config is not None or self.has_initramfs

    def starts_with(self, want: WantedModule) -> bool:
        """Whether its files are those that the module is to start with."""
        defined = self.seen.known.defined if self.seen.known else None
        same_image = defined is not None and defined.kernel == want.domain.kernel
        return self.config == want.config and (want.initramfs is None or (self.has_initramfs and same_image))


def wanted_module(host: DomainHost, allocation: str, pm: PlannedPm) -> WantedModule:
    """A declared module of a host; FlowstreamError when it cannot be."""
    if pm.kind not in host.kernels:
        known = ", ".join(host.kernels)
        raise FlowstreamError(f"pm {pm.name}: its kind is {pm.kind}; this host has a kernel for {known}")
    return WantedModule(_domain(host, allocation, pm), pm.config, _initramfs(host, pm))


def _initramfs(host: DomainHost, pm: PlannedPm) -> Path | None:
    return Path(f"{host.kernels[pm.kind]}.initramfs") if pm.kind == _LINUX_GUEST else None


def _domain(host: DomainHost, allocation: str, pm: PlannedPm) -> Domain:
    linux = pm.kind == _LINUX_GUEST
    return Domain(
        name=pm.name,
        kind=host.boot,
        kernel=host.kernels[pm.kind],
        ramdisk=str(host.initramfs(pm.name) if linux else host.config_file(pm.name)),
        cmdline=_LINUX_CMDLINE if linux else "",
        memory_kib=pm.memory_mib * 1024,
        vcpus=pm.vcpus,
        vifs=tuple(DomainVif(vif.device, host.bridge, vif.mac, vif.ofport, rate_mbps=vif.rate_mbps) for vif in pm.vifs),
        owner=Owner(allocation, plan_digest(pm), pm.tenant),
    )


def plan_digest(pm: PlannedPm) -> str:
    """The digest of what the plan says of a module, but for the routes that a running one is given."""
    said = {
        key: value
        for key, value in pm.to_dict().items()
        if key not in ("config", "prefixes", "claims", "routes", "facts")
    }
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
    if not have.starts_with(want):
        steps.insert(0, DomainStep(DomainVerb.WRITE, want.name))
    return steps


def moves_traffic(step: DomainStep) -> bool:
    """Whether packets may notice a step."""
    return step.verb in _TRAFFIC
