# SPDX-License-Identifier: Apache-2.0
"""Modules that stand before networks: each has both directions of its own, so that it can keep what it knows of them.

What comes from a network is known by the port that it is behind and by its source, what goes to it by its destination.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ansible.module_utils.flowstream.addresses import IPV4, Prefix, everything, parse_prefix_text
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import UNREAD_NUMBER, Allocation, Port, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import pm_label, port_label
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.routed.body import OwnedPrefix, Route, read_owned
from ansible.module_utils.flowstream.middleboxes.routed.rules import (
    check_overlaps,
    check_routes,
    route_label,
    warn_of_no_destinations,
)
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort


@dataclass(frozen=True, slots=True)
class Networks:
    """What a module stands before: `owned`, behind platform port `port`. `is_whole` says that each could be read."""

    port: int
    owned: tuple[OwnedPrefix, ...]
    line: int
    is_whole: bool = True

    @property
    def prefixes(self) -> list[Prefix]:
        """The networks, in order."""
        return sorted((one.prefix for one in self.owned), key=lambda prefix: prefix.in_order)


class Standing(Protocol):
    """The body of a module that stands before networks, and forwards by routes."""

    @property
    def networks(self) -> Networks:
        """What it stands before."""

    @property
    def routes(self) -> tuple[Route, ...]:
        """What it forwards by."""


def read_networks(pm: Element, values: Values) -> Networks:
    """Read the element `networks` of a module; without one, there are none."""
    for element in pm.children:
        if element.name == "networks":
            port = values.portid(element, "port")
            owned = read_owned([child for child in element.children if child.name == "subnet"], values.network)
            known = tuple(one for one in owned if one)
            return Networks(UNREAD_NUMBER if port is None else port, known, element.line, all(owned))
    return Networks(UNREAD_NUMBER, (), pm.line, is_whole=False)


def outward_claims(networks: Networks) -> list[Claim]:
    """What comes from the networks."""
    return [Claim(everything(prefix.family), prefix, networks.port) for prefix in networks.prefixes]


def inward_claims(prefixes: Iterable[Prefix], inside: int, ports: Sequence[PlannedPort]) -> list[Claim]:
    """What goes to `prefixes` by any port but the inside one; of IPv6 by those that speak it."""
    return [
        Claim(prefix, entry=port.portid)
        for prefix in prefixes
        for port in ports
        if port.portid != inside and (prefix.family == IPV4 or port.addresses6)
    ]


def check_networks(allocation: Allocation, findings: Findings) -> None:
    """Note every broken rule about networks and the routes to and from them."""
    bodies: list[tuple[ProcessingModule, Standing]] = [(pm, pm.body) for pm in allocation.pms]
    check_overlaps(
        allocation.pms, lambda pm: pm.body.networks.owned, "subnet", "give every address to one pm", findings
    )
    _check_one_port(bodies, findings)
    ports = {port.portid: port for port in allocation.ports}
    for pm, body in bodies:
        check_routes(pm, body.routes, ports, findings)
        if body.networks.port in ports and body.networks.is_whole:
            _check_directions(pm, body, findings)
            _check_neighbours(body.networks, allocation.ports, findings)
    if not findings.errors:
        for _, body in bodies:
            warn_of_no_destinations(body.routes, findings)


def _check_one_port(bodies: Iterable[tuple[ProcessingModule, Standing]], findings: Findings) -> None:
    """Packets from one network to another would be of two modules."""
    known = sorted(
        ((body.networks, pm) for pm, body in bodies if body.networks.port != UNREAD_NUMBER),
        key=lambda found: found[0].line,
    )
    for networks, _ in known[1:]:
        first, its_pm = known[0]
        if networks.port != first.port:
            text = f"port is not that of {pm_label(its_pm)} on line {first.line}, got {networks.port}"
            findings.error(networks.line, f"networks {networks.port}", f"{text}; use {first.port} for all modules")


def _check_directions(pm: ProcessingModule, body: Standing, findings: Findings) -> None:
    """What goes to a network leaves by its port, and nothing else does: else packets would get past the module."""
    inside, prefixes = body.networks.port, body.networks.prefixes
    reached: set[Prefix] = set()
    for route in body.routes:
        of = next((prefix for prefix in prefixes if prefix.contains(route.prefix)), None)
        if of is not None and route.port == inside:
            reached.add(of)
        elif of is not None and route.port != UNREAD_NUMBER:
            text = f"leads a part of network {of} away from port {inside}, which it is behind, got {route.port}"
            findings.error(route.line, route_label(route), f"{text}; use outputport {inside}")
        elif route.port == inside:
            text = f"leads to port {inside}, behind which only networks of {pm_label(pm)} are, got {route.prefix}"
            findings.error(route.line, route_label(route), f"{text}; declare it as a subnet, or use another outputport")
    for one in body.networks.owned:
        if one.prefix not in reached:
            text = f"has no route in {pm_label(pm)}, got {one.prefix}"
            findings.error(one.line, f"subnet {one.prefix}", f"{text}; add a forwardingentry with outputport {inside}")


def _check_neighbours(networks: Networks, ports: Iterable[Port], findings: Findings) -> None:
    for one in networks.owned:
        for port in ports:
            for subnet in (interface.subnet for interface in port.all_addresses):
                overlap = one.prefix.contains(subnet) or subnet.contains(one.prefix)
                if overlap and port.portid != networks.port:
                    text = f"overlaps {subnet} of {port_label(port)} on line {port.line}, got {one.prefix}"
                    advice = f"a network is behind port {networks.port} as a whole"
                    findings.error(one.line, f"subnet {one.prefix}", f"{text}; {advice}")


def networks_facts(networks: Networks) -> dict[str, Any]:
    """What a plan says of the networks of a module."""
    return {"inside": networks.port, "networks": [str(prefix) for prefix in networks.prefixes]}


def inside_of(pm: PlannedPm) -> int:
    """The platform port that the networks of a planned module are behind."""
    inside: int = pm.facts["inside"]
    return inside


def networks_of(pm: PlannedPm) -> tuple[Prefix, ...]:
    """The networks of a planned module."""
    return tuple(map(parse_prefix_text, pm.facts["networks"]))
