# SPDX-License-Identifier: Apache-2.0
"""A Xen host of the lab, and what runs in its dom0 for the tests."""

from __future__ import annotations

import io
import json
import select
import subprocess
import tarfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .router_lab import ROOT, Node

CALL_SECONDS = 600.0
PLACE = "/var/lib/flowstream-test"


def toolkit(files: dict[str, Path]) -> bytes:
    """An archive of what runs in dom0, and of `files` by their names there."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for script in ("xen_agent.py", "xen_traffic.py", "xen_vif.sh"):
            tar.add(Path(__file__).with_name(script), script)
        for module in sorted((ROOT / "module_utils").rglob("*.py")):
            tar.add(module, f"ansible/{module.relative_to(ROOT)}")
        for name, path in files.items():
            tar.add(path, name)
    return archive.getvalue()


class XenHost:
    """Calls the functions of xen_agent.py in dom0 by their names: `host.call("ping", "192.168.6.1")`."""

    def __init__(self, node: Node, files: dict[str, Path]) -> None:
        self.node = node
        self._unpack(toolkit(files))
        argv = [*node.prefix, f"exec python3 -u {PLACE}/xen_agent.py"]
        self._agent = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._answer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._agent.stdin is not None
        assert self._agent.stdout is not None
        self._agent.stdin.close()
        self._agent.stdout.close()
        self._agent.kill()
        self._agent.wait()

    def put(self, name: str, path: Path) -> None:
        """Copy a file to where those of the agent are."""
        self._unpack(toolkit({name: path}))

    def _unpack(self, archive: bytes) -> None:
        unpack = f"mkdir -p {PLACE} && tar -C {PLACE} -xzf -"
        subprocess.run([*self.node.prefix, unpack], input=archive, check=True, timeout=120)

    def attempt(self, name: str, *args: Any, seconds: float = CALL_SECONDS, **options: Any) -> dict[str, Any]:
        """Call a function, whatever comes of it: `return` or `error`."""
        assert self._agent.stdin is not None
        request = json.dumps({"do": name, "args": args, "options": options})
        self._agent.stdin.write(request.encode() + b"\n")
        self._agent.stdin.flush()
        answer: dict[str, Any] = json.loads(self._line(name, time.monotonic() + seconds))
        return answer

    def call(self, name: str, *args: Any, **options: Any) -> Any:
        """Call a function that must succeed; what it returns."""
        answer = self.attempt(name, *args, **options)
        assert "error" not in answer, answer["error"]
        return answer["return"]

    def error(self, name: str, *args: Any, **options: Any) -> str:
        """Call a function that must fail; its error."""
        answer = self.attempt(name, *args, **options)
        assert "error" in answer, answer["return"]
        return str(answer["error"])

    def _line(self, name: str, deadline: float) -> bytes:
        assert self._agent.stdout is not None
        while b"\n" not in self._answer:
            left = deadline - time.monotonic()
            ready = left > 0 and select.select([self._agent.stdout], [], [], left)[0]
            assert ready, f"{name}: no answer in time"
            part = self._agent.stdout.read1(65536)  # type: ignore[attr-defined]
            assert part, f"{name}: the agent in dom0 has ended"
            self._answer += part
        line, _, self._answer = self._answer.partition(b"\n")
        return line
