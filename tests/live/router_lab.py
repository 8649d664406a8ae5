# SPDX-License-Identifier: Apache-2.0
"""A lab with the whole toolkit on it, as an operator has it: playbooks from outside, machines by SSH, endpoints."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SEED = ROOT / "examples" / "felipeiprouter" / "allocation.xml"
HOST_OF_PREFIX = {"192.168": "mh1", "10.0": "mh2"}
"""Which module host the example's prefixes are routed by, by their first two numbers."""
BRIDGES = {"sw1": "br-flow", "sw2": "br-flow", "sw3": "br-flow", "mh1": "br-pm", "mh2": "br-pm"}

RECAP = re.compile(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)
PLAYBOOK_SECONDS = 900  # an emulated host takes twenty times what a container does
COMMAND_SECONDS = 60
POLL_SECONDS = 0.05


def await_condition(what: str, condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Return when `condition` holds; fail with `what` when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(POLL_SECONDS)


def write_exchanged(path: Path) -> str:
    """Write the seed's description with the prefixes and tables of pm 0 and pm 1 exchanged; return the path."""
    numbers = {"0": "1", "1": "0"}
    path.write_text(re.sub('<pm id="([01])">', lambda found: f'<pm id="{numbers[found[1]]}">', SEED.read_text()))
    return str(path)


@dataclass(frozen=True)
class PlaybookResult:
    """What a run of ansible-playbook, or of ansible, printed, and its exit code."""

    output: str
    code: int

    def _numbers(self, group: int) -> dict[str, int]:
        return {found.group(1): int(found.group(group)) for found in RECAP.finditer(self.output)}

    @property
    def changed(self) -> dict[str, int]:
        """How many tasks changed something, by host, of those hosts where one did."""
        return {host: count for host, count in self._numbers(2).items() if count}

    @property
    def unreachable(self) -> list[str]:
        return [host for host, count in self._numbers(3).items() if count]


class RunningPlaybook:
    """A run of ansible-playbook, or of ansible, in a process group of its own."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            argv,
            cwd=ROOT,
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def finish(self) -> PlaybookResult:
        """Wait for its end."""
        try:
            output, _ = self._process.communicate(timeout=PLAYBOOK_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return PlaybookResult(output, self._process.returncode)

    def await_line(self, beginning: str) -> None:
        """Return when it has printed a line that begins so; fail when it ends before."""
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if line.startswith(beginning):
                return
        self._process.communicate()
        raise AssertionError(f"no line begins with {beginning}:\n{''.join(said)}")

    def end(self) -> None:
        """Ask it to end, and wait until it has, with all that it ran here."""
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=COMMAND_SECONDS)

    def kill(self) -> None:
        """Kill the whole group, with no chance to tidy up."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


@dataclass(frozen=True)
class Node:
    """A place where commands run: a machine by SSH or an endpoint's namespace."""

    name: str
    prefix: tuple[str, ...]
    quoted: bool = False

    def ask(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run a command there, whatever it answers."""
        command = [*self.prefix, shlex.join(argv)] if self.quoted else [*self.prefix, *argv]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS)

    def run(self, *argv: str) -> str:
        """Run a command there that must succeed; return what it printed."""
        done = self.ask(*argv)
        assert done.returncode == 0, f"{self.name}: {shlex.join(argv)}: {done.stdout}{done.stderr}"
        return done.stdout


@dataclass
class RouterLab:
    """Lab `index`, with its build folder `build`, where plans and reports of these tests go."""

    index: int
    build: Path
    inventories: list[Path] = field(default_factory=lambda: [ROOT / "inventory" / "lab"])

    @property
    def prefix(self) -> str:
        return f"fs{self.index}"

    @property
    def directory(self) -> Path:
        return Path(f"/run/flowstream/lab{self.index}")

    def start(self, playbook: str, *arguments: str, **variables: Any) -> RunningPlaybook:
        """Begin to run a playbook of the tree."""
        variables = {
            "allocation": str(SEED),
            "allocation_build": str(self.build),
            "verification_build": str(self.build),
            "status_file": str(self.build / "status.json"),
            "verification_throughput_seconds": 0,
            **variables,
        }
        argv = [f"playbooks/{playbook}.yml", "-e", json.dumps(variables), *arguments]
        return RunningPlaybook(["ansible-playbook", *self._inventories, *argv], self._environment)

    def module(self, host: str, module: str, **arguments: Any) -> PlaybookResult:
        """Run one module on one host, whatever comes of it."""
        argv = [host, "--module-name", module, "--args", json.dumps(arguments)]
        return RunningPlaybook(["ansible", *self._inventories, *argv], self._environment).finish()

    @property
    def _inventories(self) -> list[str]:
        return [word for inventory in self.inventories for word in ("--inventory", str(inventory))]

    @property
    def _environment(self) -> dict[str, str]:
        settings = {"LAB_INDEX": str(self.index), "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
        return {**os.environ, **settings}

    def attempt(self, playbook: str, *arguments: str, **variables: Any) -> PlaybookResult:
        """Run a playbook, whatever comes of it."""
        return self.start(playbook, *arguments, **variables).finish()

    def play(self, playbook: str, *arguments: str, **variables: Any) -> PlaybookResult:
        """Run a playbook that must succeed."""
        result = self.attempt(playbook, *arguments, **variables)
        print(result.output)  # pytest shows it when the test fails
        assert result.code == 0
        return result

    def verify(self, **variables: Any) -> list[dict[str, Any]]:
        """Send packets through the example's router: to each prefix through its host, none lost; return the report's rows."""
        self.play("verify-router", **variables)
        print((self.build / "felipeiprouter" / "verification.txt").read_text())
        report = self.report("verification")
        rows: list[dict[str, Any]] = report["rows"]
        routed = [row for row in rows if row["prefix"]]
        assert len(routed) == 8
        for row in routed:
            assert row["host"] == HOST_OF_PREFIX[".".join(row["prefix"].split(".")[:2])]
            assert (row["received"], row["faults"]) == (row["sent"], [])
        assert len(report["neighbours"]) == 8
        assert all(row["answer"] == row["expected"] for row in report["neighbours"])
        return rows

    def report(self, name: str, allocation: str = "felipeiprouter") -> Any:
        """A report that a playbook left for programs."""
        return json.loads((self.build / allocation / f"{name}.json").read_text())

    def machine(self, name: str) -> Node:
        """A machine of the lab, over the connection that Ansible shares."""
        number = {"sw1": 10, "sw2": 13, "sw3": 14, "mh1": 11, "mh2": 12}[name]
        address = f"198.18.{self.index}.{number}"
        options = [
            f"UserKnownHostsFile={self.directory}/known_hosts",
            "GlobalKnownHostsFile=/dev/null",
            "StrictHostKeyChecking=yes",
            "ControlMaster=auto",
            "ControlPersist=60s",
            f"ControlPath={self.directory}/ssh/{address}",
            "ConnectTimeout=5",
            # Whoever of both opens the connection: a host that is silent ends it within 15 s, as in ansible.cfg.
            "ServerAliveInterval=5",
            "ServerAliveCountMax=2",
        ]
        words = [word for option in options for word in ("-o", option)]
        key = str(self.directory / "id_ed25519")
        return Node(name, ("ssh", "-F", "none", "-i", key, *words, f"root@{address}"), quoted=True)

    def endpoint(self, number: int) -> Node:
        """The endpoint at a platform port."""
        name = f"{self.prefix}-ep{number}"
        return Node(name, ("ip", "netns", "exec", name))

    def flows(self, name: str) -> list[str]:
        """The flows of a machine's bridge, without their counters."""
        bridge = BRIDGES[name]
        text = self.machine(name).run("ovs-ofctl", "--protocols=OpenFlow13", "--no-stats", "dump-flows", bridge)
        return sorted(line.strip() for line in text.splitlines() if "cookie=" in line)

    def modules(self, name: str) -> dict[str, int]:
        """The processing modules that run on a module host, with their process ids."""
        text = self.machine(name).run("systemctl", "show", "--property=Id,MainPID,ActiveState", "flowstream-pm@*")
        found = re.findall(r"MainPID=(\d+)\nId=flowstream-pm@(.+)\.service\nActiveState=active", text)
        return {pm: int(pid) for pid, pm in found}

    def handler(self, name: str, pm: str, handler: str) -> int:
        """Read a handler that counts, of a module on a host, over its control socket."""
        result = self.module(name, "click_handler", socket=f"/run/flowstream/pm/{pm}.sock", read=[handler])
        found = re.search(rf"{re.escape(handler)}: '(\d+)'", result.output)
        assert found, result.output
        return int(found[1])

    def traces(self, name: str) -> list[str]:
        """Everything that a deployment may leave on a machine; units for permanent flows and metrics come with the machine's roles."""
        machine = self.machine(name)
        bridges = machine.ask("ovs-vsctl", "list-br").stdout.split()
        ports = [port for bridge in bridges for port in machine.run("ovs-vsctl", "list-ports", bridge).split()]
        found = [f"port {port}" for port in ports if re.fullmatch("pm[0-9a-f]{8}", port)]
        if BRIDGES[name] in bridges:
            found += [f"flow {flow}" for flow in self.flows(name)]
        found += [f"namespace {line.split()[0]}" for line in machine.run("ip", "netns", "list").splitlines()]
        links = machine.run("ip", "-brief", "link")
        found += [f"interface {device}" for device in re.findall(r"^pm[0-9a-f]{8}", links, re.MULTILINE)]
        units = machine.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "flowstream-pm@*")
        found += [f"unit {line.split()[0]}" for line in units.splitlines()]
        others = [word for name in ("*flowstream-flows@*", "flowstream-metrics*") for word in ("!", "-name", name)]
        files = machine.run("find", "/etc", "/run", "-xdev", "-name", "*flowstream*", *others)
        return found + [f"file {line}" for line in files.splitlines()]

    def pings(self, source: int, destination: str, count: int = 3) -> bool:
        """Whether every echo request of an endpoint to an address is answered."""
        argv = ["ping", "-n", "-c", str(count), "-i", "0.1", "-W", "1", destination]
        return f" {count} received" in self.endpoint(source).ask(*argv).stdout


@contextmanager
def standing(lab: RouterLab) -> Iterator[RouterLab]:
    """A lab that is up, without anything on it or in its endpoints' caches; gone when the block ends."""
    lab.play("lab-down")
    lab.play("lab-up")
    try:
        yield lab
    finally:
        lab.play("lab-down")
