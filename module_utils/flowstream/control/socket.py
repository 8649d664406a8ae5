# SPDX-License-Identifier: Apache-2.0
"""Client of Click's ControlSocket: read and write the handlers of a running Click.

The protocol is the one that Click's element documentation publishes under "ControlSocket" (version 1.3): the server
greets with `Click::ControlSocket/<version>`, each request is one line (and data), each answer begins with lines
`<code>-<text>` and ends with a line `<code> <text>`; data follows a line `DATA <bytes>`.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from ansible.module_utils.flowstream.control.text import same_configuration
from ansible.module_utils.flowstream.errors import FlowstreamError

OK, OK_WITH_WARNING, OK_WITH_MESSAGES = 200, 210, 220
CODES = {
    200: "OK",
    210: "done, with a warning",
    220: "done, with messages",
    500: "syntax error",
    501: "the command is not implemented",
    510: "no such element",
    511: "no such handler",
    520: "the handler reported an error",
    530: "permission denied",
    540: "no router is installed",
}
"""The answer codes of Click's ControlSocket documentation."""

_GREETING = re.compile(rb"Click::ControlSocket/(\d+)\.(\d+)")
_LINE = re.compile(r"(\d{3})([- ])(.*)\Z", re.DOTALL)
_HANDLER = re.compile(r"[A-Za-z0-9_.@/$#:\[\]-]+\Z")
_MAX_LINE = 65536
# Of our engine; those beyond it are accepted when another ends.
_MOST_CONNECTIONS = 256


@dataclass(frozen=True)
class Reply:
    """The answer to one request: its code, its message lines, and what followed as data."""

    code: int
    lines: tuple[str, ...]
    data: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the request was carried out."""
        return 200 <= self.code < 300

    @property
    def cause(self) -> str:
        """What Click said went wrong, without the heading that it puts above several lines."""
        lines = self.lines[1:] if len(self.lines) > 1 else self.lines
        return "\n".join(line.rstrip() for line in lines) or CODES.get(self.code, f"code {self.code}")


@dataclass(frozen=True)
class Address:
    """Where a ControlSocket listens: a path (UNIX socket), or a host and TCP port."""

    path: str | None
    host: str = ""
    port: int = 0

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `/path`, `unix:/path`, `tcp:HOST:PORT` or `HOST:PORT`."""
        plain = text.removeprefix("unix:")
        if plain.startswith("/"):
            return cls(plain)
        host, colon, port = text.removeprefix("tcp:").rpartition(":")
        if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise FlowstreamError(f"socket: '{text}' is neither an absolute path nor HOST:PORT")
        return cls(None, host.strip("[]"), int(port))

    def __str__(self) -> str:
        return self.path if self.path is not None else f"{self.host}:{self.port}"

    def open(self, timeout: float) -> socket.socket:
        """A connected socket; OSError as the system gives it."""
        if self.path is None:
            return socket.create_connection((self.host, self.port), timeout)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        try:
            connection.connect(self.path)
        except OSError:
            connection.close()
            raise
        return connection


class Handlers(Protocol):
    """Something whose Click handlers can be read and written; the control socket is one such thing."""

    def read(self, handler: str, parameter: str = "") -> str:
        """Return the value of a read handler."""

    def write(self, handler: str, value: str) -> tuple[str, ...]:
        """Write a write handler; return the messages of a write that succeeded with messages."""

    def readable(self, handler: str) -> bool:
        """Whether there is a read handler of this name."""

    def writable(self, handler: str) -> bool:
        """Whether there is a write handler of this name."""


class ClickControl(Handlers, Protocol):
    """A running Click whose configuration can be replaced as well, by whatever leads to it."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def configuration(self) -> str:
        """The configuration that Click was given last; empty when it was given none."""

    def install(self, text: str) -> None:
        """Replace the configuration; when Click refuses the new one, the old one keeps running."""


class ControlSocket:
    """One connection to a ControlSocket; a context manager. `timeout` bounds each request, in seconds."""

    def __init__(self, address: Address, timeout: float) -> None:
        self.address = address
        self._timeout = timeout
        self._open()

    def _open(self) -> None:
        address, timeout = self.address, self._timeout
        self._deadline = time.monotonic() + timeout
        self._buffer = bytearray()
        try:
            self._socket = address.open(timeout)
        except OSError as error:
            raise FlowstreamError(f"cannot connect to {address}: {error.strerror or error}") from error
        try:
            self.version = self._greeting()
        except NoAnswerError:
            self._socket.close()
            raise FlowstreamError(
                f"cannot hear from {address}: no greeting in {timeout:g} s; an engine has {_MOST_CONNECTIONS} connections at"
                " most, and others wait"
            ) from None
        except FlowstreamError:
            self._socket.close()
            raise

    def __enter__(self) -> ControlSocket:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """What messages call this Click."""
        return str(self.address)

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def read(self, handler: str, parameter: str = "") -> str:
        """Return the value of a read handler; `parameter` goes to a handler that takes one."""
        name = checked_name(handler)
        if parameter:
            data = parameter.encode()
            reply = self._request(f"READDATA {name} {len(data)}", data, expects_data=True)
        else:
            reply = self._request(f"READ {name}", expects_data=True)
        self._require(reply, f"read handler '{handler}'")
        return reply.data.decode(errors="replace")

    def read_present(self, handlers: Sequence[str]) -> dict[str, str]:
        """Return the values of those of these read handlers that there are; all are asked for at once."""
        self._send(b"".join(f"READ {checked_name(handler)}\r\n".encode() for handler in handlers))
        replies = [(handler, self._reply(expects_data=True)) for handler in handlers]
        return {handler: reply.data.decode(errors="replace") for handler, reply in replies if reply.ok}

    def read_until(self, handler: str, parameter: str, terminator: str) -> str:
        """Return the value of a read handler whose parameter is sent as lines up to `terminator`."""
        lines = _terminated(parameter, terminator)
        reply = self._request(f"READUNTIL {checked_name(handler)} {terminator}", lines, expects_data=True)
        self._require(reply, f"read handler '{handler}'")
        return reply.data.decode(errors="replace")

    def write(self, handler: str, value: str) -> tuple[str, ...]:
        """Write a write handler; return the messages of a write that succeeded with messages."""
        data = value.encode()
        return self._written(handler, self._request(f"WRITEDATA {checked_name(handler)} {len(data)}", data))

    def write_line(self, handler: str, value: str) -> tuple[str, ...]:
        """Write a value of one line with the plain WRITE command."""
        if "\n" in value or "\r" in value:
            raise FlowstreamError(f"cannot write handler '{handler}' of {self.address}: the value has several lines")
        return self._written(handler, self._request(f"WRITE {checked_name(handler)} {value}".rstrip()))

    def write_until(self, handler: str, value: str, terminator: str) -> tuple[str, ...]:
        """Write a value that is sent as lines up to `terminator`."""
        request = f"WRITEUNTIL {checked_name(handler)} {terminator}"
        return self._written(handler, self._request(request, _terminated(value, terminator)))

    def readable(self, handler: str) -> bool:
        """Whether there is a read handler of this name."""
        return self._request(f"CHECKREAD {checked_name(handler)}").ok

    def writable(self, handler: str) -> bool:
        """Whether there is a write handler of this name."""
        return self._request(f"CHECKWRITE {checked_name(handler)}").ok

    def configuration(self) -> str:
        """The configuration that Click was given last."""
        return self.read("config")

    def install(self, text: str) -> None:
        """Swap in `text` by the handler `hotconfig`; when Click refuses it, the old configuration keeps running.

        When the connection ends before the answer, what runs afterwards tells whether the swap took place.
        """
        try:
            self.write("hotconfig", text)
        except ConnectionLostError:
            self.close()
            self._open()
            if not same_configuration(self.configuration(), text):
                raise

    def quit(self) -> None:
        """End the conversation as the protocol wants it."""
        self._request("QUIT")

    def _written(self, handler: str, reply: Reply) -> tuple[str, ...]:
        self._require(reply, f"write handler '{handler}'")
        return () if reply.code == OK else reply.lines

    def _require(self, reply: Reply, intent: str) -> None:
        if not reply.ok:
            raise FlowstreamError(
                f"cannot {intent} of {self.address}: {reply.cause}",
                details={"code": reply.code, "reply": list(reply.lines)},
            )

    def _request(self, line: str, data: bytes = b"", expects_data: bool = False) -> Reply:
        self._send(line.encode() + b"\r\n" + data)
        return self._reply(expects_data)

    def _send(self, data: bytes) -> None:
        self._deadline = time.monotonic() + self._timeout
        try:
            self._socket.settimeout(self._timeout)
            self._socket.sendall(data)
        except OSError as error:
            raise self._lost(error.strerror or str(error)) from error

    def _reply(self, expects_data: bool) -> Reply:
        code, lines = self._answer()
        body = b""
        if expects_data and 200 <= code < 300:
            head = self._line()
            if not re.fullmatch(r"DATA \d+", head):
                raise FlowstreamError(f"cannot understand {self.address}: '{head}' stands where 'DATA <bytes>' should")
            body = self._bytes(int(head[5:]))
        return Reply(code, lines, body)

    def _greeting(self) -> tuple[int, int]:
        line = self._line()
        found = _GREETING.match(line.encode())
        if not found:
            raise FlowstreamError(f"cannot understand {self.address}: '{line}' is not the greeting of a ControlSocket")
        return int(found.group(1)), int(found.group(2))

    def _answer(self) -> tuple[int, tuple[str, ...]]:
        lines: list[str] = []
        while True:
            line = self._line()
            found = _LINE.match(line)
            if not found:
                raise FlowstreamError(f"cannot understand {self.address}: '{line}' has no answer code")
            lines.append(found.group(3))
            if found.group(2) == " ":
                return int(found.group(1)), tuple(lines)

    def _line(self) -> str:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _MAX_LINE:
                raise FlowstreamError(f"cannot understand {self.address}: a line of over {_MAX_LINE} bytes")
            self._receive()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r").decode(errors="replace")

    def _bytes(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._receive()
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _receive(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise NoAnswerError(f"cannot hear from {self.address}: no answer in {self._timeout:g} s")
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            raise NoAnswerError(f"cannot hear from {self.address}: no answer in {self._timeout:g} s") from None
        except OSError as error:
            raise self._lost(error.strerror or str(error)) from error
        if not data:
            raise self._lost("Click closed the connection")
        self._buffer += data

    def _lost(self, cause: str) -> ConnectionLostError:
        return ConnectionLostError(f"cannot hear from {self.address}: {cause}")


class NoAnswerError(FlowstreamError):
    """The time for an answer is over."""


class ConnectionLostError(FlowstreamError):
    """The connection ended before the answer: the request may or may not have been carried out."""


def checked_name(handler: str) -> str:
    """The name of a handler, which the protocols set off by white space."""
    if not _HANDLER.match(handler):
        raise FlowstreamError(f"handler '{handler}' is not a name such as element.handler")
    return handler


def _terminated(text: str, terminator: str) -> bytes:
    if terminator in text.splitlines():
        raise FlowstreamError(f"terminator '{terminator}' stands in the data itself")
    body = text if text.endswith("\n") or not text else f"{text}\n"
    return f"{body}{terminator}\r\n".encode()


def read_handlers(handlers: Handlers, names: Iterable[str]) -> dict[str, str]:
    """The value of each named handler; one that does not exist is an error."""
    return {name: handlers.read(name) for name in names}


def write_handler(
    handlers: Handlers, handler: str, value: str, read_back: str | None, check_mode: bool
) -> dict[str, object]:
    """Write `value` unless `read_back` already holds it; return a module's result.

    In check mode a handler that does not exist is still an error, found without writing.
    """
    before = None if read_back is None else handlers.read(read_back)
    if before is not None and before.rstrip("\n") == value.rstrip("\n"):
        return {"changed": False, "changes": [], "value": before, "messages": [], "diff": _diff(before, before)}
    messages: tuple[str, ...] = ()
    if not check_mode:
        messages = handlers.write(handler, value)
    elif not handlers.writable(handler):
        raise FlowstreamError(f"cannot write handler '{handler}': there is no write handler of this name")
    after = value
    if read_back is not None and not check_mode:
        after = handlers.read(read_back)
    shown = value.rstrip("\n")
    return {
        "changed": True,
        "changes": [f"write {handler} {shown}".rstrip() if "\n" not in shown else f"write {handler}"],
        "value": after if read_back is not None else "",
        "messages": list(messages),
        "diff": _diff(before or "", value),
    }


def _diff(before: str, after: str) -> dict[str, str]:
    return {"before": f"{before.rstrip()}\n" if before else "", "after": f"{after.rstrip()}\n" if after else ""}
