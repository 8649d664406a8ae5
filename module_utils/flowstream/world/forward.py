# SPDX-License-Identifier: Apache-2.0
"""UNIX sockets of other machines on this one, over SSH (ssh(1), -L): nothing has to be there that is not."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError

_POLL_SECONDS = 0.01


@contextmanager
def forwarded(login: Sequence[str], path: str, timeout: float) -> Iterator[str]:
    """A path on this machine that leads to the socket `path` where `login` logs in; the path itself, where there is no login.

    `login` is a command of ssh without one for the other side, its last word the machine. `timeout` seconds bound the login.
    """
    if not login:
        yield path
        return
    *options, machine = login
    with tempfile.TemporaryDirectory(prefix="flowstream-") as folder:
        near = Path(folder, "socket")
        argv = [*options, "-N", "-o", "ExitOnForwardFailure=yes", "-L", f"{near}:{path}", machine]
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        try:
            _await(near, process, machine, timeout)
            yield str(near)
        finally:
            process.terminate()
            process.communicate()


def _await(near: Path, process: subprocess.Popen[str], machine: str, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while not near.exists():
        if process.poll() is not None:
            cause = (
                process.stderr.read() if process.stderr else ""
            ).strip() or f"ssh ended with code {process.returncode}"
            raise FlowstreamError(f"cannot log in to {machine}: {cause.splitlines()[-1]}")
        if time.monotonic() > deadline:
            raise FlowstreamError(f"cannot log in to {machine}: no answer in {timeout:g} s")
        time.sleep(_POLL_SECONDS)
