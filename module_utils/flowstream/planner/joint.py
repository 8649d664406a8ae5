# SPDX-License-Identifier: Apache-2.0
"""A plan beside what others have on the platform: what they would both claim, what moves, what will be there afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

from ansible.module_utils.flowstream.allocation.document import ROOT
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.rules import pm_label, port_label, stage_label
from ansible.module_utils.flowstream.flows.marks import Marks, marks_of
from ansible.module_utils.flowstream.middleboxes.middlebox import Counting
from ansible.module_utils.flowstream.migration.moves import CARRYING
from ansible.module_utils.flowstream.plan.obstacles import full_tables, joined, port_conflicts
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.types import STAGES, TYPES, Stages, Types, middlebox_of
from ansible.module_utils.flowstream.platform.facts import ModuleHost, Platform
from ansible.module_utils.flowstream.platform.occupancy import Occupancy, RunningModule
from ansible.module_utils.flowstream.platform.switches import FlowSwitch

ALONE: Mapping[str, Allocation] = MappingProxyType({})
"""What is planned with others where there are none."""


def refuse_conflicts(
    allocation: Allocation,
    plan: Plan,
    switches: Sequence[FlowSwitch],
    occupancy: Occupancy,
    earlier: Mapping[str, Allocation] = ALONE,
) -> None:
    """Raise FlowstreamError, with the line of each platform port, for what another allocation has of the switches already.

    So it does for tables that are too small for all. Of those that were planned `earlier` in the same deployment, by id, the message
    names file and line as well.
    """
    findings = Findings(allocation.file)
    others = occupancy.without(plan.allocation_id)
    for text in full_tables(plan, switches, others.taken):
        advice = "ask for less, or raise flow_entries of flow_switch_capacity if it holds more"
        findings.error(allocation.line, ROOT, f"{text}; {advice}")
    own = {name: marks_of(switch.flows) for name, switch in plan.switches.items()}
    whole = joined(plan, own)
    for owner in others.owners(plan.switches):
        theirs = {name: others.marks.get(name, {}).get(owner, Marks()) for name in plan.switches}
        there, places = joined(plan, theirs), _places(earlier.get(owner))
        for port, planned in zip(allocation.ports, plan.ports, strict=True):
            for text in port_conflicts(planned, plan.allocation_id, whole, owner, there, places):
                findings.error(port.line, port_label(port), text)
        for name in plan.switches:
            for tag in sorted(own[name].tags & theirs[name].tags):
                text = f"packets of tag {tag.vlan} at port {tag.port} of {name} are those of allocation {owner}{_begin(earlier.get(owner))}"
                advice = "give one of them another id, which decides its tags"
                findings.error(allocation.line, ROOT, f"{text}, got id {plan.allocation_id}; {advice}")
            _check_devices(allocation, plan, name, owner, theirs[name], earlier.get(owner), findings)
    if findings.errors:
        raise findings.as_error()


def _check_devices(
    allocation: Allocation,
    plan: Plan,
    switch: str,
    owner: str,
    theirs: Marks,
    other: Allocation | None,
    findings: Findings,
) -> None:
    """Note each device that carries a stage of another allocation: what comes back by its ports is that one's."""
    for device in plan.devices:
        if device.switch == switch and {str(device.outside_port), str(device.inside_port)} & theirs.ports:
            stage = next(one for one in allocation.stages if one.stage_id == device.stage.stage_id)
            users = [one for one in other.stages if one.device and one.device.name == device.name] if other else []
            where = f" ({other.file}:{users[0].line})" if other and users else ""
            text = f"device carries a stage of allocation {owner}{where} already, got {device.name}"
            findings.error(stage.line, stage_label(stage), f"{text}; a device carries one stage, use another")


def _places(other: Allocation | None) -> dict[str, str]:
    """Where a description tells what its ports have, by what it is."""
    if other is None:
        return {}
    return {
        what: f"{other.file}:{port.line}"
        for port in other.ports
        for what in (port.mac, *(interface.text for interface in port.all_addresses))
    }


def _begin(other: Allocation | None) -> str:
    return "" if other is None else f" ({other.file}:{other.line})"


def moves(
    allocation: Allocation,
    plan: Plan,
    platform: Platform,
    occupancy: Occupancy,
    types: Types = TYPES,
    stages: Stages = STAGES,
    *,
    weighed: bool = False,
    left: Collection[str] = (),
) -> list[str]:
    """Return a line for each module that does not stay where it runs, with the reason and what the move costs.

    Where places are `weighed`, the plan says why a module is on its host. `left` are hosts that are to be empty.
    """
    hosts = {host.name: host for host in platform.hosts}
    running = occupancy.of(plan.allocation_id)
    placed = {pm.pm_id: (name, pm) for name, host in plan.hosts.items() for pm in host.pms}
    found: list[str] = []
    for pm in allocation.all_pms:
        host, planned = placed[pm.pm_id]
        before = running.get(planned.name)
        if before is not None and before.host != host:
            wanted = pm.kind or planned.kind
            reason = _why(hosts.get(before.host), before.host, wanted, planned.vcpus)
            if before.host in left:
                reason = f"{before.host} is to be empty"
            if reason is None:
                reason = planned.why if weighed else f"{before.host} has no room for it"
            kind = middlebox_of(plan.type, types) if planned.stage is None else stages[planned.stage.type]
            costs = f"costs {planned.memory_mib} MiB while both run" + _fate(kind, pm.kind or planned.kind)
            text = f"moves from {before.host} to {host}, because {reason}; {costs}"
            found.append(f"{allocation.file}:{pm.line}: {pm_label(pm)}: {text}")
    return found


def _fate(kind: Counting, runs_as: str) -> str:
    """What becomes of a module's flows when it moves."""
    if kind.state == ():
        return ""
    return ", and its connections" if kind.state is None or runs_as != CARRYING else "; its connections go with it"


def _why(host: ModuleHost | None, name: str, kind: str, vcpus: int) -> str | None:
    """Why a host cannot have a module even when it is empty."""
    if host is None:
        return f"{name} is no module host any more"
    if kind not in host.kinds:
        return f"{name} does not run {kind}"
    if host.max_vcpus < vcpus:
        return f"{name} gives one pm {host.max_vcpus} vcpus, not {vcpus}"
    return None


def unread(platform: Platform, occupancy: Occupancy | None, away: Collection[str] = ()) -> Iterator[str]:
    """Yield what a plan did not look at; None is an account that nobody has asked for. Hosts that are `away` need not be looked at."""
    if occupancy is None:
        yield "the platform was not looked at: planned as if nothing ran on it"
        return
    for machine, cause in occupancy.unread.items():
        if machine not in away and machine in {host.name for host in platform.hosts} | {
            switch.name for switch in platform.switches
        }:
            yield f"{machine} was not looked at: planned as if nothing ran there ({cause})"


def unbounded(platform: Platform, away: Collection[str] = ()) -> Iterator[str]:
    """Yield which limits of hosts a plan did not keep to, because nobody stated them and they were not measured."""
    for host in platform.hosts:
        if host.unknown and host.name not in away:
            keys = " and ".join(host.unknown)
            yield (
                f"{host.name}: planned without a bound of {keys}, which is neither measured nor in the inventory; let the host"
                " answer, or state it in module_host_capacity"
            )


def with_plan(occupancy: Occupancy, plan: Plan) -> Occupancy:
    """Return what will be on the platform when a plan is deployed."""
    return occupancy.having(plan.allocation_id, _modules(plan), _marks(plan))


def _modules(plan: Plan) -> Iterator[RunningModule]:
    for name, host in plan.hosts.items():
        for pm in host.pms:
            rates = [vif.rate_mbps for vif in pm.vifs if vif.rate_mbps is not None]
            yield RunningModule(
                name=pm.name,
                allocation=plan.allocation_id,
                host=name,
                tenant=pm.tenant,
                memory_mib=pm.memory_mib,
                rate_mbps=sum(rates) if rates else None,
                ports={vif.device: vif.ofport for vif in pm.vifs},
            )


def _marks(plan: Plan) -> Mapping[str, Marks]:
    return {name: marks_of(switch.flows) for name, switch in plan.switches.items()}
