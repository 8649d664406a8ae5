# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible.module_utils
import pytest

from .xenstore_server import XenStoreServer

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("module_runner.py")
CLICK = ROOT / "clickos" / "build" / "click"

LAB = int(os.environ.get("LAB_INDEX", "0")) + 100
"""Number of the lab with the one machine of these tests: that of the run, in a range that no other uses."""
MACHINE_ADDRESS = f"198.18.{LAB}.11"
MACHINE_TREE = "/opt/flowstream"

CONFIG = "source :: RatedSource(RATE 100) -> counter :: Counter -> queue :: Queue(1000) -> Unqueue -> Discard;\n"


@dataclass(frozen=True)
class Host:
    """A managed host: a command prefix that leads into it, and the environment that its programs get.

    `python` and `runner` say how a module is run there; `quoted` that a shell reads the command on the way.
    """

    prefix: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    python: tuple[str, ...] = (sys.executable,)
    runner: str = str(RUNNER)
    quoted: bool = False

    def command(self, *argv: str) -> list[str]:
        return [*self.prefix, shlex.join(argv)] if self.quoted else [*self.prefix, *argv]

    def run(self, *argv: str, stdin: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.command(*argv),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **self.environment},
        )
        assert not check or done.returncode == 0, f"{argv}: {done.stderr or done.stdout}"
        return done

    def module(self, name: str, /, check: bool = False, **arguments: Any) -> dict[str, Any]:
        """The module's answer; `failed` is in it when it failed."""
        arguments |= {"_ansible_check_mode": check, "_ansible_diff": True}
        done = self.run(*self.python, self.runner, name, stdin=json.dumps(arguments), check=False)
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
def control_node() -> Host:
    """This machine itself."""
    return Host(())


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
    host = Host(("ip", "netns", "exec", namespace), directories)
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


@pytest.fixture(scope="session")
def click() -> Path:
    assert CLICK.exists(), f"{CLICK} is missing; run make clickos"
    return CLICK


@pytest.fixture
def socket(click: Path, tmp_path: Path) -> Iterator[str]:
    """The ControlSocket of a running engine."""
    path, config = tmp_path / "socket", tmp_path / "config.click"
    config.write_text(CONFIG)
    with subprocess.Popen([str(click), "-R", "-u", str(path), str(config)], stderr=subprocess.PIPE) as running:
        wait_until(path.exists, "the engine listens")
        yield str(path)
        running.terminate()


@contextmanager
def two_engines(click: Path, folder: Path, configuration: str) -> Iterator[tuple[str, str]]:
    """Two engines of one configuration; the sockets on which they listen."""
    config = folder / "engine.click"
    config.write_text(configuration)
    paths = [folder / name for name in ("old", "new")]
    running = [subprocess.Popen([str(click), "-R", "-u", str(path), str(config)]) for path in paths]
    try:
        for path in paths:
            wait_until(path.exists, "the engine listens")
        yield str(paths[0]), str(paths[1])
    finally:
        for one in running:
            one.terminate()
            one.wait(10)


@pytest.fixture
def xenstore(tmp_path: Path) -> Iterator[XenStoreServer]:
    """A XenStore daemon that is played."""
    with XenStoreServer(tmp_path / "xenstore") as server:
        yield server


@pytest.fixture
def xen_host(xenstore: XenStoreServer) -> Host:
    """This machine, with that daemon as its XenStore."""
    return Host((), {"XENSTORED_PATH": str(xenstore.path)})


@pytest.fixture(scope="session")
def machine(
    require_root: None, control_node: Host, click: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    """A booted Debian of its own with systemd and Open vSwitch, the engine, and a bridge br-pm."""
    directory = tmp_path_factory.mktemp("lab")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "flowstream"
    images = Path(os.environ.get("FLOWSTREAM_CACHE", cache)) / "images"
    image = control_node.module("lab_image", cache=str(images), packages=image_packages())
    assert "path" in image, image
    lab = {
        "prefix": f"fs{LAB}",
        "directory": str(directory),
        "image": image["path"],
        "management_address": f"198.18.{LAB}.254/24",
        "machines": [{"name": "mh", "address": MACHINE_ADDRESS}],
    }
    made = control_node.module("lab_topology", **lab)
    try:
        assert made.get("changed"), made
        host = Host(ssh_prefix(directory), python=("env", f"PYTHONPATH={MACHINE_TREE}/python", "python3"),
                    runner=f"{MACHINE_TREE}/tests/library/module_runner.py", quoted=True)  # fmt: skip
        install_modules(directory / "machines" / "mh" / "root", click)
        host.module("openvswitch_bridge", name="br-pm", datapath_type="netdev")
        yield host
    finally:
        gone = control_node.module("lab_topology", **{**lab, "state": "absent"})
        assert "failed" not in gone, gone


def image_packages() -> list[str]:
    """The packages of the lab's own machines, so that one image serves both."""
    lines = iter((ROOT / "roles" / "lab" / "defaults" / "main.yml").read_text().splitlines())
    for line in lines:
        if line == "lab_image_packages:":
            break
    packages = []
    for line in lines:
        if not line.startswith("  - "):
            break
        packages.append(line.removeprefix("  - "))
    return packages


def ssh_prefix(directory: Path) -> tuple[str, ...]:
    options = {
        "UserKnownHostsFile": directory / "known_hosts",
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "IdentitiesOnly": "yes",
        "ControlMaster": "auto",
        "ControlPersist": "10",
        "ControlPath": directory / "ssh" / MACHINE_ADDRESS,
        "LogLevel": "ERROR",
    }
    settings = [f"-o{name}={value}" for name, value in options.items()]
    return ("ssh", "-F", "none", *settings, "-i", str(directory / "id_ed25519"), f"root@{MACHINE_ADDRESS}")


def install_modules(root: Path, click: Path) -> None:
    """Put the modules, what they import, and the engine onto a machine."""
    tree = root / MACHINE_TREE.lstrip("/")
    for folder in ("library", "module_utils", "tests/library"):
        shutil.copytree(ROOT / folder, tree / folder)
    package = Path(ansible.module_utils.__path__[0])
    shutil.copytree(package, tree / "python" / "ansible" / "module_utils")
    (tree / "python" / "ansible" / "__init__.py").touch()
    shutil.copy(package.parent / "release.py", tree / "python" / "ansible")
    shutil.copy(click, root / "usr" / "local" / "bin" / "click")
