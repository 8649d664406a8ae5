# SPDX-License-Identifier: Apache-2.0
"""XenStore by the system's own library, libxenstore.so.4 (xenstore.h of Xen's public headers has its functions)."""

from __future__ import annotations

import ctypes
import errno
import select
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from ctypes import POINTER, byref, c_bool, c_char_p, c_int, c_uint, c_uint32, c_ulong, c_void_p
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, TypeVar

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xenstore.listing import list_children
from ansible.module_utils.flowstream.xenstore.store import Nodes, Permission, XenStoreError

_MOST_ATTEMPTS = 100
"""How often a transaction is begun again: of those that collide one always succeeds, so this many is a live lock."""

_ACCESS_BITS = {"n": 0, "r": 1, "w": 2, "b": 3}
_ACCESS = {bits: letter for letter, bits in _ACCESS_BITS.items()}

T = TypeVar("T")


class _Permission(ctypes.Structure):
    """struct xs_permissions."""

    _fields_ = (("id", c_uint), ("perms", c_uint))


_HANDLE_AND_PATH = (c_void_p, c_uint32, c_char_p)
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "xs_open": (c_void_p, (c_ulong,)),
    "xs_close": (None, (c_void_p,)),
    "xs_fileno": (c_int, (c_void_p,)),
    "xs_read": (c_void_p, (*_HANDLE_AND_PATH, POINTER(c_uint))),
    "xs_directory": (c_void_p, (*_HANDLE_AND_PATH, POINTER(c_uint))),
    "xs_get_permissions": (c_void_p, (*_HANDLE_AND_PATH, POINTER(c_uint))),
    "xs_write": (c_bool, (*_HANDLE_AND_PATH, c_char_p, c_uint)),
    "xs_mkdir": (c_bool, _HANDLE_AND_PATH),
    "xs_rm": (c_bool, _HANDLE_AND_PATH),
    "xs_set_permissions": (c_bool, (*_HANDLE_AND_PATH, POINTER(_Permission), c_uint)),
    "xs_transaction_start": (c_uint32, (c_void_p,)),
    "xs_transaction_end": (c_bool, (c_void_p, c_uint32, c_bool)),
    "xs_watch": (c_bool, (c_void_p, c_char_p, c_char_p)),
    "xs_unwatch": (c_bool, (c_void_p, c_char_p, c_char_p)),
    "xs_check_watch": (c_void_p, (c_void_p,)),
}
"""What each function returns and takes. Memory that one returns is freed by `_taken`."""


def _load() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL("libxenstore.so.4", use_errno=True)
    except OSError as error:
        raise FlowstreamError(f"cannot use XenStore: {error}; install the package libxenstore4") from None
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


_free = ctypes.CDLL(None).free
_free.argtypes, _free.restype = (c_void_p,), None


def _taken(address: int, copy: Callable[[int], T]) -> T:
    """A copy of what the library has allocated, which is freed."""
    try:
        return copy(address)
    finally:
        _free(address)


class _Connection:
    """The library's handle, and the thread that uses it.

    The library's calls take no time-out, and go on after a signal. In a thread of their own they may hang without
    the caller: it waits for `timeout` seconds, and then says so of this and every later call.
    """

    def __init__(self, timeout: float) -> None:
        self.library = _load()
        self.timeout = timeout
        self._hangs = False
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        # A daemon thread is not waited for when the program ends.
        Thread(target=self._serve, name="xenstore", daemon=True).start()
        self.handle: int = self.call("connect to XenStore", self.library.xs_open, 0)

    def _serve(self) -> None:
        while (call := self._calls.get()) is not None:
            future, function = call
            try:
                future.set_result(function())
            except Exception as error:  # noqa: BLE001 - it is the caller's, in the other thread
                future.set_exception(error)

    def run(self, intent: str, function: Callable[[], T]) -> T:
        """What `function` returns, called in the thread of this connection."""
        future: Future[T] = Future()
        if not self._hangs:
            self._calls.put((future, function))
        try:
            return future.result(0 if self._hangs else self.timeout)
        except TimeoutError:
            self._hangs = True
            raise self.no_answer(intent) from None

    def no_answer(self, intent: str) -> FlowstreamError:
        return FlowstreamError(f"cannot {intent}: no answer from XenStore in {self.timeout:g} s")

    def call(self, intent: str, function: Any, *arguments: Any) -> Any:
        """The result of a function of the library; XenStoreError when it is 0."""

        def called() -> Any:
            result = function(*arguments)
            if not result:
                raise XenStoreError(intent, ctypes.get_errno())
            return result

        return self.run(intent, called)

    def close(self) -> None:
        if not self._hangs:
            self.run("disconnect from XenStore", lambda: self.library.xs_close(self.handle))
        self._calls.put(None)


class _View:
    """The nodes as one transaction sees them; transaction 0 is none."""

    def __init__(self, connection: _Connection, transaction: int) -> None:
        self._connection = connection
        self._library = connection.library
        self._transaction = transaction

    def read(self, path: str) -> bytes | None:
        """The value of a node."""
        return self._get("read", self._library.xs_read, path, ctypes.string_at)

    def children(self, path: str) -> tuple[str, ...] | None:
        """The names below a node, sorted."""

        def names(address: int, count: int) -> tuple[str, ...]:
            # One block of memory: the pointers, and the names that they point to.
            return tuple(sorted((name or b"").decode() for name in (c_char_p * count).from_address(address)))

        return self._get("list", self._library.xs_directory, path, names)

    def permissions(self, path: str) -> tuple[Permission, ...] | None:
        """Who may do what with a node, its owner first."""

        def permissions(address: int, count: int) -> tuple[Permission, ...]:
            return tuple(Permission(_ACCESS[p.perms & 3], p.id) for p in (_Permission * count).from_address(address))

        return self._get("read the permissions of", self._library.xs_get_permissions, path, permissions)

    def write(self, path: str, value: bytes) -> None:
        """Set a node's value; it and the folders above it are made when they are not there."""
        self._set("write", self._library.xs_write, path, value, len(value))

    def make(self, path: str) -> None:
        """Make a node without a value, unless it is there."""
        self._set("make", self._library.xs_mkdir, path)

    def remove(self, path: str) -> None:
        """Remove a node with everything below it, if it is there."""
        try:
            self._set("remove", self._library.xs_rm, path)
        except XenStoreError as error:
            if error.errno != errno.ENOENT:
                raise

    def permit(self, path: str, permissions: Sequence[Permission]) -> None:
        """Replace a node's permissions."""
        array = (_Permission * len(permissions))(*(_Permission(p.domain, _ACCESS_BITS[p.access]) for p in permissions))
        self._set("set the permissions of", self._library.xs_set_permissions, path, array, len(array))

    def _get(self, verb: str, function: Any, path: str, copy: Callable[[int, int], T]) -> T | None:
        intent = f"{verb} {path}"

        def got() -> T | None:
            length = c_uint()
            address = function(self._connection.handle, self._transaction, path.encode(), byref(length))
            if address:
                return _taken(address, lambda address: copy(address, length.value))
            number = ctypes.get_errno()
            if number != errno.ENOENT:
                raise XenStoreError(intent, number)
            return None

        return self._connection.run(intent, got)

    def _set(self, verb: str, function: Any, path: str, *arguments: Any) -> None:
        self._connection.call(
            f"{verb} {path}", function, self._connection.handle, self._transaction, path.encode(), *arguments
        )


class LibraryXenStore(_View):
    """A connection to this host's XenStore; a context manager. `timeout` bounds each answer, in seconds."""

    def __init__(self, timeout: float) -> None:
        super().__init__(_Connection(timeout), 0)
        self._changed: dict[bytes, bool] = {}

    def __enter__(self) -> LibraryXenStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def children(self, path: str) -> tuple[str, ...] | None:
        """The names below a node, sorted; of a folder of any length."""
        try:
            return list_children(path, self._connection.timeout)
        except TimeoutError:
            raise self._connection.no_answer(f"list {path}") from None
        except OSError:
            # The library knows what else there is: parts of a long folder, or a device in place of the socket.
            return super().children(path)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def transact(self, work: Callable[[Nodes], T]) -> T:
        """Do `work` as a whole or not at all; it is called again when somebody else interfered."""
        handle, library = self._connection.handle, self._library
        for _ in range(_MOST_ATTEMPTS):
            number = self._connection.call("begin a transaction", library.xs_transaction_start, handle)
            try:
                result = work(_View(self._connection, number))
            except BaseException:
                # What went wrong is what the caller has to know.
                with suppress(FlowstreamError):
                    self._connection.call("end a transaction", library.xs_transaction_end, handle, number, True)
                raise
            try:
                self._connection.call("end a transaction", library.xs_transaction_end, handle, number, False)
            except XenStoreError as error:
                if error.errno != errno.EAGAIN:
                    raise
            else:
                return result
        raise XenStoreError(f"end a transaction in {_MOST_ATTEMPTS} attempts", errno.EAGAIN)

    @contextmanager
    def watch(self, path: str) -> Iterator[_PathWatch]:
        """Watch a node, which need not be there, and everything below it."""
        token = f"{len(self._changed)}".encode()
        arguments = (self._connection.handle, path.encode(), token)
        self._changed[token] = False
        self._connection.call(f"watch {path}", self._library.xs_watch, *arguments)
        try:
            yield _PathWatch(self, token)
        finally:
            with suppress(FlowstreamError):
                self._connection.call(f"stop watching {path}", self._library.xs_unwatch, *arguments)

    def wait(self, token: bytes, seconds: float) -> bool:
        """Wait for an event of the watch `token`; those of other watches are kept for them."""
        deadline = time.monotonic() + seconds
        events = self._library.xs_fileno(self._connection.handle)
        while not self._changed[token]:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([events], [], [], left)[0]:
                return False
            self._connection.run("read the events of XenStore", self._drain)
        self._changed[token] = False
        return True

    def _drain(self) -> None:
        while event := self._library.xs_check_watch(self._connection.handle):
            _path, token = _taken(event, lambda event: tuple((c_char_p * 2).from_address(event)))
            if token is not None:
                self._changed[token] = True
        if ctypes.get_errno() != errno.EAGAIN:
            raise XenStoreError("read the events of XenStore", ctypes.get_errno())


class _PathWatch:
    """Tells of changes to the path that was watched under `token`."""

    def __init__(self, store: LibraryXenStore, token: bytes) -> None:
        self._store = store
        self._token = token

    def wait(self, seconds: float) -> bool:
        """Wait until something may have changed since the last call; False when that many seconds have passed."""
        return self._store.wait(self._token, seconds)
