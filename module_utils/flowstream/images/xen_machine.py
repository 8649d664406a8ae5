# SPDX-License-Identifier: Apache-2.0
"""A Xen host in QEMU: what its image holds, and the command that runs it.

QEMU's multiboot loader starts Xen, with the Linux of dom0 and its initial RAM disk as modules (QEMU documentation,
"Direct Linux Boot"; Multiboot Specification 0.6.96). SMAP has to be off: on an emulated processor that has it, dom0 dies
when it first copies to a bounce buffer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SNAPSHOT = "booted"
"""The state in an image's disk in which a machine is that has booted and waits for what it is to be."""
UPLINK = "uplink"
INTERFACES = {"mgmt0": "52:54:00:f5:00:01", UPLINK: "52:54:00:f5:00:02"}
"""The machine's interfaces, and the addresses by which its udev names them."""
PROCESSORS = {"kvm": "host,-smap,-smep", "tcg": "qemu64,+svm,+npt"}
"""The processor for each of QEMU's accelerators, the fastest first; emulated ones have nested paging for PVH guests."""
_ACCELERATORS = {"kvm": "kvm", "tcg": "tcg,thread=single,tb-size=1024"}
"""Emulated processors take turns: with a thread each, hosts with fifty domains often slept for ever (docs/decisions/0009)."""
_WAKEFUL = "sched_credit2_migrate_resist=0"
"""Without it a processor without work leaves dom0 to another one that has none either, for ever (docs/decisions/0009)."""
# A userspace switch forwards frames as they are, so the sender finishes them; and an image has to run with any backend.
_OFFLOADS = ("csum", "guest_csum", "gso", *(f"{side}_{kind}" for side in ("guest", "host") for kind in (
    "tso4", "tso6", "ecn", "ufo")))  # fmt: skip


@dataclass(frozen=True)
class XenImage:
    """The folder of an image, and the machine that it is of: memory in MiB."""

    directory: Path
    accelerator: str
    memory_mib: int
    dom0_memory_mib: int

    @property
    def xen(self) -> Path:
        """The hypervisor."""
        return self.directory / "xen"

    @property
    def linux(self) -> Path:
        """The kernel of dom0."""
        return self.directory / "linux"

    @property
    def initrd(self) -> Path:
        """The initial RAM disk of dom0."""
        return self.directory / "initrd"

    @property
    def base(self) -> Path:
        """The file system as it was made; read only."""
        return self.directory / "base.raw"

    @property
    def disk(self) -> Path:
        """The disk of the booted machine above `base`, with its saved state: a machine starts from a copy."""
        return self.directory / "booted.qcow2"


def qemu_argv(image: XenImage, directory: Path, netdevs: Mapping[str, str], snapshot: bool) -> list[str]:
    """The command that runs a machine with disk and sockets in `directory`.

    `netdevs` gives the backend of each of INTERFACES, as `-netdev` takes it. With `snapshot` it goes on from SNAPSHOT,
    else it boots.
    """
    xen = (
        f"dom0_mem={image.dom0_memory_mib}M,max:{image.dom0_memory_mib}M dom0_max_vcpus=1 {_WAKEFUL} "
        "com1=115200,8n1 console=com1 loglvl=warning"
    )
    linux = "root=/dev/vda rw console=hvc0 mitigations=off quiet"
    return [
        "qemu-system-x86_64",
        *("-accel", _ACCELERATORS[image.accelerator]),
        *("-cpu", PROCESSORS[image.accelerator]),
        *("-machine", "pc,usb=off", "-smp", "2", "-m", f"{image.memory_mib}M"),
        *("-nodefaults", "-vga", "none", "-display", "none"),
        *("-chardev", f"file,id=console,path={directory / 'console.log'},append=on", "-serial", "chardev:console"),
        *("-qmp", f"unix:{directory / 'monitor'},server=on,wait=off"),
        *("-kernel", str(image.xen), "-append", xen),
        *("-initrd", f"{image.linux} {linux},{image.initrd}"),
        *("-drive", f"file={directory / 'disk.qcow2'},format=qcow2,if=none,id=disk,cache=unsafe,aio=threads"),
        *("-device", "virtio-blk-pci,drive=disk"),
        *("-device", "virtio-serial-pci"),
        *("-chardev", f"socket,id=agent,path={directory / 'agent'},server=on,wait=off"),
        *("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
        *("-device", "virtio-rng-pci"),
        *(word for name, mac in INTERFACES.items() for word in _network(name, mac, netdevs[name])),
        *(("-loadvm", SNAPSHOT) if snapshot else ()),
    ]


def _network(name: str, mac: str, netdev: str) -> list[str]:
    device = ["virtio-net-pci", f"netdev={name}", f"mac={mac}", "romfile=", *(f"{one}=off" for one in _OFFLOADS)]
    return ["-netdev", f"{netdev},id={name}", "-device", ",".join(device)]
