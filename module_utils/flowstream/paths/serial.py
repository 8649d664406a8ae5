# SPDX-License-Identifier: Apache-2.0
"""The flow entries of stages in series: what comes in by a platform port passes them on its way to the allocation's modules.

What these send by the port passes the stages in reverse. Nothing in a packet says how far it has come, and a host may
carry several stages of one way. So on the links between bridges a packet on its way to a stage, or from the last one
to the allocation's modules, has a VLAN tag that says where it goes, and a packet without one is what it is without
stages. On a host's bridge the port that it comes from says so. Every entry also insists on the platform port's
Ethernet address (as destination on the way in, as source on the way out), so tags need not differ between ports, or
between allocations (those of the way in are even, those of the way out odd). On every bridge a packet that has such
an address and a tag is dropped where none of ours can have given it: from outside, and from any module.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import EVERYTHING, Prefix
from ansible.module_utils.flowstream.flows.fields import Match
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.paths import switch_offload, why
from ansible.module_utils.flowstream.paths.parallel_by_prefix import (
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
"""Plus the lengths of prefixes. Above what looks at no tag, ours or of other allocations."""
GUARD_PRIORITY = 3000
"""Of packets that are on their way in and out at once: only somebody who lies sends such."""

TAG_PRIORITY = 1100
"""Of packets with a tag that no bridge of ours has given them there."""

_PRESENT = 0x1000  # OFPVID_PRESENT (OpenFlow 1.3.5 section 7.2.3.7)
UNTAGGED = ("vlan_tci", "0")
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
    senders: Sequence[Arm | StageArm]
    receivers: Sequence[StageArm]
    tag: int
    is_inward: bool

    @property
    def is_first(self) -> bool:
        """Whether packets come from the platform port."""
        return self.is_inward and not self.senders

    def matches(self, receiver: StageArm) -> Iterator[tuple[int, Match, Prefix]]:
        """Yield priority and match of the IP packets that the receiver gets, and their network behind the port."""
        for network in receiver.networks:
            claim = Claim(EVERYTHING, network) if self.is_inward else Claim(network)
            yield STAGE_PRIORITY + network.length, claimed(claim), network

    def why(self, start: str, receiver: StageArm, network: Prefix, bridge: int, bridges: int) -> str:
        """Say that packets of the hop pass a bridge on the way from `start` to the receiver."""
        if self.is_inward:
            return why.inward(start, receiver.name, network, bridge, bridges)
        return why.outward(start, receiver.name, bridge, bridges, network)


@dataclass(frozen=True, slots=True)
class Way:
    """The stages between a platform port and the modules of the allocation, the nearest to the port first."""

    port: PlannedPort
    stages: tuple[tuple[StageArm, ...], ...]
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
        return self.stages[0][0].offload

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
            inner = self.modules if is_last else self.stages[position + 1]
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
    for link, host in links_of(way.stages[-1]).items():
        for arm in way.modules:
            for priority, match, claim in _claimed(arm, way.port) if arm.switch_port != link else ():
                tagged = (("in_port", str(link)), ("dl_vlan", str(way.last_tag)), way.inward)
                actions = ("pop_vlan", f"output:{arm.switch_port}")
                reason = why.inward(f"stage {way.stages[-1][0].stage} on {host}", arm.name, claim, 2, 3)
                yield Flow(0, priority, (*tagged, *match), actions, cookie, why=reason)
    if way.offload:
        yield from _past_the_stage(way, way.offload, cookie)
    for link, host in links_of(way.stages[0]).items():
        match = (("in_port", str(link)), UNTAGGED, way.outward, *claimed(Claim(EVERYTHING)))
        reason = why.outward(f"stage {way.stages[0][0].stage} on {host}", name_of(way.port), 2, 2)
        yield Flow(0, STAGE_PRIORITY, match, (f"output:{way.port.switchport}",), cookie, why=reason)


def _switch_hop(way: Way, hop: _Hop, receiver: StageArm, cookie: int) -> Iterator[Flow]:
    """The entries of the switch that lead to one receiver of a hop."""
    direction, output = way.direction(hop), receiver.switch_port
    for priority, match, network in hop.matches(receiver):
        for link, host in links_of(hop.senders).items():
            if link != output or receiver.offload:
                whole = (("in_port", str(link)), ("dl_vlan", str(hop.tag)), direction, *match)
                reason = hop.why(f"{hop.start} on {host}", receiver, network, 2, 3)
                yield from _to_stage(priority, whole, (_by(output, link),), receiver, cookie, reason)
        if hop.is_first:
            whole = (("in_port", str(way.port.switchport)), UNTAGGED, direction, *match)
            reason = hop.why(hop.start, receiver, network, 1, 2)
            yield from _to_stage(priority, whole, (*_pushed(hop.tag), f"output:{output}"), receiver, cookie, reason)


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
    (stage,) = way.stages
    name, everything = f"stage {stage[0].stage}", claimed(Claim(EVERYTHING))
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
        last = 2 if hop.is_first else 3
        for receiver in hop.receivers:
            for priority, match, network in hop.matches(receiver):
                if receiver.host == host:
                    tagged = (inside, ("dl_vlan", str(hop.tag)), way.direction(hop), *match)
                    actions = ("pop_vlan", f"output:{receiver.ofport}")
                    reason = hop.why(hop.start, receiver, network, last, last)
                    yield Flow(0, priority, tagged, actions, cookie, why=reason)
                onward = _onward(receiver, host, uplink, hop.tag, by_switch=receiver.offload is not None)
                for sender in hop.senders:
                    if sender.host == host:
                        whole = (("in_port", str(sender.ofport)), UNTAGGED, way.direction(hop), *match)
                        bridges = 3 if receiver.offload else _bridges(sender, receiver)
                        reason = hop.why(sender.name, receiver, network, 1, bridges)
                        yield Flow(0, priority, whole, onward, cookie, why=reason)
    for sender in (arm for arm in way.stages[-1] if arm.host == host):
        for module in way.modules:
            for priority, match, claim in _claimed(module, way.port):
                whole = (("in_port", str(sender.ofport)), UNTAGGED, way.inward, *match)
                reason = why.inward(sender.name, module.name, claim, 1, _bridges(sender, module))
                yield Flow(0, priority, whole, _onward(module, host, uplink, way.last_tag), cookie, why=reason)
    for sender in (arm for arm in way.stages[0] if arm.host == host):
        match = (("in_port", str(sender.ofport)), UNTAGGED, way.outward, *claimed(Claim(EVERYTHING)))
        reason = why.outward(sender.name, name_of(way.port), 1, 2)
        yield Flow(0, STAGE_PRIORITY, match, (f"output:{uplink}",), cookie, why=reason)
        if sender.offload:
            directions = (way.inward, way.outward)
            yield from switch_offload.verdicts(STAGE_PRIORITY, sender.ofport, uplink, directions, cookie, sender.name)
    own: list[Arm | StageArm] = [arm for stage in way.stages for arm in stage if arm.host == host]
    yield from spoofed(own, cookie)
    for arm in (*own, *(arm for arm in way.modules if arm.host == host)):
        match = (("in_port", str(arm.ofport)), way.outward, way.inward)
        yield Flow(0, GUARD_PRIORITY, match, ("drop",), cookie, why=_both_ways(way))


def _bridges(sender: Arm | StageArm, receiver: Arm | StageArm) -> int:
    """How many bridges are between two modules."""
    return 1 if sender.host == receiver.host else 3


def _both_ways(way: Way) -> str:
    return why.drop(name_of(way.port), "anti-spoof, what comes from its address and goes to it")


def _guards(way: Way, cookie: int) -> Iterator[Flow]:
    reason = why.drop(name_of(way.port), "anti-spoof, a tag that no bridge of ours gave")
    for direction in (way.inward, way.outward):
        yield Flow(0, TAG_PRIORITY, (direction, TAGGED), ("drop",), cookie, why=reason)


def _claimed(arm: Arm, port: PlannedPort) -> Iterator[tuple[int, Match, Claim]]:
    for claim in arm.claims:
        if claim.enters(port.portid):
            yield STAGE_PRIORITY + claim.length, claimed(claim), claim


def _onward(receiver: Arm | StageArm, host: str, uplink: int, tag: int, *, by_switch: bool = False) -> tuple[str, ...]:
    if receiver.host == host and not by_switch:
        return (f"output:{receiver.ofport}",)
    return *_pushed(tag), f"output:{uplink}"


def _pushed(tag: int) -> tuple[str, ...]:
    return "push_vlan:0x8100", f"set_field:{_PRESENT | tag}->vlan_vid"
