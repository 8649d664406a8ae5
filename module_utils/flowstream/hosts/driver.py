# SPDX-License-Identifier: Apache-2.0
"""What a driver of module hosts gives: everything that differs between a process and a domain, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from ansible.module_utils.flowstream.plan.plan import PlannedPm


class Module(Protocol):
    """A processing module as it is declared, spelled out for its driver."""

    @property
    def name(self) -> str:
        """The module's name on the platform."""

    @property
    def config(self) -> str:
        """Its Click configuration."""


class Seen(Protocol):
    """What a host has of one processing module."""

    @property
    def name(self) -> str:
        """The module's name on the platform."""

    @property
    def exists(self) -> bool:
        """Whether anything of it is there."""

    @property
    def active(self) -> bool:
        """Whether it runs."""

    @property
    def config(self) -> str | None:
        """What it starts with."""

    @property
    def running_config(self) -> str | None:
        """What it says that it runs; None when nobody asked, or no answer came."""


class Step(Protocol):
    """One step for one processing module; as text it is a line of a report."""

    @property
    def name(self) -> str:
        """The module's name on the platform."""


class Handlers(Protocol):
    """The read handlers of a running module."""

    def readable(self, name: str) -> bool:
        """Whether there is such a handler."""

    def read(self, name: str) -> str:
        """Its value."""


AnyModule = TypeVar("AnyModule", bound=Module)
AnySeen = TypeVar("AnySeen", bound=Seen)
AnyStep = TypeVar("AnyStep", bound=Step)


class Driver(Protocol[AnyModule, AnySeen, AnyStep]):
    """A module host, by what runs its processing modules. Errors are FlowstreamError with a line for each module."""

    def module(self, allocation: str, pm: PlannedPm) -> AnyModule:
        """Spell a planned module out; refuses what this host cannot run."""

    def survey(self, allocation: str | None, names: Iterable[str]) -> dict[str, AnySeen]:
        """All that the host has of the named modules and of all others of the allocation (None: of any), by name."""

    def ask(self, seen: AnySeen) -> AnySeen:
        """The same with what the module itself says, if it runs."""

    def steps(self, want: AnyModule, have: AnySeen | None, state: str) -> list[AnyStep]:
        """What makes a module be in `state` (present, started or stopped)."""

    def removal(self, name: str) -> AnyStep:
        """What takes a module away."""

    def moves_traffic(self, step: AnyStep) -> bool:
        """Whether packets may notice."""

    def check(self, modules: Sequence[AnyModule], check_mode: bool) -> None:
        """Refuse what would fail on the way, before anything is touched."""

    def carry_out(
        self, modules: Mapping[str, AnyModule], seen: Mapping[str, AnySeen], steps: Sequence[AnyStep]
    ) -> None:
        """Do the steps, and wait until what starts does its work."""

    def describe(self, seen: AnySeen) -> dict[str, Any]:
        """A module as a report shows it."""

    def differences(
        self, name: str, want: AnyModule | None, have: AnySeen | None, steps: Sequence[AnyStep]
    ) -> list[dict[str, str]]:
        """Before and after of all that the steps of a module touch, as Ansible's diffs; None is one that is not there."""

    def handlers(self, seen: AnySeen) -> AbstractContextManager[Handlers]:
        """The way to a running module's handlers."""
