# SPDX-License-Identifier: Apache-2.0
"""What an operator asks of one module of a translator: reading it, and what must hold for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from ansible.module_utils.flowstream.addresses import IPV4, IPV6, Prefix, parse_prefix_text
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import pm_label, port_label, stage_label
from ansible.module_utils.flowstream.allocation.shape import choice
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.routed.body import OwnedPrefix, Route, read_owned, read_routes
from ansible.module_utils.flowstream.middleboxes.routed.rules import (
    check_behind_ports,
    check_overlaps,
    check_routes,
    route_label,
    warn_of_no_destinations,
)
from ansible.module_utils.flowstream.middleboxes.translator.declaration import (
    MAX_SESSIONS,
    POOL,
    STATEFUL,
    STATELESS,
    TRANSLATION,
)
from ansible.module_utils.flowstream.middleboxes.translator.embedding import LENGTHS, WELL_KNOWN, embedded, has_zeros

DEFAULT_SESSIONS = 65536
MOST_ADDRESSES = 256
"""That hosts of a module share: each stands in its configuration."""
_PRIVATE = tuple(map(parse_prefix_text, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")))
"""Which no prefix of everybody's may lead to (RFC 6052 3.1, RFC 6890)."""


@dataclass(frozen=True, slots=True)
class TranslatorBody:
    """A part of the translator: its prefix, if that could be read, the IPv4 addresses of IPv6 hosts, and its routes.

    `sessions` is None where none are kept. `line` is that of the element.
    """

    prefixes: tuple[OwnedPrefix, ...]
    pools: tuple[OwnedPrefix, ...]
    routes: tuple[Route, ...]
    sessions: int | None
    line: int

    @property
    def addresses(self) -> list[Prefix]:
        """The IPv4 addresses, in order."""
        return [pool.prefix for pool in self.pools]


def read_body(pm: Element, values: Values) -> TranslatorBody:
    """Read the elements of a `pm`."""
    element = next(
        (child for child in pm.children if child.name == TRANSLATION.name), Element(TRANSLATION.name, pm.line)
    )
    pools = read_owned([child for child in element.children if child.name == POOL.name], lambda one: _pool(one, values))
    sessions = values.whole(element, "sessions", 1, MAX_SESSIONS)
    if values.subtype == STATELESS and "sessions" in element.attributes:
        text = f"sessions are kept in subtype {STATEFUL} alone, got subtype {STATELESS}; remove it"
        values.error(element, "sessions", text)
    return TranslatorBody(
        prefixes=tuple(one for one in read_owned([element], lambda one: _prefix(one, values)) if one),
        pools=tuple(sorted((pool for pool in pools if pool), key=attrgetter("prefix"))),
        routes=read_routes(pm, values),
        sessions=None if values.subtype == STATELESS else sessions or DEFAULT_SESSIONS,
        line=element.line,
    )


def _prefix(element: Element, values: Values) -> Prefix | None:
    prefix = values.prefix(element)
    if prefix is None:
        return None
    if prefix.family == IPV4:
        text = f"addr is of IPv4, got {prefix}; write an IPv6 prefix, as in {WELL_KNOWN}"
        values.error(element, "addr", text)
    elif prefix.length not in LENGTHS:
        text = f"mask is no length that IPv4 addresses are embedded behind, got {prefix.length}"
        values.error(element, "mask", f"{text}; use {choice(map(str, LENGTHS))} (RFC 6052 2.2)")
    elif not has_zeros(prefix):
        text = f"addr has other bits than 0 from bit 64 to 71, got {prefix}; write 0 there (RFC 6052 2.2)"
        values.error(element, "addr", text)
    else:
        return prefix
    return None


def _pool(element: Element, values: Values) -> Prefix | None:
    prefix = values.network(element)
    if prefix is not None and prefix.family == IPV6:
        text = f"addr is of IPv6, got {prefix}; write IPv4 addresses, as in 203.0.113.0"
        values.error(element, "addr", text)
        return None
    return prefix


def check_translator(allocation: Allocation, findings: Findings) -> None:
    """Note every broken rule."""
    for family, name, spoken in (
        (IPV4, "address", [port.addresses for port in allocation.ports]),
        (IPV6, "address6", [port.addresses6 for port in allocation.ports]),
    ):
        if allocation.ports and not any(spoken):
            text = f"no port speaks IPv{family}, got {len(allocation.ports)} without {name}; give one an {name}"
            findings.error(allocation.line, allocation.allocation_id, text)
    for stage in allocation.stages:
        text = f"cannot stand before type {allocation.type}, got type {stage.type}; remove the stage"
        findings.error(stage.line, stage_label(stage), text)
    check_overlaps(
        allocation.pms, lambda pm: pm.body.prefixes, TRANSLATION.name, "give each pm a prefix of its own", findings
    )
    check_overlaps(allocation.pms, lambda pm: pm.body.pools, POOL.name, "give every address to one pm", findings)
    ports = {port.portid: port for port in allocation.ports}
    for pm in allocation.pms:
        body: TranslatorBody = pm.body
        check_routes(pm, body.routes, ports, findings)
        _check_pools(allocation, body, findings)
        if body.sessions is not None:
            _check_amount(pm, body, findings)
        for own in body.prefixes:
            _check_prefix(allocation, body, own.prefix, findings)
            if body.sessions is None:
                _check_hosts(pm, body, own.prefix, findings)
    if not findings.errors:
        for pm in allocation.pms:
            _warn_of_private(pm.body, findings)
            warn_of_no_destinations(pm.body.routes, findings)


def _check_amount(pm: ProcessingModule, body: TranslatorBody, findings: Findings) -> None:
    amount = sum(1 << (32 - pool.length) for pool in body.addresses)
    if amount > MOST_ADDRESSES:
        text = (
            f"has too many addresses, got {amount} in {pm_label(pm)}; share at most {MOST_ADDRESSES}, or use another pm"
        )
        findings.error(body.line, TRANSLATION.name, text)


def _check_pools(allocation: Allocation, body: TranslatorBody, findings: Findings) -> None:
    """The addresses are nobody else's, and others have a route for them: nobody answers ARP for them."""
    for pool in body.pools:
        label = f"{POOL.name} {pool.prefix}"
        check_behind_ports(allocation.ports, pool.prefix, pool.line, label, findings)
        for route in body.routes:
            if pool.prefix.contains(route.prefix):
                text = f"leads to addresses that are translated, got {route.prefix} in {pool.prefix}; remove it"
                findings.error(route.line, route_label(route), text)


def _check_prefix(allocation: Allocation, body: TranslatorBody, prefix: Prefix, findings: Findings) -> None:
    """What goes to it is translated, and nothing else."""
    for port in allocation.ports:
        for subnet in (interface.subnet for interface in port.addresses6):
            if prefix.contains(subnet) or subnet.contains(prefix):
                text = f"overlaps {subnet} of {port_label(port)} on line {port.line}, got {prefix}"
                findings.error(body.line, f"{TRANSLATION.name} {prefix}", f"{text}; use one that is on no link")
    for route in body.routes:
        if not prefix.contains(route.prefix):
            continue
        hosts = [embedded(prefix, pool) for pool in body.addresses] if body.sessions is None else []
        if not any(one.contains(route.prefix) for one in hosts):
            where = f"{POOL.name}s in it" if body.sessions is None else "other prefixes"
            text = f"leads past the translation, got {route.prefix} in {prefix}; keep to {where}"
            findings.error(route.line, route_label(route), text)


def _check_hosts(pm: ProcessingModule, body: TranslatorBody, prefix: Prefix, findings: Findings) -> None:
    """Where nothing is kept, the hosts of the addresses are behind a route."""
    for pool in body.pools:
        hosts = embedded(prefix, pool.prefix)
        if not _led(hosts, body.routes):
            text = f"has hosts that no route of {pm_label(pm)} leads to, got {pool.prefix}; add a forwardingentry to {hosts}"
            findings.error(pool.line, f"{POOL.name} {pool.prefix}", text)


def _led(hosts: Prefix, routes: Iterable[Route]) -> bool:
    return any(hosts.contains(route.prefix) for route in routes)


def _warn_of_private(body: TranslatorBody, findings: Findings) -> None:
    for route in body.routes if WELL_KNOWN in (own.prefix for own in body.prefixes) else ():
        if any(private.contains(route.prefix) for private in _PRIVATE):
            text = f"is private, where {WELL_KNOWN} must not lead (RFC 6052 3.1), got {route.prefix}"
            findings.warning(route.line, route_label(route), f"{text}; use a prefix of your own, or in 64:ff9b:1::/48")
