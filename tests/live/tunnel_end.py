# SPDX-License-Identifier: Apache-2.0
"""Programs at the ends of a tunnel, to be told what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from .router_lab import ROOT, RouterLab


class TunnelEnd:
    """A program of tunnel_ends.py in an endpoint's namespace, to be told what to do."""

    def __init__(self, lab: RouterLab, number: int, kind: str) -> None:
        argv = [*lab.endpoint(number).prefix, sys.executable, str(ROOT / "tests" / "live" / "tunnel_ends.py"), kind]
        self._process = subprocess.Popen(argv, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def tell(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def ask(self, line: str) -> int:
        """Tell it something that it answers with a number."""
        self.tell(line)
        assert self._process.stdout
        return int(self._process.stdout.readline())

    def end(self) -> dict[str, Any]:
        """What it sent and got."""
        text, _ = self._process.communicate(timeout=30)
        result: dict[str, Any] = json.loads(text)
        return result

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()
