# SPDX-License-Identifier: Apache-2.0
"""What must hold for a router as a whole: every destination has one module, every route lies in its module's part."""

from __future__ import annotations

from collections.abc import Iterable

from ansible.module_utils.flowstream.addresses import IPV6, enclosing, uncovered
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation, Port, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import (
    pm_label,
    port_label,
    refuse_stages_of_ipv6,
    stage_label,
)
from ansible.module_utils.flowstream.middleboxes.routed.rules import (
    check_overlaps,
    check_routes,
    route_label,
    warn_of_no_destinations,
)
from ansible.module_utils.flowstream.middleboxes.routed.spill import check_spares, refuse_spares
from ansible.module_utils.flowstream.middleboxes.router.declaration import BY_FLOW
from ansible.module_utils.flowstream.plan.route import PlannedRoute

_SHOWN_GAPS = 4
"""How many uncovered prefixes a warning spells out."""


def check_router(allocation: Allocation, findings: Findings) -> None:
    """Note every broken rule, and warn of destinations without a module."""
    shares_flows = allocation.subtype == BY_FLOW
    if _has_ipv6(allocation):
        _check_room_for_ipv6(allocation, findings)
    alone = allocation.pms[:1] if shares_flows else allocation.pms
    check_overlaps(alone, lambda pm: pm.body.prefixes, "prefix", "give every destination to one pm", findings)
    spills = [(pm, pm.body.spill) for pm in allocation.pms if pm.body.spill is not None]
    if shares_flows:
        _check_sharing(allocation, findings)
        check_spares(allocation, spills, findings)
    else:
        refuse_spares(spills, allocation.subtype, BY_FLOW, findings)
    ports = {port.portid: port for port in allocation.ports}
    for pm in allocation.pms:
        _check_places(pm, findings)
        check_routes(pm, pm.body.routes, ports, findings)
    if not findings.errors:
        _warn_of_gaps(allocation, findings)
        for pm in allocation.pms:
            warn_of_no_destinations(pm.body.routes, findings)
            _warn_of_unreached_networks(pm, allocation.ports, findings)


def _has_ipv6(allocation: Allocation) -> bool:
    return allocation.has_ipv6 or any(
        owned.prefix.family == IPV6 for pm in allocation.pms for owned in pm.body.prefixes
    )


def _check_room_for_ipv6(allocation: Allocation, findings: Findings) -> None:
    """Note what carries IPv4 alone."""
    if allocation.subtype == BY_FLOW:
        text = (
            f"modules that share flows carry IPv4 alone, got IPv6 and subtype {BY_FLOW}; use prefixlb, or remove IPv6"
        )
        findings.error(allocation.line, allocation.allocation_id, text)
    refuse_stages_of_ipv6(allocation, findings)


def _check_sharing(allocation: Allocation, findings: Findings) -> None:
    """Modules that share flows are alike, and the packets come to them at once."""
    first, *others = allocation.pms or (None,)
    for pm in others:
        if first is None or not (first.body.is_whole and pm.body.is_whole):
            continue
        for word, key in (("prefixes", _prefixes), ("forwarding entries", _routes)):
            mine, theirs = key(pm), key(first)
            if mine != theirs:
                text = f"{word} differ from those of {pm_label(first)}, got {_difference(mine, theirs)}"
                findings.error(pm.line, pm_label(pm), f"{text}; modules that share flows have the same")
    for stage in allocation.stages:
        text = f"stands before modules that share flows, got subtype {BY_FLOW}; use prefixlb, or remove the stage"
        findings.error(stage.line, stage_label(stage), text)


def _prefixes(pm: ProcessingModule) -> set[str]:
    return {str(owned.prefix) for owned in pm.body.prefixes}


def _routes(pm: ProcessingModule) -> set[str]:
    return {str(PlannedRoute(route.prefix, route.gateway, route.port)) for route in pm.body.routes}


def _difference(mine: set[str], theirs: set[str]) -> str:
    more, less = sorted(mine - theirs), sorted(theirs - mine)
    return " and ".join([*(f"{one} more" for one in more[:2]), *(f"{one} less" for one in less[:2])])


def _check_places(pm: ProcessingModule, findings: Findings) -> None:
    """Every route lies in a prefix of its module; both are sorted."""
    owned = [claim.prefix for claim in pm.body.prefixes]
    if not owned or not pm.body.is_whole:
        return
    nearest = 0
    for route in pm.body.routes:
        # The last prefix that begins before the route, or the first.
        while nearest + 1 < len(owned) and owned[nearest + 1].in_order <= route.prefix.in_order:
            nearest += 1
        if not owned[nearest].contains(route.prefix):
            text = f"is not inside a prefix of {pm_label(pm)}, got {route.prefix}"
            advice = f"keep to {', '.join(map(str, owned[:8]))}, or move it to another pm"
            findings.error(route.line, route_label(route), f"{text}; {advice}")


def _warn_of_gaps(allocation: Allocation, findings: Findings) -> None:
    owned = [one.prefix for pm in allocation.pms for one in pm.body.prefixes]
    gaps = [*uncovered(owned), *(uncovered(owned, IPV6) if _has_ipv6(allocation) else ())]
    if gaps:
        some = ", ".join(map(str, gaps[:_SHOWN_GAPS]))
        more = f" and {len(gaps) - _SHOWN_GAPS} more" if len(gaps) > _SHOWN_GAPS else ""
        text = f"no pm has the destinations {some}{more}; packets to them are dropped by the switch"
        findings.warning(allocation.line, allocation.allocation_id, text)


def _warn_of_unreached_networks(pm: ProcessingModule, ports: Iterable[Port], findings: Findings) -> None:
    routes = {route.prefix for route in pm.body.routes}
    for port in ports:
        for subnet in (interface.subnet for interface in port.all_addresses):
            served = any(owned.prefix.contains(subnet) for owned in pm.body.prefixes)
            wider = (enclosing(subnet.network, length, subnet.family) for length in range(subnet.length + 1))
            if served and not any(prefix in routes for prefix in wider):
                text = f"has no route in {pm_label(pm)}, got {subnet}"
                advice = f"add a forwardingentry with outputport {port.portid}, or nobody reaches it through the router"
                findings.warning(port.line, port_label(port), f"its network {text}; {advice}")
