# SPDX-License-Identifier: Apache-2.0
"""A kernel behind a VLAN of an endpoint's cable, in a namespace of its own. Its tags are put on and taken off by a program: not every kernel can."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from .conversations import Partner
from .router_lab import Node

LINK = "access"

# Begins in the subscriber's namespace, where its interface is, and goes on in that of the cable (setns(2), packet(7)).
_TAG = r"""
import ctypes, fcntl, os, select, socket, struct, sys
link, cable, vlan = sys.argv[1], sys.argv[2], int(sys.argv[3])
ETH_P_ALL, VLAN, SOL_PACKET, PACKET_AUXDATA, VALID = 3, 0x8100, 263, 8, 0x10
TUNSETIFF, TAP, NO_INFORMATION = 0x400454CA, 2, 0x1000
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", link.encode(), TAP | NO_INFORMATION))
there = os.open(f"/run/netns/{cable}", os.O_RDONLY)
if ctypes.CDLL(None, use_errno=True).setns(there, 0):
    raise OSError(ctypes.get_errno(), "setns")
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
wire.bind(("eth0", ETH_P_ALL))
wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
print("connected", flush=True)
while True:
    ready, _, _ = select.select([tap, wire], [], [])
    if tap in ready:
        frame = os.read(tap, 2000)
        wire.send(frame[:12] + struct.pack("!HH", VLAN, vlan) + frame[12:])
    if wire in ready:
        frame, told, _, sender = wire.recvmsg(2000, 100)
        if sender[2] == socket.PACKET_OUTGOING:
            continue
        for _, _, data in told:
            status, _, _, _, _, tag = struct.unpack_from("=IIIHHH", data)
            if status & VALID and tag & 0xFFF == vlan:
                os.write(tap, frame)
"""


@contextmanager
def subscriber(cable: Node, vlan: int, address: str, gateway: str) -> Iterator[Node]:
    """A kernel with an address, as 192.0.2.1/24, that has nothing but a VLAN of the endpoint `cable`."""
    name = f"{cable.name}-vlan{vlan}"
    subprocess.run(["ip", "netns", "add", name], check=True, timeout=10)
    node = Node(name, ("ip", "netns", "exec", name))
    try:
        with Partner(node, _TAG, LINK, cable.name, str(vlan)) as running:
            assert running.hears() == "connected"
            node.run("ip", "address", "add", address, "dev", LINK)
            node.run("ip", "link", "set", LINK, "up")
            node.run("ip", "link", "set", "lo", "up")
            node.run("ip", "route", "add", "default", "via", gateway)
            yield node
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True, timeout=10)
