# SPDX-License-Identifier: Apache-2.0
"""What a deployed translator must do, as packets that a verification can send: from either family to the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from ansible.module_utils.flowstream.addresses import IPV4, IPV6, Prefix, parse_prefix_text, uncovered
from ansible.module_utils.flowstream.middleboxes.routed.crossing import modules_of, strangers
from ansible.module_utils.flowstream.middleboxes.routed.expectations import destinations, first_host, own_addresses
from ansible.module_utils.flowstream.middleboxes.translator.embedding import embedded_address
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute
from ansible.module_utils.flowstream.traffic.probe import Probe

FORGED = "untranslated.count"
"""What comes from an address that is no host's, where each has its own."""
_NO_PORT = -1


def prefix_of(pm: PlannedPm) -> Prefix:
    """The IPv6 prefix of a planned module."""
    return parse_prefix_text(pm.facts["prefix"])


def addresses_of(pm: PlannedPm) -> tuple[Prefix, ...]:
    """The IPv4 addresses of the IPv6 hosts of a planned module."""
    return tuple(map(parse_prefix_text, pm.facts["pools"]))


def probes(plan: Plan) -> list[Probe]:
    """Return, for each module, a packet along every IPv4 route, and to hosts that have an address of their own; and what nobody gets."""
    found = [(_shared if "sessions" in pm.facts else _own)(plan, pm, host) for pm, host in modules_of(plan)]
    return list(chain(*found, _beyond(plan)))


def _beyond(plan: Plan) -> Iterator[Probe]:
    """Yield a packet of each family by each port that speaks it, to an address that no module translates: the switch drops it."""
    claims = [claim.destination for pm, _ in modules_of(plan) for claim in pm.claims]
    for family, known in ((IPV4, strangers(plan, _NO_PORT)), (IPV6, strangers(plan, _NO_PORT, IPV6))):
        destination = first_host(uncovered(claims, family), own_addresses(plan.ports, family))
        if destination is not None:
            for port, source in known:
                yield Probe(None, port.portid, port.mac, source, destination, None, None, None, None, family=family)


def _outward(plan: Plan, pm: PlannedPm, host: str, port: PlannedPort, source: int, drops: str = "") -> Iterator[Probe]:
    """Yield a packet from an IPv6 host along every IPv4 route; `drops` counts them where they are not translated."""
    for route, destination in destinations(pm, own_addresses(plan.ports)):
        yield Probe(
            prefix=route.prefix,
            source_port=port.portid,
            source_mac=port.mac,
            source_address=source,
            destination=embedded_address(prefix_of(pm), destination),
            output_port=None if drops else route.port,
            next_hop=None if drops else destination if route.gateway is None else route.gateway,
            pm=pm.name,
            host=host,
            counter=drops,
            family=IPV6,
            translated=not drops,
        )


def _shared(plan: Plan, pm: PlannedPm, host: str) -> Iterator[Probe]:
    """Hosts share the addresses: they ask."""
    for port, source in strangers(plan, _NO_PORT, IPV6):
        yield from _outward(plan, pm, host, port, source)


def _own(plan: Plan, pm: PlannedPm, host: str) -> Iterator[Probe]:
    """Each host has an address of its own, and whoever has none is not translated."""
    own, ports = own_addresses(plan.ports), {port.portid: port for port in plan.ports}
    for pool in addresses_of(pm):
        inner = first_host([pool], own)
        route = None if inner is None else _route_to(pm, embedded_address(prefix_of(pm), inner))
        if inner is None or route is None:
            continue
        yield from _outward(plan, pm, host, ports[route.port], embedded_address(prefix_of(pm), inner))
        for port, source in strangers(plan, _NO_PORT):
            yield _inward(pm, host, port, source, inner, route)
    for port, source in strangers(plan, _NO_PORT, IPV6):
        yield from _outward(plan, pm, host, port, source, FORGED)


def _route_to(pm: PlannedPm, address: int) -> PlannedRoute | None:
    leading = [route for route in pm.routes if route.prefix.family == IPV6 and route.prefix.holds(address)]
    return max(leading, key=lambda route: route.prefix.length, default=None)


def _inward(pm: PlannedPm, host: str, port: PlannedPort, source: int, destination: int, route: PlannedRoute) -> Probe:
    there = embedded_address(prefix_of(pm), destination)
    return Probe(
        prefix=Prefix(destination, 32),
        source_port=port.portid,
        source_mac=port.mac,
        source_address=source,
        destination=destination,
        output_port=route.port,
        next_hop=there if route.gateway is None else route.gateway,
        pm=pm.name,
        host=host,
        translated=True,
    )
