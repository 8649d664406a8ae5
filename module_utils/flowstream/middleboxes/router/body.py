# SPDX-License-Identifier: Apache-2.0
"""What an operator asks of one module of a router, and reading it."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter

from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.model import MAX_PM_ID, UNREAD_NUMBER
from ansible.module_utils.flowstream.allocation.values import Values


@dataclass(frozen=True, slots=True)
class Route:
    """A forwarding entry: packets to `prefix` leave by platform port `port`, to `gateway` if there is one."""

    prefix: Prefix
    port: int
    gateway: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class OwnedPrefix:
    """A part of the destination address space that a processing module is responsible for."""

    prefix: Prefix
    line: int = 0


@dataclass(frozen=True, slots=True)
class RouterBody:
    """One part of the router: it gets the packets to its prefixes and forwards them by its routes.

    `is_whole` says that each of its prefixes could be read.
    """

    prefixes: tuple[OwnedPrefix, ...]
    routes: tuple[Route, ...]
    is_whole: bool = True


def read_body(element: Element, values: Values) -> RouterBody:
    """Read the elements of a `pm`."""
    owned = [_owned(child, values) for child in element.children if child.name == "prefix"]
    tables = [child for child in element.children if child.name == "forwardingtable"]
    routes = [
        route
        for table in tables
        for entry in table.children
        if entry.name == "forwardingentry" and (route := _route(entry, values)) is not None
    ]
    for table in tables:
        values.whole(table, "id", 0, MAX_PM_ID)
    return RouterBody(
        prefixes=tuple(sorted((one for one in owned if one), key=attrgetter("prefix"))),
        routes=tuple(sorted(routes, key=attrgetter("prefix"))),
        is_whole=all(owned),
    )


def _owned(element: Element, values: Values) -> OwnedPrefix | None:
    prefix = values.prefix(element)
    return None if prefix is None else OwnedPrefix(prefix, element.line)


def _route(element: Element, values: Values) -> Route | None:
    prefix = values.prefix(element)
    port = values.portid(element, "outputport")
    gateway = values.address(element, "gateway")
    if prefix is None:
        return None
    return Route(prefix, UNREAD_NUMBER if port is None else port, gateway, element.line)
