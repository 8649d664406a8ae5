# SPDX-License-Identifier: Apache-2.0
"""What a dom0 has of each thing that runs out, and what somebody wants to run on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError

BOOTS = ("pv", "pvh")
GUESTS = ("clickos", "linux")
TOOLSTACKS = ("direct", "libvirt", "xl")
BRIDGES = ("openvswitch", "linux")

DEMAND_ARGUMENTS: dict[str, Any] = {
    "domains": {"type": "int", "required": True},
    "vifs": {"type": "int", "default": 1},
    "memory_kib": {"type": "int", "default": 8192},
    "boot": {"type": "str", "choices": list(BOOTS), "default": "pvh"},
    "guest": {"type": "str", "choices": list(GUESTS), "default": "clickos"},
    "toolstack": {"type": "str", "choices": list(TOOLSTACKS), "default": "direct"},
    "bridge": {"type": "str", "choices": list(BRIDGES), "default": "openvswitch"},
    "console": {"type": "bool", "default": True},
}
"""The arguments of a module that is told a `Demand`; the fragment dom0_demand documents them."""


@dataclass(frozen=True)
class Process:
    """A program in dom0: its open files and their limit, its systemd service, and the room that its group has for tasks."""

    pid: int
    files: int
    max_files: int
    service: str = ""
    group: str = ""
    """The unit, its own or one above, that has least room for tasks; empty where there is no limit."""
    tasks: int = 0
    max_tasks: int | None = None


@dataclass(frozen=True)
class Dom0:
    """One look at a dom0; memory in KiB."""

    domains: int
    xen: tuple[int, int]
    xen_free: int
    dom0_memory: int
    kernel: tuple[int, int]
    nr_cpus: int
    """What the kernel was built for, CONFIG_NR_CPUS."""
    processors: int
    fifo_events: bool
    event_channels: int
    irqs: int
    memory: int
    threads: int
    ptys: int
    maptrack_frames: int
    xenstored: str
    next_domid: int
    sysctls: Mapping[str, int]
    processes: Mapping[str, Process]
    """By the names of the programs: xenstored (whichever), xenconsoled, ovs-vswitchd, libvirtd."""
    session: Process
    """Who would run a toolstack: this module's own process."""
    quotas: Mapping[str, int] = field(default_factory=dict)
    """Those of oxenstored.conf; empty where the C xenstored runs, which has its own."""
    quotas_wait: bool = False
    """Whether oxenstored.conf was written after oxenstored had read it."""
    split_events: bool = True
    open_vswitch: tuple[int, int] | None = None
    statistics_interval: int | None = None
    """Milliseconds between two looks of Open vSwitch at the counters of its ports."""
    quick_vifs: bool = False
    """Whether udev starts no programs for the interfaces of domains."""


@dataclass(frozen=True)
class Demand:
    """Domains that are wanted on one dom0, all alike. `memory` of one in KiB."""

    domains: int
    vifs: int = 1
    memory: int = 8192
    boot: str = "pvh"
    guest: str = "clickos"
    toolstack: str = "direct"
    bridge: str = "openvswitch"
    console: bool = True

    def __post_init__(self) -> None:
        """Check the numbers; the words are checked by who asks."""
        for name, least in (("domains", 1), ("vifs", 0), ("memory", 1024)):
            if getattr(self, name) < least:
                raise FlowstreamError(f"{name} must be a number from {least}, got {getattr(self, name)}")

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Demand:
        """What a module's parameters (DEMAND_ARGUMENTS) ask for."""
        alike = {one.name: params[one.name] for one in fields(cls) if one.name != "memory"}
        return cls(memory=params["memory_kib"], **alike)
