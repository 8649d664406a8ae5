# SPDX-License-Identifier: Apache-2.0
"""Folders of XenStore that are too long for one message, from a daemon that sends them all the same.

A message carries 4,096 bytes: about 800 domains. The C daemon then refuses, and libxenstore asks for the parts
(XS_DIRECTORY_PART). oxenstored 4.17, which is Debian's, does not know the parts and sends an answer of any length, on
which libxenstore closes its connection. So folders are listed on a connection of their own, by the protocol of Xen's
public xs_wire.h, in which the length of an answer is no limit.
"""

from __future__ import annotations

import errno
import os
import socket
import struct

_HEADER = struct.Struct("=IIII")  # type, request, transaction, length of what follows
_DIRECTORY, _ERROR = 1, 16
_ERRORS = {name: number for number, name in errno.errorcode.items()} | {"EQUOTA": errno.EDQUOT}  # oxenstored's own


def list_children(path: str, timeout: float) -> tuple[str, ...]:
    """The names below a node, sorted; OSError as the system or the daemon gives it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        connection.connect(socket_path())
        body = path.encode() + b"\0"
        connection.sendall(_HEADER.pack(_DIRECTORY, 0, 0, len(body)) + body)
        kind, _, _, length = _HEADER.unpack(receive(connection, _HEADER.size))
        answer = receive(connection, length)
    if kind == _ERROR:
        raise OSError(refusal(answer), os.strerror(refusal(answer)))
    return tuple(sorted(name for name in answer.decode(errors="replace").split("\0") if name))


def refusal(answer: bytes) -> int:
    """The error number whose name the daemon sends."""
    return _ERRORS.get(answer.rstrip(b"\0").decode(errors="replace"), errno.EIO)


def socket_path() -> str:
    """Where the daemon listens; libxenstore looks at the same variables."""
    folder = os.environ.get("XENSTORED_RUNDIR", "/var/run/xenstored")
    return os.environ.get("XENSTORED_PATH", f"{folder}/socket")


def receive(connection: socket.socket, count: int) -> bytes:
    """So many bytes; ConnectionResetError when the daemon has closed the connection."""
    data = bytearray()
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        data += part
    return bytes(data)
