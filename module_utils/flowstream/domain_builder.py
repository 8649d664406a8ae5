# SPDX-License-Identifier: Apache-2.0
"""The program domain-builder on this host, which makes and destroys many domains (see its README.md)."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import IO, cast

from ansible.module_utils.flowstream.domain_template import DomainTemplate
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.run import NotInstalledError

PROGRAM = "/usr/local/lib/flowstream/domain-builder"

_ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n"}


@dataclass(frozen=True)
class Message:
    """A line of the protocol: a word, and fields of which some may come several times."""

    word: str
    fields: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        values = ((key, "".join(_ESCAPED.get(letter, letter) for letter in value)) for key, value in self.fields)
        return "\t".join([self.word, *(f"{key}={value}" for key, value in values)]) + "\n"

    @classmethod
    def parse(cls, line: str) -> Message:
        """Read a line."""
        word, *fields = line.rstrip("\n").split("\t")
        return cls(word, tuple((key, _plain(value)) for key, _, value in (field.partition("=") for field in fields)))

    def __getitem__(self, key: str) -> str:
        return dict(self.fields).get(key, "")

    @property
    def microseconds(self) -> Mapping[str, int]:
        """How long each phase took."""
        return {key.removesuffix("_us"): int(value) for key, value in self.fields if key.endswith("_us")}


def _plain(text: str) -> str:
    parts = text.split("\\\\")
    return "\\".join(part.replace("\\t", "\t").replace("\\n", "\n") for part in parts)


@dataclass(frozen=True)
class HostDomain:
    """A domain as the hypervisor has it."""

    id: int
    state: str
    memory_kib: int


def creation(template: DomainTemplate, number: int) -> Message:
    """The request for one domain."""
    domain = template.domain(number)
    return Message(
        "create",
        (
            ("name", domain.name),
            ("memory_kib", str(domain.memory_kib)),
            ("cmdline", domain.cmdline),
            (template.configured_by, template.configuration_of(number)),
            ("tag", f"{template.digest} {domain.name}"),
            ("console", "1" if template.console else "0"),
            *(("vif", f"{vif.device} {vif.mac} {vif.bridge}") for vif in domain.vifs),
        ),
    )


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
            found.append(HostDomain(int(answer["domid"]), answer["state"], int(answer["memory_kib"])))
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
