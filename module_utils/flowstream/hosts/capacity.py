# SPDX-License-Identifier: Apache-2.0
"""What a module host has for processing modules, of what stays the same from one run to the next: of /proc, /sys and Xen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Protocol

from ansible.module_utils.flowstream.errors import FlowstreamError

_KEPT = 8
"""One part in so many of the memory is left to the host itself: its kernel, its switch, and what looks after modules."""
_NO_MOST = 1 << 40
"""KiB that no machine has: what Xen says of a domain whose memory has no limit is beyond."""


class Machine(Protocol):
    """What Xen says of the machine, by libxenctrl's Python binding; memory is in KiB."""

    def physinfo(self) -> dict[str, Any]:
        """The machine: `total_memory`, `nr_cpus`."""

    def domain_getinfo(self, first_dom: int, max_doms: int) -> list[dict[str, Any]]:
        """The domains: `maxmem_kb`."""


def measure_processes(uplink: str, root: Path = Path("/")) -> dict[str, int]:
    """Return what a host of processes has, as keys of module_host_capacity: `memory_mib`, `vcpus`, `processors`, and `uplink_mbps`.

    The speed of a link that is down or that has none (a virtual one) is not among them.
    """
    memory = re.search(r"^MemTotal:\s+(\d+) kB", _read(root / "proc/meminfo"), re.MULTILINE)
    if memory is None:
        raise FlowstreamError(f"cannot measure the memory: {root / 'proc/meminfo'} has no MemTotal")
    processors = len(re.findall(r"^processor\s", _read(root / "proc/cpuinfo"), re.MULTILINE))
    return _capacity(int(memory[1]), processors, uplink, root)


def measure_domains(xen: Machine, uplink: str, root: Path = Path("/")) -> dict[str, int]:
    """Return the same of a host of domains: the machine's memory without the most that dom0 may have, and all processors.

    Raises FlowstreamError where dom0 may have all memory, so that nobody can say what is left.
    """
    machine, most = xen.physinfo(), xen.domain_getinfo(0, 1)[0]["maxmem_kb"]
    if not 0 < most < min(machine["total_memory"], _NO_MOST):
        raise FlowstreamError(
            f"cannot measure the memory of domains: dom0 may have {most} of {machine['total_memory']} KiB; give it a limit with Xen's"
            " option dom0_mem (module_host_xen_dom0_memory), or state memory_mib in module_host_capacity"
        )
    return _capacity(machine["total_memory"] - most, machine["nr_cpus"], uplink, root)


def _capacity(memory_kib: int, processors: int, uplink: str, root: Path) -> dict[str, int]:
    if processors < 1:
        raise FlowstreamError(f"cannot count the processors: {root / 'proc/cpuinfo'} names none")
    speed = _read(root / "sys/class/net" / uplink / "speed").strip() if uplink else ""
    return {
        "memory_mib": (memory_kib - memory_kib // _KEPT) // 1024,
        "vcpus": processors,
        "processors": processors,
        **({"uplink_mbps": int(speed)} if speed.isdecimal() and int(speed) > 0 else {}),
    }


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the speed of a link that is down cannot be read
        return ""
