# SPDX-License-Identifier: Apache-2.0
"""iperf3 between endpoints: a server that listens before its client comes, and a stream that goes on meanwhile. Neither outlives its block."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from .router_lab import Node, await_condition

PORT = 5201
_LONGEST = "1200"
"""Seconds after which one ends whose test was killed."""


@contextmanager
def _iperf3(node: Node, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A run of iperf3 at an endpoint and what it prints, which is no pipe that somebody would have to empty."""
    argv = ["timeout", _LONGEST, *node.prefix, "iperf3", "--forceflush", *arguments]
    with (
        tempfile.TemporaryFile("w+") as output,
        subprocess.Popen(argv, stdout=output, stderr=output, text=True) as running,
    ):
        try:
            yield running, output
        finally:
            running.terminate()


def _said(output: IO[str]) -> str:
    output.seek(0)
    return output.read()


@contextmanager
def iperf_server(node: Node, address: str = "") -> Iterator[None]:
    """Serve one client at an endpoint, at one of its addresses or all."""
    with _iperf3(node, "--server", "--one-off", *(["--bind", address] if address else [])) as (server, output):

        def listens() -> bool:
            assert server.poll() is None, _said(output)
            return bool(node.run("ss", "-H", "-l", "-t", "-n", f"sport = :{PORT}"))

        await_condition(f"iperf3 listens at {node.name}", listens)
        yield


class Stream:
    """A client that sends to a server; `said` is what it has printed, errors too."""

    def __init__(self, running: subprocess.Popen[str], output: IO[str]) -> None:
        self._running = running
        self._output = output

    @property
    def said(self) -> str:
        return _said(self._output)

    @property
    def goes_on(self) -> bool:
        return self._running.poll() is None

    def result(self, seconds: float) -> str:
        """What it has printed when it has come to its end, within some seconds and without an error."""
        assert self._running.wait(seconds) == 0, self.said
        return self.said


@contextmanager
def stream(node: Node, server: Node, address: str, *arguments: str) -> Iterator[Stream]:
    """Send from one endpoint to another, where a server listens at `address`, until the block ends."""
    with iperf_server(server, address), _iperf3(node, "--client", address, *arguments) as (client, output):
        yield Stream(client, output)
