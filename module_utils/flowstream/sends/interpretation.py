# SPDX-License-Identifier: Apache-2.0
"""What may come to each input of a configuration, from what arrives at its devices: every packet followed to where it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ansible.module_utils.flowstream.addresses import IPV4 as FAMILY4
from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.flows.packet import IPV4, IPV6
from ansible.module_utils.flowstream.sends import frames
from ansible.module_utils.flowstream.sends.effect import ALL, Effect, Given, Place, makes, unknown
from ansible.module_utils.flowstream.sends.elements import RECEIVER, effect_of
from ansible.module_utils.flowstream.sends.graph import End, Graph
from ansible.module_utils.flowstream.sends.packet import RECEIVED, VLAN, Kind, Mac, Packet, Source, Start, anything

MOST = 256
"""Values at one input, above which nothing is known of what comes there: no configuration may cost without end."""

Arriving = Callable[[int], list[Packet]]
"""What arrives at a device, as said by the element of that number."""


class Arrival:
    """Gathers what may arrive: from a source to a destination, in a frame to the Ethernet address of a port."""

    def __init__(self, packets: Iterable[tuple[Prefix, Prefix, str]]) -> None:
        self._packets = tuple(packets)
        self._macs = sorted({mac for _, _, mac in self._packets})

    def __call__(self, by: int) -> list[Packet]:
        """Return these, ARP, and the same with tags: a bridge does not look at them. Addresses of IPv6 are not followed."""
        mac = Mac(RECEIVED, by)
        found = [
            Packet(Start.FRAME, Kind(IPV4, by), mac, to, Source(source, by), destination, None)
            if destination.family == FAMILY4
            else Packet(Start.FRAME, Kind(IPV6, by), mac, to, Source(None, by), None, None)
            for source, destination, to in self._packets
        ]
        for to in [RECEIVED, *self._macs]:
            found.append(frames.received_arp(by, to))
            found.append(Packet(Start.FRAME, Kind(VLAN, by), mac, to, Source(None, by), None, None))
        return found


def interpret(graph: Graph, interface: str, arriving: Arriving) -> Mapping[End, frozenset[Packet]]:
    """Return what may come to each input that anything comes to, when the module's interface has that name."""
    return _Run(graph, interface, arriving).result()


def undecided(graph: Graph) -> list[int]:
    """The elements of which nobody knows what they do."""
    return [
        number
        for number, one in enumerate(graph.elements)
        if one.kind != RECEIVER and effect_of(one.kind, one.arguments) is None
    ]


class _Run:
    def __init__(self, graph: Graph, interface: str, arriving: Arriving) -> None:
        self._graph = graph
        patterns: dict[str, str] = {}
        for one in graph.elements:
            if one.kind == "IPRewriterPatterns":
                patterns |= {name: text for name, _, text in (argument.partition(" ") for argument in one.arguments)}
        self._places = [Place(number, one, patterns) for number, one in enumerate(graph.elements)]
        self._effects = [self._effect(place, interface, arriving) for place in self._places]
        self._seen: dict[End, set[Packet]] = {}
        self._waiting: list[tuple[End, Packet]] = []

    def _effect(self, place: Place, interface: str, arriving: Arriving) -> Effect:
        if place.element.kind == RECEIVER:
            return makes(lambda own: frames.arriving(own, interface, arriving(own.number)))
        known = effect_of(place.element.kind, place.arguments)
        return known or Effect(unknown, lambda own: unknown(own, 0, anything(own.number)))

    def result(self) -> dict[End, frozenset[Packet]]:
        for place, effect in zip(self._places, self._effects, strict=True):
            self._give(place.number, effect.makes(place))
        while self._waiting:
            (number, port), packet = self._waiting.pop()
            self._give(number, self._effects[number].takes(self._places[number], port, packet))
        return {end: frozenset(packets) for end, packets in self._seen.items()}

    def _give(self, number: int, given: Given) -> None:
        for output, packet in given:
            for one in self._graph.outputs(number) if output == ALL else [output]:
                for end in self._graph.ways.get((number, one), ()):
                    self._come(end, packet)

    def _come(self, end: End, packet: Packet) -> None:
        seen: set[Packet] = self._seen.setdefault(end, set())
        if len(seen) >= MOST:
            packet = anything(end.element)
        if packet not in seen:
            seen.add(packet)
            self._waiting.append((end, packet))
