# SPDX-License-Identifier: Apache-2.0
"""Run programs on a switch appliance over SSH: no Python, no agent and no file is needed on the other side."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import Result, Run

if TYPE_CHECKING:
    import paramiko

_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class SshTarget:
    """Where and as whom to log in.

    `known_hosts` None means the user's own file. A host with another key than recorded is always refused; one that
    is not recorded is refused unless `accept_new` is set, and recorded then when `known_hosts` names a file.
    """

    host: str
    port: int = 22
    user: str = "root"
    password: str | None = None
    key_file: str | None = None
    known_hosts: str | None = None
    accept_new: bool = False

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}"


@contextmanager
def ssh_run(target: SshTarget, timeout: float) -> Iterator[Run]:
    """A Run over one SSH connection; `timeout` seconds bound the login and each program."""
    client = _connect(target, timeout)

    def run(argv: list[str], stdin: str = "") -> Result:
        transport = client.get_transport()
        if transport is None:
            raise FlowstreamError(f"cannot run {argv[0]} on {target}: the connection is closed")
        return _execute(transport, target, argv, stdin, timeout)

    try:
        yield run
    finally:
        client.close()


def _connect(target: SshTarget, timeout: float) -> paramiko.SSHClient:
    try:
        import paramiko
    except ImportError:
        raise FlowstreamError(
            f"cannot log in to {target}: the Python module paramiko is missing where this task runs"
        ) from None
    client = paramiko.SSHClient()
    try:
        if target.known_hosts is None:
            client.load_system_host_keys()
        else:
            if target.accept_new:
                Path(target.known_hosts).touch(mode=0o600)
            client.load_host_keys(target.known_hosts)
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy() if target.accept_new else paramiko.RejectPolicy())
        client.connect(
            target.host,
            port=target.port,
            username=target.user,
            password=target.password,
            key_filename=target.key_file,
            allow_agent=target.key_file is None and target.password is None,
            look_for_keys=target.key_file is None and target.password is None,
            timeout=timeout,
            banner_timeout=timeout,
            auth_timeout=timeout,
        )
    except (paramiko.SSHException, OSError) as error:
        client.close()
        raise FlowstreamError(f"cannot log in to {target}: {error}") from error
    return client


def _execute(transport: paramiko.Transport, target: SshTarget, argv: list[str], stdin: str, timeout: float) -> Result:
    import paramiko

    deadline = time.monotonic() + timeout
    try:
        with transport.open_session(timeout=timeout) as channel:
            channel.settimeout(timeout)
            channel.exec_command(shlex.join(argv))
            channel.sendall(stdin.encode())
            channel.shutdown_write()
            stdout, stderr = bytearray(), bytearray()
            while True:
                ended = channel.exit_status_ready()
                while channel.recv_ready():
                    stdout += channel.recv(65536)
                while channel.recv_stderr_ready():
                    stderr += channel.recv_stderr(65536)
                if ended and channel.eof_received and not channel.recv_ready() and not channel.recv_stderr_ready():
                    break
                if time.monotonic() > deadline:
                    raise FlowstreamError(f"cannot run {argv[0]} on {target}: no answer in {timeout:g} s")
                time.sleep(_POLL_SECONDS)
            return Result(
                tuple(argv),
                channel.recv_exit_status(),
                stdout.decode(errors="replace"),
                stderr.decode(errors="replace"),
            )
    except (paramiko.SSHException, OSError) as error:
        raise FlowstreamError(f"cannot run {argv[0]} on {target}: {error}") from error
