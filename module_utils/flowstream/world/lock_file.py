# SPDX-License-Identifier: Apache-2.0
"""The lock's file on a machine of the platform, and the run of a playbook that claims it."""

from __future__ import annotations

import fcntl
import getpass
import multiprocessing
import os
import socket
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.lock import Claim, Holding, is_stale, refusal

_POLL_SECONDS = 1.0


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """The file, made where it lacks, for one process at a time."""
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except (FileNotFoundError, FileExistsError):
            if _is_no_folder(path.parent):
                raise
            continue  # somebody removed the folder meanwhile
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_at(file, path):
                yield file
                return
        finally:
            os.close(file)


def _is_no_folder(path: Path) -> bool:
    """Whether something else is there; asked once, as folders come and go meanwhile."""
    try:
        return not stat.S_ISDIR(path.stat().st_mode)
    except FileNotFoundError:
        return False


def _is_at(file: int, path: Path) -> bool:
    """Whether an open file is still the one of that name: who had it before may have removed it."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def take(path: Path, claim: Claim, instead_of: str, check_mode: bool) -> dict[str, Any]:
    """Take the lock, or say again that one has it; return a module's result.

    `instead_of` is the record of a holder whose lock may be taken. `record` of the result is what there is otherwise.
    In check mode, nothing is taken, and nobody is refused.
    """
    if check_mode:
        return {"changed": False, "held": True, "holder": None, "silent": 0.0, "record": ""}
    try:
        with _opened(path) as file:
            record = os.pread(file, 65536, 0).decode(errors="replace")
            holding = Holding.parse(record)
            now = time.clock_gettime(time.CLOCK_BOOTTIME)
            if holding is None or holding.claim.is_of_the_run(claim) or record == instead_of:
                os.ftruncate(file, 0)
                os.pwrite(file, str(Holding(claim, now)).encode(), 0)
                return {"changed": False, "held": True, "holder": claim.to_dict(), "silent": 0.0, "record": ""}
            silent = max(now - holding.heard, 0.0)
            return {
                "changed": False,
                "held": False,
                "holder": holding.claim.to_dict(),
                "silent": silent,
                "record": record,
            }
    except OSError as error:
        raise FlowstreamError(f"cannot lock {path}: {error.strerror}") from error


def give_back(path: Path, claim: Claim, check_mode: bool) -> dict[str, Any]:
    """Give the lock back, if it is this run's; return a module's result."""
    try:
        if path.exists() and not check_mode:
            with _opened(path) as file:
                holding = Holding.parse(os.pread(file, 65536, 0).decode(errors="replace"))
                if holding is None or holding.claim.is_of_the_run(claim):
                    path.unlink()
                    with suppress(OSError):  # others have files there
                        path.parent.rmdir()
    except OSError as error:
        raise FlowstreamError(f"cannot unlock {path}: {error.strerror}") from error
    return {"changed": False, "held": False, "holder": None, "silent": 0.0, "record": ""}


def acquire(
    ask: Callable[[str], dict[str, Any]], claim: Claim, wait: float, lease: float, break_it: bool
) -> dict[str, Any]:
    """Ask a machine for its lock until this run has it or `wait` seconds are over; return the result of its module.

    `ask` has the module `take` the lock, instead of what it is given. The result is a failed one for a lock that was
    not to be had. `lease` is as in `is_stale`; with `break_it` the lock is taken whoever has it.
    """
    deadline = time.monotonic() + wait
    instead_of = ""
    while True:
        answer = ask(instead_of)
        if answer.get("failed") or answer.get("held", True):
            return answer
        holder, silent = Claim.from_dict(answer["holder"]), float(answer["silent"])
        if break_it or is_stale(holder, silent, claim, lives(holder), lease):
            instead_of = answer["record"]
        elif time.monotonic() >= deadline:
            return {**answer, "failed": True, "msg": refusal(holder, silent, lease)}
        else:
            time.sleep(_POLL_SECONDS)


def own_claim(purpose: str) -> Claim:
    """The claim of the playbook that this process, or its parent where this is a worker, runs."""
    parent = multiprocessing.parent_process()
    pid = os.getpid() if parent is None or parent.pid is None else parent.pid
    started = process_start(pid)
    return Claim(
        owner=f"{getpass.getuser()}@{socket.gethostname()}",
        node=_this_boot() if started else "",
        process=f"{pid}:{started}",
        purpose=purpose,
        since=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
    )


def process_start(pid: int) -> str:
    """When a process of this machine started, in ticks since the boot (proc(5)); empty when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def lives(claim: Claim) -> bool:
    """Whether the run of a claim of this very machine is still there."""
    pid, _, started = claim.process.partition(":")
    return bool(started) and process_start(int(pid)) == started


def _this_boot() -> str:
    """What tells this boot of this machine, and its processes from those of a container on it, from all others."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""
