# SPDX-License-Identifier: Apache-2.0
"""Carry out the changes of a lab."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.lab import qemu
from ansible.module_utils.flowstream.lab.actions import (
    Boot,
    Change,
    CloseConnection,
    Command,
    Introduce,
    KillMachine,
    KillNamespace,
    MakeDirectory,
    MakeHostKey,
    RemoveEmptyDirectory,
    RemoveInterface,
    RemovePath,
    SeedDisk,
    ShutDown,
    StartWire,
    Step,
    WriteKnownHosts,
    WriteText,
)
from ansible.module_utils.flowstream.lab.cgroup import Cgroups, kill
from ansible.module_utils.flowstream.lab.observe import NSPAWN, answers, known_hosts
from ansible.module_utils.flowstream.lab.topology import Machine
from ansible.module_utils.flowstream.lab.wire import READY, Wire
from ansible.module_utils.flowstream.world.files import read_text, replace_file
from ansible.module_utils.flowstream.world.run import Run, checked

CONSOLE_LINES = 20
"""How much of a console an error carries."""
WIRE_SECONDS = 20.0
"""How long the engine may take to carry."""


def apply(changes: Iterable[Change], run: Run, cgroups: Cgroups) -> None:
    """Do every step of every change, in order; the first that fails ends it with "cannot <change>"."""
    for change in changes:
        for step in change.steps:
            try:
                _do(step, change.text, run, cgroups)
            except OSError as error:
                raise FlowstreamError(f"cannot {change}: {error.filename or 'it'}: {error.strerror}") from error


def await_machines(machines: Iterable[Machine], cgroups: Cgroups, seconds: float) -> None:
    """Wait until sshd of every machine answers; one that ended, or is not ready in time, is an error."""
    deadline = time.monotonic() + seconds
    for machine in machines:
        while not answers(machine.address):
            if not cgroups.processes(machine.namespace):
                raise _console_error(machine, "it ended")
            if time.monotonic() > deadline:
                raise _console_error(machine, f"sshd on {machine.address} did not answer in {seconds:g} s")
            time.sleep(0.05)


def _console_error(node: Machine | Wire, cause: str) -> FlowstreamError:
    console = read_text(_console(node)) or ""
    tail = console.splitlines()[-CONSOLE_LINES:]
    last = f"; its console ends with: {tail[-1].strip()}" if tail else "; its console is empty"
    kind = "machine" if isinstance(node, Machine) else "link"
    return FlowstreamError(f"cannot start {kind} {node.name}: {cause}{last}", details={"console": tail})


def _console(node: Machine | Wire) -> Path:
    return node.directory / "console.log"


def _start_wire(wire: Wire, cgroups: Cgroups) -> None:
    inside = ["ip", "netns", "exec", wire.namespace]
    cgroups.start(wire.namespace, [*inside, str(wire.click), str(wire.file)], _console(wire))
    deadline = time.monotonic() + WIRE_SECONDS
    while READY not in (read_text(_console(wire)) or "").split():
        if not cgroups.processes(wire.namespace):
            raise _console_error(wire, "the engine ended")
        if time.monotonic() > deadline:
            raise _console_error(wire, f"the engine did not carry in {WIRE_SECONDS:g} s")
        time.sleep(0.05)


def _do(step: Step, intent: str, run: Run, cgroups: Cgroups) -> None:
    match step:
        case Command(argv):
            checked(run, list(argv), intent)
        case MakeDirectory(path, mode):
            path.mkdir(mode=mode, parents=True, exist_ok=True)
        case WriteText(path, text):
            replace_file(path, text)
        case RemovePath(path):
            _remove(path)
        case RemoveEmptyDirectory(path):
            if not path.is_mount() and not any(path.iterdir()):
                path.rmdir()
        case RemoveInterface(namespace, name):
            inside = ["ip", *(["-n", namespace] if namespace else [])]
            if run([*inside, "link", "show", "dev", name]).rc == 0:
                checked(run, [*inside, "link", "delete", "dev", name], intent)
        case SeedDisk():
            _seed(step, intent, run)
        case KillMachine(namespace, orderly):
            cgroups.stop(namespace, orderly)
            for path in NSPAWN.glob(f"*/{namespace}"):
                _remove(path)
        case KillNamespace(namespace):
            kill({int(pid) for pid in checked(run, ["ip", "netns", "pids", namespace], intent).split()})
        case CloseConnection(socket):
            if socket.exists():
                # It fails when the connection is gone and only its socket is left: removed below.
                run(["ssh", "-o", f"ControlPath={socket}", "-O", "exit", "lab"])
                socket.unlink(missing_ok=True)
        case Boot(machine) if machine.xen:
            qemu.boot(machine, qemu.read_image(machine.xen), cgroups)
        case Boot(machine):
            _boot(machine, cgroups)
        case StartWire(wire):
            _start_wire(wire, cgroups)
        case MakeHostKey(machine):
            _make_host_key(machine, intent, run)
        case Introduce(machine, hosts, key):
            qemu.introduce(machine, hosts, key, cgroups)
        case ShutDown(machine):
            qemu.shut_down(machine, cgroups)
        case WriteKnownHosts(topology):
            replace_file(topology.known_hosts, known_hosts(topology))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _seed(step: SeedDisk, intent: str, run: Run) -> None:
    root, machine = step.machine.root, step.machine
    replace_file(root / "etc/hostname", f"{machine.name}\n")
    replace_file(root / "etc/hosts", step.hosts)
    # machine-id(5): 32 hexadecimal digits. The same for the same machine, so that its journal stays one.
    identity = hashlib.sha256(f"flowstream lab {machine.namespace}".encode()).hexdigest()[:32]
    replace_file(root / "etc/machine-id", f"{identity}\n", 0o444)
    ssh = root / "root/.ssh"
    ssh.mkdir(mode=0o700, exist_ok=True)
    replace_file(ssh / "authorized_keys", step.key.with_suffix(".pub").read_text(), 0o600)
    _make_host_key(machine, intent, run)


def _make_host_key(machine: Machine, intent: str, run: Run) -> None:
    if not machine.host_key.with_suffix(".pub").exists():
        _remove(machine.host_key)
        keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", machine.name, "-f", str(machine.host_key)]
        checked(run, keygen, intent)


def _boot(machine: Machine, cgroups: Cgroups) -> None:
    argv = [
        "systemd-nspawn",
        "--quiet",
        f"--directory={machine.root}",
        f"--machine={machine.namespace}",
        f"--hostname={machine.name}",
        f"--network-namespace-path=/run/netns/{machine.namespace}",
        "--register=no",
        "--keep-unit",
        "--link-journal=no",
        "--resolv-conf=off",
        "--timezone=off",
        # A namespace given by path does not count as private, and then nspawn takes CAP_NET_ADMIN away;
        # the default filter lacks bpf(2), which AF_XDP ports of Open vSwitch need.
        "--capability=all",
        "--system-call-filter=@known",
        "--boot",
        "--console=read-only",
    ]
    # systemd-nspawn(1): without it /proc/sys/net is read-only even in a namespace of its own.
    environment = {
        "LC_ALL": "C",
        "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network",
        "SYSTEMD_NSPAWN_LOCK": "0",
    }
    cgroups.start(machine.namespace, argv, _console(machine), environment)
