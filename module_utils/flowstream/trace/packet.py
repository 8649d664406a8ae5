# SPDX-License-Identifier: Apache-2.0
"""The packet that is traced: read from a person's words, written as a frame, and as the fields that a switch sees.

    packet := word ...        ip src 192.0.2.1 dst 10.1.2.3 tcp dport 443
    word   := ip | ip6 | tcp | udp | icmp
            | src ADDRESS | dst ADDRESS | ttl NUMBER | dscp NUMBER
            | vlan NUMBER                         the VLAN in which it comes to the platform
            | sport NUMBER | dport NUMBER         of tcp and udp

Source and destination have to be there, both of one family; without a protocol it is UDP. Order does not matter. In IPv6 `icmp`
is ICMPv6, `ttl` the hop limit and `dscp` a part of the traffic class.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ansible.module_utils.flowstream.addresses import IPV4, IPV6, parse_address_text
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.packet import SECOND_TAG, TAGGED, Packet
from ansible.module_utils.flowstream.traffic.headers import (
    ETHERTYPES,
    IP,
    IP6,
    both_ends,
    checksum,
    ip_header,
    pseudo_header,
)

MARK = b"flowstream trace"
SEALING_SPI = 0x666C6F77
"""Of the association that a gateway gets for a trace: `flow` in ASCII."""
SEALED = SEALING_SPI.to_bytes(4) + (1).to_bytes(4)
"""By what a packet is known that a gateway has encrypted: ESP begins with SPI and sequence number (RFC 4303 2.1, 2.2)."""
"""What the packet carries, by which it is known again wherever it comes out."""
_PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17}
_ICMP6 = 58
_PORTS = ("sport", "dport")
_LIMITS = {"ttl": (1, 255), "dscp": (0, 63), "vlan": (1, 4094), "sport": (0, 65535), "dport": (0, 65535)}
_USUAL = {"ttl": 64, "dscp": 0, "vlan": 0, "sport": 40000, "dport": 9}
_ECHO_REQUEST, _ECHO_REQUEST6, _SYN = 8, 128, 0x02
_ANSWERS = {
    1: (0, 3, 11, 12),  # RFC 792: echo reply, unreachable, time exceeded, parameter problem
    _ICMP6: (1, 2, 3, 4, 129),  # RFC 4443: the same, and packet too big
}
_DISCOVERY = (135, 136)  # RFC 4861: what asks for a neighbour, and what answers
_TAG = b"\x81\x00"

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class TracedPacket:
    """An IP packet: addresses of one family, protocol, and what else was said of it; `vlan` is 0 for one without a tag."""

    source: int
    destination: int
    protocol: str
    ttl: int
    dscp: int
    vlan: int
    sport: int
    dport: int
    family: int

    @classmethod
    def parse(cls, text: str) -> TracedPacket:
        """Read the words; raises FlowstreamError with a message for each that is wrong."""
        reader = _Reader(text.split())
        reader.read()
        if reader.errors:
            raise FlowstreamError(*reader.errors)
        numbers = {**_USUAL, **reader.numbers}
        (source, family), (destination, _) = (reader.addresses[name] for name in ("src", "dst"))
        return cls(source, destination, reader.protocol or "udp", **numbers, family=family)

    def frame(self, source_mac: str, destination_mac: str, number: int = 0) -> bytes:
        """Return it as it stands on the wire, with a number that tells it from others of its kind."""
        segment = self._segment(MARK + number.to_bytes(2))
        ends = _mac(destination_mac) + _mac(source_mac)
        tag = _TAG + struct.pack("!H", self.vlan) if self.vlan else b""
        header = ip_header(
            self._ends,
            self.family,
            self._protocol,
            len(segment),
            self.ttl,
            traffic_class=self.dscp << 2,
            identification=1,
        )
        return ends + tag + struct.pack("!H", ETHERTYPES[self.family]) + header + segment

    @property
    def marks(self) -> tuple[bytes, ...]:
        """What a frame has somewhere in it that carries this packet, or speaks of it as an ICMP error does."""
        return MARK, self._ends

    @property
    def _ends(self) -> bytes:
        return both_ends(self.source, self.destination, self.family)

    @property
    def _protocol(self) -> int:
        return _ICMP6 if self.family == IPV6 and self.protocol == "icmp" else _PROTOCOLS[self.protocol]

    def _segment(self, content: bytes) -> bytes:
        if self.protocol == "icmp":  # RFC 792, RFC 4443
            request = _ECHO_REQUEST6 if self.family == IPV6 else _ECHO_REQUEST
            text = struct.pack("!BBHHH", request, 0, 0, 1, 1) + content
            covered = self._pseudo(len(text)) + text if self.family == IPV6 else text
            return text[:2] + struct.pack("!H", checksum(covered)) + text[4:]
        if self.protocol == "tcp":  # RFC 9293
            text = struct.pack("!HHIIBBHHH", self.sport, self.dport, 1, 0, 0x50, _SYN, 0xFFFF, 0, 0) + content
            at = 16
        else:  # RFC 768
            text = struct.pack("!HHHH", self.sport, self.dport, 8 + len(content), 0) + content
            at = 6
        check = checksum(self._pseudo(len(text)) + text) or 0xFFFF
        return text[:at] + struct.pack("!H", check) + text[at + 2 :]

    def _pseudo(self, length: int) -> bytes:
        return pseudo_header(self._ends, self._protocol, length)


class _Reader:
    """Takes the words one by one and keeps what is wrong with them."""

    def __init__(self, words: list[str]) -> None:
        self._words: Iterator[tuple[int, str]] = iter(enumerate(words, 1))
        self._places: dict[str, int] = {}
        self.errors: list[str] = []
        self.addresses: dict[str, tuple[int, int]] = {}
        self.numbers: dict[str, int] = {}
        self.protocol = ""

    def read(self) -> None:
        """Read all of them."""
        for at, word in self._words:
            if word in _PROTOCOLS:
                if self.protocol:
                    self._wrong(at, "protocol is said twice", word, "keep one")
                self.protocol = word
            elif word in ("src", "dst"):
                self._value(at, word, self.addresses, lambda text, name=word: parse_address_text(name, text))  # type: ignore[misc]
            elif word in _LIMITS:
                self._value(at, word, self.numbers, lambda text, name=word: _number(name, text))  # type: ignore[misc]
            elif word not in ("ip", "ip6"):
                words = ", ".join(("ip", "ip6", *_PROTOCOLS, "src", "dst", *_LIMITS))
                self._wrong(at, "is not understood", word, f"write {words}")
        for name in ("src", "dst"):
            if name not in self._places:
                self.errors.append(f"packet: {name} is missing; write {name} and an address")
        for name in _PORTS:
            if name in self._places and self.protocol not in ("tcp", "udp"):
                what = self.protocol or "no protocol"
                self._wrong(self._places[name], f"{name} is of tcp and udp", what, "write tcp or udp beside it")

        if len({family for _, family in self.addresses.values()}) > 1:
            self._wrong(self._places["dst"], "dst is of another family than src", "both", "write addresses of one")

    def _value(self, at: int, name: str, into: dict[str, _Value], read: Callable[[str], _Value]) -> None:
        place, text = next(self._words, (at, ""))
        if name in self._places:
            self._wrong(at, f"{name} is said twice", text, "keep one")
        self._places[name] = at
        if not text:
            self._wrong(at, f"{name} has no value", "the end", "write one behind it")
            return
        try:
            into[name] = read(text)
        except FlowstreamError as error:
            self.errors.append(f"packet: word {place}: {error}")

    def _wrong(self, at: int, what: str, value: str, advice: str) -> None:
        self.errors.append(f"packet: word {at}: {what}, got {value}; {advice}")


def _number(name: str, text: str) -> int:
    low, high = _LIMITS[name]
    if not text.isdecimal() or not text.isascii() or not low <= int(text) <= high:
        raise FlowstreamError(f"{name} is not a number from {low} to {high}, got {text}; write one")
    return int(text)


def fields_of(frame: bytes) -> Packet:
    """Return what a switch sees of a frame, without a VLAN tag, with one, or with a label of the fabric around that."""
    values = {"dl_dst": int.from_bytes(frame[:6]), "dl_src": int.from_bytes(frame[6:12])}
    at = 12
    for name in ("vlan_tci", SECOND_TAG):
        if frame[at : at + 2] == _TAG:
            values[name] = int.from_bytes(frame[at + 2 : at + 4]) | TAGGED
            at += 4
    values["dl_type"] = int.from_bytes(frame[at : at + 2])
    header = frame[at + 2 :]
    if values["dl_type"] == ETHERTYPES[IPV6] and len(header) >= IP6.size:
        begin, _, protocol, hops, source, destination = IP6.unpack_from(header)
        values |= {"nw_tos": begin >> 20 & 0xFF, "nw_ttl": hops, "nw_proto": protocol}
        values |= {"ipv6_src": int.from_bytes(source), "ipv6_dst": int.from_bytes(destination)}
        values |= _segment_fields(protocol, header[IP6.size :])
    if values["dl_type"] == ETHERTYPES[IPV4] and len(header) >= IP.size:
        _, tos, _, _, fragment, ttl, protocol, _, source, destination = IP.unpack_from(header)
        size = (header[0] & 15) * 4
        values |= {"nw_tos": tos, "nw_ttl": ttl, "nw_proto": protocol, "nw_src": source, "nw_dst": destination}
        later = fragment & 0x1FFF
        values["nw_frag"] = (1 if fragment & 0x3FFF else 0) | (2 if later else 0)
        if not later:
            values |= _segment_fields(protocol, header[size:])
    return Packet({field: value for field, value in values.items() if value})


def _segment_fields(protocol: int, segment: bytes) -> dict[str, int]:
    values: dict[str, int] = {}
    if protocol in (6, 17) and len(segment) >= 4:
        values["tp_src"], values["tp_dst"] = struct.unpack_from("!HH", segment)
        if protocol == 6 and len(segment) >= 14:
            values["tcp_flags"] = int.from_bytes(segment[12:14]) & 0xFFF
    elif protocol in _ANSWERS and len(segment) >= 2:
        values["icmp_type"], values["icmp_code"] = segment[0], segment[1]
        if protocol == _ICMP6 and segment[0] in _DISCOVERY and len(segment) >= 24:
            values["nd_target"] = int.from_bytes(segment[8:24])
    return values


def with_tag(frame: bytes, packet: Packet) -> bytes:
    """Return the frame as it is after bridges have given and taken tags; they write nothing else.

    Raises FlowstreamError where they do.
    """
    from_bridges = {"vlan_tci", SECOND_TAG, "in_port", "metadata"}
    rewritten = sorted(field for field in packet.written if field not in from_bridges and not field.startswith("reg"))
    if rewritten:
        raise FlowstreamError(f"cannot trace the packet: an entry rewrites {', '.join(rewritten)}, which trace cannot")
    bare = frame[12:]
    while bare[:2] == _TAG:
        bare = bare[4:]
    tags = (packet.get(field) for field in ("vlan_tci", SECOND_TAG))
    return frame[:12] + b"".join(_TAG + struct.pack("!H", tag & ~TAGGED) for tag in tags if tag & TAGGED) + bare


def is_answer(frame: bytes) -> bool:
    """Whether a frame is an error or an echo reply of ICMP or ICMPv6, which speaks of a packet and is none of its copies."""
    fields = fields_of(frame)
    return fields.get("icmp_type") in _ANSWERS.get(fields.get("nw_proto"), ())


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))
