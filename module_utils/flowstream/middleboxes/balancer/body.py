# SPDX-License-Identifier: Apache-2.0
"""What an operator asks of one module of a load balancer: reading it, and what must hold for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.addresses import Prefix, address_text, parse_address, shown
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import pm_label, port_label, repeated
from ansible.module_utils.flowstream.allocation.shape import choice
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.balancer.declaration import (
    BALANCER,
    MAX_CHECK,
    MAX_PORT,
    MAX_SESSIONS,
    PROTOCOLS,
    SERVER,
    SERVICE,
)
from ansible.module_utils.flowstream.middleboxes.routed.body import Route, read_routes
from ansible.module_utils.flowstream.middleboxes.routed.networks import Networks, check_networks, read_networks

DEFAULT_SESSIONS = 65536
MOST_SERVICES, MOST_SERVERS = 64, 256
"""Of a module, each with a table of its own, and of a service, so that each has a fair part of the table."""


@dataclass(frozen=True, slots=True)
class Server:
    """Who serves. Spelled `10.0.0.1 8080`."""

    address: int
    port: int
    line: int = 0

    def __str__(self) -> str:
        return f"{address_text(self.address)} {self.port}"


@dataclass(frozen=True, slots=True)
class Service:
    """What clients connect to, and who serves them."""

    address: int
    protocol: str
    port: int
    servers: tuple[Server, ...]
    line: int = 0

    @property
    def label(self) -> str:
        """Name it in a message."""
        return f"service {address_text(self.address)}/{self.protocol}/{self.port}"

    def to_dict(self) -> dict[str, Any]:
        """As plan JSON."""
        return {
            "address": address_text(self.address),
            "protocol": self.protocol,
            "port": self.port,
            "servers": [str(server) for server in self.servers],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Service:
        """Read plan JSON."""
        words = (server.split(" ") for server in plain["servers"])
        servers = tuple(Server(parse_address("server", address), int(port)) for address, port in words)
        return cls(parse_address("address", plain["address"]), plain["protocol"], plain["port"], servers)


@dataclass(frozen=True, slots=True)
class BalancerBody:
    """A part of the load balancer: the networks of its servers, its services, as far as they can be read, and its routes.

    Servers are asked every `check` seconds whether they live, or never. `line` is that of the element.
    """

    networks: Networks
    routes: tuple[Route, ...]
    services: tuple[Service, ...]
    sessions: int
    check: int | None
    line: int


def read_body(pm: Element, values: Values) -> BalancerBody:
    """Read the elements of a `pm`."""
    balancer = next((child for child in pm.children if child.name == BALANCER.name), Element(BALANCER.name, pm.line))
    services = [child for child in balancer.children if child.name == SERVICE.name]
    if len(services) > MOST_SERVICES:
        text = f"is one too many, got {len(services)} in one module; use at most {MOST_SERVICES}, or another pm"
        values.error(services[MOST_SERVICES], "", text)
    read = (_service(service, values) for service in services)
    return BalancerBody(
        networks=read_networks(pm, values),
        routes=read_routes(pm, values),
        services=tuple(service for service in read if service is not None),
        sessions=values.whole(balancer, "sessions", 1, MAX_SESSIONS) or DEFAULT_SESSIONS,
        check=values.whole(balancer, "check", 1, MAX_CHECK),
        line=balancer.line,
    )


def _service(element: Element, values: Values) -> Service | None:
    address = values.host(element, "address")
    protocol = values.attribute(element, "protocol", _parse_protocol)
    port = values.whole(element, "port", 1, MAX_PORT)
    servers = [child for child in element.children if child.name == SERVER.name]
    if len(servers) > MOST_SERVERS:
        text = f"is one too many, got {len(servers)} of one service; use at most {MOST_SERVERS}"
        values.error(servers[MOST_SERVERS], "", text)
    read = [server for child in servers if (server := _server(child, port, values)) is not None]
    if address is None or protocol is None or port is None:
        return None
    return Service(address, protocol, port, tuple(read), element.line)


def _server(element: Element, port: int | None, values: Values) -> Server | None:
    address = values.host(element, "address")
    own = values.whole(element, "port", 1, MAX_PORT)
    return None if address is None else Server(address, own or port or 1, element.line)


def _parse_protocol(text: str) -> str:
    if text not in PROTOCOLS:
        raise FlowstreamError(f"protocol is unknown, got {shown(text)}; use {choice(PROTOCOLS)}")
    return text


def check_balancer(allocation: Allocation, findings: Findings) -> None:
    """Note every broken rule."""
    check_networks(allocation, findings)
    services = list(_services(allocation.pms))
    for service, earlier in repeated((one for _, one in services), lambda one: (one.address, one.protocol, one.port)):
        text = f"stands twice, first on line {earlier.line}, got port {service.port}; put all servers into one"
        findings.error(service.line, service.label, text)
    _check_one_module(services, findings)
    for pm in allocation.pms:
        inside = next((port for port in allocation.ports if port.portid == pm.body.networks.port), None)
        if pm.body.check is not None and inside is not None and not inside.addresses:
            text = f"check needs an address to ask from, got {port_label(inside)} without one; give it an address, or remove check"
            findings.error(pm.body.line, BALANCER.name, text)
    for pm, service in services:
        _check_address(allocation, service, findings)
        _check_servers(pm, allocation, service, findings)


def _services(pms: Iterable[ProcessingModule]) -> Iterator[tuple[ProcessingModule, Service]]:
    return ((pm, service) for pm in pms for service in pm.body.services)


def _check_one_module(services: Iterable[tuple[ProcessingModule, Service]], findings: Findings) -> None:
    first: dict[int, tuple[ProcessingModule, Service]] = {}
    for pm, service in sorted(services, key=lambda found: found[1].line):
        its_pm, earlier = first.setdefault(service.address, (pm, service))
        if its_pm is not pm:
            text = f"address is that of {pm_label(its_pm)} on line {earlier.line}, got {address_text(service.address)}"
            findings.error(service.line, service.label, f"{text}; move it there, or use another address")


def _check_address(allocation: Allocation, service: Service, findings: Findings) -> None:
    """Packets to it must get to the module: somebody answers ARP for it, or routers outside know the way."""
    text = address_text(service.address)
    for port in allocation.ports:
        for interface in port.addresses:
            if interface.subnet.holds(service.address) and interface.address != service.address:
                where = f"on {interface.subnet} of {port_label(port)} on line {port.line}"
                advice = f"use {address_text(interface.address)}, or an address that routers outside have a route for"
                findings.error(
                    service.line, service.label, f"nobody answers ARP for its address {where}, got {text}; {advice}"
                )
    for pm in allocation.pms:
        for one in pm.body.networks.owned:
            own = any(interface.address == service.address for port in allocation.ports for interface in port.addresses)
            if one.prefix.holds(service.address) and not own:
                where = f"in network {one.prefix} of servers on line {one.line}"
                findings.error(service.line, service.label, f"address is {where}, got {text}; use one outside")


def _check_servers(pm: ProcessingModule, allocation: Allocation, service: Service, findings: Findings) -> None:
    networks: Networks = pm.body.networks
    own = {interface.address for port in allocation.ports for interface in port.addresses}
    for server, earlier in repeated(service.servers, lambda server: (server.address, server.port)):
        text = f"stands twice in the service, first on line {earlier.line}, got {server}; keep one"
        findings.error(server.line, f"server {address_text(server.address)}", text)
    for server in service.servers:
        label, got = f"server {address_text(server.address)}", f"got {address_text(server.address)}"
        if server.address in own:
            findings.error(server.line, label, f"is the router itself, {got}; write the server's address")
        elif networks.is_whole and not any(prefix.holds(server.address) for prefix in networks.prefixes):
            some = ", ".join(map(str, networks.prefixes[:4]))
            findings.error(server.line, label, f"is on no network of {pm_label(pm)}, {got}; use an address in {some}")
        for prefix in networks.prefixes:
            if prefix.reserves(server.address):
                text = f"is the network or broadcast address of {prefix}, {got}; write the server's address"
                findings.error(server.line, label, text)


def addresses_of(services: Iterable[Service]) -> list[Prefix]:
    """What clients know, each once."""
    return sorted({Prefix(service.address, 32) for service in services})
