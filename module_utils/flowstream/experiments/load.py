# SPDX-License-Identifier: Apache-2.0
"""The packets of a trial and the configurations of the two engines that send and count them.

The addresses are those of RFC 2544 for devices under test: sources in 198.18.0.0/16, destinations in 198.19.0.0/16. Each module
has a block of both, of which processing claims the one that it goes by.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import IPV4, Prefix
from ansible.module_utils.flowstream.trace.pcap import timed_frames_of, written
from ansible.module_utils.flowstream.traffic.frames import UDP_PORT
from ansible.module_utils.flowstream.traffic.headers import ETHERNET, ETHERTYPES, IP, both_ends, ip_header

SOURCES, DESTINATIONS = Prefix(0xC6120000, 16), Prefix(0xC6130000, 16)
CHECK_SEQUENCE = 4
"""Bytes of a frame that the hardware adds; sizes count them."""

_SENDER = bytes.fromhex("02005e0053fe")
_UDP = struct.Struct("!HHHH")
_MARK = struct.Struct("!II")  # of the trial, and the packet's number in it
_MARK_AT = ETHERNET.size + IP.size + _UDP.size
_FIRST_PORT = 1024
_TTL = 64
_PROTOCOL_UDP = 17
_SNAP = _MARK_AT + _MARK.size


def blocks(whole: Prefix, modules: int) -> list[Prefix]:
    """A block of a prefix for each module, as large as they can be."""
    length = whole.length + (modules - 1).bit_length()
    return [Prefix(whole.network + (number << (32 - length)), length) for number in range(modules)]


@dataclass(frozen=True, slots=True)
class Load:
    """Packets of `size` bytes to a platform port's MAC, of `flows` flows, spread over the blocks of `modules` modules."""

    mac: bytes
    size: int
    flows: int
    modules: int

    def headers(self) -> list[bytes]:
        """What the packets of each flow begin with."""
        sources, destinations = blocks(SOURCES, self.modules), blocks(DESTINATIONS, self.modules)
        found = []
        for flow in range(self.flows):
            place, number = flow % self.modules, flow // self.modules
            # Neither the first nor the last address of a block.
            offset = 1 + number % ((1 << (32 - sources[place].length)) - 2)
            addresses = sources[place].network + offset, destinations[place].network + offset
            length = self.size - CHECK_SEQUENCE - ETHERNET.size - IP.size
            ip = ip_header(both_ends(*addresses, IPV4), IPV4, _PROTOCOL_UDP, length, _TTL)
            udp = _UDP.pack(_FIRST_PORT + flow, UDP_PORT, length, 0)  # 0: no checksum (RFC 768)
            found.append(ETHERNET.pack(self.mac, _SENDER, ETHERTYPES[IPV4]) + ip + udp)
        return found

    def frames(self, trial: int, count: int, shift: int = 0) -> Iterator[bytes]:
        """Yield the packets of a trial; of any two that are timed with this `shift`, the flows differ."""
        headers = self.headers()
        padding = bytes(self.size - CHECK_SEQUENCE - _SNAP)
        for number in range(count):
            turn = number + (number >> shift) if shift else number
            yield headers[turn % self.flows] + _MARK.pack(trial, number) + padding

    def file(self, trial: int, count: int, rate: int, shift: int = 0) -> bytes:
        """The packets with the times at which they are due."""
        return written((number / rate, frame) for number, frame in enumerate(self.frames(trial, count, shift)))


def sampling(packets: int, samples: int) -> int:
    """Every so manieth packet is timed, as a power of two, so that about as many are as shall be."""
    return max(0, (packets // samples).bit_length() - 1)


def sender(interface: str, frames: str, dump: str, trial: int, shift: int) -> str:
    """Return the configuration that sends a file of packets at their times, and prints how many and how fast."""
    return f"""\
source :: FromDump({frames}, TIMING true, STOP true) -> queue :: Queue(4096) -> SetTimestamp -> device :: ToDevice({interface});
device[0] -> sent :: AverageCounter -> timed :: Classifier({_timed(trial, shift)}, -);
timed[0] -> ToDump({dump}, SNAPLEN {_SNAP}, NANO true);
timed[1] -> Discard;
DriverManager(wait_stop, wait 50ms, print sent.count, print sent.rate, print queue.drops, stop);
"""


def receiver(interface: str, dump: str, trial: int, shift: int) -> str:
    """Return the configuration that counts what comes of a trial."""
    return f"""\
device :: FromDevice({interface}, PROTOCOL 0x0800) -> mine :: Classifier({_MARK_AT}/{trial:08x}, -);
mine[0] -> came :: Counter -> timed :: Classifier({_timed(trial, shift)}, -);
mine[1] -> Discard;
timed[0] -> times :: ToDump({dump}, SNAPLEN {_SNAP}, NANO true);
timed[1] -> Discard;
"""


def _timed(trial: int, shift: int) -> str:
    mask = (1 << shift) - 1
    return f"{_MARK_AT}/{trial:08x} {_MARK_AT + 4}/00000000%{mask:08x}" if mask else f"{_MARK_AT}/{trial:08x}"


def times_of(dump: bytes) -> dict[int, int]:
    """The times in a dump, in nanoseconds, by the packets' numbers."""
    return {_MARK.unpack_from(frame, _MARK_AT)[1]: at for at, frame in timed_frames_of(dump) if len(frame) >= _SNAP}
