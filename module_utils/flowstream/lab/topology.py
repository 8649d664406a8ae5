# SPDX-License-Identifier: Apache-2.0
"""What a lab is made of: machines, endpoints and the links between them, as declared.

Everything is derived from the declaration and the lab's prefix (`fs0`), so that two labs on one machine share no
name, and a lab can be found again by its prefix alone when every record of it is lost.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.images.xen_machine import INTERFACES, UPLINK
from ansible.module_utils.flowstream.lab.interface import Interface, Link, derived_mac
from ansible.module_utils.flowstream.lab.tunnel import Tunnel, read_vxlan
from ansible.module_utils.flowstream.lab.wire import ENDS, Wire, read_wire

Declared = Mapping[str, Any]

MANAGEMENT = "mgmt0"
"""A machine's interface on the management network, by which Ansible reaches it."""
MIN_MTU, MAX_MTU = 68, 65535
"""Smallest MTU of IPv4 (RFC 791, section 3.2), and the largest that a veth takes."""

_PREFIX = re.compile(r"fs[0-9]{1,3}\Z")
_NODE = re.compile(r"[a-z][a-z0-9]{0,8}\Z")
_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}\Z")
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}\Z")


@dataclass(frozen=True, order=True)
class Route:
    """`to` is a prefix, or `default` for all of IPv4; `source` is the address that packets of this namespace carry that way."""

    to: str
    via: str
    source: str | None = None

    def __str__(self) -> str:
        return f"{self.to} via {self.via}" + (f" from {self.source}" if self.source else "")


@dataclass(frozen=True, order=True)
class Neighbour:
    """A permanent entry of an ARP table."""

    address: str
    mac: str
    interface: str

    def __str__(self) -> str:
        return f"{self.address} at {self.mac} on {self.interface}"


@dataclass(frozen=True)
class Endpoint:
    """A traffic source and sink: a network namespace."""

    name: str
    namespace: str
    routes: tuple[Route, ...]
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True)
class Machine:
    """A booted Debian machine of its own; `power` says whether it runs.

    `xen` is the image of a Xen host that QEMU runs; None: a container. `address` has the prefix length of the management
    network in `prefix_length`. `bridges` join the interfaces of a machine in QEMU with those of its namespace.
    """

    name: str
    namespace: str
    directory: Path
    address: str
    prefix_length: int
    power: bool
    link: Link
    xen: Path | None = None
    bridges: tuple[Interface, ...] = ()

    @property
    def root(self) -> Path:
        """The root file system of a container, as the machine that carries the lab sees it."""
        return self.directory / "root"

    @property
    def host_key(self) -> Path:
        """Its private SSH host key."""
        return self.directory / "ssh_host_ed25519_key" if self.xen else self.root / "etc/ssh/ssh_host_ed25519_key"

    @property
    def disk(self) -> Path:
        """The disk of a machine in QEMU."""
        return self.directory / "disk.qcow2"

    @property
    def introduced(self) -> Path:
        """The keys that a machine in QEMU lets in: written when it has been told who it is."""
        return self.directory / "authorized_keys"


@dataclass(frozen=True)
class Topology:
    """A whole lab. `image` is the root file system that all containers start from; None: there are none."""

    prefix: str
    directory: Path
    image: Path | None
    bridge: Interface
    machines: tuple[Machine, ...]
    endpoints: tuple[Endpoint, ...]
    links: tuple[Link, ...]
    wires: tuple[Wire, ...] = ()
    tunnels: tuple[Tunnel, ...] = ()

    @property
    def key(self) -> Path:
        """The private SSH key that every machine of the lab lets in."""
        return self.directory / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The host keys of the machines, for ssh."""
        return self.directory / "known_hosts"

    @property
    def connections(self) -> Path:
        """Where Ansible keeps the control sockets of its shared SSH connections (see inventory/lab)."""
        return self.directory / "ssh"

    def control_socket(self, address: str) -> Path:
        """The one of the connection to a machine."""
        return self.connections / address

    def machine_directory(self, name: str) -> Path:
        """Everything that the lab keeps for a machine."""
        return self.directory / "machines" / name


def parse_topology(declared: Declared) -> Topology:
    """The topology that the options of `lab_topology` describe; FlowstreamError lists everything that is wrong."""
    return _Reader(declared).topology()


class _Reader:
    """Reads a declaration and keeps on after an error, so that all are reported at once."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        self.errors: list[str] = []
        self.prefix = str(declared["prefix"])
        self.mtus: dict[tuple[str, str], int] = {}
        self.nodes: dict[str, str] = {}
        self.wires: list[Wire] = []
        self.tunnels: list[Tunnel] = []

    def topology(self) -> Topology:
        if not _PREFIX.match(self.prefix):
            raise FlowstreamError(f"prefix: got '{self.prefix}'; write fs and the number of the lab, as fs0")
        directory = Path(self.declared["directory"])
        if not directory.is_absolute():
            self.errors.append(f"directory: got '{directory}'; write an absolute path")
        image = self.declared.get("image")
        bridge_name = f"{self.prefix}-mgmt"
        bridge_address = self._address("management_address", self.declared["management_address"])
        bridge = Interface(None, bridge_name, derived_mac("host", bridge_name), 1500, (bridge_address,))
        machine_list = self._list("machines")
        endpoint_list = self._list("endpoints")
        for kind, items in (("machine", machine_list), ("endpoint", endpoint_list)):
            for item in items:
                self._node(kind, str(item["name"]))
        self.xen_hosts = {str(item["name"]) for item in machine_list if item.get("kind") == "xen_host"}
        machines = tuple(self._machine(item, directory, bridge) for item in machine_list)
        self._unique_addresses(machines)
        links = self._links(self._declared_interfaces(endpoint_list))
        endpoints = tuple(self._endpoint(item) for item in endpoint_list)
        if self.errors:
            raise FlowstreamError(*self.errors)
        return Topology(
            self.prefix,
            directory,
            Path(image) if image else None,
            bridge,
            tuple(sorted(machines, key=lambda machine: machine.name)),
            tuple(sorted(endpoints, key=lambda endpoint: endpoint.name)),
            tuple(sorted(links, key=str)),
            tuple(sorted(self.wires, key=lambda wire: wire.name)),
            tuple(sorted(self.tunnels, key=str)),
        )

    def _list(self, option: str) -> Sequence[Declared]:
        return list(self.declared.get(option) or [])

    def _node(self, kind: str, name: str) -> None:
        where = f"{kind} '{name}'"
        if not _NODE.match(name) or name == "mgmt":
            self.errors.append(
                f"{where}: name is not usable; write a letter and up to 8 letters or digits, all lower case, not mgmt"
            )
        if name in self.nodes:
            self.errors.append(f"{where}: there is a {self.nodes[name]} of this name; choose another name")
        self.nodes[name] = kind

    def _address(self, where: str, text: object) -> str:
        try:
            address = ipaddress.ip_interface(str(text))
        except ValueError:
            self.errors.append(f"{where}: got '{text}'; write an address with its prefix length, as 198.18.0.10/24")
            return "0.0.0.0/0"  # no further error comes of it
        return address.with_prefixlen

    def _host(self, where: str, text: object) -> str:
        try:
            return str(ipaddress.ip_address(str(text)))
        except ValueError:
            self.errors.append(f"{where}: got '{text}'; write an IP address")
            return "0.0.0.0"  # noqa: S104 (nothing binds to it: an error is recorded)

    def _mac(self, where: str, text: object) -> str:
        mac = str(text).lower()
        if not _MAC.match(mac) or int(mac[:2], 16) & 1:
            self.errors.append(f"{where}: got '{text}'; write a unicast address as 02:00:00:00:00:01")
        return mac

    def _machine(self, item: Declared, directory: Path, bridge: Interface) -> Machine:
        name = str(item["name"])
        where = f"machine '{name}'"
        network = ipaddress.ip_interface(bridge.addresses[0]).network
        known = len(self.errors)
        address = self._host(f"{where}: address", item["address"])
        if len(self.errors) == known and ipaddress.ip_address(address) not in network:
            self.errors.append(f"{where}: address {address} is outside {network}; write one of the management network")
        namespace = f"{self.prefix}-{name}"
        own_end = self._plug(namespace, MANAGEMENT, 1500, (f"{address}/{network.prefixlen}",))
        power = item.get("power")
        xen_image = self.declared.get("xen_image") if name in self.xen_hosts else None
        if name in self.xen_hosts and not xen_image:
            self.errors.append(f"{where}: xen_image is missing; name the image of the Xen hosts, see lab_xen_image")
        return Machine(
            name,
            namespace,
            directory / "machines" / name,
            address,
            network.prefixlen,
            True if power is None else bool(power),
            Link((Interface(None, namespace, derived_mac("host", namespace), 1500, (), bridge.name), own_end)),
            Path(xen_image) if xen_image else None,
            tuple(
                Interface(namespace, bridge, derived_mac(namespace, bridge), 1500)
                for bridge in (f"br-{name}" for name in INTERFACES if xen_image)
            ),
        )

    def _plug(self, namespace: str, name: str, mtu: int, addresses: tuple[str, ...]) -> Interface:
        """A machine's end of a link; in the namespace of one in QEMU it is a port of a bridge, and addressed inside."""
        if namespace.removeprefix(f"{self.prefix}-") in self.xen_hosts:
            return Interface(namespace, name, derived_mac(namespace, f"port-{name}"), mtu, (), f"br-{name}")
        return Interface(namespace, name, derived_mac(namespace, name), mtu, addresses)

    def _unique_addresses(self, machines: Sequence[Machine]) -> None:
        seen: dict[str, str] = {}
        for machine in machines:
            other = seen.setdefault(machine.address, machine.name)
            if other != machine.name:
                self.errors.append(
                    f"machine '{machine.name}': address {machine.address} is that of '{other}'; choose another one"
                )

    def _declared_interfaces(self, endpoint_list: Sequence[Declared]) -> dict[tuple[str, str], Declared]:
        return {
            (str(endpoint["name"]), str(interface["name"])): interface
            for endpoint in endpoint_list
            for interface in endpoint.get("interfaces") or []
        }

    def _links(self, declared_interfaces: Mapping[tuple[str, str], Declared]) -> list[Link]:
        links = []
        used: set[tuple[str, str]] = set()
        for number, item in enumerate(self._list("links")):
            where = f"links[{number}]"
            ends = [str(end) for end in item["ends"]]
            elsewhere = item.get("vxlan")
            if len(ends) != (1 if elsewhere else 2):
                need = "one, as [sw1:p1]; vxlan leads to the other" if elsewhere else "two, as [sw1:p1, ep0:eth0]"
                self.errors.append(f"{where}: has {len(ends)} ends, got {ends}; write {need}")
                continue
            if not elsewhere and ends[0].partition(":")[0] == ends[1].partition(":")[0]:
                self.errors.append(f"{where}: both ends are on one node, got {ends}; write two nodes")
            mtu = int(item.get("mtu") or 1500)
            if not MIN_MTU <= mtu <= MAX_MTU:
                self.errors.append(f"{where}: mtu {mtu} is outside {MIN_MTU}..{MAX_MTU}")
            plugs = [self._end(f"{where}: end '{end}'", end, mtu, declared_interfaces, used) for end in ends]
            wire = read_wire(item, self.declared, mtu, where, self.errors)
            if wire is not None:
                self.wires.append(wire)
                near, far = (Interface(wire.namespace, name, derived_mac(wire.namespace, name), mtu) for name in ENDS)
                links.append(Link((plugs[0], near)))
                plugs[0] = far
            if elsewhere:
                self.tunnels.append(Tunnel(plugs[0], read_vxlan(elsewhere, where, self.errors)))
            else:
                links.append(Link((plugs[0], plugs[1])))
        for node, interface in sorted(set(declared_interfaces) - used):
            self.errors.append(f"endpoint '{node}': interface '{interface}' has no link; add one to links")
        return links

    def _end(
        self,
        where: str,
        end: str,
        mtu: int,
        declared_interfaces: Mapping[tuple[str, str], Declared],
        used: set[tuple[str, str]],
    ) -> Interface:
        node, _, name = end.partition(":")
        if node not in self.nodes:
            self.errors.append(f"{where}: there is no machine or endpoint '{node}'")
        if not _INTERFACE.match(name) or name in ("lo", MANAGEMENT):
            self.errors.append(f"{where}: '{name}' cannot be an interface's name; write node:interface, as sw1:p1")
        if (node, name) in used:
            self.errors.append(f"{where}: is the end of another link already")
        used.add((node, name))
        namespace = f"{self.prefix}-{node}"
        if node in self.xen_hosts:
            if name not in INTERFACES:
                self.errors.append(f"{where}: a Xen host has no interface '{name}'; write {node}:{UPLINK}")
            return self._plug(namespace, name, mtu, ())
        own = declared_interfaces.get((node, name), {})
        mac = own.get("mac")
        return Interface(
            namespace,
            name,
            self._mac(f"{where}: mac", mac) if mac else derived_mac(namespace, name),
            mtu,
            tuple(self._address(f"{where}: address", address) for address in own.get("addresses") or []),
            None,
            self.nodes.get(node) == "endpoint",
        )

    def _endpoint(self, item: Declared) -> Endpoint:
        name = str(item["name"])
        where = f"endpoint '{name}'"
        routes = []
        for route in item.get("routes") or []:
            to = str(route["to"])
            if to != "default":
                try:
                    to = str(ipaddress.ip_network(to))
                except ValueError:
                    self.errors.append(f"{where}: route to '{to}': write a prefix without host bits, or default")
            source = route.get("source")
            routes.append(
                Route(
                    to,
                    self._host(f"{where}: route to {to}: via", route["via"]),
                    self._host(f"{where}: route to {to}: source", source) if source else None,
                )
            )
        neighbours = [
            Neighbour(
                self._host(f"{where}: neighbour", neighbour["address"]),
                self._mac(f"{where}: neighbour {neighbour['address']}: mac", neighbour["mac"]),
                str(neighbour["interface"]),
            )
            for neighbour in item.get("neighbours") or []
        ]
        return Endpoint(name, f"{self.prefix}-{name}", tuple(sorted(routes)), tuple(sorted(neighbours)))
