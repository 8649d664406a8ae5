# SPDX-License-Identifier: Apache-2.0
"""Rollouts, from what was read of modules: what is to be done in which waves, whether they are well, and what goes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.expectations import expectations
from ansible.module_utils.flowstream.rollout.gate import (
    Answer,
    Counting,
    Health,
    counting,
    judge,
    parse_health,
    window,
)
from ansible.module_utils.flowstream.rollout.report import coming, count, dropped, ended, judged
from ansible.module_utils.flowstream.rollout.standing import Standing, modules, standing
from ansible.module_utils.flowstream.rollout.waves import canary_of, parse_wish, waves_of
from ansible.module_utils.flowstream.traffic.handover import passages
from ansible.module_utils.flowstream.traffic.verification import TrafficEndpoint

_NOBODY = "all:!all"
"""A pattern that no machine has."""


def flowstream_rollout(
    hostvars: Mapping[str, Mapping[str, Any]],
    plan: Mapping[str, Any],
    deployed: Mapping[str, Any],
    wishes: Mapping[str, Any],
    health: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what leads from the plan that is deployed to another, where that is configurations alone.

    `wishes` are C(canary) and C(batch) as a person wrote them, and C(groups) of hosts. `processing_module_info` of a module host has what
    its modules run. C(faults) are why nothing is to be done, C(lines) say what is to be. C(canary) and C(waves) are modules by host,
    C(judged) those that run the new configuration before anything was done, C(serial) the numbers of hosts in the waves, C(order) their
    hosts, C(astray) what goes back to what is deployed, C(handlers) what to read.
    """
    wanted, before = Plan.from_dict(plan), Plan.from_dict(deployed)
    try:
        wish, well = parse_wish(wishes["canary"], wishes["batch"], wishes["groups"]), parse_health(health)
        found = standing(before, wanted, _running(hostvars, wanted))
        touched = {*found.begun, *found.waiting, *found.astray}
        others = [pm.name for _, pm in modules(wanted) if pm.name not in touched]
        first = canary_of(wish, found.waiting, found.begun, others) if touched and not found.astray else ()
    except FlowstreamError as error:
        return {"faults": list(error.messages)}
    rest = _by_host(wanted, [name for name in found.waiting if name not in first])
    order = waves_of(wish, list(rest))
    waves = [{host: rest[host] for host in wave} for wave in order]
    return {
        "faults": [],
        "lines": coming(wanted, found, first, waves, well),
        "canary": _by_host(wanted, first),
        "judged": _by_host(wanted, found.begun),
        "waves": rest,
        "order": [host for wave in order for host in wave],
        "serial": [len(wave) for wave in order],
        "astray": _by_host(wanted, found.astray),
        "handlers": _handlers(before, wanted, found, well),
    }


def _running(hostvars: Mapping[str, Mapping[str, Any]], plan: Plan) -> dict[str, str]:
    """What each module runs that answers."""
    running: dict[str, str] = {}
    for host in plan.hosts:
        info = hostvars[host].get("processing_module_info", {})
        texts = info.get("configurations", {})
        answering = [pm for pm in info.get("pms", []) if pm.get("active") and not pm.get("error")]
        running |= {pm["name"]: texts[pm["name"]] for pm in answering if pm["name"] in texts}
    return running


def _by_host(plan: Plan, names: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    wanted = set(names)
    for host, pm in modules(plan):
        if pm.name in wanted:
            found.setdefault(host, []).append(pm.name)
    return found


def _handlers(before: Plan, wanted: Plan, found: Standing, health: Health) -> dict[str, list[str]]:
    """What to ask of the modules of each host."""
    touched = {*found.begun, *found.waiting, *found.astray}
    configs: dict[str, list[str]] = {}
    for plan in (before, wanted):
        for host, pm in modules(plan):
            if pm.name in touched:
                configs.setdefault(host, []).append(pm.config)
    asked = {host: counting(texts, health) for host, texts in configs.items()}
    return {host: sorted({*counts.received, *counts.dropped}) for host, counts in asked.items()}


def flowstream_rollout_hosts(hostvars: Mapping[str, Mapping[str, Any]], part: str) -> str:
    """Return the pattern of the hosts that a part of a rollout is for: V(share), V(canary), V(waves) or V(back).

    The waves come when the canary is well. A check of the syntax has no variables.
    """
    local = hostvars.get("localhost", {})
    if part == "back":
        return ":".join(local.get("rollout_back", {})) or _NOBODY
    rollout = local.get("rollout", {})
    if part == "share":
        return ":".join(sorted(rollout.get("share", {}))) or _NOBODY
    if any(gate["failed"] for gate in local.get("rollout_gates", [])):
        return _NOBODY
    hosts = {**rollout.get("canary", {}), **rollout.get("judged", {})} if part == "canary" else rollout.get("order", [])
    return ":".join(sorted(hosts) if part == "canary" else hosts) or _NOBODY


def flowstream_rollout_gate(
    hostvars: Mapping[str, Mapping[str, Any]],
    hosts: list[str],
    part: str,
    plan: Mapping[str, Any],
    deployed: Mapping[str, Any],
    health: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the verdict over the modules of a wave on these hosts, by the answers in `rollout_reads`.

    C(failed), C(title), C(lines), and C(modules), by host, are those that have the new configuration now.
    """
    local = hostvars["localhost"]
    rollout, well = local["rollout"], parse_health(health)
    number = sum(1 for gate in local.get("rollout_gates", []) if gate["title"].startswith("wave"))
    title = "canary" if part == "canary" else f"wave {number + 1} of {len(rollout['serial'])}"
    new, old = (planned_on(one, hosts) for one in (plan, deployed))
    own = {
        host: [*rollout[part].get(host, []), *(rollout["judged"].get(host, []) if part == "canary" else [])]
        for host in hosts
    }
    verdicts = []
    for host, name in ((one, name) for one in hosts for name in own[one]):
        counts = counting([old[name].config, new[name].config], well)
        answers = answers_of(hostvars[host], name, part)
        begun = name in rollout["judged"].get(host, [])
        verdict = judge(name, host, new[name].config, counts, answers[-2:] if begun else answers, well)
        verdicts.append(verdict)
    refused = {host: hostvars[host].get("processing_module_ran", {}) for host in hosts}
    lines = judged(title, verdicts, well.packets)
    wrong = [
        f"{host}: {' '.join(str(ran.get('msg', 'does not answer')).split())}"
        for host, ran in refused.items()
        if ran.get("failed") or ran.get("unreachable")
    ]
    return {
        "title": title,
        "failed": bool(wrong) or any(verdict.faults for verdict in verdicts),
        "lines": [*lines, *wrong],
        "modules": own,
    }


def planned_on(plan: Mapping[str, Any], hosts: Sequence[str]) -> dict[str, Any]:
    """The modules of these hosts, by name."""
    part = {**plan, "hosts": {name: plan["hosts"][name] for name in hosts}, "switches": {}}
    return {pm.name: pm for _, pm in modules(Plan.from_dict(part))}


def answers_of(variables: Mapping[str, Any], module: str, *parts: str) -> list[Answer]:
    """What a module answered in parts of a rollout, in order."""
    found = []
    for read in variables.get("rollout_reads", []):
        if read["part"] not in parts:
            continue
        own = next((pm for pm in read["info"].get("pms", []) if pm["name"] == module), None)
        fault = "" if own else " ".join(str(read["info"].get("msg", "is not there")).split())
        if own and not own.get("active"):
            fault = "does not run"
        elif own and own.get("error"):
            fault = str(own["error"])
        runs = read["info"].get("configurations", {}).get(module)
        found.append(Answer(float(read["at"]), own.get("handlers", {}) if own else {}, runs, fault))
    return found


def flowstream_rollout_probes(
    deployed: Mapping[str, Any],
    endpoints: Mapping[str, Mapping[str, Any]],
    results: Mapping[str, Mapping[str, Any]],
    part: str,
    health: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the verdict over the packets that were sent meanwhile for each route of what is deployed.

    It is as that of P(flowstream_rollout_gate#filter), with C(lost) and C(sent) packets.
    """
    well = parse_health(health)
    outside = [TrafficEndpoint.from_dict(name, fact) for name, fact in sorted(endpoints.items())]
    rows = passages(expectations(Plan.from_dict(deployed)), outside, results, frozenset())
    bad = [row for row in rows if row.sent and 100 * row.lost / row.sent > well.probes]
    lost, sent = sum(row.lost for row in rows), sum(row.sent for row in rows)
    return {
        "title": f"probes of the {part}",
        "failed": bool(bad),
        "lines": [
            f"probes of the {part}: {lost:,} of {count(sent, 'packet')} were lost",
            *(
                f"{row.probe.prefix} by {row.probe.pm}: {row.lost:,} of {row.sent:,} lost, {100 * row.lost / row.sent:.1f} %"
                for row in bad
            ),
        ],
        "modules": {},
        "lost": lost,
        "sent": sent,
    }


def flowstream_rollout_back(rollout: Mapping[str, Any], gates: list[Mapping[str, Any]], failure: str) -> dict[str, Any]:
    """Return the modules, by host, that get their old configuration back.

    `failure` says whose, where a gate failed: V(back) of all, V(stop) of the wave alone.
    """
    failed = [gate for gate in gates if gate["failed"]]
    if not failed:
        return dict(rollout.get("astray", {}))
    passed = [gate for gate in gates if gate["modules"]]
    meant = passed[-1:] if failure == "stop" else passed
    found: dict[str, list[str]] = {}
    for gate in meant:
        for host, names in gate["modules"].items():
            found.setdefault(host, []).extend(names)
    return found


def flowstream_rollout_end(
    hostvars: Mapping[str, Mapping[str, Any]],
    plan: Mapping[str, Any],
    deployed: Mapping[str, Any],
    health: Mapping[str, Any],
    seconds: float,
) -> dict[str, Any]:
    """Return how a rollout ended, C(failed), and C(lines) that say it; `seconds` is how long all took."""
    local = hostvars["localhost"]
    gates, back = local.get("rollout_gates", []), local.get("rollout_back", {})
    failed = [gate for gate in gates if gate["failed"]]
    names = [name for own in back.values() for name in own]
    unreturned = {
        name: why
        for host, own in back.items()
        for name in own
        if (why := _unreturned(hostvars[host], name, deployed, host))
    }
    identity = plan["allocation"]["id"]
    took = f"{count(sum(1 for gate in gates if 'sent' not in gate), 'gate')} in {seconds:.1f} s"
    if not failed:
        given = sum(len(own) for gate in gates for own in gate["modules"].values())
        done = (
            f"{count(given, 'module')} run what was rolled out"
            if gates
            else f"{count(len(names), 'module')} run again what is deployed"
        )
        return {
            "failed": bool(unreturned),
            "lines": [f"{identity}: {done}; {took}", *(f"{name}: {why}" for name, why in unreturned.items())],
        }
    stay = sum(len(own) for gate in gates for own in gate["modules"].values()) - len(names)
    kept = [name for gate in gates for own in gate["modules"].values() for name in own if name not in names]
    lines = ended(
        identity,
        failed[0]["title"],
        [name for name in names if name not in unreturned],
        kept if stay else [],
        unreturned,
    )
    if back:
        lines.append(_dropped(hostvars, back, plan, deployed, parse_health(health)))
    lines += [gate["lines"][0] for gate in gates if gate.get("sent")]
    return {"failed": True, "lines": [*failed[0]["lines"], *lines, took]}


def _unreturned(variables: Mapping[str, Any], name: str, deployed: Mapping[str, Any], host: str) -> str:
    """Why a module does not run what is deployed after it should have got that back; empty when it does."""
    ran = variables.get("processing_module_ran", {})
    if ran.get("failed") or ran.get("unreachable"):
        return " ".join(str(ran.get("msg", "its host does not answer")).split())
    answers = answers_of(variables, name, "back")
    if not answers or answers[-1].fault:
        return answers[-1].fault if answers else "nobody asked it"
    return ""


def _dropped(
    hostvars: Mapping[str, Mapping[str, Any]],
    back: Mapping[str, Sequence[str]],
    plan: Mapping[str, Any],
    deployed: Mapping[str, Any],
    health: Health,
) -> str:
    """What modules dropped from before they had their new configuration until they had their old one again."""
    by_module: dict[str, Counter[str]] = {}
    received = 0
    new, old = planned_on(plan, list(back)), planned_on(deployed, list(back))
    for host, name in ((host, name) for host, own in back.items() for name in own):
        counts: Counting = counting([old[name].config, new[name].config], health)
        answers = answers_of(hostvars[host], name, "canary", "waves", "back")
        # The window before the change is none of it.
        since = [answer for answer in answers if not answer.fault][1:]
        for then, now in pairwise(since):
            seen = window(counts, then, now)
            by_module.setdefault(name, Counter()).update(seen.dropped)
            received += seen.received
    return dropped(by_module, received)
