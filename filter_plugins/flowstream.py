# SPDX-License-Identifier: Apache-2.0
"""Filters that roles need: the inventory as the planner's platform facts, a plan's probes, names of systemd's units."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleFilterError

# Ansible finds module_utils/ for modules, but not for plugins of its own process.
_MODULE_UTILS = str(Path(__file__).parents[1] / "module_utils")
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.flowstream.capture.point import points_of  # noqa: E402  after the path is known
from ansible.module_utils.flowstream.control.associations import parse_associations  # noqa: E402
from ansible.module_utils.flowstream.dom0.capacity import doctor_table  # noqa: E402
from ansible.module_utils.flowstream.errors import FlowstreamError  # noqa: E402
from ansible.module_utils.flowstream.hosts.preparation import preparation_mark  # noqa: E402
from ansible.module_utils.flowstream.middleboxes.template import renderer  # noqa: E402
from ansible.module_utils.flowstream.migration.moves import Move  # noqa: E402
from ansible.module_utils.flowstream.migration.report import carried  # noqa: E402
from ansible.module_utils.flowstream.plan.obstacles import conflicts, missing_ports  # noqa: E402
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort, cookie_of  # noqa: E402
from ansible.module_utils.flowstream.plan.reasons import with_reasons  # noqa: E402
from ansible.module_utils.flowstream.plan.summary import summary  # noqa: E402
from ansible.module_utils.flowstream.planner.expectations import expectations  # noqa: E402
from ansible.module_utils.flowstream.planner.transition import Surroundings, transitional_configs  # noqa: E402
from ansible.module_utils.flowstream.planner.types import counters_of, middlebox_of, titles_of  # noqa: E402
from ansible.module_utils.flowstream.platform.status import status_report  # noqa: E402
from ansible.module_utils.flowstream.traffic.handover import passage_table, passages, touched_modules  # noqa: E402
from ansible.module_utils.flowstream.traffic.probe import Probe  # noqa: E402
from ansible.module_utils.flowstream.traffic.report import measure_fault, report_text  # noqa: E402
from ansible.module_utils.flowstream.traffic.verification import (  # noqa: E402
    Drops,
    TrafficEndpoint,
    arp_outcomes,
    arp_questions,
    arp_table,
    outcome_table,
    outcomes,
    streams,
)
from ansible.module_utils.flowstream.world.systemd_names import instance_name  # noqa: E402

_SHOWN = 3
_SWITCH_DEFAULTS = {"bridge": "br-flow"}
_HOST_DEFAULTS = {"driver": "process", "bridge": "br-pm", "uplink_port": 1}
_HOST_FACTS = ("driver", "pm_kind", "bridge", "uplink_port", "switch", "switch_port", "capacity")


def flowstream_platform(
    groups: Mapping[str, list[str]],
    hostvars: Mapping[str, Mapping[str, Any]],
    platform_ports: Mapping[str, Any] | None = None,
    platform_tenants: Mapping[str, Any] | None = None,
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
        **({"tenants": dict(platform_tenants)} if platform_tenants else {}),
    }


def _facts(
    variables: Mapping[str, Any], prefix: str, names: tuple[str, ...], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    facts = dict(defaults)
    facts.update({name: variables[f"{prefix}_{name}"] for name in names if f"{prefix}_{name}" in variables})
    return facts


def flowstream_account(
    hostvars: Mapping[str, Mapping[str, Any]], switches: list[str], module_hosts: list[str]
) -> dict[str, Any]:
    """Return what a platform said of itself, by what was registered of each machine; empty when nobody has asked.

    That is `flow_switch_owners` of a switch and `processing_module_info` of a module host. Flows count as an allocation's where
    modules of it run. Where a module runs twice, `flow_switch_counters` has the flows that say which of the two has the packets,
    and where a host is silent, those that say whose packets are led there.
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
    if unanswered := flowstream_silent(hostvars, module_hosts):
        account["silent"] = unanswered
    elif not flowstream_twice(hostvars, module_hosts):
        return account
    entries = {name: hostvars[name].get("flow_switch_counters", {}).get("flows", []) for name in switches}
    return {**account, "entries": {name: [_entry(flow) for flow in flows] for name, flows in entries.items()}}


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


def flowstream_endpoints(hostvars: Mapping[str, Mapping[str, Any]], names: list[str]) -> dict[str, dict[str, Any]]:
    """Return what verification has to know of the traffic endpoints `names`, by name."""
    return {
        name: {
            "portid": hostvars[name]["endpoint_portid"],
            "addresses": list(hostvars[name]["endpoint_addresses"]),
        }
        for name in names
    }


def flowstream_streams(
    plan: Mapping[str, Any], endpoints: Mapping[str, Mapping[str, Any]], packets: int
) -> dict[str, list[dict[str, Any]]]:
    """Return, by endpoint, the streams that verify a deployed plan, `packets` of each."""
    try:
        return streams(_probes(Plan.from_dict(plan)), _endpoints(endpoints), packets)
    except FlowstreamError as error:
        raise AnsibleFilterError(str(error)) from error


def flowstream_arp_questions(
    plan: Mapping[str, Any], endpoints: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[str]]:
    """Return, by endpoint, the router's addresses that it can ask for by ARP."""
    return arp_questions(Plan.from_dict(plan).ports, _endpoints(endpoints))


def flowstream_outcomes(
    plan: Mapping[str, Any],
    endpoints: Mapping[str, Mapping[str, Any]],
    results: Mapping[str, Mapping[str, Any]],
    drops: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the verdict over what `traffic_probe` returned at each endpoint: rows, tables and the faults.

    `drops` is by how much the counters of dropped packets grew: `modules` by handler, and `switch`, if somebody looked.
    """
    read = Plan.from_dict(plan)
    macs = {port.portid: port.mac for port in read.ports}
    outside = _endpoints(endpoints)
    try:
        judged = outcomes(_probes(read), outside, macs, results, Drops(**drops))
        answers = arp_outcomes(read.ports, outside, results)
    except FlowstreamError as error:
        raise AnsibleFilterError(str(error)) from error
    return {
        "rows": [one.to_dict() for one in judged],
        "arp": [one.to_dict() for one in answers],
        "table": outcome_table(judged),
        "arp_table": arp_table(answers) if answers else "",
        "faults": [
            *(f"ARP for {one.address} at {one.endpoint}: {fault}" for one in answers for fault in one.faults),
            *(f"{one.probe.to_dict()['destination']}: {fault}" for one in judged for fault in one.faults),
        ],
    }


def flowstream_report(plan: Mapping[str, Any], outcome: Mapping[str, Any], measures: list[Mapping[str, Any]]) -> str:
    """Return the report of a verification: its outcome, and `measures`, the results of a loop over iperf3.

    Measures that were skipped have no line.
    """
    return report_text(Plan.from_dict(plan), outcome["arp_table"], outcome["table"], _measured(measures))


def flowstream_measure_faults(measures: list[Mapping[str, Any]]) -> list[str]:
    """Return why a measure of a loop over iperf3 has no result, for each that has none."""
    return [f"{name}: {fault}" for name, measured in _measured(measures) if (fault := measure_fault(measured))]


def _measured(measures: list[Mapping[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for measure in measures:
        if "stdout" in measure:
            try:
                measured = json.loads(measure["stdout"])
            except json.JSONDecodeError:
                measured = {"error": measure.get("stderr") or measure["stdout"] or "iperf3 said nothing"}
            found.append((measure["item"]["name"], measured))
    return found


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


def flowstream_in_transition(
    plan: Mapping[str, Any], host: str, running: Mapping[str, str], templates: str
) -> list[dict[str, Any]]:
    """Return a plan's processing modules of `host`, those that give destinations away with the routes of both plans.

    `running` has by name the configurations that the host's modules run now, `templates` is the folder of templates.
    """
    pms = plan["hosts"].get(host, {}).get("pms", [])
    if not running:
        return list(pms)
    allocation = plan["allocation"]
    ports = [PlannedPort.from_dict(port) for port in allocation["ports"]]
    shared = Surroundings(allocation["id"], allocation["type"], ports)
    planned = [PlannedPm.from_dict(pm) for pm in pms]
    configs = transitional_configs(shared, planned, running, renderer(Path(templates)))
    return [{**pm, "config": configs.get(pm["name"], pm["config"])} for pm in pms]


def flowstream_not_held(hostvars: Mapping[str, Mapping[str, Any]], names: list[str]) -> dict[str, str]:
    """Return the machines whose lock role platform_lock did not get, each with the reason; empty for no answer."""
    missed: dict[str, str] = {}
    for name in names:
        for variable in ("platform_lock_at_first", "platform_lock_elsewhere"):
            asked = hostvars[name].get(variable, {"skipped": True})
            if not asked.get("held", asked.get("skipped", False)):
                missed[name] = "" if asked.get("unreachable") else str(asked.get("msg", ""))
    return missed


def flowstream_differences(hostvars: Mapping[str, Mapping[str, Any]], names: list[str]) -> list[str]:
    """Return what a run in check mode would have done to each machine, 3 at most, and a count of the rest."""
    found: list[str] = []
    for name in names:
        done = [hostvars[name].get("flow_switch_result", {}), *hostvars[name].get("processing_module_done", [])]
        changes = [change for one in done for change in one.get("changes", [])]
        found += [f"{name}: would {change}" for change in changes[:_SHOWN]]
        if len(changes) > _SHOWN:
            found.append(f"{name}: and {len(changes) - _SHOWN} more")
    return found


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


def flowstream_carried(
    move: Mapping[str, Any], rounds: list[Mapping[str, Any]], now: float = 0, began: float = 0, switched: float = 0
) -> str:
    """Return what a move of a module carried in rounds, or, without `now`, what there is to carry.

    Of `rounds`, those of other modules are left out. `began` is when the first round did, `switched` when packets were led to the new
    place, 0 for unknown.
    """
    own = [one for one in rounds if one["module"] == move["module"]]
    return carried(Move.from_dict(move), own, now, began, switched)


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


def flowstream_touched(
    hostvars: Mapping[str, Mapping[str, Any]], names: list[str], plan: Mapping[str, Any]
) -> list[str]:
    """Return the processing modules whose traffic a deployment may have met, by what it left in variables.

    Those are what `flow_switch_done` says on a switch, and on a module host what `processing_module_done` says of all but
    what took away.
    """
    results = [one for name in names for one in _done(hostvars[name]) if not one.get("exclusive", False)]
    return sorted(touched_modules(Plan.from_dict(plan), results))


def flowstream_summary(
    hostvars: Mapping[str, Mapping[str, Any]],
    names: list[str],
    plans: list[Mapping[str, Any]],
    moments: list[list[Any]],
    *,
    looked: bool = False,
) -> str:
    """Return what a deployment of plans did to the machines `names`, by what it left in variables.

    `moments` are the stages with the time in seconds at which each began, the last one being the end.
    """
    changes = {name: [change for one in _done(hostvars[name]) for change in one["changes"]] for name in names}
    began = [(str(stage), float(moment)) for stage, moment in moments]
    return summary(list(map(Plan.from_dict, plans)), changes, began[:-1], began[-1][1], done=not looked)


def flowstream_change_count(hostvars: Mapping[str, Mapping[str, Any]], names: list[str]) -> int:
    """Return how many things of the machines `names` a run has changed, by what it left in variables."""
    return sum(len(one["changes"]) for name in names for one in _done(hostvars[name]))


def flowstream_capture_points(plan: Mapping[str, Any], texts: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Return by machine where packets are to be captured, as module packet_capture takes it, of points as a person writes them."""
    try:
        points = points_of(Plan.from_dict(plan), texts)
    except FlowstreamError as error:
        raise AnsibleFilterError(str(error)) from error
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


def _done(variables: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*variables.get("processing_module_done", []), *variables.get("flow_switch_done", [])]


def flowstream_passages(
    plan: Mapping[str, Any],
    endpoints: Mapping[str, Mapping[str, Any]],
    results: Mapping[str, Mapping[str, Any]],
    touched: list[str],
) -> dict[str, Any]:
    """Return what a deployment did to the packets that `traffic_probe` sent meanwhile: rows, the table, the faults."""
    judged = passages(_probes(Plan.from_dict(plan)), _endpoints(endpoints), results, frozenset(touched))
    return {
        "rows": [one.to_dict() for one in judged],
        "table": passage_table(judged),
        "faults": [f"{one.probe.to_dict()['prefix']}: {fault}" for one in judged for fault in one.faults],
    }


def flowstream_counters(portids: list[int | str]) -> list[str]:
    """Return the handlers that count in a processing module of any type, on a platform with these ports."""
    return counters_of([int(portid) for portid in portids])


def flowstream_drop_counters(plan: Mapping[str, Any]) -> list[str]:
    """Return the handlers by which the modules of a plan count what they drop."""
    return list(middlebox_of(Plan.from_dict(plan).type).counters.drops)


def flowstream_growth(
    after: Iterable[Mapping[str, Any]], before: Iterable[Mapping[str, Any]], handlers: list[str]
) -> dict[str, int]:
    """Return by how much counting handlers grew over all modules, between two lists of results of `click_process_info`."""
    now, then = list(after), list(before)
    return {handler: _handler_sum(now, handler) - _handler_sum(then, handler) for handler in handlers}


def _handler_sum(results: list[Mapping[str, Any]], handler: str) -> int:
    return sum(int(pm["handlers"].get(handler, 0)) for result in results for pm in result["pms"])


def flowstream_drop_sum(results: list[Mapping[str, Any]]) -> int:
    """Return how many packets the flows that drop have counted, in results of `openflow_stats`."""
    return sum(flow["packets"] for result in results for flow in result["flows"] if flow["actions"] == ["drop"])


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


def _probes(plan: Plan) -> list[Probe]:
    return expectations(plan)


def _endpoints(endpoints: Mapping[str, Mapping[str, Any]]) -> list[TrafficEndpoint]:
    return [TrafficEndpoint.from_dict(name, fact) for name, fact in sorted(endpoints.items())]


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {
            "flowstream_account": flowstream_account,
            "flowstream_arp_questions": flowstream_arp_questions,
            "flowstream_capture_points": flowstream_capture_points,
            "flowstream_captured": flowstream_captured,
            "flowstream_carried": flowstream_carried,
            "flowstream_change_count": flowstream_change_count,
            "flowstream_counters": flowstream_counters,
            "flowstream_differences": flowstream_differences,
            "flowstream_doctor": doctor_table,
            "flowstream_drop_counters": flowstream_drop_counters,
            "flowstream_drop_sum": flowstream_drop_sum,
            "flowstream_endpoints": flowstream_endpoints,
            "flowstream_growth": flowstream_growth,
            "flowstream_in_transition": flowstream_in_transition,
            "flowstream_measure_faults": flowstream_measure_faults,
            "flowstream_missing_keys": flowstream_missing_keys,
            "flowstream_part": flowstream_part,
            "flowstream_preparation": flowstream_preparation,
            "flowstream_present": flowstream_present,
            "flowstream_not_held": flowstream_not_held,
            "flowstream_obstacles": flowstream_obstacles,
            "flowstream_outcomes": flowstream_outcomes,
            "flowstream_passages": flowstream_passages,
            "flowstream_platform": flowstream_platform,
            "flowstream_report": flowstream_report,
            "flowstream_silent": flowstream_silent,
            "flowstream_status": flowstream_status,
            "flowstream_streams": flowstream_streams,
            "flowstream_summary": flowstream_summary,
            "flowstream_touched": flowstream_touched,
            "flowstream_twice": flowstream_twice,
            "flowstream_unit_instance": instance_name,
        }
