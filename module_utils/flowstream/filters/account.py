# SPDX-License-Identifier: Apache-2.0
"""What a platform says of itself, from what was registered of its machines: before a plan, and what stands in a plan's way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from ansible.module_utils.flowstream.control.keys import parse_associations
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.fabric.share import COOKIE
from ansible.module_utils.flowstream.plan.obstacles import conflicts, missing_ports
from ansible.module_utils.flowstream.plan.plan import Plan, cookie_of


def flowstream_account(
    hostvars: Mapping[str, Mapping[str, Any]], switches: list[str], module_hosts: list[str]
) -> dict[str, Any]:
    """Return what a platform said of itself, by what was registered of each machine; empty when nobody has asked.

    That is `flow_switch_owners` of a switch and `processing_module_info` of a module host. Flows count as an allocation's where
    modules of it run; of all others but the fabric there is the number, by table. Where a module runs twice, `flow_switch_counters` has
    the flows that say which of the two has the packets, and where a host is silent, those that say whose packets are led there.
    """
    modules = {name: hostvars[name].get("processing_module_info", {}) for name in module_hosts}
    bridges = {name: hostvars[name].get("flow_switch_owners", {}) for name in switches}
    if not any([*modules.values(), *bridges.values()]):
        return {}
    hosts = {name: result["pms"] for name, result in modules.items() if "pms" in result}
    running = {f"{cookie_of(pm['allocation']):#018x}": pm["allocation"] for pms in hosts.values() for pm in pms}
    owned = {
        name: {running[owner["cookie"]]: owner for owner in result["owners"] if owner["cookie"] in running}
        for name, result in bridges.items()
        if "owners" in result
    }
    silent = {
        name: " ".join(str(result.get("msg", "it was not asked")).split())
        for name, result in {**modules, **bridges}.items()
        if name not in {*hosts, *owned}
    }
    account: dict[str, Any] = {"hosts": hosts, "switches": owned, "unread": silent}
    known = {*running, f"{COOKIE:#018x}"}
    foreign = {name: _counted(bridges[name]["owners"], known) for name in owned}
    if any(foreign.values()):
        account["foreign"] = foreign
    if unanswered := flowstream_silent(hostvars, module_hosts):
        account["silent"] = unanswered
    elif not flowstream_twice(hostvars, module_hosts):
        return account
    entries = {name: hostvars[name].get("flow_switch_counters", {}).get("flows", []) for name in switches}
    return {**account, "entries": {name: [_entry(flow) for flow in flows] for name, flows in entries.items()}}


def _counted(owners: list[Mapping[str, Any]], known: Collection[str]) -> dict[str, int]:
    """How many entries owners have that nobody knows, by table."""
    counts: Counter[str] = Counter()
    for owner in owners:
        if owner["cookie"] not in known:
            counts.update(owner["entries"])
    return dict(counts)


def _entry(flow: Mapping[str, Any]) -> dict[str, Any]:
    return {name: flow[name] for name in ("table", "priority", "match", "actions", "cookie")}


def flowstream_twice(hostvars: Mapping[str, Mapping[str, Any]], module_hosts: list[str]) -> list[str]:
    """Return the processing modules that run on more than one host, by what `processing_module_info` has of each."""
    counts = Counter(
        pm["name"] for name in module_hosts for pm in hostvars[name].get("processing_module_info", {}).get("pms", [])
    )
    return sorted(name for name, count in counts.items() if count > 1)


def flowstream_silent(hostvars: Mapping[str, Mapping[str, Any]], module_hosts: list[str]) -> list[str]:
    """Return the module hosts that do not answer, by what `processing_module_info` has of each."""
    return sorted(
        name for name in module_hosts if hostvars[name].get("processing_module_info", {}).get("unreachable", False)
    )


def flowstream_present(hostvars: Mapping[str, Mapping[str, Any]], pattern: str) -> str:
    """Return a pattern of machines without those that the plan of this run does without, by `allocation_result` of localhost.

    A check of the syntax has no variables.
    """
    away = hostvars.get("localhost", {}).get("allocation_result", {}).get("away", [])
    return ":".join([pattern, *(f"!{name}" for name in away)])


def flowstream_unseen(names: list[str], plan: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what is to be done about module hosts that do not answer, by name, of those on which a plan has modules."""
    there = {name: [pm["name"] for pm in plan["hosts"].get(name, {}).get("pms", [])] for name in names}
    return {
        name: [
            f"answer: got nothing of {', '.join(pms)}; bring it up, or place them anew with recover.yml -e host={name}"
        ]
        for name, pms in there.items()
        if pms
    }


def flowstream_not_held(hostvars: Mapping[str, Mapping[str, Any]], names: list[str]) -> dict[str, str]:
    """Return the machines whose lock role platform_lock did not get, each with the reason; empty for no answer."""
    missed: dict[str, str] = {}
    for name in names:
        for variable in ("platform_lock_at_first", "platform_lock_elsewhere"):
            asked = hostvars[name].get(variable, {"skipped": True})
            if not asked.get("held", asked.get("skipped", False)):
                missed[name] = "" if asked.get("unreachable") else str(asked.get("msg", ""))
    return missed


def flowstream_obstacles(
    hostvars: Mapping[str, Mapping[str, Any]],
    switches: list[str],
    module_hosts: list[str],
    plans: list[Mapping[str, Any]],
) -> list[str]:
    """Return what entry point `look` of role flow_switch found that plans cannot be deployed for.

    It has looked once for each plan. The owners of flows have names as far as modules of theirs run on the module hosts and were
    read.
    """
    running = (pm for name in module_hosts for pm in hostvars[name].get("processing_module_info", {}).get("pms", []))
    names = {pm["allocation"] for pm in running}
    found: list[str] = []
    for switch in switches:
        looks = hostvars[switch].get("flow_switch_looked", [])
        for plan, (ports, looked) in zip(map(Plan.from_dict, plans), looks, strict=False):
            if "ports" in ports:
                found += missing_ports(plan, switch, {str(port["port"]): port["name"] for port in ports["ports"]})
            if looked.get("failed"):
                found += conflicts(plan, switch, str(looked.get("msg", "")).splitlines(), names)
    return found


def flowstream_missing_keys(plans: list[Mapping[str, Any]], secrets: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the keys that gateways of the plans are to be told, by name, without any of them."""
    found: list[str] = []
    for pm in (pm for plan in plans for host in plan["hosts"].values() for pm in host["pms"]):
        name = pm.get("facts", {}).get("associations", {}).get("secret")
        if name is not None and name not in secrets:
            found.append(f"vpn_secrets: has no {name}, which {pm['name']} needs; add its keys, or name others in key")
        elif name is not None:
            try:
                parse_associations(secrets[name])
            except FlowstreamError as error:
                found += [f"vpn_secrets: {name}: {message}" for message in error.messages]
    return list(dict.fromkeys(found))
