# SPDX-License-Identifier: Apache-2.0
"""What operators look at: the status of a platform, packets captured at points of it, what was measured, and whose a port was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible.module_utils.flowstream.addresses import parse_address
from ansible.module_utils.flowstream.capture.point import points_of
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.experiments.result import line_of
from ansible.module_utils.flowstream.fabric.fabric import Fabric
from ansible.module_utils.flowstream.fabric.links import LinkState, link_states
from ansible.module_utils.flowstream.fabric.share import Place
from ansible.module_utils.flowstream.history.generation import Generation, serving_at
from ansible.module_utils.flowstream.middleboxes.middlebox import Sharing
from ansible.module_utils.flowstream.plan.plan import Plan, cookie_of
from ansible.module_utils.flowstream.plan.reasons import with_reasons
from ansible.module_utils.flowstream.planner.types import middlebox_of, titles_of
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.platform.status import status_report

MAX_PORT = 65535


def flowstream_status(
    hostvars: Mapping[str, Mapping[str, Any]],
    switches: list[str],
    module_hosts: list[str],
    plan_texts: Iterable[str] = (),
    platform: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a status report of what was registered of each switch and module host, with reasons from `plan_texts`.

    Of the facts of a `platform` with several switches come the links between these.
    """
    modules = {name: hostvars[name].get("processing_module_info", {}) for name in module_hosts}
    bridges = {name: hostvars[name].get("flow_switch_counters", {}) for name in switches}
    bridges |= {name: hostvars[name].get("status_bridge", {}) for name in module_hosts}
    fabric = Platform.from_facts(platform).fabric if platform else None
    links = _links(fabric, modules, bridges) if fabric else []
    return status_report(*with_reasons(modules, bridges, plan_texts), titles_of(), links)


def _links(
    fabric: Fabric, modules: Mapping[str, Mapping[str, Any]], bridges: Mapping[str, Mapping[str, Any]]
) -> list[LinkState]:
    names = {
        cookie_of(pm["allocation"]): pm["allocation"] for result in modules.values() for pm in result.get("pms", ())
    }
    read = [(name, result) for name, result in bridges.items() if name in fabric.nodes]
    seen = {
        Place(name, int(port["port"])): port["up"]
        for name, result in read
        for port in result.get("ports", ())
        if str(port["port"]).isdigit()
    }
    entries = (
        (name, names.get(int(flow["cookie"], 0), flow["cookie"]), flow["actions"])
        for name, result in read
        for flow in result.get("flows", ())
    )
    return link_states(fabric, seen, entries)


def flowstream_capture_points(plan: Mapping[str, Any], texts: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Return by machine where packets are to be captured, as module packet_capture takes it, of points as a person writes them."""
    points = points_of(Plan.from_dict(plan), texts)
    found: dict[str, list[dict[str, Any]]] = {}
    for point in points:
        found.setdefault(point.machine, []).append(point.to_dict())
    return found


def flowstream_captured(hostvars: Mapping[str, Mapping[str, Any]], names: list[str]) -> list[dict[str, str]]:
    """Return what module packet_capture has captured on machines, as module capture_file takes it."""
    return [
        {"name": one["name"], "where": f"{machine} {one['interface']}", "data": one["data"]}
        for machine in names
        for one in hostvars[machine]["capture_result"]["captured"]
    ]


def flowstream_measurement(
    hostvars: Mapping[str, Mapping[str, Any]],
    name: str,
    module_hosts: list[str],
    cell: Mapping[str, Any],
    moments: Sequence[tuple[str, float]],
) -> dict[str, Any]:
    """Return what is to be kept of a measurement that endpoint `name` made of a `cell` while `module_hosts` served, and a `line` of it."""
    source, first = hostvars[name], hostvars[module_hosts[0]]
    machine = first["ansible_facts"]
    usage = {
        host: {when: _usage(hostvars[host][f"measure_{when}"]) for when in ("before", "after")} for host in module_hosts
    }
    result = {
        "cell": cell["cell"],
        "digest": cell["digest"],
        "measured": source["measure_result"]["measured"],
        "usage": usage,
        "facts": {
            "measured_at": first["measure_after"]["measured_at"],
            "start_seconds": _length_of("modules", moments),
            "plan": first["measure_plan"]["stat"]["checksum"],
            "commit": first["measure_tree"]["stdout"] or "unknown",
            "ansible": source["ansible_version"]["full"],
            "click": source["measure_engine"]["stdout_lines"][0],
            "switch": first["measure_switch"]["stdout_lines"][0],
            "kernel": machine["kernel"],
            "processor": (machine.get("processor") or ["unknown"])[-1],
            "processors": machine.get("processor_vcpus", 0),
            "memory_mib": machine.get("memtotal_mb", 0),
            "virtual": ", ".join(machine.get("virtualization_tech_guest", ())),
        },
    }
    return {**result, "line": line_of(result)}


def _usage(read: Mapping[str, Any]) -> dict[str, Any]:
    return {key: read[key] for key in ("at", "units")}


def _length_of(part: str, moments: Sequence[tuple[str, float]]) -> float:
    """How long a part of a deployment took, which ended as the next one began."""
    place = next(number for number, (name, _) in enumerate(moments) if name == part)
    return round(moments[place + 1][1] - moments[place][1], 3)


def flowstream_serving_at(generations: list[Mapping[str, Any]], allocation: str, at: str = "") -> int:
    """Return which generation of an allocation was deployed at a time, `2026-01-31 12:00:00` in UTC; 0, what is deployed now, without one."""
    return serving_at([Generation.from_dict(one) for one in generations], allocation, at).number if at else 0


def flowstream_subscriber(plan: Mapping[str, Any], address: str, port: int) -> dict[str, Any]:
    """Return whose a port of a public address is by a plan, and in which module; empty where it is nobody's.

    The subscriber is a prefix, of which one address may be all there is. FlowstreamError where the type of the plan shares no addresses.
    """
    read = Plan.from_dict(plan)
    kind = middlebox_of(read.type)
    if not isinstance(kind, Sharing):
        raise FlowstreamError(
            f"allocation {read.allocation_id}: type {read.type} shares no addresses; ask of one that does"
        )
    wanted = parse_address("address", address)
    if not 0 <= port <= MAX_PORT:
        raise FlowstreamError(f"port is outside 0..{MAX_PORT}, got {port}; write one inside")
    for name, host in read.hosts.items():
        for pm in (pm for pm in host.pms if pm.stage is None):
            if (share := kind.share_at(pm, wanted, port)) is not None:
                ports = f"{share.first}-{share.last}"
                return {"subscriber": str(share.subscriber), "ports": ports, "module": pm.name, "host": name}
    return {}
