# SPDX-License-Identifier: Apache-2.0
"""What elements do to IP headers and to where packets go next."""

from __future__ import annotations

from collections.abc import Iterator

from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.flows.packet import IPV4
from ansible.module_utils.flowstream.sends.arguments import (
    address_of,
    keywords,
    named,
    network_of,
    number_of,
    pool_of,
    positional,
)
from ansible.module_utils.flowstream.sends.effect import ALL, Given, Place
from ansible.module_utils.flowstream.sends.packet import (
    HEADER,
    TAGS,
    Mac,
    Packet,
    Source,
    Start,
    anything,
    ip_packet,
)

_SOURCE, _DESTINATION = 12, 16  # RFC 791 section 3.1


def _offset(place: Place) -> int | None:
    """Where an element looks for an IP header."""
    given = named(place.arguments).get("OFFSET")
    plain = positional(place.arguments)
    return number_of(given or (plain[-1] if plain else "0"))


def _marked_at(packet: Packet, offset: int | None) -> bool:
    """Whether the header of which addresses are known is at an offset."""
    if packet.start is Start.NETWORK:
        return offset == 0
    return packet.start is Start.FRAME and offset == HEADER and packet.kind.value not in (None, *TAGS)


def checked(place: Place, _: int, packet: Packet) -> Given:
    """What has an IP header at the offset has it marked, and goes where that says."""
    offset = _offset(place)
    packet = packet.as_network() if offset == 0 else packet.as_frame()
    yield 1, packet._replace(marked=False, hop=None)
    if _marked_at(packet, offset) and packet.kind.value == IPV4:
        yield 0, packet._replace(marked=True, hop=packet.destination)
    elif packet.start is Start.FRAME:
        yield 0, packet._replace(marked=False, hop=None)
    elif offset == 0:
        # It is IP, as the element saw, but nobody here has seen the addresses.
        yield 0, ip_packet(packet.source.by, None, None, None)
    else:
        yield 0, anything(packet.source.by)


def marked(place: Place, _: int, packet: Packet) -> Given:
    """The IP header is said to be at an offset."""
    yield ALL, packet._replace(marked=_marked_at(packet, _offset(place)))


def hop_from_header(place: Place, _: int, packet: Packet) -> Given:
    """The annotation becomes the destination, or something else of the packet."""
    whole = place.arguments == (str(_DESTINATION),)
    packet = packet.as_network() if whole else packet
    yield ALL, packet._replace(hop=packet.destination if whole and packet.start is Start.NETWORK else None)


def hop_to(place: Place, _: int, packet: Packet) -> Given:
    """The annotation becomes an address of the argument, or another annotation does."""
    known = network_of(place.arguments[0]) if len(place.arguments) == 1 else None
    yield ALL, packet._replace(hop=known)


def annotate(place: Place, _: int, packet: Packet) -> Given:
    """An annotation is written, and where the arguments say which, it may be that of the destination."""
    yield ALL, packet if len(place.arguments) == 1 else packet._replace(hop=None)


def reassemble(place: Place, _: int, packet: Packet) -> Given:
    """A whole packet has the header of a part of it, and before it a link header or none."""
    if place.arguments:
        packet = packet._replace(hop=None)
    yield ALL, packet
    yield ALL, packet._replace(mac=Mac(None, place.number), to=None)


def route(place: Place, _: int, packet: Packet) -> Given:
    """A packet leaves by the outputs of the routes that its annotation may be of."""
    for argument in positional(place.arguments):
        words = argument.split()
        network, output, gateway = network_of(words[0]), number_of(words[-1]), " ".join(words[1:-1])
        if network is None or output is None or packet.hop is None:
            yield ALL if output is None else output, packet._replace(hop=None)
        elif network.contains(packet.hop) or packet.hop.contains(network):
            narrow = max(network, packet.hop, key=lambda one: one.length)
            yield output, packet._replace(hop=narrow if gateway in ("", "-") else address_of(gateway))


def swap(place: Place, _: int, packet: Packet) -> Given:
    """Source and destination change places."""
    yield (
        ALL,
        _swapped(place, packet, None if place.arguments or place.element.kind != "IPMirror" else packet.source.value),
    )


def answer(place: Place, _: int, packet: Packet) -> Given:
    """Some become answers, the others leave by the second output."""
    yield 0, _swapped(place, packet, packet.source.value)
    yield 1, packet


def _swapped(place: Place, packet: Packet, hop: Prefix | None) -> Packet:
    if not packet.marked:
        return packet.spoilt(place.number)
    source = Source(packet.destination, place.number)
    return packet._replace(source=source, destination=packet.source.value, hop=hop)


def encapsulate(place: Place, _: int, packet: Packet) -> Given:
    """A header comes in front of whatever it is."""
    names = {"IPEncap": ("PROTO", "SRC", "DST"), "ICMPPingEncap": ("SRC", "DST")}
    given = named(place.arguments, *names.get(place.element.kind, ("SRC", "SPORT", "DST", "DPORT")))
    destination = packet.hop if given.get("DST") == "DST_ANNO" else address_of(given.get("DST"))
    yield ALL, ip_packet(place.number, address_of(given.get("SRC")), destination, destination)


def ping(place: Place) -> list[Packet]:
    """Questions from the address in the argument."""
    given = named(place.arguments, "SRC", "DST")
    destination = address_of(given.get("DST"))
    return [ip_packet(place.number, address_of(given.get("SRC")), destination, destination)]


def error(place: Place, _: int, packet: Packet) -> Given:
    """An error goes to who sent the packet."""
    source = address_of(named(place.arguments, "SRC").get("SRC"))
    to = packet.source.value if packet.marked else None
    yield ALL, ip_packet(place.number, source, to, to)


def fix_source(place: Place, _: int, packet: Packet) -> Given:
    """Some get the address of the argument."""
    yield ALL, packet
    yield ALL, _fixed(place, packet, place.arguments[0])


def outward(place: Place, _: int, packet: Packet) -> Given:
    """The same at the end of a router's way, in one element."""
    yield ALL, packet if packet.marked else packet.spoilt(place.number)
    if len(place.arguments) > 1:
        yield ALL, _fixed(place, packet, place.arguments[1])


def _fixed(place: Place, packet: Packet, address: str) -> Packet:
    source = Source(address_of(address), place.number)
    return packet._replace(source=source) if packet.marked else packet.spoilt(place.number)


def fragments(place: Place, _: int, packet: Packet) -> Given:
    """Later fragments have no link header in front."""
    if not packet.marked or packet.start is not Start.NETWORK:
        yield ALL, packet.spoilt(place.number)
        return
    yield ALL, packet
    yield ALL, packet._replace(mac=Mac(None, place.number), to=None)


def store(place: Place, _: int, packet: Packet) -> Given:
    """An address is written into the header, or four bytes anywhere."""
    *address, offset = [*positional(place.arguments), *(["?"] if keywords(place.arguments) else [])] or ["?"]
    value = address_of(address[0]) if address else packet.hop
    yield 1, packet
    at = {"src": _SOURCE, "dst": _DESTINATION}.get(offset) if packet.marked else None
    if at is None and (number := number_of(offset)) is not None:
        at = {Start.NETWORK: number, Start.FRAME: number - HEADER}.get(packet.start)
        at = at if packet.kind.value == IPV4 else None
    if at == _SOURCE:
        yield 0, packet._replace(source=Source(value, place.number))
    elif at == _DESTINATION:
        yield 0, packet._replace(destination=value)
    else:
        yield 0, packet.spoilt(place.number)


def rewriter(place: Place, port: int, packet: Packet) -> Given:
    """What a mapping makes of a packet, and of the answers to it."""
    specs = positional(place.arguments)
    if not packet.marked or packet.start is not Start.NETWORK or port >= len(specs):
        yield ALL, packet.spoilt(place.number)
        return
    yield from _specified(place, specs[port], packet)


def address_rewriter(place: Place, _: int, packet: Packet) -> Given:
    """Mappings are of sources alone: a packet may have that of any input, or go to a source that has one."""
    specs = positional(place.arguments)
    if not packet.marked or packet.start is not Start.NETWORK:
        yield ALL, packet.spoilt(place.number)
        return
    for spec in specs:
        yield from _specified(place, spec, packet)
    yield ALL, packet._replace(destination=None, hop=None, mac=Mac(None, place.number), to=None)


def _specified(place: Place, spec: str, packet: Packet) -> Given:
    word, *rest = spec.split() or [""]
    outputs = [number_of(one) for one in rest[-2:]]
    annotated = not keywords(place.arguments) & {"DST_ANNO", "REPLY_ANNO"}
    if word in ("drop", "discard"):
        return
    if word == "pass" and len(rest) <= 1:
        yield (0 if not rest else ALL if outputs[0] is None else outputs[0]), packet
    elif word in ("keep", "pattern") and len(outputs) == 2:
        forward, back = (ALL if one is None else one for one in outputs)
        pattern = rest[:-2] or ["-", "-", "-", "-"]
        answer = ip_packet(place.number, packet.destination, packet.source.value, packet.source.value)
        for output, one in [*((forward, one) for one in _mapped(place, packet, pattern)), (back, answer)]:
            yield output, one if annotated else one._replace(hop=None)
    else:
        yield ALL, packet.spoilt(place.number)


def _mapped(place: Place, packet: Packet, pattern: list[str]) -> Iterator[Packet]:
    if len(pattern) == 1:
        pattern = place.patterns.get(pattern[0], "").split()
    if len(pattern) not in (2, 4):
        yield packet.spoilt(place.number)
        return
    source, destination = pattern[0], pattern[-2 if len(pattern) == 4 else -1]
    to = packet.destination if destination == "-" else address_of(destination)
    for pool in [packet.source.value] if source == "-" else pool_of(source):
        by = packet.source.by if source == "-" else place.number
        yield packet._replace(source=Source(pool, by), destination=to, hop=to, mac=Mac(None, place.number), to=None)
