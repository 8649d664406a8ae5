# SPDX-License-Identifier: Apache-2.0
"""Run one program and get its whole answer: the door through which the core touches a host."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from typing import Protocol

from ansible.module_utils.flowstream.errors import FlowstreamError

COMMAND_SECONDS = 60.0
"""How long a program that acts on this host may take; the slowest ones stop or start a host's worth of units."""

# Open vSwitch's log lines, "2026-01-31T12:00:00Z|00001|vconn|WARN|text", see ovs-vswitchd(8).
_OVS_LOG = re.compile(r"^\d{4}-\d\d-\d\dT[^|]*\|\d+\|[^|]*\|[A-Z]+\|")


@dataclass(frozen=True)
class Result:
    """What a program answered."""

    argv: tuple[str, ...]
    rc: int
    stdout: str
    stderr: str

    @property
    def cause(self) -> str:
        """One line that says why it failed: the first that is not a log line, without the program's name."""
        lines = [line.strip() for line in (self.stderr or self.stdout).splitlines() if line.strip()]
        plain = [line for line in lines if not _OVS_LOG.match(line)] or [_OVS_LOG.sub("", line) for line in lines]
        if not plain:
            return f"{self.argv[0]} ended with code {self.rc}"
        return plain[0].removeprefix(f"{self.argv[0].rsplit('/', 1)[-1]}: ")

    @property
    def details(self) -> dict[str, object]:
        """What an error carries beside its sentence."""
        return {"command": list(self.argv), "rc": self.rc, "stdout": self.stdout, "stderr": self.stderr}


class NotInstalledError(FlowstreamError):
    """The program is not on the host."""


class Run(Protocol):
    """Runs `argv` with `stdin` as its input. A failing program is an answer, not an exception."""

    def __call__(self, argv: list[str], stdin: str = "") -> Result:
        """Run `argv` and wait for its end."""


def local_run(timeout: float) -> Run:
    """Run on this machine, in the C locale; a program that takes longer than `timeout` seconds is an error."""

    def run(argv: list[str], stdin: str = "") -> Result:
        try:
            done = subprocess.run(
                argv,
                input=stdin,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
                check=False,
                env={**os.environ, "LC_ALL": "C"},
            )
        except FileNotFoundError:
            raise NotInstalledError(f"cannot run {argv[0]}: it is not installed") from None
        except PermissionError as error:
            raise FlowstreamError(f"cannot run {argv[0]}: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise FlowstreamError(
                f"cannot run {argv[0]}: no answer in {timeout:g} s", details={"command": list(argv)}
            ) from None
        return Result(tuple(argv), done.returncode, done.stdout, done.stderr)

    return run


def checked(run: Run, argv: list[str], intent: str, stdin: str = "") -> str:
    """The standard output of `argv`; when it fails: "cannot `intent`: cause"."""
    result = run(argv, stdin)
    if result.rc != 0:
        raise FlowstreamError(f"cannot {intent}: {result.cause}", details=result.details)
    return result.stdout
