# SPDX-License-Identifier: Apache-2.0
"""Several switches as the inventory has them, right and in every way wrong."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.flowstream.fabric.share import Place
from ansible.module_utils.flowstream.platform.facts import Platform

from ..conftest import messages

ROOT = Path(__file__).parents[4]
TWO = yaml.safe_load((ROOT / "examples" / "two-switches" / "platform.yml").read_text())


@pytest.fixture
def two() -> dict[str, Any]:
    """Facts of a platform with two switches, to be changed at will."""
    return deepcopy(TWO)


def test_two_switches_are_read_with_their_links(two: dict[str, Any]) -> None:
    platform = Platform.from_facts(two)
    assert [switch.links for switch in platform.switches] == [{31: Place("sw2", 31)}, {31: Place("sw1", 31)}]
    assert platform.fabric is not None
    assert platform.fabric.label(Place("sw2", 11)) == 267
    assert platform.fabric.nodes["sw1"].attached == {11: "module host mh1", 1: "what is outside", 2: "what is outside"}


def test_what_the_inventory_says_of_tables_wins_over_what_the_switch_says(facts: dict[str, Any]) -> None:
    said = [{"first": 0, "last": 0, "entries": 100}, {"first": 1, "last": 253, "entries": 1000}]
    facts["switches"]["sw1"]["tables"] = said
    switch = Platform.from_facts(facts).switches[0]
    assert [switch.room(table) for table in (0, 1, 253, 254)] == [
        (100, " by what the switch says"),
        (1000, " by what the switch says"),
        (1000, " by what the switch says"),
        None,
    ]
    facts["switches"]["sw1"]["capacity"] = {"flow_entries": 40}
    assert Platform.from_facts(facts).switches[0].room(254) == (40, " from the inventory")


def test_a_tenants_port_is_one_of_a_switch(two: dict[str, Any]) -> None:
    two["tenants"] = {"acme": {"switchports": ["sw1/1", "sw2/2"]}}
    assert Platform.from_facts(two).tenants["acme"].switchports == {Place("sw1", 1), Place("sw2", 2)}
    two["tenants"] = {"acme": {"switchports": [1, "sw3/2", "sw1/0"]}}
    assert messages(lambda: Platform.from_facts(two)) == [
        "inventory: tenant acme: switchports has a port and not of which switch, got 1; write SWITCH/PORT, such as sw1/1",
        "inventory: tenant acme: switchports has a port of no flow switch, got sw3/2; use sw1, sw2",
        "inventory: tenant acme: switchports is not a whole number 1..65279, got 0; correct it",
    ]


def test_one_switch_needs_nothing_of_that(facts: dict[str, Any]) -> None:
    assert Platform.from_facts(facts).fabric is None


@pytest.mark.parametrize(
    ("switch", "change", "expected"),
    [
        (
            "sw1",
            {"number": None},
            ["flow switch sw1: flow_switch_number is missing; set it in the inventory"],
        ),
        (
            "sw1",
            {"number": 32},
            ["flow switch sw1: flow_switch_number is not a whole number 1..31, got 32; correct it"],
        ),
        (
            "sw2",
            {"number": 1},
            ["flow switch sw2: flow_switch_number is that of sw1, got 1; give each its own"],
        ),
        (
            "sw1",
            {"links": [31]},
            [
                "flow switch sw1: flow_switch_links is no mapping, got [31]; write PORT: SWITCH/PORT of its other end",
                "flow switch sw2: flow_switch_links leads from port 31 to sw1/31, got no link there; declare both ends of it,"
                " as ends of each other",
            ],
        ),
        (
            "sw1",
            {"links": {31: "sw2"}},
            [
                "flow switch sw1: the other end of port 31 in flow_switch_links is no port of a switch, got sw2;"
                " write SWITCH/PORT",
                "flow switch sw2: flow_switch_links leads from port 31 to sw1/31, got no link there; declare both ends of it,"
                " as ends of each other",
            ],
        ),
        (
            "sw1",
            {"links": {31: "sw2/31", "x": "sw2/32"}},
            [
                "flow switch sw1: a port of flow_switch_links is not a whole number 1..65279, got x; correct it",
                "flow switch sw1: flow_switch_links leads from port 0 to sw2/32, got no link there; declare both ends of it,"
                " as ends of each other",
            ],
        ),
        (
            "sw1",
            {"links": {31: "sw2/31", 32: "sw9/1"}},
            ["flow switch sw1: flow_switch_links leads from port 32 to sw9/1, which is no flow switch; use sw1, sw2"],
        ),
        (
            "sw1",
            {"links": {31: "sw2/31", 32: "sw1/33"}},
            [
                "flow switch sw1: flow_switch_links leads from port 32 to sw1/33, which is the same switch; links are between two"
            ],
        ),
        (
            "sw1",
            {"links": {31: "sw2/31", 32: "sw2/31"}},
            [
                "flow switch sw1: flow_switch_links leads from port 32 to sw2/31, got sw1/31 there; declare both ends of it,"
                " as ends of each other"
            ],
        ),
        (
            "sw1",
            {"capacity": 4000},
            ["flow switch sw1: flow_switch_capacity is no mapping, got 4000; write a mapping of flow_entries"],
        ),
        (
            "sw1",
            {"capacity": {"flow_entries": 0}},
            [
                "flow switch sw1: flow_switch_capacity.flow_entries is not a whole number 1..1073741824, got 0; correct it"
            ],
        ),
        (
            "sw1",
            {"outside": 1},
            ["flow switch sw1: flow_switch_outside is no list, got 1; write a list of ports such as [1, 2]"],
        ),
        (
            "sw1",
            {"outside": [1, 11, 31, 1]},
            [
                "flow switch sw1: flow_switch_outside has the port of mh1, got 11; take it out",
                "flow switch sw1: flow_switch_outside has the port of the link to sw2/31, got 31; take it out",
                "flow switch sw1: flow_switch_outside names a port twice, got 1; take one out",
            ],
        ),
        (
            "sw1",
            {"outside": [1, 128]},
            ["flow switch sw1: port of flow_switch_outside has no label, got 128; use one up to 127, or number it so"],
        ),
        (
            "sw1",
            {"lynx": {}},
            ["flow switch sw1: fact is unknown, got lynx; use bridge, number, links, outside, capacity, tables"],
        ),
    ],
)
def test_a_wrong_fact_of_a_switch_is_named(
    two: dict[str, Any], switch: str, change: dict[str, Any], expected: list[str]
) -> None:
    two["switches"][switch].update(change)
    assert messages(lambda: Platform.from_facts(two)) == [f"inventory: {text}" for text in expected]


def test_a_link_at_the_port_of_a_host_is_named(two: dict[str, Any]) -> None:
    two["hosts"]["mh1"]["switch_port"] = 31
    assert messages(lambda: Platform.from_facts(two)) == [
        "inventory: flow switch sw1: flow_switch_links leads from port 31 to sw2/31, got the port of mh1;"
        " give each a port of its own"
    ]


def test_a_switch_that_nothing_leads_to_is_named(two: dict[str, Any]) -> None:
    two["switches"]["sw3"] = {"bridge": "br-flow", "number": 3}
    two["switches"]["sw4"] = {"bridge": "br-flow", "number": 4, "outside": [1]}
    assert messages(lambda: Platform.from_facts(two)) == [
        f"inventory: flow switch {name}: no links lead to it from sw1, got none; declare them in flow_switch_links"
        for name in ("sw3", "sw4")
    ]


def test_without_any_number_each_switch_is_named(two: dict[str, Any]) -> None:
    for switch in two["switches"].values():
        del switch["number"]
    assert messages(lambda: Platform.from_facts(two)) == [
        f"inventory: flow switch {name}: flow_switch_number is missing; with several switches, give each its own, 1..31"
        for name in ("sw1", "sw2")
    ]


def test_a_platform_port_at_a_switch_that_is_not_there_is_named(two: dict[str, Any]) -> None:
    two["ports"] = {"7": {"switch": "sw9"}}
    assert messages(lambda: Platform.from_facts(two)) == [
        "inventory: platform port 7: switch is no flow switch, got sw9; use sw1, sw2"
    ]
