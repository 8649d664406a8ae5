# SPDX-License-Identifier: Apache-2.0
"""The load-balancing IP router as a type of processing: one-arm modules, each with a part of the destinations or of the flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Cost
from ansible.module_utils.flowstream.middleboxes.routed.configuration import resolve_routes, router_of
from ansible.module_utils.flowstream.middleboxes.routed.counters import COUNTERS6, NEIGHBOURS, counters
from ansible.module_utils.flowstream.middleboxes.router.body import RouterBody, part_of, read_body
from ansible.module_utils.flowstream.middleboxes.router.declaration import DECLARATION
from ansible.module_utils.flowstream.middleboxes.router.expectations import probes
from ansible.module_utils.flowstream.middleboxes.router.rules import check_router
from ansible.module_utils.flowstream.middleboxes.router.transition import both_tables
from ansible.module_utils.flowstream.offload.spare import FACT
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute
from ansible.module_utils.flowstream.traffic.probe import Probe


class IpRouter:
    """The Middlebox whose allocations have type `fastiprouter`."""

    declaration = DECLARATION
    arms = ("eth0",)
    counters = counters().with_more(COUNTERS6)
    cost = Cost(memory_mib={"process": 64, "clickos": 32, "linux_guest": 128}, packet_ns=115)
    state: tuple[str, ...] = ()
    knows = ""
    learned = NEIGHBOURS

    def read(self, pm: Element, values: Values) -> RouterBody:
        """Read the prefixes and routes of a module."""
        return read_body(pm, values)

    def check(self, allocation: Allocation, findings: Findings) -> None:
        """Note overlaps, and routes that lead astray."""
        check_router(allocation, findings)

    def plan(self, body: RouterBody, ports: Sequence[PlannedPort]) -> Body:
        """Claim the destinations, and give each route its next hop."""
        asked = (PlannedRoute(route.prefix, route.gateway, route.port) for route in body.routes)
        claims = tuple(Claim(owned.prefix, dealt=body.shares_flows) for owned in body.prefixes)
        facts = {} if body.spill is None else {FACT: body.spill.spare(ports).to_dict()}
        return Body(claims, resolve_routes(asked, ports), facts)

    def part(self, body: RouterBody, prefix: Prefix) -> RouterBody:
        """Give away destinations with the routes to them."""
        return part_of(body, prefix)

    def configuration(self, allocation_id: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> Mapping[str, object]:
        """Gather what the template lays out."""
        prefixes = tuple(claim.destination for claim in pm.claims)
        return {"router": router_of(pm.name, allocation_id, prefixes, pm.routes, ports, pm.vifs[0])}

    def transition(self, running: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> PlannedPm | None:
        """Keep the routes of now to what is given away."""
        return both_tables(running, pm, ports)

    def expectations(self, plan: Plan) -> list[Probe]:
        """Send a packet along each route, and two that must be dropped."""
        return probes(plan)
