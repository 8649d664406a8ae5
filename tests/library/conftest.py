# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

RUNNER = Path(__file__).with_name("module_runner.py")


@dataclass(frozen=True)
class Host:
    """A network namespace that stands for a managed host, with the environment that its programs get."""

    namespace: str
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *argv: str, stdin: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["ip", "netns", "exec", self.namespace, *argv],
            input=stdin,
            capture_output=True,
            text=True,
            check=check,
            env={**os.environ, **self.environment},
        )

    def module(self, name: str, check: bool = False, **arguments: Any) -> dict[str, Any]:
        """The module's answer; `failed` is in it when it failed."""
        arguments |= {"_ansible_check_mode": check, "_ansible_diff": True}
        done = self.run(sys.executable, str(RUNNER), name, stdin=json.dumps(arguments), check=False)
        assert done.stdout, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        answer.pop("invocation", None)
        return answer


def wait_until(condition: Callable[[], object], what: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def require_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: makes network namespaces")


@pytest.fixture(scope="session")
def namespace(require_root: None) -> Iterator[str]:
    name = f"fst{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
        yield name
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


@pytest.fixture(scope="session")
def open_vswitch(namespace: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A private Open vSwitch (userspace datapath) in a namespace of its own; no bridge yet."""
    base = tmp_path_factory.mktemp("ovs")
    directories = {f"OVS_{name}": str(base / name.lower()) for name in ("RUNDIR", "LOGDIR", "DBDIR", "SYSCONFDIR")}
    for directory in directories.values():
        Path(directory).mkdir()
    host = Host(namespace, directories)
    database = str(base / "dbdir" / "conf.db")
    host.run("ovsdb-tool", "create", database, "/usr/share/openvswitch/vswitch.ovsschema")
    daemon = ("--pidfile", "--log-file", "--detach", "--no-chdir")
    host.run("ovsdb-server", database, f"--remote=punix:{base}/rundir/db.sock", *daemon)
    try:
        host.run("ovs-vsctl", "--no-wait", "init")
        host.run("ovs-vswitchd", *daemon, "--disable-system")
        yield host
        host.run("ovs-appctl", "exit", "--cleanup")
    finally:
        host.run("ovs-appctl", "-t", "ovsdb-server", "exit")


@pytest.fixture
def bridge(open_vswitch: Host) -> Iterator[str]:
    """An empty bridge br0 with ports 1 and 2, in the private Open vSwitch."""
    settings = "datapath_type=netdev protocols=OpenFlow13 fail_mode=secure".split()
    open_vswitch.run("ovs-vsctl", "add-br", "br0", "--", "set", "bridge", "br0", *settings)
    for number in (1, 2):
        open_vswitch.run("ip", "link", "add", f"p{number}", "type", "veth", "peer", f"h{number}")
        open_vswitch.run("ip", "link", "set", f"p{number}", "up")
        open_vswitch.run("ip", "link", "set", f"h{number}", "up")
        port = ["--", "set", "interface", f"p{number}", f"ofport_request={number}"]
        open_vswitch.run("ovs-vsctl", "add-port", "br0", f"p{number}", *port)
    yield "br0"
    open_vswitch.run("ovs-vsctl", "del-br", "br0")
    for number in (1, 2):
        open_vswitch.run("ip", "link", "delete", f"p{number}")
