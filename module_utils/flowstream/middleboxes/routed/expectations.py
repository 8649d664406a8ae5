# SPDX-License-Identifier: Apache-2.0
"""Where packets can be sent to along the routes of a module, for a verification to try them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ansible.module_utils.flowstream.addresses import BITS, IPV4, IPV6, LINK_LOCAL, Interface, Prefix, enclosing
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute

_NO_DESTINATIONS = {
    IPV4: (Prefix(0, 8), Prefix(127 << 24, 8), Prefix(224 << 24, 3)),
    IPV6: (
        Prefix(0, 10, IPV6),
        Prefix(0x0100 << 112, 64, IPV6),
        LINK_LOCAL,
        Prefix(0xFF << 120, 8, IPV6),
    ),
}
"""This network, loopback, what is of a link alone, multicast and what was reserved or is to be thrown away (RFC 6890): nobody is there."""


def own_addresses(ports: Sequence[PlannedPort], family: int = IPV4) -> set[int]:
    """The addresses of one family of the router itself, to which nothing is sent."""
    return {interface.address for port in ports for interface in interfaces(port, family)}


def interfaces(port: PlannedPort, family: int) -> Sequence[Interface]:
    """What a port has of one family."""
    return port.addresses6 if family == IPV6 else port.addresses


def destinations(
    pm: PlannedPm, own: set[int], family: int = IPV4, away: Sequence[Prefix] = ()
) -> Iterator[tuple[PlannedRoute, int]]:
    """Yield each route of one family that has a destination of its own, with one; those in `away` are of others."""
    table = {route.prefix: route for route in pm.routes if route.prefix.family == family}
    elsewhere = (*_NO_DESTINATIONS[family], *(prefix for prefix in away if prefix.family == family))
    for route in table.values():
        destination = _destination(route, table, own, elsewhere)
        if destination is not None:
            yield route, destination


def _destination(
    route: PlannedRoute, table: Mapping[Prefix, PlannedRoute], own: set[int], elsewhere: Sequence[Prefix]
) -> int | None:
    """Return the first host of the prefix that no longer prefix takes, that is not elsewhere, and that is not the router itself."""
    prefix = route.prefix
    first, last = (prefix.network, prefix.last)
    if prefix.length < BITS[prefix.family] - 1:
        first, last = first + 1, last - 1
    address = first
    while address <= last:
        longest = _longest_match(address, prefix.family, table)
        nowhere = next((space for space in elsewhere if space.holds(address)), None)
        if nowhere is not None:
            address = nowhere.last + 2
        elif address in own:
            address += 1
        elif longest != prefix:
            address = longest.last + 2
        else:
            return address
    return None


def _longest_match(address: int, family: int, table: Mapping[Prefix, PlannedRoute]) -> Prefix:
    lengths = range(BITS[family], -1, -1)
    return next(prefix for length in lengths if (prefix := enclosing(address, length, family)) in table)


def first_host(gaps: Iterable[Prefix], own: set[int]) -> int | None:
    """A host in one of the prefixes that is not the router itself."""
    for gap in gaps:
        for address in _candidates(gap):
            if address not in own and not any(space.holds(address) for space in _NO_DESTINATIONS[gap.family]):
                return address
    return None


def _candidates(gap: Prefix) -> Iterator[int]:
    host_bits = BITS[gap.family] - gap.length
    yield gap.network + (1 if host_bits else 0)
    yield gap.last - (1 if host_bits > 1 else 0)
