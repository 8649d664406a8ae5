# SPDX-License-Identifier: Apache-2.0
"""Modules that go from one host to another: what may, what is carried, and which of two copies has the packets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.job import PlanningJob, run_planner
from ansible.module_utils.flowstream.world.run import local_run

from ..conftest import ROOT, messages

EXAMPLES = ROOT / "examples"
NAT = EXAMPLES / "nat" / "allocation.xml"
CARRIED = {
    "state": ["flows.state", "pings.state"],
    "learned": ["arpq0.state", "arpq1.state"],
}

Planning = Callable[..., dict[str, Any]]


@pytest.fixture
def planned(facts: dict[str, Any], tmp_path: Path) -> Planning:
    """Plans an example beside what runs."""

    def plan(
        account: dict[str, Any] | None = None, src: Path = NAT, left: tuple[str, ...] = (), **pins: str
    ) -> dict[str, Any]:
        pinned = {name.replace("_", "-"): host for name, host in pins.items()}
        build, templates = tmp_path / "build", ROOT / "templates" / "click"
        return run_planner(local_run(60), PlanningJob(src, facts, build, templates, None, account, pinned, left))

    return plan


def modules_of(plan: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, host in plan["hosts"].items():
        for pm in host["pms"]:
            ports = {vif["device"]: vif["ofport"] for vif in pm["vifs"]}
            yield (
                name,
                {
                    "name": pm["name"],
                    "allocation": plan["allocation"]["id"],
                    "memory_mib": pm["memory_mib"],
                    "ports": ports,
                },
            )


def account_of(*plans: dict[str, Any], leads: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the platform says of itself when it has the modules of these plans, and its switch the flows of one."""
    hosts: dict[str, list[dict[str, Any]]] = {"mh1": [], "mh2": []}
    for plan in plans:
        for name, module in modules_of(plan):
            if module not in hosts[name]:
                hosts[name].append(module)
    entries = {name: switch["flows"] for name, switch in (leads or {"switches": {}})["switches"].items()}
    return {"hosts": hosts, "switches": {}, "unread": {}, "entries": {
        name: [{key: flow[key] for key in ("table", "priority", "match", "actions", "cookie")} for flow in flows]
        for name, flows in entries.items()
    }}  # fmt: skip


def homes(plan: dict[str, Any]) -> dict[str, str]:
    return {module["name"]: name for name, module in modules_of(plan)}


@pytest.fixture
def first(planned: Planning) -> dict[str, Any]:
    """The plan of the example where nothing runs."""
    plan: dict[str, Any] = planned()["plan"]
    assert homes(plan) == {"nat-pm0": "mh1", "nat-pm1": "mh2"}
    return plan


def test_a_module_goes_where_it_is_asked_for_and_the_others_stay(planned: Planning, first: dict[str, Any]) -> None:
    asked = planned(account_of(first), nat_pm0="mh2")
    assert homes(asked["plan"]) == {"nat-pm0": "mh2", "nat-pm1": "mh2"}
    assert asked["moves"] == [{"module": "nat-pm0", "source": "mh1", "target": "mh2", **CARRIED, "begun": False}]
    reasons = {pm["name"]: pm["why"] for pm in asked["plan"]["hosts"]["mh2"]["pms"]}
    assert reasons == {"nat-pm0": "moved there, as was asked", "nat-pm1": "runs there already"}
    (finding,) = (text for text in asked["findings"] if "moves" in text)
    assert finding.endswith(
        "pm 0: moves from mh1 to mh2, because moved there, as was asked; costs 128 MiB while both run; its connections go with it"
    )


def test_it_stays_there_when_nobody_asks_any_more(planned: Planning, first: dict[str, Any]) -> None:
    moved = planned(account_of(first), nat_pm0="mh2")["plan"]
    later = planned(account_of(moved))
    assert (homes(later["plan"]), later["moves"]) == (homes(moved), [])
    assert Plan.from_dict(later["plan"]) == Plan.from_dict(moved)
    again = planned(account_of(moved), nat_pm0="mh2")
    assert (again["moves"], again["changes"]) == ([], [])


@pytest.mark.parametrize(
    ("pins", "message"),
    [
        ({"nat_pm9": "mh2"}, "module: is none of the allocation, got nat-pm9; use nat-pm0 or nat-pm1"),
        ({"nat_pm0": "mh9"}, "host: is no module host, got mh9; use mh1 or mh2"),
    ],
    ids=["module", "host"],
)
def test_what_is_unknown_is_named_with_what_there_is(
    planned: Planning, first: dict[str, Any], pins: dict[str, str], message: str
) -> None:
    assert messages(lambda: planned(account_of(first), **pins)) == [message]


def test_a_module_that_runs_nowhere_is_to_be_deployed_first(planned: Planning) -> None:
    said = messages(lambda: planned(None, nat_pm0="mh2"))
    assert said == [f"{NAT}:15: pm 0: runs on no host, got mh2 to move it to; deploy it first"]


@pytest.mark.parametrize(("full", "number"), [({"pms": 1}, 0), ({"memory_mib": 200}, 0)], ids=["pms", "memory"])
def test_a_host_without_room_is_refused(
    planned: Planning, first: dict[str, Any], facts: dict[str, Any], full: dict[str, int], number: int
) -> None:
    facts["hosts"]["mh2"]["capacity"].update(full)
    said = messages(lambda: planned(account_of(first), nat_pm0="mh2"))
    assert len(said) == 1
    assert "pm 1: would have to leave mh2, got pm 0 for it; choose another host for pm 0" in said[0]


def test_what_cannot_be_carried_is_refused(planned: Planning, facts: dict[str, Any], first: dict[str, Any]) -> None:
    own = EXAMPLES / "click" / "allocation.xml"
    plan = planned(src=own)["plan"]
    (name, module) = next(modules_of(plan))
    pins = {module["name"].replace("-pm", "_pm"): "mh2" if name == "mh1" else "mh1"}
    (said,) = messages(lambda: planned(account_of(plan), own, **pins))
    assert "what a module of type click knows cannot be carried, got mh" in said

    facts["hosts"]["mh2"]["driver"] = "xen"
    said = messages(lambda: planned(account_of(first), nat_pm0="mh2"))[0]
    assert "moves between hosts with driver process only, got xen; choose such a host" in said


@pytest.mark.parametrize("leads", ["mh1", "mh2"])
def test_of_two_copies_the_switch_says_which_has_the_packets(
    planned: Planning, first: dict[str, Any], leads: str
) -> None:
    moved = planned(account_of(first), nat_pm0="mh2")["plan"]
    other = "mh2" if leads == "mh1" else "mh1"
    found = planned(account_of(first, moved, leads=first if leads == "mh1" else moved))
    assert homes(found["plan"])["nat-pm0"] == leads
    assert found["moves"] == [{"module": "nat-pm0", "source": other, "target": leads, **CARRIED, "begun": True}]
    (told,) = (text for text in found["findings"] if text.startswith("module"))
    assert told == (
        f"module nat-pm0: runs on {leads} and {other}, because a move was not finished or a host came back; packets are led to"
        f" {leads}: it stays there, and the copy on {other} goes"
    )


def test_a_move_that_was_not_finished_can_be_asked_for_again(planned: Planning, first: dict[str, Any]) -> None:
    moved = planned(account_of(first), nat_pm0="mh2")["plan"]
    again = planned(account_of(first, moved, leads=first), nat_pm0="mh2")
    assert Plan.from_dict(again["plan"]) == Plan.from_dict(moved)
    assert [(move["source"], move["target"], move["begun"]) for move in again["moves"]] == [
        ("mh2", "mh1", True),
        ("mh1", "mh2", False),
    ]
    assert any(text.endswith("packets are led to mh1: a move to mh2 begins") for text in again["findings"])


def test_two_copies_of_which_nobody_says_whose_the_packets_are_stay_untouched(
    planned: Planning, first: dict[str, Any]
) -> None:
    moved = planned(account_of(first), nat_pm0="mh2")["plan"]
    assert messages(lambda: planned(account_of(first, moved))) == [
        "module nat-pm0: runs on mh1 and mh2, got the switch's entries for neither; deploy the allocation that was deployed when"
        " it moved"
    ]


def test_of_two_copies_that_have_nothing_to_lose_the_first_will_do(planned: Planning) -> None:
    router = EXAMPLES / "felipeiprouter" / "allocation.xml"
    plan = planned(src=router)["plan"]
    moved = planned(account_of(plan), router, felipeiprouter_pm0="mh2")["plan"]
    found = planned(account_of(plan, moved), router)
    assert (homes(found["plan"])["felipeiprouter-pm0"], found["moves"]) == ("mh1", [])


def test_a_host_that_is_to_be_empty_is_left_by_all(planned: Planning, first: dict[str, Any]) -> None:
    found = planned(account_of(first), left=("mh1",))
    assert set(homes(found["plan"]).values()) == {"mh2"}
    assert found["moves"] == [{"module": "nat-pm0", "source": "mh1", "target": "mh2", **CARRIED, "begun": False}]
    assert any("moves from mh1 to mh2, because mh1 is to be empty; costs 128 MiB" in text for text in found["findings"])
    assert planned(account_of(found["plan"]), left=("mh1",))["moves"] == []
    # What runs stays, also when the host may have modules again.
    assert homes(planned(account_of(found["plan"]))["plan"]) == homes(found["plan"])


def test_an_emptying_that_was_killed_goes_on(planned: Planning, first: dict[str, Any]) -> None:
    moved = planned(account_of(first), left=("mh1",))["plan"]
    for leads, moves in ((first, [True, False]), (moved, [True])):
        again = planned(account_of(first, moved, leads=leads), left=("mh1",))
        assert homes(again["plan"]) == homes(moved)
        assert [move["begun"] for move in again["moves"]] == moves


@pytest.mark.parametrize(
    ("left", "message"),
    [
        (("mh7",), "host: is no module host, got mh7; use mh1 or mh2"),
        (("mh1", "mh2"), "host: is the only one, got none to move its modules to; add a module host"),
    ],
    ids=["unknown", "only"],
)
def test_a_host_that_cannot_be_emptied_is_named(
    planned: Planning, first: dict[str, Any], left: tuple[str, ...], message: str
) -> None:
    assert messages(lambda: planned(account_of(first), left=left)) == [message]


def test_modules_of_allocations_that_are_not_given_are_named(planned: Planning, first: dict[str, Any]) -> None:
    account = account_of(first)
    account["hosts"]["mh1"].append({**account["hosts"]["mh1"][0], "name": "edge-pm0", "allocation": "edge"})
    assert messages(lambda: planned(account, left=("mh1",))) == [
        "host: has modules of edge too, got mh1 and the allocation nat; give a folder that has all of them"
    ]
