# SPDX-License-Identifier: Apache-2.0
"""The translator between IPv6 and IPv4 as a type of processing: one-arm modules, each with a prefix and IPv4 addresses of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ansible.module_utils.flowstream.addresses import Prefix, address_text, parse_prefix_text
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Cost
from ansible.module_utils.flowstream.middleboxes.routed.configuration import Router, resolve_routes, router_of
from ansible.module_utils.flowstream.middleboxes.routed.counters import COUNTERS6, NEIGHBOURS, NO_ROUTE, counters
from ansible.module_utils.flowstream.middleboxes.translator.body import TranslatorBody, check_translator, read_body
from ansible.module_utils.flowstream.middleboxes.translator.declaration import DECLARATION
from ansible.module_utils.flowstream.middleboxes.translator.embedding import embedded
from ansible.module_utils.flowstream.middleboxes.translator.expectations import (
    FORGED,
    addresses_of,
    prefix_of,
    probes,
)
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute
from ansible.module_utils.flowstream.traffic.probe import Probe


@dataclass(frozen=True, slots=True)
class Translation:
    """All that the template spells besides its router.

    `hosts` are the prefixes that the addresses of hosts are in where each has its own; else `shared` are the addresses of all, and
    `sessions` is how many they may have. `address` and `address6` are those that the router tells of errors from, in what was translated.
    """

    prefix: Prefix
    shared: tuple[str, ...]
    hosts: tuple[Prefix, ...]
    sessions: int | None
    address: str
    address6: str


class Translator:
    """The Middlebox whose allocations have type `translator`."""

    declaration = DECLARATION
    arms = ("eth0",)
    counters = counters(
        {
            FORGED: "of no host",
            "translation.drops": "not translated",
            "translation46.drops": "not translated",
            "translation64.drops": "not translated",
            "translation.count": "sessions",
        },
        drops=(NO_ROUTE, FORGED),
    ).with_more(COUNTERS6)
    cost = Cost(memory_mib={"process": 128, "clickos": 96, "linux_guest": 192}, packet_ns=300)
    # One that keeps nothing has no such element.
    state = ("translation.state",)
    knows = "which host has which port"
    learned = NEIGHBOURS

    def read(self, pm: Element, values: Values) -> TranslatorBody:
        """Read prefix, addresses and routes of a module."""
        return read_body(pm, values)

    def check(self, allocation: Allocation, findings: Findings) -> None:
        """Note overlaps, ports that do not speak, and routes that lead past the module."""
        check_translator(allocation, findings)

    def plan(self, body: TranslatorBody, ports: Sequence[PlannedPort]) -> Body:
        """Claim what goes to the prefix and to the IPv4 addresses."""
        (own,) = body.prefixes
        claims = [*map(Claim, body.addresses), Claim(own.prefix)]
        asked = (PlannedRoute(route.prefix, route.gateway, route.port) for route in body.routes)
        facts = {
            "prefix": str(own.prefix),
            "pools": [str(pool) for pool in body.addresses],
            **({} if body.sessions is None else {"sessions": body.sessions}),
        }
        return Body(tuple(claims), resolve_routes(asked, ports), facts)

    def configuration(self, allocation_id: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> Mapping[str, object]:
        """Gather what the template lays out."""
        prefix, pools, sessions = prefix_of(pm), addresses_of(pm), pm.facts.get("sessions")
        destinations = tuple(claim.destination for claim in pm.claims)
        router = router_of(pm.name, allocation_id, destinations, pm.routes, ports, pm.vifs[0])
        hosts = tuple(embedded(prefix, pool) for pool in pools) if sessions is None else ()
        shared = [address for pool in pools for address in range(pool.network, pool.last + 1)] if sessions else []
        translation = Translation(
            prefix=prefix,
            shared=tuple(map(address_text, shared)),
            hosts=hosts,
            sessions=sessions,
            address=next(port.address for port in router.ports if port.address),
            address6=next(port.address6 for port in router.ports if port.address6),
        )
        return {"router": _with_translation(router, prefix, pools, hosts), "translation": translation}

    def transition(self, running: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> PlannedPm | None:
        """Every module has all routes; sessions of what another is to have from now on end."""
        return None

    def expectations(self, plan: Plan) -> list[Probe]:
        """Send packets of each family to the other one, and some that must not be translated."""
        return probes(plan)


def _with_translation(router: Router, prefix: Prefix, pools: Sequence[Prefix], hosts: Sequence[Prefix]) -> Router:
    """The router with an output more of both lookups, by which goes what is to be translated.

    What goes to hosts that no route leads to would be translated again and again, and goes nowhere.
    """
    nowhere, output = len(router.ports), len(router.ports) + 2
    led = {parse_prefix_text(entry.split()[0]) for entry in router.lookup6}
    lookup6 = [f"{prefix} {output}", *(f"{one} {nowhere}" for one in hosts if one not in led)]
    return replace(
        router,
        lookup=(*router.lookup, *(f"{pool} {output}" for pool in pools)),
        lookup6=(*router.lookup6, *lookup6),
        martians=(*router.martians, *pools),
        martians6=(*router.martians6, *(() if hosts else (prefix,))),
    )
