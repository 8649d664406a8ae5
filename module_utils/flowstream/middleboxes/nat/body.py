# SPDX-License-Identifier: Apache-2.0
"""What an operator asks of one module of a NAT: reading it, and what must hold for it."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter

from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import pm_label
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.nat.blocks import PORTS, count_blocks, count_subscribers
from ansible.module_utils.flowstream.middleboxes.nat.declaration import MAX_SESSIONS, NAT, POOL
from ansible.module_utils.flowstream.middleboxes.routed.body import OwnedPrefix, Route, read_owned, read_routes
from ansible.module_utils.flowstream.middleboxes.routed.networks import Networks, check_networks, read_networks
from ansible.module_utils.flowstream.middleboxes.routed.rules import check_behind_ports, check_overlaps, route_label

DEFAULT_PORTS, DEFAULT_SUBSCRIBER, DEFAULT_SESSIONS = 1024, 32, 65536
MOST_SUBSCRIBERS = 4096
"""Of one module: each is an input of its rewriters."""


@dataclass(frozen=True, slots=True)
class NatBody:
    """A part of the NAT: its networks, its routes, and its public addresses with what a subscriber gets of them.

    `is_whole` says that all could be read.
    """

    networks: Networks
    routes: tuple[Route, ...]
    pools: tuple[OwnedPrefix, ...]
    ports: int
    subscriber: int
    sessions: int
    line: int
    is_whole: bool

    @property
    def public(self) -> list[Prefix]:
        """The public addresses, in order."""
        return [pool.prefix for pool in self.pools]


def read_body(pm: Element, values: Values) -> NatBody:
    """Read the elements of a `pm`."""
    nat = next((child for child in pm.children if child.name == NAT.name), Element(NAT.name, pm.line))
    pools = read_owned([child for child in nat.children if child.name == POOL.name], values.network)
    numbers = {
        name: values.whole(nat, name, 1, most)
        for name, most in (("ports", PORTS), ("subscriber", 32), ("sessions", MAX_SESSIONS))
    }
    return NatBody(
        networks=read_networks(pm, values),
        routes=read_routes(pm, values),
        pools=tuple(sorted((pool for pool in pools if pool), key=attrgetter("prefix"))),
        ports=numbers["ports"] or DEFAULT_PORTS,
        subscriber=numbers["subscriber"] or DEFAULT_SUBSCRIBER,
        sessions=numbers["sessions"] or DEFAULT_SESSIONS,
        line=nat.line,
        is_whole=all(pools) and all(numbers[name] for name in numbers if name in nat.attributes),
    )


def check_nat(allocation: Allocation, findings: Findings) -> None:
    """Note every broken rule."""
    check_networks(allocation, findings)
    check_overlaps(allocation.pms, lambda pm: pm.body.pools, POOL.name, "give every public address to one pm", findings)
    for pm in allocation.pms:
        body: NatBody = pm.body
        if body.is_whole and body.networks.is_whole:
            _check_subscribers(pm, body, findings)
        _check_pools(allocation, body, findings)


def _check_subscribers(pm: ProcessingModule, body: NatBody, findings: Findings) -> None:
    """There are blocks for all, and no network is smaller than a subscriber."""
    small = [one for one in body.networks.owned if one.prefix.length > body.subscriber]
    for one in small:
        text = f"is smaller than a subscriber of length {body.subscriber}, got {one.prefix}"
        findings.error(
            one.line, f"subnet {one.prefix}", f"{text}; write a larger one, or subscriber {one.prefix.length}"
        )
    if small or not body.pools:
        return
    subscribers = count_subscribers(body.networks.prefixes, body.subscriber)
    available = count_blocks(body.public, body.ports)
    if subscribers > MOST_SUBSCRIBERS:
        text = f"has too many subscribers, got {subscribers} in {pm_label(pm)}"
        advice = (
            f"use at most {MOST_SUBSCRIBERS}: share the networks among modules, or make a subscriber a shorter prefix"
        )
        findings.error(body.line, NAT.name, f"{text}; {advice}")
    elif subscribers > available:
        text = f"has too few public ports, got {subscribers} subscribers in {pm_label(pm)} for {available} blocks of {body.ports}"
        findings.error(body.line, NAT.name, f"{text}; add addresses to the pool, or give a subscriber fewer ports")


def _check_pools(allocation: Allocation, body: NatBody, findings: Findings) -> None:
    """Public addresses are nobody else's, and others have a route for them: nobody answers ARP for them."""
    for pool in body.pools:
        label = f"pool {pool.prefix}"
        check_behind_ports(allocation.ports, pool.prefix, pool.line, label, findings)
        for pm in allocation.pms:
            for one in pm.body.networks.owned:
                if one.prefix.contains(pool.prefix) or pool.prefix.contains(one.prefix):
                    text = f"overlaps network {one.prefix} on line {one.line}, got {pool.prefix}"
                    findings.error(pool.line, label, f"{text}; use public addresses")
        for route in body.routes:
            if pool.prefix.contains(route.prefix):
                text = f"leads to public addresses of the module itself, got {route.prefix} in {pool.prefix}; remove it"
                findings.error(route.line, route_label(route), text)
