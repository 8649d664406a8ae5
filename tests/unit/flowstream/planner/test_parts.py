# SPDX-License-Identifier: Apache-2.0
"""A part of a router's packets that goes to a module of its own on another host, stays there, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.expectations import expectations
from ansible.module_utils.flowstream.planner.job import PlanningJob, run_planner
from ansible.module_utils.flowstream.world.run import local_run

from ....model.network import Network
from ....model.openflow_switch import Packet
from ..conftest import ROOT, messages
from .test_migration import account_of, homes

EXAMPLES = ROOT / "examples"
ROUTER = EXAMPLES / "felipeiprouter" / "allocation.xml"
PART = "felipeiprouter-pm0-192.168.7.0-24"
WISH = {"module": "felipeiprouter-pm0", "prefix": "192.168.7.0/24", "host": "mh2"}

Planning = Callable[..., dict[str, Any]]


@pytest.fixture
def planned(facts: dict[str, Any], tmp_path: Path) -> Planning:
    """Plans an example beside what runs."""

    def plan(account: dict[str, Any] | None = None, src: Path = ROUTER, **more: Any) -> dict[str, Any]:
        build, templates = tmp_path / "build", ROOT / "templates" / "click"
        return run_planner(local_run(60), PlanningJob(src, facts, build, templates, None, account, **more))

    return plan


@pytest.fixture
def first(planned: Planning) -> dict[str, Any]:
    plan: dict[str, Any] = planned()["plan"]
    assert homes(plan) == {"felipeiprouter-pm0": "mh1", "felipeiprouter-pm1": "mh2"}
    return plan


def test_it_is_a_module_with_these_packets_and_the_other_keeps_its_configuration(
    planned: Planning, first: dict[str, Any]
) -> None:
    asked = planned(account_of(first), parts=[WISH])
    assert homes(asked["plan"]) == {**homes(first), PART: "mh2"}
    (part,) = (pm for pm in asked["plan"]["hosts"]["mh2"]["pms"] if pm["name"] == PART)
    assert part["prefixes"] == ["192.168.7.0/24"]
    configurations = {pm["name"]: pm["config"] for plan in (first, asked["plan"]) for pm in plan["hosts"]["mh1"]["pms"]}
    assert configurations == {pm["name"]: pm["config"] for pm in first["hosts"]["mh1"]["pms"]}
    assert asked["plan"]["hosts"]["mh1"]["flows"] == first["hosts"]["mh1"]["flows"]
    assert asked["moves"] == []
    said = "pm 0: packets to 192.168.7.0/24 go to felipeiprouter-pm0-192.168.7.0-24 on mh2, which does what felipeiprouter-pm0 does"
    assert any(said in text for text in asked["findings"])


def test_it_stays_there_goes_elsewhere_and_comes_back_as_is_asked(
    planned: Planning, first: dict[str, Any], facts: dict[str, Any]
) -> None:
    given = planned(account_of(first), parts=[WISH])["plan"]
    later = planned(account_of(given))
    assert (later["plan"], later["moves"]) == (given | {"hosts": later["plan"]["hosts"]}, [])
    assert Plan.from_dict(later["plan"]) == Plan.from_dict(given)
    whole = planned(account_of(given), pins={PART: "mh1"})
    assert homes(whole["plan"])[PART] == "mh1"
    assert [(move["module"], move["source"], move["target"]) for move in whole["moves"]] == [(PART, "mh2", "mh1")]
    back = planned(account_of(given), parts=[{**WISH, "host": "mh1"}])
    assert Plan.from_dict(back["plan"]) == Plan.from_dict(planned(account_of(first))["plan"])
    assert any(
        "packets to 192.168.7.0/24 go to felipeiprouter-pm0 on mh1, as all of its packets" in text
        for text in back["findings"]
    )


def test_packets_are_tried_at_whoever_has_them(planned: Planning, first: dict[str, Any]) -> None:
    plan = Plan.from_dict(planned(account_of(first), parts=[WISH])["plan"])
    owners = {str(probe.prefix): probe.pm for probe in expectations(plan) if probe.prefix}
    before = {str(probe.prefix): probe.pm for probe in expectations(Plan.from_dict(first)) if probe.prefix}
    assert owners == {**before, "192.168.7.0/24": PART}
    network = Network(plan.files())
    for probe in expectations(plan):
        if probe.prefix:
            port = next(port for port in plan.ports if port.portid == probe.source_port)
            frame = Packet("06:00:00:00:00:01", port.mac, 0x0800, IPv4Address(probe.destination))
            assert [arrival.pm for arrival in network.enter(frame, port.switchport)] == [probe.pm]


def test_it_is_had_where_the_inventory_gives_ports_their_addresses(planned: Planning, facts: dict[str, Any]) -> None:
    facts["ports"] = {"2": {"addresses": ["192.168.7.254/24"]}}
    running = planned()["plan"]
    assert homes(planned(account_of(running), parts=[WISH])["plan"]) == {**homes(running), PART: "mh2"}


def test_a_part_of_which_the_description_has_nothing_any_more_goes(planned: Planning, first: dict[str, Any]) -> None:
    given = planned(account_of(first), parts=[WISH])["plan"]
    strange = given["hosts"]["mh2"]["pms"][-1] | {"name": "felipeiprouter-pm0-10.9.0.0-16"}
    given["hosts"]["mh2"]["pms"].append(strange)
    assert homes(planned(account_of(given))["plan"]) == {**homes(first), PART: "mh2"}


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (
            {"module": "felipeiprouter-pm9"},
            "module: is none of the allocation, got felipeiprouter-pm9; use felipeiprouter-pm0 or",
        ),
        ({"host": "mh9"}, "host: is no module host, got mh9; use mh1 or mh2"),
        ({"prefix": "192.168.7.1/24"}, "prefix: "),
        ({"prefix": "2001:db8::/32"}, "prefix: parts are of IPv4 only, got 2001:db8::/32; move the module as a whole"),
        (
            {"prefix": "10.0.5.0/24"},
            f"{ROUTER}:8: pm 0: has no such destinations, got 10.0.5.0/24; use a part of 128.0.0.0/1",
        ),
        (
            {"prefix": "128.0.0.0/1"},
            f"{ROUTER}:8: pm 0: has 128.0.0.0/1 as a whole, got no part of it; use a longer prefix",
        ),
    ],
    ids=["module", "host", "no prefix", "IPv6", "of another", "all"],
)
def test_what_cannot_be_meant_is_refused(
    planned: Planning, first: dict[str, Any], wish: dict[str, str], said: str
) -> None:
    found = messages(lambda: planned(account_of(first), parts=[{**WISH, **wish}]))
    assert [text[: len(said)] for text in found] == [said]


def test_of_what_was_given_away_no_part_is_given_away_before_it_is_back(
    planned: Planning, first: dict[str, Any]
) -> None:
    given = planned(account_of(first), parts=[WISH])["plan"]
    for prefix in ("192.168.7.128/25", "192.168.0.0/16"):
        (said,) = messages(lambda prefix=prefix: planned(account_of(given), parts=[{**WISH, "prefix": prefix}]))
        assert (
            f"pm 0: has given 192.168.7.0/24 away, got {prefix}, which is not apart from it; lead 192.168.7.0/24 back to mh1"
            in said
        )


def test_a_type_that_knows_its_flows_and_a_module_that_does_not_run_are_refused(planned: Planning) -> None:
    nat = EXAMPLES / "nat" / "allocation.xml"
    running = account_of(planned(src=nat)["plan"])
    (said,) = messages(lambda: planned(running, nat, parts=[{**WISH, "module": "nat-pm0"}]))
    assert (
        "pm 0: what a module of type nat knows cannot be parted, got 192.168.7.0/24 to lead to mh2; move the module"
        in said
    )
    (said,) = messages(lambda: planned(parts=[WISH]))
    assert "pm 0: runs on no host, got 192.168.7.0/24 to lead to mh2; deploy it first" in said
