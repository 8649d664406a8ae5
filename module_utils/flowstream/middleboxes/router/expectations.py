# SPDX-License-Identifier: Apache-2.0
"""What a deployed plan must do, as packets that a verification can send: one for each route, one that has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ansible.module_utils.flowstream.addresses import Prefix, enclosing, uncovered
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort, PlannedRoute
from ansible.module_utils.flowstream.traffic.probe import Probe

NO_ROUTE = "no_route.count"
"""The handler by which a module counts what it has no route for."""

_NO_DESTINATIONS = (Prefix(0, 8), Prefix(127 << 24, 8), Prefix(224 << 24, 3))
"""This network, loopback, multicast and what was reserved (RFC 6890): no packet on a wire goes there."""


def probes(plan: Plan) -> list[Probe]:
    """Return a probe for each route that has a destination of its own, by processing module, and unrouted ones.

    Of those, one is for a module to drop and one for the switch, as far as there are such destinations.
    A packet enters by the port after the one that it must leave by, so that it really crosses the router.
    """
    own = {interface.address for port in plan.ports for interface in port.addresses}
    pms = sorted(((pm, name) for name, host in plan.hosts.items() for pm in host.pms), key=lambda found: found[0].pm_id)
    routed = [(pm, host, list(_destinations(pm, own))) for pm, host in pms]
    behind = _segment_hosts(plan.ports, own)
    for _, _, destinations in routed:
        for portid, neighbour in _neighbours(destinations).items():
            behind.setdefault(portid, neighbour)
    found = [
        probe
        for pm, host, destinations in routed
        for probe in _pm_probes(plan.ports, pm, host, destinations, {**behind, **_neighbours(destinations)})
    ]
    return [*found, *_unrouted(plan.ports, pms, own, behind)]


def _destinations(pm: PlannedPm, own: set[int]) -> Iterator[tuple[PlannedRoute, int]]:
    table = {route.prefix: route for route in pm.routes}
    for route in pm.routes:
        destination = _destination(route, table, own)
        if destination is not None:
            yield route, destination


def _segment_hosts(ports: Iterable[PlannedPort], own: set[int]) -> dict[int, int]:
    """Return the first host of the first segment of each port that has one."""
    found: dict[int, int] = {}
    for port in ports:
        host = _first_host((interface.subnet for interface in port.addresses), own)
        if host is not None:
            found[port.portid] = host
    return found


def _neighbours(destinations: Iterable[tuple[PlannedRoute, int]]) -> dict[int, int]:
    """Return, by port, a destination that routes reach without a gateway: somebody there answers to it."""
    found: dict[int, int] = {}
    for route, destination in destinations:
        if route.gateway is None:
            found.setdefault(route.port, destination)
    return found


def _pm_probes(
    ports: Sequence[PlannedPort],
    pm: PlannedPm,
    host: str,
    destinations: Iterable[tuple[PlannedRoute, int]],
    behind: Mapping[int, int],
) -> Iterator[Probe]:
    following = {port.portid: ports[(index + 1) % len(ports)] for index, port in enumerate(ports)}
    for route, destination in destinations:
        source = following[route.port]
        yield Probe(
            prefix=route.prefix,
            source_port=source.portid,
            source_mac=source.mac,
            source_address=behind.get(source.portid),
            destination=destination,
            output_port=route.port,
            next_hop=destination if route.gateway is None else route.gateway,
            pm=pm.name,
            host=host,
        )


def _destination(route: PlannedRoute, table: Mapping[Prefix, PlannedRoute], own: set[int]) -> int | None:
    """Return the first host of the prefix that no longer prefix takes and that is not the router itself."""
    prefix = route.prefix
    first, last = (prefix.network, prefix.last) if prefix.length >= 31 else (prefix.network + 1, prefix.last - 1)
    address = first
    while address <= last:
        longest = _longest_match(address, table)
        nowhere = next((space for space in _NO_DESTINATIONS if space.holds(address)), None)
        if nowhere is not None:
            address = nowhere.last + 2
        elif address in own:
            address += 1
        elif longest != prefix:
            address = longest.last + 2
        else:
            return address
    return None


def _longest_match(address: int, table: Mapping[Prefix, PlannedRoute]) -> Prefix:
    return next(prefix for length in range(32, -1, -1) if (prefix := enclosing(address, length)) in table)


def _unrouted(
    ports: Sequence[PlannedPort], pms: Sequence[tuple[PlannedPm, str]], own: set[int], behind: Mapping[int, int]
) -> Iterator[Probe]:
    """Yield a packet that a module must drop, and one that the switch must."""
    for pm, host in pms:
        outside = list(uncovered(claim.destination for claim in pm.claims))
        address = _first_host(uncovered([*outside, *(route.prefix for route in pm.routes)]), own)
        if address is not None:
            yield _dropped(ports[0], address, pm.name, host, behind)
            break
    address = _first_host(uncovered(claim.destination for pm, _ in pms for claim in pm.claims), own)
    if address is not None:
        yield _dropped(ports[0], address, None, None, behind)


def _first_host(gaps: Iterable[Prefix], own: set[int]) -> int | None:
    for address in _candidates(gaps):
        if address not in own and not any(space.holds(address) for space in _NO_DESTINATIONS):
            return address
    return None


def _candidates(gaps: Iterable[Prefix]) -> Iterator[int]:
    for gap in gaps:
        yield gap.network + (1 if gap.length < 32 else 0)
        yield gap.last - (1 if gap.length < 31 else 0)


def _dropped(port: PlannedPort, destination: int, pm: str | None, host: str | None, behind: Mapping[int, int]) -> Probe:
    return Probe(
        prefix=None,
        source_port=port.portid,
        source_mac=port.mac,
        source_address=behind.get(port.portid),
        destination=destination,
        output_port=None,
        next_hop=None,
        pm=pm,
        host=host,
        counter=NO_ROUTE if pm else "",
    )
