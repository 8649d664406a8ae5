# SPDX-License-Identifier: Apache-2.0
"""What a dom0 has of each thing that runs out, from Xen, its tools, /proc and /sys."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any, Protocol

from ansible.module_utils.flowstream.dom0.facts import Dom0, Process
from ansible.module_utils.flowstream.dom0.rates import STATISTICS_STOCK, VIF_RULES_FILE
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import NotInstalledError, Run, checked

DAEMONS = {
    "oxenstored": "xenstored", "xenstored": "xenstored", "xenconsoled": "xenconsoled", "ovs-vswitchd": "ovs-vswitchd",
    "libvirtd": "libvirtd",
}  # fmt: skip
"""The programs that hold something for each domain: their names in /proc, and ours."""
SYSCTLS = (
    "kernel.pid_max", "kernel.pty.max", "kernel.threads-max",
    *(f"net.{family}.neigh.default.gc_thresh{number}" for family in ("ipv4", "ipv6") for number in (1, 2, 3)),
)  # fmt: skip
SPLIT_EVENTS = "sys/module/xen_netback/parameters/separate_tx_rx_irq"
OXENSTORED = "etc/xen/oxenstored.conf"
MAPTRACK_FRAMES = 1024
"""What Xen has where it does not say (docs/misc/xen-command-line.pandoc, gnttab_max_maptrack_frames)."""


class Hypervisor(Protocol):
    """Xen's own Python binding of libxenctrl, as far as it is used."""

    def xeninfo(self) -> dict[str, Any]:
        """The version."""

    def physinfo(self) -> dict[str, Any]:
        """The memory, in KiB."""

    def domain_getinfo(self, first_dom: int, max_doms: int) -> list[dict[str, Any]]:
        """The domains."""


def open_hypervisor(root: Path = Path("/")) -> Hypervisor:
    """Xen by libxenctrl, whose binding Debian keeps beside the programs of each version."""
    version = [_read(root / f"sys/hypervisor/version/{part}").strip() for part in ("major", "minor")]
    if not all(version) or "control_d" not in _read(root / "proc/xen/capabilities"):
        raise FlowstreamError("cannot ask Xen: this machine is not a dom0, or Xen's services are not up")
    sys.path.append(f"/usr/lib/xen-{'.'.join(version)}/lib/python")
    try:
        binding = importlib.import_module("xen.lowlevel.xc")
    except ModuleNotFoundError:
        raise NotInstalledError(
            f"cannot ask Xen: Python has no xen.lowlevel.xc; install xen-utils-{'.'.join(version)}"
        ) from None
    found: Hypervisor = binding.xc()
    return found


def observe_dom0(run: Run, xen: Hypervisor, root: Path = Path("/")) -> Dom0:
    """Look at this machine, which has to be a dom0."""
    version = xen.xeninfo()
    domains = xen.domain_getinfo(0, 0x7FF0)
    release = _read(root / "proc/sys/kernel/osrelease").strip()
    programs = _programs(root)
    open_vswitch, statistics_interval = _open_vswitch(run) if "ovs-vswitchd" in programs else (None, None)
    return Dom0(
        domains=len(domains) - 1,
        xen=(version["xen_major"], version["xen_minor"]),
        xen_free=xen.physinfo()["free_memory"],
        dom0_memory=domains[0]["mem_kb"],
        kernel=_version(release),
        nr_cpus=_number(r"^CONFIG_NR_CPUS=(\d+)", root / f"boot/config-{release}", 64),
        processors=len(re.findall(r"^processor\s", _read(root / "proc/cpuinfo"), re.MULTILINE)),
        fifo_events="xen.fifo_events=0" not in _read(root / "proc/cmdline").split(),
        event_channels=_event_channels(run, version),
        irqs=len(list((root / "sys/kernel/irq").iterdir())),
        memory=_number(r"^MemAvailable:\s+(\d+)", root / "proc/meminfo"),
        threads=_number(r"/(\d+) ", root / "proc/loadavg"),
        ptys=_number(r"(\d+)", root / "proc/sys/kernel/pty/nr"),
        maptrack_frames=_maptrack_frames(run),
        xenstored="oxenstored" if "oxenstored" in programs else "xenstored",
        next_domid=max(domain["domid"] for domain in domains) + 1,
        sysctls={name: _number(r"(\d+)", sysctl_path(root, name)) for name in SYSCTLS
                 if sysctl_path(root, name).exists()},
        processes={DAEMONS[name]: read_process(root, pid) for name, pid in programs.items()},
        session=read_process(root, "self"),
        quotas={name: int(value) for name, value in re.findall(
            r"^(quota-\S+?)\s*=\s*(\d+)", _read(root / OXENSTORED), re.MULTILINE)} if "oxenstored" in programs else {},
        quotas_wait="oxenstored" in programs and _newer(root / OXENSTORED, root / "proc" / programs["oxenstored"]),
        split_events=_read(root / SPLIT_EVENTS, "Y").strip() == "Y",
        open_vswitch=open_vswitch,
        statistics_interval=statistics_interval,
        quick_vifs=(root / VIF_RULES_FILE.lstrip("/")).exists(),
    )  # fmt: skip


def read_process(root: Path, pid: str) -> Process:
    """A process with its limits."""
    folder = root / "proc" / pid
    cgroup = _read(folder / "cgroup")
    service = re.search(r"/([^/]+\.service)(?:/|$)", cgroup, re.MULTILINE)
    group, tasks, most = _tasks(root, cgroup)
    return Process(
        pid=_number(r"^Pid:\s+(\d+)", folder / "status"),
        files=len(list((folder / "fd").iterdir())),
        max_files=_number(r"^Max open files\s+(\d+)", folder / "limits", 2**31 - 1),  # or "unlimited"
        service=service[1] if service else "",
        group=group,
        tasks=tasks,
        max_tasks=most,
    )


def sysctl_path(root: Path, name: str) -> Path:
    """The file of a sysctl."""
    return root / "proc/sys" / name.replace(".", "/")


def _tasks(root: Path, cgroup: str) -> tuple[str, int, int | None]:
    group = re.search(r"^0::/(.*)$", cgroup, re.MULTILINE)
    narrow: tuple[str, int, int | None] = ("", 0, None)
    path = Path(group[1]) if group else Path()
    for part in [path, *path.parents]:
        most = _read(root / "sys/fs/cgroup" / part / "pids.max", "max").strip()
        if most.isdigit():
            taken = _number(r"(\d+)", root / "sys/fs/cgroup" / part / "pids.current", 0)
            if narrow[2] is None or int(most) - taken < narrow[2] - narrow[1]:
                narrow = (part.name, taken, int(most))
    return narrow


def _programs(root: Path) -> dict[str, str]:
    """The daemons that run, each with its process."""
    found = {}
    for folder in (root / "proc").glob("[0-9]*"):
        name = _read(folder / "comm").strip()
        if name in DAEMONS:
            found[name] = folder.name
    return found


def _event_channels(run: Run, version: dict[str, Any]) -> int:
    tool = f"/usr/lib/xen-{version['xen_major']}.{version['xen_minor']}/bin/lsevtchn"
    return len(checked(run, [tool, "0"], "list the event channels of dom0").splitlines())


def _maptrack_frames(run: Run) -> int:
    try:
        answer = run(["xenhypfs", "cat", "/params/gnttab_max_maptrack_frames"])
    except NotInstalledError:
        return MAPTRACK_FRAMES
    text = answer.stdout.strip()
    return int(text) if answer.rc == 0 and text.isdigit() else MAPTRACK_FRAMES


def _open_vswitch(run: Run) -> tuple[tuple[int, int], int]:
    """Its version, and the interval of its statistics."""
    version = ["get", "Open_vSwitch", ".", "ovs_version"]
    interval = ["--if-exists", "get", "Open_vSwitch", ".", "other_config:stats-update-interval"]
    text = checked(run, ["ovs-vsctl", "--timeout=30", *version, "--", *interval], "ask Open vSwitch")
    words = text.replace('"', "").split()
    return _version(words[0]), int(words[1]) if len(words) > 1 else STATISTICS_STOCK


def _version(text: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", text)
    if found is None:
        raise FlowstreamError(f"cannot read the version {text!r}")
    return int(found[1]), int(found[2])


def _number(pattern: str, path: Path, otherwise: int | None = None) -> int:
    found = re.search(pattern, _read(path), re.MULTILINE)
    if found is not None:
        return int(found[1])
    if otherwise is None:
        raise FlowstreamError(f"cannot read {path}: it has no {pattern}")
    return otherwise


def _newer(path: Path, process: Path) -> bool:
    """Whether a file was written after a process had started."""
    return path.exists() and process.exists() and path.stat().st_mtime > process.stat().st_mtime


def _read(path: Path, otherwise: str = "") -> str:
    try:
        return path.read_text()
    except OSError:  # a process that has ended, a kernel without the file
        return otherwise
