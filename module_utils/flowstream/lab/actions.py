# SPDX-License-Identifier: Apache-2.0
"""What can be done to a lab, one small thing each, and the changes that consist of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ansible.module_utils.flowstream.lab.topology import Machine, Topology
from ansible.module_utils.flowstream.lab.wire import Wire


@dataclass(frozen=True)
class Command:
    """Run a program; it fails when the program does."""

    argv: tuple[str, ...]


@dataclass(frozen=True)
class MakeDirectory:
    """Make a directory and its parents."""

    path: Path
    mode: int = 0o700


@dataclass(frozen=True)
class WriteText:
    """Write a whole file."""

    path: Path
    text: str


@dataclass(frozen=True)
class RemovePath:
    """Remove a file or a tree, if it is there."""

    path: Path


@dataclass(frozen=True)
class RemoveEmptyDirectory:
    """Remove a directory that others may use too, when nobody does."""

    path: Path


@dataclass(frozen=True)
class RemoveInterface:
    """Remove an interface, unless it went with its other end."""

    namespace: str | None
    name: str


@dataclass(frozen=True)
class SeedDisk:
    """Put into a machine's mounted root what makes it this machine: names, identity, keys."""

    machine: Machine
    hosts: str
    key: Path


@dataclass(frozen=True)
class KillMachine:
    """End every process of a machine; `orderly` lets its systemd stop the services first."""

    namespace: str
    orderly: bool


@dataclass(frozen=True)
class KillNamespace:
    """End every process that runs in a network namespace."""

    namespace: str


@dataclass(frozen=True)
class CloseConnection:
    """End the shared SSH connection behind a control socket, which would outlive its machine."""

    socket: Path


@dataclass(frozen=True)
class Boot:
    """Start a machine; its console goes to a file."""

    machine: Machine


@dataclass(frozen=True)
class StartWire:
    """Run the engine in the middle of a link, and wait until it carries."""

    wire: Wire


@dataclass(frozen=True)
class MakeHostKey:
    """Make an SSH host key, unless it is there."""

    machine: Machine


@dataclass(frozen=True)
class Introduce:
    """Tell a Xen host that goes on from its image's state who it is: names, address, keys, time."""

    machine: Machine
    hosts: str
    key: Path


@dataclass(frozen=True)
class ShutDown:
    """Let the services of a machine in QEMU stop."""

    machine: Machine


@dataclass(frozen=True)
class WriteKnownHosts:
    """Write the machines' own host keys for ssh."""

    topology: Topology


Step = (
    Command
    | MakeDirectory
    | WriteText
    | RemovePath
    | RemoveEmptyDirectory
    | RemoveInterface
    | SeedDisk
    | KillMachine
    | KillNamespace
    | CloseConnection
    | Boot
    | StartWire
    | MakeHostKey
    | Introduce
    | ShutDown
    | WriteKnownHosts
)


@dataclass(frozen=True)
class Change:
    """One thing that a person would name, and the steps that do it: "cannot <text>" is its error."""

    text: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return self.text
