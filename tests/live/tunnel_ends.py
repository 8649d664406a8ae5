# SPDX-License-Identifier: Apache-2.0
"""What is at the two ends of a tunnel, each a program in an endpoint's namespace: a host inside, and the other site's gateway.

The gateway is scapy's ESP, with a host of the other site behind it that answers pings. Commands come by standard input, a line each:
`send RATE` begins to send numbered UDP packets to the other end, `rest` ends that and says how many they were, `count` how many of the
other end have come; `switch` has the gateway send by its next
association, `replay N` send its last packet N times more. When the input ends they say as JSON what they sent and got.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.ipsec import ESP, SecurityAssociation, _ESPPlain
from scapy.packet import Raw

INSIDE, FAR, PORT = "192.168.5.1", "10.99.0.7", 5000
OURS, PEER = "192.168.6.254", "192.168.6.1"
PORT_MAC = "02005e005901"
INTERFACE = "eth0"
IPV4, ESP_PROTOCOL, UDP_PROTOCOL, ICMP_PROTOCOL = 0x0800, 50, 17, 1
BUFFER = 1 << 24
MOST_AT_ONCE = 16
RCVBUFFORCE = 33  # of Linux, beyond what net.core.rmem_max allows


class End:
    """Sends packets at a rate, by `transmit` with their number, and counts the numbers of those that came."""

    def __init__(self, listening: socket.socket, receive: Callable[[bytes], None]) -> None:
        self.transmit: Callable[[int], None] = lambda number: None
        self.commands: dict[str, Callable[[int], None]] = {
            "send": self._send,
            "rest": lambda _: self._rest(),
            "count": lambda _: print(len(self.numbers), flush=True),
        }
        self.numbers: Counter[int] = Counter()
        self._listening, self._receive = listening, receive
        self._rate = 0
        self._began = self._missed = self._seconds = 0.0
        self._sent = 0

    @property
    def is_sending(self) -> bool:
        """Whether there is no time for anything else."""
        return self._rate > 0

    def _send(self, rate: int) -> None:
        self._rate, self._began = rate, time.monotonic()

    def _due(self) -> int:
        """How many packets it is time for; what a slow machine has missed is not made up for in a burst."""
        if not self._rate:
            return 0
        due = int((time.monotonic() - self._began - self._missed) * self._rate) - self._sent
        if due > MOST_AT_ONCE:
            self._missed += (due - MOST_AT_ONCE) / self._rate
        return min(due, MOST_AT_ONCE)

    def _rest(self) -> None:
        self._seconds, self._rate = time.monotonic() - self._began, 0
        print(self._sent, flush=True)

    def run(self) -> None:
        """Do what is asked until the input ends."""
        self._listening.setblocking(False)
        os.set_blocking(0, False)
        ready = selectors.DefaultSelector()
        ready.register(self._listening, selectors.EVENT_READ)
        ready.register(0, selectors.EVENT_READ)
        ended = False
        while not ended:
            for key, _ in ready.select(0.001):
                if key.fd != 0:
                    self._hear()
                elif not (text := os.read(0, 4096).decode()):
                    ended = True
                else:
                    for line in text.splitlines():
                        word, *number = line.split()
                        self.commands[word](int(number[0]) if number else 0)
            for _ in range(self._due()):
                self.transmit(self._sent)
                self._sent += 1

    def summary(self) -> dict[str, Any]:
        """What was sent and got."""
        rate = round(self._sent / self._seconds) if self._seconds else 0
        got = len(self.numbers)
        return {"sent": self._sent, "rate": rate, "got": got, "twice": sum(self.numbers.values()) - got}

    def _hear(self) -> None:
        try:
            while True:
                self._receive(self._listening.recv(65535))
        except BlockingIOError:
            return


def inside() -> dict[str, Any]:
    """A host that talks to one of the other site."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, BUFFER)
        plain.bind((INSIDE, PORT))
        end = End(plain, lambda data: end.numbers.update([int.from_bytes(data[:4], "big")]))
        end.transmit = lambda number: (plain.sendto(number.to_bytes(4, "big"), (FAR, PORT)), None)[1]
        end.run()
        return end.summary()


class Direction:
    """An association as scapy has it, one packet after the other."""

    def __init__(self, spi: int, key: str) -> None:
        self.spi = spi
        self.number = 0
        self._scapy = SecurityAssociation(ESP, spi=spi, crypt_algo="AES-GCM", crypt_key=bytes.fromhex(key))
        self._headers: dict[int, bytes] = {}

    def seal(self, packet: bytes) -> bytes:
        """The frame in which a packet goes through the tunnel."""
        self.number += 1
        plain = _ESPPlain(spi=self.spi, seq=self.number, iv=os.urandom(8))
        plain.data, plain.nh = packet, 4
        algorithm = self._scapy.crypt_algo
        padded = algorithm.pad(plain)
        sealed = bytes(algorithm.encrypt(self._scapy, padded, self._scapy.crypt_key, icv_size=algorithm.icv_size))
        if len(sealed) not in self._headers:
            self._headers[len(sealed)] = bytes(IP(src=PEER, dst=OURS, proto=ESP_PROTOCOL, len=20 + len(sealed)))
        return self._headers[len(sealed)] + sealed

    def open(self, sealed: bytes) -> bytes:
        """The packet that came; raises IPSecIntegrityError when it is not authentic."""
        algorithm = self._scapy.crypt_algo
        plain = algorithm.decrypt(self._scapy, ESP(sealed), self._scapy.crypt_key, icv_size=algorithm.icv_size)
        return bytes(plain.data)


class Gateway:
    """The other site: its gateway at the outer address, and behind it the host FAR."""

    def __init__(self, keys: dict[str, list[dict[str, Any]]], wire: socket.socket) -> None:
        self._sending = [Direction(**each) for each in keys["sending"]]
        self._receiving = {direction.spi: direction for direction in (Direction(**each) for each in keys["receiving"])}
        self._wire = wire
        own = Path(f"/sys/class/net/{INTERFACE}/address").read_text().strip().replace(":", "")
        self._ethernet = bytes.fromhex(PORT_MAC + own) + struct.pack("!H", IPV4)
        self._last = b""
        self._unopened: list[bytes] = []
        self._sent_by: Counter[int] = Counter()
        self._came_by: Counter[int] = Counter()
        self._payload = bytes(IP(src=FAR, dst=INSIDE) / UDP(sport=PORT, dport=PORT, chksum=0) / Raw(bytes(4)))[:-4]
        self.end = End(wire, self._receive)
        self.end.transmit = lambda number: self._tell(self._payload + number.to_bytes(4, "big"))
        self.end.commands |= {
            "switch": lambda _: self._switch(),
            "replay": self._replay,
            "count": lambda _: self._count(),
        }

    def run(self) -> dict[str, Any]:
        """Do what is asked."""
        self.end.run()
        return {**self.end.summary(), "sent_by": list(self._sent_by.items()), "came_by": list(self._came_by.items())}

    def _count(self) -> None:
        for frame in self._unopened:
            self._open(frame)
        self._unopened.clear()
        print(len(self.end.numbers), flush=True)

    def _switch(self) -> None:
        del self._sending[0]

    def _replay(self, count: int) -> None:
        for _ in range(count):
            self._wire.send(self._last)

    def _tell(self, packet: bytes) -> None:
        self._last = self._ethernet + self._sending[0].seal(packet)
        self._sent_by[self._sending[0].spi] += 1
        self._wire.send(self._last)

    def _receive(self, frame: bytes) -> None:
        if self.end.is_sending:
            self._unopened.append(frame)
        else:
            self._open(frame)

    def _open(self, frame: bytes) -> None:
        outer = frame[14:]
        if outer[9] != ESP_PROTOCOL or outer[12:16] != socket.inet_aton(OURS):
            return
        direction = self._receiving[int.from_bytes(outer[20:24], "big")]
        packet = direction.open(outer[20 : int.from_bytes(outer[2:4], "big")])
        self._came_by[direction.spi] += 1
        if packet[9] == UDP_PROTOCOL:
            self.end.numbers.update([int.from_bytes(packet[28:32], "big")])
        elif packet[9] == ICMP_PROTOCOL and packet[20] == 8:
            asked = IP(packet)
            said = ICMP(type=0, id=asked[ICMP].id, seq=asked[ICMP].seq) / asked[ICMP].payload
            self._tell(bytes(IP(src=asked.dst, dst=asked.src) / said))


def gateway() -> dict[str, Any]:
    """The other site, with the keys that the first line has."""
    keys = json.loads(sys.stdin.buffer.raw.readline())
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(IPV4)) as wire:
        wire.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, BUFFER)
        wire.bind((INTERFACE, IPV4))
        print(0, flush=True)
        return Gateway(keys, wire).run()


if __name__ == "__main__":
    print(json.dumps(inside() if sys.argv[1] == "inside" else gateway()))
