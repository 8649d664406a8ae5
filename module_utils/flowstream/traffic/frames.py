# SPDX-License-Identifier: Apache-2.0
"""Probe packets: numbered UDP datagrams that say which stream they belong to, and what became of them on the way."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.flowstream.addresses import parse_address, parse_mac
from ansible.module_utils.flowstream.errors import FlowstreamError

UDP_PORT = 9
"""Where probes go: the discard service (RFC 863)."""

_MAGIC = b"prob"
_PAYLOAD = struct.Struct("!4sQII")  # magic, run, stream, sequence
_ETHERNET = struct.Struct("!6s6sH")
_IP = struct.Struct("!BBHHHBBHII")  # RFC 791
_UDP = struct.Struct("!HHHH")  # RFC 768
_ARP = struct.Struct("!HHBBH6sI6sI")  # RFC 826, IPv4 over Ethernet
_ETHERTYPE_IP, _ETHERTYPE_ARP = 0x0800, 0x0806
_PROTOCOL_UDP = 17
_ARP_REQUEST, _ARP_REPLY = 1, 2
HEADERS = _ETHERNET.size + _IP.size + _UDP.size
MIN_SIZE = HEADERS + _PAYLOAD.size
"""Bytes of the smallest probe frame, without the frame check sequence."""


@dataclass(frozen=True)
class Stream:
    """A row of `count` equal datagrams from one address to another, sent to the platform port `destination_mac`.

    `size` is the frame's length in bytes; `ttl` what it starts with.
    """

    id: int
    source: int
    destination: int
    destination_mac: bytes
    count: int
    size: int = 64
    ttl: int = 64

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Stream:
        """Read a stream with its addresses as text."""
        size = int(plain.get("size") or cls.size)
        if not MIN_SIZE <= size <= 1514:
            raise FlowstreamError(f"stream {plain['id']}: size must be from {MIN_SIZE} to 1514 bytes, got {size}")
        return cls(
            id=int(plain["id"]),
            source=parse_address("source", plain["source"]),
            destination=parse_address("destination", plain["destination"]),
            destination_mac=bytes.fromhex(parse_mac(plain["destination_mac"]).replace(":", "")),
            count=int(plain["count"]),
            size=size,
            ttl=int(plain.get("ttl") or cls.ttl),
        )

    def frame(self, source_mac: bytes, run: int, sequence: int) -> bytes:
        """The whole frame of datagram `sequence` of this run, checksums in place."""
        payload = _PAYLOAD.pack(_MAGIC, run, self.id, sequence).ljust(self.size - HEADERS, b"\0")
        length = _UDP.size + len(payload)
        pseudo = struct.pack("!IIBBH", self.source, self.destination, 0, _PROTOCOL_UDP, length)
        ports = _UDP.pack(UDP_PORT, UDP_PORT, length, 0)
        udp = _UDP.pack(UDP_PORT, UDP_PORT, length, checksum(pseudo + ports + payload) or 0xFFFF)
        blank = self._ip_header(length, 0)
        ip = self._ip_header(length, checksum(blank))
        return _ETHERNET.pack(self.destination_mac, source_mac, _ETHERTYPE_IP) + ip + udp + payload

    def _ip_header(self, length: int, check: int) -> bytes:
        total = _IP.size + length
        return _IP.pack(0x45, 0, total, 0, 0, self.ttl, _PROTOCOL_UDP, check, self.source, self.destination)


def checksum(data: bytes) -> int:
    """Internet checksum (RFC 1071); 0 over data that has a right one in it."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@dataclass
class Arrivals:
    """What came of one stream at one place."""

    sequences: set[int] = field(default_factory=set)
    duplicates: int = 0
    ttls: Counter[int] = field(default_factory=Counter)
    bad_checksums: int = 0
    source_macs: Counter[str] = field(default_factory=Counter)

    def to_dict(self) -> dict[str, Any]:
        """As a result of a module."""
        return {
            "packets": len(self.sequences),
            "first": min(self.sequences, default=None),
            "duplicates": self.duplicates,
            "ttls": {str(ttl): count for ttl, count in sorted(self.ttls.items())},
            "bad_checksums": self.bad_checksums,
            "source_macs": dict(sorted(self.source_macs.items())),
        }


def record(frame: bytes, run: int, arrivals: dict[int, Arrivals]) -> None:
    """Count `frame` if it is a probe of this run."""
    if len(frame) < MIN_SIZE or frame[HEADERS : HEADERS + len(_MAGIC)] != _MAGIC:
        return
    _, its_run, stream, sequence = _PAYLOAD.unpack_from(frame, HEADERS)
    if its_run != run:
        return
    here = arrivals.setdefault(stream, Arrivals())
    here.duplicates += sequence in here.sequences
    here.sequences.add(sequence)
    ip = frame[_ETHERNET.size : _ETHERNET.size + _IP.size]
    total_length, ttl = struct.unpack_from("!H", ip, 2)[0], ip[8]
    segment = frame[_ETHERNET.size + _IP.size : _ETHERNET.size + total_length]
    pseudo = ip[12:20] + struct.pack("!BBH", 0, _PROTOCOL_UDP, len(segment))
    here.ttls[ttl] += 1
    here.bad_checksums += checksum(ip) != 0 or checksum(pseudo + segment) != 0
    here.source_macs[frame[6:12].hex(":")] += 1


def arp_request(source_mac: bytes, source: int, target: int) -> bytes:
    """A broadcast question for the owner of `target`."""
    header = _ETHERNET.pack(b"\xff" * 6, source_mac, _ETHERTYPE_ARP)
    return header + _ARP.pack(1, _ETHERTYPE_IP, 6, 4, _ARP_REQUEST, source_mac, source, bytes(6), target)


def arp_reply(source_mac: bytes, source: int, target_mac: bytes, target: int) -> bytes:
    """What the owner of `source` tells who asked for it."""
    header = _ETHERNET.pack(target_mac, source_mac, _ETHERTYPE_ARP)
    return header + _ARP.pack(1, _ETHERTYPE_IP, 6, 4, _ARP_REPLY, source_mac, source, target_mac, target)


def arp_answer(frame: bytes) -> tuple[int, str] | None:
    """The address and the MAC that an ARP reply tells, or None when `frame` is none."""
    if len(frame) < _ETHERNET.size + _ARP.size or frame[12:14] != struct.pack("!H", _ETHERTYPE_ARP):
        return None
    _, _, _, _, operation, sender_mac, sender, _, _ = _ARP.unpack_from(frame, _ETHERNET.size)
    return (sender, sender_mac.hex(":")) if operation == _ARP_REPLY else None
