# SPDX-License-Identifier: Apache-2.0
"""What an operator asks of a module that forwards by a table, and reading it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.model import MAX_PM_ID, UNREAD_NUMBER
from ansible.module_utils.flowstream.allocation.values import Values


@dataclass(frozen=True, slots=True)
class Route:
    """A forwarding entry: packets to `prefix` leave by platform port `port`, to `gateway`, of the same family, if there is one."""

    prefix: Prefix
    port: int
    gateway: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class OwnedPrefix:
    """A part of the address space that a processing module is responsible for."""

    prefix: Prefix
    line: int = 0


def read_routes(pm: Element, values: Values) -> tuple[Route, ...]:
    """Read the entries of a module's `forwardingtable`, in the order of their prefixes: IPv4 first."""
    tables = [child for child in pm.children if child.name == "forwardingtable"]
    routes = [
        route
        for table in tables
        for entry in table.children
        if entry.name == "forwardingentry" and (route := _route(entry, values)) is not None
    ]
    for table in tables:
        values.whole(table, "id", 0, MAX_PM_ID)
    return tuple(sorted(routes, key=lambda route: route.prefix.in_order))


def read_owned(elements: list[Element], read: Callable[[Element], Prefix | None]) -> list[OwnedPrefix | None]:
    """Read elements that spell prefixes; None for each that cannot be read."""
    found = ((element, read(element)) for element in elements)
    return [None if prefix is None else OwnedPrefix(prefix, element.line) for element, prefix in found]


def _route(element: Element, values: Values) -> Route | None:
    prefix = values.prefix(element)
    port = values.portid(element, "outputport")
    gateway = values.address(element, "gateway", None if prefix is None else prefix.family)
    if prefix is None:
        return None
    return Route(prefix, UNREAD_NUMBER if port is None else port, gateway, element.line)
