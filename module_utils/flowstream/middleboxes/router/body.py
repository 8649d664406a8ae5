# SPDX-License-Identifier: Apache-2.0
"""What an operator asks of one module of a router, and reading it."""

from __future__ import annotations

from dataclasses import dataclass

from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.values import Values
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
