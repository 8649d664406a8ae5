# SPDX-License-Identifier: Apache-2.0
"""The firewall as a type of processing: one-arm modules, each before networks of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.firewall.body import FirewallBody, check_firewall, read_body
from ansible.module_utils.flowstream.middleboxes.firewall.configuration import firewall_of
from ansible.module_utils.flowstream.middleboxes.firewall.declaration import DECLARATION
from ansible.module_utils.flowstream.middleboxes.firewall.expectations import (
    EXTENDED6,
    REFUSED,
    REJECTED,
    probes,
)
from ansible.module_utils.flowstream.middleboxes.firewall.policy import Policy
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Cost, Counters
from ansible.module_utils.flowstream.middleboxes.routed.configuration import resolve_routes, router_of
from ansible.module_utils.flowstream.middleboxes.routed.counters import COUNTERS6, NEIGHBOURS, NO_ROUTE, counters
from ansible.module_utils.flowstream.middleboxes.routed.networks import (
    inside_of,
    inward_claims,
    networks_facts,
    networks_of,
    outward_claims,
)
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute
from ansible.module_utils.flowstream.traffic.probe import Probe


class Firewall:
    """The Middlebox whose allocations have type `firewall`."""

    declaration = DECLARATION
    arms = ("eth0",)
    counters = counters(
        {
            REFUSED: "denied",
            REJECTED: "no connection",
            "firewall.connections": "connections",
            "firewall.evicted": "made room",
        },
        drops=(NO_ROUTE, REFUSED, REJECTED),
    ).with_more(COUNTERS6.with_more(Counters((EXTENDED6,), titles={EXTENDED6: "extension headers"})))
    cost = Cost(memory_mib={"process": 96, "clickos": 64, "linux_guest": 160}, packet_ns=190)
    # A stateless one has no such element.
    state = ("firewall.state",)
    knows = "the connections that it has let in"
    learned = NEIGHBOURS

    def read(self, pm: Element, values: Values) -> FirewallBody:
        """Read networks, policy and routes of a module."""
        return read_body(pm, values)

    def check(self, allocation: Allocation, findings: Findings) -> None:
        """Note overlaps, rules that nothing matches, and routes that lead past the module."""
        check_firewall(allocation, findings)

    def plan(self, body: FirewallBody, ports: Sequence[PlannedPort]) -> Body:
        """Claim both directions of the networks, and give each route its next hop."""
        inside = body.networks.port
        claims = [*outward_claims(body.networks), *inward_claims(body.networks.prefixes, inside, ports)]
        asked = (PlannedRoute(route.prefix, route.gateway, route.port) for route in body.routes)
        facts = {**networks_facts(body.networks), "policy": body.policy.to_dict()}
        return Body(tuple(claims), resolve_routes(asked, ports), facts)

    def configuration(self, allocation_id: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> Mapping[str, object]:
        """Gather what the template lays out."""
        networks, inside = networks_of(pm), inside_of(pm)
        router = router_of(pm.name, allocation_id, networks, pm.routes, ports, pm.vifs[0], {inside: networks})
        policy, portids = Policy.from_dict(pm.facts["policy"]), [port.portid for port in ports]
        firewall = firewall_of(policy, inside, portids, has_ipv6=bool(router.lookup6))
        return {"router": router, "inside": inside, "firewall": firewall}

    def transition(self, running: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> PlannedPm | None:
        """Every module has all routes; what another is to have from now on, it judges by its own policy until then."""
        return None

    def expectations(self, plan: Plan) -> list[Probe]:
        """Send a packet out of each network and into it, along every way."""
        return probes(plan)
