# SPDX-License-Identifier: Apache-2.0
"""Who is to get which packets of an allocation, hop by hop: what the proof holds the flow tables against.

The words of this file are those of the plan (claims, stages, ports), not those of the paths, so that an error of a path is not
repeated here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from ansible.module_utils.flowstream.addresses import BITS, EVERYTHING, Interface, Prefix, everything, uncovered
from ansible.module_utils.flowstream.flows.classes import Question
from ansible.module_utils.flowstream.flows.packet import ARP, IPV4, IPV6, TAGGED, Constraint, masked
from ansible.module_utils.flowstream.offload.spare import Spare
from ansible.module_utils.flowstream.plan.bypass import VERDICT_TAG, Bypass
from ansible.module_utils.flowstream.plan.claim import Claim, given_away
from ansible.module_utils.flowstream.plan.own import is_held, own_senders, own_sources
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.stage import PlannedDevice, PlannedStage
from ansible.module_utils.flowstream.plan.vif import Vif

_EVERY_BIT = (1 << 48) - 1
_TCP, _UDP = 6, 17
_ENDS = 0b111
"""FIN, SYN and RST (RFC 9293 section 3.1)."""
_TAG = Constraint("vlan_tci", TAGGED, TAGGED)
_UNTAGGED = Constraint("vlan_tci", 0, TAGGED)
_MARK = Constraint("vlan_tci", TAGGED | VERDICT_TAG, 0x1FFF)


_ICMP6 = (Constraint("dl_type", IPV6, 0xFFFF), Constraint("nw_proto", 58, 0xFF), Constraint("icmp_code", 0, 0xFF))
ADVERTISED: Question = (*_ICMP6, Constraint("icmp_type", 136, 0xFF))
"""What neighbour advertisements have (RFC 4861 4.4)."""
_FROM_THE_LINK = Constraint("nw_ttl", 255, 0xFF)
"""What no router has passed on has it (RFC 4861 7.1)."""
_TELLING = (134, 136, 137)
"""What says where a router is, a neighbour, or a better way (RFC 4861 4.2, 4.4, 4.5)."""


def solicited(address: int) -> Question:
    """What solicitations for an address have (RFC 4861 4.3)."""
    return (*_ICMP6, Constraint("icmp_type", 135, 0xFF), *_is("nd_target", address))


def _is(field: str, address: int) -> Question:
    return (Constraint(field, address, (1 << 128) - 1),)


class Leg(NamedTuple):
    """Packets that come to a bridge by a port of it: who is to get those that fulfil which question; all others nobody.

    They have what is `fixed`. What fulfils one of `never` is dropped whatever else it fulfils. Of those that are `sharing`
    one gets what several own. `text` says in a message where the packets come from. `past` is who gets what goes past a stage that
    has accepted it; what has the `mark` of a verdict, or fulfils one of `apart`, has a leg of its own.
    What fulfils one of `first` is for that one, whoever else would get it.
    """

    bridge: str
    in_port: int
    fixed: Mapping[str, int]
    owners: Sequence[tuple[Question, str]]
    never: Sequence[Question]
    text: str
    sharing: Set[str] = frozenset()
    past: Sequence[tuple[Question, str]] = ()
    mark: Question = ()
    apart: Sequence[Question] = ()
    first: Sequence[tuple[Question, str]] = ()


@dataclass(frozen=True, slots=True)
class _Standing:
    """An interface of a module, and where it hangs."""

    host: str
    pm: PlannedPm
    vif: Vif

    @property
    def end(self) -> str:
        return end_of(self.pm, self.vif)

    @property
    def networks(self) -> tuple[Prefix, ...]:
        return self.pm.stage.networks if self.pm.stage else ()

    @property
    def gives_back(self) -> bool:
        return Bypass.of(self.pm.facts) is not None

    def arrives_by(self, *, inward: bool) -> str:
        return self.end


@dataclass(frozen=True, slots=True)
class _Device:
    """A device of a stage: what goes into one of its ports comes back by the other."""

    device: PlannedDevice
    networks = (EVERYTHING,)
    gives_back = False

    def arrives_by(self, *, inward: bool) -> str:
        return end_of_device(self.device, self.device.outside_port if inward else self.device.inside_port)


class Expected:
    """What a plan says of every hop, while all its spares rest but those that have `spilled`, by name."""

    def __init__(self, plan: Plan, past: PlannedDevice | None = None, spilled: Set[str] = frozenset()) -> None:
        """Of a device that is down, everybody gets what he would without it: they go `past` it."""
        self._plan = plan
        self._spilled = spilled
        self._modules: list[_Standing] = []
        self._stages: dict[int, list[list[_Standing | _Device]]] = {}
        for name, host in plan.hosts.items():
            for pm in host.pms:
                for vif in pm.vifs:
                    self._stand(_Standing(name, pm, vif), pm.stage)
        for device in plan.devices:
            self._stand(_Device(device), device.stage)
        if past is not None:
            del self._stages[past.stage.port][past.stage.position]

    def _stand(self, one: _Standing | _Device, stage: PlannedStage | None) -> None:
        if stage is not None:
            way = self._stages.setdefault(stage.port, [])
            way += [[] for _ in range(stage.position + 1 - len(way))]
            way[stage.position].append(one)
        elif isinstance(one, _Standing):
            self._modules.append(one)

    @property
    def has_stages(self) -> bool:
        """Whether packets of some port pass stages."""
        return bool(self._stages)

    def is_staged(self, port: PlannedPort) -> bool:
        """Whether packets of the port pass stages."""
        return port.portid in self._stages

    def _gives_back(self, port: PlannedPort) -> bool:
        """Whether packets of the port go past its stage once they are accepted."""
        return any(one.gives_back for stage in self._stages.get(port.portid, ()) for one in stage)

    def teachers(self) -> dict[tuple[str, int], str]:
        """Return the interfaces whose packets may teach the switch, and of which Ethernet address."""
        macs = {port.portid: port.mac for port in self._plan.ports}
        return {
            (one.host, one.vif.ofport): macs[portid]
            for portid, stages in self._stages.items()
            for stage in stages
            for one in stage
            if isinstance(one, _Standing) and one.gives_back
        }

    def serving(self, port: PlannedPort) -> list[tuple[int, str]]:
        """Return number and interface of the allocation's own modules that a port's packets are for, spares last."""
        found = [one for one in self._modules if one.vif.serves(port.portid)]
        found.sort(key=lambda one: (Spare.of(one.pm.facts) is not None, one.pm.pm_id))
        return [(one.pm.pm_id, one.end) for one in found]

    def _claims(self, pm: PlannedPm) -> Iterator[Claim]:
        """What a module claims, without what modules have that are a part of it."""
        parts = given_away(pm.name, ((one.pm.facts, one.pm.claims) for one in self._modules))
        for claim in pm.claims:
            own = claim.destination
            away = [part for part in parts if own.contains(part)]
            rest = uncovered([*away, *uncovered([own], own.family)], own.family) if away else (own,)
            yield from (claim._replace(destination=prefix) for prefix in rest)

    def _rests(self, pm: PlannedPm) -> bool:
        return Spare.of(pm.facts) is not None and pm.name not in self._spilled

    def entering(self, port: PlannedPort) -> Leg:
        """Return what comes in by a platform port."""
        owners = [((_to(port), *asks), end) for asks, end in self._inward(port, 0)]
        return Leg(
            self._plan.switch_of(port),
            port.switchport,
            _values(_to(port)),
            owners,
            self._never(port),
            f"that enters by platform port {port.portid}",
            self._sharing(),
            [((_to(port), *asks), end) for asks, end in self._inward(port, 1)] if self._gives_back(port) else (),
            apart=[(_to(port), *asks) for asks in self._discovery(port)],
        )

    def _discovery(self, port: PlannedPort) -> Iterator[Question]:
        """What is neighbour discovery at a port, and for the module that answers or for all that may have asked."""
        for interface in port.addresses6:
            for what in (ADVERTISED, solicited(interface.address)):
                yield *what, *self.told(interface), *((_UNTAGGED,) if self.has_stages else ())

    def told(self, interface: Interface) -> Question:
        """What has besides that a neighbour on the link says to an address of a port, where stages stand somewhere: it goes past them."""
        return (*_is("ipv6_dst", interface.address), _FROM_THE_LINK) if self.has_stages else ()

    def onward(self) -> Iterator[Leg]:
        """Yield, for each port with stages, what its stages pass on and what the modules send to them."""
        for port in self._plan.ports:
            stages = self._stages.get(port.portid, ())
            for position, stage in enumerate(stages):
                for one in stage:
                    if isinstance(one, _Device):
                        yield from self._given_back(one.device, port, position)
                        continue
                    owners = [((_to(port), *asks), end) for asks, end in self._inward(port, position + 1)]
                    owners += [((_from(port), *asks), end) for asks, end in self._outward(port, position)]
                    text = f"that {one.end} passes on at platform port {port.portid}"
                    for way in (_to(port), _from(port)):
                        yield Leg(
                            one.host,
                            one.vif.ofport,
                            _values(way),
                            owners,
                            self._never(port),
                            text,
                            self._sharing(),
                            mark=(_MARK,) if one.gives_back else (),
                        )
                        if one.gives_back:
                            yield _accepting(one, way, owners, [(_to(port), _from(port))], text)
            for one in self._modules if self.is_staged(port) else ():
                if one.vif.serves(port.portid):
                    owners = [((_from(port), *asks), end) for asks, end in self._outward(port, len(stages))]
                    owners.append(((_from(port), Constraint("dl_type", ARP, 0xFFFF)), outside(port)))
                    text = f"that {one.end} sends from platform port {port.portid}"
                    past = self._outward(port, 0) if self._gives_back(port) else ()
                    yield Leg(
                        one.host,
                        one.vif.ofport,
                        _values(_from(port)),
                        owners,
                        [*self._never(port), *self.spoofing(one.pm, one.vif)],
                        text,
                        past=[((_from(port), *asks), end) for asks, end in past],
                        first=[((_from(port), *asks), outside(port)) for asks in self._asking(port)],
                    )

    def _asking(self, port: PlannedPort) -> Iterator[Question]:
        """What of neighbour discovery modules send past the stages of a port."""
        for kind in (135, 136) if port.addresses6 else ():
            yield *_ICMP6, Constraint("icmp_type", kind, 0xFF), _FROM_THE_LINK

    def _given_back(self, device: PlannedDevice, port: PlannedPort, position: int) -> Iterator[Leg]:
        """Yield what comes back from a device at either port: what is on its way on, and nothing that it sends back or as somebody else."""
        inward: list[tuple[Question, str]] = [
            ((_to(port), *asks), end) for asks, end in self._inward(port, position + 1)
        ]
        outward: list[tuple[Question, str]] = [
            ((_from(port), *asks), end) for asks, end in self._outward(port, position)
        ]
        for switch_port, owners in ((device.inside_port, inward), (device.outside_port, outward)):
            text = f"that {end_of_device(device, switch_port)} gives back at platform port {port.portid}"
            for way in (_to(port), _from(port)):
                yield Leg(
                    device.switch,
                    switch_port,
                    _values(way),
                    owners,
                    self._never(port),
                    text,
                    self._sharing(),
                )

    def spoofing(self, pm: PlannedPm, vif: Vif) -> list[Question]:
        """What a module may not send at an interface, because it would be as somebody else."""
        if not is_held(pm):
            return []
        found: list[Question] = []
        for port in (port for port in self._plan.ports if vif.serves(port.portid)):
            for family in BITS:
                for prefix in uncovered(own_sources(pm.claims, self._plan.ports, port, family), family):
                    found.append((_from(port), *Claim(everything(family), prefix).asks()))
            found += [(_from(port), *_ICMP6[:2], Constraint("icmp_type", kind, 0xFF)) for kind in _TELLING]
            for prefix in uncovered(own_senders(port)):
                asked = (
                    [Constraint("arp_spa", prefix.network, masked("arp_spa", str(prefix))[1])] if prefix.length else []
                )
                found.append((_from(port), Constraint("dl_type", ARP, 0xFFFF), *asked))
        return found

    def advertising(self, pm: PlannedPm, vif: Vif) -> list[Question]:
        """What of that it may send all the same: advertisements for the addresses of its ports, from these."""
        return [
            (
                _from(port),
                *_ICMP6,
                Constraint("icmp_type", 136, 0xFF),
                *_is("ipv6_src", source.address),
                *_is("nd_target", target.address),
            )
            for port in self._plan.ports
            if is_held(pm) and vif.serves(port.portid)
            for source in port.addresses6
            for target in port.addresses6
        ]

    def _sharing(self) -> frozenset[str]:
        """The modules to which flows are dealt."""
        return frozenset(one.end for one in self._modules if any(claim.dealt for claim in one.pm.claims))

    def _inward(self, port: PlannedPort, position: int) -> Iterator[tuple[Question, str]]:
        """Who gets what comes in by the port and has passed so many stages."""
        stages = self._stages.get(port.portid, ())
        if position < len(stages):
            for one in stages[position]:
                for network in one.networks:
                    yield Claim(everything(network.family), network).asks(), one.arrives_by(inward=True)
            return
        for module in self._modules:
            for claim in (
                self._claims(module.pm) if module.vif.serves(port.portid) and not self._rests(module.pm) else ()
            ):
                if claim.enters(port.portid):
                    yield claim.asks(), module.end

    def _outward(self, port: PlannedPort, position: int) -> Iterator[tuple[Question, str]]:
        """Who gets what leaves by the port when so many stages are still before it."""
        if position == 0:
            for ether_type in (IPV4, IPV6) if port.addresses6 else (IPV4,):
                yield (Constraint("dl_type", ether_type, 0xFFFF),), outside(port)
            return
        for one in self._stages[port.portid][position - 1]:
            for network in one.networks:
                yield Claim(network).asks(), one.arrives_by(inward=False)

    def _never(self, port: PlannedPort) -> list[Question]:
        """What goes both ways at once, and what has a tag: only bridges give tags to the packets of ports with stages."""
        both = [(_to(port), _from(port))] if self.is_staged(port) else []
        staged = [other for other in self._plan.ports if self.is_staged(other)]
        return [*both, *((_TAG, way(other)) for other in staged for way in (_to, _from))]


def _accepting(
    one: _Standing, way: Constraint, owners: Sequence[tuple[Question, str]], never: Sequence[Question], text: str
) -> Leg:
    """What a module sends with its verdict: TCP and UDP, to whom it would send them without."""
    accepted = [
        ((*asks, Constraint("nw_proto", protocol, 0xFF)), end) for asks, end in owners for protocol in (_TCP, _UDP)
    ]
    fixed = {**_values(way), _MARK.field: _MARK.value}
    return Leg(one.host, one.vif.ofport, fixed, accepted, never, f"{text} with its verdict")


ENDING: tuple[Question, ...] = tuple(
    (Constraint("nw_proto", _TCP, 0xFF), Constraint("tcp_flags", 1 << bit, 1 << bit)) for bit in range(3)
)
"""What tells packets apart that begin or end a connection."""


def goes_past(values: Mapping[str, int]) -> bool:
    """Whether a packet goes past the module that accepted its flow: of TCP those that begin and end nothing, and UDP."""
    protocol = values.get("nw_proto")
    return protocol == _UDP or (protocol == _TCP and not values.get("tcp_flags", 0) & _ENDS)


def _to(port: PlannedPort) -> Constraint:
    """What packets to a platform port have."""
    return Constraint("dl_dst", masked("dl_dst", port.mac)[0], _EVERY_BIT)


def _from(port: PlannedPort) -> Constraint:
    return Constraint("dl_src", masked("dl_src", port.mac)[0], _EVERY_BIT)


def _values(constraint: Constraint) -> dict[str, int]:
    return {constraint.field: constraint.value}


def outside(port: PlannedPort) -> str:
    """Name the world behind a platform port."""
    return outside_of(port.switch, port.switchport)


def outside_of(switch: str, port: int) -> str:
    """Name what is at a port where nothing of ours is; of one among several switches by its name too."""
    return f"port {port} of {switch}" if switch else f"port {port}"


def end_of(pm: PlannedPm, vif: Vif) -> str:
    """Name an interface of a module; the only one is the module."""
    return pm.name if len(pm.vifs) == 1 else f"{pm.name} {vif.interface}"


def end_of_device(device: PlannedDevice, port: int) -> str:
    """Name a device where it hangs at a port of the switch."""
    return f"device {device.name} at port {port}"
