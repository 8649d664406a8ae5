# SPDX-License-Identifier: Apache-2.0
"""The program domain-builder on this host."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import IO, cast

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import NotInstalledError
from ansible.module_utils.flowstream.xen.mass.messages import HostDomain, Message

PROGRAM = "/usr/local/lib/flowstream/domain-builder"


class DomainBuilder:
    """The running program; a context manager."""

    def __init__(self, program: str = PROGRAM) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the program
        try:
            self._process = subprocess.Popen(
                [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True
            )
            self._requests = cast(IO[str], self._process.stdin)
            self._answers = cast(IO[str], self._process.stdout)
        except FileNotFoundError:
            self._errors.close()
            raise NotInstalledError(f"cannot run {program}: it is not installed; use role clickos_domains") from None

    def __enter__(self) -> DomainBuilder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Without more requests the program finishes those that it has, and ends.
        self._process.communicate()
        self._errors.close()

    def load(self, kernel: str) -> None:
        """Have it read the kernel of all domains that are made from now on."""
        [answer] = self.results([Message("kernel", (("path", kernel),))])
        if answer.word == "failed":
            raise FlowstreamError(f"cannot use kernel {kernel}: {answer['cause']}")

    def domains(self) -> tuple[list[HostDomain], int]:
        """All domains but dom0, and the free memory of the host in KiB."""
        self._send([Message("list")])
        found = []
        while (answer := self._receive()).word == "domain":
            found.append(HostDomain(int(answer["domid"]), answer["state"], int(answer["memory_kib"]), answer["handle"]))
        if answer.word == "failed":
            raise FlowstreamError(f"cannot list the domains: {answer['call']}: {answer['cause']}")
        return found, int(answer["free_kib"])

    def results(self, requests: Sequence[Message]) -> Iterator[Message]:
        """One result for each request, as they come."""
        self._send(requests)
        for _ in requests:
            yield self._receive()

    def _send(self, requests: Sequence[Message]) -> None:
        try:
            self._requests.write("".join(map(str, requests)))
            self._requests.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def _receive(self) -> Message:
        line = self._answers.readline()
        if not line:
            raise self._ended()
        return Message.parse(line)

    def _ended(self) -> FlowstreamError:
        self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").splitlines()
        cause = said[-1].removeprefix("domain-builder: ") if said else f"it ended with code {self._process.returncode}"
        return FlowstreamError(f"cannot use domain-builder: {cause}", details={"stderr": said})
