# SPDX-License-Identifier: Apache-2.0
"""What an operator asks of one module of a router, and reading it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.routed.body import OwnedPrefix, Route, read_owned, read_routes
from ansible.module_utils.flowstream.middleboxes.routed.spill import Spill, read_spill
from ansible.module_utils.flowstream.middleboxes.router.declaration import BY_FLOW


@dataclass(frozen=True, slots=True)
class RouterBody:
    """One part of the router: it gets the packets to its prefixes and forwards them by its routes.

    `is_whole` says that each of its prefixes could be read, `shares_flows` that others get the packets to its prefixes as well.
    With `spill` it is a spare, which gets some of them only while the others have too much.
    """

    prefixes: tuple[OwnedPrefix, ...]
    routes: tuple[Route, ...]
    is_whole: bool = True
    shares_flows: bool = False
    spill: Spill | None = None


def read_body(element: Element, values: Values) -> RouterBody:
    """Read the elements of a `pm`."""
    owned = read_owned([child for child in element.children if child.name == "prefix"], values.prefix)
    return RouterBody(
        prefixes=tuple(sorted((one for one in owned if one), key=lambda one: one.prefix.in_order)),
        routes=read_routes(element, values),
        is_whole=all(owned),
        shares_flows=values.subtype == BY_FLOW,
        spill=read_spill(element, values),
    )


def part_of(body: RouterBody, prefix: Prefix) -> RouterBody:
    """Return what a module is asked for that has a prefix of another's destinations, with the routes that lead there.

    Raises FlowstreamError where the other shares its flows, does not have the prefix, or has nothing else.
    """
    if body.shares_flows:
        raise FlowstreamError("has a share of all flows already; give the router one module more instead")
    owner = next((owned.prefix for owned in body.prefixes if owned.prefix.contains(prefix)), None)
    if owner is None:
        raise FlowstreamError(
            f"has no such destinations, got {prefix}; use a part of {' or '.join(str(owned.prefix) for owned in body.prefixes)}"
        )
    if owner == prefix:
        raise FlowstreamError(f"has {prefix} as a whole, got no part of it; use a longer prefix, or move the module")
    inside = [route for route in body.routes if prefix.contains(route.prefix)]
    around = [route for route in body.routes if route.prefix.contains(prefix) and route.prefix != prefix]
    if around and all(route.prefix != prefix for route in inside):
        closest = max(around, key=lambda route: route.prefix.length)
        inside.append(replace(closest, prefix=prefix))
    routes = tuple(sorted(inside, key=lambda route: route.prefix.in_order))
    return replace(body, prefixes=(OwnedPrefix(prefix),), routes=routes)
