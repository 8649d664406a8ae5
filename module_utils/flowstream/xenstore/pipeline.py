# SPDX-License-Identifier: Apache-2.0
"""Many reads and writes of XenStore at once, by the protocol of Xen's public xs_wire.h.

libxenstore waits for each answer; of a thousand domains that is a minute where dom0 is emulated.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xenstore.listing import receive, refusal, socket_path
from ansible.module_utils.flowstream.xenstore.store import XenStoreError

_HEADER = struct.Struct("=IIII")  # type, request, transaction, length of what follows
_READ, _WRITE, _REMOVE, _ERROR = 2, 11, 13, 16
_VERBS = {_READ: "read", _WRITE: "write", _REMOVE: "remove"}
_AT_ONCE = 64
"""So many requests are under way: their answers fit into the socket's buffer, so that neither side waits for the other."""


class XenStorePipeline:
    """A connection of its own to this host's daemon; a context manager. `timeout` bounds each answer, in seconds."""

    def __init__(self, timeout: float) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(socket_path())
        except OSError as error:
            self._socket.close()
            raise FlowstreamError(f"cannot connect to XenStore: {error.strerror}") from None

    def __enter__(self) -> XenStorePipeline:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def read(self, paths: Sequence[str]) -> dict[str, bytes]:
        """The values of those nodes that are there."""
        answers = self._ask(_READ, [path.encode() + b"\0" for path in paths])
        return {path: answer for path, answer in zip(paths, answers, strict=True) if answer is not None}

    def write(self, values: Mapping[str, bytes]) -> None:
        """Write nodes."""
        list(self._ask(_WRITE, [path.encode() + b"\0" + value for path, value in values.items()]))

    def remove(self, paths: Sequence[str]) -> None:
        """Remove nodes with all below them, those that are there."""
        list(self._ask(_REMOVE, [path.encode() + b"\0" for path in paths]))

    def _ask(self, kind: int, bodies: Sequence[bytes]) -> Iterator[bytes | None]:
        """The answers in the order of the requests; None where there is no such node."""
        for start in range(0, len(bodies), _AT_ONCE):
            some = bodies[start : start + _AT_ONCE]
            for body, (answered, answer) in zip(some, self._exchange(kind, some), strict=True):
                if answered != _ERROR:
                    yield answer
                elif (number := refusal(answer)) == errno.ENOENT:
                    yield None
                else:
                    raise XenStoreError(f"{_VERBS[kind]} {body.partition(bytes(1))[0].decode()}", number)

    def _exchange(self, kind: int, bodies: Sequence[bytes]) -> list[tuple[int, bytes]]:
        """Send all requests, and then receive the type and the text of each answer."""
        answers = []
        try:
            self._socket.sendall(b"".join(_HEADER.pack(kind, 0, 0, len(body)) + body for body in bodies))
            for _ in bodies:
                answered, _, _, length = _HEADER.unpack(receive(self._socket, _HEADER.size))
                answers.append((answered, receive(self._socket, length)))
        except OSError as error:
            raise FlowstreamError(f"cannot ask XenStore: {error.strerror or 'no answer in time'}") from None
        return answers
