# SPDX-License-Identifier: Apache-2.0
"""Proof, before anything is touched, that the flow tables of a plan do together what the allocation says.

Three things are shown. Every packet of the allocation reaches its processing module, and what a module sends leaves
by the right port: one packet of every class that the tables distinguish is traced through the bridges. Nobody
else's packet does: each entry of ours insists on a MAC or an address of ours. No packet meets a bridge twice on one
way: the trace would say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ansible.module_utils.flowstream.addresses import Prefix, address_text, parse_address, parse_mask
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.plan.claim import owners_of
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort, Vif

_IP, _ARP = "0x0800", "0x0806"
_STRANGER = "a neighbour"
"""Stands for every Ethernet address that no entry mentions: it equals none."""

_ADDRESSES = ("nw_src", "nw_dst", "arp_tpa")
_EXACT = ("in_port", "dl_src", "dl_dst", "dl_type", "arp_op")

Packet = Mapping[str, str | int]
Signature = tuple[tuple[str, int], ...]


def check_flows(plan: Plan) -> None:
    """Raise FlowstreamError with a message for each class of packets that would go astray."""
    messages = list(violations(plan))
    if messages:
        raise FlowstreamError(*(f"cannot use the plan of {plan.allocation_id}: {message}" for message in messages))


def violations(plan: Plan) -> Iterator[str]:
    """Yield a sentence for each way in which the flow tables differ from the allocation."""
    wiring = _Wiring(plan)
    yield from _foreign_claims(plan)
    classes = _Classes(plan)
    for port in plan.ports:
        for source, destination, owners in classes.entering(port.portid):
            packet: Packet = {
                "dl_src": _STRANGER, "dl_dst": port.mac, "dl_type": _IP, "nw_src": source, "nw_dst": destination,
            }  # fmt: skip
            text = f"a packet to {address_text(destination)}" + classes.origin(source)
            if len(owners) > 1:
                yield f"{text} that enters by platform port {port.portid} is claimed by {' and '.join(sorted(owners))}"
            else:
                yield from _expect(wiring, port, packet, set(owners), text)
        yield from _check_arp(plan, wiring, port)
    yield from _check_ways_out(plan, wiring)
    yield from _ambiguities(wiring)


class _Classes:
    """The packets that no entry and no claim of a plan tells apart, each class by its first addresses."""

    def __init__(self, plan: Plan) -> None:
        self._claims = [
            (claim, _end(pm, vif), vif)
            for host in plan.hosts.values()
            for pm in host.pms
            for vif in pm.vifs
            for claim in pm.claims
        ]
        flows = [flow for bridge in plan.bridges().values() for flow in bridge.flows]
        self._sources = _starts([claim.source for claim, *_ in self._claims], flows, "nw_src")
        self._destinations = _starts([claim.destination for claim, *_ in self._claims], flows, "nw_dst")
        self._owners: dict[tuple[bool, ...], list[tuple[int, frozenset[str]]]] = {}

    def entering(self, portid: int) -> Iterator[tuple[int, int, frozenset[str]]]:
        """Yield source, destination and the modules that claim them, for every class that enters by a port."""
        for source in self._sources:
            chosen = tuple(
                vif.serves(portid) and claim.enters(portid) and claim.source.holds(source)
                for claim, _, vif in self._claims
            )
            if chosen not in self._owners:
                mine = [(claim, end) for (claim, end, _), is_mine in zip(self._claims, chosen, strict=True) if is_mine]
                self._owners[chosen] = list(owners_of(mine, self._destinations))
            for destination, owners in self._owners[chosen]:
                yield source, destination, owners

    def origin(self, source: int) -> str:
        """Name the source where it makes a difference."""
        return f" from {address_text(source)}" if len(self._sources) > 1 else ""


def _starts(prefixes: Iterable[Prefix], flows: Iterable[Flow], name: str) -> list[int]:
    """The first address of each run that neither prefixes nor a field of an entry tell apart."""
    found = {*prefixes, *(_prefix(value) for flow in flows for field_name, value in flow.match if field_name == name)}
    starts = {0, *(prefix.network for prefix in found), *(prefix.last + 1 for prefix in found)}
    return sorted(starts - {1 << 32})


def _check_arp(plan: Plan, wiring: _Wiring, port: PlannedPort) -> Iterator[str]:
    serving = [
        (pm.pm_id, _end(pm, vif))
        for host in plan.hosts.values()
        for pm in host.pms
        for vif in pm.vifs
        if vif.serves(port.portid)
    ]
    everybody = {end for _, end in serving}
    answering = min(serving, default=(0, "nobody"))[1]
    for interface in port.addresses:
        request: Packet = {
            "dl_src": _STRANGER,
            "dl_dst": "ff:ff:ff:ff:ff:ff",
            "dl_type": _ARP,
            "arp_op": "1",
            "arp_tpa": interface.address,
        }
        text = f"an ARP request for {address_text(interface.address)}"
        yield from _expect(wiring, port, request, {answering}, text)
    reply: Packet = {"dl_src": _STRANGER, "dl_dst": port.mac, "dl_type": _ARP, "arp_op": "2", "arp_tpa": 0}
    yield from _expect(wiring, port, reply, everybody, "an ARP reply")


def _expect(wiring: _Wiring, port: PlannedPort, packet: Packet, wanted: set[str], text: str) -> Iterator[str]:
    reached, loops = wiring.trace(wiring.switch, port.switchport, packet)
    yield from (f"{text} that enters by platform port {port.portid} comes back to {bridge}" for bridge in loops)
    if set(reached) != wanted or len(reached) != len(wanted):
        got = " and ".join(reached) or "nothing"
        should = " and ".join(sorted(wanted)) or "nothing"
        yield f"{text} that enters by platform port {port.portid} reaches {got}; it should reach {should}"


def _check_ways_out(plan: Plan, wiring: _Wiring) -> Iterator[str]:
    for name, host in plan.hosts.items():
        for pm in host.pms:
            for vif in pm.vifs:
                end = _end(pm, vif)
                for port in plan.ports:
                    packet: Packet = {"dl_src": port.mac, "dl_dst": _STRANGER, "dl_type": _IP, "nw_src": 0, "nw_dst": 0}
                    reached, loops = wiring.trace(name, vif.ofport, packet)
                    serves = vif.serves(port.portid)
                    if loops or reached != ([_outside(port.switchport)] if serves else []):
                        got = " and ".join([*reached, *(f"{bridge} again" for bridge in loops)]) or "nothing"
                        should = "leave by it" if serves else "reach nothing"
                        yield f"what {end} sends from port {port.portid} reaches {got}; it should {should}"
                packet = {"dl_src": _STRANGER, "dl_dst": _STRANGER, "dl_type": _IP, "nw_src": 0, "nw_dst": 0}
                reached, _ = wiring.trace(name, vif.ofport, packet)
                if reached:
                    yield f"what {end} sends from a foreign MAC reaches {' and '.join(reached)}"


def _foreign_claims(plan: Plan) -> Iterator[str]:
    """Entries that would take packets of others, or that are not marked as ours."""
    everything = _Guards.of(plan.ports)
    by_switchport = {str(port.switchport): _Guards.of([port]) for port in plan.ports}
    for name, bridge in plan.bridges().items():
        vifs = {str(vif.ofport) for pm in getattr(bridge, "pms", ()) for vif in pm.vifs}
        for flow in bridge.flows:
            match = dict(flow.match)
            in_port = match.get("in_port", "")
            if name in plan.switches and in_port in by_switchport:
                guarded = by_switchport[in_port].admit_inward(match)
            else:
                guarded = everything.admit_inward(match) or match.get("dl_src") in everything.macs or in_port in vifs
            if not in_port or not guarded:
                yield f"on {name}, the entry '{flow}' takes packets that are not of the allocation"
            if flow.cookie != plan.cookie:
                yield f"on {name}, the entry '{flow}' does not carry the allocation's cookie"


@dataclass(frozen=True)
class _Guards:
    """What tells a packet of ours from a stranger's: the MACs of platform ports, and the addresses that ARP asks for."""

    macs: frozenset[str]
    addresses: frozenset[str]

    @classmethod
    def of(cls, ports: Iterable[PlannedPort]) -> _Guards:
        ports = list(ports)
        return cls(
            frozenset(port.mac for port in ports),
            frozenset(address_text(interface.address) for port in ports for interface in port.addresses),
        )

    def admit_inward(self, match: Mapping[str, str]) -> bool:
        return match.get("dl_dst") in self.macs or match.get("arp_tpa") in self.addresses


def _ambiguities(wiring: _Wiring) -> Iterator[str]:
    for name, table in wiring.tables.items():
        for flow in table.repeated:
            yield f"on {name}, the entry '{flow.selector()}' stands twice"
        for one, other in sorted(table.rivals):
            yield f"on {name}, the entries '{one}' and '{other}' take the same packets with equal priority"


@dataclass
class _Table:
    """A flow table that finds its entry by hash: one dictionary for each set of matched fields (tuple space search).

    V. Srinivasan, S. Suri, G. Varghese, "Packet classification using tuple space search", SIGCOMM 1999.
    """

    flows: Iterable[Flow]
    repeated: list[Flow] = field(default_factory=list)
    rivals: set[tuple[Flow, Flow]] = field(default_factory=set)
    _spaces: dict[Signature, dict[tuple[str | int, ...], Flow]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        identities = set()
        for flow in self.flows:
            if flow.identity in identities:
                self.repeated.append(flow)
            identities.add(flow.identity)
            signature: list[tuple[str, int]] = []
            key: list[str | int] = []
            for name, value in flow.match:
                if name in _ADDRESSES:
                    prefix = _prefix(value)
                    signature.append((name, prefix.length))
                    key.append(prefix.network)
                elif name in _EXACT and "/" not in value:
                    signature.append((name, 0))
                    key.append(value)
                else:
                    raise FlowstreamError(f"cannot check the flow '{flow}': {name}={value} is not understood")
            space = self._spaces.setdefault(tuple(signature), {})
            other = space.get(tuple(key))
            if other is None or other.priority < flow.priority:
                space[tuple(key)] = flow

    def find(self, packet: Packet) -> Flow | None:
        """Return the entry of highest priority that the packet matches; note those between which a switch may choose."""
        best: Flow | None = None
        rival: Flow | None = None
        for signature, space in self._spaces.items():
            flow = space.get(tuple(_masked(packet, name, length) for name, length in signature))
            if flow is None:
                continue
            if best is None or flow.priority > best.priority:
                best, rival = flow, None
            elif flow.priority == best.priority and flow.actions != best.actions:
                rival = flow
        if best is not None and rival is not None:
            self.rivals.add((min(best, rival), max(best, rival)))
        return best


def _masked(packet: Packet, name: str, length: int) -> str | int:
    value = packet.get(name, "")
    return value >> (32 - length) << (32 - length) if isinstance(value, int) else value


class _Wiring:
    """The bridges of a plan with their tables, the links between them, and who sits at their other ports."""

    def __init__(self, plan: Plan) -> None:
        (self.switch,) = plan.switches
        self.tables = {name: _Table(bridge.flows) for name, bridge in plan.bridges().items()}
        self._links: dict[tuple[str, int], tuple[str, int]] = {}
        self._ends: dict[tuple[str, int], str] = {}
        for name, host in plan.hosts.items():
            self._links[host.switch, host.switch_port] = (name, host.uplink_port)
            self._links[name, host.uplink_port] = (host.switch, host.switch_port)
            for pm in host.pms:
                for vif in pm.vifs:
                    self._ends[name, vif.ofport] = _end(pm, vif)

    def trace(self, bridge: str, in_port: int, packet: Packet) -> tuple[list[str], list[str]]:
        """Follow a packet: whom its copies reach, and which bridges a copy would meet again."""
        reached: list[str] = []
        loops: list[str] = []
        self._follow(bridge, in_port, packet, frozenset(), reached, loops)
        return reached, loops

    def _follow(
        self, bridge: str, in_port: int, packet: Packet, met: frozenset[str], reached: list[str], loops: list[str]
    ) -> None:
        if bridge in met:
            loops.append(bridge)
            return
        flow = self.tables[bridge].find({**packet, "in_port": str(in_port)})
        for port in _outputs(flow) if flow else ():
            # A switch never sends a packet back to the port it came from (OpenFlow 1.3.5 section 4.5, OFPP_IN_PORT).
            if port == in_port:
                continue
            link = self._links.get((bridge, port))
            if link is None:
                reached.append(self._ends.get((bridge, port), _outside(port)))
            else:
                self._follow(*link, packet, met | {bridge}, reached, loops)


def _end(pm: PlannedPm, vif: Vif) -> str:
    """Name an interface of a module; the only one is the module."""
    return pm.name if len(pm.vifs) == 1 else f"{pm.name} {vif.interface}"


def _outputs(flow: Flow) -> list[int]:
    outputs = []
    for action in flow.actions:
        name, _, port = action.partition(":")
        if name == "output" and port.isdecimal():
            outputs.append(int(port))
        elif action != "drop":
            raise FlowstreamError(f"cannot check the flow '{flow}': {action} is not understood")
    return outputs


def _outside(port: int) -> str:
    return f"port {port}"


def _prefix(value: str) -> Prefix:
    address, _, mask = value.partition("/")
    return Prefix(parse_address("match", address), parse_mask(mask) if mask else 32)
