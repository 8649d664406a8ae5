# SPDX-License-Identifier: Apache-2.0
"""What is known of the packets at a point of a configuration: a value for many packets, in the words that their senders have to prove.

Each of these values was said by an element, by its number, so that a refusal can name who said it. What nobody can say is None.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.flows.packet import ARP, IPV4

VLAN = 0x8100
TAGS = (VLAN, 0x88A8)
"""Of IEEE 802.1Q, of customers and of providers."""
HEADER = 14
"""Bytes of an Ethernet header without a tag."""
RECEIVED = "received"
"""The Ethernet address of somebody else, whichever it is."""
GROUP = "ff:ff:ff:ff:ff:ff"

_SOURCE, _DESTINATION = 12, 16  # RFC 791 section 3.1
_SENDER, _TARGET = 14, 24  # RFC 826, of Ethernet and IPv4


class Start(Enum):
    """What a packet begins with."""

    FRAME = "an Ethernet header"
    NETWORK = "what follows an Ethernet header"
    BYTES = "bytes that stand in the configuration"
    ANYTHING = "nobody knows"


class Kind(NamedTuple):
    """An Ethernet type, and who said so."""

    value: int | None
    by: int


class Mac(NamedTuple):
    """An Ethernet address, and who said so."""

    value: str | None
    by: int


class Source(NamedTuple):
    """Where packets come from, any address of a prefix, and who said so."""

    value: Prefix | None
    by: int


class Packet(NamedTuple):
    """Packets that nothing tells apart.

    `source` and `destination` are those of the IP header, or the sender and target of ARP. In a packet that begins behind its
    Ethernet header, `mac` and `to` are those of the header that still lies before it. `hop` is the destination
    annotation. `marked` says that the annotation of the IP header is for the header which these speak of.
    """

    start: Start
    kind: Kind
    mac: Mac
    to: str | None
    source: Source
    destination: Prefix | None
    hop: Prefix | None
    marked: bool = False
    data: bytes = b""

    def as_frame(self) -> Packet:
        """The same read as an Ethernet frame."""
        if self.start is not Start.BYTES:
            return self
        by, data = self.source.by, self.data
        if len(data) < HEADER:
            return anything(by)
        kind = int.from_bytes(data[12:14], "big")
        at = {IPV4: (_SOURCE, _DESTINATION), ARP: (_SENDER, _TARGET)}.get(kind, (len(data), len(data)))
        source, destination = (_address(data, HEADER + offset) for offset in at)
        mac, to = data[6:12].hex(":"), data[:6].hex(":")
        return Packet(Start.FRAME, Kind(kind, by), Mac(mac, by), to, Source(source, by), destination, self.hop)

    def as_network(self) -> Packet:
        """The same read as what follows an Ethernet header; bytes of the configuration as IP."""
        if self.start is not Start.BYTES:
            return self
        by = self.source.by
        source, destination = (_address(self.data, offset) for offset in (_SOURCE, _DESTINATION))
        kind = Kind(IPV4 if self.data[:1].hex()[:1] == "4" else None, by)
        return Packet(Start.NETWORK, kind, Mac(None, by), None, Source(source, by), destination, self.hop)

    def blurred(self, by: int) -> Packet:
        """The same with addresses that `by` has made unknown."""
        return self._replace(source=Source(None, by), destination=None)

    def spoilt(self, by: int) -> Packet:
        """What is left when `by` has written where nobody knows what is; of what was not known before, nobody else says more."""
        return anything(self.source.by if self.start is Start.ANYTHING else by)


def anything(by: int) -> Packet:
    """What an element gives of which nothing is known."""
    return Packet(Start.ANYTHING, Kind(None, by), Mac(None, by), None, Source(None, by), None, None)


def ip_packet(by: int, source: Prefix | None, destination: Prefix | None, hop: Prefix | None) -> Packet:
    """An IP packet that an element makes, which begins with its header."""
    kind, mac = Kind(IPV4, by), Mac(None, by)
    return Packet(Start.NETWORK, kind, mac, None, Source(source, by), destination, hop, marked=True)


def frame(by: int, kind: int | None, mac: str | None, to: str | None, source: Prefix | None) -> Packet:
    """A frame that an element makes."""
    return Packet(Start.FRAME, Kind(kind, by), Mac(mac, by), to, Source(source, by), None, None)


def _address(data: bytes, offset: int) -> Prefix | None:
    found = data[offset : offset + 4]
    return Prefix(int.from_bytes(found, "big"), 32) if len(found) == 4 else None
