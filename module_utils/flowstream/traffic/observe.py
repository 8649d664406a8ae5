# SPDX-License-Identifier: Apache-2.0
"""Send probes from an interface and listen for them, from within the network namespace that it is in."""

from __future__ import annotations

import ctypes
import os
import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType

from ansible.module_utils.flowstream.addresses import IPV6, parse_address_text
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.traffic.frames import UDP_PORT, Arrivals, Stream, record
from ansible.module_utils.flowstream.traffic.neighbours import answer, arp_request, solicitation

_CLONE_NEWNET = 0x40000000  # setns(2)
_ETH_P_ALL = 3  # packet(7)
_PACKET_OUTGOING = 4
_RECEIVE_BUFFER = 32 << 20
_SO_RCVBUFFORCE = 33  # socket(7)
_TICK = 0.001
_LOOK_SECONDS = 0.02
# A sender that had no processor for a while goes on at its rate; it does not make up for lost time in one burst.
_BURST = 16

READY, SEND, STOP, SENT = "ready", "send", "stop", "sent"
"""What a gate says: the first and the last are the endpoint's words, the others the caller's."""


@dataclass(frozen=True)
class Gate:
    """The file through which several endpoints and their caller agree on when to send and when to listen.

    It has one word and the run's number. An endpoint writes `ready` when it listens. The caller, when all are ready,
    writes `send`, and `stop` when that is enough. An endpoint writes `sent` when it has sent its last packet; the
    caller, when all have, removes the file. So nobody sends before all listen, and all listen until nobody sends.
    """

    path: Path
    run: int

    def say(self, word: str) -> None:
        """Write `word` in one step, so that no reader meets half of it."""
        draft = self.path.with_name(f".{self.path.name}.new")
        try:
            draft.write_text(f"{word} {self.run}\n")
            draft.replace(self.path)
        except OSError as error:
            raise FlowstreamError(f"cannot write gate {self.path}: {error.strerror}") from None

    def word(self) -> str:
        """What it says now; empty when it is gone or another run's."""
        try:
            word, _, run = self.path.read_text().strip().partition(" ")
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise FlowstreamError(f"cannot read gate {self.path}: {error.strerror}") from None
        return word if run == str(self.run) else ""


@dataclass(frozen=True)
class Schedule:
    """How to send: `rate` packets per second, for at most `duration` s.

    `patience` is how long to wait for each word of the caller, `linger` how long to listen after the last, all in s.
    """

    rate: int
    duration: float
    patience: float
    linger: float


class Endpoint:
    """A traffic endpoint: an interface to send probes from, and what arrived there so far."""

    def __init__(self, interface: str, namespace: str, run: int) -> None:
        self.arrivals: dict[int, Arrivals] = {}
        self._answers: dict[str, str] = {}
        self._run = run
        self._where = f"{namespace}/{interface}" if namespace else interface
        try:
            if namespace:
                enter(namespace)
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER)
            self._socket.bind((interface, _ETH_P_ALL))
            self._socket.setblocking(False)
            self._mac = self._socket.getsockname()[4]
            # Someone listens, so that the endpoint's own stack does not call each probe unreachable.
            self._sink = _sink()
        except OSError as error:
            raise FlowstreamError(f"cannot use endpoint {self._where}: {error.strerror}") from None

    def __enter__(self) -> Endpoint:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._socket.close()
        self._sink.close()

    def ask(self, source: int, targets: Sequence[str], seconds: float) -> dict[str, str]:
        """Ask who has each of the addresses, once a second until all have answered or `seconds` have passed.

        Of IPv4 it asks by ARP from `source`, of IPv6 by neighbour discovery from the link-local address of the interface.
        """
        questions = {target: self._question(source, target) for target in targets}
        self._answers.clear()
        deadline = time.monotonic() + seconds
        while missing := [target for target in questions if target not in self._answers]:
            if time.monotonic() >= deadline:
                break
            for target in missing:
                self._send(questions[target])
            again = min(deadline, time.monotonic() + 1.0)
            while time.monotonic() < again and any(target not in self._answers for target in questions):
                self._listen(_TICK * 10)
        return {target: self._answers[target] for target in questions if target in self._answers}

    def _question(self, source: int, target: str) -> bytes:
        address, family = parse_address_text("address", target)
        return solicitation(self._mac, address) if family == IPV6 else arp_request(self._mac, source, address)

    def exchange(self, streams: list[Stream], schedule: Schedule, gate: Gate) -> dict[int, int]:
        """Send the streams in turn, packet by packet, while the gate says so, and count all that arrives all the while.

        Returns what was sent, by stream. FlowstreamError when the caller does not say its word in time.
        """
        gate.say(READY)
        if self._hear(gate, READY, schedule.patience) != SEND:
            raise FlowstreamError(f"cannot probe from {self._where}: gate {gate.path} was closed before it was opened")
        sent = self._send_all(streams, schedule, lambda: gate.word() == SEND)
        if gate.word() in (SEND, STOP):
            gate.say(SENT)
            self._hear(gate, SENT, schedule.patience)
        end = time.monotonic() + schedule.linger
        while (wait := end - time.monotonic()) > 0:
            self._listen(wait)
        return sent

    def _hear(self, gate: Gate, word: str, patience: float) -> str:
        """Listen until the gate says something else than `word`, and return that."""
        deadline = time.monotonic() + patience
        while (heard := gate.word()) == word:
            if time.monotonic() > deadline:
                raise FlowstreamError(
                    f"cannot probe from {self._where}: gate {gate.path} still says {word} after {patience:g} s"
                )
            self._listen(_LOOK_SECONDS)
        return heard

    def _send_all(self, streams: Sequence[Stream], schedule: Schedule, go_on: Callable[[], bool]) -> dict[int, int]:
        sent = dict.fromkeys((stream.id for stream in streams), 0)
        waiting = _in_turn(streams)
        begin = due = look = time.monotonic()
        while (now := time.monotonic()) < begin + schedule.duration:
            if now >= look:
                if not go_on():
                    break
                look = now + _LOOK_SECONDS
            due = max(due, now - _BURST / schedule.rate)
            if due <= now:
                batch = list(islice(waiting, int((now - due) * schedule.rate) + 1))
                if not batch:
                    break
                for stream, sequence in batch:
                    sent[stream.id] += self._send(stream.frame(self._mac, self._run, sequence))
                due += len(batch) / schedule.rate
            self._listen(_TICK)
        return sent

    def _send(self, frame: bytes) -> bool:
        try:
            self._socket.send(frame)
        except OSError:
            return False
        return True

    def _listen(self, seconds: float) -> None:
        """Wait at most `seconds` for something to arrive, and count all that is there."""
        if not select.select([self._socket], [], [], seconds)[0]:
            return
        while True:
            try:
                frame, address = self._socket.recvfrom(65536)
            except BlockingIOError:
                return
            if address[2] == _PACKET_OUTGOING:
                continue
            if told := answer(frame):
                self._answers[told[0]] = told[1]
            record(frame, self._run, self.arrivals)


def _sink() -> socket.socket:
    """Take the datagrams of both families that come for probes."""
    dual = socket.has_dualstack_ipv6()
    sink = socket.socket(socket.AF_INET6 if dual else socket.AF_INET, socket.SOCK_DGRAM)
    if dual:
        sink.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sink.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sink.bind(("", UDP_PORT))
    return sink


def _in_turn(streams: Sequence[Stream]) -> Iterator[tuple[Stream, int]]:
    """Every packet to send as its stream and its number: the first of each stream, the second of each, and so on."""
    for sequence in range(max((stream.count for stream in streams), default=0)):
        for stream in streams:
            if sequence < stream.count:
                yield stream, sequence


def enter(namespace: str) -> None:
    """Move this process into a named network namespace (ip-netns(8))."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(f"/run/netns/{namespace}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(descriptor, _CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)
