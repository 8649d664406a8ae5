# SPDX-License-Identifier: Apache-2.0
"""What elements do to Ethernet headers and to ARP."""

from __future__ import annotations

import re

from ansible.module_utils.flowstream.addresses import EVERYTHING
from ansible.module_utils.flowstream.flows.packet import ARP, IPV4
from ansible.module_utils.flowstream.sends.arguments import (
    address_of,
    keywords,
    mac_of,
    named,
    network_of,
    number_of,
    positional,
)
from ansible.module_utils.flowstream.sends.effect import ALL, Given, Place, is_network
from ansible.module_utils.flowstream.sends.packet import (
    GROUP,
    HEADER,
    RECEIVED,
    TAGS,
    VLAN,
    Kind,
    Mac,
    Packet,
    Source,
    Start,
    anything,
    frame,
)

_TYPE = re.compile(r"12/([0-9a-fA-F]{4})([0-9a-fA-F]*)")


def classifier(place: Place, _: int, packet: Packet) -> Given:
    """Tells frames apart by their Ethernet type, as far as a pattern asks for it; by all else, not here."""
    packet = packet.as_frame()
    if packet.start is not Start.FRAME:
        yield ALL, packet
        return
    for output, pattern in enumerate(place.arguments):
        terms = pattern.split()
        found = next((found for term in terms if (found := _TYPE.fullmatch(term))), None)
        kind = None if found is None else int(found[1], 16)
        if kind is None:
            yield output, packet
        elif packet.kind.value is None:
            yield output, packet._replace(kind=Kind(kind, packet.kind.by))
        elif packet.kind.value == kind:
            yield output, packet
            if len(terms) == 1 and found is not None and not found[2]:
                return


def host_filter(place: Place, _: int, packet: Packet) -> Given:
    """What is for a host leaves by the first output, what is for others by the second."""
    own = mac_of(place.arguments[0])
    packet = packet.as_frame()
    for output in (0, 1):
        plain = packet.start is Start.FRAME and len(place.arguments) == 1 and None not in (own, packet.to)
        if not plain or packet.to == RECEIVED or (packet.to in (own, GROUP)) == (output == 0):
            yield output, packet


def strip(place: Place, _: int, packet: Packet) -> Given:
    """The Ethernet header goes; where other bytes do, nobody knows what is at the beginning."""
    length = number_of(place.arguments[0]) if len(place.arguments) == 1 else None
    if packet.start is Start.BYTES and length is not None:
        yield ALL, packet._replace(data=packet.data[length:])
    elif packet.start is Start.FRAME and length == HEADER and packet.kind.value not in (None, *TAGS):
        yield ALL, packet._replace(start=Start.NETWORK)
    elif length == 0:
        yield ALL, packet
    else:
        by = packet.kind.by if packet.kind.value in (None, *TAGS) else place.number
        yield ALL, anything(by if length == HEADER else place.number)


def unstrip(place: Place, _: int, packet: Packet) -> Given:
    """The Ethernet header comes back, with what it said, unless something else may lie there now."""
    back = packet.start is Start.NETWORK and packet.mac.value is not None and place.arguments == (str(HEADER),)
    yield ALL, packet._replace(start=Start.FRAME) if back else packet.spoilt(place.number)


def encapsulate(place: Place, _: int, packet: Packet) -> Given:
    """A header comes in front, which is true only of what it says it is."""
    given = named(place.arguments, "ETHERTYPE", "SRC", "DST")
    kind, source = number_of(given.get("ETHERTYPE")), mac_of(given.get("SRC"))
    packet = packet.as_network()
    if kind is None or not is_network(packet, kind):
        packet = packet.blurred(packet.source.by if packet.start is Start.ANYTHING else place.number)
    yield (
        ALL,
        packet._replace(
            start=Start.FRAME,
            kind=Kind(kind, place.number),
            mac=Mac(source, place.number),
            to=mac_of(given.get("DST")),
        ),
    )


def tag_and_encapsulate(place: Place, _: int, __: Packet) -> Given:
    """A header with a tag comes in front."""
    given = named(place.arguments, "ETHERTYPE", "SRC", "DST")
    yield ALL, frame(place.number, VLAN, mac_of(given.get("SRC")), mac_of(given.get("DST")), None)


def tag(place: Place, _: int, packet: Packet) -> Given:
    """A tag comes in, or does not, as its number says; between which bytes, only a frame says."""
    packet = packet.as_frame()
    if packet.start is not Start.FRAME:
        yield ALL, packet.spoilt(place.number)
        return
    yield ALL, packet
    yield ALL, packet._replace(kind=Kind(VLAN, place.number), marked=False)


def untag(place: Place, _: int, packet: Packet) -> Given:
    """A tag goes, and what was behind it is not known."""
    packet = packet.as_frame()
    if packet.start is not Start.FRAME or place.arguments:
        yield ALL, packet.spoilt(place.number)
    elif packet.kind.value in (None, *TAGS):
        yield ALL, packet.blurred(place.number)._replace(kind=Kind(None, place.number), marked=False)
    else:
        yield ALL, packet


def rewrite(place: Place, _: int, packet: Packet) -> Given:
    """Both Ethernet addresses are written."""
    given = named(place.arguments, "SRC", "DST")
    packet = packet.as_frame()
    if packet.start is not Start.FRAME:
        yield ALL, packet.spoilt(place.number)
        return
    yield ALL, packet._replace(mac=Mac(mac_of(given.get("SRC")), place.number), to=mac_of(given.get("DST")))


def store(place: Place, _: int, packet: Packet) -> Given:
    """One Ethernet address is written, or bytes anywhere else; what is too short stays as it is."""
    given = named(place.arguments, "ADDR", "OFFSET")
    packet = packet.as_frame()
    mac, offset = mac_of(given.get("ADDR")), given.get("OFFSET", "")
    yield 1, packet
    if packet.start is Start.FRAME and offset in ("src", "6"):
        yield 0, packet._replace(mac=Mac(mac, place.number))
    elif packet.start is Start.FRAME and offset in ("dst", "0"):
        yield 0, packet._replace(to=mac)
    else:
        yield 0, packet.spoilt(place.number)


def mirror(place: Place, _: int, packet: Packet) -> Given:
    """The Ethernet addresses change places."""
    packet = packet.as_frame()
    if packet.start is not Start.FRAME:
        yield ALL, packet.spoilt(place.number)
        return
    yield ALL, packet._replace(mac=Mac(packet.to, place.number), to=packet.mac.value)


def querier(place: Place, port: int, packet: Packet) -> Given:
    """IP packets get a header, and questions are asked; replies only teach it."""
    given = named(place.arguments, "IP", "ETH")
    mac, address = mac_of(given.get("ETH")), address_of(given.get("IP"))
    yield ALL, frame(place.number, ARP, mac, GROUP, address)
    if port == 0:
        packet = packet.as_network()
        if not is_network(packet, IPV4):
            packet = packet.blurred(packet.source.by if packet.start is Start.ANYTHING else place.number)
        yield (
            0,
            packet._replace(start=Start.FRAME, kind=Kind(IPV4, place.number), mac=Mac(mac, place.number), to=RECEIVED),
        )


def responder(place: Place, _: int, packet: Packet) -> Given:
    """Requests are answered from what the arguments say; what is no request leaves by the second output."""
    yield 1, packet
    for entry in positional(place.arguments):
        words = entry.split()
        mac = next((found for word in words if (found := mac_of(word))), None)
        for word in words:
            if mac_of(word) is None:
                yield 0, frame(place.number, ARP, mac, RECEIVED, network_of(word))


def faker(place: Place) -> list[Packet]:
    """Replies that nobody asked for."""
    given = named(place.arguments, "DSTIP", "DSTETH", "SRCIP", "SRCETH")
    mac, to = mac_of(given.get("SRCETH")), mac_of(given.get("DSTETH"))
    return [frame(place.number, ARP, mac, to, address_of(given.get("SRCIP")))]


def generator(place: Place) -> list[Packet]:
    """Frames that are for measuring, with everything in the arguments."""
    flows = ("DSTETH", "DSTIP") if place.element.kind != "FastUDPSource" else ("SPORT", "DSTETH", "DSTIP")
    given = named(place.arguments, "RATE", "LIMIT", "LENGTH", "SRCETH", "SRCIP", *flows)
    made = frame(
        place.number, IPV4, mac_of(given.get("SRCETH")), mac_of(given.get("DSTETH")), address_of(given.get("SRCIP"))
    )
    return [made._replace(destination=address_of(given.get("DSTIP")))]


_ORDINARY = {"PROMISC", "SNIFFER", "SNAPLEN", "METHOD", "CAPTURE", "BURST", "DEVNAME"}


def arriving(place: Place, interface: str, packets: list[Packet]) -> list[Packet]:
    """What arrives at a device, if it is asked for that and nothing else, and is the module's own."""
    device = named(place.arguments, "DEVNAME").get("DEVNAME")
    ordinary = device in (None, interface) and keywords(place.arguments) <= _ORDINARY
    return packets if ordinary else [anything(place.number)]


def received_arp(by: int, to: str) -> Packet:
    """What anybody says by ARP."""
    return Packet(Start.FRAME, Kind(ARP, by), Mac(RECEIVED, by), to, Source(EVERYTHING, by), EVERYTHING, None)
