# SPDX-License-Identifier: Apache-2.0
"""What connects the nodes of a lab: the changes that interfaces, cables and links to other labs need."""

from __future__ import annotations

from ansible.module_utils.flowstream.lab.actions import Change, Command, RemoveInterface, Step
from ansible.module_utils.flowstream.lab.interface import Interface, Link
from ansible.module_utils.flowstream.lab.state import Found, LabState
from ansible.module_utils.flowstream.lab.tunnel import Tunnel

_AT_ONCE = ("nodad",)
"""Nobody else in a lab has the address: it need not be asked for first (RFC 4862 5.4), and no packet waits for that."""


def ip(namespace: str | None, *words: str) -> Command:
    """Return a command of iproute2 in a namespace."""
    return Command(("ip", *(("-n", namespace) if namespace else ()), *words))


def interface_changes(want: Interface, have: Found | None, kind: tuple[str, ...]) -> list[Change]:
    """Changes of an interface that is added by itself: a bridge."""
    if have is None:
        added = ip(want.namespace, "link", "add", "name", want.name, *kind)
        return [Change(f"add {want}", (added, *settings_of(want, None)))]
    settings = settings_of(want, have)
    return [Change(f"set up {want}", settings)] if settings else []


def find(interface: Interface, have: LabState) -> Found | None:
    """Return what there is by the name of an interface."""
    if interface.namespace is None:
        return have.host_interfaces.get(interface.name)
    namespace = have.namespaces.get(interface.namespace)
    return namespace.interfaces.get(interface.name) if namespace is not None else None


def connected(link: Link, have: LabState) -> bool:
    """Return whether the ends of a link are those of one cable."""
    first, second = (find(end, have) for end in link.ends)
    return first is not None and second is not None and first.peer == second.index and second.peer == first.index


def link_changes(link: Link, have: LabState) -> list[Change]:
    """Return what connects a link, or sets up its ends."""
    first, second = link.ends
    if not connected(link, have):
        steps: list[Step] = [
            RemoveInterface(end.namespace, end.name) for end in link.ends if find(end, have) is not None
        ]
        add = ("link", "add", "name", first.name, "type", "veth", "peer", "name", second.name)
        peer_place = ("netns", second.namespace) if second.namespace else ()
        steps.append(ip(first.namespace, *add, *peer_place))
        return [Change(f"connect {link}", (*steps, *settings_of(first, None), *settings_of(second, None)))]
    changes = []
    for end in link.ends:
        if settings := settings_of(end, find(end, have)):
            changes.append(Change(f"set up {end}", settings))
    return changes


def tunnel_changes(tunnel: Tunnel, have: LabState) -> list[Change]:
    """Connect an end with another lab, anew where it is something else or leads elsewhere."""
    end, vxlan, found = tunnel.end, tunnel.vxlan, find(tunnel.end, have)
    if found is not None and found.vxlan == vxlan:
        settings = settings_of(end, found)
        return [Change(f"set up {end}", settings)] if settings else []
    stale = () if found is None else (RemoveInterface(end.namespace, end.name),)
    # Frames leave by the namespace that the interface is made in, wherever it is put.
    place = ("netns", end.namespace) if end.namespace else ()
    way = ("id", str(vxlan.vni), "remote", vxlan.remote, *(("local", vxlan.local) if vxlan.local else ()))
    add = ip(
        vxlan.underlay or None,
        "link",
        "add",
        "name",
        end.name,
        *place,
        "type",
        "vxlan",
        *way,
        "dstport",
        str(vxlan.port),
    )
    alias = ip(end.namespace, "link", "set", "dev", end.name, "alias", vxlan.alias)
    return [Change(f"connect {tunnel}", (*stale, add, alias, *settings_of(end, None)))]


def settings_of(want: Interface, have: Found | None) -> tuple[Step, ...]:
    """What sets an interface up; everything when it has just been added."""
    present = None if have is None else have.interface
    device = ("dev", want.name)
    steps: list[Step] = []
    if have is None or have.link_local:
        steps.append(ip(want.namespace, "link", "set", *device, "addrgenmode", "none"))
    if present is None or present.mac != want.mac:
        steps.append(ip(want.namespace, "link", "set", *device, "address", want.mac))
    if present is None or present.mtu != want.mtu:
        steps.append(ip(want.namespace, "link", "set", *device, "mtu", str(want.mtu)))
    if want.bridge is not None and (present is None or present.bridge != want.bridge):
        steps.append(ip(want.namespace, "link", "set", *device, "master", want.bridge))
    if want.software_checksums and (present is None or not present.software_checksums):
        inside = ("ip", "netns", "exec", want.namespace) if want.namespace else ()
        steps.append(Command((*inside, "ethtool", "--offload", want.name, "tx", "off")))
    if _addressed_by_lab(want):
        there = () if present is None else present.addresses
        steps += [
            ip(want.namespace, "address", "delete", address, *device)
            for address in there
            if address not in want.addresses
        ]
        steps += [
            ip(want.namespace, "address", "add", address, *device, *(_AT_ONCE if ":" in address else ()))
            for address in want.addresses
            if address not in there
        ]
    if have is None or not have.up:
        steps.append(ip(want.namespace, "link", "set", *device, "up"))
    return tuple(steps)


def _addressed_by_lab(interface: Interface) -> bool:
    """An interface of a machine is addressed by the roles that run there, unless the lab declares an address."""
    return bool(interface.addresses) or interface.software_checksums
