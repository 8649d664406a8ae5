# SPDX-License-Identifier: Apache-2.0
"""What a deployed plan must do, as packets that a verification can send: one for each route, one that has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ansible.module_utils.flowstream.addresses import IPV4, IPV6, uncovered
from ansible.module_utils.flowstream.middleboxes.routed.counters import NO_ROUTE, NO_ROUTE6
from ansible.module_utils.flowstream.middleboxes.routed.expectations import (
    destinations,
    first_host,
    interfaces,
    own_addresses,
)
from ansible.module_utils.flowstream.plan.claim import given_away
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute
from ansible.module_utils.flowstream.traffic.probe import Probe


def probes(plan: Plan) -> list[Probe]:
    """Return a probe for each route that has a destination of its own, by processing module, and unrouted ones.

    Of those, one is for a module to drop and one for the switch, as far as there are such destinations.
    A packet enters by the port after the one that it must leave by, so that it really crosses the router.
    Those of IPv6 come last, and enter by ports that have addresses of it.
    """
    speaking6 = [port for port in plan.ports if port.addresses6]
    found = _of_family(plan, plan.ports, IPV4)
    return [*found, *_of_family(plan, speaking6, IPV6)] if speaking6 else found


def _of_family(plan: Plan, ports: Sequence[PlannedPort], family: int) -> list[Probe]:
    """Return the probes of one family, which enter by some of these ports."""
    own = own_addresses(plan.ports, family)
    pms = sorted(((pm, name) for name, host in plan.hosts.items() for pm in host.pms), key=lambda found: found[0].pm_id)
    if any(claim.dealt for pm, _ in pms for claim in pm.claims):
        # All are alike, and which one gets a packet the switch says.
        pms = pms[:1]
    away = {pm.name: given_away(pm.name, ((one.facts, one.claims) for one, _ in pms)) for pm, _ in pms}
    routed = [(pm, host, list(destinations(pm, own, family, away[pm.name]))) for pm, host in pms]
    behind = _segment_hosts(ports, own, family)
    for _, _, targets in routed:
        for portid, neighbour in _neighbours(targets).items():
            behind.setdefault(portid, neighbour)
    found = [
        probe
        for pm, host, targets in routed
        for probe in _pm_probes(ports, pm, host, targets, {**behind, **_neighbours(targets)})
    ]
    return [*found, *_unrouted(ports[0], pms, own, behind, family)]


def _segment_hosts(ports: Iterable[PlannedPort], own: set[int], family: int) -> dict[int, int]:
    """Return the first host of the first segment of each port that has one."""
    found: dict[int, int] = {}
    for port in ports:
        host = first_host((interface.subnet for interface in interfaces(port, family)), own)
        if host is not None:
            found[port.portid] = host
    return found


def _neighbours(targets: Iterable[tuple[PlannedRoute, int]]) -> dict[int, int]:
    """Return, by port, a destination that routes reach without a gateway: somebody there answers to it."""
    found: dict[int, int] = {}
    for route, destination in targets:
        if route.gateway is None:
            found.setdefault(route.port, destination)
    return found


def _pm_probes(
    ports: Sequence[PlannedPort],
    pm: PlannedPm,
    host: str,
    targets: Iterable[tuple[PlannedRoute, int]],
    behind: Mapping[int, int],
) -> Iterator[Probe]:
    following = {port.portid: ports[(index + 1) % len(ports)] for index, port in enumerate(ports)}
    for route, destination in targets:
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
            family=route.prefix.family,
        )


def _unrouted(
    port: PlannedPort,
    pms: Sequence[tuple[PlannedPm, str]],
    own: set[int],
    behind: Mapping[int, int],
    family: int,
) -> Iterator[Probe]:
    """Yield a packet that a module must drop, and one that the switch must."""
    for pm, host in pms:
        outside = list(uncovered((claim.destination for claim in pm.claims), family))
        address = first_host(uncovered([*outside, *(route.prefix for route in pm.routes)], family), own)
        if address is not None:
            yield _dropped(port, address, pm.name, host, behind, family)
            break
    address = first_host(uncovered((claim.destination for pm, _ in pms for claim in pm.claims), family), own)
    if address is not None:
        yield _dropped(port, address, None, None, behind, family)


def _dropped(
    port: PlannedPort, destination: int, pm: str | None, host: str | None, behind: Mapping[int, int], family: int
) -> Probe:
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
        counter=(NO_ROUTE6 if family == IPV6 else NO_ROUTE) if pm else "",
        family=family,
    )
