# SPDX-License-Identifier: Apache-2.0
"""The NAT as a type of processing: one-arm modules, each before networks of its own and with public addresses of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import Prefix, address_text, parse_prefix_text
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Cost, Share
from ansible.module_utils.flowstream.middleboxes.nat.blocks import Block, blocks
from ansible.module_utils.flowstream.middleboxes.nat.body import NatBody, check_nat, read_body
from ansible.module_utils.flowstream.middleboxes.nat.declaration import DECLARATION
from ansible.module_utils.flowstream.middleboxes.routed.configuration import resolve_routes, router_of
from ansible.module_utils.flowstream.middleboxes.routed.counters import NEIGHBOURS, NO_ROUTE, counters
from ansible.module_utils.flowstream.middleboxes.routed.crossing import modules_of, outward_probes, strangers
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

UNASKED, UNTRANSLATED = "unasked.count", "untranslated.count"
"""What came from outside and belongs to nothing, and what came from inside and cannot be translated."""


@dataclass(frozen=True, slots=True)
class Translation:
    """All that the template spells besides its router: the subscribers' blocks, and who is not translated.

    `own` are the router's addresses, `inside` and `outside` the indices of the ports.
    """

    blocks: tuple[Block, ...]
    networks: tuple[Prefix, ...]
    pools: tuple[Prefix, ...]
    own: tuple[str, ...]
    inside: int
    outside: tuple[int, ...]
    sessions: int


class Nat:
    """The Middlebox whose allocations have type `nat`."""

    declaration = DECLARATION
    arms = ("eth0",)
    counters = counters(
        {
            UNASKED: "nobody asked",
            UNTRANSLATED: "not translated",
            "hairpins.count": "to subscribers",
            "flows.nmappings": "sessions",
            "flows.mapping_failures": "no port left",
            "pings.nmappings": "pings",
            "pings.mapping_failures": "no ping left",
        },
        drops=(NO_ROUTE, UNASKED),
    )
    cost = Cost(memory_mib={"process": 128, "clickos": 96, "linux_guest": 192}, packet_ns=185)
    state = ("flows.state", "pings.state")
    knows = "the mappings of its connections"
    learned = NEIGHBOURS

    def read(self, pm: Element, values: Values) -> NatBody:
        """Read networks, public addresses and routes of a module."""
        return read_body(pm, values)

    def check(self, allocation: Allocation, findings: Findings) -> None:
        """Note overlaps, subscribers without ports, and routes that lead past the module."""
        check_nat(allocation, findings)

    def plan(self, body: NatBody, ports: Sequence[PlannedPort]) -> Body:
        """Claim what comes from the networks and what goes to the public addresses, and give each subscriber its block."""
        inside = body.networks.port
        claims = [*outward_claims(body.networks), *inward_claims(body.public, inside, ports)]
        asked = (PlannedRoute(route.prefix, route.gateway, route.port) for route in body.routes)
        given = blocks(body.networks.prefixes, body.subscriber, body.public, body.ports)
        facts = {
            **networks_facts(body.networks),
            "pools": [str(pool) for pool in body.public],
            "blocks": [str(block) for block in given],
            "sessions": body.sessions,
        }
        return Body(tuple(claims), resolve_routes(asked, ports), facts)

    def configuration(self, allocation_id: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> Mapping[str, object]:
        """Gather what the template lays out."""
        networks, inside, pools = networks_of(pm), inside_of(pm), tuple(map(parse_prefix_text, pm.facts["pools"]))
        behind = {inside: (*networks, *pools)}
        router = router_of(pm.name, allocation_id, networks, pm.routes, ports, pm.vifs[0], behind)
        translation = Translation(
            blocks=tuple(map(Block.parse, pm.facts["blocks"])),
            networks=networks,
            pools=pools,
            own=tuple(address_text(interface.address) for port in ports for interface in port.addresses),
            inside=next(index for index, port in enumerate(ports) if port.portid == inside),
            outside=tuple(index for index, port in enumerate(ports) if port.portid != inside),
            sessions=pm.facts["sessions"],
        )
        return {"router": router, "inside": inside, "nat": translation}

    def share_at(self, pm: PlannedPm, address: int, port: int) -> Share | None:
        """Look for the block in the plan."""
        for block in map(Block.parse, pm.facts["blocks"]):
            if block.address == address and block.first <= port <= block.last:
                return Share(block.subscriber, block.first, block.last)
        return None

    def transition(self, running: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> PlannedPm | None:
        """Every module has all routes; sessions of what another is to have from now on end."""
        return None

    def expectations(self, plan: Plan) -> list[Probe]:
        """Send a packet out of each network along every way, and one that nobody asked for to the public addresses."""
        return [
            probe
            for pm, host in modules_of(plan)
            for probe in (*outward_probes(plan, pm, host, lambda *_: True), *_unasked(plan, pm, host))
        ]


def _unasked(plan: Plan, pm: PlannedPm, host: str) -> Iterator[Probe]:
    for port, source in strangers(plan, inside_of(pm)):
        for pool in map(parse_prefix_text, pm.facts["pools"]):
            yield Probe(
                prefix=pool,
                source_port=port.portid,
                source_mac=port.mac,
                source_address=source,
                destination=pool.network,
                output_port=None,
                next_hop=None,
                pm=pm.name,
                host=host,
                counter=UNASKED,
            )
