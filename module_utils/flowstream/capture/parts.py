# SPDX-License-Identifier: Apache-2.0
"""What a tap has written, apart by what its packets begin with: inside of a module some have lost their Ethernet header, or have none yet."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_FILE = struct.Struct("<IHHiIII")
_RECORD = struct.Struct("<IIII")
_ETHERNET, _RAW_IP = 1, 101
"""Link types (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcaplinktype-04.html)."""
_VERSION, _MOST_BYTES = (2, 4), 65535
NOTHING = _FILE.pack(0xA1B23C4D, *_VERSION, 0, 0, _MOST_BYTES, _ETHERNET)
"""A capture file with no packet."""
_MIN_HEADER4, _HEADER6 = 20, 40


def parts_of(data: bytes, packets: int) -> list[bytes]:
    """Return the first `packets` of a capture file (pcap) as files of one link type each: Ethernet, IP, or one of each."""
    head = _FILE.unpack_from(data)
    records = list(_records(data))[:packets]
    found = []
    for link_type in (_ETHERNET, _RAW_IP):
        chosen = [record for record, own in records if own == link_type]
        if chosen or (link_type == _ETHERNET and not records):
            found.append(b"".join([_FILE.pack(*head[:-1], link_type), *chosen]))
    return found


def count_of(data: bytes) -> int:
    """Return how many packets a capture file has."""
    return sum(1 for _ in _records(data))


def _records(data: bytes) -> Iterator[tuple[bytes, int]]:
    at = _FILE.size
    while at + _RECORD.size <= len(data):
        _, _, captured, length = _RECORD.unpack_from(data, at)
        end = at + _RECORD.size + captured
        if end > len(data):
            return
        yield data[at:end], _RAW_IP if _is_ip(data[at + _RECORD.size : end], length) else _ETHERNET
        at = end


def _is_ip(packet: bytes, length: int) -> bool:
    """Whether a packet of `length` bytes begins with an IP header that fits it (RFC 791 section 3.1, RFC 8200 section 3)."""
    if len(packet) >= _HEADER6 and packet[0] >> 4 == 6:
        return _HEADER6 + int.from_bytes(packet[4:6], "big") == length
    if len(packet) < _MIN_HEADER4 or packet[0] >> 4 != 4:
        return False
    header, whole = packet[: (packet[0] & 0xF) * 4], int.from_bytes(packet[2:4], "big")
    if not _MIN_HEADER4 <= len(header) <= whole <= length or len(header) % 4:
        return False
    total = sum(word for (word,) in struct.iter_unpack(">H", header))
    return whole == length or (total & 0xFFFF) + (total >> 16) == 0xFFFF
