# SPDX-License-Identifier: Apache-2.0
"""What operators look at: the status of a platform, and packets captured at points of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.module_utils.flowstream.capture.point import points_of
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.plan.reasons import with_reasons
from ansible.module_utils.flowstream.planner.types import titles_of
from ansible.module_utils.flowstream.platform.status import status_report


def flowstream_status(
    hostvars: Mapping[str, Mapping[str, Any]],
    switches: list[str],
    module_hosts: list[str],
    plan_texts: Iterable[str] = (),
) -> dict[str, Any]:
    """Return a status report of what was registered of each switch and module host, with reasons from `plan_texts`."""
    modules = {name: hostvars[name].get("processing_module_info", {}) for name in module_hosts}
    bridges = {name: hostvars[name].get("flow_switch_counters", {}) for name in switches}
    bridges |= {name: hostvars[name].get("status_bridge", {}) for name in module_hosts}
    return status_report(*with_reasons(modules, bridges, plan_texts), titles_of())


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
