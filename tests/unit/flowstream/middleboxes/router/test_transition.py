# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.middleboxes.router.transition import routes_of
from ansible.module_utils.flowstream.middleboxes.template import Render
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.transition import Surroundings, transitional_configs

from ...conftest import HOST, ROOT, Planner


def table(config: str) -> list[str]:
    found = re.search(r"rt :: RadixIPLookup\((.*?)\);", config, re.DOTALL)
    assert found
    return [entry.strip() for entry in found.group(1).split(",")]


def exchanged(seed: str) -> str:
    return seed.replace('<pm id="0">', '<pm id="X">').replace('<pm id="1">', '<pm id="0">').replace('"X"', '"1"')


def narrowed(seed: str) -> str:
    """The seed's with pm 0 keeping one of its networks, and two of them for a new pm 2."""
    narrow = seed.replace('<prefix addr="128.0.0.0" mask="128.0.0.0"/>', '<prefix addr="192.168.5.0" mask="24"/>')
    narrow = re.sub(r'<forwardingentry addr="192.168.[678].0".*\n', "", narrow)
    return narrow.replace(
        "</pm>\n</alloc",
        '</pm>\n<pm id="2"><prefix addr="192.168.6.0" mask="23"/><forwardingtable>'
        '<forwardingentry addr="192.168.6.0" mask="24" outputport="0"/></forwardingtable></pm>\n</alloc',
    )


def running(plan: Plan) -> dict[str, dict[str, str]]:
    """By host and name what the modules of a deployed plan run."""
    return {name: {pm.name: pm.config for pm in host.pms} for name, host in plan.hosts.items()}


def meanwhile(deployed: dict[str, dict[str, str]], plan: Plan, render: Render) -> dict[str, str]:
    """What the modules of `plan` run, on all of its hosts, where that is something in between."""
    shared = Surroundings(plan.allocation_id, plan.type, plan.ports)
    found: dict[str, str] = {}
    for name, host in plan.hosts.items():
        found |= transitional_configs(shared, host.pms, deployed.get(name, {}), render)
    return found


def test_modules_that_exchange_their_prefixes_have_the_routes_of_both_meanwhile(
    plan_of: Planner, seed: str, render: Render
) -> None:
    configs = meanwhile(running(plan_of()), plan_of(exchanged(seed)), render)
    assert sorted(configs) == ["felipeiprouter-pm0", "felipeiprouter-pm1"]
    for config in configs.values():
        assert table(config) == [
            *(f"10.0.{network}.0/24 {network - 5}" for network in range(5, 9)),
            *(f"192.168.{network}.0/24 {network - 5}" for network in range(5, 9)),
            "0.0.0.0/0 4",
        ]


def test_a_module_that_gives_a_part_away_keeps_its_routes_there_and_no_old_ones_elsewhere(
    plan_of: Planner, seed: str, render: Render
) -> None:
    configs = meanwhile(running(plan_of()), plan_of(narrowed(seed)), render)
    assert {name: table(config) for name, config in configs.items()} == {
        "felipeiprouter-pm0": [*(f"192.168.{network}.0/24 {network - 5}" for network in range(5, 9)), "0.0.0.0/0 4"]
    }


def test_a_run_that_was_killed_on_the_way_leaves_what_the_next_needs(
    plan_of: Planner, seed: str, render: Render
) -> None:
    """Whether the next goes on to the same plan or back to the one before, both sets of routes stay meanwhile."""
    first, second = plan_of(), plan_of(exchanged(seed))
    between = meanwhile(running(first), second, render)
    killed = {
        name: {pm: between.get(pm, config) for pm, config in pms.items()} for name, pms in running(second).items()
    }
    assert meanwhile(killed, second, render) == between
    assert {name: table(config) for name, config in meanwhile(killed, first, render).items()} == {
        name: table(config) for name, config in between.items()
    }


def test_a_module_that_keeps_its_prefixes_or_is_new_needs_nothing_in_between(
    plan_of: Planner, seed: str, render: Render
) -> None:
    deployed = running(plan_of())
    changed = seed.replace('addr="192.168.8.0" mask="24"', 'addr="192.168.9.0" mask="24"')
    assert meanwhile(deployed, plan_of(changed), render) == {}
    assert meanwhile({}, plan_of(), render) == {}
    assert meanwhile(deployed, plan_of(seed.replace('<pm id="0">', '<pm id="3">')), render) == {}


def test_a_module_on_another_host_needs_nothing_in_between(
    plan_of: Planner, seed: str, facts: dict[str, Any], render: Render
) -> None:
    only = {**facts, "hosts": {"mh2": {**HOST, "switch_port": 12}}}
    configs = meanwhile(running(plan_of()), plan_of(exchanged(seed), only), render)
    assert sorted(configs) == ["felipeiprouter-pm1"]


@pytest.mark.parametrize("plan", sorted(ROOT.glob("examples/*/expected/plan.json")), ids=lambda path: path.parts[-3])
def test_a_running_configuration_says_the_routes_that_its_plan_has(plan: Path) -> None:
    for host in Plan.from_json(plan.read_text()).hosts.values():
        for pm in host.pms:
            assert routes_of(pm.config) == list(pm.routes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Idle -> Discard;",
        "rt :: RadixIPLookup(10.0.0.0/8 0);\n",
        "rt :: RadixIPLookup(10.0.0.0/8, 10.0.0.1/8 0, x 0, 10.0.0.0/8 a);\nin0 :: Counter -> Paint(0)",
    ],
)
def test_what_is_no_routers_configuration_has_no_routes(text: str) -> None:
    assert routes_of(text) == []
