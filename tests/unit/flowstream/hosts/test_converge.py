# SPDX-License-Identifier: Apache-2.0
"""What is the same for every driver, by one whose modules are words in a dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.converge import converge
from ansible.module_utils.flowstream.hosts.declaration import Declaration
from ansible.module_utils.flowstream.hosts.driver import Handlers
from ansible.module_utils.flowstream.hosts.observe import report
from ansible.module_utils.flowstream.plan.plan import PlannedPm
from ansible.module_utils.flowstream.world.run import NotInstalledError

from ..conftest import messages
from .pms import PM


@dataclass(frozen=True)
class Word:
    """A module, wanted or seen."""

    name: str
    config: str | None = None

    @property
    def exists(self) -> bool:
        return self.config is not None

    active = exists

    @property
    def running_config(self) -> str | None:
        return self.config


@dataclass(frozen=True)
class Wanted:
    name: str
    config: str


@dataclass(frozen=True)
class Move:
    name: str
    verb: str

    def __str__(self) -> str:
        return f"{self.verb} {self.name}"


@dataclass
class Shelf:
    """A Driver whose host is a dictionary."""

    words: dict[str, str] = field(default_factory=dict)
    checked: list[str] = field(default_factory=list)

    def module(self, allocation: str, pm: PlannedPm) -> Wanted:
        if pm.kind != "word":
            raise FlowstreamError(f"pm {pm.name}: its kind is {pm.kind}; this host runs word")
        return Wanted(pm.name, pm.config)

    def survey(self, allocation: str | None, names: Iterable[str]) -> dict[str, Word]:
        return {name: Word(name, self.words.get(name)) for name in sorted({*self.words, *names})}

    def ask(self, seen: Word) -> Word:
        return seen

    def steps(self, want: Wanted, have: Word | None, state: str) -> list[Move]:
        return [] if have and have.config == want.config else [Move(want.name, "write")]

    def removal(self, name: str) -> Move:
        return Move(name, "rub out")

    def moves_traffic(self, step: Move) -> bool:
        return step.verb == "rub out"

    def check(self, modules: Sequence[Wanted], check_mode: bool) -> None:
        self.checked = [module.name for module in modules]

    def carry_out(self, modules: Mapping[str, Wanted], seen: Mapping[str, Word], steps: Sequence[Move]) -> None:
        for step in steps:
            if step.verb == "write":
                self.words[step.name] = modules[step.name].config
            else:
                del self.words[step.name]

    def describe(self, seen: Word) -> dict[str, Any]:
        return {"name": seen.name}

    def differences(
        self, name: str, want: Wanted | None, have: Word | None, steps: Sequence[Move]
    ) -> list[dict[str, str]]:
        return [
            {"before": (have and have.config) or "", "after": want.config if want else ""},
            {"before": "", "after": ""},
        ]

    def handlers(self, seen: Word) -> AbstractContextManager[Handlers]:
        raise FlowstreamError(f"cannot read {seen.name}: words have no handlers")


class BareShelf(Shelf):
    """A host on which nothing is installed."""

    def survey(self, allocation: str | None, names: Iterable[str]) -> dict[str, Word]:
        raise NotInstalledError("no shelf is installed")


def pm(name: str, config: str = "Idle;") -> PlannedPm:
    vif = replace(PM.vifs[0], device=f"d{name}", ofport=ord(name))
    return replace(PM, name=name, kind="word", config=config, vifs=(vif,))


def declared(*pms: PlannedPm, state: str = "started", exclusive: bool = True) -> Declaration:
    return Declaration("lib", pms, state, exclusive)


def test_a_host_without_the_tools_has_nothing_to_remove_and_is_given_nothing() -> None:
    bare = BareShelf()
    assert converge(bare, declared(state="absent"), check_mode=False)["changed"] is False
    assert messages(lambda: converge(bare, declared(pm("a")), check_mode=False)) == ["no shelf is installed"]


def test_check_mode_predicts_and_touches_nothing() -> None:
    shelf = Shelf({"a": "old", "z": "gone"})
    predicted = converge(shelf, declared(pm("b"), pm("a")), check_mode=True)
    assert shelf.words == {"a": "old", "z": "gone"}
    done = converge(shelf, declared(pm("b"), pm("a")), check_mode=False)
    assert predicted["changes"] == done["changes"] == ["write a", "write b", "rub out z"]
    assert (
        predicted["diff"]
        == done["diff"]
        == [
            {"before": "old", "after": "Idle;"},
            {"before": "", "after": "Idle;"},
            {"before": "gone", "after": ""},
        ]
    )
    assert (done["touched"], done["pms"], shelf.checked) == (["z"], [{"name": "a"}, {"name": "b"}], ["a", "b"])
    assert converge(shelf, declared(pm("a"), pm("b")), check_mode=False)["changed"] is False


def test_what_is_not_exclusive_stays_and_absent_without_names_takes_all() -> None:
    shelf = Shelf({"a": "Idle;", "z": "theirs"})
    assert converge(shelf, declared(pm("a"), exclusive=False), check_mode=False)["changed"] is False
    assert converge(shelf, declared(state="absent"), check_mode=False)["changes"] == ["rub out a", "rub out z"]
    assert shelf.words == {}


def test_all_that_is_wrong_is_said_at_once_and_nothing_was_looked_at() -> None:
    wrong = [replace(pm("a"), kind="process"), pm("b", " "), pm("c"), replace(pm("d"), vifs=pm("c").vifs)]
    assert messages(lambda: converge(Shelf(), declared(*wrong), check_mode=False)) == [
        "pm a: its kind is process; this host runs word",
        "pm b: its configuration is empty",
        "pm d: device dc is that of pm c; choose another",
        "pm d: ofport 99 is that of pm c; choose another",
    ]


def test_a_report_shows_the_others_where_one_cannot_be_read() -> None:
    asked = {"allocation": None, "handlers": ["c.count"], "configurations": True}
    found = report(Shelf({"a": "Idle;"}), asked, check_mode=False)
    assert found["pms"] == [{"name": "a", "handlers": {}, "error": "cannot read a: words have no handlers"}]
    assert found["configurations"] == {"a": "Idle;"}
