# SPDX-License-Identifier: Apache-2.0
"""Talk to QEMU and to the agent inside a virtual machine: JSON objects over a UNIX socket.

The machine's monitor speaks QMP (QEMU documentation, "QEMU Machine Protocol Specification"), the agent a part of it
("QEMU Guest Agent Protocol Reference").
"""

from __future__ import annotations

import base64
import json
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ansible.module_utils.flowstream.errors import FlowstreamError

_POLL_SECONDS = 0.2


class Channel:
    """A connection to `path` on which every answer has to come within `seconds`."""

    def __init__(self, path: Path, seconds: float) -> None:
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(seconds)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise FlowstreamError(f"cannot reach {path}: {error.strerror or error}") from error
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        self._socket.close()

    def execute(self, command: str, **arguments: Any) -> Any:
        """What `command` returns."""
        self.send(command, **arguments)
        return self.receive(command)

    def send(self, command: str, **arguments: Any) -> None:
        """Ask for `command`; an underscore in the name of an argument is a hyphen there."""
        message: dict[str, Any] = {"execute": command}
        if arguments:
            message["arguments"] = {name.replace("_", "-"): value for name, value in arguments.items()}
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise FlowstreamError(f"cannot {command}: {self._path}: {error.strerror or error}") from error

    def receive(self, command: str) -> Any:
        """The next answer; events that come before it are nobody's business here."""
        try:
            while line := self._lines.readline():
                # The agent puts a byte that no text has before its first answer after a reset.
                answer = json.loads(line.lstrip(b"\xff"))
                if "return" in answer:
                    return answer["return"]
                if "error" in answer:
                    raise FlowstreamError(f"cannot {command}: {answer['error']['desc']}")
        except OSError as error:
            raise FlowstreamError(f"cannot {command}: {self._path}: {error.strerror or error}") from error
        raise FlowstreamError(f"cannot {command}: {self._path}: closed by the other side")


def save(path: Path, snapshot: str, seconds: float) -> None:
    """Stop the machine with the monitor `path`, save it into its disk under a name, and end QEMU."""
    with Channel(path, seconds) as channel:
        channel.execute("qmp_capabilities")
        channel.execute("stop")
        # The human monitor's command has no twin in QMP that waits for the end; what it prints is its error.
        if answer := str(channel.execute("human-monitor-command", command_line=f"savevm {snapshot}")).strip():
            raise FlowstreamError(f"cannot save the machine: {answer}")
        channel.execute("quit")


class Guest:
    """The agent in a virtual machine, at the socket `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def answers(self) -> bool:
        """Whether the agent runs."""
        try:
            with self._connect(2.0):
                return True
        except FlowstreamError:
            return False

    def set_clock(self) -> None:
        """Set the machine's clock to this one's: one that was saved is late."""
        with self._connect(10.0) as agent:
            agent.execute("guest-set-time", time=time.time_ns())

    def shut_down(self) -> None:
        """Ask the machine to power off; there is no answer."""
        with self._connect(10.0) as agent:
            agent.send("guest-shutdown")

    def run(self, script: str, seconds: float) -> str:
        """What a shell script prints that the machine's root runs; FlowstreamError when it fails."""
        deadline = time.monotonic() + seconds
        with self._connect(10.0) as agent:
            started = agent.execute(
                "guest-exec",
                path="/bin/sh",
                arg=["-e"],
                input_data=base64.b64encode(script.encode()).decode(),
                capture_output=True,
            )
            while not (state := agent.execute("guest-exec-status", pid=started["pid"]))["exited"]:
                if time.monotonic() > deadline:
                    raise FlowstreamError(f"cannot run a script in the machine: no end in {seconds:g} s")
                time.sleep(_POLL_SECONDS)
        output, error = (
            base64.b64decode(state.get(name, "")).decode(errors="replace") for name in ("out-data", "err-data")
        )
        if state.get("exitcode") != 0:
            cause = [line for line in (error or output).splitlines() if line.strip()][-1:] or ["no output"]
            raise FlowstreamError(
                f"cannot run a script in the machine: {cause[0]}",
                details={"script": script, "stdout": output, "stderr": error},
            )
        return output

    @contextmanager
    def _connect(self, seconds: float) -> Iterator[Channel]:
        with Channel(self._path, seconds) as channel:
            # What is left of an earlier client's conversation comes first.
            number = secrets.randbits(31)
            channel.send("guest-sync", id=number)
            while channel.receive("guest-sync") != number:
                pass
            yield channel
