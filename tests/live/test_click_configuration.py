# SPDX-License-Identifier: Apache-2.0
"""A processing module alone: its planned configuration in a real `click`, with real packets on its one interface.

The module runs in one network namespace, its neighbours are raw packets on the other end of a cable in a second one.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

import pytest

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
CLICK = ROOT / "clickos" / "build" / "click"
CONFIG = ROOT / "examples" / "three-modules" / "expected" / "click" / "edge-pm2.click"

# The example's: upstream (0) with its gateway, two office networks on one cable (1), the machine room (2).
MACS = [bytes.fromhex(f"02005e00530{number}") for number in range(3)]
NEIGHBOUR = bytes.fromhex("060000000001")
PATIENCE = 5.0

IP, ARP = 0x0800, 0x0806
ICMP, UDP = 1, 17


def checksum(data: bytes) -> int:
    """RFC 1071; zero over data that carries its own."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(text: str) -> bytes:
    return IPv4Address(text).packed


def ip_packet(source: str, destination: str, *, ttl: int = 64, size: int = 60, dont_fragment: bool = False) -> bytes:
    flags = 0x4000 if dont_fragment else 0
    udp = struct.pack("!HHHH", 1024, 9, size - 20, 0) + bytes(size - 28)
    return ip_header(source, destination, UDP, size, ttl, flags) + udp


def ip_header(source: str, destination: str, protocol: int, size: int, ttl: int = 64, flags: int = 0) -> bytes:
    header = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, size, 7, flags, ttl, protocol, 0, packed(source), packed(destination)
    )
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:]


def echo_request(source: str, destination: str) -> bytes:
    """RFC 792, with something to echo."""
    echo = struct.pack("!BBHHH", 8, 0, 0, 7, 1) + bytes(range(56))
    echo = echo[:2] + struct.pack("!H", checksum(echo)) + echo[4:]
    return ip_header(source, destination, ICMP, 20 + len(echo)) + echo


def arp(operation: int, sender: tuple[bytes, str], target: tuple[bytes, str]) -> bytes:
    return struct.pack(
        "!HHBBH6s4s6s4s", 1, IP, 6, 4, operation, sender[0], packed(sender[1]), target[0], packed(target[1])
    )


@dataclass(frozen=True)
class Frame:
    destination: bytes
    source: bytes
    ether_type: int
    payload: bytes

    @property
    def port(self) -> int:
        """The platform port that the switch would send it out by."""
        return MACS.index(self.source)

    @property
    def addresses(self) -> tuple[str, str]:
        return str(IPv4Address(self.payload[12:16])), str(IPv4Address(self.payload[16:20]))

    @property
    def ttl(self) -> int:
        return self.payload[8]


class Cable:
    """The far end of the module's interface; answers ARP requests for everybody, as neighbours would."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self.asked: list[tuple[int, str, str]] = []

    def send(self, port: int, payload: bytes, ether_type: int = IP, destination: bytes | None = None) -> None:
        self._end.send((destination or MACS[port]) + NEIGHBOUR + struct.pack("!H", ether_type) + payload)

    def receive(self) -> Frame:
        """Return the next packet that the module sends, but for its ARP requests."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            data = self._end.recv(9000)
            frame = Frame(data[:6], data[6:12], int.from_bytes(data[12:14], "big"), data[14:])
            if frame.source not in MACS:
                continue
            if frame.ether_type == ARP and frame.payload[6:8] == b"\0\1":
                wanted, asking = frame.payload[24:28], frame.payload[14:18]
                self.asked.append((frame.port, str(IPv4Address(asking)), str(IPv4Address(wanted))))
                own = (NEIGHBOUR, str(IPv4Address(wanted)))
                self.send(frame.port, arp(2, own, (frame.source, str(IPv4Address(asking)))), ARP)
                continue
            return frame
        raise AssertionError("the module sent nothing")

    def exchange(self, port: int, payload: bytes) -> Frame:
        self.send(port, payload)
        return self.receive()


def run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True, text=True)


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    with Path("/proc/thread-self/ns/net").open() as home, Path(f"/run/netns/{namespace}").open() as there:
        enter_namespace(there.fileno())
        try:
            yield
        finally:
            enter_namespace(home.fileno())


def enter_namespace(descriptor: int) -> None:
    """setns(2); Python has it from 3.12 on."""
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace")


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    module, outside = (f"fsclick-{os.getpid()}-{end}" for end in ("pm", "out"))
    run("ip", "netns", "add", module)
    run("ip", "netns", "add", outside)
    try:
        run("ip", "-n", module, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", outside)
        for namespace in (module, outside):
            run("ip", "netns", "exec", namespace, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
            run("ip", "-n", namespace, "link", "set", "eth0", "up", "mtu", "9000")
        with inside(outside):
            end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        end.bind(("eth0", 3))
        end.settimeout(PATIENCE)
        with (tmp_path / "click.log").open("w") as log:
            click = subprocess.Popen(["ip", "netns", "exec", module, CLICK, CONFIG], stdout=log, stderr=log)
        try:
            wait_for_answer(end)
            yield Cable(end)
        finally:
            click.terminate()
            click.wait(10)
            end.close()
            said = (tmp_path / "click.log").read_text().splitlines()
            # Click's IPFragmenter tells of the first packets that it must not cut.
            assert [line for line in said if not line.startswith("IPFragmenter(1500) DF ")] == []
    finally:
        run("ip", "netns", "del", module)
        run("ip", "netns", "del", outside)


def wait_for_answer(end: socket.socket) -> None:
    """Ask for an address of the router until it answers: then it runs."""
    request = arp(1, (NEIGHBOUR, "203.0.113.9"), (bytes(6), "203.0.113.1"))
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        end.send(b"\xff" * 6 + NEIGHBOUR + struct.pack("!H", ARP) + request)
        end.settimeout(0.2)
        try:
            while end.recv(9000)[6:12] != MACS[2]:
                pass
        except TimeoutError:
            continue
        end.settimeout(0.3)
        try:
            while True:
                end.recv(9000)
        except TimeoutError:
            end.settimeout(PATIENCE)
            return
    raise AssertionError("click does not answer ARP")


def test_a_packet_leaves_by_the_port_of_its_route_with_its_ttl_less_one_and_a_right_checksum(cable: Cable) -> None:
    frame = cable.exchange(2, ip_packet("203.0.113.9", "198.51.100.9"))
    assert (frame.port, frame.destination, frame.addresses) == (1, NEIGHBOUR, ("203.0.113.9", "198.51.100.9"))
    assert frame.ttl == 63
    assert checksum(frame.payload[:20]) == 0
    assert cable.asked == [(1, "198.51.100.1", "198.51.100.9")]


def test_what_is_not_near_goes_to_the_gateway_of_its_port(cable: Cable) -> None:
    frame = cable.exchange(1, ip_packet("198.51.100.9", "208.1.2.3"))
    assert (frame.port, frame.addresses) == (0, ("198.51.100.9", "208.1.2.3"))
    assert cable.asked == [(0, "192.0.2.2", "192.0.2.1")]


def test_the_segment_of_a_port_is_near_though_a_wide_route_leads_to_the_gateway(cable: Cable) -> None:
    assert cable.exchange(1, ip_packet("198.51.100.9", "192.0.2.1")).port == 0
    assert cable.asked == [(0, "192.0.2.2", "192.0.2.1")]


def test_every_address_of_a_port_is_answered_for_by_its_mac(cable: Cable) -> None:
    for port, address in ((0, "192.0.2.2"), (1, "198.51.100.1"), (1, "10.1.0.1"), (2, "203.0.113.1")):
        cable.send(port, arp(1, (NEIGHBOUR, "198.51.100.9"), (bytes(6), address)), ARP, b"\xff" * 6)
        frame = cable.receive()
        assert (frame.ether_type, frame.destination, frame.port) == (ARP, NEIGHBOUR, port)
        assert frame.payload[6:8] == b"\0\2"
        assert (frame.payload[8:14], frame.payload[14:18]) == (MACS[port], packed(address))


@pytest.mark.parametrize(
    ("port", "source", "router"),
    [
        (1, "198.51.100.9", "198.51.100.1"),
        (1, "10.1.2.3", "10.1.0.1"),
        (2, "203.0.113.9", "203.0.113.1"),
        (0, "8.8.8.8", "192.0.2.2"),
    ],
)
def test_an_expired_packet_comes_back_as_icmp_from_the_address_that_its_sender_knows(
    cable: Cable, port: int, source: str, router: str
) -> None:
    destination = "203.0.113.77" if port != 2 else "198.51.100.77"
    frame = cable.exchange(port, ip_packet(source, destination, ttl=1))
    assert (frame.port, frame.addresses) == (port, (router, source))
    assert (frame.payload[9], frame.payload[20], frame.payload[21]) == (ICMP, 11, 0)
    assert checksum(frame.payload[:20]) == 0
    assert checksum(frame.payload[20 : int.from_bytes(frame.payload[2:4], "big")]) == 0


def test_a_packet_that_must_not_be_cut_comes_back_as_icmp_with_the_size_that_would_fit(cable: Cable) -> None:
    frame = cable.exchange(2, ip_packet("203.0.113.9", "198.51.100.9", size=2000, dont_fragment=True))
    assert (frame.port, frame.addresses) == (2, ("203.0.113.1", "203.0.113.9"))
    assert (frame.payload[20], frame.payload[21]) == (3, 4)
    assert int.from_bytes(frame.payload[26:28], "big") == 1500


def test_a_large_packet_leaves_in_pieces(cable: Cable) -> None:
    cable.send(2, ip_packet("203.0.113.9", "198.51.100.9", size=2000))
    first, second = cable.receive(), cable.receive()
    assert [int.from_bytes(frame.payload[2:4], "big") for frame in (first, second)] == [1500, 520]
    assert {frame.port for frame in (first, second)} == {1}


def test_what_has_no_route_comes_back_as_icmp_and_the_next_packet_goes_on(cable: Cable) -> None:
    frame = cable.exchange(1, ip_packet("10.1.2.3", "216.1.2.3"))
    assert (frame.port, frame.addresses) == (1, ("10.1.0.1", "10.1.2.3"))
    assert (frame.payload[9], frame.payload[20], frame.payload[21]) == (ICMP, 3, 0)
    assert frame.payload[28:48] == ip_packet("10.1.2.3", "216.1.2.3")[:20]
    assert cable.exchange(2, ip_packet("203.0.113.9", "198.51.100.9", ttl=33)).ttl == 32


def test_a_neighbour_gets_few_errors_for_many_packets_and_others_get_their_own(cable: Cable) -> None:
    for _ in range(300):
        cable.send(2, ip_packet("203.0.113.9", "216.1.2.3"))
    cable.send(1, ip_packet("10.1.2.3", "216.1.2.3"))
    # Leaves by port 2 behind all errors that do; those of other ports come in between, or later.
    cable.send(1, ip_packet("10.1.2.3", "203.0.113.9"))
    errors: dict[int, list[Frame]] = {1: [], 2: []}
    is_behind = False
    while not (errors[1] and is_behind):
        frame = cable.receive()
        if frame.payload[9] == UDP:
            is_behind = True
            continue
        assert (frame.payload[20], frame.payload[21]) == (3, 0)
        errors[frame.port].append(frame)
    assert 50 <= len(errors[2]) < 150
    assert [one.addresses for one in errors[1]] == [("10.1.0.1", "10.1.2.3")]


@pytest.mark.parametrize(
    ("port", "source", "asked"),
    [(2, "203.0.113.9", "203.0.113.1"), (2, "203.0.113.9", "10.1.0.1"), (1, "10.1.2.3", "10.1.0.1")],
)
def test_each_address_of_the_router_answers_ping_by_the_port_that_asks(
    cable: Cable, port: int, source: str, asked: str
) -> None:
    request = echo_request(source, asked)
    frame = cable.exchange(port, request)
    assert (frame.port, frame.addresses) == (port, (asked, source))
    assert (frame.payload[20:22], frame.payload[24 : len(request)]) == (b"\0\0", request[24:])
    assert checksum(frame.payload[:20]) == 0
    assert checksum(frame.payload[20 : len(request)]) == 0


def test_nothing_else_answers_on_an_address_of_the_router(cable: Cable) -> None:
    cable.send(2, ip_packet("203.0.113.9", "203.0.113.1"))
    assert cable.exchange(2, ip_packet("203.0.113.9", "198.51.100.9", ttl=33)).ttl == 32


def test_frames_for_somebody_else_are_left_alone(cable: Cable) -> None:
    cable.send(2, ip_packet("203.0.113.9", "198.51.100.9", ttl=9), destination=bytes.fromhex("02005e0053ff"))
    cable.send(2, ip_packet("203.0.113.9", "198.51.100.9", ttl=33))
    assert cable.receive().ttl == 32
