# SPDX-License-Identifier: Apache-2.0
"""The settings that move the walls of a dom0 behind a wanted number of domains, and the files that keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from ansible.module_utils.flowstream.dom0.facts import Demand, Dom0
from ansible.module_utils.flowstream.dom0.rates import VIF_RULES, VIF_RULES_FILE, rate_settings
from ansible.module_utils.flowstream.dom0.walls import (
    C_XENSTORED,
    DOM0_MEMORY,
    MAPPINGS_OF_A_FRAME,
    MAPTRACK,
    TERMINALS,
    Wall,
    names_after_reboot,
    walls,
)

SYSCTL_FILE = "/etc/sysctl.d/60-flowstream-dom0.conf"
GRUB_FILE = "/etc/default/grub.d/60-flowstream-dom0.cfg"
NOTICE = "# Written by role dom0_limits of Flowstream.\n"
NEIGHBOURS = "sysctl net.ipv4.neigh.default.gc_thresh3"
C_PROGRAM = "/usr/sbin/xenstored"
"""The C xenstored, as Xen installs it; its start scripts take the one that XENSTORED names (xencommons)."""
MEMORY_STEP = 128
"""dom0's memory is set in steps of so many MiB."""
MEMORY_SPARE = 0.1
"""Where it is too little, it gets so much more than its domains are thought to take: what one takes differs from host to host."""


@dataclass(frozen=True)
class Kept:
    """A setting that was turned: what it is now to be, and what it was before."""

    value: int
    old: int


@dataclass(frozen=True)
class Change:
    """One setting that is turned, or turned back."""

    setting: str
    value: int
    old: int

    def __str__(self) -> str:
        return f"set {self.setting} to {self.value}, was {self.old}"


def wanted_settings(host: Dom0, demand: Demand, kept: Mapping[str, Kept]) -> dict[str, Kept]:
    """What has to be turned for `demand` and no more; `kept` is what was turned before, which stays if it still serves."""
    needs = rate_settings(host, demand)
    for wall in walls(host, demand):
        if wall.setting and wall.each:
            needs[wall.setting] = max(needs.get(wall.setting, 0), _needed(host, wall, demand.domains))
    # The kernel's own proportions: it collects from the first on, and faster from the second.
    for family in ("ipv4", "ipv6"):
        for number, part in ((1, 8), (2, 2), (3, 1)):
            name = f"sysctl net.{family}.neigh.default.gc_thresh{number}"
            if live_value(host, name) is not None:
                needs[name] = needs[NEIGHBOURS] if part == 1 else _step(name, needs[NEIGHBOURS]) // part
    # A limit that is wide now no longer shows as the narrowest.
    wanted = {name: setting for name, setting in kept.items() if name not in needs and live_value(host, name) is None}
    for name, need in sorted(needs.items()):
        now = live_value(host, name)
        old = kept[name].old if name in kept else now
        if old is None or need <= old:
            continue
        value = kept[name].value if name in kept else 0
        # Use goes up and down a little; what was chosen once stays while it is neither short nor far too much.
        wanted[name] = Kept(value if need <= value <= 4 * need else _step(name, need), old)
    return wanted


def live_value(host: Dom0, setting: str) -> int | None:
    """What a setting is now on the host; None where it has no such limit."""
    kind, name = setting.split(" ", 1)
    if kind == "sysctl":
        return host.sysctls.get(name)
    if kind == "files":
        return host.processes[name].max_files if name in host.processes else None
    if kind == "tasks":
        return host.session.max_tasks if name == host.session.group else None
    if kind == "quota":
        return host.quotas.get(name)
    if kind == "ovs":
        return host.statistics_interval
    if kind == "udev":
        return int(host.quick_vifs)
    if kind == "xenstored":
        return int(host.xenstored == "xenstored")
    return {MAPTRACK: host.maptrack_frames, DOM0_MEMORY: host.dom0_memory // 1024}[setting]


def changes(host: Dom0, wanted: Mapping[str, Kept], kept: Mapping[str, Kept]) -> list[Change]:
    """What has to be done: to turn what is wanted, to turn it again where somebody turned it back, to undo the rest."""
    found = []
    for name in sorted({*wanted, *kept}):
        value = wanted[name].value if name in wanted else kept[name].old
        before = kept[name].value if name in kept else wanted[name].old
        live = live_value(host, name)
        if value != before:
            found.append(Change(name, value, before))
        elif not waits_for_reboot(name) and live is not None and live < value:
            found.append(Change(name, value, live))
    return found


def waits_for_reboot(setting: str) -> bool:
    """Whether a setting is read only while the host boots."""
    return setting.split(" ", 1)[0] in ("xen", "quota", "xenstored")


def rendered(settings: Mapping[str, Kept], services: Mapping[str, str]) -> dict[str, str]:
    """The files that keep settings, by their paths; `services` are the daemons' units."""
    sections: dict[str, list[str]] = {}
    for setting, kept in sorted(settings.items()):
        kind, name = setting.split(" ", 1)
        if kind == "sysctl":
            sections.setdefault(SYSCTL_FILE, []).append(f"{name} = {kept.value}")
        elif kind == "tasks":
            section = "[Slice]" if name.endswith(".slice") else "[Service]"
            sections.setdefault(_drop_in(name), [section]).append(f"TasksMax={kept.value}")
        elif kind == "files":
            sections.setdefault(_drop_in(services[name]), ["[Service]"]).append(f"LimitNOFILE={kept.value}")
        elif kind == "xenstored":
            sections.setdefault(_drop_in(services[kind]), ["[Service]"]).append(f"Environment=XENSTORED={C_PROGRAM}")
        elif kind == "xen":
            sections.setdefault(GRUB_FILE, []).append(
                f'GRUB_CMDLINE_XEN_DEFAULT="$GRUB_CMDLINE_XEN_DEFAULT {_xen_option(name, kept.value)}"'
            )
        elif kind == "udev":
            sections[VIF_RULES_FILE] = [VIF_RULES]
    return {path: NOTICE + "".join(f"{line}\n" for line in lines) for path, lines in sections.items()}


def shortfalls(host: Dom0, demand: Demand, wanted: Mapping[str, Kept]) -> list[str]:
    """The walls that stay in the way whatever is turned, a sentence each."""
    return [
        f"{wall.name} is enough for {wall.domains} of {demand.domains} domains: {wall.knob}"
        for wall in walls(host, demand)
        if wall.stops and wall.setting not in wanted and wall.domains is not None and wall.domains < demand.domains
    ]


def _needed(host: Dom0, wall: Wall, domains: int) -> int:
    if wall.setting == C_XENSTORED:
        return int(domains > names_after_reboot(host))
    need = ceil(wall.need(domains))
    if wall.setting == MAPTRACK:
        return ceil(need / MAPPINGS_OF_A_FRAME)
    if wall.setting == DOM0_MEMORY:
        spare = ceil(MEMORY_SPARE * need) if wall.domains is not None and wall.domains < domains else 0
        return ceil((host.dom0_memory + need + spare - host.memory) / 1024)
    return need + (wall.setting == TERMINALS)


def _step(setting: str, need: int) -> int:
    if setting == DOM0_MEMORY:
        return ceil(need / MEMORY_STEP) * MEMORY_STEP
    return 1 << (need - 1).bit_length()


def _drop_in(unit: str) -> str:
    return f"/etc/systemd/system/{unit}.d/60-flowstream-dom0.conf"


def _xen_option(name: str, value: int) -> str:
    return f"dom0_mem={value}M,max:{value}M" if name == "dom0_mem" else f"{name}={value}"
