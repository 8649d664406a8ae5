# SPDX-License-Identifier: Apache-2.0
"""An engine that comes to know what another learns, until packets come to it."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.world.lock_file import own_claim

from .conftest import Host, two_engines, wait_until

# Packets that wait before the gate stand for the frames in the ring of an interface.
CONFIG = """
arp :: ARPTable;
source :: InfiniteSource(LIMIT 1, STOP false, ACTIVE false) -> ring :: SimpleQueue -> gate :: Unqueue(ACTIVE false) -> Discard;
waiting :: Script(TYPE PASSIVE, return $(gt $(ring.length) 0));
"""


@pytest.fixture
def engines(click: Path, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The sockets of two."""
    with two_engines(click, tmp_path, CONFIG) as sockets:
        yield sockets


class Follower:
    """The module, as it runs beside what a test does. Each login leads to one engine, as that of a machine would."""

    def __init__(self, control_node: Host, tmp_path: Path, engines: tuple[str, str], **changed: Any) -> None:
        self.sign = tmp_path / "sign"
        self.sign.touch()
        self._result: dict[str, Any] = {}
        arguments = {
            "source": "old",
            "target": "new",
            "source_login": [str(login(tmp_path, "near", engines[0])), "mh1"],
            "target_login": [str(login(tmp_path, "far", engines[1])), "mh2"],
            "socket": "/run/flowstream/pm/nat-pm0.sock",
            "read": ["arp.state", "flows.state"],
            "gate": "gate.active",
            "waiting": "waiting.run",
            "until_gone": str(self.sign),
            "run": own_claim("test").to_dict(),
            **changed,
        }
        self._thread = threading.Thread(
            target=lambda: self._result.update(control_node.module("click_follower", **arguments))
        )
        self._thread.start()

    def result(self) -> dict[str, Any]:
        self._thread.join(30)
        assert not self._thread.is_alive()
        return self._result

    def end(self) -> dict[str, Any]:
        self.sign.unlink()
        return self.result()


def login(tmp_path: Path, name: str, socket: str) -> Path:
    """A program that does what ssh does with `-L NEAR:FAR`, but that FAR is the socket of an engine of this test."""
    search = 'while [ "$1" != -L ]; do shift; done'
    return program(tmp_path / name, f'{search}\nln -s {socket} "${{2%%:*}}"\nexec sleep 60')


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def learn(control_node: Host, socket: str, number: int) -> None:
    line = f"{IPv4Address('10.1.0.0') + number} 02-00-00-00-00-{number:02X} 0\n"
    answer = control_node.module(
        "click_handler", socket=socket, write="arp.state", value=f"neighbors 1 ARPTable 0 end\n{line}"
    )
    assert answer.get("changed"), answer


def read(control_node: Host, socket: str, handler: str) -> str:
    value: str = control_node.module("click_handler", socket=socket, read=[handler])["values"][handler].strip()
    return value


def known(control_node: Host, socket: str) -> int:
    return len(read(control_node, socket, "arp.table").splitlines())


def test_packets_are_let_in_when_they_come_and_what_the_other_learns_still_comes(
    control_node: Host, tmp_path: Path, engines: tuple[str, str]
) -> None:
    old, new = engines
    learn(control_node, old, 1)
    follower = Follower(control_node, tmp_path, engines)
    wait_until(lambda: known(control_node, new) == 1, "the first is known")
    learn(control_node, old, 2)
    wait_until(lambda: known(control_node, new) == 2, "the second is known")
    assert read(control_node, new, "gate.active") == "false"

    assert control_node.module("click_handler", socket=new, write="source.active", value="true").get("changed")
    wait_until(lambda: read(control_node, new, "gate.active") == "true", "packets are let in")
    learn(control_node, old, 3)
    wait_until(lambda: known(control_node, new) == 3, "the third is known")
    result = follower.end()
    assert result["changed"]
    assert result["records"]["arp.state"] >= 3, (
        "one that is learned in the millisecond of a round comes with the next too"
    )
    assert result["rounds"] > 3
    assert 0 < result["waited"] < 5


def test_at_its_end_packets_are_let_in_whether_any_have_come_or_not(
    control_node: Host, tmp_path: Path, engines: tuple[str, str]
) -> None:
    old, new = engines
    follower = Follower(control_node, tmp_path, engines)
    learn(control_node, old, 1)
    result = follower.end()
    assert result["waited"] is None
    assert known(control_node, new) == 1
    assert read(control_node, new, "gate.active") == "true"


def test_it_ends_with_the_playbook_and_lets_nothing_in(
    control_node: Host, tmp_path: Path, engines: tuple[str, str]
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    run = {**own_claim("test").to_dict(), "process": f"{gone.pid}:1"}
    result = Follower(control_node, tmp_path, engines, run=run).result()
    assert result["failed"]
    assert result["msg"] == "cannot follow old: the playbook that began it has ended"
    assert read(control_node, engines[1], "gate.active") == "false"


def test_a_machine_that_nobody_can_log_in_to_is_named_with_the_cause(
    control_node: Host, tmp_path: Path, engines: tuple[str, str]
) -> None:
    refusing = program(tmp_path / "refusing", "echo warned >&2; echo 'Permission denied (publickey).' >&2; exit 255")
    result = Follower(control_node, tmp_path, engines, target_login=[str(refusing), "mh2"]).result()
    assert result["msg"] == "cannot log in to mh2: Permission denied (publickey)."
    silent = program(tmp_path / "silent", "exec sleep 60")
    result = Follower(control_node, tmp_path, engines, target_login=[str(silent), "mh2"], timeout=2).result()
    assert result["msg"] == "cannot log in to mh2: no answer in 2 s"
