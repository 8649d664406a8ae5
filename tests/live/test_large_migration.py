# SPDX-License-Identifier: Apache-2.0
"""A NAT that goes to another host with 100,000 TCP connections, each of which lives on: how long that takes, and how many bytes it is."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from .conversations import Pings
from .crowd import Crowd
from .router_lab import ROOT, RouterLab

pytestmark = [
    pytest.mark.live,
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines"),
]

NAT = ROOT / "examples" / "nat" / "allocation.xml"
SERVER = "192.168.6.1"
SUBSCRIBERS = [f"192.168.5.{number}" for number in range(1, 201)]
PORTS = range(9000, 9010)
"""Of the server, each with programs of its own: a process may not have as many sockets as it likes."""
EACH = 50
"""Connections of one subscriber to one port of the server."""
SESSIONS = 131072


def write_larger(path: Path) -> str:
    """Write the example with room for so many sessions of the first module; return the path."""
    text, count = re.subn(r'<nat ports="240">', f'<nat ports="240" sessions="{SESSIONS}">', NAT.read_text())
    assert count == 1
    path.write_text(text)
    return str(path)


def test_100000_connections_live_through_the_move_of_their_nat(
    lab: RouterLab, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    allocation = write_larger(tmp_path / "larger.xml")
    inside, upstream = lab.endpoint(0), lab.endpoint(1)
    lab.play("deploy", allocation=allocation)
    for address in SUBSCRIBERS[1:]:
        inside.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
    with ExitStack() as talking:
        crowds = []
        for port in PORTS:
            crowds.append(talking.enter_context(Crowd(inside, upstream, SERVER, port, SUBSCRIBERS, EACH)))
            assert crowds[-1].answered() == crowds[-1].count == EACH * len(SUBSCRIBERS)
        every = sum(crowd.count for crowd in crowds)
        assert every == 100000
        with Pings(inside, SERVER) as pings:
            said = " ".join(lab.play("migrate", allocation=allocation, module="nat-pm0", host="mh2").output.split())
            pinged = pings.end()
        found = re.search(
            r"nat-pm0: moved from mh1 to mh2 with ([\d,]+) flows .*? while packets came, .*? at most", said
        )
        assert found, said
        assert int(found[1].replace(",", "")) >= every
        assert sum(crowd.answered() for crowd in crowds) == every
    figure(f"{found[0]}; pings every 20 ms: {pinged.lost} lost, the longest gap {pinged.gap:.2f} s")
    assert sorted(lab.modules("mh2")) == ["nat-pm0", "nat-pm1"]
