# SPDX-License-Identifier: Apache-2.0
"""Filters that roles need: the inventory as the planner's platform facts, and a plan's probes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleFilterError

# Ansible finds module_utils/ for modules, but not for plugins of its own process.
_MODULE_UTILS = str(Path(__file__).parents[1] / "module_utils")
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.flowstream.errors import FlowstreamError  # noqa: E402  after the path is known
from ansible.module_utils.flowstream.expectations import probes  # noqa: E402
from ansible.module_utils.flowstream.plan import Plan  # noqa: E402

_SWITCH_DEFAULTS = {"bridge": "br-flow"}
_HOST_DEFAULTS = {"driver": "process", "bridge": "br-pm", "uplink_port": 1}
_HOST_FACTS = ("driver", "bridge", "uplink_port", "switch", "switch_port", "capacity")


def flowstream_platform(
    groups: Mapping[str, list[str]],
    hostvars: Mapping[str, Mapping[str, Any]],
    platform_ports: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the facts that `allocation_plan` takes, of the groups flow_switches and module_hosts."""
    return {
        "switches": {
            name: _facts(hostvars[name], "flow_switch", ("bridge",), _SWITCH_DEFAULTS)
            for name in sorted(groups.get("flow_switches", []))
        },
        "hosts": {
            name: _facts(hostvars[name], "module_host", _HOST_FACTS, _HOST_DEFAULTS)
            for name in sorted(groups.get("module_hosts", []))
        },
        "ports": dict(platform_ports or {}),
    }


def _facts(
    variables: Mapping[str, Any], prefix: str, names: tuple[str, ...], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    facts = dict(defaults)
    facts.update({name: variables[f"{prefix}_{name}"] for name in names if f"{prefix}_{name}" in variables})
    return facts


def flowstream_probes(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the packets that verify a deployed plan, and what must come of each."""
    try:
        return [probe.to_dict() for probe in probes(Plan.from_dict(plan))]
    except FlowstreamError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {"flowstream_platform": flowstream_platform, "flowstream_probes": flowstream_probes}
