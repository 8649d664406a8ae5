# SPDX-License-Identifier: Apache-2.0
"""The control groups of lab machines: one for each machine, in every hierarchy in which systemd keeps processes.

Two machines that were started from one group would see, and stop, each other's services. A host has the unified
hierarchy alone, or that and version 1's `name=systemd` ("hybrid"), or the latter alone: systemd(1), cgroups(7).
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError

KILL_SECONDS = 10.0
"""How long killed processes may take to be gone."""
ORDERLY_SECONDS = 20.0
"""How long a machine's services may take to stop."""
PAYLOAD = ("payload/init.scope", "payload")
"""Where systemd-nspawn puts a machine's systemd, as soon as it has started it."""
_POLL_SECONDS = 0.02


def hierarchies(mountinfo: str) -> list[Path]:
    """Where the hierarchies that systemd uses are mounted, from the text of /proc/self/mountinfo, see proc(5)."""
    found = []
    for line in mountinfo.splitlines():
        head, _, tail = line.partition(" - ")
        fields, (kind, _, options) = head.split(), tail.split()[:3]
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(",")):
            found.append(Path(fields[4]))
    return found


class Cgroups:
    """The machines' groups on this host."""

    def __init__(self) -> None:
        self._hierarchies = hierarchies(Path("/proc/self/mountinfo").read_text())

    def names(self, prefix: str) -> list[str]:
        """Groups of machines of the lab `prefix`."""
        found = {path.name for root in self._hierarchies for path in root.glob(f"{prefix}-*") if path.is_dir()}
        return sorted(found)

    def enter(self, name: str) -> None:
        """Put the calling process into the group `name`; what it starts is born there."""
        for root in self._hierarchies:
            group = root / name
            group.mkdir(exist_ok=True, parents=True)
            (group / "cgroup.procs").write_text(f"{os.getpid()}\n")

    def start(
        self, name: str, argv: Sequence[str], console: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """Start a machine's process in the group `name`, in a session of its own: it outlives the run that starts it.

        What it prints goes to the file `console`; `environment` is added to this process's.
        """
        self._require()
        with console.open("wb") as output:
            try:
                subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    env={**os.environ, **(environment or {})},
                    cwd="/",
                    preexec_fn=lambda: self.enter(name),
                )
            except subprocess.SubprocessError as error:
                raise FlowstreamError(f"cannot start a machine: its cgroup {name} cannot be entered") from error

    def _require(self) -> None:
        if not self._hierarchies:
            raise FlowstreamError(
                "cannot start a machine: this host has no cgroup hierarchy for systemd; "
                "mount one: mount -t cgroup2 cgroup2 /sys/fs/cgroup"
            )

    def processes(self, name: str, below: str = "") -> set[int]:
        """Process ids in the group, or in its sub-group `below`, at any depth."""
        return {pid for root in self._hierarchies for pid in _processes(root / name / below)}

    def first_process(self, name: str, places: tuple[str, ...]) -> int | None:
        """The first process in the first of the sub-groups `places` that has any."""
        for root in self._hierarchies:
            for place in places:
                if pids := sorted(_read_pids(root / name / place)):
                    return pids[0]
        return None

    def stop(self, name: str, orderly: bool) -> None:
        """End every process of the group and remove it."""
        supervisors = self.processes(name, "supervisor")
        if orderly and supervisors:
            # systemd-nspawn(1), --kill-signal=: it tells the machine's systemd to power off.
            _signal(supervisors, signal.SIGTERM)
            self._wait_for_end(name, ORDERLY_SECONDS)
        deadline = time.monotonic() + KILL_SECONDS
        while processes := self.processes(name):
            if time.monotonic() > deadline:
                raise FlowstreamError(
                    f"cannot stop machine {name}: processes {sorted(processes)} live on after SIGKILL"
                )
            _signal(processes, signal.SIGKILL)
            time.sleep(_POLL_SECONDS)
        self._remove(name, deadline)

    def _wait_for_end(self, name: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.processes(name) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)

    def _remove(self, name: str, deadline: float) -> None:
        for root in self._hierarchies:
            group = root / name
            while group.is_dir():
                try:
                    for directory in sorted(_groups(group), key=lambda path: len(path.parts), reverse=True):
                        directory.rmdir()
                except FileNotFoundError:
                    continue  # its own systemd was quicker
                except OSError as error:
                    # A killed process leaves its group a moment later than its process id.
                    if time.monotonic() > deadline:
                        raise FlowstreamError(f"cannot remove cgroup {group}: {error.strerror}") from None
                    time.sleep(_POLL_SECONDS)


def kill(processes: set[int]) -> None:
    """Kill processes; one that is gone already is fine."""
    _signal(processes, signal.SIGKILL)


def _signal(processes: set[int], number: signal.Signals) -> None:
    for pid in processes:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _groups(group: Path) -> Iterator[Path]:
    for directory, _, _ in os.walk(group):
        yield Path(directory)


def _processes(group: Path) -> Iterator[int]:
    for directory in _groups(group):
        yield from _read_pids(directory)


def _read_pids(group: Path) -> list[int]:
    try:
        # 0 stands for a process of another pid namespace, which cannot be one that a lab of this one started.
        return [int(word) for word in (group / "cgroup.procs").read_text().split() if word != "0"]
    except (FileNotFoundError, OSError):
        return []  # removed meanwhile, or a threaded group, whose processes its parent lists
