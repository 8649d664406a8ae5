# SPDX-License-Identifier: Apache-2.0
"""Packets that cross a module which stands before networks, for a verification to send."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ansible.module_utils.flowstream.addresses import IPV4
from ansible.module_utils.flowstream.middleboxes.routed.expectations import (
    destinations,
    first_host,
    interfaces,
    own_addresses,
)
from ansible.module_utils.flowstream.middleboxes.routed.networks import inside_of, networks_of
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.traffic.probe import Probe


def modules_of(plan: Plan) -> list[tuple[PlannedPm, str]]:
    """Every module of the allocation's own, which no stage has, with its host, by number."""
    found = [(pm, name) for name, host in plan.hosts.items() for pm in host.pms if pm.stage is None]
    return sorted(found, key=lambda each: each[0].pm_id)


def outward_probes(
    plan: Plan, pm: PlannedPm, host: str, passes: Callable[[int, int, int], bool], counter: str = ""
) -> Iterator[Probe]:
    """Yield a packet from each network along each route that leads out; `counter` counts it if it does not pass.

    `passes` judges it by its source, its destination and their family.
    """
    inside = inside_of(pm)
    (mac,) = (port.mac for port in plan.ports if port.portid == inside)
    for network in networks_of(pm):
        own = own_addresses(plan.ports, network.family)
        source = first_host([network], own)
        for route, destination in destinations(pm, own, network.family):
            if source is None or route.port == inside:
                continue
            out = passes(source, destination, network.family)
            hop = destination if route.gateway is None else route.gateway
            yield Probe(
                prefix=route.prefix,
                source_port=inside,
                source_mac=mac,
                source_address=source,
                destination=destination,
                output_port=route.port if out else None,
                next_hop=hop if out else None,
                pm=pm.name,
                host=host,
                counter="" if out else counter,
                family=network.family,
            )


def strangers(plan: Plan, inside: int, family: int = IPV4) -> Iterator[tuple[PlannedPort, int]]:
    """Yield a neighbour of a family at each port but the inside one, as far as there is an address."""
    own = own_addresses(plan.ports, family)
    for port in plan.ports:
        source = first_host((interface.subnet for interface in interfaces(port, family)), own)
        if port.portid != inside and source is not None:
            yield port, source
