# SPDX-License-Identifier: Apache-2.0
"""A small XenStore daemon for tests of its clients: the wire protocol of Xen's xs_wire.h on a UNIX socket."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

_HEADER = struct.Struct("<IIII")  # type, request, transaction, length
_MOST_BYTES = 4096


class Message(IntEnum):
    DIRECTORY = 1
    READ = 2
    GET_PERMS = 3
    WATCH = 4
    UNWATCH = 5
    TRANSACTION_START = 6
    TRANSACTION_END = 7
    WRITE = 11
    MKDIR = 12
    RM = 13
    SET_PERMS = 14
    WATCH_EVENT = 15
    ERROR = 16
    DIRECTORY_PART = 22


class RefusedError(Exception):
    """A request that gets an error code."""


@dataclass
class Tree:
    """The nodes, or a transaction's copy of them; `touched` are those that were read or changed."""

    values: dict[str, bytes]
    permissions: dict[str, list[str]]
    touched: set[str] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)

    def copy(self) -> Tree:
        return Tree(dict(self.values), dict(self.permissions))

    def at(self, path: str) -> str:
        self.touched.add(path)
        if path not in self.values:
            raise RefusedError("ENOENT")
        return path

    def children(self, path: str) -> list[str]:
        prefix = f"{self.at(path).rstrip('/')}/"
        return sorted(node[len(prefix) :] for node in self.values if node.rpartition("/")[0] + "/" == prefix)

    def write(self, path: str, value: bytes) -> None:
        parent = path.rpartition("/")[0] or "/"
        if parent not in self.values:
            self.write(parent, b"")
        self.permissions.setdefault(path, list(self.permissions[parent]))
        self.values[path] = value
        self.change(path)

    def remove(self, path: str) -> None:
        self.at(path)
        for node in [node for node in self.values if node == path or node.startswith(f"{path}/")]:
            del self.values[node], self.permissions[node]
            self.change(node)

    def take(self, copy: Tree) -> None:
        """What `copy` has changed; of other nodes it may know less."""
        for path in copy.changed:
            self.values.pop(path, None)
            self.permissions.pop(path, None)
            if path in copy.values:
                self.values[path], self.permissions[path] = copy.values[path], copy.permissions[path]
        self.changed += copy.changed

    def change(self, path: str) -> None:
        self.touched.add(path)
        self.changed.append(path)


class XenStoreServer:
    """Serves any number of connections until closed.

    `on_change` is called with the path of every change, one at a time, after the client has its answer: the place for a
    played guest.
    `has_parts` is whether it lists long folders in parts, as the C daemon, or in messages of any length, as oxenstored.
    `silent` leaves all requests without an answer; `collisions` is how many transactions yet will be refused, `refused` has
    error codes for paths of nodes. When it is `closing`, a request ends its connection.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = Tree({"/": b""}, {"/": ["n0"]})
        self.on_change: list[Callable[[str], None]] = []
        self.has_parts = True
        self.silent = False
        self.closing = False
        self.collisions = 0
        self.refused: dict[str, str] = {}
        self.requests: list[tuple[Message, bytes]] = []
        self.lock = threading.RLock()
        self.following = threading.Lock()
        self._versions: dict[str, int] = {}
        self._version = 0
        self._watches: list[tuple[_Session, str, str]] = []

    def __enter__(self) -> XenStoreServer:
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def read(self, path: str) -> str | None:
        value = self.tree.values.get(path)
        return None if value is None else value.decode()

    def write(self, path: str, value: str | bytes) -> None:
        """Write as the guest, or as another client, would."""
        with self.lock:
            self.tree.write(path, value if isinstance(value, bytes) else value.encode())
            self.publish()

    def remove(self, path: str) -> None:
        with self.lock:
            self.tree.remove(path)
            self.publish()

    def publish(self) -> list[str]:
        """Tell the watchers of what has changed in the tree; the paths."""
        changed, self.tree.changed = self.tree.changed, []
        self._version += 1
        for path in changed:
            self._versions[path] = self._version
            for session, watched, token in self._watches:
                if path == watched or path.startswith(f"{watched}/"):
                    session.send(Message.WATCH_EVENT, 0, 0, f"{path}\0{token}\0".encode())
        return changed

    def commit(self, copy: Tree, begun: int) -> None:
        if self.collisions or any(self._versions.get(path, 0) > begun for path in copy.touched):
            self.collisions = max(0, self.collisions - 1)
            raise RefusedError("EAGAIN")
        self.tree.take(copy)

    def version(self) -> int:
        return self._version

    def watch(self, session: _Session, path: str, token: str) -> None:
        self._watches.append((session, path, token))

    def unwatch(self, session: _Session, path: str, token: str) -> None:
        self._watches.remove((session, path, token))

    def forget(self, session: _Session) -> None:
        self._watches = [watch for watch in self._watches if watch[0] is not session]

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=_Session(self, connection).serve, daemon=True).start()


class _Session:
    """One connection, with its transactions."""

    def __init__(self, server: XenStoreServer, connection: socket.socket) -> None:
        self._server = server
        self._connection = connection
        self._transactions: dict[int, tuple[Tree, int]] = {}
        self._numbers = iter(range(1, 1 << 31))

    def serve(self) -> None:
        with self._connection, self._connection.makefile("rb") as stream:
            while header := stream.read(_HEADER.size):
                kind, request, transaction, length = _HEADER.unpack(header)
                body = stream.read(length)
                if self._server.closing:
                    break
                for path in self._answer(Message(kind), request, transaction, body):
                    with self._server.following:
                        for follow in self._server.on_change:
                            follow(path)
            with self._server.lock:
                self._server.forget(self)

    def send(self, kind: Message, request: int, transaction: int, body: bytes) -> None:
        self._connection.sendall(_HEADER.pack(kind, request, transaction, len(body)) + body)

    def _answer(self, kind: Message, request: int, transaction: int, body: bytes) -> Iterable[str]:
        server = self._server
        server.requests.append((kind, body))
        if server.silent:
            return ()
        with server.lock:
            tree = (
                self._transactions[transaction][0] if transaction and kind != Message.TRANSACTION_END else server.tree
            )
            try:
                self.send(kind, request, transaction, self._carry_out(kind, tree, transaction, body))
            except RefusedError as error:
                self.send(Message.ERROR, request, transaction, f"{error}\0".encode())
            if kind == Message.WATCH:
                self.send(Message.WATCH_EVENT, 0, 0, body)
            return server.publish()

    def _carry_out(self, kind: Message, tree: Tree, transaction: int, body: bytes) -> bytes:
        first, _, rest = body.partition(b"\0")
        path = first.decode()
        if path in self._server.refused:
            raise RefusedError(self._server.refused[path])
        match kind:
            case Message.READ:
                return tree.values[tree.at(path)]
            case Message.DIRECTORY | Message.DIRECTORY_PART:
                if not self._server.has_parts:
                    return "".join(f"{name}\0" for name in tree.children(path)).encode()
                return _listing(kind, tree.children(path), rest)
            case Message.GET_PERMS:
                return "".join(f"{permission}\0" for permission in tree.permissions[tree.at(path)]).encode()
            case Message.WRITE:
                if len(rest) > 2048:
                    raise RefusedError("E2BIG")
                tree.write(path, rest)
            case Message.MKDIR if path not in tree.values:
                tree.write(path, b"")
            case Message.RM:
                tree.remove(path)
            case Message.SET_PERMS:
                tree.permissions[tree.at(path)] = rest.decode().rstrip("\0").split("\0")
                tree.change(path)
            case Message.WATCH:
                self._server.watch(self, path, rest.decode().rstrip("\0"))
            case Message.UNWATCH:
                self._server.unwatch(self, path, rest.decode().rstrip("\0"))
            case Message.TRANSACTION_START:
                number = next(self._numbers)
                self._transactions[number] = (tree.copy(), self._server.version())
                return f"{number}\0".encode()
            case Message.TRANSACTION_END:
                copy, begun = self._transactions.pop(transaction)
                if path == "T":
                    self._server.commit(copy, begun)
        return b"OK\0"


def _listing(kind: Message, names: list[str], offset: bytes) -> bytes:
    """The names, or a part of them after the generation (which never changes here) of the folder."""
    whole = "".join(f"{name}\0" for name in names).encode()
    if kind == Message.DIRECTORY:
        if len(whole) > _MOST_BYTES:
            raise RefusedError("E2BIG")
        return whole
    begin = int(offset.rstrip(b"\0"))
    part = whole[begin : begin + _MOST_BYTES - 16]
    if begin + len(part) < len(whole):
        return b"1\0" + part[: part.rindex(b"\0") + 1]
    return b"1\0" + part + b"\0"
