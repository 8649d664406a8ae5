# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.history.converge import AUDIT_BYTES, Deed, Deployed, keep_generations, pack
from ansible.module_utils.flowstream.history.generation import (
    Generation,
    change_line,
    digest_of,
    history_table,
    serving_at,
)
from ansible.module_utils.flowstream.history.observe import allocations, deployed_plans, generations, kept_plan
from ansible.module_utils.flowstream.plan.plan import Plan

from ..conftest import Planner, messages

NAME = "felipeiprouter"
AT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"


class Machine:
    """The folders of one that keeps generations."""

    def __init__(self, folder: Path) -> None:
        self.history, self.audit = folder / "history", folder / "audit.log"

    def keep(self, *plans: Plan, action: str = "deploy", packed: bool = True, **other: Any) -> dict[str, Any]:
        deployed = [
            Deployed(one.allocation_id, one.sha256, digest_of(one), pack(one) if packed else "") for one in plans
        ]
        return self.tell(*deployed, action=action, **other)

    def tell(
        self, *deployed: Deployed, action: str = "deploy", changes: int = 0, keep: int = 20, check_mode: bool = False
    ) -> dict[str, Any]:
        deed = Deed("root@control", action, changes, keep)
        return keep_generations(self.history, self.audit, deployed, deed, check_mode=check_mode)

    def audited(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.audit.read_text().splitlines()]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def plans(plan_of: Planner, seed: str) -> list[Plan]:
    """The seed's plan, and two of it with a route to another port."""
    route = 'addr="10.0.5.0" mask="24" outputport="0"'
    return [plan_of(seed.replace(route, route.replace('"0"', f'"{port}"'))) for port in (0, 2, 3)]


def test_a_first_plan_is_asked_for_and_then_kept_for_root_alone(machine: Machine, plans: list[Plan]) -> None:
    asked = machine.keep(plans[0], packed=False)
    assert (asked["changed"], asked["missing"], asked["kept"]) == (False, [NAME], [])
    assert not machine.history.exists()

    predicted, done = machine.keep(plans[0], check_mode=True), machine.keep(plans[0])
    assert (predicted["changed"], predicted["diff"]) == (done["changed"], done["diff"])
    (one,) = done["kept"]
    assert (one["generation"], one["who"], one["source"]) == (1, "root@control", plans[0].sha256)
    assert (one["action"], one["change"]) == ("deploy", "modules +2; flows +50")
    assert done["audit"] == [
        f"{NAME}, generation 1, source sha256 {plans[0].sha256}: deploy by root@control: modules +2; flows +50"
    ]
    assert kept_plan(machine.history, NAME, 1) == plans[0].to_dict()
    assert allocations(machine.history) == [NAME]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [machine.audit, *machine.history.rglob("*")]}
    assert modes == {"audit.log": 0o600, NAME: 0o700, "1.json": 0o600, "1.plan.gz": 0o600}


def test_what_is_as_before_makes_no_generation_and_needs_no_plan(
    machine: Machine, plans: list[Plan], plan_of: Planner
) -> None:
    machine.keep(plans[0])
    plain = plans[0].to_dict()
    for pm in plain["hosts"]["mh1"]["pms"]:
        pm["why"] = "it runs there"
    again = machine.keep(Plan.from_dict(plain), packed=False)
    assert (again["changed"], again["missing"], again["audit"]) == (False, [], [])
    repaired = machine.keep(plans[0], packed=False, changes=3)
    assert not repaired["changed"]
    assert [line["change"] for line in machine.audited()] == [
        "modules +2; flows +50",
        "as planned before; 3 things were not so on the platform",
    ]
    assert [one.number for one in generations(machine.history, NAME)] == [1]


def test_generations_are_numbered_on_through_removals_and_the_oldest_go(machine: Machine, plans: list[Plan]) -> None:
    machine.keep(plans[0])
    machine.keep(plans[1])
    for _ in range(2):
        machine.tell(Deployed(NAME), action="remove")
    machine.keep(plans[0], action="roll back to 1", keep=3)
    found = generations(machine.history, NAME)
    assert [(one.number, one.action, one.change) for one in found] == [
        (2, "deploy", "modules ~1"),
        (3, "remove", "everything taken away"),
        (4, "roll back to 1", "modules +2; flows +50"),
    ]
    assert sorted(path.name for path in (machine.history / NAME).iterdir()) == [
        "2.json", "2.plan.gz", "3.json", "4.json", "4.plan.gz",
    ]  # fmt: skip
    assert [line["generation"] for line in machine.audited()] == [1, 2, 3, 4]
    assert messages(lambda: kept_plan(machine.history, NAME, 3)) == [
        f"allocation {NAME}: generation is a removal, got 3; use one of 2, 4"
    ]
    assert messages(lambda: kept_plan(machine.history, NAME, 1)) == [
        f"allocation {NAME}: generation is not kept, got 1; use one of 2, 4"
    ]
    assert kept_plan(machine.history, NAME, 0) == plans[0].to_dict()
    assert deployed_plans(machine.history) == [plans[0].to_dict()]
    machine.tell(Deployed(NAME), action="remove")
    assert deployed_plans(machine.history) == []
    assert messages(lambda: kept_plan(machine.history, NAME, 0)) == [
        f"allocation {NAME}: nothing of it is deployed by its history; deploy it first"
    ]
    table = history_table(found).splitlines()
    assert re.fullmatch(
        rf"2 +{AT}  root@control  deploy +{plans[1].sha256[:12]} +modules ~1",
        table[2],
    )
    assert re.fullmatch(rf"3 +{AT}  root@control  remove +- +everything taken away", table[3])


def test_of_several_allocations_only_those_that_differ_are_kept(
    machine: Machine, plans: list[Plan], plan_of: Planner, seed: str
) -> None:
    other = plan_of(seed.replace(f'id="{NAME}"', 'id="other"'))
    machine.keep(plans[0], other)
    assert machine.keep(plans[1], other, packed=False)["missing"] == [NAME]
    assert [(one["allocation"], one["generation"]) for one in machine.keep(plans[1], other, changes=1)["kept"]] == [
        (NAME, 2)
    ]
    assert [(line["allocation"], line["generation"]) for line in machine.audited()] == [
        (NAME, 1),
        ("other", 1),
        (NAME, 2),
    ]


def test_a_run_that_died_between_plan_and_record_is_made_good(machine: Machine, plans: list[Plan]) -> None:
    machine.keep(plans[0])
    (machine.history / NAME / "2.plan.gz").write_bytes(b"half of it")
    machine.keep(plans[2])
    assert kept_plan(machine.history, NAME, 2) == plans[2].to_dict()


def test_a_source_that_says_the_same_in_other_words_is_a_generation_of_its_own(plan_of: Planner, seed: str) -> None:
    old, new = plan_of(), plan_of(seed + "\n")
    assert digest_of(old) != digest_of(new)
    assert change_line(old, new) == "nothing but what its description says beside"


@pytest.mark.parametrize("name", ["../etc", "", "a/b", ".", "1st"])
def test_an_id_that_is_none_leads_to_no_folder(machine: Machine, name: str) -> None:
    assert messages(lambda: generations(machine.history, name)) == [
        f"allocation_id is none, got {name!r}; write a letter, then letters, digits and hyphens"
    ]


def test_nothing_is_kept_of_what_cannot_be_read(machine: Machine, plans: list[Plan]) -> None:
    told = Deployed(NAME, plans[0].sha256, digest_of(plans[0]), "bm90IGEgcGxhbg==")
    assert messages(lambda: machine.tell(told))[0].startswith(f"cannot read the plan of {NAME}: ")
    assert not machine.history.exists()
    assert not machine.audit.exists()


def test_what_was_deployed_at_a_time_is_known_from_the_oldest_generation_on() -> None:
    def made(number: int, at: str, digest: str = "d") -> Generation:
        return Generation(number, f"2026-01-31 {at} UTC", "root@control", "deploy", "s", digest, "")

    kept = [made(4, "12:00:00"), made(5, "13:00:00"), made(6, "14:00:00", ""), made(7, "15:00:00")]
    times = ["2026-01-31 12:00:00", "2026-01-31 12:59:59 UTC", "2026-01-31T14:30:00+01:00", "2026-02-01"]
    assert [serving_at(kept, NAME, at).number for at in times] == [4, 4, 5, 7]
    assert messages(lambda: serving_at(kept, NAME, "2026-01-31 11:59:59")) == [
        f"allocation {NAME}: nothing is known of 2026-01-31 11:59:59, the oldest that is kept is of 2026-01-31 12:00:00 UTC; ask for a later time"
    ]
    assert messages(lambda: serving_at([], NAME, "2026-01-31")) == [
        f"allocation {NAME}: nothing is known of 2026-01-31, no generation of it is kept; ask for a later time"
    ]
    assert messages(lambda: serving_at(kept, NAME, "2026-01-31 14:10:00")) == [
        f"allocation {NAME}: nothing was deployed at 2026-01-31 14:10:00, it was removed at 2026-01-31 14:00:00 UTC"
    ]
    assert messages(lambda: serving_at(kept, NAME, "noon")) == [
        "at is no time, got 'noon'; write it in UTC as 2026-01-31 12:00:00"
    ]


def test_the_audit_log_is_bounded_and_its_last_lines_stay(machine: Machine, plans: list[Plan]) -> None:
    machine.keep(plans[0])
    earlier = machine.audit.with_name("audit.log.1")
    for size, letter in ((AUDIT_BYTES - 1, ""), (AUDIT_BYTES, "o"), (AUDIT_BYTES, "n")):
        machine.audit.write_text(letter * size or "x" * (size - 1) + "\n")
        machine.keep(plans[0], changes=1)
        assert earlier.exists() == bool(letter)
        assert not letter or earlier.read_text() == letter * size
    assert [line["generation"] for line in machine.audited()] == [1]
