# SPDX-License-Identifier: Apache-2.0
"""What must hold for an allocation as a whole, beyond the shape of each element: see docs/errors for the list."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Protocol, TypeVar

from ansible.module_utils.flowstream.addresses import Prefix, address_text, enclosing, parse_prefix_text, uncovered
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import (
    UNREAD_NUMBER,
    UNREAD_TEXT,
    Allocation,
    OwnedPrefix,
    Port,
    ProcessingModule,
    Route,
)

_SHOWN_GAPS = 4
"""How many uncovered prefixes a warning spells out."""

_NO_DESTINATIONS = tuple(map(parse_prefix_text, ("0.0.0.0/32", "127.0.0.0/8", "224.0.0.0/4")))


class _Placed(Protocol):
    @property
    def line(self) -> int: ...


Thing = TypeVar("Thing", bound=_Placed)


def check(allocation: Allocation, findings: Findings, unread_prefixes: frozenset[int]) -> None:
    """Note every broken rule. `unread_prefixes` holds the lines of modules of which a prefix could not be read."""
    _check_ports(allocation.ports, findings)
    _check_port_addresses(allocation.ports, findings)
    for pm, earlier in _repeated(allocation.pms, lambda pm: pm.pm_id):
        text = f"id stands twice, got {pm.pm_id}, first on line {earlier.line}; give each pm its own"
        findings.error(pm.line, _pm_label(pm), text)
    _check_overlaps(allocation.pms, findings)
    ports = {port.portid: port for port in allocation.ports}
    for pm in allocation.pms:
        _check_routes(pm, ports, findings, outside=pm.line not in unread_prefixes)
    if not findings.errors:
        _warn_of_gaps(allocation, findings)
        for pm in allocation.pms:
            _warn_of_no_destinations(pm, findings)
            _warn_of_unreached_networks(pm, allocation.ports, findings)


def _check_ports(ports: Iterable[Port], findings: Findings) -> None:
    keys: dict[str, Callable[[Port], int | str]] = {
        "portid": lambda port: port.portid,
        "mac": lambda port: port.mac,
        "switchport": lambda port: port.switchport,
    }
    for name, key in keys.items():
        for port, earlier in _repeated(ports, key):
            text = f"{name} stands twice, got {key(port)}, first on line {earlier.line}; give each port its own"
            findings.error(port.line, _port_label(port), text)


def _check_port_addresses(ports: Iterable[Port], findings: Findings) -> None:
    subnets: list[tuple[Prefix, Port]] = []
    for port in sorted(ports, key=lambda port: port.line):
        for interface in port.addresses:
            for subnet, other in subnets:
                if subnet.contains(interface.subnet) or interface.subnet.contains(subnet):
                    text = f"address overlaps {subnet} of {_port_label(other)} on line {other.line}, got {interface}"
                    findings.error(port.line, _port_label(port), f"{text}; put each segment behind one port, once")
            subnets.append((interface.subnet, port))
        if port.gateway is not None:
            _check_gateway(port.gateway, port, port.line, _port_label(port), findings)


def _check_gateway(gateway: int, port: Port, line: int, subject: str, findings: Findings) -> None:
    """A next hop must be somebody else on a segment of the port; without addresses, anything may be there."""
    text = address_text(gateway)
    if any(interface.address == gateway for interface in port.addresses):
        findings.error(line, subject, f"gateway is the port's own address, got {text}; write the neighbour's")
    elif port.addresses and not any(interface.subnet.holds(gateway) for interface in port.addresses):
        segments = ", ".join(str(interface.subnet) for interface in port.addresses)
        where = f"on no segment of {_port_label(port)}"
        findings.error(line, subject, f"gateway is {where}, got {text}; write an address in {segments}")


def _check_overlaps(pms: Iterable[ProcessingModule], findings: Findings) -> None:
    """Two modules that claim one packet: sorted by address, an overlap is always with a prefix still open."""
    claims = sorted(
        ((owned.prefix, owned.line, owned, pm) for pm in pms for owned in pm.prefixes), key=lambda claim: claim[:2]
    )
    open_claims: list[tuple[OwnedPrefix, ProcessingModule]] = []
    for prefix, _, owned, pm in claims:
        while open_claims and not open_claims[-1][0].prefix.contains(prefix):
            open_claims.pop()
        if open_claims:
            first, second = sorted((open_claims[-1], (owned, pm)), key=lambda claim: claim[0].line)
            other = f"{first[0].prefix} of {_pm_label(first[1])} on line {first[0].line}"
            text = f"overlaps {other}, got {second[0].prefix} of {_pm_label(second[1])}"
            findings.error(second[0].line, f"prefix {second[0].prefix}", f"{text}; give every destination to one pm")
        open_claims.append((owned, pm))


def _check_routes(pm: ProcessingModule, ports: dict[int, Port], findings: Findings, *, outside: bool) -> None:
    for route, earlier in _repeated(pm.routes, lambda route: route.prefix):
        text = f"stands twice in {_pm_label(pm)}, got {route.prefix}, first on line {earlier.line}; keep one"
        findings.error(route.line, _route_label(route), text)
    owned = [claim.prefix for claim in pm.prefixes]
    own_addresses = {interface.address: port for port in ports.values() for interface in port.addresses}
    for route in pm.routes:
        if outside and owned:
            nearest = owned[max(bisect_right(owned, route.prefix) - 1, 0)]
            if not nearest.contains(route.prefix):
                text = f"is not inside a prefix of {_pm_label(pm)}, got {route.prefix}"
                advice = f"keep to {', '.join(map(str, owned[:8]))}, or move it to another pm"
                findings.error(route.line, _route_label(route), f"{text}; {advice}")
        if route.prefix.length == 32 and route.prefix.network in own_addresses:
            port = own_addresses[route.prefix.network]
            text = f"leads to the router's own address, got that of {_port_label(port)}; remove it"
            findings.error(route.line, _route_label(route), text)
        if route.gateway is not None and route.port in ports:
            _check_gateway(route.gateway, ports[route.port], route.line, _route_label(route), findings)


def _warn_of_gaps(allocation: Allocation, findings: Findings) -> None:
    gaps = list(uncovered(owned.prefix for pm in allocation.pms for owned in pm.prefixes))
    if gaps:
        some = ", ".join(map(str, gaps[:_SHOWN_GAPS]))
        more = f" and {len(gaps) - _SHOWN_GAPS} more" if len(gaps) > _SHOWN_GAPS else ""
        text = f"no pm has the destinations {some}{more}; packets to them are dropped by the switch"
        findings.warning(allocation.line, allocation.allocation_id, text)


def _warn_of_no_destinations(pm: ProcessingModule, findings: Findings) -> None:
    for route in pm.routes:
        space = next((space for space in _NO_DESTINATIONS if space.contains(route.prefix)), None)
        if space is not None:
            text = f"is in {space}, which no router forwards to (RFC 1812 5.3.7), got {route.prefix}; remove it"
            findings.warning(route.line, _route_label(route), text)


def _warn_of_unreached_networks(pm: ProcessingModule, ports: Iterable[Port], findings: Findings) -> None:
    routes = {route.prefix for route in pm.routes}
    for port in ports:
        for subnet in (interface.subnet for interface in port.addresses):
            served = any(owned.prefix.contains(subnet) for owned in pm.prefixes)
            if served and not any(enclosing(subnet.network, length) in routes for length in range(subnet.length + 1)):
                text = f"has no route in {_pm_label(pm)}, got {subnet}"
                advice = f"add a forwardingentry with outputport {port.portid}, or nobody reaches it through the router"
                findings.warning(port.line, _port_label(port), f"its network {text}; {advice}")


def _repeated(things: Iterable[Thing], key: Callable[[Thing], Hashable]) -> Iterator[tuple[Thing, Thing]]:
    """Yield each thing whose key an earlier line has, with the first of that key."""
    first: dict[Hashable, Thing] = {}
    for thing in sorted(things, key=lambda thing: thing.line):
        value = key(thing)
        if value not in (UNREAD_NUMBER, UNREAD_TEXT) and (earlier := first.setdefault(value, thing)) is not thing:
            yield thing, earlier


def _port_label(port: Port) -> str:
    return f"portmacmapping {port.portid}" if port.portid != UNREAD_NUMBER else "portmacmapping"


def _pm_label(pm: ProcessingModule) -> str:
    return f"pm {pm.pm_id}" if pm.pm_id != UNREAD_NUMBER else "pm"


def _route_label(route: Route) -> str:
    return f"forwardingentry {route.prefix}"
