# SPDX-License-Identifier: Apache-2.0
"""What an allocation may not ask of the switches: ports that lead nowhere, and paths that one switch has to see whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import shown
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation, Port, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import pm_label, port_label, stage_label
from ansible.module_utils.flowstream.allocation.shape import choice
from ansible.module_utils.flowstream.plan.bypass import Bypass
from ansible.module_utils.flowstream.plan.plan import PlannedPort
from ansible.module_utils.flowstream.plan.stage import PlannedDevice, PlannedStage
from ansible.module_utils.flowstream.plan.vif import TAGGED
from ansible.module_utils.flowstream.platform.facts import Platform


def refuse_ports(allocation: Allocation, platform: Platform) -> None:
    """Raise FlowstreamError, with lines, for each platform port at a port of a switch that does not lead outside."""
    names = [switch.name for switch in platform.switches]
    findings = Findings(allocation.file)
    for port in allocation.ports:
        at = port.switch or (names[0] if len(names) == 1 else "")
        if not at:
            text = f"switch is missing; the platform has several, add {choice(names)}, or say it in platform_ports"
            findings.error(port.line, port_label(port), f"{text} of the inventory")
        elif at not in names:
            findings.error(port.line, port_label(port), f"switch is unknown, got {shown(at)}; use {choice(names)}")
        elif problem := _taken(port, at, platform):
            findings.error(port.line, port_label(port), problem)
    if findings.errors:
        raise findings.as_error()


def _taken(port: Port, switch: str, platform: Platform) -> str:
    used = {
        host.switch_port: f"the link of module host {host.name}" for host in platform.hosts if host.switch == switch
    }
    for device in (device for device in platform.devices if device.switch == switch):
        used |= dict.fromkeys((device.outside_port, device.inside_port), f"a port of device {device.name}")
    (own,) = (one for one in platform.switches if one.name == switch)
    used |= {number: f"the link to switch {end.switch}" for number, end in own.links.items()}
    if port.switchport in used:
        return f"switchport is {used[port.switchport]}, got {port.switchport}; use a port that leads outside"
    if platform.fabric and port.switchport not in own.outside:
        outside = f"use {choice(map(str, own.outside))}" if own.outside else "it has none"
        return (
            f"switchport is none of {switch} that leads outside (flow_switch_outside), got {port.switchport}; {outside}"
        )
    return ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A module, the stage that it stands in, what its type decided, whether flows are dealt to it, and the switch that its host is at."""

    pm: ProcessingModule
    stage: PlannedStage | None
    facts: Mapping[str, object]
    dealt: bool
    switch: str


def refuse_across(
    allocation: Allocation,
    ports: Sequence[PlannedPort],
    devices: Sequence[PlannedDevice],
    modules: Sequence[Attached],
) -> None:
    """Raise FlowstreamError, with lines, for what has to be at one switch and is at several."""
    findings = Findings(allocation.file)
    of_port = {port.portid: port.switch for port in ports}
    everywhere = {one.switch for one in modules}
    for one in modules:
        at = everywhere | ({of_port[one.stage.port]} if one.stage else set())
        if Bypass.of(one.facts) is not None and len(at) > 1:
            text = "gives flows back to the switch, which has to have the port and all modules itself"
            findings.error(one.pm.line, pm_label(one.pm), f"{text}, got {_several(at)}; remove the bypass")
        if TAGGED in one.facts and len(at := everywhere | set(of_port.values())) > 1:
            text = "has subscribers in VLANs, whose tags no link between switches carries"
            findings.error(
                one.pm.line, pm_label(one.pm), f"{text}, got {_several(at)}; put ports and modules at one switch"
            )
    for device in devices:
        at = everywhere | {of_port[device.stage.port], device.switch}
        if device.bypass and len(at) > 1:
            (stage,) = (stage for stage in allocation.stages if stage.stage_id == device.stage.stage_id)
            text = "goes past its device when that is down, so port, device and all modules have to be at one switch"
            findings.error(stage.line, stage_label(stage), f"{text}, got {_several(at)}; write down=block")
    entries = set(of_port.values())
    if len(entries) > 1 and (dealt := [one.pm for one in modules if one.dealt]):
        text = "shares flows with others, which one switch has to deal in both directions"
        advice = "put the ports at one switch, or share by prefix"
        findings.error(dealt[0].line, pm_label(dealt[0]), f"{text}, got ports at {_several(entries)}; {advice}")
    if findings.errors:
        raise findings.as_error()


def _several(switches: set[str]) -> str:
    return " and ".join(sorted(switches))
