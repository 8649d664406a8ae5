# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.flowstream.fabric.share import Place
from ansible.module_utils.flowstream.platform.facts import Device, Platform, Tenant

from ..conftest import messages


def test_facts_are_sorted_and_typed(facts: dict[str, Any]) -> None:
    facts["hosts"] = dict(reversed(facts["hosts"].items()))
    facts["ports"] = {"10": {}, "2": {"addresses": ["192.0.2.1/24"], "gateway": "192.0.2.254"}}
    platform = Platform.from_facts(facts)
    assert [host.name for host in platform.hosts] == ["mh1", "mh2"]
    assert platform.hosts[0].kinds == ("process",)
    assert list(platform.ports) == [2, 10]
    assert str(platform.ports[2].addresses[0]) == "192.0.2.1/24"


def test_a_port_number_may_be_text_as_templates_make_it(facts: dict[str, Any]) -> None:
    facts["hosts"]["mh1"]["switch_port"] = "11"
    assert Platform.from_facts(facts).hosts[0].switch_port == 11


def test_what_a_host_has_besides_memory_is_bounded_where_the_inventory_says_so(facts: dict[str, Any]) -> None:
    stated = {"processors": 8, "uplink_mbps": "10000", "flow_entries": 5000}
    facts["hosts"]["mh2"]["capacity"] = {**facts["hosts"]["mh2"]["capacity"], **stated}
    hosts = Platform.from_facts(facts).hosts
    assert [(host.max_processors, host.max_uplink, host.max_flows) for host in hosts] == [
        (None, None, None),
        (8, 10000, 5000),
    ]


def test_what_the_inventory_leaves_open_is_what_was_measured_and_what_it_says_wins(facts: dict[str, Any]) -> None:
    measured = {"memory_mib": 7168, "vcpus": 4, "processors": 4, "uplink_mbps": 1000}
    facts["hosts"]["mh1"] |= {"capacity": {"pms": 2, "vcpus": 1}, "measured": measured}
    facts["hosts"]["mh2"].pop("capacity")
    one, other = Platform.from_facts(facts).hosts
    assert (one.max_pms, one.max_memory, one.max_vcpus, one.max_processors, one.max_uplink) == (2, 7168, 1, 4, 1000)
    assert [one.origin(key) for key in ("memory_mib", "vcpus", "pms")] == [
        " measured",
        " from the inventory",
        " from the inventory",
    ]
    assert (one.unknown, other.unknown, other.origin("memory_mib")) == ((), ("memory_mib", "vcpus"), "")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"driver": "kvm"},
            "inventory: module host mh1: module_host_driver is unknown, got kvm; use process or xen",
        ),
        (
            {"pm_kind": "clickos"},
            "inventory: module host mh1: module_host_pm_kind is none of the driver's, got clickos; use process",
        ),
        (
            {"driver": None},
            "inventory: module host mh1: module_host_driver is missing; set it in the inventory",
        ),
        (
            {"switch": "sw9"},
            "inventory: module host mh1: module_host_switch is no flow switch, got sw9; use sw1",
        ),
        (
            {"switch_port": 0},
            "inventory: module host mh1: module_host_switch_port is not a whole number 1..65279, got 0; correct it",
        ),
        (
            {"uplink_port": True},
            "inventory: module host mh1: module_host_uplink_port is not a whole number 1..65279, got True; correct it",
        ),
        (
            {"switch_port": 12},
            "inventory: module host mh2: module_host_switch_port is that of mh1, got 12 on sw1; give each host its own",
        ),
        (
            {"capacity": "all"},
            "inventory: module host mh1: module_host_capacity is no mapping, got all; write a mapping of pms, memory_mib, vcpus,"
            " processors, uplink_mbps, flow_entries",
        ),
        (
            {"capacity": {"pms": 1, "vcpus": 1}, "measured": {"memory_mib": 0}},
            "inventory: module host mh1: module_host_capacity.memory_mib is not a whole number 1..1073741824, got 0; correct it",
        ),
        (
            {"capacity": {"pms": 1, "memory_mib": 1, "vcpus": 1, "disk": 1}},
            "inventory: module host mh1: module_host_capacity: fact is unknown, got disk; use pms, memory_mib, vcpus,"
            " processors, uplink_mbps, flow_entries",
        ),
        (
            {"capacity": {"pms": 1, "memory_mib": 1, "vcpus": 1, "processors": 0.5}},
            "inventory: module host mh1: module_host_capacity.processors is not a whole number 1..1073741824, got 0.5;"
            " correct it",
        ),
        (
            {"colour": "red"},
            "inventory: module host mh1: fact is unknown, got colour;"
            " use driver, pm_kind, bridge, uplink_port, switch, switch_port, capacity, measured",
        ),
    ],
)
def test_a_wrong_fact_of_a_host_is_named(facts: dict[str, Any], change: dict[str, Any], expected: str) -> None:
    facts["hosts"]["mh1"].update(change)
    assert messages(lambda: Platform.from_facts(facts)) == [expected]


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        (
            {"eth0": {}},
            "inventory: platform port eth0: portid is not a whole number, got eth0; use the portid of the allocations",
        ),
        (
            {"0": {"addresses": "192.0.2.1/24"}},
            "inventory: platform port 0: addresses is no list, got 192.0.2.1/24;"
            " write a list such as [192.168.5.254/24]",
        ),
        (
            {"0": {"addresses": ["192.0.2.1"]}},
            "inventory: platform port 0: address has no mask, got 192.0.2.1; write for example 192.0.2.1/24",
        ),
        (
            {"0": {"gateway": "up"}},
            "inventory: platform port 0: gateway is not an IPv4 address, got up; write four numbers 0..255 with dots",
        ),
        ({"0": "up"}, "inventory: platform: ports 0 is no mapping, got 'up'; write its facts by name"),
    ],
)
def test_a_wrong_fact_of_a_port_is_named(facts: dict[str, Any], ports: dict[str, Any], expected: str) -> None:
    facts["ports"] = ports
    assert messages(lambda: Platform.from_facts(facts)) == [expected]


def test_what_a_tenant_may_have_is_read(facts: dict[str, Any]) -> None:
    quota = {
        "modules": 3,
        "memory_mib": "256",
        "rate_mbps": 100,
        "switchports": [1, "2", "sw1/3"],
        "types": ["fastiprouter"],
    }
    facts["tenants"] = {"acme": quota, "free": {}}
    assert Platform.from_facts(facts).tenants == {
        "acme": Tenant("acme", 3, 256, 100, frozenset(Place("sw1", port) for port in (1, 2, 3)), ("fastiprouter",)),
        "free": Tenant("free"),
    }


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ({"colour": "red"}, "fact is unknown, got colour; use modules, memory_mib, rate_mbps, switchports, types"),
        ({"modules": "many"}, "modules is not a whole number 1..65536, got many; correct it"),
        ({"memory_mib": "1 GiB"}, "memory_mib is not a whole number 1..1073741824, got 1 GiB; correct it"),
        ({"rate_mbps": 0}, "rate_mbps is not a whole number 1..1073741824, got 0; correct it"),
        ({"switchports": 1}, "switchports is no list, got 1; write a list such as [1, 2]"),
        ({"switchports": [1, "up"]}, "switchports is not a whole number 1..65279, got up; correct it"),
        ({"switchports": ["sw2/1"]}, "switchports has a port of no flow switch, got sw2/1; use sw1"),
        ({"types": "fastiprouter"}, "types is no list, got fastiprouter; write a list of types of allocations"),
    ],
)
def test_a_wrong_quota_is_named(facts: dict[str, Any], quota: dict[str, Any], expected: str) -> None:
    facts["tenants"] = {"acme": quota}
    assert messages(lambda: Platform.from_facts(facts)) == [f"inventory: tenant acme: {expected}"]


def test_a_device_hangs_at_two_ports_of_a_switch(facts: dict[str, Any]) -> None:
    facts["devices"] = {"ids1": {"switch": "sw1", "outside_port": "21", "inside_port": 22}}
    assert Platform.from_facts(facts).devices == (Device("ids1", "sw1", 21, 22),)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"inside_port": None}, "device_inside_port is missing; set it in the inventory"),
        ({"outside_port": "left"}, "device_outside_port is not a whole number 1..65279, got left; correct it"),
        ({"inside_port": 21}, "device_inside_port is device_outside_port, got 21; a device needs a port for each side"),
        ({"switch": "sw9"}, "device_switch is no flow switch, got sw9; use sw1"),
        ({"switch": None}, "device_switch is missing; set it in the inventory"),
        ({"inside_port": 12}, "device_inside_port is that of mh2, got 12 on sw1; give each device ports of its own"),
        ({"outside_port": 23}, "device_outside_port is that of a, got 23 on sw1; give each device ports of its own"),
        ({"colour": "red"}, "fact is unknown, got colour; use switch, outside_port, inside_port"),
    ],
)
def test_a_wrong_fact_of_a_device_is_named(facts: dict[str, Any], change: dict[str, Any], expected: str) -> None:
    device = {"switch": "sw1", "outside_port": 21, "inside_port": 22}
    facts["devices"] = {"a": {**device, "outside_port": 23, "inside_port": 24}, "ids1": {**device, **change}}
    assert messages(lambda: Platform.from_facts(facts)) == [f"inventory: device ids1: {expected}"]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert messages(lambda: Platform.from_facts({"switches": {"sw1": {}}, "colour": "red"})) == [
        "inventory: flow switch sw1: flow_switch_bridge is missing; set it in the inventory",
        "inventory: platform: fact is unknown, got colour; use switches, hosts, ports, tenants, devices",
        "inventory: platform: has no module host; put one into the group module_hosts",
    ]
