# SPDX-License-Identifier: Apache-2.0
"""What a module of a router runs while the switch still sends it packets that another is to have from now on.

What it has had to do until now is read from the configuration that it runs, and from nothing else: whoever deployed it,
from wherever, and however that ended, the module itself knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ansible.module_utils.flowstream.addresses import parse_address_text, parse_prefix_text
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute

# Names that the template keeps: the forwarding table of each family, and the counter and the paint of each port.
_TABLES = re.compile(r"^(?:rt :: RadixIPLookup|rt6 :: LookupIP6Route)\(([^()]*)\);", re.MULTILINE)
_PORT = re.compile(r"\bin(\d+) :: Counter -> Paint\((\d+)\)")


def both_tables(running: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> PlannedPm | None:
    """The module with its routes and, outside of its destinations, those of the configuration that it runs now.

    So packets pass whichever of the two led them. A module that keeps all its destinations needs nothing.
    """
    kept = _given_away(running, pm, {port.portid for port in ports})
    if not kept:
        return None
    claims = {*pm.claims, *(Claim(route.prefix) for route in kept)}
    return replace(
        pm,
        claims=tuple(sorted(claims, key=lambda claim: claim.rank)),
        routes=tuple(sorted([*pm.routes, *kept], key=lambda route: route.prefix.in_order)),
    )


def _given_away(running: str, pm: PlannedPm, ports: set[int]) -> list[PlannedRoute]:
    """Return the routes that the module has now and that are another's from now on."""
    return [
        route
        for route in routes_of(running)
        if route.port in ports and not any(own.destination.contains(route.prefix) for own in pm.claims)
    ]


def routes_of(config: str) -> list[PlannedRoute]:
    """Return the routes of a router's configuration; of any other text, none.

    What its table has for no route, and for the router's own addresses, leads to no platform port and is no route.
    """
    entries = [entry for table in _TABLES.findall(config) for entry in table.split(",")]
    ports = {int(index): int(portid) for portid, index in _PORT.findall(config)}
    found = (_route(entry.split(), ports) for entry in entries)
    return [route for route in found if route is not None]


def _route(words: list[str], ports: Mapping[int, int]) -> PlannedRoute | None:
    try:
        prefix, *gateway, output = words
        portid = ports.get(int(output))
        if portid is None:
            return None
        hop = parse_address_text("gateway", gateway[0])[0] if gateway else None
        return PlannedRoute(parse_prefix_text(prefix), hop, portid)
    except (ValueError, FlowstreamError):
        return None
