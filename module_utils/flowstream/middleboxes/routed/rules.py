# SPDX-License-Identifier: Apache-2.0
"""What must hold for every type that forwards by a table: one module for each packet, and routes that lead somewhere."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter

from ansible.module_utils.flowstream.addresses import (
    IPV6,
    LINK_LOCAL,
    NO_MACHINES6,
    Prefix,
    parse_prefix_text,
)
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Port, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import check_gateway, pm_label, port_label, repeated
from ansible.module_utils.flowstream.middleboxes.routed.body import OwnedPrefix, Route

PREFIX = attrgetter("prefix")

_NO_DESTINATIONS = (
    *((parse_prefix_text(text), "RFC 1812 5.3.7") for text in ("0.0.0.0/32", "127.0.0.0/8", "224.0.0.0/4")),
    *((prefix, "RFC 4291 2.5") for prefix in (NO_MACHINES6[0], LINK_LOCAL, NO_MACHINES6[-1])),
)
"""What no router forwards to, and where that is said."""


def check_behind_ports(ports: Iterable[Port], prefix: Prefix, line: int, label: str, findings: Findings) -> None:
    """Addresses for which others have a route, as nobody answers ARP for them, are on no port's own network."""
    for port in ports:
        for subnet in (interface.subnet for interface in port.addresses):
            if subnet.contains(prefix) or prefix.contains(subnet):
                text = f"overlaps {subnet} of {port_label(port)} on line {port.line}, got {prefix}"
                findings.error(line, label, f"{text}; use addresses that routers outside have a route for")


def check_overlaps(
    pms: Iterable[ProcessingModule],
    owned_by: Callable[[ProcessingModule], Iterable[OwnedPrefix]],
    word: str,
    advice: str,
    findings: Findings,
) -> None:
    """Two modules that claim one packet: sorted by address, an overlap is always with a prefix still open.

    `word` is the element that spells what is `owned_by` a module.
    """
    claims = sorted(
        ((owned.prefix, owned.line, owned, pm) for pm in pms for owned in owned_by(pm)),
        key=lambda claim: (claim[0].in_order, claim[1]),
    )
    open_claims: list[tuple[OwnedPrefix, ProcessingModule]] = []
    for prefix, _, owned, pm in claims:
        while open_claims and not open_claims[-1][0].prefix.contains(prefix):
            open_claims.pop()
        if open_claims:
            first, second = sorted((open_claims[-1], (owned, pm)), key=lambda claim: claim[0].line)
            other = f"{first[0].prefix} of {pm_label(first[1])} on line {first[0].line}"
            text = f"overlaps {other}, got {second[0].prefix} of {pm_label(second[1])}"
            findings.error(second[0].line, f"{word} {second[0].prefix}", f"{text}; {advice}")
        open_claims.append((owned, pm))


def check_routes(pm: ProcessingModule, routes: Sequence[Route], ports: Mapping[int, Port], findings: Findings) -> None:
    """What no table of routes may have: an entry twice, the router itself as a destination, a next hop out of reach."""
    if len(set(map(PREFIX, routes))) < len(routes):
        for route, earlier in repeated(routes, PREFIX):
            text = f"stands twice in {pm_label(pm)}, got {route.prefix}, first on line {earlier.line}; keep one"
            findings.error(route.line, route_label(route), text)
    own_addresses = {
        (interface.address, interface.family): port for port in ports.values() for interface in port.all_addresses
    }
    for route in routes:
        if route.prefix.is_host and (route.prefix.network, route.prefix.family) in own_addresses:
            port = own_addresses[route.prefix.network, route.prefix.family]
            text = f"leads to the router's own address, got that of {port_label(port)}; remove it"
            findings.error(route.line, route_label(route), text)
        if route.prefix.family == IPV6 and route.port in ports and not ports[route.port].addresses6:
            text = f"leaves by a port that has no IPv6 address to ask for neighbours from, got {route.port}"
            findings.error(route.line, route_label(route), f"{text}; give {port_label(ports[route.port])} an address6")
        elif route.gateway is not None and route.port in ports:
            where = ports[route.port]
            check_gateway(route.gateway, where, route.line, route_label(route), findings, route.prefix.family)


def warn_of_no_destinations(routes: Sequence[Route], findings: Findings) -> None:
    """Routes, in the order of their prefixes, to where no packet goes."""
    for space, source in _NO_DESTINATIONS:
        first = bisect_left(routes, space.in_order, key=_order)
        for route in routes[first : bisect_right(routes, (space.family, space.last, 128), key=_order)]:
            text = f"is in {space}, which no router forwards to ({source}), got {route.prefix}; remove it"
            findings.warning(route.line, route_label(route), text)


def _order(route: Route) -> tuple[int, int, int]:
    return route.prefix.in_order


def route_label(route: Route) -> str:
    """Name a route in a message."""
    return f"forwardingentry {route.prefix}"
