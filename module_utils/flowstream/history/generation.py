# SPDX-License-Identifier: Apache-2.0
"""One deployment or removal of an allocation that changed what is deployed, as a value: who, when, from what, and what it changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.changes import compare
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.tables import text_table

_SHA_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Generation:
    """What became of an allocation by one run.

    `at` is the time by the clock of the machine that keeps it. `source` is the sha256 of the description, `digest` that of the plan,
    without its reasons; both are empty for a removal. `change` says in one line what differs from the generation before.
    """

    number: int
    at: str
    who: str
    action: str
    source: str
    digest: str
    change: str

    @property
    def has_plan(self) -> bool:
        """Whether something was deployed then."""
        return bool(self.digest)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "generation": self.number,
            "at": self.at,
            "who": self.who,
            "action": self.action,
            "source": self.source,
            "digest": self.digest,
            "change": self.change,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Generation:
        """Read plain data; FlowstreamError when something of it lacks."""
        try:
            texts = [str(plain[name]) for name in ("at", "who", "action", "source", "digest", "change")]
            return cls(int(plain["generation"]), *texts)
        except (KeyError, TypeError, ValueError) as error:
            raise FlowstreamError(f"cannot read generation: {error} is missing or wrong") from error


def digest_of(plan: Plan) -> str:
    """Return the sha256 of a plan; why things are there decides nothing, and is not in it."""
    plain = plan.to_dict()
    for bridge in (*plain["switches"].values(), *plain["hosts"].values()):
        for one in (*bridge["flows"], *bridge.get("groups", ()), *bridge.get("pms", ())):
            one.pop("why", None)
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def change_line(old: Plan | None, new: Plan | None) -> str:
    """Return in one line what leads from one plan to another; None is an allocation of which nothing is there."""
    if new is None:
        return "everything taken away"
    changes = compare(old, new)
    bridges = (*changes.hosts, *changes.switches)
    counts = [
        _signed("module", len(changes.started), len(changes.reconfigured), len(changes.stopped)),
        _signed(
            "flow",
            sum(len(bridge.added) for bridge in bridges),
            sum(len(bridge.changed) for bridge in bridges),
            sum(len(bridge.removed) for bridge in bridges),
        ),
        _signed(
            "group",
            sum(len(bridge.groups_added) for bridge in bridges),
            sum(len(bridge.groups_changed) for bridge in bridges),
            sum(len(bridge.groups_removed) for bridge in bridges),
        ),
    ]
    told = "; ".join(count for count in counts if count)
    return told or "nothing but what its description says beside"


def _signed(what: str, added: int, changed: int, removed: int) -> str:
    numbers = [f"{sign}{number}" for sign, number in (("+", added), ("~", changed), ("-", removed)) if number]
    return f"{what}s {' '.join(numbers)}" if numbers else ""


def history_table(generations: Iterable[Generation]) -> str:
    """Return generations as people read them, the newest last."""
    rows = [
        (str(one.number), one.at, one.who, one.action, one.source[:_SHA_SHOWN] or "-", one.change)
        for one in sorted(generations, key=lambda one: one.number)
    ]
    return text_table([("generation", "at", "who", "did", "source sha256", "changed"), *rows])


def wanted(generations: Sequence[Generation], allocation: str, number: int) -> Generation:
    """Return the generation of that number if it has a plan; else FlowstreamError says which have."""
    found = next((one for one in generations if one.number == number), None)
    if found is not None and found.has_plan:
        return found
    kept = ", ".join(str(one.number) for one in generations if one.has_plan)
    what = "is a removal" if found else "is not kept"
    raise FlowstreamError(
        f"allocation {allocation}: generation {what}, got {number}; "
        + (f"use one of {kept}" if kept else "none of it is kept, deploy its description")
    )


def deployed(generations: Sequence[Generation], allocation: str) -> Generation:
    """Return the last generation if something is deployed by it; else FlowstreamError."""
    if generations and generations[-1].has_plan:
        return generations[-1]
    raise FlowstreamError(f"allocation {allocation}: nothing of it is deployed by its history; deploy it first")


def serving_at(generations: Sequence[Generation], allocation: str, at: str) -> Generation:
    """Return the generation that was deployed at a time, `2026-01-31 12:00:00` in UTC; FlowstreamError where none was, or none is known."""
    try:
        asked = datetime.fromisoformat(at.removesuffix(" UTC").strip())
    except ValueError as error:
        raise FlowstreamError(f"at is no time, got {at!r}; write it in UTC as 2026-01-31 12:00:00") from error
    asked = asked.astimezone(UTC) if asked.tzinfo else asked.replace(tzinfo=UTC)
    before = [one for one in generations if _moment(one) <= asked]
    if not before:
        oldest = f"the oldest that is kept is of {generations[0].at}" if generations else "no generation of it is kept"
        raise FlowstreamError(f"allocation {allocation}: nothing is known of {at}, {oldest}; ask for a later time")
    if not before[-1].has_plan:
        raise FlowstreamError(
            f"allocation {allocation}: nothing was deployed at {at}, it was removed at {before[-1].at}"
        )
    return before[-1]


def _moment(one: Generation) -> datetime:
    return datetime.fromisoformat(one.at.removesuffix(" UTC")).replace(tzinfo=UTC)
