# SPDX-License-Identifier: Apache-2.0
"""Everything that is wrong with an input file, collected so that one run shows all of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible.module_utils.flowstream.errors import FlowstreamError


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to know about an input: where it stands, which object it is about, and what would put it right."""

    file: str
    line: int
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.subject}: {self.text}"


@dataclass(slots=True)
class Findings:
    """The errors and warnings of one file. They come in any order and are shown in the file's."""

    file: str
    _errors: list[Finding] = field(default_factory=list)
    _warnings: list[Finding] = field(default_factory=list)

    def error(self, line: int, subject: str, text: str) -> None:
        """Note what makes the input unusable."""
        self._errors.append(Finding(self.file, line, subject, text))

    def decoded(self, data: bytes) -> str | None:
        """The text of the file; None, with the error noted, when it is not UTF-8."""
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            self.error(line, "document", f"is not UTF-8, got byte 0x{data[error.start]:02x}; save it as UTF-8")
            return None

    def warning(self, line: int, subject: str, text: str) -> None:
        """Note what an operator may have meant, but probably wants to know."""
        self._warnings.append(Finding(self.file, line, subject, text))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The errors in file order; those of one line in the order they were found."""
        return tuple(sorted(self._errors, key=lambda finding: finding.line))

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The warnings in file order."""
        return tuple(sorted(self._warnings, key=lambda finding: finding.line))

    def as_error(self) -> FlowstreamError:
        """Return one error that carries every message."""
        return FlowstreamError(*map(str, self.errors))
