# SPDX-License-Identifier: Apache-2.0
"""What it takes to have the domains of a template, from what a host has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible.module_utils.flowstream.xen.mass.template import DomainTemplate, ranges
from ansible.module_utils.flowstream.xen.steps import DomainPort

ALIVE = ("running", "paused")


@dataclass(frozen=True)
class SeenInstance:
    """A domain of this host: its number there, its state, and the digest of the template that it was made from."""

    id: int
    name: str
    state: str
    digest: str


@dataclass(frozen=True)
class MassPlan:
    """Numbers of the template to be created, and domains (by their ids) to be destroyed before that.

    `outdated` run, but are made from another template; they are replaced when that is allowed. `unplug` are the ports
    that go: those of domains to be destroyed, and of domains that are gone already and are not to come again.
    """

    create: tuple[int, ...]
    destroy: Mapping[int, str]
    outdated: tuple[int, ...]
    unplug: tuple[DomainPort, ...] = ()

    def unplugging(self, template: DomainTemplate, state: str, ports: Sequence[DomainPort]) -> MassPlan:
        """The same, with the ports that go, of those that the host has."""
        gone = set(self.destroy.values())
        if state == "absent":
            gone |= {template.name_of(number) for number in template.numbers}
        return replace(self, unplug=tuple(port for port in ports if port.domain in gone))

    def lines(self, template: DomainTemplate) -> list[str]:
        """What happens, in a few lines."""
        found = []
        by_name = {template.name_of(number): number for number in template.numbers}
        if self.destroy:
            gone = [by_name[name] for name in self.destroy.values()]
            found.append(f"destroy {_counted(len(self.destroy))} {template.name}: {ranges(gone)}")
        if left := {port.domain for port in self.unplug} - set(self.destroy.values()):
            numbers = ranges(by_name[name] for name in left)
            found.append(f"remove the ports of {_counted(len(left))} {template.name}: {numbers}")
        if self.create:
            found.append(f"create {_counted(len(self.create))} {template.name}: {ranges(self.create)}")
        return found


@dataclass
class MassResult:
    """What a run does, or in check mode would do, and what it has done so far.

    `before` and `after` are the texts that `--diff` shows.
    """

    changes: list[str] = field(default_factory=list)
    before: str = ""
    after: str = ""
    outdated: tuple[int, ...] = ()
    created: int = 0
    destroyed: int = 0
    _microseconds: Counter[str] = field(default_factory=Counter)
    _times: Counter[str] = field(default_factory=Counter)

    def note(self, microseconds: Mapping[str, int]) -> None:
        """Add what the phases of one domain took."""
        self._microseconds.update(microseconds)
        self._times.update(microseconds.keys())

    def to_dict(self, seconds: float) -> dict[str, Any]:
        """A module's result; `seconds` is how long all of it took."""
        return {
            "changed": bool(self.changes),
            "changes": self.changes,
            "outdated": list(self.outdated),
            "created": self.created,
            "destroyed": self.destroyed,
            "phases": {
                phase: round(spent / 1e6 / self._times[phase], 4) for phase, spent in self._microseconds.items()
            },
            "seconds": round(seconds, 2),
            "diff": {"before": self.before, "after": self.after},
        }


def plan(template: DomainTemplate, seen: Sequence[SeenInstance], state: str, restart: bool) -> MassPlan:
    """The way from what is there to what is wanted.

    What has ended but was not removed, or has the name twice, goes; what is as wanted stays.
    """
    numbers = {template.name_of(number): number for number in template.numbers}
    mine = [one for one in seen if one.name in numbers]
    if state == "absent":
        return MassPlan((), {one.id: one.name for one in mine}, ())
    alive: dict[str, SeenInstance] = {}
    destroy = {}
    for one in sorted(mine, key=lambda one: one.id):
        if one.state in ALIVE and one.name not in alive:
            alive[one.name] = one
        else:
            destroy[one.id] = one.name
    outdated = [one for one in alive.values() if one.digest not in ("", template.digest)]
    if restart:
        destroy |= {one.id: one.name for one in outdated}
    kept = {name for name, one in alive.items() if one.id not in destroy}
    return MassPlan(
        create=tuple(number for name, number in numbers.items() if name not in kept),
        destroy=destroy,
        outdated=tuple(sorted(numbers[one.name] for one in outdated)),
    )


def prediction(template: DomainTemplate, seen: Sequence[SeenInstance], todo: MassPlan, state: str) -> MassResult:
    """The result before anything is done."""
    names = {one.name for one in seen}
    before = [number for number in template.numbers if template.name_of(number) in names]
    return MassResult(
        changes=todo.lines(template),
        before=_tally(template, before),
        after=_tally(template, template.numbers if state == "present" else ()),
        outdated=tuple(number for number in todo.outdated if number not in todo.create),
    )


def _tally(template: DomainTemplate, numbers: Sequence[int]) -> str:
    """The state of many domains in a line."""
    return f"{_counted(len(numbers))} {template.name}{f': {ranges(numbers)}' if numbers else ''}\n"


def pace(done: int, whole: int, seconds: float) -> str:
    """How fast it goes, and how long it will take."""
    rate = done / seconds if seconds > 0 else 0.0
    left = round((whole - done) / rate) if rate else 0
    return f"{done} of {whole}, {rate:.2f} a second, {left // 3600}:{left // 60 % 60:02}:{left % 60:02} left"


def _counted(count: int) -> str:
    return "1 domain" if count == 1 else f"{count:,} domains"
