# SPDX-License-Identifier: Apache-2.0
"""The flow entries of stages in series: what comes in by a platform port passes them on its way to the allocation's modules.

What these send by the port passes the stages in reverse. Nothing in a packet says how far it has come, and a host may
carry several stages of one way. So on the links between bridges a packet on its way to a stage, or from the last one
to the allocation's modules, has a VLAN tag that says where it goes, and a packet without one is what it is without
stages. On a host's bridge the port that it comes from says so. Every entry also insists on the platform port's
Ethernet address (as destination on the way in, as source on the way out), so tags need not differ between ports, or
between allocations (those of the way in are even, those of the way out odd). A device (paths/device.py) never sees them: it has ports of the switch for
itself, and what comes back by one of them is as far as that says. On every bridge a packet that has such
an address and a tag is dropped where none of ours can have given it: from outside, and from any module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import BITS, EVERYTHING, IPV4, IPV6, Prefix, everything
from ansible.module_utils.flowstream.flows.fields import Match
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.paths import switch_offload, why
from ansible.module_utils.flowstream.paths.device import DeviceArm
from ansible.module_utils.flowstream.paths.parallel_by_prefix import (
    IP6,
    UNTAGGED,
    Arm,
    claimed,
    links_of,
    name_of,
    spoofed,
)
from ansible.module_utils.flowstream.paths.switch_offload import Offload
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import PlannedPort

STAGE_PRIORITY = 1200
STAGE6_PRIORITY = 1400
"""The same of IPv6, whose prefixes are up to 256 bits together."""
GUARD_PRIORITY = 3000
"""Of packets that are on their way in and out at once: only somebody who lies sends such."""

TAG_PRIORITY = 1100
TAG6_PRIORITY = 1300
"""Of packets with a tag that no bridge of ours has given them there."""

_PRESENT = 0x1000  # OFPVID_PRESENT (OpenFlow 1.3.5 section 7.2.3.7)
TAGGED = ("vlan_tci", f"{_PRESENT:#x}/{_PRESENT:#x}")


@dataclass(frozen=True, slots=True)
class StageArm:
    """Where module `pm` of a stage hangs, and the networks behind the platform port whose packets it gets."""

    pm: int
    stage: str
    networks: tuple[Prefix, ...]
    host: str
    switch_port: int
    ofport: int
    offload: Offload | None = None

    @property
    def name(self) -> str:
        """What people call its module."""
        return f"stage {self.stage} (pm {self.pm})"


@dataclass(frozen=True, slots=True)
class _Hop:
    """From modules to the stage that follows in one direction; `tag` is the VLAN on the way between their hosts.

    The first one of the way in has no senders: packets come from the platform port. `start` is what people call where
    they come from.
    """

    start: str
    senders: Sequence[Arm | StageArm | DeviceArm]
    receivers: Sequence[StageArm | DeviceArm]
    tag: int
    is_inward: bool

    @property
    def is_first(self) -> bool:
        """Whether packets come from the platform port."""
        return self.is_inward and not self.senders

    def entries(self, port: PlannedPort) -> Iterator[int]:
        """Yield the ports of the switch by which its packets come without a tag."""
        if self.is_first:
            yield port.switchport
        yield from (device.back(is_inward=self.is_inward) for device in _devices(self.senders))

    def matches(self, receiver: StageArm | DeviceArm) -> Iterator[tuple[int, Match, Prefix]]:
        """Yield priority and match of the IP packets that the receiver gets, and their network behind the port."""
        for network in receiver.networks:
            claim = Claim(everything(network.family), network) if self.is_inward else Claim(network)
            yield _priority(network.family) + network.length, claimed(claim), network

    def why(self, start: str, receiver: StageArm | DeviceArm, network: Prefix, bridge: int, bridges: int) -> str:
        """Say that packets of the hop pass a bridge on the way from `start` to the receiver."""
        if self.is_inward:
            return why.inward(start, receiver.name, network, bridge, bridges)
        return why.outward(start, receiver.name, bridge, bridges, network)


@dataclass(frozen=True, slots=True)
class Way:
    """The stages between a platform port and the modules of the allocation, the nearest to the port first."""

    port: PlannedPort
    stages: tuple[tuple[StageArm | DeviceArm, ...], ...]
    modules: tuple[Arm, ...]

    @property
    def inward(self) -> tuple[str, str]:
        """What packets have on their way in."""
        return "dl_dst", self.port.mac

    @property
    def outward(self) -> tuple[str, str]:
        """What packets have on their way out."""
        return "dl_src", self.port.mac

    @property
    def offload(self) -> Offload | None:
        """What its stage gives back to the switch: one that does stands alone at its port."""
        first = self.stages[0][0]
        return None if isinstance(first, DeviceArm) else first.offload

    @property
    def everything(self) -> tuple[Prefix, ...]:
        """All packets that leave by the port, of each family that it has addresses of; of IPv4 always."""
        return tuple(everything(family) for family in BITS if family == IPV4 or self.port.addresses6)

    @property
    def first_tag(self) -> int:
        """The VLAN of packets on their way out to the stage that is nearest to the port."""
        return 3

    @property
    def last_tag(self) -> int:
        """The VLAN of packets on their way from the last stage to the modules."""
        return 2 + 2 * len(self.stages)

    def hops(self) -> Iterator[_Hop]:
        """Yield every hop from a module to a stage."""
        for position, stage in enumerate(self.stages):
            is_last = position == len(self.stages) - 1
            inner: Sequence[Arm | StageArm | DeviceArm] = self.modules if is_last else self.stages[position + 1]
            outer = self.stages[position - 1] if position else ()
            start = "modules" if is_last else f"stage {self.stages[position + 1][0].stage}"
            yield _Hop(start, inner, stage, 3 + 2 * position, is_inward=False)
            start = f"stage {outer[0].stage}" if outer else name_of(self.port)
            yield _Hop(start, outer, stage, 2 + 2 * position, is_inward=True)

    def direction(self, hop: _Hop) -> tuple[str, str]:
        """What packets of the hop have."""
        return self.inward if hop.is_inward else self.outward


def switch_flows(way: Way, cookie: int) -> Iterator[Flow]:
    """Yield the entries of the switch."""
    entry = ("in_port", str(way.port.switchport))
    yield Flow(0, GUARD_PRIORITY, (entry, way.outward, way.inward), ("drop",), cookie, why=_both_ways(way))
    yield from _guards(way, cookie)
    for hop in way.hops():
        for receiver in hop.receivers:
            yield from _switch_hop(way, hop, receiver, cookie)
    for device in _devices(way.stages[-1]):
        entry = ("in_port", str(device.back(is_inward=True)))
        for arm in way.modules:
            for priority, match, claim in _claimed(arm, way.port):
                reason = why.inward(device.name, arm.name, claim, 1, 2)
                yield Flow(
                    0,
                    priority,
                    (entry, UNTAGGED, way.inward, *match),
                    (f"output:{arm.switch_port}",),
                    cookie,
                    why=reason,
                )
    for link, host in links_of(_hanging(way.stages[-1])).items():
        for arm in way.modules:
            for priority, match, claim in _claimed(arm, way.port) if arm.switch_port != link else ():
                tagged = (("in_port", str(link)), ("dl_vlan", str(way.last_tag)), way.inward)
                actions = ("pop_vlan", f"output:{arm.switch_port}")
                reason = why.inward(f"stage {way.stages[-1][0].stage} on {host}", arm.name, claim, 2, 3)
                yield Flow(0, priority, (*tagged, *match), actions, cookie, why=reason)
    if way.offload:
        yield from _past_the_stage(way, way.offload, cookie)
    first = way.stages[0]
    nearest = [(link, f"stage {first[0].stage} on {host}", 2) for link, host in links_of(_hanging(first)).items()]
    nearest += [(device.back(is_inward=False), device.name, 1) for device in _devices(first)]
    for port, start, bridge in nearest:
        for packets in way.everything:
            match = (("in_port", str(port)), UNTAGGED, way.outward, *claimed(Claim(packets)))
            reason = why.outward(start, name_of(way.port), bridge, bridge, packets)
            output = (f"output:{way.port.switchport}",)
            yield Flow(0, _priority(packets.family), match, output, cookie, why=reason)
    for device in (device for stage in way.stages for device in _devices(stage)):
        for port in (device.outside_port, device.inside_port):
            match = (("in_port", str(port)), way.outward, way.inward)
            yield Flow(0, GUARD_PRIORITY, match, ("drop",), cookie, why=_both_ways(way))


def _switch_hop(way: Way, hop: _Hop, receiver: StageArm | DeviceArm, cookie: int) -> Iterator[Flow]:
    """The entries of the switch that lead to one receiver of a hop."""
    if isinstance(receiver, DeviceArm):
        yield from _to_device(way, hop, receiver, cookie)
        return
    direction, output = way.direction(hop), receiver.switch_port
    for priority, match, network in hop.matches(receiver):
        for link, host in links_of(_hanging(hop.senders)).items():
            if link != output or receiver.offload:
                whole = (("in_port", str(link)), ("dl_vlan", str(hop.tag)), direction, *match)
                reason = hop.why(f"{hop.start} on {host}", receiver, network, 2, 3)
                yield from _to_stage(priority, whole, (_by(output, link),), receiver, cookie, reason)
        for port in hop.entries(way.port):
            whole = (("in_port", str(port)), UNTAGGED, direction, *match)
            reason = hop.why(hop.start, receiver, network, 1, 2)
            yield from _to_stage(priority, whole, (*_pushed(hop.tag), f"output:{output}"), receiver, cookie, reason)


def _to_device(way: Way, hop: _Hop, device: DeviceArm, cookie: int) -> Iterator[Flow]:
    """The entries of the switch that lead into a device, without a tag."""
    direction, into = way.direction(hop), device.into(is_inward=hop.is_inward)
    for priority, match, network in hop.matches(device):
        for link, host in links_of(_hanging(hop.senders)).items():
            whole = (("in_port", str(link)), ("dl_vlan", str(hop.tag)), direction, *match)
            reason = hop.why(f"{hop.start} on {host}", device, network, 2, 2)
            yield Flow(0, priority, whole, ("pop_vlan", into), cookie, why=reason)
        for port in hop.entries(way.port):
            whole = (("in_port", str(port)), UNTAGGED, direction, *match)
            yield Flow(0, priority, whole, (into,), cookie, why=hop.why(hop.start, device, network, 1, 1))


def _to_stage(
    priority: int, match: Match, actions: tuple[str, ...], receiver: StageArm, cookie: int, reason: str
) -> Iterator[Flow]:
    if receiver.offload is None:
        yield Flow(0, priority, match, actions, cookie, why=reason)
        return
    yield switch_offload.asking(priority, match, receiver.offload, cookie, reason)
    yield from switch_offload.asked(priority - STAGE_PRIORITY, match, actions, cookie, reason)


def _past_the_stage(way: Way, offload: Offload, cookie: int) -> Iterator[Flow]:
    """The entries of the switch for what the stage has accepted: what teaches that, and where it goes."""
    stage = _hanging(way.stages[0])
    name, everything = f"stage {way.stages[0][0].stage}", claimed(Claim(EVERYTHING))
    out = (f"output:{way.port.switchport}",)
    entry = (("in_port", str(way.port.switchport)), UNTAGGED, way.inward)
    for arm in way.modules:
        for priority, match, claim in _claimed(arm, way.port):
            reason = why.inward(name_of(way.port), arm.name, claim, 1, 2)
            yield switch_offload.accepted(
                priority - STAGE_PRIORITY,
                (*entry, *match),
                (f"output:{arm.switch_port}",),
                cookie,
                f"{reason}, past {name}",
            )
            for link, host in links_of(stage).items():
                reason = why.inward(f"{name} on {host}", arm.name, claim, 2, 3)
                onward = (_by(arm.switch_port, link),)
                yield from switch_offload.teaching(
                    priority, link, (way.inward, *match), offload, onward, cookie, reason
                )
    for link, host in links_of(way.modules).items():
        whole = (("in_port", str(link)), ("dl_vlan", str(way.first_tag)), way.outward, *everything)
        reason = why.outward(f"modules on {host}", name_of(way.port), 2, 2)
        yield switch_offload.accepted(0, whole, ("pop_vlan", *out), cookie, f"{reason}, past {name}")
    for link, host in links_of(stage).items():
        reason = why.outward(f"{name} on {host}", name_of(way.port), 2, 2)
        yield from switch_offload.teaching(
            STAGE_PRIORITY, link, (way.outward, *everything), offload, out, cookie, reason
        )


def _by(port: int, link: int) -> str:
    """Out by a port, which a packet may have come by."""
    return "IN_PORT" if port == link else f"output:{port}"


def host_flows(way: Way, host: str, uplink: int, cookie: int) -> Iterator[Flow]:
    """Yield the entries of one host's bridge, whose port `uplink` leads to the switch."""
    inside = ("in_port", str(uplink))
    yield from _guards(way, cookie)
    for hop in way.hops():
        last = 3 if _hanging(hop.senders) else 2
        for receiver in hop.receivers:
            for priority, match, network in hop.matches(receiver):
                if not isinstance(receiver, DeviceArm) and receiver.host == host:
                    tagged = (inside, ("dl_vlan", str(hop.tag)), way.direction(hop), *match)
                    actions = ("pop_vlan", f"output:{receiver.ofport}")
                    reason = hop.why(hop.start, receiver, network, last, last)
                    yield Flow(0, priority, tagged, actions, cookie, why=reason)
                by_switch = isinstance(receiver, StageArm) and receiver.offload is not None
                onward = _onward(receiver, host, uplink, hop.tag, by_switch=by_switch)
                for sender in _hanging(hop.senders):
                    if sender.host == host:
                        whole = (("in_port", str(sender.ofport)), UNTAGGED, way.direction(hop), *match)
                        bridges = 3 if by_switch else _bridges(sender, receiver)
                        reason = hop.why(sender.name, receiver, network, 1, bridges)
                        yield Flow(0, priority, whole, onward, cookie, why=reason)
    for sender in (arm for arm in _hanging(way.stages[-1]) if arm.host == host):
        for module in way.modules:
            for priority, match, claim in _claimed(module, way.port):
                whole = (("in_port", str(sender.ofport)), UNTAGGED, way.inward, *match)
                reason = why.inward(sender.name, module.name, claim, 1, _bridges(sender, module))
                yield Flow(0, priority, whole, _onward(module, host, uplink, way.last_tag), cookie, why=reason)
    for sender in (arm for arm in _hanging(way.stages[0]) if arm.host == host):
        for packets in way.everything:
            match = (("in_port", str(sender.ofport)), UNTAGGED, way.outward, *claimed(Claim(packets)))
            reason = why.outward(sender.name, name_of(way.port), 1, 2, packets)
            yield Flow(0, _priority(packets.family), match, (f"output:{uplink}",), cookie, why=reason)
        if way.offload:
            directions = (way.inward, way.outward)
            yield from switch_offload.verdicts(STAGE_PRIORITY, sender.ofport, uplink, directions, cookie, sender.name)
    own = [arm for stage in way.stages for arm in _hanging(stage) if arm.host == host]
    yield from spoofed(own, cookie)
    for arm in (*own, *(arm for arm in way.modules if arm.host == host)):
        match = (("in_port", str(arm.ofport)), way.outward, way.inward)
        yield Flow(0, GUARD_PRIORITY, match, ("drop",), cookie, why=_both_ways(way))


def _hanging(arms: Iterable[Arm | StageArm | DeviceArm]) -> list[Arm | StageArm]:
    """Those that hang at the bridges of module hosts."""
    return [arm for arm in arms if not isinstance(arm, DeviceArm)]


def _devices(arms: Iterable[Arm | StageArm | DeviceArm]) -> list[DeviceArm]:
    return [arm for arm in arms if isinstance(arm, DeviceArm)]


def _bridges(sender: Arm | StageArm, receiver: Arm | StageArm | DeviceArm) -> int:
    """How many bridges are between two modules, or a module and a device."""
    if isinstance(receiver, DeviceArm):
        return 2
    return 1 if sender.host == receiver.host else 3


def _both_ways(way: Way) -> str:
    return why.drop(name_of(way.port), "anti-spoof, what comes from its address and goes to it")


def _guards(way: Way, cookie: int) -> Iterator[Flow]:
    reason = why.drop(name_of(way.port), "anti-spoof, a tag that no bridge of ours gave")
    claims_ipv6 = any(claim.destination.family == IPV6 for arm in way.modules for claim in arm.claims)
    for direction in (way.inward, way.outward):
        yield Flow(0, TAG_PRIORITY, (direction, TAGGED), ("drop",), cookie, why=reason)
        if claims_ipv6:
            yield Flow(0, TAG6_PRIORITY, (direction, TAGGED, IP6), ("drop",), cookie, why=reason)


def _claimed(arm: Arm, port: PlannedPort) -> Iterator[tuple[int, Match, Claim]]:
    for claim in arm.claims:
        if claim.enters(port.portid):
            yield _priority(claim.destination.family) + claim.length, claimed(claim), claim


def _priority(family: int) -> int:
    return STAGE6_PRIORITY if family == IPV6 else STAGE_PRIORITY


def _onward(
    receiver: Arm | StageArm | DeviceArm, host: str, uplink: int, tag: int, *, by_switch: bool = False
) -> tuple[str, ...]:
    if not isinstance(receiver, DeviceArm) and receiver.host == host and not by_switch:
        return (f"output:{receiver.ofport}",)
    return *_pushed(tag), f"output:{uplink}"


def _pushed(tag: int) -> tuple[str, ...]:
    return "push_vlan:0x8100", f"set_field:{_PRESENT | tag}->vlan_vid"
