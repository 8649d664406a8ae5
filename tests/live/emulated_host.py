# SPDX-License-Identifier: Apache-2.0
"""A Xen host in QEMU beside the lab, of which a plugin counts what its ClickOS guest executes."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ansible.module_utils.flowstream.images.qemu_channel import Guest
from ansible.module_utils.flowstream.images.xen_machine import INTERFACES, qemu_argv
from ansible.module_utils.flowstream.lab.qemu import read_image

from .xen_host import PLACE, toolkit

CALL_SECONDS = 600.0
CLICKOS_ADDRESSES = ("0x100000", "0x200000")
"""Where a ClickOS guest's code is, and nothing else on the host."""


class EmulatedHost:
    """Runs the functions of xen_agent.py in dom0 through QEMU's guest agent: the host has no network."""

    def __init__(self, image: Path, directory: Path, plugin: Path) -> None:
        found = read_image(image)
        self._disk = directory / "disk.qcow2"
        subprocess.run(["cp", "--reflink=auto", found.disk, self._disk], check=True)
        subprocess.run(["qemu-img", "rebase", "-u", "-F", "raw", "-b", found.base, self._disk], check=True)
        self._count = directory / "executed"
        start, end = CLICKOS_ADDRESSES
        netdevs = {name: f"hubport,hubid={number}" for number, name in enumerate(INTERFACES)}
        argv = qemu_argv(found, directory, netdevs, snapshot=True)
        argv += ["-plugin", f"{plugin},from={start},to={end},count={self._count}"]
        self._qemu = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
        self._guest = Guest(directory / "agent")

    def __enter__(self) -> Self:
        deadline = time.monotonic() + CALL_SECONDS
        while not self._guest.answers():
            assert self._qemu.poll() is None, "QEMU has ended"
            assert time.monotonic() < deadline, "the host does not answer"
            time.sleep(0.2)
        self._guest.set_clock()
        self._unpack(toolkit({}))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._qemu.kill()
        self._qemu.wait()
        self._disk.unlink()

    def put(self, name: str, path: Path) -> None:
        """Copy a file to the host."""
        self._unpack(toolkit({name: path}))

    def call(self, name: str, *args: Any, **options: Any) -> Any:
        """Call a function that must succeed; what it returns."""
        request = json.dumps({"do": name, "args": args, "options": options})
        output = self._guest.run(f"python3 {PLACE}/xen_agent.py <<'END'\n{request}\nEND\n", CALL_SECONDS)
        answer = json.loads(output)
        assert "error" not in answer, answer["error"]
        return answer["return"]

    def executed(self) -> int:
        """How many instructions the guest has executed."""
        return int.from_bytes(self._count.read_bytes()[:8], "little")

    def _unpack(self, archive: bytes) -> None:
        text = base64.encodebytes(archive).decode()
        self._guest.run(f"mkdir -p {PLACE}\nbase64 -d <<'END' | tar -C {PLACE} -xzf -\n{text}END\n", CALL_SECONDS)
