# SPDX-License-Identifier: Apache-2.0
"""From an allocation and the facts of a platform to the plan. Every decision is taken here or in what this calls."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from ansible.module_utils.flowstream.addresses import shown
from ansible.module_utils.flowstream.allocation.device import BYPASS
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation, Port
from ansible.module_utils.flowstream.allocation.rules import check, stage_label
from ansible.module_utils.flowstream.allocation.shape import choice
from ansible.module_utils.flowstream.attachment.refused import Attached, refuse_across, refuse_ports
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.fabric.fabric import Fabric
from ansible.module_utils.flowstream.fabric.share import UNLINKED
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Middlebox
from ansible.module_utils.flowstream.middleboxes.template import Render
from ansible.module_utils.flowstream.offload.spare import FACT
from ansible.module_utils.flowstream.placement.numbers import Plug, numbered
from ansible.module_utils.flowstream.placement.request import Place, Placer
from ansible.module_utils.flowstream.placement.round_robin import round_robin
from ansible.module_utils.flowstream.plan.claim import PART_OF
from ansible.module_utils.flowstream.plan.plan import (
    HostPlan,
    Plan,
    PlannedPm,
    PlannedPort,
    SwitchPlan,
    cookie_of,
    digest,
)
from ansible.module_utils.flowstream.plan.stage import PlannedDevice, PlannedStage
from ansible.module_utils.flowstream.plan.vif import Vif
from ansible.module_utils.flowstream.planner.joint import ALONE, refuse_conflicts
from ansible.module_utils.flowstream.planner.modules import WantedModule, positions, requests_of, wanted_modules
from ansible.module_utils.flowstream.planner.proof import check_flows
from ansible.module_utils.flowstream.planner.quota import refuse_beyond_quota
from ansible.module_utils.flowstream.planner.types import STAGES, TYPES, Stages, Types, middlebox_of
from ansible.module_utils.flowstream.planner.wiring import Wiring
from ansible.module_utils.flowstream.platform.drivers import ONE_INTERFACE
from ansible.module_utils.flowstream.platform.facts import ModuleHost, Platform
from ansible.module_utils.flowstream.platform.occupancy import NOTHING, Occupancy
from ansible.module_utils.flowstream.platform.switches import FlowSwitch


def plan_allocation(
    allocation: Allocation,
    platform: Platform,
    render: Render,
    place: Placer = round_robin,
    types: Types = TYPES,
    stages: Stages = STAGES,
    occupancy: Occupancy = NOTHING,
    earlier: Mapping[str, Allocation] = ALONE,
) -> Plan:
    """Compile the plan beside what runs already, and check its flow tables together.

    What was planned `earlier` for the same deployment, by id, conflicts name with its lines.

    Raises FlowstreamError naming every processing module that fits nowhere, every port that two would use, every rule that
    addresses of the inventory break, or what another allocation has already.
    """
    middlebox = middlebox_of(allocation.type, types)
    allocation, _ = with_addresses(allocation, platform, middlebox, stages)
    refuse_ports(allocation, platform)
    devices = _planned_devices(allocation, platform)
    ports = tuple(_planned_port(port, platform.fabric) for port in allocation.ports)
    wanted = list(wanted_modules(allocation, middlebox, stages))
    names = [allocation.name_of(module.pm) for module in wanted]
    others = occupancy.without(allocation.allocation_id)
    running = occupancy.of(allocation.allocation_id)
    bodies = [module.body(ports) for module in wanted]
    places = place(
        requests_of(allocation, wanted, bodies, ports, running),
        platform.hosts,
        {host.name: others.use(host.name) for host in platform.hosts},
    )
    _refuse_too_many_arms(allocation, places, wanted)
    _refuse_spares_at_home(allocation, places, wanted, bodies)
    if platform.fabric:
        attached = [
            Attached(module.pm, module.stage, body.facts, any(each.dealt for each in body.claims), found.host.switch)
            for module, body, found in zip(wanted, bodies, places, strict=True)
        ]
        refuse_across(allocation, ports, devices, attached)
    # The first arm has the module's own name, so that others beside it change nothing about it.
    homes = [(name, found.host.name, module) for name, found, module in zip(names, places, wanted, strict=True)]
    further = [Plug(f"{name}/{arm}", name, host) for name, host, module in homes for arm in module.arms[1:]]
    first = [Plug(name, name, host) for name, host, _ in homes]
    plugs = numbered([*first, *further], allocation.allocation_id, occupancy)
    cookie = cookie_of(allocation.allocation_id)
    pms: dict[str, list[PlannedPm]] = {host.name: [] for host in platform.hosts}
    wiring = Wiring(ports, cookie, platform.fabric)
    for one in devices:
        wiring.add_device(one)
    for name, module, body, found in zip(names, wanted, bodies, places, strict=True):
        vifs = []
        for index, interface in enumerate(module.arms):
            own = name if index == 0 else f"{name}/{interface}"
            device, ofport = plugs[own]
            vifs.append(Vif(device, interface, _guest_mac(own), ofport, module.pm.rate, body.ports.get(interface)))
        planned = dataclasses.replace(_planned_pm(module, name, found, tuple(vifs), body), tenant=allocation.tenant)
        if module.pm.part is not None:
            whole = dataclasses.replace(module.pm, pm_id=module.pm.part_of, part=None)
            planned = dataclasses.replace(planned, facts={**planned.facts, PART_OF: allocation.name_of(whole)})
        planned = dataclasses.replace(planned, config=module.configuration(planned, ports, render))
        pms[found.host.name].append(planned)
        wiring.add(planned, found.host)
    plan = Plan(
        allocation_id=allocation.allocation_id,
        type=allocation.type,
        subtype=allocation.subtype,
        sha256=allocation.sha256,
        ports=ports,
        cookie=cookie,
        switches={
            switch.name: _switch_plan(switch, allocation, wiring, platform.fabric) for switch in platform.switches
        },
        hosts={host.name: _host_plan(host, wiring, pms[host.name]) for host in platform.hosts},
        tenant=allocation.tenant,
        devices=devices,
    )
    check_flows(plan)
    refuse_beyond_quota(allocation, plan, platform, occupancy)
    refuse_conflicts(allocation, plan, platform.switches, occupancy, earlier)
    return plan


def with_addresses(
    allocation: Allocation, platform: Platform, middlebox: Middlebox, stages: Stages
) -> tuple[Allocation, list[str]]:
    """Add the addresses and gateways that the inventory has for ports to which the allocation gives none.

    Return what that makes of the allocation, and the warnings about it.
    """
    ports = tuple(_with_facts(port, platform) for port in allocation.ports)
    if ports == allocation.ports:
        return allocation, []
    completed = dataclasses.replace(allocation, ports=ports)
    # What is a part of a module is no module of the description, which is what the rules are for.
    described = dataclasses.replace(completed, pms=tuple(pm for pm in completed.pms if pm.part is None))
    findings = Findings(allocation.file)
    check(described, findings)
    middlebox.check(described, findings)
    for stage in described.stages:
        if stage.device is None:
            stages[stage.type].check(stage, described, findings)
    if findings.errors:
        raise findings.as_error()
    return completed, list(map(str, findings.warnings))


def _with_facts(port: Port, platform: Platform) -> Port:
    facts = platform.ports.get(port.portid)
    if facts is None:
        return port
    return dataclasses.replace(
        port,
        addresses=port.addresses or facts.addresses,
        gateway=facts.gateway if port.gateway is None else port.gateway,
        switch=port.switch or facts.switch,
    )


def _planned_devices(allocation: Allocation, platform: Platform) -> tuple[PlannedDevice, ...]:
    """The devices that carry stages; raises FlowstreamError for those that the inventory does not have."""
    known = {device.name: device for device in platform.devices}
    findings = Findings(allocation.file)
    found: list[PlannedDevice] = []
    for stage, position in positions(allocation):
        if stage.device is None:
            continue
        device = known.get(stage.device.name)
        if device is None:
            advice = f"use {choice(known)}" if known else "put it into the inventory's group devices"
            text = f"device is unknown here, got {shown(stage.device.name)}; {advice}"
            findings.error(stage.line, stage_label(stage), text)
            continue
        place = PlannedStage(stage.stage_id, stage.type, stage.port, position)
        bypass = stage.device.down == BYPASS
        found.append(PlannedDevice(device.name, place, device.switch, device.outside_port, device.inside_port, bypass))
    if findings.errors:
        raise findings.as_error()
    return tuple(found)


def _refuse_too_many_arms(allocation: Allocation, places: Sequence[Place], wanted: Sequence[WantedModule]) -> None:
    errors = [
        f"{allocation.file}:{module.pm.line}: pm {module.pm.pm_id}: has {len(module.arms)} interfaces, got kind {place.kind},"
        " which has one; give it another kind"
        for module, place in zip(wanted, places, strict=True)
        if len(module.arms) > 1 and place.kind in ONE_INTERFACE
    ]
    if errors:
        raise FlowstreamError(*errors)


def _refuse_spares_at_home(
    allocation: Allocation, places: Sequence[Place], wanted: Sequence[WantedModule], bodies: Sequence[Body]
) -> None:
    """What a host has too much of, a spare on the same host does not take away."""
    serving = {
        place.host.name: module.pm.pm_id
        for place, module, body in reversed(list(zip(places, wanted, bodies, strict=True)))
        if module.stage is None and FACT not in body.facts
    }
    errors = [
        f"{allocation.file}:{module.pm.line}: pm {module.pm.pm_id}: takes flows on another host, got {place.host.name} for it and"
        f" pm {serving[place.host.name]}; add a module host, remove the spill, or have modules balanced (platform_placement)"
        for place, module, body in zip(places, wanted, bodies, strict=True)
        if FACT in body.facts and place.host.name in serving
    ]
    if errors:
        raise FlowstreamError(*errors)


def _planned_port(port: Port, fabric: Fabric | None) -> PlannedPort:
    return PlannedPort(
        port.portid,
        port.mac,
        port.switchport,
        port.addresses,
        port.gateway,
        port.any_source,
        port.addresses6,
        port.gateway6,
        port.switch if fabric else "",
    )


def _planned_pm(module: WantedModule, name: str, place: Place, vifs: tuple[Vif, ...], body: Body) -> PlannedPm:
    return PlannedPm(
        name=name,
        pm_id=module.pm.pm_id,
        kind=place.kind,
        memory_mib=place.memory,
        vcpus=place.vcpus,
        claims=tuple(sorted(body.claims, key=lambda claim: claim.rank)),
        routes=body.routes,
        vifs=vifs,
        config="",
        facts=body.facts,
        stage=module.stage,
        foreign=body.foreign,
        why=place.why,
    )


def _switch_plan(switch: FlowSwitch, allocation: Allocation, wiring: Wiring, fabric: Fabric | None) -> SwitchPlan:
    entries = wiring.spilled(switch.name)
    return SwitchPlan(
        bridge=switch.bridge,
        flows=wiring.switch_flows(switch.name),
        groups=wiring.switch_groups(switch.name),
        spilled={allocation.name_of(pm): entries[pm.pm_id] for pm in allocation.pms if pm.pm_id in entries},
        fabric=fabric.share(switch.name) if fabric else UNLINKED,
    )


def _host_plan(host: ModuleHost, wiring: Wiring, pms: Sequence[PlannedPm]) -> HostPlan:
    return HostPlan(
        driver=host.driver,
        bridge=host.bridge,
        uplink_port=host.uplink_port,
        switch=host.switch,
        switch_port=host.switch_port,
        flows=wiring.host_flows(host),
        pms=tuple(pms),
    )


def _guest_mac(name: str) -> str:
    """A locally administered unicast address (IEEE 802-2014 section 8.4) that the name decides."""
    digits = f"{digest(name) & 0xFFFFFFFFFF:010x}"
    return ":".join(["02", *(digits[at : at + 2] for at in range(0, 10, 2))])
