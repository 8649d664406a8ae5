# SPDX-License-Identifier: Apache-2.0
"""The load balancer as a type of processing: one-arm modules, each before networks of servers and with services of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import Prefix, address_text
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.balancer.body import (
    BalancerBody,
    Service,
    addresses_of,
    check_balancer,
    read_body,
)
from ansible.module_utils.flowstream.middleboxes.balancer.declaration import DECLARATION, MISSES
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Cost
from ansible.module_utils.flowstream.middleboxes.routed.configuration import resolve_routes, router_of
from ansible.module_utils.flowstream.middleboxes.routed.counters import NEIGHBOURS, NO_ROUTE, counters
from ansible.module_utils.flowstream.middleboxes.routed.crossing import modules_of, strangers
from ansible.module_utils.flowstream.middleboxes.routed.networks import (
    inside_of,
    inward_claims,
    networks_facts,
    networks_of,
    outward_claims,
)
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute
from ansible.module_utils.flowstream.traffic.frames import UDP_PORT
from ansible.module_utils.flowstream.traffic.probe import Probe

UNASKED = "unasked.count"
"""What belongs to no service and to no connection."""


@dataclass(frozen=True, slots=True)
class Check:
    """A server that is asked from address `source` whether it lives; `places` are the balancers' numbers and what they know it by."""

    server: str
    source: str
    places: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Balancing:
    """All that the template spells besides its router: the services, and who is reached without one.

    `own` are the router's addresses, `inside` and `outside` the indices of the ports. The servers of `checks` are asked every `interval`
    seconds, and left after `misses` without an answer.
    """

    services: tuple[Service, ...]
    addresses: tuple[str, ...]
    own: tuple[str, ...]
    inside: int
    outside: tuple[int, ...]
    sessions: int
    checks: tuple[Check, ...]
    interval: int | None
    misses: int


class LoadBalancer:
    """The Middlebox whose allocations have type `loadbalancer`."""

    declaration = DECLARATION
    arms = ("eth0",)
    counters = counters(
        {UNASKED: "no service", "flows.nmappings": "sessions", "flows.mapping_failures": "no room left"},
        drops=(NO_ROUTE, UNASKED),
    )
    cost = Cost(memory_mib={"process": 128, "clickos": 96, "linux_guest": 192}, packet_ns=180)
    state = ("flows.state",)
    knows = "which server each connection has"
    learned = NEIGHBOURS

    def read(self, pm: Element, values: Values) -> BalancerBody:
        """Read networks, services and routes of a module."""
        return read_body(pm, values)

    def check(self, allocation: Allocation, findings: Findings) -> None:
        """Note services that nobody reaches, servers that are elsewhere, and routes that lead past the module."""
        check_balancer(allocation, findings)

    def plan(self, body: BalancerBody, ports: Sequence[PlannedPort]) -> Body:
        """Claim what comes from the servers and what goes to the services."""
        inside = body.networks.port
        claims = [*outward_claims(body.networks), *inward_claims(addresses_of(body.services), inside, ports)]
        asked = (PlannedRoute(route.prefix, route.gateway, route.port) for route in body.routes)
        facts = {
            **networks_facts(body.networks),
            "services": [service.to_dict() for service in body.services],
            "sessions": body.sessions,
            **({} if body.check is None else {"check": body.check}),
        }
        return Body(tuple(claims), resolve_routes(asked, ports), facts)

    def configuration(self, allocation_id: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> Mapping[str, object]:
        """Gather what the template lays out."""
        networks, inside, services = networks_of(pm), inside_of(pm), _services_of(pm)
        interval = pm.facts.get("check")
        known = [prefix.network for prefix in addresses_of(services)]
        behind = {inside: networks}
        router = router_of(pm.name, allocation_id, networks, pm.routes, ports, pm.vifs[0], behind, known)
        balancing = Balancing(
            services=services,
            addresses=tuple(map(address_text, known)),
            own=tuple(address_text(interface.address) for port in ports for interface in port.addresses),
            inside=next(index for index, port in enumerate(ports) if port.portid == inside),
            outside=tuple(index for index, port in enumerate(ports) if port.portid != inside),
            sessions=pm.facts["sessions"],
            checks=_checks(services, next(port for port in ports if port.portid == inside)) if interval else (),
            interval=interval,
            misses=MISSES,
        )
        return {"router": router, "inside": inside, "balancer": balancing}

    def transition(self, running: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> PlannedPm | None:
        """Every module has all routes; connections of what another is to have from now on end."""
        return None

    def expectations(self, plan: Plan) -> list[Probe]:
        """Send a packet from each side to each address; where no service takes it, it must be dropped."""
        return [probe for pm, host in modules_of(plan) for probe in _to_services(plan, pm, host)]


def _services_of(pm: PlannedPm) -> tuple[Service, ...]:
    return tuple(map(Service.from_dict, pm.facts["services"]))


def _checks(services: Sequence[Service], port: PlannedPort) -> tuple[Check, ...]:
    """Each server's machine once, in the order of the file, asked from an address on its network if the port has one there."""
    places: dict[int, list[tuple[int, str]]] = {}
    for number, service in enumerate(services):
        for server in service.servers:
            places.setdefault(server.address, []).append((number, str(server)))
    own = [interface.address for interface in port.addresses]
    near = {
        server: next((each.address for each in port.addresses if each.subnet.holds(server)), own[0])
        for server in places
    }
    return tuple(
        Check(address_text(server), address_text(near[server]), tuple(found)) for server, found in places.items()
    )


def _to_services(plan: Plan, pm: PlannedPm, host: str) -> Iterator[Probe]:
    inside, services = inside_of(pm), _services_of(pm)
    for port, source in strangers(plan, inside):
        for address in addresses_of(services):
            servers = [
                server
                for service in services
                if (service.address, service.protocol, service.port) == (address.network, "udp", UDP_PORT)
                for server in service.servers
            ]
            yield Probe(
                prefix=Prefix(address.network, 32),
                source_port=port.portid,
                source_mac=port.mac,
                source_address=source,
                destination=address.network,
                output_port=inside if servers else None,
                next_hop=servers[0].address if servers else None,
                pm=pm.name,
                host=host,
                counter="" if servers else UNASKED,
            )
