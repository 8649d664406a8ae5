# SPDX-License-Identifier: Apache-2.0
"""Send a traced packet at one endpoint and look at which endpoints of this machine it comes out."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.trace.packet import MARK, is_answer
from ansible.module_utils.flowstream.traffic.observe import enter

_ETH_P_ALL = 3  # packet(7)
_PACKET_OUTGOING = 4
_GAP = 0.02


@dataclass(frozen=True)
class Place:
    """An interface outside of the platform, of a network namespace or, without a name, of the machine's own."""

    name: str
    interface: str
    namespace: str = ""


def send_and_capture(
    sender: str, places: Sequence[Place], frames: Sequence[bytes], count: int, seconds: float
) -> dict[str, list[int]]:
    """Send each frame `count` times at a place, listen for some seconds; return how many of each came out, by place.

    The frames are told apart by their content, in which they carry the mark and after it their number. They get the sender's
    Ethernet address.
    """
    sockets: dict[str, socket.socket] = {}
    arrived = {place.name: [0] * len(frames) for place in places}
    try:
        # A namespace is entered for good: the machine's own comes first.
        for place in sorted(places, key=lambda place: place.namespace):
            sockets[place.name] = _opened(place)
        own = sockets[sender].getsockname()[4]
        names = {opened.fileno(): name for name, opened in sockets.items()}
        for frame in [frame for _ in range(count) for frame in frames]:
            sockets[sender].send(frame[:6] + own + frame[12:])
            _listen(list(sockets.values()), names, arrived, _GAP / max(1, len(frames)))
        end = time.monotonic() + seconds
        while (wait := end - time.monotonic()) > 0:
            _listen(list(sockets.values()), names, arrived, wait)
    except OSError as error:
        raise FlowstreamError(f"cannot probe from {sender}: {error.strerror}") from None
    finally:
        for opened in sockets.values():
            opened.close()
    return arrived


def _opened(place: Place) -> socket.socket:
    if place.namespace:
        enter(place.namespace)
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
    opened.bind((place.interface, _ETH_P_ALL))
    opened.setblocking(False)
    return opened


def _listen(
    sockets: Sequence[socket.socket], names: dict[int, str], arrived: dict[str, list[int]], seconds: float
) -> None:
    for ready in select.select(sockets, [], [], seconds)[0]:
        try:
            frame, address = ready.recvfrom(65536)
        except BlockingIOError:
            continue
        _, found, rest = frame.partition(MARK)
        number = int.from_bytes(rest[:2])
        here = arrived[names[ready.fileno()]]
        if found and address[2] != _PACKET_OUTGOING and not is_answer(frame) and number < len(here):
            here[number] += 1
