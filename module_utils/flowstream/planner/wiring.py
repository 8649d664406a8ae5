# SPDX-License-Identifier: Apache-2.0
"""Where the modules of a plan hang, and from that the flow entries of every bridge: each path's own, together in one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from ansible.module_utils.flowstream.fabric.fabric import Fabric
from ansible.module_utils.flowstream.fabric.lowering import Lowering
from ansible.module_utils.flowstream.flows.flow import Flow, Group
from ansible.module_utils.flowstream.offload.spare import Spare
from ansible.module_utils.flowstream.paths import host_offload, parallel_by_prefix, serial
from ansible.module_utils.flowstream.paths.device import DeviceArm
from ansible.module_utils.flowstream.paths.fence import fence, hold
from ansible.module_utils.flowstream.paths.parallel_by_prefix import Arm, in_order
from ansible.module_utils.flowstream.paths.parallel_in_tables import Layout, layout_of
from ansible.module_utils.flowstream.paths.serial import StageArm, Way
from ansible.module_utils.flowstream.paths.switch_offload import FIRST_TABLE, Offload
from ansible.module_utils.flowstream.plan.bypass import Bypass
from ansible.module_utils.flowstream.plan.own import is_held
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.stage import PlannedDevice
from ansible.module_utils.flowstream.platform.facts import ModuleHost


class Wiring:
    """Gathers the modules and then, when all hang, gives the entries: how they are laid out is decided once for all bridges."""

    def __init__(self, ports: Sequence[PlannedPort], cookie: int, fabric: Fabric | None = None) -> None:
        """With a `fabric` of several switches, paths see one that has the ports of all."""
        self._fabric = Lowering(fabric) if fabric else None
        self._ports = [replace(port, switchport=self._number(port.switch, port.switchport)) for port in ports]
        self._cookie = cookie
        self._arms: list[Arm] = []
        self._stages: dict[int, dict[int, list[StageArm | DeviceArm]]] = {}
        self._devices: list[DeviceArm] = []
        self._tables: dict[str, int] = {}
        self._foreign: dict[str, list[tuple[int, int]]] = {}
        self._held: dict[str, list[Flow]] = {}

    def add(self, pm: PlannedPm, host: ModuleHost) -> None:
        """Hang a module up."""
        if pm.foreign:
            self._foreign.setdefault(host.name, []).extend((pm.pm_id, vif.ofport) for vif in pm.vifs)
        if is_held(pm):
            for vif in pm.vifs:
                self._held.setdefault(host.name, []).extend(hold(pm, vif, self._ports, host.uplink_port, self._cookie))
        if pm.stage is None:
            place = host.name, self._number(host.switch, host.switch_port)
            spare = Spare.of(pm.facts) is not None
            self._arms += [Arm(pm.pm_id, pm.claims, *place, vif.ofport, vif.ports, spare) for vif in pm.vifs]
            return
        (vif,) = pm.vifs
        stage = pm.stage.stage_id
        arm = StageArm(
            pm.pm_id,
            stage,
            pm.stage.networks,
            host.name,
            self._number(host.switch, host.switch_port),
            vif.ofport,
            self._offload(pm, stage),
        )
        self._stages.setdefault(pm.stage.port, {}).setdefault(pm.stage.position, []).append(arm)

    def add_device(self, one: PlannedDevice) -> None:
        """Hang a device up."""
        outside, inside = (self._number(one.switch, port) for port in (one.outside_port, one.inside_port))
        arm = DeviceArm(one.name, one.stage.stage_id, outside, inside, one.bypass)
        self._devices.append(arm)
        self._stages.setdefault(one.stage.port, {})[one.stage.position] = [arm]

    def _offload(self, pm: PlannedPm, stage: str) -> Offload | None:
        bypass = Bypass.of(pm.facts)
        if bypass is None:
            return None
        return Offload(bypass, self._tables.setdefault(stage, FIRST_TABLE + len(self._tables)))

    def _number(self, switch: str, port: int) -> int:
        return self._fabric.number(switch, port) if self._fabric else port

    def switch_flows(self, switch: str) -> tuple[Flow, ...]:
        """Return the entries of a switch."""
        if self._fabric is None:
            return self._switch_flows
        return tuple(sorted(self._fabric.flows(switch, self._switch_flows), key=in_order))

    @cached_property
    def _switch_flows(self) -> tuple[Flow, ...]:
        """The entries of all switches, as if they were one."""
        if not self._stages:
            return self._layout.switch_flows(self._ports, self._arms, self._cookie)
        flows = parallel_by_prefix.switch_flows(self._ports, self._arms, self._cookie, self._stages)
        staged = (flow for way in self._ways for flow in serial.switch_flows(way, self._cookie))
        return tuple(sorted([*flows, *staged], key=in_order))

    def switch_groups(self, switch: str) -> tuple[Group, ...]:
        """Return the groups of a switch."""
        groups = (group for device in self._devices for group in device.groups())
        if self._fabric is None:
            return tuple(sorted(groups))
        return tuple(sorted(group for name, group in map(self._fabric.group, groups) if name == switch))

    def spilled(self, switch: str) -> dict[int, Flow]:
        """Return the entries of a switch with which spares get flows, by number of the module."""
        entries = host_offload.spilled(self._ports, self._arms, self._cookie)
        if self._fabric is None:
            return entries
        # What is dealt comes in by the ports of one switch.
        here = {self._fabric.place(port.switchport).switch for port in self._ports} == {switch}
        return {pm: self._fabric.flow(switch, flow) for pm, flow in entries.items() if here}

    def host_flows(self, host: ModuleHost) -> tuple[Flow, ...]:
        """Return the entries of one host's bridge."""
        place = host.name, host.uplink_port
        fences = [*fence(self._foreign.get(host.name, ()), self._cookie), *self._held.get(host.name, ())]
        if not self._stages:
            flows = self._layout.host_flows(self._ports, self._arms, *place, self._cookie)
            return tuple(sorted([*flows, *fences], key=in_order))
        bridges = {way.port.portid: 2 if isinstance(way.stages[-1][0], DeviceArm) else 3 for way in self._ways}
        flows = parallel_by_prefix.host_flows(self._ports, self._arms, *place, self._cookie, bridges)
        staged = (flow for way in self._ways for flow in serial.host_flows(way, *place, self._cookie))
        return tuple(sorted([*flows, *staged, *fences], key=in_order))

    @cached_property
    def _layout(self) -> Layout:
        return layout_of(self._ports, self._arms)

    @cached_property
    def _ways(self) -> list[Way]:
        return [
            Way(
                port,
                tuple(tuple(arms) for _, arms in sorted(self._stages[port.portid].items())),
                tuple(arm for arm in self._arms if arm.serves(port.portid)),
            )
            for port in self._ports
            if port.portid in self._stages
        ]
