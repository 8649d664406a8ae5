#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print how many frames of 64 bytes one worker and two forward between two pairs of veth, by packet sockets and by AF_XDP, and the ratios.

All of it lies in a network namespace of this process and goes with it. What makes the frames must not take the processors
that forward them: the router is stopped while its receive rings are filled, and timed from when it goes on until the last
frame has come out.

Beside them stands what the kernel itself needs to route such a frame. It does so within the system call that sends the
frame, so that is the time of a send that it routes, without that of one to a foreign Ethernet address, which it drops:
like the routers' processor time, that leaves out what the receiving interface does.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

CLONE_NEWNET = 0x40000000
PATHS = 2
BACKLOG = 4000  # of the 4096 slots of a receive ring
PATIENCE = 5.0
OWN, FOREIGN = "02:00:00:00:00:0a", "02:00:00:00:00:02"
ADDRESS = "10.0.0.2"
# IPv4 (RFC 791) with its checksum, UDP, from 10.0.0.1 to ADDRESS; 60 bytes, 64 with the frame check sequence.
PACKET = bytes.fromhex("4500002e 00000000 401166bd 0a000001 0a000002") + bytes(26)
FRAME = bytes.fromhex(FOREIGN.replace(":", "") + "020000000001 0800") + PACKET
METHODS = {"packet sockets": "PROMISC true", "AF_XDP": "METHOD XDP, SNIFFER false"}
"""What FromDevice is told of each."""


def router(method: str) -> str:
    to = ", METHOD XDP" if "XDP" in METHODS[method] else ""
    return "".join(
        f"from{path} :: FromDevice(in{path}, {METHODS[method]}, BURST 32) -> Queue(8192)\n"
        f"  -> to{path} :: ToDevice(out{path}, BURST 32{to});\n"
        f"StaticThreadSched(from{path} {path}, to{path} {path});\n"
        for path in range(PATHS)
    )


def run(*argv: str) -> None:
    subprocess.run(argv, check=True)


def obstacle() -> str:
    """Why nothing can be measured here; else, this process has a network namespace of its own."""
    if len(os.sched_getaffinity(0)) < PATHS:
        return f"needs {PATHS} processors"
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        return f"cannot make a network namespace: {os.strerror(ctypes.get_errno())}; run as root"
    return ""


def make_links() -> None:
    """Interfaces in0, out0, ..., each with its other end."""
    # Nobody but us sends anything.
    Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
    for path in range(PATHS):
        for name in (f"in{path}", f"out{path}"):
            run("ip", "link", "add", name, "type", "veth", "peer", "name", f"{name}-far")
            for end in (name, f"{name}-far"):
                run("ip", "link", "set", end, "up")


def received() -> int:
    """How many frames have come out of the router."""
    lines = Path("/proc/net/dev").read_text().splitlines()
    counts = {name.strip(): rest.split() for name, _, rest in (line.partition(":") for line in lines)}
    return sum(int(counts[f"out{path}-far"][1]) for path in range(PATHS))


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"workers: not measured: {what} did not come within {PATIENCE:g} s")
        time.sleep(0.0002)


def wait_for_frames(end: int, what: str) -> None:
    """Return when so many have come out of the router in all."""
    wait_for(lambda: received() >= end, what)


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def processor_time(pid: int) -> float:
    """Seconds that all threads have run."""
    return sum(int(thread.read_text().split()[0]) for thread in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def drain(pid: int, senders: list[socket.socket]) -> float:
    """Seconds in which a router forwards what waits in its rings."""
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: state(pid) == "T", "the router's stop")
    end = received() + PATHS * BACKLOG
    for sender in senders:
        for _ in range(BACKLOG):
            sender.send(FRAME)
    start = time.perf_counter()
    os.kill(pid, signal.SIGCONT)
    wait_for_frames(end, "the last frame")
    return time.perf_counter() - start


def seconds_to_send(sender: socket.socket, frame: bytes) -> float:
    start = time.perf_counter()
    for _ in range(BACKLOG):
        sender.send(frame)
    return time.perf_counter() - start


def kernel_forwarding(rounds: int) -> float:
    """Nanoseconds that the kernel needs to route a frame from in0 to out0."""
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    Path("/proc/sys/net/ipv4/conf/in0/rp_filter").write_text("0")
    run("ip", "route", "add", f"{ADDRESS}/32", "dev", "out0")
    run("ip", "neighbour", "add", ADDRESS, "lladdr", FOREIGN, "dev", "out0")
    run("ip", "link", "set", "in0", "address", OWN)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind(("in0-far", 0))
        routed: list[float] = []
        dropped: list[float] = []
        for _ in range(rounds):
            end = received() + BACKLOG
            routed.append(seconds_to_send(sender, bytes.fromhex(OWN.replace(":", "")) + FRAME[6:]))
            wait_for_frames(end, "what the kernel routes")
            dropped.append(seconds_to_send(sender, FRAME))
    Path("/proc/sys/net/ipv4/ip_forward").write_text("0")
    return (statistics.median(routed) - statistics.median(dropped)) / BACKLOG * 1e9


def measure(click: str, method: str, workers: int, rounds: int) -> tuple[list[float], float]:
    """Seconds of each round, and the processor time of a frame."""
    senders = []
    for path in range(PATHS):
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sender.bind((f"in{path}-far", 0))
        senders.append(sender)
    argv = [click, "-j", str(workers), "--affinity", "-e", router(method)]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as running:
        try:
            first = received()
            wait_for(lambda: bool(senders[0].send(FRAME)) and received() > first, "a router that forwards")
            time.sleep(0.05)
            before = processor_time(running.pid)
            seconds = [drain(running.pid, senders) for _ in range(rounds)]
            return seconds, (processor_time(running.pid) - before) / (rounds * PATHS * BACKLOG)
        finally:
            running.kill()
            for sender in senders:
                sender.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--click", required=True, type=Path, help="the click program to measure")
    parser.add_argument("--turns", type=int, default=10, help="how often one worker and two have their turn")
    parser.add_argument("--rounds", type=int, default=10, help="fillings of the rings in a turn")
    arguments = parser.parse_args()
    if reason := obstacle():
        print(f"workers: not measured: {reason}")
        return
    make_links()
    kernel = kernel_forwarding(arguments.turns * arguments.rounds)
    kinds = [(method, workers) for method in METHODS for workers in (1, 2)]
    seconds: dict[tuple[str, int], list[float]] = {kind: [] for kind in kinds}
    processor: dict[tuple[str, int], list[float]] = {kind: [] for kind in kinds}
    ratios: dict[str, list[float]] = {method: [] for method in METHODS}
    for _ in range(arguments.turns):
        medians = {}
        for kind in kinds:
            found, used = measure(str(arguments.click.resolve()), *kind, arguments.rounds)
            seconds[kind] += found
            processor[kind].append(used)
            medians[kind] = statistics.median(found)
        for method, found in ratios.items():
            found.append(medians[method, 1] / medians[method, 2])
    print(f"{'by':<16} {'workers':>7} {'Mpps':>7} {'least':>7} {'most':>7} {'processor ns/frame':>20}")
    for (method, workers), found in seconds.items():
        median, most, least = (
            PATHS * BACKLOG / each / 1e6 for each in (statistics.median(found), min(found), max(found))
        )
        used = statistics.median(processor[method, workers]) * 1e9
        print(f"{method:<16} {workers:>7} {median:>7.2f} {least:>7.2f} {most:>7.2f} {used:>20.0f}")
    print(f"{'the kernel':<16} {1:>7} {1e3 / kernel:>7.2f} {'':>7} {'':>7} {kernel:>20.0f}")
    for method, found in ratios.items():
        print(f"two to one by {method}: {statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f})")


if __name__ == "__main__":
    main()
