# SPDX-License-Identifier: Apache-2.0
"""The IP headers of packets that are sent to see what becomes of them, in bytes: IPv4 (RFC 791) and IPv6 (RFC 8200)."""

from __future__ import annotations

import struct

from ansible.module_utils.flowstream.addresses import BITS, IPV4, IPV6

ETHERNET = struct.Struct("!6s6sH")
IP = struct.Struct("!BBHHHBBHII")
IP6 = struct.Struct("!IHBB16s16s")
ETHERTYPES = {IPV4: 0x0800, IPV6: 0x86DD}


def both_ends(source: int, destination: int, family: int) -> bytes:
    """Source and destination as they stand in a header of the family, one behind the other."""
    octets = BITS[family] // 8
    return source.to_bytes(octets, "big") + destination.to_bytes(octets, "big")


def ip_header(
    ends: bytes, family: int, protocol: int, length: int, hops: int, *, traffic_class: int = 0, identification: int = 0
) -> bytes:
    """A header without options before `length` bytes of a protocol, its checksum in place; `ends` are both addresses.

    `hops` is the time to live or hop limit, `traffic_class` the type of service; `identification` is of IPv4 alone.
    """
    if family == IPV6:
        return IP6.pack(6 << 28 | traffic_class << 20, length, protocol, hops, ends[:16], ends[16:])
    fields = (0x45, traffic_class, IP.size + length, identification, 0, hops, protocol)
    addresses = struct.unpack("!II", ends)
    return IP.pack(*fields, checksum(IP.pack(*fields, 0, *addresses)), *addresses)


def pseudo_header(ends: bytes, protocol: int, length: int) -> bytes:
    """What a checksum covers besides a segment (RFC 768, RFC 9293 3.1, RFC 8200 8.1): of either family the same sum."""
    return ends + struct.pack("!HH", protocol, length)


def checksum(data: bytes) -> int:
    """Internet checksum (RFC 1071); 0 over data that has a right one in it."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
