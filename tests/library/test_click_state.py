# SPDX-License-Identifier: Apache-2.0
"""What a running engine knows, read in rounds and written to another engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from .conftest import Host, two_engines

CONFIG = """
arp :: ARPTable;
Idle -> bridge :: EtherSwitch -> Discard; Idle -> [1]bridge[1] -> Discard;
rw :: IPRewriter(pattern 9.0.0.1 1024-65535 - - 0 1, drop, MAPPING_CAPACITY 20000);
Idle -> paced :: SimpleQueue -> unqueue :: Unqueue -> Discard;
Idle -> rw; Idle -> [1]rw; rw[0], rw[1] -> Discard;
"""
GATE = "unqueue.active"
COUNT = 1500


@pytest.fixture
def sockets(click: Path, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Those of two engines of one configuration."""
    with two_engines(click, tmp_path, CONFIG) as sockets:
        yield sockets


def fill(host: Host, socket: str, count: int) -> None:
    """Have it know neighbours, more than one chunk has."""
    lines = "".join(f"{IPv4Address('10.1.0.0') + n} 02-00-00-00-{n >> 8:02X}-{n & 255:02X} 0\n" for n in range(count))
    write(host, socket, f"neighbors 1 ARPTable 0 end\n{lines}")


def write(host: Host, socket: str, text: str) -> None:
    answer = host.module("click_handler", socket=socket, write="arp.state", value=text)
    assert answer.get("changed"), answer


def table(host: Host, socket: str) -> set[str]:
    text = host.module("click_handler", socket=socket, read=["arp.table"])["values"]["arp.table"]
    return {" ".join(line.split()[:3]) for line in text.splitlines()}


def state(host: Host, socket: str, **arguments: Any) -> dict[str, Any]:
    answer = host.module("click_state", socket=socket, gate=GATE, **arguments)
    assert "failed" not in answer, answer
    return answer


def test_a_second_engine_comes_to_know_all_in_chunks_and_then_what_is_new(
    control_node: Host, sockets: tuple[str, str]
) -> None:
    old, new = sockets
    fill(control_node, old, COUNT)
    read = state(control_node, old, read=["arp.state", "rw.state", "nobody.state"])
    assert read["records"] == {"arp.state": COUNT, "rw.state": 0}
    assert (read["changed"], set(read["times"])) == (False, {"arp.state", "rw.state"})
    assert read["bytes"] > 20 * COUNT > len(read["state"])
    assert "10.1.0.7" not in json.dumps(read)
    predicted = state(control_node, new, state=read["state"], shut=True, check=True)
    assert table(control_node, new) == set()
    written = state(control_node, new, state=read["state"], shut=True)
    assert written["changes"] == predicted["changes"] == ["hold frames back", f"write {COUNT} records"]
    assert written["records"]["arp.state"] == COUNT
    assert table(control_node, new) == table(control_node, old)

    write(control_node, old, "neighbors 1 ARPTable 0 end\n10.9.9.9 02-00-00-00-99-99 0\n")
    later = state(control_node, old, read=["arp.state"], since=read["times"])
    assert 1 <= later["records"]["arp.state"] <= COUNT + 1
    state(control_node, new, state=later["state"])
    assert "10.9.9.9 1 02-00-00-00-99-99" in table(control_node, new)


def test_frames_are_held_back_and_let_in(control_node: Host, sockets: tuple[str, str]) -> None:
    _, new = sockets
    assert state(control_node, new)["is_shut"] is False
    assert state(control_node, new, open=True)["changes"] == []
    state(control_node, new, shut=True)
    assert state(control_node, new)["is_shut"] is True
    assert state(control_node, new, open=True, check=True)["changes"] == ["let frames in"]
    assert state(control_node, new)["is_shut"] is True
    assert state(control_node, new, open=True)["changes"] == ["let frames in"]
    assert state(control_node, new)["is_shut"] is False


@pytest.mark.parametrize("given", ["nonsense", "bm9uc2Vuc2U="])
def test_what_is_no_state_is_refused_and_nothing_is_done(
    control_node: Host, sockets: tuple[str, str], given: str
) -> None:
    answer = control_node.module("click_state", socket=sockets[1], gate=GATE, state=given, shut=True)
    assert answer["msg"] == "cannot read the state: it is none, or not whole; read it again"
    assert state(control_node, sockets[1])["is_shut"] is False
