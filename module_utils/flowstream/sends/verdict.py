# SPDX-License-Identifier: Apache-2.0
"""Whether what a configuration may send is its own: what is not is refused with the element that says it, what cannot be told is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.allocation.shape import choice
from ansible.module_utils.flowstream.flows.packet import ARP, IPV4, IPV6
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.own import own_senders, own_sources
from ansible.module_utils.flowstream.plan.plan import PlannedPort
from ansible.module_utils.flowstream.sends.elements import RECEIVER, SENDER
from ansible.module_utils.flowstream.sends.graph import Graph
from ansible.module_utils.flowstream.sends.interpretation import Arrival, interpret, undecided
from ansible.module_utils.flowstream.sends.packet import RECEIVED, TAGS, Packet, Start


class Verdict(NamedTuple):
    """What is to be refused, and what nobody can tell, which the bridge holds; both with their lines."""

    refused: tuple[str, ...]
    undecided: tuple[str, ...]


def judge(graph: Graph, interface: str, claims: Sequence[Claim], ports: Sequence[PlannedPort]) -> Verdict:
    """Compare what a configuration with such an interface may send with what is its own."""
    arrival = Arrival(
        (claim.sources, claim.destination, port.mac) for claim in claims for port in ports if claim.enters(port.portid)
    )
    judging = _Judging(graph, claims, ports)
    for end, packets in interpret(graph, interface, arrival).items():
        if graph.elements[end.element].kind == SENDER:
            for packet in packets:
                judging.look_at(packet.as_frame())
    for number in undecided(graph):
        judging.unknown(number, "what it does is not known here")
    return judging.verdict()


class _Judging:
    def __init__(self, graph: Graph, claims: Sequence[Claim], ports: Sequence[PlannedPort]) -> None:
        self._graph = graph
        self._by_mac = {port.mac: port for port in ports}
        self._sources = {port.portid: own_sources(claims, ports, port) for port in ports}
        self._refused: dict[tuple[int, str], set[str]] = {}
        self._unknown: dict[int, str] = {}

    def look_at(self, packet: Packet) -> None:
        """Note what is wrong with packets that leave."""
        if packet.start is Start.NETWORK:
            self._refuse(
                packet.source.by,
                "packets without an Ethernet header",
                "",
                "put one in front with EtherEncap or ARPQuerier",
            )
            return
        if packet.start is Start.ANYTHING:
            self.unknown(packet.source.by, "the packets that it sends are not known here")
            return
        ports = self._ports_of(packet)
        kind = packet.kind.value
        if kind is None:
            self.unknown(packet.kind.by, "the Ethernet type that it gives is not known here")
        elif kind in TAGS and self._graph.elements[packet.kind.by].kind == RECEIVER:
            self.unknown(
                packet.kind.by, "what it receives may have a VLAN tag; send on by Classifier what is 12/0800 or 12/0806"
            )
        elif kind in TAGS:
            self._refuse(
                packet.kind.by,
                "a VLAN tag",
                "",
                "tags are how bridges tell each other where a packet goes: send frames without",
            )
        elif kind == IPV6 and not any(port.addresses6 for port in ports):
            self._refuse(packet.kind.by, "IPv6 packets", "", "platform ports have IPv4 addresses: send IPv4 alone")
        elif kind == IPV6:
            self.unknown(packet.kind.by, "the source address of the IPv6 packets that it sends is not known here")
        if kind in (None, IPV4, ARP):
            self._check_source(packet, ports)

    def _ports_of(self, packet: Packet) -> Iterable[PlannedPort]:
        mac = packet.mac.value
        if mac is None:
            self.unknown(packet.mac.by, "the Ethernet source that it gives is not known here")
        elif mac not in self._by_mac:
            got = "that of whom it has a packet from" if mac == RECEIVED else mac
            advice = f"send from {choice(self._by_mac)}, by which the switch knows the port"
            self._refuse(packet.mac.by, "an Ethernet source that is of no platform port", got, advice)
            return ()
        else:
            return (self._by_mac[mac],)
        return self._by_mac.values()

    def _check_source(self, packet: Packet, ports: Iterable[PlannedPort]) -> None:
        source, by = packet.source
        if source is None:
            self.unknown(by, "the source address that it gives is not known here")
            return
        for port in ports:
            senders = own_senders(port)
            if packet.kind.value == ARP and not _within(source, senders):
                advice = f"speak by ARP for {_shown(senders)}"
                self._refuse(by, f"ARP as somebody else by port {port.portid}", str(source), advice)
            elif packet.kind.value == IPV4 and not _within(source, self._sources[port.portid]):
                own = self._sources[port.portid]
                advice = f"send from {_shown(own)}, or claim dst {source} from {port.portid}"
                self._refuse(by, f"a source address by port {port.portid} that is not its own", str(source), advice)

    def _refuse(self, by: int, what: str, got: str, advice: str) -> None:
        self._refused.setdefault((by, f"{what}\n{advice}"), set()).add(got)

    def unknown(self, by: int, what: str) -> None:
        """Note what nobody can tell of an element."""
        self._unknown.setdefault(by, what)

    def verdict(self) -> Verdict:
        """All of it in the order of the configuration."""
        return Verdict(tuple(self._refusals()), tuple(self._open()))

    def _refusals(self) -> Iterator[str]:
        for (by, text), got in sorted(self._refused.items()):
            what, advice = text.split("\n")
            values = ", ".join(sorted(got)[:3])
            yield f"{self._graph.elements[by]}: may send {what}{values and f', got {values}'}; {advice}"

    def _open(self) -> Iterator[str]:
        for by, what in sorted(self._unknown.items()):
            yield f"{self._graph.elements[by]}: {what}; the bridge of its host drops what is not its own (anti-spoofing)"


def _within(source: Prefix, own: Iterable[Prefix]) -> bool:
    return any(one.contains(source) for one in own)


def _shown(prefixes: Sequence[Prefix]) -> str:
    names = [str(prefix).removesuffix("/32") for prefix in prefixes]
    return choice(names)
