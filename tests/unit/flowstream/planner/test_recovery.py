# SPDX-License-Identifier: Apache-2.0
"""Module hosts that do not answer: what is placed anew and lost, what is done without them, and what comes back with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.filters.account import flowstream_unseen
from ansible.module_utils.flowstream.plan.plan import Plan, cookie_of
from ansible.module_utils.flowstream.planner.job import PlanningJob, run_planner
from ansible.module_utils.flowstream.world.run import local_run

from ..conftest import ROOT, messages
from .test_migration import account_of, homes

EXAMPLES = ROOT / "examples"
NAT = EXAMPLES / "nat" / "allocation.xml"
STAGED = EXAMPLES / "staged-router" / "allocation.xml"

Planning = Callable[..., dict[str, Any]]


@pytest.fixture
def planned(facts: dict[str, Any], tmp_path: Path) -> Planning:
    """Plans an example beside what runs, with hosts that are given up."""

    def plan(account: dict[str, Any] | None = None, src: Path = NAT, *lost: str) -> dict[str, Any]:
        build, templates = tmp_path / "build", ROOT / "templates" / "click"
        return run_planner(local_run(60), PlanningJob(src, facts, build, templates, None, account, lost=lost))

    return plan


@pytest.fixture
def first(planned: Planning) -> dict[str, Any]:
    """The plan of the example where nothing runs."""
    plan: dict[str, Any] = planned()["plan"]
    assert homes(plan) == {"nat-pm0": "mh1", "nat-pm1": "mh2"}
    return plan


def without(host: str, *plans: dict[str, Any], leads: dict[str, Any]) -> dict[str, Any]:
    """What the platform says of itself when a host does not answer."""
    account = account_of(*plans, leads=leads)
    del account["hosts"][host]
    return {**account, "unread": {host: "no route to host"}, "silent": [host]}


def test_what_ran_on_a_dead_host_is_placed_anew_and_said_to_be_lost(planned: Planning, first: dict[str, Any]) -> None:
    found = planned(without("mh1", first, leads=first), NAT, "mh1")
    assert homes(found["plan"]) == {"nat-pm0": "mh2", "nat-pm1": "mh2"}
    assert (found["moves"], found["away"]) == ([], ["mh1"])
    assert found["findings"] == [
        f"{NAT}:15: pm 0: ran on mh1, which does not answer; goes to mh2 as a new nat; lost is what it knew: the mappings of its"
        " connections"
    ]
    assert not any(flow["match"].get("in_port") == "11" for flow in found["plan"]["switches"]["sw1"]["flows"])


def test_each_type_says_what_is_lost_with_it(planned: Planning) -> None:
    plan = planned(src=STAGED)["plan"]
    gone = {name for name, host in homes(plan).items() if host == "mh2"}
    found = planned(without("mh2", plan, leads=plan), STAGED, "mh2")
    said = [text.split("; ", 2) for text in found["findings"] if "does not answer" in text]
    assert len(said) == len(gone) == 3
    assert {(place.split(" as a new ")[1], loss) for _, place, loss in said} == {
        ("fastiprouter", "nothing is lost that it knew of flows"),
        ("flowmonitor", "lost is what it knew: the counts of flows that it had not reported"),
    }


def test_a_recovery_that_was_killed_goes_on_where_it_was(planned: Planning, first: dict[str, Any]) -> None:
    recovered = planned(without("mh1", first, leads=first), NAT, "mh1")["plan"]
    again = planned(without("mh1", first, recovered, leads=first), NAT, "mh1")
    assert (Plan.from_dict(again["plan"]), again["findings"]) == (Plan.from_dict(recovered), [])


def test_later_deployments_do_without_the_host(planned: Planning, first: dict[str, Any]) -> None:
    recovered = planned(without("mh1", first, leads=first), NAT, "mh1")["plan"]
    account = without("mh1", recovered, leads=recovered)
    later = planned(account)
    assert (Plan.from_dict(later["plan"]), later["away"]) == (Plan.from_dict(recovered), ["mh1"])
    said = (
        "mh1 does not answer, and nothing of nat is led there: done without it; what of it may come back with the host gets no"
        " packets, and goes with the next deployment"
    )
    assert later["findings"] == [said]
    # Another allocation is new, and has no entries at all.
    other = planned(account, STAGED)
    assert (set(homes(other["plan"]).values()), other["away"]) == ({"mh2"}, ["mh1"])
    # There is nothing to place anew any more.
    assert planned(account, NAT, "mh1")["findings"] == [said]


def test_a_deployment_goes_without_no_host_that_packets_are_led_to(planned: Planning, first: dict[str, Any]) -> None:
    found = planned(without("mh1", first, leads=first))
    assert found["away"] == []
    assert found["findings"] == [
        "mh1 does not answer, and packets of nat are led there; place anew what ran there with recover.yml -e host=mh1",
        "mh1 was not looked at: planned as if nothing ran there (no route to host)",
    ]


def test_a_first_deployment_goes_without_no_host(planned: Planning) -> None:
    account = without("mh1", leads={"switches": {}})
    assert planned(account)["away"] == []


@pytest.mark.parametrize("known", [True, False], ids=["by name", "by cookie"])
def test_others_whose_packets_are_led_to_the_host_are_named(
    planned: Planning, first: dict[str, Any], known: bool
) -> None:
    account = without("mh1", first, leads=first)
    other = {"table": 0, "priority": 7, "match": {"in_port": "11"}, "actions": ["output:4"]}
    account["entries"]["sw1"].append({**other, "cookie": f"{cookie_of('edge'):#018x}"})
    if known:
        account["switches"] = {"sw1": {"edge": {"macs": [], "questions": [], "tags": [], "ports": [], "entries": {}}}}
    name = "edge" if known else f"{cookie_of('edge'):#018x}"
    assert planned(account, NAT, "mh1")["findings"][1:] == [
        f"mh1 does not answer, and packets of {name} are led there still; recover those by their own descriptions"
    ]


def test_of_a_host_that_came_back_the_copies_go_and_nothing_is_carried_again(
    planned: Planning, first: dict[str, Any]
) -> None:
    recovered = planned(without("mh1", first, leads=first), NAT, "mh1")["plan"]
    found = planned(account_of(first, recovered, leads=recovered))
    assert (Plan.from_dict(found["plan"]), found["away"]) == (Plan.from_dict(recovered), [])
    # Begun: whether the place that has the packets takes frames is asked first, and it does.
    assert [(move["source"], move["target"], move["begun"]) for move in found["moves"]] == [("mh1", "mh2", True)]
    assert found["findings"] == [
        "module nat-pm0: runs on mh2 and mh1, because a move was not finished or a host came back; packets are led to mh2: it stays"
        " there, and the copy on mh1 goes"
    ]


def test_a_host_that_came_back_before_packets_were_led_elsewhere_keeps_its_modules(
    planned: Planning, first: dict[str, Any]
) -> None:
    recovered = planned(without("mh1", first, leads=first), NAT, "mh1")["plan"]
    assert homes(planned(account_of(first, recovered, leads=first))["plan"]) == homes(first)


@pytest.mark.parametrize(
    ("lost", "message"),
    [
        (("mh7",), "host: is no module host, got mh7; use mh1 or mh2"),
        (
            ("mh2",),
            "host: answers, got mh2; empty it with evacuate-host.yml, so that its modules take along what they know",
        ),
    ],
    ids=["unknown", "alive"],
)
def test_a_host_that_is_not_lost_is_refused(
    planned: Planning, first: dict[str, Any], lost: tuple[str, ...], message: str
) -> None:
    assert messages(lambda: planned(without("mh1", first, leads=first), NAT, *lost)) == [message]


def test_where_no_other_host_answers_or_fits_the_reasons_are_named(
    planned: Planning, first: dict[str, Any], facts: dict[str, Any]
) -> None:
    account = without("mh1", first, leads=first)
    none = {**account, "hosts": {}, "silent": ["mh1", "mh2"]}
    assert messages(lambda: planned(none, NAT, "mh1")) == [
        "host: no other answers, got mh1; bring one up, or add a module host"
    ]
    facts["hosts"]["mh2"]["capacity"]["memory_mib"] = 200
    assert messages(lambda: planned(account, NAT, "mh1")) == [
        f"{NAT}:15: pm 0: fits on no module host, got kind any, default memory, 1 vcpus; add a module host or raise"
        " module_host_capacity",
        "inventory: module host mh2: runs process, has 63 of 64 pms and 72 of 200 MiB left, up to 2 vcpus for one pm",
    ]


@pytest.fixture
def returned(facts: dict[str, Any], tmp_path: Path) -> Planning:
    """Plans what was deployed earlier."""

    def plan(earlier: dict[str, Any], account: dict[str, Any]) -> dict[str, Any]:
        build, templates = tmp_path / "build", ROOT / "templates" / "click"
        return run_planner(local_run(60), PlanningJob(None, facts, build, templates, None, account, earlier=earlier))

    return plan


def test_an_earlier_plan_without_modules_on_a_dead_host_does_without_it(
    planned: Planning, returned: Planning, first: dict[str, Any]
) -> None:
    recovered = planned(without("mh1", first, leads=first), NAT, "mh1")["plan"]
    for now in (recovered, first):
        back = returned(recovered, without("mh1", first, leads=now))
        assert (Plan.from_dict(back["plan"]), back["away"]) == (Plan.from_dict(recovered), ["mh1"])
        assert back["findings"] == [
            "mh1 does not answer, and had no module of nat then: done without it; what of it may come back with the host gets no"
            " packets, and goes with the next deployment"
        ]
    assert returned(recovered, account_of(first))["away"] == []


def test_an_earlier_plan_with_modules_on_a_dead_host_is_refused(
    planned: Planning, returned: Planning, first: dict[str, Any]
) -> None:
    recovered = planned(without("mh1", first, leads=first), NAT, "mh1")["plan"]
    assert messages(lambda: returned(first, without("mh1", recovered, leads=recovered))) == [
        "allocation nat: mh1 does not answer, got nat-pm0 to run there as then; bring it up, or recover.yml -e host=mh1 with"
        " the description"
    ]


def test_of_hosts_that_were_not_seen_those_with_modules_are_to_answer(first: dict[str, Any]) -> None:
    first["hosts"]["mh3"] = {**first["hosts"]["mh1"], "pms": []}
    assert flowstream_unseen(["mh1", "mh3"], first) == {
        "mh1": [
            "answer: got nothing of nat-pm0; bring it up, or place them anew with recover.yml -e host=mh1",
        ]
    }
