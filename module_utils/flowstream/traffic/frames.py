# SPDX-License-Identifier: Apache-2.0
"""Probe packets: numbered UDP datagrams that say which stream they belong to, and what became of them on the way."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.flowstream.addresses import IPV4, IPV6, parse_address_text, parse_mac
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.traffic.headers import (
    ETHERNET,
    ETHERTYPES,
    IP,
    IP6,
    both_ends,
    checksum,
    ip_header,
    pseudo_header,
)

UDP_PORT = 9
"""Where probes go: the discard service (RFC 863)."""

_MAGIC = b"prob"
_PAYLOAD = struct.Struct("!4sQII")  # magic, run, stream, sequence
_UDP = struct.Struct("!HHHH")  # RFC 768
_PROTOCOL_UDP = 17
_TAG = struct.Struct("!HH")
_TAGGED = 0x8100
_LAST_VLAN = 4094
_HEADERS = {family: ETHERNET.size + ip.size + _UDP.size for family, ip in ((IPV4, IP), (IPV6, IP6))}
SMALLEST = {family: size + _PAYLOAD.size for family, size in _HEADERS.items()}
"""Bytes of the smallest probe frame of each family, without the frame check sequence."""
_LARGEST = 1514


@dataclass(frozen=True)
class Stream:
    """A row of `count` equal datagrams from one address to another, sent to the platform port `destination_mac`.

    `size` is the frame's length in bytes without a tag; `ttl` the hops with which it starts; both addresses are of `family`. With
    `vlan` it has a tag of that VLAN (IEEE 802.1Q 9.6).
    """

    id: int
    source: int
    destination: int
    destination_mac: bytes
    count: int
    size: int = 64
    ttl: int = 64
    family: int = IPV4
    vlan: int | None = None

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Stream:
        """Read a stream with its addresses as text; frames that are too short for a probe of IPv6 are as long as that needs."""
        source, family = parse_address_text("source", plain["source"])
        destination, other = parse_address_text("destination", plain["destination"])
        if family != other:
            raise FlowstreamError(
                f"stream {plain['id']}: source and destination are of two families, got {plain['source']} and {plain['destination']}"
            )
        size = int(plain.get("size") or cls.size)
        if not SMALLEST[IPV4] <= size <= _LARGEST:
            raise FlowstreamError(
                f"stream {plain['id']}: size must be from {SMALLEST[IPV4]} to {_LARGEST} bytes, got {size}"
            )
        vlan = plain.get("vlan")
        if vlan is not None and not 1 <= vlan <= _LAST_VLAN:
            raise FlowstreamError(f"stream {plain['id']}: vlan must be from 1 to {_LAST_VLAN}, got {vlan}")
        return cls(
            id=int(plain["id"]),
            source=source,
            destination=destination,
            destination_mac=bytes.fromhex(parse_mac(plain["destination_mac"]).replace(":", "")),
            count=int(plain["count"]),
            size=max(size, SMALLEST[family]),
            ttl=int(plain.get("ttl") or cls.ttl),
            family=family,
            vlan=vlan,
        )

    def frame(self, source_mac: bytes, run: int, sequence: int) -> bytes:
        """The whole frame of datagram `sequence` of this run, checksums in place."""
        payload = _PAYLOAD.pack(_MAGIC, run, self.id, sequence).ljust(self.size - _HEADERS[self.family], b"\0")
        length = _UDP.size + len(payload)
        ports = _UDP.pack(UDP_PORT, UDP_PORT, length, 0)
        ends = both_ends(self.source, self.destination, self.family)
        check = checksum(pseudo_header(ends, _PROTOCOL_UDP, length) + ports + payload) or 0xFFFF
        udp = _UDP.pack(UDP_PORT, UDP_PORT, length, check)
        ethernet = ETHERNET.pack(self.destination_mac, source_mac, ETHERTYPES[self.family])
        if self.vlan is not None:
            ethernet = ethernet[:12] + _TAG.pack(_TAGGED, self.vlan) + ethernet[12:]
        return ethernet + ip_header(ends, self.family, _PROTOCOL_UDP, length, self.ttl) + udp + payload


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
    family = next((each for each, kind in ETHERTYPES.items() if frame[12:14] == struct.pack("!H", kind)), None)
    if family is None or len(frame) < SMALLEST[family]:
        return
    headers = _HEADERS[family]
    magic, its_run, stream, sequence = _PAYLOAD.unpack_from(frame, headers)
    if (magic, its_run) != (_MAGIC, run):
        return
    here = arrivals.setdefault(stream, Arrivals())
    here.duplicates += sequence in here.sequences
    here.sequences.add(sequence)
    ip = frame[ETHERNET.size : headers - _UDP.size]
    length = struct.unpack_from("!H", ip, 4)[0] if family == IPV6 else struct.unpack_from("!H", ip, 2)[0] - IP.size
    segment = frame[headers - _UDP.size :][:length]
    ends, hops = (ip[8:40], ip[7]) if family == IPV6 else (ip[12:20], ip[8])
    here.ttls[hops] += 1
    damaged = family == IPV4 and checksum(ip) != 0
    here.bad_checksums += damaged or checksum(pseudo_header(ends, _PROTOCOL_UDP, len(segment)) + segment) != 0
    here.source_macs[frame[6:12].hex(":")] += 1
