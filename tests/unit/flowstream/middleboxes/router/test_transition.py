# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from typing import Any

from ansible.module_utils.flowstream.middleboxes.router.configuration import Render
from ansible.module_utils.flowstream.middleboxes.router.transition import transitional_configs

from ...conftest import HOST, Planner


def table(config: str) -> list[str]:
    found = re.search(r"rt :: RadixIPLookup\((.*?)\);", config, re.DOTALL)
    assert found
    return [entry.strip() for entry in found.group(1).split(",")]


def exchanged(seed: str) -> str:
    return seed.replace('<pm id="0">', '<pm id="X">').replace('<pm id="1">', '<pm id="0">').replace('"X"', '"1"')


def test_modules_that_exchange_their_prefixes_have_the_routes_of_both_meanwhile(
    plan_of: Planner, seed: str, render: Render
) -> None:
    configs = transitional_configs(plan_of(), plan_of(exchanged(seed)), render)
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
    narrow = seed.replace('<prefix addr="128.0.0.0" mask="128.0.0.0"/>', '<prefix addr="192.168.5.0" mask="24"/>')
    narrow = re.sub(r'<forwardingentry addr="192.168.[678].0".*\n', "", narrow)
    narrow = narrow.replace(
        "</pm>\n</alloc",
        '</pm>\n<pm id="2"><prefix addr="192.168.6.0" mask="23"/><forwardingtable>'
        '<forwardingentry addr="192.168.6.0" mask="24" outputport="0"/></forwardingtable></pm>\n</alloc',
    )
    configs = transitional_configs(plan_of(), plan_of(narrow), render)
    assert {name: table(config) for name, config in configs.items()} == {
        "felipeiprouter-pm0": [*(f"192.168.{network}.0/24 {network - 5}" for network in range(5, 9)), "0.0.0.0/0 4"]
    }


def test_a_module_that_keeps_its_prefixes_or_is_new_needs_nothing_in_between(
    plan_of: Planner, seed: str, render: Render
) -> None:
    changed = seed.replace('addr="192.168.8.0" mask="24"', 'addr="192.168.9.0" mask="24"')
    assert transitional_configs(plan_of(), plan_of(changed), render) == {}
    assert transitional_configs(None, plan_of(), render) == {}
    assert transitional_configs(plan_of(), plan_of(seed.replace('<pm id="0">', '<pm id="3">')), render) == {}


def test_a_module_on_another_host_needs_nothing_in_between(
    plan_of: Planner, seed: str, facts: dict[str, Any], render: Render
) -> None:
    only = {**facts, "hosts": {"mh2": {**HOST, "switch_port": 12}}}
    configs = transitional_configs(plan_of(), plan_of(exchanged(seed), only), render)
    assert sorted(configs) == ["felipeiprouter-pm1"]
