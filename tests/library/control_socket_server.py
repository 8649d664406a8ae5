# SPDX-License-Identifier: Apache-2.0
"""A small ControlSocket server with handlers that are Python values: for tests of the client alone."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class ControlSocketServer:
    """Serves one connection after another on a UNIX socket until closed.

    `readable` and `writable` map handlers to values; what is written to a handler is readable under its name when it
    is readable at all. `errors` maps a handler to the messages with which a write to it fails. `hang_up_on` ends the
    connection instead of answering a write to that handler (after carrying it out).
    """

    path: Path
    readable: dict[str, str] = field(default_factory=dict)
    writable: dict[str, str] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)
    hang_up_on: str = ""
    silent: bool = False
    greeting: str = "Click::ControlSocket/1.3"
    requests: list[str] = field(default_factory=list)

    def __enter__(self) -> ControlSocketServer:
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

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                stream.write(f"{self.greeting}\r\n".encode())
                stream.flush()
                while self._answer_one(stream):
                    stream.flush()

    def _answer_one(self, stream) -> bool:  # noqa: ANN001 - BufferedRWPair is private to io
        line = stream.readline()
        if not line:
            return False
        text = line.decode().rstrip("\r\n")
        self.requests.append(text)
        command, _, rest = text.partition(" ")
        handler, _, argument = rest.partition(" ")
        if self.silent:
            return True
        if command == "QUIT":
            stream.write(b"200 Goodbye!\r\n")
            stream.flush()
            return False
        if command in ("READDATA", "WRITEDATA"):
            argument = stream.read(int(argument)).decode()
        if command in ("READUNTIL", "WRITEUNTIL"):
            lines = []
            while (until := stream.readline().decode().rstrip("\r\n")) != argument:
                lines.append(until)
            argument = "".join(f"{line}\n" for line in lines)
        if command.startswith("READ"):
            self._read(stream, handler, argument)
        elif command.startswith("WRITE"):
            return self._write(stream, handler, argument)
        elif command in ("CHECKREAD", "CHECKWRITE"):
            known = self.readable if command == "CHECKREAD" else self.writable
            stream.write(b"200 OK\r\n" if handler in known else b"511 No such handler\r\n")
        else:
            stream.write(f"501 Command '{command}' unimplemented\r\n".encode())
        return True

    def _read(self, stream, handler: str, parameter: str) -> None:  # noqa: ANN001 - as above
        if handler not in self.readable:
            stream.write(f"511 No handler named '{handler}'\r\n".encode())
            return
        data = (self.readable[handler] + parameter).encode()
        stream.write(f"200 Read handler '{handler}' OK\r\nDATA {len(data)}\r\n".encode() + data)

    def _write(self, stream, handler: str, value: str) -> bool:  # noqa: ANN001 - as above
        if handler in self.errors:
            *first, last = [f"Write handler '{handler}' error:", *self.errors[handler]]
            stream.write("".join([*(f"520-{line}\r\n" for line in first), f"520 {last}\r\n"]).encode())
        elif handler not in self.writable:
            stream.write(f"511 No write handler named '{handler}'\r\n".encode())
        else:
            self.writable[handler] = value
            shown = {"hotconfig": "config"}.get(handler, handler)
            if shown in self.readable:
                self.readable[shown] = value
            if handler == self.hang_up_on:
                return False
            warning = self.warnings.get(handler)
            stream.write(f"220 {warning}\r\n".encode() if warning else b"200 Write handler OK\r\n")
        return True
