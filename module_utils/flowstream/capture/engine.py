# SPDX-License-Identifier: Apache-2.0
"""Look at packets inside of running modules of this machine: a module goes on with taps in its configuration, and then without.

A child takes the taps out, as soon as this process says so or is no more, so a capture that was killed leaves none. What the taps write
lies in memory of which there is no name.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ansible.module_utils.flowstream.capture.observe import RECORD_BYTES, Bounds, PatternError, chosen
from ansible.module_utils.flowstream.capture.parts import NOTHING, count_of, parts_of
from ansible.module_utils.flowstream.capture.taps import Place, Tap, counters, element_of, flushes, tapped, taps_at
from ansible.module_utils.flowstream.control.socket import Address, ControlSocket
from ansible.module_utils.flowstream.control.text import same_configuration
from ansible.module_utils.flowstream.errors import FlowstreamError

_ANSWER_SECONDS = 10
_LOOK_SECONDS = 0.2
_GRACE_SECONDS = 60
_SHARE = 4
"""A module gives at most this part of its memory to its taps."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A place inside of a module with `memory_mib` of memory, called `name` as it was asked for."""

    name: str
    module: str
    element: str
    memory_mib: int


@dataclass(frozen=True, slots=True)
class Module:
    """What was found of a module: its configuration as it was given, the same flat, and where its taps are to be."""

    name: str
    socket: Path
    text: str
    flat: str
    taps: tuple[Tap, ...]
    memory_mib: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a tap has written, a capture file (pcap) of each link type that it met."""

    name: str
    where: str
    files: tuple[bytes, ...]


def find_modules(sockets: Path, asked: Sequence[Asked]) -> list[Module]:
    """Return the modules with the places that were asked for; FlowstreamError says of each that is none what there is."""
    messages: list[str] = []
    found = []
    for name in dict.fromkeys(one.module for one in asked):
        socket = sockets / f"{name}.sock"
        taps: dict[Tap, None] = {}
        memory = 0
        with ControlSocket(Address(str(socket)), _ANSWER_SECONDS) as control:
            text, flat = control.configuration(), control.read("flatconfig")
            for one in (one for one in asked if one.module == name):
                memory = one.memory_mib
                try:
                    place = Place.parse(one.element)
                    ports = control.read(f"{element_of(flat, place)}.ports")
                    taps |= dict.fromkeys(taps_at(flat, place, ports))
                except FlowstreamError as error:
                    messages += [f"point {one.name}: {message}" for message in error.messages]
        found.append(Module(name, socket, text, flat, tuple(taps), memory))
    if messages:
        raise FlowstreamError(*messages)
    return found


def packets_of(module: Module, bounds: Bounds, pattern: str) -> int:
    """Return how many packets each tap of a module may write: those that are asked for, and where a pattern chooses among them, as many as fit."""
    share = (module.memory_mib << 20) // _SHARE
    most = share // len(module.taps) // (bounds.snaplen + RECORD_BYTES)
    if bounds.packets > most:
        raise FlowstreamError(
            f"packets times snaplen at {len(module.taps)} ports of elements is more than a {_SHARE}th of the {module.memory_mib} MiB of"
            f" {module.name}, got {bounds.packets} of {bounds.snaplen} bytes; ask for {most} packets at most, or less of each"
        )
    return most if pattern else bounds.packets


class Taps:
    """The taps of one module while they are in."""

    def __init__(self, module: Module, packets: int) -> None:
        self.module = module
        self._packets = packets
        self._files = {tap.port: os.memfd_create("capture") for tap in module.taps}

    def text(self, snaplen: int) -> str:
        """The configuration with them."""
        files = {port: f"/proc/{os.getpid()}/fd/{number}" for port, number in self._files.items()}
        return tapped(self.module.flat, self.module.taps, files, self._packets, snaplen)

    def done(self, pattern: str, packets: int) -> bool:
        """Whether each has written what it may, or the first `packets` that are of the pattern."""
        with ControlSocket(Address(str(self.module.socket)), _ANSWER_SECONDS) as control:
            read = control.read_present(counters(self.module.taps))
            if not pattern or not all(map(int, read.values())):
                return all(int(count) >= self._packets for count in read.values())
            for handler in flushes(self.module.taps):
                control.write(handler, "")
        return all(sum(map(count_of, seen.files)) >= packets for seen in self.seen(pattern, packets))

    def seen(self, pattern: str, packets: int) -> list[Seen]:
        """What they have written, of each the first `packets` that are of the pattern."""
        found = []
        for tap in self.module.taps:
            parts = parts_of(_content(self._files[tap.port]), self._packets)
            files = [_of_pattern(part, pattern, packets) for part in parts] if pattern else parts
            found.append(Seen(f"element:{self.module.name}/{tap.port}", self.module.name, tuple(files)))
        return found

    def close(self) -> None:
        """Forget what they have written."""
        for number in self._files.values():
            os.close(number)


def _of_pattern(part: bytes, pattern: str, packets: int) -> bytes:
    """The packets of a pattern, which Ethernet has: what it asks may be nothing that a packet without Ethernet can answer."""
    try:
        return chosen(part, pattern, packets)
    except PatternError:
        return NOTHING


def _content(number: int) -> bytes:
    with os.fdopen(os.dup(number), "rb") as file:
        file.seek(0)
        return file.read()


def look(
    modules: Sequence[Module], bounds: Bounds, pattern: str, outside: Callable[[], list[bytes]]
) -> tuple[list[Seen], list[bytes]]:
    """Return what taps of modules have written, and what a capture `outside` of them returned that ran at the same time."""
    if not modules:
        return [], outside()
    if pattern:
        chosen(NOTHING, pattern, 1)
    with ExitStack() as stack:
        every = []
        for module in modules:
            every.append(Taps(module, packets_of(module, bounds, pattern)))
            stack.callback(every[-1].close)
        put_in = [(taps.module, taps.text(bounds.snaplen)) for taps in every]
        with _taken_out(put_in, bounds), ThreadPoolExecutor(1) as beside:
            for module, text in put_in:
                with ControlSocket(Address(str(module.socket)), _ANSWER_SECONDS) as control:
                    control.install(text)
            looking = beside.submit(outside)
            _wait(every, bounds, pattern, lambda: looking.done() and looking.exception() is not None)
            files = looking.result()
        return [seen for taps in every for seen in taps.seen(pattern, bounds.packets)], files


def _wait(every: Sequence[Taps], bounds: Bounds, pattern: str, failed: Callable[[], bool]) -> None:
    """Wait until the time of a capture is over, all taps have what they may have, or what runs beside them has failed."""
    end = time.monotonic() + bounds.seconds
    left = list(every)
    while left and not failed() and (rest := end - time.monotonic()) > 0:
        time.sleep(min(_LOOK_SECONDS, rest))
        left = [taps for taps in left if not taps.done(pattern, bounds.packets)]


@contextmanager
def _taken_out(put_in: Sequence[tuple[Module, str]], bounds: Bounds) -> Iterator[None]:
    """Start a child that makes each module run what it did, if it runs what was put in, at the end of the context or of this process."""
    ends, held = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(held)
            _leave_alone()
            select.select([ends], [], [], bounds.seconds + _GRACE_SECONDS)
            taken = [_take_out(module, text) for module, text in put_in]
            code = 0 if all(taken) else 1
        finally:
            os._exit(code)
    os.close(ends)
    try:
        yield
    finally:
        os.close(held)
        _, status = os.waitpid(child, 0)
        if status != 0:
            names = ", ".join(module.name for module, _ in put_in)
            raise FlowstreamError(f"cannot take the taps of a capture out of {names}; deploy the allocation again")


def _leave_alone() -> None:
    """Be of no session that may be ended, and hold nobody's pipes."""
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nowhere, number)


def _take_out(module: Module, text: str) -> bool:
    """Whether a module runs without taps now; one that was given another configuration meanwhile, or ended, has none."""
    try:
        with ControlSocket(Address(str(module.socket)), _ANSWER_SECONDS) as control:
            if same_configuration(control.configuration(), text):
                control.install(module.text)
    except FlowstreamError:
        return not module.socket.exists()
    return True
