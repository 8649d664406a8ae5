# SPDX-License-Identifier: Apache-2.0
"""What creates and ends domains on a Xen host: libvirt, or xl where libvirt is not installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ansible.module_utils.flowstream.xen.domain import Domain

CHOICES = ("auto", "libvirt", "xl")
URI = "xen:///system"

TOOLSTACK_ARGUMENTS: dict[str, Any] = {
    "toolstack": {"type": "str", "choices": list(CHOICES), "default": "auto"},
    "uri": {"type": "str", "default": URI},
}
"""The arguments of a module that works with domains; the fragment toolstack documents them."""


@dataclass(frozen=True)
class KnownDomain:
    """What a toolstack knows of one domain.

    `defined` is the definition by which it starts the next time and `running` the one by which it was started; each
    is None when there is none, or when no `Domain` can be it. `number` is the running domain's, 0 when none runs.
    """

    name: str
    defined: Domain | None
    running: Domain | None
    state: str
    number: int
    autostart: bool


class Toolstack(Protocol):
    """The few things that are done to a domain. Each raises FlowstreamError, `cannot VERB domain NAME: cause`."""

    name: str

    def domains(self, names: Sequence[str] | None = None) -> Mapping[str, KnownDomain]:
        """The domains by name, dom0 left out: the named ones as far as there are such, None for all."""

    def define(self, domain: Domain) -> None:
        """Write its definition, new or in the place of an older one; a running domain goes on as it is."""

    def start(self, name: str, paused: bool) -> None:
        """Start a defined domain, or have it wait before its first instruction."""

    def pause(self, name: str) -> None:
        """Let it have no processor."""

    def resume(self, name: str) -> None:
        """Let a paused domain go on."""

    def destroy(self, name: str) -> None:
        """End it at once. It has nothing to save: what we run has no disk."""

    def undefine(self, name: str) -> None:
        """Forget the definition of a domain that does not run."""

    def autostart(self, name: str, enabled: bool) -> None:
        """Have it started, or not, whenever dom0 boots."""
