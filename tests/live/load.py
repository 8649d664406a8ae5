# SPDX-License-Identifier: Apache-2.0
"""A constant load of numbered datagrams between two endpoints, each of which has to come back: what is lost on either way is known exactly."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from .conversations import Partner
from .router_lab import Node

LOAD_PORT = 7007
_FORCED = 33
"""SO_RCVBUFFORCE of Linux, for which Python has no name."""
_ROOM = 4 << 20
"""Bytes that wait in a socket: what is lost is not lost by an endpoint that others kept from its processor."""
_COMMON = f"""
import json, selectors, socket, sys, time
def bound(address, port):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.setsockopt(socket.SOL_SOCKET, {_FORCED}, {_ROOM})
    one.bind((address, port))
    one.setblocking(False)
    waiting.register(one, selectors.EVENT_READ)
    return one
waiting = selectors.DefaultSelector()
"""
_ECHO = (
    _COMMON
    + """
for address in sys.argv[2:]:
    bound(address, int(sys.argv[1]))
print("listening", flush=True)
while True:
    for key, _ in waiting.select():
        data, peer = key.fileobj.recvfrom(100)
        key.fileobj.sendto(data, peer)
"""
)
# Sends one datagram after the other, to each of the ways in turn, until a line comes; waits for what is on its way, and says what came back.
_SEND = (
    _COMMON
    + """
port, rate, ways = int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
sockets = {name: bound(source, 0) for name, (source, _) in ways.items()}
names = {one: name for name, one in sockets.items()}
waiting.register(sys.stdin, selectors.EVENT_READ)
sent = {name: 0 for name in ways}
back = {name: [] for name in ways}
order, number, began, last = list(ways), 0, time.monotonic(), None
while last is None or time.monotonic() < last:
    if last is None:
        while number < (time.monotonic() - began) * rate:
            name = order[number % len(order)]
            sockets[name].sendto(str(sent[name]).encode(), (ways[name][1], port))
            sent[name] += 1
            number += 1
    for key, _ in waiting.select(0.002):
        if key.fileobj is sys.stdin:
            waiting.unregister(sys.stdin)
            last = time.monotonic() + 2
        else:
            back[names[key.fileobj]].append(int(key.fileobj.recv(100)))
print(json.dumps({name: [sent[name], len(set(back[name])), len(back[name])] for name in ways}), flush=True)
"""
)


class Carried(NamedTuple):
    """How many datagrams were sent on a way, how many of them came back, and how many came back more than once."""

    sent: int
    answered: int
    doubled: int

    @property
    def lost(self) -> int:
        return self.sent - self.answered


class Load:
    """`rate` datagrams a second from a node, dealt to `ways`: by name a source there and the destination that it sends to.

    `listening` are the addresses of the other node that answer, where they are not the destinations.
    """

    def __init__(
        self,
        node: Node,
        server: Node,
        ways: Mapping[str, tuple[str, str]],
        rate: int,
        listening: Sequence[str] = (),
    ) -> None:
        with ExitStack() as begun:
            own = sorted(set(listening or (destination for _, destination in ways.values())))
            echo = begun.enter_context(Partner(server, _ECHO, str(LOAD_PORT), *own))
            assert echo.hears() == "listening"
            self._sender = begun.enter_context(Partner(node, _SEND, str(LOAD_PORT), str(rate), json.dumps(ways)))
            self._running = begun.pop_all()

    def __enter__(self) -> Load:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def end(self) -> dict[str, Carried]:
        """What became of the datagrams, by way."""
        self._sender.tell("enough")
        counts = json.loads(self._sender.hears())
        return {name: Carried(sent, once, all_of_them - once) for name, (sent, once, all_of_them) in counts.items()}
