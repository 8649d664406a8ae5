# SPDX-License-Identifier: Apache-2.0
"""Frames with their times in a file, as the engine's dump elements read and write it (pcap, nanoseconds)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

_NANOSECONDS, _MICROSECONDS = 0xA1B23C4D, 0xA1B2C3D4
_FILE = struct.Struct("<IHHiIII")
_RECORD = struct.Struct("<IIII")
_ETHERNET = 1


def written(frames: Iterable[tuple[float, bytes]]) -> bytes:
    """Return a file of frames, each with its time in seconds."""
    parts = [_FILE.pack(_NANOSECONDS, 2, 4, 0, 0, 0xFFFF, _ETHERNET)]
    for at, frame in frames:
        seconds = int(at)
        parts += [_RECORD.pack(seconds, round((at - seconds) * 1e9), len(frame), len(frame)), frame]
    return b"".join(parts)


def frames_of(data: bytes) -> Iterator[bytes]:
    """Yield the frames of a file that this machine's engine has written; none of one that it has not."""
    return (frame for _, frame in timed_frames_of(data))


def timed_frames_of(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield them with their times in nanoseconds."""
    if len(data) < _FILE.size or (magic := _FILE.unpack_from(data)[0]) not in (_NANOSECONDS, _MICROSECONDS):
        return
    unit = 1 if magic == _NANOSECONDS else 1000
    at = _FILE.size
    while at + _RECORD.size <= len(data):
        seconds, part, length, _ = _RECORD.unpack_from(data, at)
        yield seconds * 1_000_000_000 + part * unit, data[at + _RECORD.size : at + _RECORD.size + length]
        at += _RECORD.size + length
