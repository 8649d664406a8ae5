# SPDX-License-Identifier: Apache-2.0
"""Packets at elements of a running engine, which goes on as it was."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.control.socket import Address, ControlSocket
from ansible.module_utils.flowstream.trace.pcap import frames_of

from .conftest import CLICK, RUNNER, Host, wait_until

CONFIG = r"""
elementclass Half { input -> way :: RoundRobinSwitch; way [0] -> [0] output; way [1] -> [1] output }
source :: RatedSource(DATA \<4500 0014 0000 0000 4011 0000 0a00 0001 0a00 0002>, RATE 400)
    -> SetIPChecksum -> half :: Half;
half [0] -> frames :: EtherEncap(0x0800, 02:00:00:00:00:01, 02:00:00:00:00:02) -> queue :: Queue(10);
half [1] -> queue;
queue -> out :: Counter -> Discard;
held :: Switch(0);
Idle -> held -> kept :: Counter -> Discard;
"""
FRAME = bytes.fromhex("0200000000020200000000010800")


@pytest.fixture
def module(tmp_path: Path) -> Iterator[Path]:
    socket = tmp_path / "edge-pm0.sock"
    engine = subprocess.Popen([CLICK, "-R", "-u", socket, "-e", CONFIG])
    try:
        wait_until(socket.exists, "the engine answers")
        yield socket
    finally:
        engine.kill()
        engine.wait()


def asked(socket: Path, elements: list[str], **more: Any) -> dict[str, Any]:
    points = [{"name": f"element:edge-pm0/{one}", "module": "edge-pm0", "element": one} for one in elements]
    return {"points": points, "sockets": str(socket.parent), **more}


def read(socket: Path, handler: str) -> str:
    with ControlSocket(Address(str(socket)), 5) as control:
        return control.read(handler)


def test_packets_at_ports_of_elements_are_seen_and_the_engine_goes_on(module: Path) -> None:
    before = read(module, "config")
    arguments = asked(module, ["half/way", "[0]queue", "queue[0]", "kept"], packets=40, seconds=1)
    answer = Host(()).module("packet_capture", **arguments)
    seen: dict[str, list[list[bytes]]] = {}
    for one in answer["captured"]:
        assert one["interface"] == "edge-pm0"
        seen.setdefault(one["name"].removeprefix("element:edge-pm0/"), []).append(
            list(frames_of(base64.b64decode(one["data"])))
        )
    assert {port: [len(part) for part in parts] for port, parts in seen.items()} == {
        "[0]half/way": [40],
        "half/way[0]": [40],
        "half/way[1]": [40],
        "[0]queue": [20, 20],
        "queue[0]": [20, 20],
        "[0]kept": [0],
        "kept[0]": [0],
    }
    frames, packets = seen["[0]queue"]
    assert {frame[:14] for frame in frames} == {FRAME}
    assert {frame[14:] for frame in frames} == set(packets) == set(seen["[0]half/way"][0])
    assert read(module, "config") == before
    assert int(read(module, "queue.drops")) == 0
    assert answer["changed"] is False


def test_a_pattern_chooses_and_a_port_that_has_none_of_the_kind_is_empty(module: Path) -> None:
    done = Host(()).module("packet_capture", **asked(module, ["[0]queue"], packets=5, seconds=300, pattern="udp"))
    assert [len(list(frames_of(base64.b64decode(one["data"])))) for one in done["captured"]] == [5, 5]
    arguments = asked(module, ["[0]queue"], packets=5, seconds=1)
    for pattern, counts in (("udp", [5, 5]), ("ether src 02:00:00:00:00:01", [5, 0]), ("arp", [0, 0])):
        answer = Host(()).module("packet_capture", **arguments, pattern=pattern)
        found = [len(list(frames_of(base64.b64decode(one["data"])))) for one in answer["captured"]]
        assert found == counts, pattern


def test_what_is_no_place_is_told_before_anything_changes(module: Path) -> None:
    answer = Host(()).module("packet_capture", **asked(module, ["quue", "queue[3]", "a b", "[0]queue[0]"]), check=True)
    assert answer["msg"].splitlines() == [
        "point element:edge-pm0/quue: is no element of its module, got quue; use one such as queue, source, out, kept, held",
        "point element:edge-pm0/queue[3]: is no port of queue, got queue[3]; use [0]queue, queue[0]",
        "point element:edge-pm0/a b: is no element or port of one, got a b; write rt, [0]rt or rt[1]",
        "point element:edge-pm0/[0]queue[0]: is no element or port of one, got [0]queue[0]; write rt, [0]rt or rt[1]",
    ]
    much = Host(()).module("packet_capture", **asked(module, ["half/way"], packets=4000), check=True)
    assert much["msg"] == (
        "packets times snaplen at 3 ports of elements is more than a 4th of the 64 MiB of edge-pm0, got 4000 of 2048 bytes;"
        " ask for 2709 packets at most, or less of each"
    )
    wrong = Host(()).module("packet_capture", **asked(module, ["queue"], pattern="icmp or nonsense"))
    assert wrong["msg"].startswith("cannot capture by pattern 'icmp or nonsense': ")
    assert "capture_" not in read(module, "config")


def test_a_capture_that_is_killed_leaves_no_taps_and_a_second_one_waits_for_none(module: Path) -> None:
    before = read(module, "config")
    arguments = asked(module, ["queue"], packets=1000, seconds=300)
    running = subprocess.Popen(
        [sys.executable, RUNNER, "packet_capture"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert running.stdin is not None
    running.stdin.write(json.dumps(arguments))
    running.stdin.close()
    wait_until(lambda: "capture_gate" in read(module, "config"), "taps are in")
    second = Host(()).module("packet_capture", **arguments)
    assert second["msg"] == (
        "point element:edge-pm0/queue: another capture is at its module; wait until that is over, or deploy the allocation again"
    )
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    wait_until(lambda: read(module, "config") == before, "taps are out")
