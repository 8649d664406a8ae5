# SPDX-License-Identifier: Apache-2.0
"""The subscriber edge as a type of processing: one-arm modules, each with subscribers of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.bng.body import BngBody, check_bng, read_body
from ansible.module_utils.flowstream.middleboxes.bng.declaration import DECLARATION
from ansible.module_utils.flowstream.middleboxes.bng.subscriber import Subscriber
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Cost
from ansible.module_utils.flowstream.middleboxes.routed.configuration import resolve_routes, router_of
from ansible.module_utils.flowstream.middleboxes.routed.counters import NEIGHBOURS, NO_ROUTE, counters
from ansible.module_utils.flowstream.middleboxes.routed.crossing import modules_of, strangers
from ansible.module_utils.flowstream.middleboxes.routed.expectations import destinations, own_addresses
from ansible.module_utils.flowstream.middleboxes.routed.networks import (
    inside_of,
    inward_claims,
    networks_facts,
    networks_of,
    outward_claims,
)
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute
from ansible.module_utils.flowstream.plan.vif import TAGGED
from ansible.module_utils.flowstream.traffic.probe import Probe

FORGED, STRANGE, NOBODY = "forged.count", "strange.count", "nobody.count"
"""What comes by a subscriber's VLAN from another address, by no VLAN of a subscriber, and what goes to an address that none has."""


class SubscriberEdge:
    """The Middlebox whose allocations have type `bng`."""

    declaration = DECLARATION
    arms = ("eth0",)
    counters = counters(
        {FORGED: "forged source", STRANGE: "unknown VLAN", NOBODY: "no subscriber"},
        drops=(NO_ROUTE, FORGED, STRANGE, NOBODY),
    )
    cost = Cost(memory_mib={"process": 128, "clickos": 96, "linux_guest": 192}, packet_ns=0)
    state: tuple[str, ...] = ()
    knows = "the packets in its queues"
    learned = NEIGHBOURS

    def read(self, pm: Element, values: Values) -> BngBody:
        """Read networks, subscribers and routes of a module."""
        return read_body(pm, values)

    def check(self, allocation: Allocation, findings: Findings) -> None:
        """Note VLANs and addresses of two subscribers, addresses that are elsewhere, and routes that lead past the module."""
        check_bng(allocation, findings)

    def plan(self, body: BngBody, ports: Sequence[PlannedPort]) -> Body:
        """Claim both directions of the networks, and give each route its next hop."""
        inside = body.networks.port
        claims = [*outward_claims(body.networks), *inward_claims(body.networks.prefixes, inside, ports)]
        asked = (PlannedRoute(route.prefix, route.gateway, route.port) for route in body.routes)
        facts = {**networks_facts(body.networks), "subscribers": [str(one) for one in body.subscribers], TAGGED: inside}
        return Body(tuple(claims), resolve_routes(asked, ports), facts)

    def configuration(self, allocation_id: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> Mapping[str, object]:
        """Gather what the template lays out."""
        networks, inside = networks_of(pm), inside_of(pm)
        router = router_of(pm.name, allocation_id, networks, pm.routes, ports, pm.vifs[0], {inside: networks})
        (access,) = (port for port in router.ports if port.portid == inside)
        gates = [f"{address.address:08x}" for port in ports if port.portid == inside for address in port.addresses]
        return {"router": router, "access": access, "gate_digits": gates, "subscribers": _subscribers_of(pm)}

    def transition(self, running: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> PlannedPm | None:
        """Every module has all routes."""
        return None

    def expectations(self, plan: Plan) -> list[Probe]:
        """Send packets of a subscriber of each module out, one as somebody else, and one to an address that no subscriber has."""
        return [
            probe for pm, host in modules_of(plan) for probe in (*_outward(plan, pm, host), *_to_nobody(plan, pm, host))
        ]


def _subscribers_of(pm: PlannedPm) -> tuple[Subscriber, ...]:
    return tuple(map(Subscriber.parse, pm.facts["subscribers"]))


def _outward(plan: Plan, pm: PlannedPm, host: str) -> Iterator[Probe]:
    """Yield a packet of the first subscriber along every route that leads out, and one by another VLAN with its address."""
    inside, subscribers = inside_of(pm), _subscribers_of(pm)
    first = min(subscribers, key=lambda one: one.address)
    (mac,) = (port.mac for port in plan.ports if port.portid == inside)
    others = [one.vlan for one in subscribers if one is not first]
    for route, destination in destinations(pm, own_addresses(plan.ports)):
        for vlan in (first.vlan, *others[:1]) if route.port != inside else ():
            out = vlan == first.vlan
            hop = destination if route.gateway is None else route.gateway
            yield Probe(
                prefix=route.prefix,
                source_port=inside,
                source_mac=mac,
                source_address=first.address,
                destination=destination,
                output_port=route.port if out else None,
                next_hop=hop if out else None,
                pm=pm.name,
                host=host,
                counter="" if out else FORGED,
                vlan=vlan,
            )


def _to_nobody(plan: Plan, pm: PlannedPm, host: str) -> Iterator[Probe]:
    own = own_addresses(plan.ports) | {one.address for one in _subscribers_of(pm)}
    for port, source in strangers(plan, inside_of(pm)):
        for network in networks_of(pm):
            silent = next((at for at in range(network.last - 1, network.network, -1) if at not in own), None)
            if silent is not None:
                yield Probe(network, port.portid, port.mac, source, silent, None, None, pm.name, host, NOBODY)
