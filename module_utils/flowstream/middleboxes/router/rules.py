# SPDX-License-Identifier: Apache-2.0
"""What must hold for a router as a whole: every destination has one module, every route lies in its module's part."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from operator import attrgetter

from ansible.module_utils.flowstream.addresses import Prefix, enclosing, parse_prefix_text, uncovered
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation, Port, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import check_gateway, pm_label, port_label, repeated
from ansible.module_utils.flowstream.middleboxes.router.body import OwnedPrefix, Route

_SHOWN_GAPS = 4
"""How many uncovered prefixes a warning spells out."""

_PREFIX = attrgetter("prefix")

_NO_DESTINATIONS = tuple(map(parse_prefix_text, ("0.0.0.0/32", "127.0.0.0/8", "224.0.0.0/4")))


def check_router(allocation: Allocation, findings: Findings) -> None:
    """Note every broken rule, and warn of destinations without a module."""
    _check_overlaps(allocation.pms, findings)
    ports = {port.portid: port for port in allocation.ports}
    for pm in allocation.pms:
        _check_routes(pm, ports, findings)
    if not findings.errors:
        _warn_of_gaps(allocation, findings)
        for pm in allocation.pms:
            _warn_of_no_destinations(pm, findings)
            _warn_of_unreached_networks(pm, allocation.ports, findings)


def _check_overlaps(pms: Iterable[ProcessingModule], findings: Findings) -> None:
    """Two modules that claim one packet: sorted by address, an overlap is always with a prefix still open."""
    claims = sorted(
        ((owned.prefix, owned.line, owned, pm) for pm in pms for owned in pm.body.prefixes), key=lambda claim: claim[:2]
    )
    open_claims: list[tuple[OwnedPrefix, ProcessingModule]] = []
    for prefix, _, owned, pm in claims:
        while open_claims and not open_claims[-1][0].prefix.contains(prefix):
            open_claims.pop()
        if open_claims:
            first, second = sorted((open_claims[-1], (owned, pm)), key=lambda claim: claim[0].line)
            other = f"{first[0].prefix} of {pm_label(first[1])} on line {first[0].line}"
            text = f"overlaps {other}, got {second[0].prefix} of {pm_label(second[1])}"
            findings.error(second[0].line, f"prefix {second[0].prefix}", f"{text}; give every destination to one pm")
        open_claims.append((owned, pm))


def _check_routes(pm: ProcessingModule, ports: dict[int, Port], findings: Findings) -> None:
    routes: tuple[Route, ...] = pm.body.routes
    if len(set(map(_PREFIX, routes))) < len(routes):
        for route, earlier in repeated(routes, _PREFIX):
            text = f"stands twice in {pm_label(pm)}, got {route.prefix}, first on line {earlier.line}; keep one"
            findings.error(route.line, _route_label(route), text)
    owned = [claim.prefix for claim in pm.body.prefixes]
    own_addresses = {interface.address: port for port in ports.values() for interface in port.addresses}
    is_judged = pm.body.is_whole and bool(owned)
    nearest = 0
    for route in routes:
        if is_judged:
            # Both are sorted: the last prefix that begins before the route, or the first.
            while nearest + 1 < len(owned) and owned[nearest + 1] <= route.prefix:
                nearest += 1
            if not owned[nearest].contains(route.prefix):
                text = f"is not inside a prefix of {pm_label(pm)}, got {route.prefix}"
                advice = f"keep to {', '.join(map(str, owned[:8]))}, or move it to another pm"
                findings.error(route.line, _route_label(route), f"{text}; {advice}")
        if route.prefix.length == 32 and route.prefix.network in own_addresses:
            port = own_addresses[route.prefix.network]
            text = f"leads to the router's own address, got that of {port_label(port)}; remove it"
            findings.error(route.line, _route_label(route), text)
        if route.gateway is not None and route.port in ports:
            check_gateway(route.gateway, ports[route.port], route.line, _route_label(route), findings)


def _warn_of_gaps(allocation: Allocation, findings: Findings) -> None:
    gaps = list(uncovered(owned.prefix for pm in allocation.pms for owned in pm.body.prefixes))
    if gaps:
        some = ", ".join(map(str, gaps[:_SHOWN_GAPS]))
        more = f" and {len(gaps) - _SHOWN_GAPS} more" if len(gaps) > _SHOWN_GAPS else ""
        text = f"no pm has the destinations {some}{more}; packets to them are dropped by the switch"
        findings.warning(allocation.line, allocation.allocation_id, text)


def _warn_of_no_destinations(pm: ProcessingModule, findings: Findings) -> None:
    routes: tuple[Route, ...] = pm.body.routes
    for space in _NO_DESTINATIONS:
        first = bisect_left(routes, space, key=_PREFIX)
        for route in routes[first : bisect_right(routes, Prefix(space.last, 32), key=_PREFIX)]:
            text = f"is in {space}, which no router forwards to (RFC 1812 5.3.7), got {route.prefix}; remove it"
            findings.warning(route.line, _route_label(route), text)


def _warn_of_unreached_networks(pm: ProcessingModule, ports: Iterable[Port], findings: Findings) -> None:
    routes = {route.prefix for route in pm.body.routes}
    for port in ports:
        for subnet in (interface.subnet for interface in port.addresses):
            served = any(owned.prefix.contains(subnet) for owned in pm.body.prefixes)
            if served and not any(enclosing(subnet.network, length) in routes for length in range(subnet.length + 1)):
                text = f"has no route in {pm_label(pm)}, got {subnet}"
                advice = f"add a forwardingentry with outputport {port.portid}, or nobody reaches it through the router"
                findings.warning(port.line, port_label(port), f"its network {text}; {advice}")


def _route_label(route: Route) -> str:
    return f"forwardingentry {route.prefix}"
