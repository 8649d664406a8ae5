# SPDX-License-Identifier: Apache-2.0
"""What must hold for every type that forwards by a table: one module for each packet, and routes that lead somewhere."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter

from ansible.module_utils.flowstream.addresses import Prefix, parse_prefix_text
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Port, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import check_gateway, pm_label, port_label, repeated
from ansible.module_utils.flowstream.middleboxes.routed.body import OwnedPrefix, Route

PREFIX = attrgetter("prefix")

_NO_DESTINATIONS = tuple(map(parse_prefix_text, ("0.0.0.0/32", "127.0.0.0/8", "224.0.0.0/4")))


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
        ((owned.prefix, owned.line, owned, pm) for pm in pms for owned in owned_by(pm)), key=lambda claim: claim[:2]
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
    own_addresses = {interface.address: port for port in ports.values() for interface in port.addresses}
    for route in routes:
        if route.prefix.length == 32 and route.prefix.network in own_addresses:
            port = own_addresses[route.prefix.network]
            text = f"leads to the router's own address, got that of {port_label(port)}; remove it"
            findings.error(route.line, route_label(route), text)
        if route.gateway is not None and route.port in ports:
            check_gateway(route.gateway, ports[route.port], route.line, route_label(route), findings)


def warn_of_no_destinations(routes: Sequence[Route], findings: Findings) -> None:
    """Routes, in the order of their prefixes, to where no packet goes."""
    for space in _NO_DESTINATIONS:
        first = bisect_left(routes, space, key=PREFIX)
        for route in routes[first : bisect_right(routes, Prefix(space.last, 32), key=PREFIX)]:
            text = f"is in {space}, which no router forwards to (RFC 1812 5.3.7), got {route.prefix}; remove it"
            findings.warning(route.line, route_label(route), text)


def route_label(route: Route) -> str:
    """Name a route in a message."""
    return f"forwardingentry {route.prefix}"
