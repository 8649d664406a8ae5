# SPDX-License-Identifier: Apache-2.0
"""What a processing module runs while the switch still sends it packets that another is to have from now on.

What it has had to do until now is read from the configuration that it runs, and from nothing else: whoever deployed it,
from wherever, and however that ended, the module itself knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import parse_address, parse_prefix_text
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.router.configuration import Render, router_of
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort, PlannedRoute

# Names that the templates of templates/click/ keep: the forwarding table, and the counter and the paint of each port.
_TABLE = re.compile(r"^rt :: RadixIPLookup\(([^()]*)\);", re.MULTILINE)
_PORT = re.compile(r"\bin(\d+) :: Counter -> Paint\((\d+)\)")


@dataclass(frozen=True)
class Surroundings:
    """What all processing modules of a plan share and their configurations speak of."""

    allocation_id: str
    type: str
    ports: Sequence[PlannedPort]


def transitional_configs(
    shared: Surroundings, pms: Iterable[PlannedPm], running: Mapping[str, str], render: Render
) -> dict[str, str]:
    """Return by name the configurations of modules that give destinations away, for until the switch has moved on.

    `pms` are those that a host is to run, `running` has by name the configurations that its modules run now. Those
    configurations have the new plan's routes and, outside of the new prefixes, those of now, so that packets pass
    whichever of the two led them. A module that keeps all its destinations, or is new on the host, needs none.
    """
    configs: dict[str, str] = {}
    for pm in pms:
        kept = _given_away(running.get(pm.name, ""), pm, {port.portid for port in shared.ports})
        if kept:
            prefixes = tuple(sorted({*pm.prefixes, *(route.prefix for route in kept)}))
            routes = sorted([*pm.routes, *kept], key=lambda route: route.prefix)
            router = router_of(pm.name, shared.allocation_id, prefixes, routes, shared.ports, pm.vifs[0])
            configs[pm.name] = render(shared.type, router)
    return configs


def _given_away(running: str, pm: PlannedPm, ports: set[int]) -> list[PlannedRoute]:
    """Return the routes that the module has now and that are another's from now on."""
    return [
        route
        for route in routes_of(running)
        if route.port in ports and not any(own.contains(route.prefix) for own in pm.prefixes)
    ]


def routes_of(config: str) -> list[PlannedRoute]:
    """Return the routes of a router's configuration; of any other text, none.

    What its table has for no route, and for the router's own addresses, leads to no platform port and is no route.
    """
    table = _TABLE.search(config)
    ports = {int(index): int(portid) for portid, index in _PORT.findall(config)}
    found = (_route(entry.split(), ports) for entry in (table.group(1).split(",") if table else ()))
    return [route for route in found if route is not None]


def _route(words: list[str], ports: Mapping[int, int]) -> PlannedRoute | None:
    try:
        prefix, *gateway, output = words
        portid = ports.get(int(output))
        if portid is None:
            return None
        return PlannedRoute(
            parse_prefix_text(prefix), parse_address("gateway", gateway[0]) if gateway else None, portid
        )
    except (ValueError, FlowstreamError):
        return None
