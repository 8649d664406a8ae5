# SPDX-License-Identifier: Apache-2.0
"""The file system that a Linux guest starts with: that of its image, and a file behind it.

A kernel unpacks all archives that follow each other (Linux, Documentation/driver-api/early-userspace/buffer-format.rst), so
that an image need not be taken apart to be given a configuration.
"""

from __future__ import annotations

_MAGIC = "070701"
_REGULAR = 0o100644
_TRAILER = "TRAILER!!!"


def with_file(archive: bytes, name: str, content: bytes) -> bytes:
    """The archive with one more file, which belongs to root and may be read by all."""
    return _padded(archive) + _entry(name, _REGULAR, content) + _entry(_TRAILER, 0, b"")


def _entry(name: str, mode: int, content: bytes) -> bytes:
    """One entry of a cpio archive in the format `newc`."""
    spelled = name.encode() + b"\0"
    inode, owner, group, links, changed = 0, 0, 0, 1, 0
    devices, checksum = (0, 0, 0, 0), 0
    numbers = (inode, mode, owner, group, links, changed, len(content), *devices, len(spelled), checksum)
    header = _MAGIC + "".join(f"{number:08x}" for number in numbers)
    return _padded(header.encode() + spelled) + _padded(content)


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 4)
