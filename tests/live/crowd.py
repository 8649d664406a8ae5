# SPDX-License-Identifier: Apache-2.0
"""Many TCP connections at once between two endpoints, with the kernel's TCP at both ends."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from .conversations import Partner
from .router_lab import Node

_SERVER = """
import resource, selectors, socket, sys
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
listening = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=4096)
waiting = selectors.DefaultSelector()
waiting.register(listening, selectors.EVENT_READ)
print("listening", flush=True)
while True:
    for key, _ in waiting.select():
        if key.fileobj is listening:
            waiting.register(listening.accept()[0], selectors.EVENT_READ)
        elif data := key.fileobj.recv(1000):
            key.fileobj.sendall(data)
        else:
            waiting.unregister(key.fileobj)
"""
# A word on each connection, and how many came back: on a line of standard input, until it ends.
_CLIENT = """
import resource, selectors, socket, sys, time
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
server, port, each, sources = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
talking = []
for source in sources:
    for _ in range(each):
        talking.append(socket.create_connection((server, port), timeout=20, source_address=(source, 0)))
print(len(talking), flush=True)
for line in sys.stdin:
    waiting = selectors.DefaultSelector()
    for one in talking:
        one.setblocking(False)
        waiting.register(one, selectors.EVENT_READ)
        try:
            one.send(line.encode())
        except OSError:
            waiting.unregister(one)
    answered, deadline = 0, time.monotonic() + 30
    while waiting.get_map() and time.monotonic() < deadline:
        for key, _ in waiting.select(1):
            try:
                answered += key.fileobj.recv(1000) == line.encode()
            except OSError:
                pass
            waiting.unregister(key.fileobj)
    print(answered, flush=True)
"""


class Crowd:
    """`each` connections from every one of `sources`, addresses of a node, to a server at another; `count` is how many there are.

    The server listens `at` another address, where something between the two translates.
    """

    def __init__(
        self, node: Node, server: Node, address: str, port: int, sources: Sequence[str], each: int, at: str = ""
    ) -> None:
        with ExitStack() as begun:
            listening = begun.enter_context(Partner(server, _SERVER, at or address, str(port)))
            assert listening.hears() == "listening"
            self._client = begun.enter_context(Partner(node, _CLIENT, address, str(port), str(each), *sources))
            self.count = int(self._client.hears() or 0)
            self._running = begun.pop_all()

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def answered(self) -> int:
        """On how many connections a word comes back."""
        self._client.tell("hello")
        return int(self._client.hears() or 0)
