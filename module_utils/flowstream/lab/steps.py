# SPDX-License-Identifier: Apache-2.0
"""From what a lab should be and what is there of it to the changes that are needed, in their order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ansible.module_utils.flowstream.lab.actions import (
    Boot,
    Change,
    CloseConnection,
    Command,
    Introduce,
    KillMachine,
    KillNamespace,
    MakeDirectory,
    MakeHostKey,
    RemoveEmptyDirectory,
    RemoveInterface,
    RemovePath,
    SeedDisk,
    ShutDown,
    StartWire,
    Step,
    WriteKnownHosts,
    WriteText,
)
from ansible.module_utils.flowstream.lab.cables import (
    connected,
    find,
    interface_changes,
    ip,
    link_changes,
    settings_of,
    tunnel_changes,
)
from ansible.module_utils.flowstream.lab.state import Disk, LabState, Life, Namespace
from ansible.module_utils.flowstream.lab.topology import Endpoint, Machine, Topology
from ansible.module_utils.flowstream.lab.wire import Wire


def changes_to_build(want: Topology, have: LabState) -> list[Change]:
    """What makes `have` into `want`; an empty list when it is."""
    return [
        *_directory_changes(want, have),
        *_stray_changes(want, have),
        *interface_changes(want.bridge, have.host_interfaces.get(want.bridge.name), ("type", "bridge")),
        *_namespace_changes(want, have),
        *(
            change
            for machine in want.machines
            for bridge in machine.bridges
            for change in interface_changes(bridge, find(bridge, have), ("type", "bridge"))
        ),
        *(change for machine in want.machines for change in link_changes(machine.link, have)),
        *(change for link in want.links for change in link_changes(link, have)),
        *(change for tunnel in want.tunnels for change in tunnel_changes(tunnel, have)),
        *(change for wire in want.wires for change in _wire_changes(wire, want, have)),
        *(change for endpoint in want.endpoints for change in _endpoint_changes(endpoint, want, have)),
        *(change for machine in want.machines for change in _disk_changes(machine, want, have)),
        *(change for machine in want.machines for change in _power_changes(machine, want, have)),
        *_known_hosts_changes(want, have),
    ]


def changes_to_remove(prefix: str, directory: Path, have: LabState) -> list[Change]:
    """What removes everything of a lab, whatever state it is in."""
    names = {name.removeprefix(f"{prefix}-") for name in {*have.namespaces, *have.lives}} | set(have.disks)
    changes = [_closing(socket) for socket in have.connections]
    changes += [_node_removal(name, prefix, directory, have) for name in sorted(names)]
    changes += [
        Change(f"unmount {mount}", (Command(("umount", "--lazy", str(mount))),))
        for mount in have.mounts
        if not any(mount.is_relative_to(directory / "machines" / name) for name in names)
    ]
    # The ends of the nodes' links go with the namespaces, so that only what is left without its other end is here.
    changes += [
        Change(f"remove interface {name}", (RemoveInterface(None, name),))
        for name in sorted(have.host_interfaces)
        if name.removeprefix(f"{prefix}-") not in names
    ]
    changes += [Change(f"remove {path}", (RemovePath(path),)) for path in have.litter]
    if have.directory_exists:
        changes.append(
            Change(f"remove directory {directory}", (RemovePath(directory), RemoveEmptyDirectory(directory.parent)))
        )
    return changes


def _nodes(want: Topology) -> list[Machine | Endpoint | Wire]:
    return [*want.machines, *want.endpoints, *want.wires]


def _directory_changes(want: Topology, have: LabState) -> list[Change]:
    changes = []
    if not have.directory_complete:
        changes.append(
            Change(
                f"make directory {want.directory}",
                (MakeDirectory(want.directory / "machines"), MakeDirectory(want.connections)),
            )
        )
    if not have.key_exists:
        keygen = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", want.prefix, "-f", str(want.key))
        changes.append(
            Change(
                f"make key {want.key}",
                (RemovePath(want.key), RemovePath(want.key.with_suffix(".pub")), Command(keygen)),
            )
        )
    return changes


def _stray_changes(want: Topology, have: LabState) -> list[Change]:
    """Remove the nodes that are no longer declared, and connections and interfaces of this lab that nobody declared."""
    wanted = {node.name for node in _nodes(want)}
    there = {name.removeprefix(f"{want.prefix}-") for name in {*have.namespaces, *have.lives}} | set(have.disks)
    ours = {want.control_socket(machine.address) for machine in want.machines}
    changes = [_closing(socket) for socket in have.connections if socket not in ours]
    changes += [_node_removal(name, want.prefix, want.directory, have) for name in sorted(there - wanted)]
    kept = {want.bridge.name} | {f"{want.prefix}-{name}" for name in there | wanted}
    changes += [
        Change(f"remove interface {name}", (RemoveInterface(None, name),))
        for name in sorted(set(have.host_interfaces) - kept)
    ]
    ends = {(tunnel.end.namespace, tunnel.end.name) for tunnel in want.tunnels}
    changes += [
        Change(f"remove {found.interface}", (RemoveInterface(namespace, name),))
        for namespace, there in sorted(have.namespaces.items())
        if namespace in {node.namespace for node in _nodes(want)}
        for name, found in sorted(there.interfaces.items())
        if found.vxlan is not None and (namespace, name) not in ends
    ]
    return changes


def _closing(socket: Path) -> Change:
    """A machine that is killed says no goodbye to whom it is connected to."""
    return Change(f"close connection {socket.name}", (CloseConnection(socket),))


def _node_removal(name: str, prefix: str, directory: Path, have: LabState) -> Change:
    namespace = f"{prefix}-{name}"
    machine_directory = directory / "machines" / name
    steps: list[Step] = []
    if namespace in have.lives:
        steps.append(KillMachine(namespace, orderly=False))
    if namespace in have.host_interfaces:
        steps.append(RemoveInterface(None, namespace))
    if (found := have.namespaces.get(namespace)) is not None:
        if found.alive:
            # Interfaces go first: those of a deleted namespace, and with them the far ends, would go some time later.
            steps.append(KillNamespace(namespace))
            steps += [
                RemoveInterface(namespace, veth)
                for veth, end in found.interfaces.items()
                if end.peer is not None or end.vxlan is not None
            ]
            steps.append(Command(("ip", "netns", "delete", namespace)))
        else:
            steps.append(RemovePath(_netns_path(namespace)))
    steps += [
        Command(("umount", "--lazy", str(mount))) for mount in have.mounts if mount.is_relative_to(machine_directory)
    ]
    if name in have.disks:
        steps.append(RemovePath(machine_directory))
    return Change(f"remove {name}", tuple(steps))


def _netns_path(namespace: str) -> Path:
    return Path("/run/netns") / namespace  # ip-netns(8)


def _namespace_changes(want: Topology, have: LabState) -> list[Change]:
    changes = []
    for name in (node.namespace for node in _nodes(want)):
        found = have.namespaces.get(name)
        loopback = ip(name, "link", "set", "dev", "lo", "up")
        if found is None or not found.alive:
            stale = () if found is None else (RemovePath(_netns_path(name)),)
            changes.append(Change(f"add namespace {name}", (*stale, Command(("ip", "netns", "add", name)), loopback)))
        elif not found.loopback:
            changes.append(Change(f"set up {name}:lo", (loopback,)))
    return changes


def _wire_changes(wire: Wire, want: Topology, have: LabState) -> list[Change]:
    """Start the engine in the middle of a link, anew where it would carry something else, or for interfaces that are gone."""
    runs = have.lives.get(wire.namespace, Life()).processes > 0
    whole = all(
        connected(link, have) for link in want.links if any(end.namespace == wire.namespace for end in link.ends)
    ) and not any(tunnel_changes(tunnel, have) for tunnel in want.tunnels if tunnel.end.namespace == wire.namespace)
    if runs and whole and have.wires.get(wire.name) == wire.configuration:
        return []
    stop = (KillMachine(wire.namespace, orderly=False),) if runs else ()
    begin = (MakeDirectory(wire.directory), WriteText(wire.file, wire.configuration), StartWire(wire))
    return [Change(f"start link {wire.name}", (*stop, *begin))]


def _endpoint_changes(endpoint: Endpoint, want: Topology, have: LabState) -> list[Change]:
    found = have.namespaces.get(endpoint.namespace, Namespace(alive=False))
    # A route goes with the interface or the address that it needs: what will be made anew has none.
    for link in want.links:
        for end in link.ends:
            if end.namespace == endpoint.namespace and (not connected(link, have) or settings_of(end, find(end, have))):
                found = replace(found, routes=(), neighbours=())
    if any(tunnel_changes(tunnel, have) for tunnel in want.tunnels if tunnel.end.namespace == endpoint.namespace):
        found = replace(found, routes=(), neighbours=())
    changes = [
        Change(f"remove route of {endpoint.name}: {route}", (ip(endpoint.namespace, "route", "delete", route.to),))
        for route in found.routes
        if route.to not in {wanted.to for wanted in endpoint.routes}
    ]
    for route in endpoint.routes:
        if route not in found.routes:
            source = ("src", route.source) if route.source else ()
            steps = (ip(endpoint.namespace, "route", "replace", route.to, "via", route.via, *source),)
            changes.append(Change(f"add route of {endpoint.name}: {route}", steps))
    changes += [
        Change(
            f"remove neighbour of {endpoint.name}: {neighbour}",
            (ip(endpoint.namespace, "neighbour", "delete", neighbour.address, "dev", neighbour.interface),),
        )
        for neighbour in found.neighbours
        if neighbour.address not in {wanted.address for wanted in endpoint.neighbours}
    ]
    for neighbour in endpoint.neighbours:
        if neighbour not in found.neighbours:
            place = ("lladdr", neighbour.mac, "nud", "permanent", "dev", neighbour.interface)
            steps = (ip(endpoint.namespace, "neighbour", "replace", neighbour.address, *place),)
            changes.append(Change(f"add neighbour of {endpoint.name}: {neighbour}", steps))
    return changes


def _has_to_stop(machine: Machine, want: Topology, have: LabState) -> bool:
    """Whether processes of this machine are there that cannot stay."""
    life = have.lives.get(machine.namespace, Life())
    if life.processes == 0:
        return False
    return not (machine.power and life.works and _disk_is_good(machine, want, have))


def _disk_is_good(machine: Machine, want: Topology, have: LabState) -> bool:
    disk = have.disks.get(machine.name, Disk())
    return disk.usable and disk.image == str(machine.xen or want.image)


def _disk_changes(machine: Machine, want: Topology, have: LabState) -> list[Change]:
    changes = []
    disk = have.disks.get(machine.name, Disk())
    if _has_to_stop(machine, want, have):
        # Services end in order only where the disk is to live on.
        orderly = not machine.power and _disk_is_good(machine, want, have)
        shut_down = (ShutDown(machine),) if orderly and machine.xen else ()
        close = CloseConnection(want.control_socket(machine.address))
        stop = (close, *shut_down, KillMachine(machine.namespace, orderly and not machine.xen))
        changes.append(Change(f"stop machine {machine.name}", stop))
    if machine.xen:
        return [*changes, *_qemu_disk_changes(machine, machine.xen, want, have)]
    seed = SeedDisk(machine, _hosts_file(want), want.key)
    if not _disk_is_good(machine, want, have):
        upper, work, record = (machine.directory / name for name in ("upper", "work", "image"))
        steps: list[Step] = [
            Command(("umount", "--lazy", str(mount))) for mount in have.mounts if mount == machine.root
        ]
        again = disk.image == str(want.image)
        if not again:
            steps += [RemovePath(path) for path in (record, upper)]
        # The upper directory's mode is that of the machine's root directory. The work directory of overlayfs has to be empty and belongs to one mount.
        steps += [RemovePath(work), MakeDirectory(upper, 0o755), MakeDirectory(work), MakeDirectory(machine.root)]
        options = f"lowerdir={want.image},upperdir={upper},workdir={work}"
        steps += [
            Command(("mount", "-t", "overlay", machine.namespace, "-o", options, str(machine.root))),
            seed,
            WriteText(record, f"{want.image}\n"),
        ]
        changes.append(Change(f"{'mount' if again else 'make'} disk of {machine.name}", tuple(steps)))
    elif not (disk.lets_in and have.key_exists):
        changes.append(Change(f"let the lab's key into {machine.name}", (seed,)))
    return changes


def _qemu_disk_changes(machine: Machine, image: Path, want: Topology, have: LabState) -> list[Change]:
    if not _disk_is_good(machine, want, have):
        steps: tuple[Step, ...] = (
            RemovePath(machine.directory),
            MakeDirectory(machine.directory),
            MakeHostKey(machine),
            Command(("cp", "--reflink=auto", str(image / "booted.qcow2"), str(machine.disk))),
            # The disk is what it was made from and what changed: where the former lies is written in it.
            Command(("qemu-img", "rebase", "-u", "-F", "raw", "-b", str(image / "base.raw"), str(machine.disk))),
            WriteText(machine.directory / "image", f"{image}\n"),
        )
        return [Change(f"make disk of {machine.name}", steps)]
    runs = machine.power and have.lives.get(machine.namespace, Life()).processes > 0
    if runs and not _has_to_stop(machine, want, have) and not have.disks[machine.name].lets_in:
        return [Change(f"let the lab's key into {machine.name}", (Introduce(machine, _hosts_file(want), want.key),))]
    return []


def _hosts_file(want: Topology) -> str:
    lines = ["127.0.0.1 localhost", *(f"{machine.address} {machine.name}" for machine in want.machines)]
    return "".join(f"{line}\n" for line in lines)


def _power_changes(machine: Machine, want: Topology, have: LabState) -> list[Change]:
    life = have.lives.get(machine.namespace, Life())
    if not machine.power or (life.processes > 0 and not _has_to_stop(machine, want, have)):
        return []
    socket = want.control_socket(machine.address)
    introduction = (Introduce(machine, _hosts_file(want), want.key),) if machine.xen else ()
    return [Change(f"start machine {machine.name}", (CloseConnection(socket), Boot(machine), *introduction))]


def _known_hosts_changes(want: Topology, have: LabState) -> list[Change]:
    remade = any(not _disk_is_good(machine, want, have) for machine in want.machines)
    if have.known_hosts_current and not remade:
        return []
    return [Change(f"write {want.known_hosts}", (WriteKnownHosts(want),))]
