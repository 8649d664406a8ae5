# SPDX-License-Identifier: Apache-2.0
"""Send probes from an interface and listen for them, from within the network namespace that it is in."""

from __future__ import annotations

import ctypes
import os
import select
import socket
import time
from dataclasses import dataclass
from types import TracebackType

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.probe import UDP_PORT, Arrivals, Stream, arp_answer, arp_request, record

_CLONE_NEWNET = 0x40000000  # setns(2)
_ETH_P_ALL = 3  # packet(7)
_PACKET_OUTGOING = 4
_RECEIVE_BUFFER = 32 << 20
_SO_RCVBUFFORCE = 33  # socket(7)
_TICK = 0.001


@dataclass(frozen=True)
class Schedule:
    """When to send: `rate` packets per second from `start_at` (seconds since the epoch) for at most `duration` s.

    Listening begins at once and goes on for `linger` s after that.
    """

    start_at: float
    duration: float
    linger: float
    rate: int


class Endpoint:
    """A traffic endpoint: an interface to send probes from, and what arrived there so far."""

    def __init__(self, interface: str, namespace: str, run: int) -> None:
        self.arrivals: dict[int, Arrivals] = {}
        self._answers: dict[int, str] = {}
        self._run = run
        try:
            if namespace:
                _enter(namespace)
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER)
            self._socket.bind((interface, _ETH_P_ALL))
            self._socket.setblocking(False)
            self._mac = self._socket.getsockname()[4]
            # Someone listens, so that the endpoint's own stack does not call each probe unreachable.
            self._sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._sink.bind(("", UDP_PORT))
        except OSError as error:
            where = f"{namespace}/{interface}" if namespace else interface
            raise FlowstreamError(f"cannot use endpoint {where}: {error.strerror}") from None

    def __enter__(self) -> Endpoint:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._socket.close()
        self._sink.close()

    def ask(self, source: int, targets: list[int], deadline: float) -> dict[int, str]:
        """Ask by ARP who owns each of `targets`, once a second until all have answered or `deadline` has passed."""
        self._answers.clear()
        while missing := [target for target in targets if target not in self._answers]:
            if time.time() >= deadline:
                break
            for target in missing:
                self._send(arp_request(self._mac, source, target))
            again = min(deadline, time.time() + 1.0)
            while time.time() < again and any(target not in self._answers for target in targets):
                self._listen(_TICK * 10)
        return dict(self._answers)

    def exchange(self, streams: list[Stream], schedule: Schedule) -> dict[int, int]:
        """Send the streams in turn, packet by packet, and count all that arrives; return what was sent by stream."""
        while (wait := schedule.start_at - time.time()) > 0:
            self._listen(wait)
        sent = dict.fromkeys((stream.id for stream in streams), 0)
        queue = [
            (stream, sequence)
            for sequence in range(max((stream.count for stream in streams), default=0))
            for stream in streams
            if sequence < stream.count
        ]
        end_of_sending = schedule.start_at + schedule.duration
        done = 0
        while done < len(queue) and time.time() < end_of_sending:
            due = min(len(queue), int((time.time() - schedule.start_at) * schedule.rate) + 1)
            for stream, sequence in queue[done:due]:
                sent[stream.id] += self._send(stream.frame(self._mac, self._run, sequence))
            done = max(done, due)
            self._listen(_TICK)
        while (wait := end_of_sending + schedule.linger - time.time()) > 0:
            self._listen(wait)
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
            answer = arp_answer(frame)
            if answer:
                self._answers[answer[0]] = answer[1]
            record(frame, self._run, self.arrivals)


def _enter(namespace: str) -> None:
    """Move this process into a named network namespace (ip-netns(8))."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(f"/run/netns/{namespace}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(descriptor, _CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)
