# SPDX-License-Identifier: Apache-2.0
"""What the Click configuration of a module that forwards by a table says: the template lays it out, decisions are taken here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ansible.module_utils.flowstream.addresses import (
    EVERYTHING,
    EVERYTHING6,
    IPV4,
    IPV6,
    LINK_LOCAL,
    NO_MACHINES6,
    Interface,
    Prefix,
    address_text,
    enclosing,
    of_family,
    parse_prefix_text,
)
from ansible.module_utils.flowstream.plan.plan import PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute
from ansible.module_utils.flowstream.plan.vif import Vif

_SOURCE_OFFSET = {IPV4: 12, IPV6: 8}
"""Of the source address in an IP header (RFC 791 3.1, RFC 8200 3)."""
_NO_SOURCES = tuple(map(parse_prefix_text, ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32")))


@dataclass(frozen=True, slots=True)
class Segment:
    """A network on a port, and the address that the port has there; `text` is both, as in `192.168.5.254/24`."""

    prefix: Prefix
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class RouterPort:
    """A platform port inside one processing module.

    `index` is its number among the module's ports: its paint, and its output of the lookup. `address` is the one
    that the module speaks from, None when the port has none. `mac_digits` is its MAC as a
    Classifier pattern has it. `replies` are lookup entries for what
    the router itself sends out by the port: to which next hop, and by which of its segments. `foreign` are the
    networks of other ports, from which no packet may come in by this one. Names with a 6 are the same of IPv6.
    """

    index: int
    portid: int
    mac: str
    mac_digits: str
    address: str | None
    segments: tuple[Segment, ...]
    replies: tuple[str, ...]
    foreign: tuple[Prefix, ...]
    address6: str | None = None
    segments6: tuple[Segment, ...] = ()
    replies6: tuple[str, ...] = ()
    foreign6: tuple[Prefix, ...] = ()

    @property
    def foreign_patterns(self) -> tuple[str, ...]:
        """`foreign` as patterns of a Classifier."""
        return tuple(map(source_pattern, self.foreign))

    @property
    def foreign6_patterns(self) -> tuple[str, ...]:
        """`foreign6` as patterns of a Classifier."""
        return tuple(map(source_pattern, self.foreign6))


@dataclass(frozen=True, slots=True)
class Router:
    """All that a router template spells. `lookup` holds entries `PREFIX [GATEWAY] OUTPUT` of a Click lookup.

    Outputs of the lookup: one for each port, then `no_route`, then (if any port has an address) `local`.
    `has_default` says that the forwarding table itself covers everything, so that nothing goes to `no_route`. `martians`
    are the sources that no packet may have (RFC 1812 5.3.7), the router's own addresses among them. A port gets
    `errors_per_second` of each kind of ICMP errors, and `errors_at_once` after a pause: a traceroute gets all of its own.
    Where there is IPv6, `lookup6` and `martians6` are the same for it; where there is none, both are empty.
    """

    errors_per_second: ClassVar[int] = 100
    errors_at_once: ClassVar[int] = 50

    name: str
    allocation_id: str
    prefixes: tuple[Prefix, ...]
    vif: Vif
    ports: tuple[RouterPort, ...]
    lookup: tuple[str, ...]
    has_default: bool
    martians: tuple[Prefix, ...]
    lookup6: tuple[str, ...] = ()
    martians6: tuple[Prefix, ...] = ()

    @property
    def martian_patterns(self) -> tuple[str, ...]:
        """`martians` as patterns of a Classifier."""
        return tuple(map(source_pattern, self.martians))

    @property
    def martian6_patterns(self) -> tuple[str, ...]:
        """`martians6` as patterns of a Classifier."""
        return tuple(map(source_pattern, self.martians6))


def source_pattern(prefix: Prefix) -> str:
    """Return the Classifier pattern of IP packets from a prefix, which begin with their IP header: `12/e0%f0`, `8/fe80%ffc0`.

    An IPFilter would say the same in words, but brings what reads its language into every image of the router.
    """
    covered, rest = divmod(prefix.length, 8)
    octets = covered + (1 if rest else 0)
    if octets == 0:
        return "-"
    digits = f"{prefix.network:0{8 if prefix.family == IPV4 else 32}x}"[: 2 * octets]
    mask = "ff" * covered + (f"{0xFF00 >> rest & 0xFF:02x}" if rest else "")
    return f"{_SOURCE_OFFSET[prefix.family]}/{digits}" + (f"%{mask}" if rest else "")


def resolve_routes(routes: Iterable[PlannedRoute], ports: Sequence[PlannedPort]) -> tuple[PlannedRoute, ...]:
    """Give every route the next hop that it needs, and keep segments that a gateway must not hide.

    A destination on a segment of its port is a neighbour. Any other goes to the gateway of the entry or else of the
    port, or, without one, is asked for by ARP or neighbour discovery. A route that leads to a gateway and covers one of the port's own
    segments gets that segment beside it.
    """
    by_portid = {port.portid: port for port in ports}
    segments = {port.portid: [interface.subnet for interface in port.all_addresses] for port in ports}
    resolved: dict[Prefix, PlannedRoute] = {}
    by_gateway_of_port: set[Prefix] = set()
    for route in routes:
        gateway = route.gateway
        port = by_portid[route.port]
        of_port = port.gateway if route.prefix.family == IPV4 else port.gateway6
        if gateway is None and of_port is not None:
            on_segment = any(segment.contains(route.prefix) for segment in segments[route.port])
            if not on_segment and not (route.prefix.is_host and route.prefix.network == of_port):
                gateway = of_port
                by_gateway_of_port.add(route.prefix)
        resolved[route.prefix] = PlannedRoute(route.prefix, gateway, route.port)
    for port in ports:
        for segment in segments[port.portid]:
            covering = _longest_cover(segment, resolved)
            if segment not in resolved and covering in by_gateway_of_port and resolved[covering].port == port.portid:
                resolved[segment] = PlannedRoute(segment, None, port.portid)
    return tuple(sorted(resolved.values(), key=lambda route: route.prefix.in_order))


def _longest_cover(prefix: Prefix, table: dict[Prefix, PlannedRoute]) -> Prefix | None:
    for length in range(prefix.length, -1, -1):
        shorter = enclosing(prefix.network, length, prefix.family)
        if shorter in table:
            return shorter
    return None


def router_of(
    name: str,
    allocation_id: str,
    prefixes: tuple[Prefix, ...],
    routes: Sequence[PlannedRoute],
    ports: Sequence[PlannedPort],
    vif: Vif,
    behind: Mapping[int, Sequence[Prefix]] | None = None,
    known: Sequence[int] = (),
) -> Router:
    """Gather what the template spells of one processing module. It has IPv6 where a port has, or a destination.

    Networks `behind` a port come in by no other. The router answers pings to the addresses that it is `known` by besides its own.
    """
    used = _segments_in_use(routes, ports)
    has_ipv6 = any(port.addresses6 for port in ports) or any(prefix.family == IPV6 for prefix in prefixes)
    router_ports = tuple(
        RouterPort(
            index=index,
            portid=port.portid,
            mac=port.mac,
            mac_digits=port.mac.replace(":", ""),
            address=_speaking_address(port.addresses, used),
            segments=_segments(port.addresses),
            replies=_replies(port.addresses, port.gateway, used),
            foreign=_foreign(port, ports, behind or {}, IPV4),
            address6=_speaking_address(port.addresses6, used),
            segments6=_segments(port.addresses6),
            replies6=_replies(port.addresses6, port.gateway6, used),
            foreign6=_foreign(port, ports, behind or {}, IPV6),
        )
        for index, port in enumerate(ports)
    )
    index_of = {port.portid: port.index for port in router_ports}
    no_route, local = len(ports), len(ports) + 1
    led = [(route.prefix.family, _entry(route.prefix, route.gateway, index_of[route.port])) for route in routes]
    lookup = [entry for family, entry in led if family == IPV4]
    lookup6 = [entry for family, entry in led if family == IPV6]
    has_default = any(route.prefix == EVERYTHING for route in routes)
    if not has_default:
        lookup.append(_entry(EVERYTHING, None, no_route))
    own = [interface.address for port in ports for interface in port.addresses]
    named = [Prefix(address, 32) for address in dict.fromkeys([*own, *(known if own else ())])]
    lookup.extend(_entry(prefix, None, local) for prefix in named)
    martians = (*_NO_SOURCES, *named)
    named6 = [Prefix(interface.address, 128, IPV6) for port in ports for interface in port.addresses6]
    if has_ipv6:
        asked = {route.prefix for route in routes}
        nowhere = (EVERYTHING6, LINK_LOCAL, NO_MACHINES6[-1])
        lookup6 += [_entry(prefix, None, no_route) for prefix in nowhere if prefix not in asked]
        lookup6 += [_entry(prefix, None, local) for prefix in named6]
    return Router(
        name,
        allocation_id,
        prefixes,
        vif,
        router_ports,
        tuple(lookup),
        has_default,
        martians,
        tuple(lookup6),
        (*NO_MACHINES6, LINK_LOCAL, *named6) if has_ipv6 else (),
    )


def _foreign(
    port: PlannedPort, ports: Sequence[PlannedPort], behind: Mapping[int, Sequence[Prefix]], family: int
) -> tuple[Prefix, ...]:
    if port.any_source:
        return ()
    networks = (
        prefix
        for other in ports
        if other is not port
        for prefix in (*(interface.subnet for interface in other.all_addresses), *behind.get(other.portid, ()))
    )
    return tuple(dict.fromkeys(of_family(networks, family)))


def _segments(addresses: Iterable[Interface]) -> tuple[Segment, ...]:
    return tuple(Segment(interface.subnet, interface.text, str(interface)) for interface in addresses)


def _entry(prefix: Prefix, gateway: int | None, output: int) -> str:
    return f"{prefix} {output}" if gateway is None else f"{prefix} {address_text(gateway, prefix.family)} {output}"


def _segments_in_use(routes: Iterable[PlannedRoute], ports: Iterable[PlannedPort]) -> set[Prefix]:
    """Return the segments on which this module talks to a neighbour or a gateway."""
    segments = {interface.subnet for port in ports for interface in port.all_addresses}
    lengths = sorted({(segment.family, segment.length) for segment in segments})
    used: set[Prefix] = set()
    for route in routes:
        hop = route.prefix.network if route.gateway is None else route.gateway
        for family, length in lengths:
            segment = enclosing(hop, length, family) if family == route.prefix.family else None
            if segment in segments:
                used.add(segment)
    return used


def _speaking_address(addresses: Sequence[Interface], used: set[Prefix]) -> str | None:
    return addresses[_speaking_index(addresses, used)].text if addresses else None


def _speaking_index(addresses: Sequence[Interface], used: set[Prefix]) -> int:
    """Choose the address on a segment that the module talks to; any is better than none."""
    return next((index for index, interface in enumerate(addresses) if interface.subnet in used), 0)


def _replies(addresses: Sequence[Interface], gateway: int | None, used: set[Prefix]) -> tuple[str, ...]:
    """Neighbours directly, the rest by the gateway and its segment, or by asking for them where there is none."""
    subnets = [interface.subnet for interface in addresses]
    entries = [_entry(subnet, None, index) for index, subnet in enumerate(subnets)]
    everything = EVERYTHING if addresses and addresses[0].family == IPV4 else EVERYTHING6
    if subnets and everything not in subnets:
        on_gateway = (index for index, subnet in enumerate(subnets) if gateway is not None and subnet.holds(gateway))
        entries.append(_entry(everything, gateway, next(on_gateway, _speaking_index(addresses, used))))
    return tuple(entries)
