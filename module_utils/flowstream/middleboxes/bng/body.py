# SPDX-License-Identifier: Apache-2.0
"""What an operator asks of one module of a subscriber edge: reading it, and what must hold for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import address_text
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation, Port, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import pm_label, port_label, repeated, stage_label
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.bng.declaration import (
    MAX_RATE,
    MAX_VLAN,
    SUBSCRIBER,
    SUBSCRIBERS,
)
from ansible.module_utils.flowstream.middleboxes.bng.subscriber import Subscriber
from ansible.module_utils.flowstream.middleboxes.routed.body import Route, read_routes
from ansible.module_utils.flowstream.middleboxes.routed.networks import Networks, check_networks, read_networks
from ansible.module_utils.flowstream.middleboxes.routed.rules import route_label

MOST_SUBSCRIBERS = 256
"""Of one module: each has two queues of its own."""


@dataclass(frozen=True, slots=True)
class BngBody:
    """A part of the edge: the networks of its subscribers, those that could be read, and its routes."""

    networks: Networks
    subscribers: tuple[Subscriber, ...]
    routes: tuple[Route, ...]


def read_body(pm: Element, values: Values) -> BngBody:
    """Read the elements of a `pm`."""
    elements = [
        child
        for group in pm.children
        if group.name == SUBSCRIBERS.name
        for child in group.children
        if child.name == SUBSCRIBER.name
    ]
    if len(elements) > MOST_SUBSCRIBERS:
        text = f"is one too many, got {len(elements)} in one module; use at most {MOST_SUBSCRIBERS}, or another pm"
        values.error(elements[MOST_SUBSCRIBERS], "", text)
    read = (_subscriber(element, values) for element in elements)
    return BngBody(
        networks=read_networks(pm, values),
        subscribers=tuple(sorted(one for one in read if one is not None)),
        routes=read_routes(pm, values),
    )


def _subscriber(element: Element, values: Values) -> Subscriber | None:
    vlan = values.whole(element, "vlan", 1, MAX_VLAN)
    address = values.host(element, "address")
    up, down = (values.whole(element, name, 1, MAX_RATE) for name in ("up", "down"))
    if vlan is None or address is None or up is None or down is None:
        return None
    return Subscriber(vlan, address, up, down, element.line)


def check_bng(allocation: Allocation, findings: Findings) -> None:
    """Note every broken rule."""
    check_networks(allocation, findings)
    for stage in allocation.stages:
        text = f"stands before a {allocation.type}, whose tags bridges would take for their own, got port {stage.port}"
        findings.error(stage.line, stage_label(stage), f"{text}; remove the stage")
    known = [(one, pm) for pm in allocation.pms for one in pm.body.subscribers]
    keys: Iterable[tuple[str, Callable[[Subscriber], int | str]]] = (
        ("vlan", lambda one: one.vlan),
        ("address", lambda one: one.text),
    )
    for name, key in keys:
        for one, earlier in repeated((one for one, _ in known), key):
            text = f"{name} is that of the subscriber on line {earlier.line}, got {key(one)}; give each its own"
            findings.error(one.line, _label(one), text)
    for one, pm in known:
        _check_address(allocation, pm, one, findings)
    for pm in allocation.pms:
        inside = next((port for port in allocation.ports if port.portid == pm.body.networks.port), None)
        if inside is not None:
            _check_access(pm, inside, findings)


def _label(one: Subscriber) -> str:
    return f"{SUBSCRIBER.name} {one.vlan}"


def _check_address(allocation: Allocation, pm: ProcessingModule, one: Subscriber, findings: Findings) -> None:
    networks: Networks = pm.body.networks
    if any(interface.address == one.address for port in allocation.ports for interface in port.addresses):
        findings.error(one.line, _label(one), f"address is the edge's own, got {one.text}; write the subscriber's")
    elif networks.is_whole and not any(prefix.holds(one.address) for prefix in networks.prefixes):
        some = ", ".join(map(str, networks.prefixes[:4]))
        text = f"address is on no network of {pm_label(pm)}, got {one.text}; use one in {some}"
        findings.error(one.line, _label(one), text)


def _check_access(pm: ProcessingModule, inside: Port, findings: Findings) -> None:
    """Subscribers are on the link of the port, and have it as their gateway."""
    if not inside.addresses:
        text = "has no address that could be the subscribers' gateway, got none"
        findings.error(inside.line, port_label(inside), f"{text}; give it an address")
    if inside.gateway is not None:
        text = f"has a gateway, where subscribers are behind no router, got {address_text(inside.gateway)}"
        findings.error(inside.line, port_label(inside), f"{text}; remove it")
    for route in pm.body.routes:
        if route.port == inside.portid and route.gateway is not None:
            text = f"leads to subscribers by a gateway, got {route.prefix}; remove the gateway"
            findings.error(route.line, route_label(route), text)
