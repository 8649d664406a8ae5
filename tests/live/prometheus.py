# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus, in a folder and at an address of a test's own, with what role monitoring writes for it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .router_lab import await_condition

ANSWER_SECONDS = 10


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus that runs at `address`."""

    address: str
    process: subprocess.Popen[bytes]

    def end(self) -> None:
        """Stop it: every scrape takes something from whatever else the lab does."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def ask(self, what: str, **query: str) -> Any:
        """Its HTTP API."""
        url = f"http://{self.address}/api/v1/{what}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
            said = json.load(answer)
        assert said["status"] == "success", said
        return said["data"]

    def values(self, expression: str, label: str = "machine") -> dict[str, float]:
        """What an expression is now, by one label."""
        found = self.ask("query", query=expression)["result"]
        return {one["metric"].get(label, ""): float(one["value"][1]) for one in found}

    def firing(self, alert: str, label: str) -> set[str]:
        """What an alert fires for, by one label."""
        alerts = self.ask("alerts")["alerts"]
        return {
            one["labels"][label] for one in alerts if one["labels"]["alertname"] == alert and one["state"] == "firing"
        }


def answers(address: str, path: str = "/") -> bool:
    """Whether something can be read there now by HTTP."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=ANSWER_SECONDS):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Return a TCP port that nobody on this machine has now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def running(configuration: Path, storage: Path) -> Iterator[Prometheus]:
    """One that runs with a configuration, until the end."""
    address = f"127.0.0.1:{free_port()}"
    argv = [
        "prometheus",
        f"--config.file={configuration}",
        f"--storage.tsdb.path={storage}",
        f"--web.listen-address={address}",
    ]
    with subprocess.Popen([*argv, "--log.level=warn"]) as process:
        prometheus = Prometheus(address, process)

        def ready() -> bool:
            assert process.poll() is None, "Prometheus has ended"
            return answers(address, "/-/ready")

        try:
            await_condition("Prometheus is ready", ready)
            yield prometheus
        finally:
            prometheus.end()
