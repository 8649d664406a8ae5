# SPDX-License-Identifier: Apache-2.0
"""Whether a program can be the engine of processes: it is run with a small configuration, and asked for what docs/engine.md lists."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible.module_utils.flowstream.control.socket import Address, ControlSocket
from ansible.module_utils.flowstream.control.text import same_configuration
from ansible.module_utils.flowstream.errors import FlowstreamError

FIRST = "source :: Idle -> counter :: Counter -> sink :: Discard;\n"
SECOND = "source :: Idle -> sink :: Discard;\n"
_BAD = "source :: Idle -> no such thing;\n"
_POLL_SECONDS = 0.02
_STOP_SECONDS = 5
_MOST_WORDS = 200


@dataclass(frozen=True)
class Program:
    """What a program is that was asked: the element classes that it has, and what it lacks, each with what was seen instead."""

    classes: tuple[str, ...]
    lacks: tuple[str, ...]


def examine_program(path: Path, timeout: float) -> Program:
    """Run a program as a processing module is run, without an interface, and end it again.

    `timeout` bounds, in seconds, its start and each of its answers. Raises FlowstreamError where it cannot be run at all.
    """
    with tempfile.TemporaryDirectory(prefix="flowstream-engine-") as name:
        folder = Path(name)
        (folder / "first.click").write_text(FIRST)
        socket, words = folder / "socket", folder / "stderr"
        argv = [str(path), "-R", "-u", str(socket), str(folder / "first.click")]
        with words.open("wb") as errors:
            try:
                process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
            except OSError as error:
                raise FlowstreamError(f"cannot run {path}: {error.strerror}; name Click's program for Linux") from error
            try:
                control = connect_to_started(Address(str(socket)), lambda: process.poll() is None, timeout, timeout)
                return _asked(control) if control else Program((), (_silent(process, words, timeout),))
            except FlowstreamError as error:
                return Program((), (f"the protocol of Click's ControlSocket, got {error}",))
            finally:
                process.terminate()
                try:
                    process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def connect_to_started(
    address: Address, running: Callable[[], bool], start: float, timeout: float
) -> ControlSocket | None:
    """A connection to a program that was just started, or None when it ends or does not listen within `start` seconds.

    Its socket has a path a moment before it takes connections. `timeout` bounds each request, in seconds. Raises
    FlowstreamError where it does not speak the protocol.
    """
    deadline = time.monotonic() + start
    while running() and time.monotonic() < deadline:
        try:
            return ControlSocket(address, timeout)
        except FlowstreamError as error:
            if not isinstance(error.__cause__, OSError):
                raise
        time.sleep(_POLL_SECONDS)
    return None


def _silent(process: subprocess.Popen[bytes], words: Path, timeout: float) -> str:
    """What is wrong with a program that does not listen."""
    lacking = "options -R -u SOCKET FILE"
    status = process.poll()
    if status is None:
        return f"{lacking}, got no socket in {timeout:g} s"
    said = " ".join(words.read_text(errors="replace").split())[:_MOST_WORDS]
    return f"{lacking}, got exit status {status}" + (f": {said}" if said else "")


def _asked(control: ControlSocket) -> Program:
    with control:
        classes: tuple[str, ...] = ()
        lacks = list(_failures(_needs(control)))
        try:
            # The first line of such a list may be its length.
            classes = tuple(sorted({word for word in control.read("classes").split() if not word.isdecimal()}))
        except FlowstreamError as error:
            lacks.append(f"read handler classes, got {error}")
        return Program(classes, tuple(lacks))


def _needs(control: ControlSocket) -> Iterator[tuple[str, Callable[[], bool]]]:
    yield "read handler config", lambda: same_configuration(control.read("config"), FIRST)
    yield "read handler Counter.count", lambda: control.read("counter.count").strip() == "0"
    yield (
        "commands CHECKREAD and CHECKWRITE",
        lambda: control.readable("config") and control.writable("counter.reset_counts"),
    )
    yield "command WRITEDATA", lambda: control.write("counter.reset_counts", "") is not None
    yield "write handler hotconfig", lambda: _swapped(control)
    yield "that hotconfig keeps what runs when it refuses", lambda: _kept(control)


def _failures(needs: Iterator[tuple[str, Callable[[], bool]]]) -> Iterator[str]:
    for what, works in needs:
        try:
            if not works():
                yield f"{what}, got another answer"
        except FlowstreamError as error:
            yield f"{what}, got {error}"


def _swapped(control: ControlSocket) -> bool:
    control.install(SECOND)
    return same_configuration(control.configuration(), SECOND)


def _kept(control: ControlSocket) -> bool:
    before = control.configuration()
    try:
        control.write("hotconfig", _BAD)
    except FlowstreamError:
        return control.configuration() == before
    return False
