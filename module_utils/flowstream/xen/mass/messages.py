# SPDX-License-Identifier: Apache-2.0
"""What the toolkit and the program domain-builder say to each other, a line each: see the README.md of domain_builder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible.module_utils.flowstream.xen.mass.handle import handle
from ansible.module_utils.flowstream.xen.mass.template import DomainTemplate

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
    handle: str


def creation(template: DomainTemplate, number: int) -> Message:
    """The request for one domain."""
    domain = template.domain(number)
    return Message(
        "create",
        (
            ("name", domain.name),
            ("kind", domain.kind),
            ("memory_kib", str(domain.memory_kib)),
            ("cmdline", domain.cmdline),
            (template.configured_by, template.configuration_of(number)),
            ("handle", handle(domain.name, template.digest)),
            ("console", "1" if template.console else "0"),
            *(("vif", f"{vif.device} {vif.mac} {vif.bridge}") for vif in domain.vifs),
        ),
    )
