# SPDX-License-Identifier: Apache-2.0
"""What a processing module runs while the switch still sends it packets that another is to have from now on."""

from __future__ import annotations

from ansible.module_utils.flowstream.middleboxes.router.configuration import Render, router_of
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm


def transitional_configs(old: Plan | None, new: Plan, render: Render) -> dict[str, str]:
    """Return by name the configurations of modules that give destinations away, for until the switch has moved on.

    They have the new plan's routes and, outside of the new prefixes, those of the old plan, so that packets pass
    whichever of the two led them. A module that keeps all its destinations, or is on another host now, needs none.
    """
    if old is None:
        return {}
    configs: dict[str, str] = {}
    for name, host in new.hosts.items():
        before = {pm.name: pm for pm in old.hosts[name].pms} if name in old.hosts else {}
        for pm in host.pms:
            config = _transitional(before.get(pm.name), pm, new, render)
            if config is not None:
                configs[pm.name] = config
    return configs


def _transitional(old: PlannedPm | None, pm: PlannedPm, plan: Plan, render: Render) -> str | None:
    if old is None:
        return None
    given_away = [prefix for prefix in old.prefixes if not any(own.contains(prefix) for own in pm.prefixes)]
    ports = {port.portid for port in plan.ports}
    kept = [
        route
        for route in old.routes
        if route.port in ports and not any(own.contains(route.prefix) for own in pm.prefixes)
    ]
    if not given_away or not kept:
        return None
    prefixes = tuple(sorted({*pm.prefixes, *given_away}))
    routes = sorted([*pm.routes, *kept], key=lambda route: route.prefix)
    return render(plan.type, router_of(pm.name, plan.allocation_id, prefixes, routes, plan.ports, pm.vifs[0]))
