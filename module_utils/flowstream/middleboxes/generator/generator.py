# SPDX-License-Identifier: Apache-2.0
"""The traffic generator as a type of processing: one-arm modules, each with an address that it sends from and that answers go to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ansible.module_utils.flowstream.addresses import IPV4, Prefix, address_text, parse_address, uncovered
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.generator.body import (
    GeneratorBody,
    Sending,
    check_generator,
    read_body,
)
from ansible.module_utils.flowstream.middleboxes.generator.declaration import DECLARATION, REFLECTOR_PORT
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Cost
from ansible.module_utils.flowstream.middleboxes.routed.configuration import resolve_routes, router_of
from ansible.module_utils.flowstream.middleboxes.routed.counters import NEIGHBOURS, NO_ROUTE, counters
from ansible.module_utils.flowstream.middleboxes.routed.crossing import modules_of, strangers
from ansible.module_utils.flowstream.middleboxes.routed.expectations import first_host, own_addresses
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute
from ansible.module_utils.flowstream.traffic.frames import UDP_PORT
from ansible.module_utils.flowstream.traffic.probe import Probe

DISCARDED = "discarded.count"
"""What came to the discard port."""
_NO_PORT = -1


class Generator:
    """The Middlebox whose allocations have type `generator`."""

    declaration = DECLARATION
    arms = ("eth0",)
    counters = counters(
        {DISCARDED: "to be discarded", "reflected.count": "sent back", "ignored.count": "not asked for"},
        drops=(NO_ROUTE, DISCARDED),
    )
    cost = Cost(memory_mib={"process": 64, "clickos": 32, "linux_guest": 128}, packet_ns=0)
    state: tuple[str, ...] = ()
    knows = "its counts"
    learned = NEIGHBOURS

    def read(self, pm: Element, values: Values) -> GeneratorBody:
        """Read address, streams and routes of a module."""
        return read_body(pm, values)

    def check(self, allocation: Allocation, findings: Findings) -> None:
        """Note addresses that nobody reaches, and streams without a route."""
        check_generator(allocation, findings)

    def plan(self, body: GeneratorBody, ports: Sequence[PlannedPort]) -> Body:
        """Claim what goes to the address."""
        address = body.address or 0
        asked = (PlannedRoute(route.prefix, route.gateway, route.port) for route in body.routes)
        facts = {"address": address_text(address), "sends": [str(sending) for sending in body.sendings]}
        return Body((Claim(Prefix(address, 32)),), resolve_routes(asked, ports), facts)

    def configuration(self, allocation_id: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> Mapping[str, object]:
        """Gather what the template lays out."""
        own = Prefix(_address_of(pm), 32)
        router = router_of(pm.name, allocation_id, (own,), pm.routes, ports, pm.vifs[0])
        output = len(router.ports) + 2
        router = replace(router, lookup=(*router.lookup, f"{own} {output}"), martians=(*router.martians, own))
        return {
            "router": router,
            "address": pm.facts["address"],
            "sends": tuple(map(Sending.parse, pm.facts["sends"])),
            "reflector": REFLECTOR_PORT,
            "discard": UDP_PORT,
        }

    def transition(self, running: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> PlannedPm | None:
        """Every module has all routes."""
        return None

    def expectations(self, plan: Plan) -> list[Probe]:
        """Send packets to each address, to the discard port, and one to an address that is no module's: nothing passes."""
        modules = modules_of(plan)
        found = [probe for pm, host in modules for probe in _to_address(plan, pm, host)]
        return [*found, *_beyond(plan, [Prefix(_address_of(pm), 32) for pm, _ in modules])]


def _address_of(pm: PlannedPm) -> int:
    return parse_address("address", pm.facts["address"])


def _to_address(plan: Plan, pm: PlannedPm, host: str) -> Iterator[Probe]:
    address = _address_of(pm)
    for port, source in strangers(plan, _NO_PORT):
        prefix = Prefix(address, 32)
        yield Probe(prefix, port.portid, port.mac, source, address, None, None, pm.name, host, DISCARDED)


def _beyond(plan: Plan, claimed: Sequence[Prefix]) -> Iterator[Probe]:
    destination = first_host(uncovered(claimed, IPV4), own_addresses(plan.ports))
    if destination is not None:
        for port, source in strangers(plan, _NO_PORT):
            yield Probe(None, port.portid, port.mac, source, destination, None, None, None, None)
