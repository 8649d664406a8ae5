# SPDX-License-Identifier: Apache-2.0
"""What an element does to packets: the form of the rows of the table of elements, and rows that many elements share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from ansible.module_utils.flowstream.sends.graph import Element
from ansible.module_utils.flowstream.sends.packet import Packet, Start, anything

ALL = -1
"""Every output."""

Given = Iterable[tuple[int, Packet]]
"""Packets that an element gives, each with its output."""


class Place(NamedTuple):
    """An element in its configuration: its number, and `patterns`, those of the configuration that have names."""

    number: int
    element: Element
    patterns: Mapping[str, str]

    @property
    def arguments(self) -> tuple[str, ...]:
        """As they are written, without quotes."""
        return self.element.arguments


class Effect(NamedTuple):
    """What an element makes of a packet at an input, and what it gives by itself."""

    takes: Callable[[Place, int, Packet], Given]
    makes: Callable[[Place], Given] = lambda _: ()


def passes(_: Place, __: int, packet: Packet) -> Given:
    """Packets are as they were."""
    yield ALL, packet


def nothing(_: Place, __: int, ___: Packet) -> Given:
    """Nothing comes out."""
    return ()


def unknown(place: Place, _: int, __: Packet) -> Given:
    """Anything may come out."""
    yield ALL, anything(place.number)


def on_header(place: Place, _: int, packet: Packet) -> Given:
    """Writes what is no address into an IP header, which is where that is only if it was marked there."""
    yield ALL, packet if packet.marked else packet.spoilt(place.number)


def makes(packets: Callable[[Place], Iterable[Packet]]) -> Effect:
    """An element without inputs, whose packets begin there. One that calls handlers may change any other."""

    def give(place: Place) -> Iterator[tuple[int, Packet]]:
        for packet in packets(place):
            yield ALL, packet

    return Effect(nothing, give)


def is_network(packet: Packet, kind: int) -> bool:
    """Whether a packet begins with a network header of that Ethernet type."""
    return packet.start is Start.NETWORK and packet.kind.value == kind
