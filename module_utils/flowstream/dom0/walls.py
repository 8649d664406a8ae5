# SPDX-License-Identifier: Apache-2.0
"""What stops a dom0 from making domains: each thing that runs out, and the number of domains at which it does.

docs/walls.md says how each number was found. A term is what one more domain takes; `MEASURED` ones are of Xen 4.17, Linux
6.1 and a ClickOS domain, the others follow from the source that the wall names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor

from ansible.module_utils.flowstream.dom0.facts import Demand, Dom0, Process
from ansible.module_utils.flowstream.xen.domain import paging_kib

MAPTRACK = "xen gnttab_max_maptrack_frames"
DOM0_MEMORY = "xen dom0_mem"
TERMINALS = "sysctl kernel.pty.max"
C_XENSTORED = "xenstored c-daemon"
"""1 where the C xenstored runs and not oxenstored, which Debian prefers."""
MAPPINGS_OF_A_FRAME = 256
PAYLOAD = 4096
"""What a XenStore message carries at most."""
NEVER = 2**31 - 1
"""What Linux has of something that it does not limit."""

CONSOLE_FILES = 3
"""xenconsoled opens /dev/xen/evtchn and both ends of a pty for each domain. MEASURED"""
XL_SOCKETS = 2
"""The process that `xl create` leaves keeps two connections to xenstored. MEASURED"""
XL_TASKS = 2
"""It has a second thread, libxenstore's. MEASURED"""
VIF_THREADS = 2
"""netback's guest-rx and dealloc, for each queue (drivers/net/xen-netback/interface.c)."""
XEN_KIB = {"direct": 75, "libvirt": 86, "xl": 86}
"""What Xen takes for a domain beside its memory, by who makes it; libxl allows more grant frames. MEASURED"""
DOMAIN_KIB = 73
"""What dom0 takes for a domain without interfaces: oxenstored, xenconsoled, the kernel. MEASURED"""
VIF_KIB = 265
"""What dom0 takes for an interface: netback, its two threads, the network device, Open vSwitch. MEASURED"""
DOM0_KIB = 28 * 1024
"""What dom0 itself has to keep: with less it reads its programs from the disk again and again, and answers no more. MEASURED"""
FIRST_KIB = 10 * 1024
"""What the first domain takes beside, once: the modules and the programs that it is the first to need. MEASURED"""
XL_KIB = 800
"""What dom0 takes for the process that `xl create` leaves. MEASURED"""
GUEST_NODES = 13
"""XenStore nodes that libxl gives to a domain, and ClickOS's own one. MEASURED"""
VIF_NODES = 12
"""Those for each interface: the seven that the guest writes, and what the toolstack gives it. MEASURED"""
GUEST_WATCHES = 4
"""Watches of a ClickOS domain (clickos/platform/xen/control.cc, interfaces.cc), and one more for each interface."""


@dataclass(frozen=True)
class Wall:
    """A thing that runs out. `each` is what one more domain takes of what is `limit` in all, of which `used` is taken.

    `stops` is False for one behind which domains still are made, but something else no longer works.
    """

    name: str
    limit: float
    used: float
    each: float
    knob: str
    applies: str
    source: str
    present: int
    stops: bool = True
    setting: str = ""
    """What role dom0_limits turns, KIND NAME; empty where it cannot."""
    alone: bool = False
    """Whether every domain has such a limit of its own, and so any number of domains fits, or none."""

    @property
    def domains(self) -> int | None:
        """How many domains there can be, those that are there included; None when this does not run out."""
        if self.alone and self.each > self.limit:
            return 0
        if self.alone or self.each <= 0 or self.limit >= NEVER:
            return None
        return max(0, self.present + floor((self.limit - self.used) / self.each))

    def need(self, domains: int) -> float:
        """What `limit` has to be for that many domains."""
        return self.each if self.alone else self.used + (domains - self.present) * self.each


def walls(host: Dom0, demand: Demand) -> list[Wall]:
    """Every wall between this dom0 and what is wanted, the nearest first."""
    found = [*_hypervisor(host, demand), *_kernel(host, demand), *_daemons(host, demand), *_bridge(host, demand)]
    found += _xenstore(host, demand)
    return sorted(found, key=lambda wall: (NEVER if wall.domains is None else wall.domains, wall.name))


def irq_limit(kernel: tuple[int, int], nr_cpus: int) -> int:
    """The number of interrupts that Linux can have on x86 with CONFIG_SPARSE_IRQ (kernel/irq/internals.h)."""
    if kernel >= (6, 5):
        return NEVER
    return 256 + max(64 * nr_cpus, 32 * 128) + 8196


def domain_memory(demand: Demand) -> int:
    """What a domain takes of the host's memory, in KiB."""
    return demand.memory + XEN_KIB[demand.toolstack] + paging_kib(demand.boot, demand.memory)


def domain_channels(host: Dom0, demand: Demand) -> int:
    """Event channels that a domain takes of dom0: XenStore's, its console's, and those of its interfaces.

    A Linux guest takes one for each direction of an interface if netback offers it, ClickOS does not.
    """
    split = demand.guest == "linux" and host.split_events
    return 1 + demand.console + demand.vifs * (1 + split)


def _hypervisor(host: Dom0, demand: Demand) -> list[Wall]:
    channels = domain_channels(host, demand)
    in_flight = demand.vifs * 256
    maptrack = host.maptrack_frames * MAPPINGS_OF_A_FRAME
    idle = demand.console + 2 * demand.vifs
    return [
        Wall("memory of the host", host.xen_free, 0, domain_memory(demand), "more memory, or smaller domains", "nothing",
             "xl info free_memory; xl.cfg(5) memory", host.domains),
        Wall("event channels of dom0", 131072 if host.fifo_events else 4096, host.event_channels, channels,
             "FIFO event channels: Xen 4.4, Linux 3.14, no xen.fifo_events=0", "reboot",
             "xen/include/public/event_channel.h", host.domains),
        Wall("grant mappings of dom0", maptrack, host.domains * idle, idle, "Xen gnttab_max_maptrack_frames", "reboot",
             "xen/common/grant_table.c: 256 mappings a frame", host.domains, setting=MAPTRACK),
        Wall("grant mappings of dom0, every interface sending", maptrack, host.domains * (idle + in_flight),
             idle + in_flight, "Xen gnttab_max_maptrack_frames", "reboot",
             "drivers/net/xen-netback/common.h: MAX_PENDING_REQS 256", host.domains, stops=False,
             setting=MAPTRACK),
        Wall("domain numbers", 0x7FF0 - 1, host.domains, 1, "a second host", "nothing",
             "xen/include/public/xen.h: DOMID_FIRST_RESERVED", host.domains),
    ]  # fmt: skip


def _kernel(host: Dom0, demand: Demand) -> list[Wall]:
    channels = domain_channels(host, demand)
    xl, waits = demand.toolstack == "xl", demand.toolstack != "direct"
    threads = demand.vifs * VIF_THREADS + xl * XL_TASKS
    memory = DOMAIN_KIB + demand.vifs * VIF_KIB + xl * XL_KIB
    kept = DOM0_KIB + (0 if host.domains else FIRST_KIB)
    return [
        Wall("interrupts of dom0", irq_limit(host.kernel, host.nr_cpus), host.irqs, channels,
             "Linux 6.5, or a kernel built with more CONFIG_NR_CPUS (role dom0_kernel)", "kernel",
             "kernel/irq/internals.h: IRQ_BITMAP_BITS, MAX_SPARSE_IRQS in 6.4", host.domains),
        Wall("memory of dom0", host.memory, kept, memory, "Xen dom0_mem", "reboot",
             "measured, docs/walls.md", host.domains, setting=DOM0_MEMORY),
        Wall("threads of dom0", host.sysctls["kernel.threads-max"], host.threads, threads, "sysctl kernel.threads-max",
             "now", "proc_sys_kernel(5); drivers/net/xen-netback/interface.c", host.domains,
             setting="sysctl kernel.threads-max"),
        Wall("process numbers of dom0", host.sysctls["kernel.pid_max"], host.threads, threads, "sysctl kernel.pid_max",
             "now", "proc_sys_kernel(5)", host.domains, setting="sysctl kernel.pid_max"),
        Wall("pseudoterminals", host.sysctls["kernel.pty.max"] - 1, host.ptys, int(demand.console), "sysctl kernel.pty.max", "now",
             "fs/devpts/inode.c: the last one is refused; xenconsoled takes one for each console", host.domains, stops=waits,
             setting=TERMINALS),
        Wall("neighbours of dom0, if it routes", host.sysctls["net.ipv4.neigh.default.gc_thresh3"], host.domains * demand.vifs,
             demand.vifs, "sysctl net.ipv4.neigh.default.gc_thresh3", "now", "ip-sysctl: gc_thresh3", host.domains,
             stops=False, setting="sysctl net.ipv4.neigh.default.gc_thresh3"),
    ]  # fmt: skip


def _daemons(host: Dom0, demand: Demand) -> list[Wall]:
    xl = demand.toolstack == "xl"
    found = [
        _files(host, "xenstored", XL_SOCKETS if xl else 0, "docs/walls.md, measured"),
        # libxl waits for the name of each console's terminal, and gives the domain up after a while.
        _files(
            host,
            "xenconsoled",
            CONSOLE_FILES * demand.console,
            "tools/console/daemon/io.c",
            stops=demand.toolstack != "direct",
        ),
        _files(host, "ovs-vswitchd", demand.vifs * upcall_sockets(host), "lib/dpif-netlink.c"),
    ]
    session = host.session
    if xl and session.max_tasks is not None:
        found.append(Wall(f"tasks of {session.group}", session.max_tasks, session.tasks, XL_TASKS,
                          f"TasksMax of {session.group}", "now", "systemd.resource-control(5)", host.domains,
                          setting=f"tasks {session.group}"))  # fmt: skip
    return [wall for wall in found if wall is not None]


def upcall_sockets(host: Dom0) -> int:
    """Netlink sockets of a port: none with Linux 5.15 and Open vSwitch 2.16, else one for each of about 3/4 of the cores."""
    if host.open_vswitch is None or (host.kernel >= (5, 15) and host.open_vswitch >= (2, 16)):
        return 0
    return max(1, host.processors - host.processors // 4 - 1)


def _files(host: Dom0, name: str, each: int, source: str, stops: bool = True) -> Wall | None:
    daemon: Process | None = host.processes.get(name)
    if daemon is None:
        return None
    return Wall(f"open files of {name}", daemon.max_files, daemon.files, each, f"LimitNOFILE of {name}", "now", source,
                host.domains, stops, f"files {name}")  # fmt: skip


def _bridge(host: Dom0, demand: Demand) -> list[Wall]:
    used = host.domains * demand.vifs
    if demand.bridge == "linux":
        return [Wall("ports of a Linux bridge", 1023, used, demand.vifs, "Open vSwitch, or more bridges", "nothing",
                     "net/bridge/br_private.h: BR_PORT_BITS 10", host.domains)]  # fmt: skip
    return [Wall("ports of an Open vSwitch bridge", 65279, used, demand.vifs, "more bridges", "nothing",
                 "OpenFlow 1.3: OFPP_MAX; ovs-vswitchd.conf.db(5) ofport_request", host.domains)]  # fmt: skip


def _xenstore(host: Dom0, demand: Demand) -> list[Wall]:
    in_parts = host.xenstored == "xenstored" and host.xen >= (4, 9)
    found = [
        Wall("names in a listing of /local/domain",
             NEVER if in_parts else host.domains + names_left(host), host.domains, 1, "the C xenstored of Xen 4.9", "reboot",
             "docs/misc/xenstore.txt: a payload is 4,096 bytes; XS_DIRECTORY_PART", host.domains, stops=False,
             # Only libxl lists them, and each request costs this xenstored more than it costs oxenstored where domains are many.
             setting="" if demand.toolstack == "direct" else C_XENSTORED)
    ]  # fmt: skip
    for name, each, meaning in (
        ("quota-maxentity", GUEST_NODES + demand.vifs * VIF_NODES, "XenStore nodes of one domain"),
        ("quota-maxwatch", GUEST_WATCHES + demand.vifs, "XenStore watches of one domain"),
    ):
        if name in host.quotas:
            found.append(Wall(meaning, host.quotas[name], 0, each, f"{name} of oxenstored.conf", "reboot",
                              "tools/ocaml/xenstored/quota.ml, connection.ml: they do not bind dom0", host.domains,
                              setting=f"quota {name}", alone=True))  # fmt: skip
    return found


def names_after_reboot(host: Dom0) -> int:
    """How many domains a listing of /local/domain has room for when domains are numbered from 1 again."""
    return names_left(replace(host, domains=0, next_domid=1))


def names_left(host: Dom0) -> int:
    """How many more domains, numbered on from the last, a listing of /local/domain has room for; it has dom0 in it."""
    # Which numbers are taken is not known: those before the next one, as if the oldest had ended.
    taken = sum(len(str(host.next_domid - 1 - number)) + 1 for number in range(host.domains)) + len("0") + 1
    number = host.next_domid
    while taken + len(str(number)) + 1 <= PAYLOAD:
        taken += len(str(number)) + 1
        number += 1
    return number - host.next_domid
