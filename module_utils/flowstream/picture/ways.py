# SPDX-License-Identifier: Apache-2.0
"""The ways of packets through a plan's bridges, as its own entries lead them: what pictures show.

A packet of each claim is followed from a platform port to the module that gets it, and from there back out, by the model of
switches that proves plans. A stage sends on what it gets with the header that it came with, so it is followed beyond. Ports of
devices are up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import EVERYTHING, Prefix
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.lookup import LookupTable
from ansible.module_utils.flowstream.flows.packet import IPV4, IPV6, TAGGED, Packet, masked
from ansible.module_utils.flowstream.flows.pipeline import Bridge, Chance, ways
from ansible.module_utils.flowstream.offload.spare import states
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.stage import PlannedDevice

MOST_CLAIMS = 16
"""Of one module at one port: all that it claims goes the same way."""
_MOST_BRIDGES = 64
_STRANGER = 0x06_00_00_00_00_01
"""The Ethernet address of a neighbour, which no entry mentions."""
_TTL = 64


@dataclass(frozen=True, slots=True)
class Hop:
    """A bridge on a way, the entries that a packet meets there, and how it leaves: by which port, with which VLAN tag."""

    bridge: str
    entries: tuple[Flow, ...]
    output: int
    tag: int | None

    @property
    def leaving(self) -> str:
        """How it leaves, for people."""
        return str(self.output) if self.tag is None else f"{self.output}, tag {self.tag}"


Step = Hop | PlannedPm | PlannedDevice


@dataclass(frozen=True, slots=True)
class Way:
    """How packets get from platform port `port` to a module of the allocation's own, or from one to the port.

    `packets` are the claims of those that take it; none of what leaves.
    """

    port: int
    inward: bool
    steps: tuple[Step, ...]
    packets: tuple[Claim, ...] = ()

    @property
    def modules(self) -> tuple[str, ...]:
        """The names of the modules and devices on it, in its order."""
        return tuple(step.name for step in self.steps if not isinstance(step, Hop))

    @property
    def places(self) -> tuple[str, ...]:
        """The names of all that it passes, in its order."""
        return tuple(step.bridge if isinstance(step, Hop) else step.name for step in self.steps)


class Wiring:
    """The bridges of a plan with their tables, the links between them, and who sits at their other ports.

    Spares have their flows here: so every way that packets may take is seen.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan = states(plan)[-1].plan
        self._entries: list[Flow] = []
        groups = plan.groups()
        self._bridges = {name: Bridge(name, flows, groups[name], self._met) for name, flows in plan.entries().items()}
        self._outside = {(plan.switch_of(port), port.switchport): port.portid for port in plan.ports}
        self._links = plan.links()
        self._modules: dict[tuple[str, int], PlannedPm] = {}
        self._up = plan.up()
        self._devices = {place: device for device in plan.devices for place in device.ports()}
        for name, host in plan.hosts.items():
            self._modules |= {(name, vif.ofport): pm for pm in host.pms for vif in pm.vifs}

    def of_port(self, port: PlannedPort, most_modules: int) -> tuple[list[Way], int]:
        """Return the ways in by a port and out by it, of so many of the modules that it has, and how many of those there are."""
        arms = [
            (pm, name, vif.ofport)
            for name, host in self._plan.hosts.items()
            for pm in host.pms
            for vif in pm.vifs
            if pm.stage is None and vif.serves(port.portid)
        ]
        arms.sort(key=lambda arm: (arm[0].pm_id, *arm[1:]))
        shown = arms[:most_modules]
        stages = [pm for pm in self._modules.values() if pm.stage is not None and pm.stage.port == port.portid]
        behind = sorted({network.network for pm in stages if pm.stage is not None for network in pm.stage.networks})
        found = list(self._inward(port, [pm for pm, _, _ in shown], behind or [0]))
        for _, host, ofport in shown:
            found += self._outward(port, host, ofport, behind or [0])
        return _merged(found), len(arms)

    def _inward(self, port: PlannedPort, pms: Sequence[PlannedPm], behind: Sequence[int]) -> Iterator[Way]:
        for claim in _claims_at(port, pms):
            sources = behind if claim.source == EVERYTHING else [claim.source.network]
            for source in sources:
                packet = _packet(_STRANGER, _mac(port.mac), source, claim.destination)
                for steps in self._follow(self._plan.switch_of(port), port.switchport, packet):
                    if isinstance(steps[-1], PlannedPm):
                        yield Way(port.portid, True, steps, (claim,))

    def _outward(self, port: PlannedPort, host: str, ofport: int, behind: Sequence[int]) -> Iterator[Way]:
        for destination in behind:
            packet = _packet(_mac(port.mac), _STRANGER, 0, Prefix(destination, 32))
            for steps in self._follow(host, ofport, packet):
                last = steps[-1]
                if isinstance(last, Hop) and self._outside.get((last.bridge, last.output)) == port.portid:
                    yield Way(port.portid, False, (self._modules[host, ofport], *steps))

    def _follow(self, bridge: str, port: int, packet: Packet) -> Iterator[tuple[Step, ...]]:
        """Yield the steps of each copy of a packet, for each choice that switches have, until nothing of ours leads it on."""

        def follow(chance: Chance) -> tuple[tuple[Step, ...], ...]:
            return tuple(self._steps(bridge, port, packet, chance, ()))

        for copies, _ in ways(follow, self._up):
            yield from copies

    def _steps(
        self, bridge: str, port: int, packet: Packet, chance: Chance, before: tuple[Step, ...]
    ) -> Iterator[tuple[Step, ...]]:
        if len(before) > _MOST_BRIDGES:
            raise FlowstreamError(f"cannot draw the plan: a packet is still on its way after {_MOST_BRIDGES} steps")
        self._entries = []
        sent = self._bridges[bridge].receive(packet, port, chance)
        entries = tuple(self._entries)
        for output, copy in sent:
            tag = copy.get("vlan_tci")
            steps = (*before, Hop(bridge, entries, output, tag & 0xFFF if tag & TAGGED else None))
            end = (bridge, output)
            pm = self._modules.get(end)
            device = self._devices.get(end)
            if end in self._links:
                yield from self._steps(*self._links[end], copy, chance, steps)
            elif device is not None:
                yield from self._steps(bridge, device.other(output), copy, chance, (*steps, device))
            elif pm is not None and pm.stage is not None:
                yield from self._steps(*end, copy, chance, (*steps, pm))
            else:
                yield steps if pm is None else (*steps, pm)

    def _met(self, _table: LookupTable, _packet: Packet, flow: Flow | None) -> None:
        if flow is not None:
            self._entries.append(flow)


def _claims_at(port: PlannedPort, pms: Iterable[PlannedPm]) -> list[Claim]:
    """What modules claim of the packets that enter by a port; what several share is there once."""
    found: dict[Claim, None] = {}
    for pm in pms:
        entering = [claim for claim in pm.claims if claim.enters(port.portid)]
        found |= dict.fromkeys(entering[:MOST_CLAIMS])
    return list(found)


def _merged(found: Iterable[Way]) -> list[Way]:
    """Each way once, with all that takes it; those in first, in the order in which they were found."""
    claims: dict[tuple[bool, tuple[str, ...]], dict[Claim, None]] = {}
    first: dict[tuple[bool, tuple[str, ...]], Way] = {}
    for way in found:
        key = (not way.inward, way.places)
        first.setdefault(key, way)
        claims.setdefault(key, {}).update(dict.fromkeys(way.packets))
    return [
        Way(way.port, way.inward, way.steps, tuple(claims[key]))
        for key, way in sorted(first.items(), key=lambda item: item[0][0])
    ]


def _packet(source: int, destination: int, from_address: int, to: Prefix) -> Packet:
    fields = {"dl_src": source, "dl_dst": destination, "nw_ttl": _TTL}
    if to.family == 6:
        return Packet({**fields, "dl_type": IPV6, "ipv6_src": from_address, "ipv6_dst": to.network})
    return Packet({**fields, "dl_type": IPV4, "nw_src": from_address, "nw_dst": to.network})


def _mac(text: str) -> int:
    return masked("dl_src", text)[0]
