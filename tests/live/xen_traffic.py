# SPDX-License-Identifier: Apache-2.0
"""Traffic in dom0: from its own network through a guest to a namespace and back."""

from __future__ import annotations

import hashlib
import json
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

ECHO_PORT = 7  # RFC 862
FAR = "far"
LATE_SECONDS = 10.0
"""How long after the last datagram answers are waited for."""
NUMBER = struct.Struct("!I")


def sh(command: str, seconds: float = 300.0) -> str:
    """What a shell command prints; it must succeed."""
    done = subprocess.run(["sh", "-e", "-c", command], capture_output=True, text=True, check=False, timeout=seconds)
    if done.returncode != 0:
        raise OSError(f"{command}: {done.stderr or done.stdout}")
    return done.stdout


def networks(near: str, far: str) -> None:
    """Make the bridges `near`, which dom0 itself is on, and `far`, which leads to the namespace FAR."""
    sh(
        f"""
        for bridge in near far; do
            ovs-vsctl --may-exist add-br $bridge
            sysctl -q -w net.ipv6.conf.$bridge.disable_ipv6=1
            ip link set $bridge up
        done
        ip address replace {near}.1/24 dev near
        ip route replace {far}.0/24 via {near}.254
        [ -e /run/netns/{FAR} ] || ip netns add {FAR}
        ip -n {FAR} link show eth0 >/dev/null 2>&1 || ip link add name port type veth peer name eth0 netns {FAR}
        ip netns exec {FAR} sysctl -q -w net.ipv6.conf.all.disable_ipv6=1
        ovs-vsctl --may-exist add-port far port
        ip link set port up
        ip -n {FAR} address replace {far}.1/24 dev eth0
        ip -n {FAR} link set eth0 up
        ip -n {FAR} route replace default via {far}.254
        """
    )


def ping(destination: str, count: int = 3, inside: str = "") -> str:
    """Ping; it must be answered, each time."""
    prefix = f"ip netns exec {inside} " if inside else ""
    text = sh(f"{prefix}ping -n -c {count} -i 0.2 -W 10 {destination}")
    if f"{count} received" not in text:
        raise OSError(text)
    return text


def _probe(destination: str, ended: Callable[[int], bool], size: int, rate: float) -> dict[str, Any]:
    """Send datagrams to the echo until `ended` says, of how many were sent, that it is enough; what came back."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, Watcher("near", ECHO_PORT, source=True) as watcher:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        sender.settimeout(0.0)
        received: set[int] = set()
        wrong = sent = 0
        started = time.monotonic()
        last = None
        while last is None or (len(received) < sent and time.monotonic() < last + LATE_SECONDS):
            if last is None and ended(sent):
                last = time.monotonic()
            elif last is None and time.monotonic() >= started + sent / rate:
                sender.sendto(_payload(sent, size), (destination, ECHO_PORT))
                sent += 1
            try:
                while True:
                    data = sender.recv(65536)
                    number = NUMBER.unpack_from(data)[0]
                    wrong += data != _payload(number, size)
                    received.add(number)
            except BlockingIOError:
                time.sleep(0.001)
            watcher.look()
        return {"sent": sent, "received": len(received), "wrong": wrong, "near": watcher.report()}


def _payload(number: int, size: int) -> bytes:
    seed = hashlib.sha256(str(number).encode()).digest()
    return NUMBER.pack(number) + (seed * (size // len(seed) + 1))[: size - NUMBER.size]


class Watcher:
    """Looks at the UDP frames of a port that arrive at an interface: their checksums and times to live."""

    def __init__(self, interface: str, port: int, source: bool) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self._socket.bind((interface, 0x0800))
        self._socket.settimeout(0.0)
        self._port = port
        self._offset = 0 if source else 2
        self._frames = 0
        self._bad = 0
        self._ttls: set[int] = set()

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, *unused: object) -> None:
        self._socket.close()

    def look(self) -> None:
        """Take the frames that have come."""
        try:
            while True:
                frame, address = self._socket.recvfrom(65536)
                if address[2] != socket.PACKET_OUTGOING:
                    self._take(frame[14:])
        except BlockingIOError:
            return

    def _take(self, packet: bytes) -> None:
        header = (packet[0] & 15) * 4
        length = int.from_bytes(packet[2:4], "big")
        datagram = packet[header:length]
        fragment = int.from_bytes(packet[6:8], "big") & 0x3FFF
        if packet[9] != socket.IPPROTO_UDP or fragment:
            return
        if int.from_bytes(datagram[self._offset : self._offset + 2], "big") != self._port:
            return
        self._frames += 1
        self._ttls.add(packet[8])
        pseudo = packet[12:20] + bytes([0, packet[9]]) + len(datagram).to_bytes(2, "big")
        blank = datagram[6:8] == b"\0\0"
        self._bad += blank or _sum(packet[:header]) != 0xFFFF or _sum(pseudo + datagram) != 0xFFFF

    def report(self) -> dict[str, Any]:
        """How many frames came, how many with a wrong checksum, and their times to live."""
        return {"count": self._frames, "bad": self._bad, "ttls": sorted(self._ttls)}


def _sum(data: bytes) -> int:
    """The one's complement sum of RFC 1071; 0xffff over data with its right checksum."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def echo() -> None:
    """Answer on the echo port until SIGTERM, then print what arrived; runs in FAR."""
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        Watcher("eth0", ECHO_PORT, source=False) as watcher,
    ):
        server.bind(("", ECHO_PORT))
        server.settimeout(0.05)
        print("ready", flush=True)
        while not ended:
            try:
                data, address = server.recvfrom(65536)
                server.sendto(data, address)
            except TimeoutError:
                pass
            watcher.look()
        print(json.dumps(watcher.report()), flush=True)


@contextmanager
def _echo() -> Iterator[dict[str, Any]]:
    argv = ["ip", "netns", "exec", FAR, sys.executable, __file__]
    report: dict[str, Any] = {}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()
            yield report
        finally:
            process.terminate()
            report.update(json.loads(process.stdout.readline() or "{}"))


def traffic(destination: str, count: int, size: int, rate: float) -> dict[str, Any]:
    """Send `count` datagrams there and back; what arrived at either end."""
    return traffic_until(lambda sent: sent >= count, destination, size, rate)


def traffic_until(ended: Callable[[int], bool], destination: str, size: int, rate: float) -> dict[str, Any]:
    """Send datagrams there and back until `ended` says so of how many were sent; what arrived at either end."""
    with _echo() as far:
        report = _probe(destination, ended, size, rate)
    return {**report, "far": far}


def flood(vif: str, kind: str, count: int, guest_mac: str, guest_address: str, destination: str) -> dict[str, Any]:
    """Send a guest `count` ARP frames (RFC 826), each of another neighbour, while a destination is pinged through it.

    They go to the guest's interface in dom0, past the bridge, which would learn the neighbours first.
    `requests` ask all for the guest's address, `replies` tell the guest what it has not asked. How many pings were answered
    meanwhile, of how many, and the seconds that it took.
    """
    opcode = {"requests": 1, "replies": 2}[kind]
    guest = bytes.fromhex(guest_mac.replace(":", ""))
    target = guest + socket.inet_aton(guest_address)
    ping_argv = ["ping", "-n", "-i", "0.2", "-W", "10", destination]
    with (
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender,
        subprocess.Popen(ping_argv, stdout=subprocess.PIPE, text=True) as pings,
    ):
        try:
            sender.bind((vif, 0))
            started = time.monotonic()
            for number in range(count):
                neighbour = b"\x02\0" + struct.pack("!I", number)
                frame = (guest if opcode == 2 else b"\xff" * 6) + neighbour + b"\x08\x06"
                about = struct.pack("!HHBBH", 1, 0x0800, 6, 4, opcode)
                sender.send(frame + about + neighbour + struct.pack("!I", (11 << 24) + number) + target)
            seconds = time.monotonic() - started
        finally:
            pings.send_signal(signal.SIGINT)
        said = pings.communicate(timeout=30)[0]
    sent, received = re.findall(r"(\d+) packets transmitted, (\d+) received", said)[0]
    return {"seconds": seconds, "pings": int(sent), "answered": int(received)}


def datagrams(destinations: list[str], count: int) -> None:
    """Send `count` datagrams to each of some destinations in turn, whether anybody is there or not."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(count):
            for destination in destinations:
                sender.sendto(_payload(number, 1000), (destination, ECHO_PORT))


if __name__ == "__main__":
    echo()
