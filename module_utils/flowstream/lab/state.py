# SPDX-License-Identifier: Apache-2.0
"""What is there of a lab: whatever carries its prefix, however it came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ansible.module_utils.flowstream.lab.interface import Interface
from ansible.module_utils.flowstream.lab.topology import Neighbour, Route
from ansible.module_utils.flowstream.lab.tunnel import Vxlan


@dataclass(frozen=True)
class Found:
    """An interface that exists. `peer` is the index of a veth's other end in that end's namespace.

    `link_local`: it makes itself an IPv6 link-local address, and with it traffic that nobody asked for. `vxlan` is the way that the end of
    a link to another lab has.
    """

    interface: Interface
    index: int
    peer: int | None
    up: bool
    link_local: bool
    vxlan: Vxlan | None = None


@dataclass(frozen=True)
class Namespace:
    """A named network namespace. `alive` is False when the name is there and the namespace behind it is not.

    `loopback`: its loopback interface is up.
    """

    alive: bool
    loopback: bool = False
    interfaces: Mapping[str, Found] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True)
class Disk:
    """A machine's disk, finished for `image` (None: it was not finished).

    `usable`: the file system of a container is mounted on that very image, and readable; the disk of a machine in QEMU is
    there. `lets_in`: the lab's key opens it.
    """

    image: str | None = None
    usable: bool = False
    lets_in: bool = False


@dataclass(frozen=True)
class Life:
    """The processes of a machine: those of its cgroup, so that no recycled process id is ever taken for one.

    `supervised`: its systemd-nspawn, or QEMU, lives. `wired`: its first process is in the machine's named namespace.
    `answers`: sshd answers on its address.
    """

    processes: int = 0
    supervised: bool = False
    wired: bool = False
    answers: bool = False

    @property
    def works(self) -> bool:
        """Nothing has to be done to reach the machine."""
        return self.supervised and self.wired and self.answers


@dataclass(frozen=True)
class LabState:
    """All that carries a lab's prefix or lies in its directory.

    `disks` has every machine with a directory, `lives` every one with a cgroup. `mounts` are mount points within the
    lab's directory, inner ones first. `connections` are the control sockets of shared SSH connections. `litter` is what
    systemd-nspawn keeps for its machines elsewhere. `wires` are the configurations of what stands in the middle of links.
    """

    directory_exists: bool = False
    directory_complete: bool = False
    key_exists: bool = False
    known_hosts_current: bool = False
    host_interfaces: Mapping[str, Found] = field(default_factory=dict)
    namespaces: Mapping[str, Namespace] = field(default_factory=dict)
    disks: Mapping[str, Disk] = field(default_factory=dict)
    lives: Mapping[str, Life] = field(default_factory=dict)
    mounts: tuple[Path, ...] = ()
    connections: tuple[Path, ...] = ()
    litter: tuple[Path, ...] = ()
    wires: Mapping[str, str] = field(default_factory=dict)

    def remains(self) -> list[str]:
        """Names of everything that is there, for a person."""
        return [
            *([] if not self.directory_exists else ["its directory"]),
            *(f"interface {name}" for name in sorted(self.host_interfaces)),
            *(f"namespace {name}" for name in sorted(self.namespaces)),
            *(f"cgroup of {name}" for name in sorted(self.lives)),
            *(f"mount {path}" for path in self.mounts),
            *(str(path) for path in self.litter),
        ]
