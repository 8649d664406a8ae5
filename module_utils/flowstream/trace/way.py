# SPDX-License-Identifier: Apache-2.0
"""The way of one packet through bridges and modules: which entry and which elements it meets, step by step, until it leaves.

Bridges are followed as the proof of a plan follows them (`flows/pipeline`), modules by the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow, Group
from ansible.module_utils.flowstream.flows.lookup import LookupTable
from ansible.module_utils.flowstream.flows.packet import TAGGED, Packet
from ansible.module_utils.flowstream.flows.pipeline import Bridge, Chance, ways
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm
from ansible.module_utils.flowstream.trace.instrument import NEIGHBOUR, Passage
from ansible.module_utils.flowstream.trace.packet import SEALED, TracedPacket, fields_of, is_answer, with_tag

MOST_STEPS = 200
MOST_WAYS = 64
_VLAN = 0xFFF

Through = Callable[[PlannedPm, str, bytes], Passage]
"""Lets a frame into a module by one of its interfaces."""
Tables = Mapping[str, tuple[Sequence[Flow], Sequence[Group]]]
"""Flows and groups, by bridge."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to the packet at one place: an entry of a bridge, a module, a device, or the end.

    `entry` is what a bridge looks up, None for a bridge without one that matches; `portid` the platform port by which the packet
    itself leaves.
    """

    place: str
    kind: str
    what: str
    why: str = ""
    entry: Flow | None = None
    elements: tuple[str, ...] = ()
    portid: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        plain: dict[str, Any] = {"place": self.place, "kind": self.kind, "what": self.what, "why": self.why}
        return {
            **plain,
            **({"entry": self.entry.to_dict()} if self.entry else {}),
            **({"elements": list(self.elements)} if self.elements else {}),
            **({"portid": self.portid} if self.portid is not None else {}),
        }


def tables_of(plan: Plan) -> Tables:
    """Return what a plan gives the bridges."""
    groups = plan.groups()
    return {name: (flows, groups[name]) for name, flows in plan.entries().items()}


def trace(
    plan: Plan,
    tables: Tables,
    packet: TracedPacket,
    portid: int,
    through: Through,
    ports: Mapping[tuple[str, int], bool],
) -> list[tuple[Step, ...]]:
    """Return every way that a packet may take which enters by a platform port: several where groups or hashes choose.

    Of `ports` of bridges it is said whether they are up.
    Raises FlowstreamError for a port that the plan does not have, and for what cannot be followed.
    """
    port = next((port for port in plan.ports if port.portid == portid), None)
    if port is None:
        there = ", ".join(str(each.portid) for each in plan.ports)
        raise FlowstreamError(f"port: is none of allocation {plan.allocation_id}, got {portid}; write one of {there}")
    frame = packet.frame(NEIGHBOUR.hex(":"), port.mac)
    platform = _Platform(plan, tables, through)
    found: list[tuple[Step, ...]] = []
    place = plan.switch_of(port), port.switchport
    for way, _ in ways(lambda chance: tuple(platform.follow(frame, place, chance)), ports):
        if way not in found:
            found.append(way)
        if len(found) == MOST_WAYS:
            break
    return found


class _Platform:
    """The bridges of a platform with their tables, the links between them, and the modules."""

    def __init__(self, plan: Plan, tables: Tables, through: Through) -> None:
        self._through = through
        self._looked: list[tuple[int, Flow | None]] = []
        self._bridges = {name: Bridge(name, flows, groups, self._met) for name, (flows, groups) in tables.items()}
        self._outside = {(plan.switch_of(port), port.switchport): port for port in plan.ports}
        self._links = plan.links()
        self._modules: dict[tuple[str, int], tuple[PlannedPm, str]] = {}
        self._devices = {place: device for device in plan.devices for place in device.ports()}
        self._interfaces: dict[tuple[str, str], tuple[str, int]] = {}
        self._passages: dict[tuple[str, str, bytes], Passage] = {}
        for name, host in plan.hosts.items():
            for pm in host.pms:
                for vif in pm.vifs:
                    self._modules[name, vif.ofport] = (pm, vif.interface)
                    self._interfaces[pm.name, vif.interface] = (name, vif.ofport)

    def _met(self, table: LookupTable, packet: Packet, flow: Flow | None) -> None:
        number = next(
            number for bridge in self._bridges.values() for number, one in bridge.tables.items() if one is table
        )
        self._looked.append((number, flow))

    def follow(self, frame: bytes, place: tuple[str, int], chance: Chance) -> Iterator[Step]:
        """Yield the steps of a frame that comes in from outside by a port of a switch, each copy's until its end."""
        waiting = [(frame, *place)]
        steps = 0
        while waiting:
            frame, bridge, port = waiting.pop()
            self._looked = []
            sent = self._bridges[bridge].receive(fields_of(frame), port, chance)
            for number, flow in self._looked:
                yield _looked_up(bridge, number, flow)
            if not self._looked:
                yield _looked_up(bridge, 0, None)
            elif not sent and (down := self._lost(bridge, chance)):
                yield Step(bridge, "end", f"lost: port {' and '.join(map(str, down))} down")
            onward = []
            for output, packet in sent:
                copy = with_tag(frame, packet)
                if (bridge, output) in self._links:
                    onward.append((copy, *self._links[bridge, output]))
                elif (bridge, output) in self._modules:
                    pm, interface = self._modules[bridge, output]
                    passage = self._pass(pm, interface, copy)
                    yield _module(bridge, pm, passage)
                    onward += [(out, *self._interfaces[pm.name, by]) for by, out in passage.sent]
                elif (bridge, output) in self._devices:
                    device = self._devices[bridge, output]
                    yield Step(f"{bridge}/{device.name}", "device", "is not ours: taken to give back what it gets")
                    onward.append((copy, bridge, device.other(output)))
                else:
                    yield self._leaving(bridge, output, copy)
            waiting += reversed(onward)
            steps += 1
            if steps > MOST_STEPS:
                raise FlowstreamError(f"cannot trace the packet: it is still on its way after {MOST_STEPS} bridges")

    def _lost(self, bridge: str, chance: Chance) -> list[int]:
        """The links of a bridge that are down, where its last entry sends anywhere."""
        flow = self._looked[-1][1]
        if flow is None or not (flow.groups() or flow.actions[-1].startswith("output:")):
            return []
        return sorted(port for name, port in self._links if name == bridge and chance.is_lost(name, port))

    def _pass(self, pm: PlannedPm, interface: str, frame: bytes) -> Passage:
        key = pm.name, interface, frame
        if key not in self._passages:
            self._passages[key] = self._through(pm, interface, frame)
        return self._passages[key]

    def _leaving(self, bridge: str, output: int, copy: bytes) -> Step:
        answer, tag = is_answer(copy), fields_of(copy).get("vlan_tci")
        in_vlan = f" in VLAN {tag & _VLAN}" if tag & TAGGED else ""
        port = self._outside.get((bridge, output))
        if port is None:
            return Step(bridge, "end", f"leaves by port {output}, where nothing of ours is")
        if answer:
            return Step(bridge, "end", f"an ICMP answer to it leaves by platform port {port.portid}{in_vlan}")
        if SEALED in copy:
            return Step(bridge, "end", f"leaves encrypted by platform port {port.portid}{in_vlan}")
        return left_by(bridge, port.portid, in_vlan)


def left_by(switch: str, portid: int, in_vlan: str = "") -> Step:
    """Return the step of a packet that leaves the platform."""
    return Step(switch, "end", f"leaves by platform port {portid}{in_vlan}", portid=portid)


def _looked_up(bridge: str, table: int, flow: Flow | None) -> Step:
    if flow is None:
        return Step(bridge, "entry", f"table={table}: no entry matches, dropped")
    return Step(bridge, "entry", flow.describe(), flow.why, flow)


def _module(host: str, pm: PlannedPm, passage: Passage) -> Step:
    what = " -> ".join(passage.elements) or "no element meets it"
    if not passage.sent:
        what += "; nothing comes out"
    asked = f"; it asked where {', '.join(passage.asked)} is" if passage.asked else ""
    return Step(f"{host}/{pm.name}", "module", what + asked, pm.why, elements=passage.elements)
