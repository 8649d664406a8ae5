# SPDX-License-Identifier: Apache-2.0
"""Where packets can be sent to along the routes of a module, for a verification to try them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ansible.module_utils.flowstream.addresses import IPV4, Prefix, enclosing
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute

_NO_DESTINATIONS = (Prefix(0, 8), Prefix(127 << 24, 8), Prefix(224 << 24, 3))
"""This network, loopback, multicast and what was reserved (RFC 6890): no packet on a wire goes there."""


def own_addresses(ports: Sequence[PlannedPort]) -> set[int]:
    """The router itself, to which nothing is sent."""
    return {interface.address for port in ports for interface in port.addresses}


def destinations(pm: PlannedPm, own: set[int]) -> Iterator[tuple[PlannedRoute, int]]:
    """Yield each route of IPv4 that has a destination of its own, with one."""
    table = {route.prefix: route for route in pm.routes if route.prefix.family == IPV4}
    for route in table.values():
        destination = _destination(route, table, own)
        if destination is not None:
            yield route, destination


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


def first_host(gaps: Iterable[Prefix], own: set[int]) -> int | None:
    """A host in one of the prefixes that is not the router itself."""
    for address in _candidates(gaps):
        if address not in own and not any(space.holds(address) for space in _NO_DESTINATIONS):
            return address
    return None


def _candidates(gaps: Iterable[Prefix]) -> Iterator[int]:
    for gap in gaps:
        yield gap.network + (1 if gap.length < 32 else 0)
        yield gap.last - (1 if gap.length < 31 else 0)
