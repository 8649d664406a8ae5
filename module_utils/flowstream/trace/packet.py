# SPDX-License-Identifier: Apache-2.0
"""The packet that is traced: read from a person's words, written as a frame, and as the fields that a switch sees.

    packet := word ...        ip src 192.0.2.1 dst 10.1.2.3 tcp dport 443
    word   := ip | tcp | udp | icmp
            | src ADDRESS | dst ADDRESS | ttl NUMBER | dscp NUMBER
            | sport NUMBER | dport NUMBER         of tcp and udp

Source and destination have to be there; without a protocol it is UDP. Order does not matter.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import parse_address
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.packet import IPV4, TAGGED, Packet
from ansible.module_utils.flowstream.traffic.frames import checksum

MARK = b"flowstream trace"
"""What the packet carries, by which it is known again wherever it comes out."""
_PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17}
_PORTS = ("sport", "dport")
_LIMITS = {"ttl": (1, 255), "dscp": (0, 63), "sport": (0, 65535), "dport": (0, 65535)}
_USUAL = {"ttl": 64, "dscp": 0, "sport": 40000, "dport": 9}
_IP = struct.Struct("!BBHHHBBHII")  # RFC 791
_ECHO_REQUEST, _SYN = 8, 0x02
_ANSWERS = (0, 3, 11, 12)  # RFC 792: echo reply, unreachable, time exceeded, parameter problem
_TAG = b"\x81\x00"


@dataclass(frozen=True, slots=True)
class TracedPacket:
    """An IPv4 packet: addresses, protocol, and what else was said of it."""

    source: int
    destination: int
    protocol: str
    ttl: int
    dscp: int
    sport: int
    dport: int

    @classmethod
    def parse(cls, text: str) -> TracedPacket:
        """Read the words; raises FlowstreamError with a message for each that is wrong."""
        reader = _Reader(text.split())
        reader.read()
        if reader.errors:
            raise FlowstreamError(*reader.errors)
        numbers = {**_USUAL, **reader.numbers}
        return cls(reader.addresses["src"], reader.addresses["dst"], reader.protocol or "udp", **numbers)

    def frame(self, source_mac: str, destination_mac: str, number: int = 0) -> bytes:
        """Return it as it stands on the wire, with a number that tells it from others of its kind."""
        segment = self._segment(MARK + number.to_bytes(2))
        blank = self._header(len(segment), 0)
        header = self._header(len(segment), checksum(blank))
        return _mac(destination_mac) + _mac(source_mac) + struct.pack("!H", IPV4) + header + segment

    @property
    def marks(self) -> tuple[bytes, ...]:
        """What a frame has somewhere in it that carries this packet, or speaks of it as an ICMP error does."""
        return MARK, struct.pack("!II", self.source, self.destination)

    def _header(self, length: int, check: int) -> bytes:
        number = _PROTOCOLS[self.protocol]
        total = _IP.size + length
        return _IP.pack(0x45, self.dscp << 2, total, 1, 0, self.ttl, number, check, self.source, self.destination)

    def _segment(self, content: bytes) -> bytes:
        if self.protocol == "icmp":  # RFC 792
            text = struct.pack("!BBHHH", _ECHO_REQUEST, 0, 0, 1, 1) + content
            return text[:2] + struct.pack("!H", checksum(text)) + text[4:]
        if self.protocol == "tcp":  # RFC 9293
            text = struct.pack("!HHIIBBHHH", self.sport, self.dport, 1, 0, 0x50, _SYN, 0xFFFF, 0, 0) + content
            at = 16
        else:  # RFC 768
            text = struct.pack("!HHHH", self.sport, self.dport, 8 + len(content), 0) + content
            at = 6
        pseudo = struct.pack("!IIBBH", self.source, self.destination, 0, _PROTOCOLS[self.protocol], len(text))
        return text[:at] + struct.pack("!H", checksum(pseudo + text) or 0xFFFF) + text[at + 2 :]


class _Reader:
    """Takes the words one by one and keeps what is wrong with them."""

    def __init__(self, words: list[str]) -> None:
        self._words: Iterator[tuple[int, str]] = iter(enumerate(words, 1))
        self._places: dict[str, int] = {}
        self.errors: list[str] = []
        self.addresses: dict[str, int] = {}
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
                self._value(at, word, self.addresses, lambda text, name=word: parse_address(name, text))  # type: ignore[misc]
            elif word in _LIMITS:
                self._value(at, word, self.numbers, lambda text, name=word: _number(name, text))  # type: ignore[misc]
            elif word != "ip":
                words = ", ".join(("ip", *_PROTOCOLS, "src", "dst", *_LIMITS))
                self._wrong(at, "is not understood", word, f"write {words}")
        for name in ("src", "dst"):
            if name not in self._places:
                self.errors.append(f"packet: {name} is missing; write {name} and an IPv4 address")
        for name in _PORTS:
            if name in self._places and self.protocol not in ("tcp", "udp"):
                what = self.protocol or "no protocol"
                self._wrong(self._places[name], f"{name} is of tcp and udp", what, "write tcp or udp beside it")

    def _value(self, at: int, name: str, into: dict[str, int], read: Callable[[str], int]) -> None:
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
    """Return what a switch sees of a frame, with or without a VLAN tag."""
    values = {"dl_dst": int.from_bytes(frame[:6]), "dl_src": int.from_bytes(frame[6:12])}
    at = 12
    if frame[at : at + 2] == _TAG:
        values["vlan_tci"] = int.from_bytes(frame[14:16]) | TAGGED
        at = 16
    values["dl_type"] = int.from_bytes(frame[at : at + 2])
    header = frame[at + 2 :]
    if values["dl_type"] == IPV4 and len(header) >= _IP.size:
        _, tos, _, _, fragment, ttl, protocol, _, source, destination = _IP.unpack_from(header)
        size = (header[0] & 15) * 4
        values |= {"nw_tos": tos, "nw_ttl": ttl, "nw_proto": protocol, "nw_src": source, "nw_dst": destination}
        later = fragment & 0x1FFF
        values["nw_frag"] = (1 if fragment & 0x3FFF else 0) | (2 if later else 0)
        if not later and protocol in (6, 17) and len(header) >= size + 4:
            values["tp_src"], values["tp_dst"] = struct.unpack_from("!HH", header, size)
            if protocol == 6 and len(header) >= size + 14:
                values["tcp_flags"] = int.from_bytes(header[size + 12 : size + 14]) & 0xFFF
        elif not later and protocol == 1 and len(header) >= size + 2:
            values["icmp_type"], values["icmp_code"] = header[size], header[size + 1]
    return Packet({field: value for field, value in values.items() if value})


def with_tag(frame: bytes, packet: Packet) -> bytes:
    """Return the frame as it is after bridges have given and taken tags; they write nothing else.

    Raises FlowstreamError where they do.
    """
    from_bridges = {"vlan_tci", "vlan_tci2", "in_port", "metadata"}
    rewritten = sorted(field for field in packet.written if field not in from_bridges and not field.startswith("reg"))
    if rewritten:
        raise FlowstreamError(f"cannot trace the packet: an entry rewrites {', '.join(rewritten)}, which trace cannot")
    bare = frame[:12] + (frame[16:] if frame[12:14] == _TAG else frame[12:])
    tag = packet.get("vlan_tci")
    return bare[:12] + _TAG + struct.pack("!H", tag & ~TAGGED) + bare[12:] if tag & TAGGED else bare


def is_answer(frame: bytes) -> bool:
    """Whether a frame is an ICMP error or an echo reply, which speaks of a packet and is none of its copies."""
    fields = fields_of(frame)
    return fields.get("nw_proto") == 1 and fields.get("icmp_type") in _ANSWERS


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))
