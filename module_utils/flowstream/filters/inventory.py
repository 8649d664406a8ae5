# SPDX-License-Identifier: Apache-2.0
"""What roles make of the inventory: the planner's facts of the platform, what a machine needs of a plan, what it is prepared for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.fabric.share import COOKIE, UNLINKED
from ansible.module_utils.flowstream.hosts.preparation import preparation_mark
from ansible.module_utils.flowstream.platform.facts import Platform

_SWITCH_DEFAULTS = {"bridge": "br-flow"}
_HOST_DEFAULTS = {"driver": "process", "bridge": "br-pm", "uplink_port": 1}
_SWITCH_FACTS = ("bridge", "number", "links", "outside", "capacity")
_DEVICE_FACTS = ("switch", "outside_port", "inside_port")
_HOST_FACTS = ("driver", "pm_kind", "bridge", "uplink_port", "switch", "switch_port", "capacity")


def flowstream_platform(
    groups: Mapping[str, list[str]],
    hostvars: Mapping[str, Mapping[str, Any]],
    platform_ports: Mapping[str, Any] | None = None,
    platform_tenants: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the facts that `allocation_plan` takes, of the groups flow_switches, module_hosts and devices.

    Of what `module_host_capacity` of a host leaves open, they have what was measured there, as `processing_module_capacity` has it, and
    of a switch without `flow_switch_capacity` what it says of its tables, as `flow_switch_owners` has it.
    """
    devices = {name: _facts(hostvars[name], "device", _DEVICE_FACTS, {}) for name in sorted(groups.get("devices", []))}
    return {
        "switches": {
            name: _facts(hostvars[name], "flow_switch", _SWITCH_FACTS, _SWITCH_DEFAULTS) | _tables(hostvars[name])
            for name in sorted(groups.get("flow_switches", []))
        },
        "hosts": {
            name: _facts(hostvars[name], "module_host", _HOST_FACTS, _HOST_DEFAULTS) | _measured(hostvars[name])
            for name in sorted(groups.get("module_hosts", []))
        },
        "ports": dict(platform_ports or {}),
        **({"tenants": dict(platform_tenants)} if platform_tenants else {}),
        **({"devices": devices} if devices else {}),
    }


def _measured(variables: Mapping[str, Any]) -> dict[str, Any]:
    """What the inventory leaves open of a host and the host said itself; nothing where it says all, so that nothing else is known."""
    stated = variables.get("module_host_capacity") or {}
    seen = variables.get("processing_module_capacity", {}).get("capacity", {})
    found = {name: seen[name] for name in sorted(seen) if name not in stated}
    return {"measured": found} if found else {}


def _tables(variables: Mapping[str, Any]) -> dict[str, Any]:
    tables = variables.get("flow_switch_owners", {}).get("tables", [])
    return {"tables": tables} if tables and "flow_switch_capacity" not in variables else {}


def flowstream_fabric(platform: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what a switch has of the fabric of several, as `cookie`, the owner's mark, `flows` and `groups`; none where there is one."""
    fabric = Platform.from_facts(platform).fabric
    share = fabric.share(name) if fabric else UNLINKED
    found = {"flows": [flow.to_dict() for flow in share.flows], "groups": [group.to_dict() for group in share.groups]}
    return {"cookie": f"{COOKIE:#018x}", **found}


def _facts(
    variables: Mapping[str, Any], prefix: str, names: tuple[str, ...], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    facts = dict(defaults)
    facts.update({name: variables[f"{prefix}_{name}"] for name in names if f"{prefix}_{name}" in variables})
    return facts


def flowstream_endpoints(hostvars: Mapping[str, Mapping[str, Any]], names: list[str]) -> dict[str, dict[str, Any]]:
    """Return what verification has to know of the traffic endpoints `names`, by name."""
    return {
        name: {
            "portid": hostvars[name]["endpoint_portid"],
            "addresses": list(hostvars[name]["endpoint_addresses"]),
        }
        for name in names
    }


def flowstream_bridge_ports(
    ports: Mapping[str, int],
    port_type: str,
    hostvars: Mapping[str, Mapping[str, Any]],
    devices: Sequence[str],
    switch: str,
) -> list[dict[str, Any]]:
    """Return the ports of a switch as `openvswitch_bridge` takes them: those of a device that is probed have an interval of BFD."""
    probed = {
        hostvars[name].get(f"device_{side}_port"): int(hostvars[name]["device_bfd_interval"])
        for name in devices
        if hostvars[name].get("device_switch") == switch and "device_bfd_interval" in hostvars[name]
        for side in ("outside", "inside")
    }
    return [
        {"name": name, "ofport": ofport, "type": port_type}
        | ({"bfd_interval": probed[ofport]} if ofport in probed else {})
        for name, ofport in ports.items()
    ]


def flowstream_part(plan: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the part of a plan that a switch or module host needs: it has that one alone.

    What all of them get, check and hand on would grow with the square of their number.
    """
    own = {kind: {name: plan[kind][name]} if name in plan[kind] else {} for kind in ("switches", "hosts")}
    return {**plan, **own}


def flowstream_preparation(variables: Mapping[str, Any], tree: str) -> str:
    """Return what says for what a machine with these inventory variables is prepared, from this tree."""
    kind = variables.get("module_host_driver", _HOST_DEFAULTS["driver"])
    if "flow_switches" in variables.get("group_names", []):
        kind = "switch"
    return preparation_mark(kind, variables, Path(tree), Path.read_bytes)


def flowstream_scrape_targets(names: Sequence[str], hostvars: Mapping[str, Any], port: int) -> dict[str, str]:
    """Return where each of these machines has its exporter, as HOST:PORT by its name; those that run no Python have none."""
    found = {}
    for name in names:
        variables = hostvars[name]
        if variables.get("flow_switch_connection", "local") != "local":
            continue
        address = variables.get("monitoring_address") or variables.get("ansible_host") or name
        found[name] = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return found
