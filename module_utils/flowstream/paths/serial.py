# SPDX-License-Identifier: Apache-2.0
"""The flow entries of stages in series: what comes in by a platform port passes them on its way to the allocation's modules.

What these send by the port passes the stages in reverse. Nothing in a packet says how far it has come, and a host may carry several stages of one way. So on the links between bridges
a packet on its way to a stage, or from the last one to the allocation's modules, has a VLAN tag that says where it goes, and
a packet without one is what it is without stages. On a host's bridge the port that it comes from says so. Every entry also
insists on the platform port's Ethernet address (as destination on the way in, as source on the way out), so tags need not
differ between ports, or between allocations (those of the way in are even, those of the way out odd). On every bridge a packet
that has such an address and a tag is dropped where none of ours can have given it: from outside, and from any module.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import EVERYTHING, Prefix
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.paths.parallel_by_prefix import (
    DROP_PRIORITY,
    Arm,
    claimed,
)
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
    """Where a module of a stage hangs, and the networks behind the platform port whose packets it gets."""

    networks: tuple[Prefix, ...]
    host: str
    switch_port: int
    ofport: int


@dataclass(frozen=True, slots=True)
class _Hop:
    """From modules to the stage that follows in one direction; `tag` is the VLAN on the way between their hosts.

    The first one of the way in has no senders: packets come from the platform port.
    """

    senders: Sequence[Arm | StageArm]
    receivers: Sequence[StageArm]
    tag: int
    is_inward: bool

    @property
    def is_first(self) -> bool:
        """Whether packets come from the platform port."""
        return self.is_inward and not self.senders

    def matches(self, receiver: StageArm) -> Iterator[tuple[int, tuple[tuple[str, str], ...]]]:
        """Yield priority and match of the IP packets that the receiver gets."""
        for network in receiver.networks:
            claim = Claim(EVERYTHING, network) if self.is_inward else Claim(network)
            yield STAGE_PRIORITY + network.length, claimed(claim)


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
    def last_tag(self) -> int:
        """The VLAN of packets on their way from the last stage to the modules."""
        return 2 + 2 * len(self.stages)

    def hops(self) -> Iterator[_Hop]:
        """Yield every hop from a module to a stage."""
        for position, stage in enumerate(self.stages):
            inner = self.modules if position == len(self.stages) - 1 else self.stages[position + 1]
            yield _Hop(inner, stage, 3 + 2 * position, is_inward=False)
            yield _Hop(self.stages[position - 1] if position else (), stage, 2 + 2 * position, is_inward=True)

    def direction(self, hop: _Hop) -> tuple[str, str]:
        """What packets of the hop have."""
        return self.inward if hop.is_inward else self.outward


def switch_flows(way: Way, cookie: int) -> Iterator[Flow]:
    """Yield the entries of the switch."""
    entry = ("in_port", str(way.port.switchport))
    yield Flow(0, GUARD_PRIORITY, (entry, way.outward, way.inward), ("drop",), cookie)
    yield from _guards(way, cookie)
    for hop in way.hops():
        direction, tag = way.direction(hop), ("dl_vlan", str(hop.tag))
        links = sorted({arm.switch_port for arm in hop.senders})
        for priority, match, output in sorted(
            {(*each, arm.switch_port) for arm in hop.receivers for each in hop.matches(arm)}
        ):
            for link in links:
                if link != output:
                    whole = (("in_port", str(link)), tag, direction, *match)
                    yield Flow(0, priority, whole, (f"output:{output}",), cookie)
            if hop.is_first:
                yield Flow(
                    0, priority, (entry, UNTAGGED, direction, *match), (*_pushed(hop.tag), f"output:{output}"), cookie
                )
    for link in sorted({arm.switch_port for arm in way.stages[-1]}):
        for arm in way.modules:
            for priority, match in _claimed(arm, way.port) if arm.switch_port != link else ():
                tagged = (("in_port", str(link)), ("dl_vlan", str(way.last_tag)), way.inward)
                yield Flow(0, priority, (*tagged, *match), ("pop_vlan", f"output:{arm.switch_port}"), cookie)
    for link in sorted({arm.switch_port for arm in way.stages[0]}):
        match = (("in_port", str(link)), UNTAGGED, way.outward, *claimed(Claim(EVERYTHING)))
        yield Flow(0, STAGE_PRIORITY, match, (f"output:{way.port.switchport}",), cookie)


def host_flows(way: Way, host: str, uplink: int, cookie: int) -> Iterator[Flow]:
    """Yield the entries of one host's bridge, whose port `uplink` leads to the switch."""
    inside = ("in_port", str(uplink))
    yield from _guards(way, cookie)
    for hop in way.hops():
        for receiver in hop.receivers:
            for priority, match in hop.matches(receiver):
                if receiver.host == host:
                    tagged = (inside, ("dl_vlan", str(hop.tag)), way.direction(hop), *match)
                    yield Flow(0, priority, tagged, ("pop_vlan", f"output:{receiver.ofport}"), cookie)
                onward = _onward(receiver, host, uplink, hop.tag)
                for sender in hop.senders:
                    if sender.host == host:
                        whole = (("in_port", str(sender.ofport)), UNTAGGED, way.direction(hop), *match)
                        yield Flow(0, priority, whole, onward, cookie)
    for sender in (arm for arm in way.stages[-1] if arm.host == host):
        for module in way.modules:
            for priority, match in _claimed(module, way.port):
                whole = (("in_port", str(sender.ofport)), UNTAGGED, way.inward, *match)
                yield Flow(0, priority, whole, _onward(module, host, uplink, way.last_tag), cookie)
    for sender in (arm for arm in way.stages[0] if arm.host == host):
        match = (("in_port", str(sender.ofport)), UNTAGGED, way.outward, *claimed(Claim(EVERYTHING)))
        yield Flow(0, STAGE_PRIORITY, match, (f"output:{uplink}",), cookie)
    own = [arm.ofport for stage in way.stages for arm in stage if arm.host == host]
    for ofport in own:
        yield Flow(0, DROP_PRIORITY, (("in_port", str(ofport)),), ("drop",), cookie)
    for ofport in (*own, *(arm.ofport for arm in way.modules if arm.host == host)):
        match = (("in_port", str(ofport)), way.outward, way.inward)
        yield Flow(0, GUARD_PRIORITY, match, ("drop",), cookie)


def _guards(way: Way, cookie: int) -> Iterator[Flow]:
    for direction in (way.inward, way.outward):
        yield Flow(0, TAG_PRIORITY, (direction, TAGGED), ("drop",), cookie)


def _claimed(arm: Arm, port: PlannedPort) -> Iterator[tuple[int, tuple[tuple[str, str], ...]]]:
    for claim in arm.claims:
        if claim.enters(port.portid):
            yield STAGE_PRIORITY + claim.length, claimed(claim)


def _onward(receiver: Arm | StageArm, host: str, uplink: int, tag: int) -> tuple[str, ...]:
    return (f"output:{receiver.ofport}",) if receiver.host == host else (*_pushed(tag), f"output:{uplink}")


def _pushed(tag: int) -> tuple[str, ...]:
    return "push_vlan:0x8100", f"set_field:{_PRESENT | tag}->vlan_vid"
