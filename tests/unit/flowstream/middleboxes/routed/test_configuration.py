# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import dataclasses
import re

import pytest
from ansible.module_utils.flowstream.addresses import parse_address, parse_interface
from ansible.module_utils.flowstream.middleboxes.routed.configuration import (
    Router,
    resolve_routes,
    router_of,
)
from ansible.module_utils.flowstream.middleboxes.template import Render
from ansible.module_utils.flowstream.plan.plan import PlannedPort
from ansible.module_utils.flowstream.plan.route import PlannedRoute
from ansible.module_utils.flowstream.plan.vif import Vif

VIF = Vif("pm00000001", "eth0", "02:00:00:00:00:99", 300, None)


def port(portid: int, *addresses: str, gateway: str | None = None) -> PlannedPort:
    return PlannedPort(
        portid,
        f"02:00:00:00:00:{portid:02x}",
        portid + 1,
        tuple(parse_interface(text) for text in addresses),
        None if gateway is None else parse_address("gateway", gateway),
    )


def resolved(ports: list[PlannedPort], *routes: str) -> list[str]:
    return [str(route) for route in resolve_routes([PlannedRoute.parse(text) for text in routes], ports)]


def router(ports: list[PlannedPort], *routes: str) -> Router:
    return router_of("edge-pm0", "edge", (), [PlannedRoute.parse(text) for text in routes], ports, VIF)


def test_without_a_gateway_every_destination_is_a_neighbour() -> None:
    assert resolved([port(0)], "10.0.0.0/8 0") == ["10.0.0.0/8 0"]


def test_a_destination_off_the_segments_of_its_port_goes_to_the_gateway_of_the_port() -> None:
    ports = [port(0, "192.0.2.1/24", gateway="192.0.2.254")]
    assert resolved(ports, "10.0.0.0/8 0", "192.0.2.0/24 0", "192.0.2.128/25 0") == [
        "10.0.0.0/8 192.0.2.254 0",
        "192.0.2.0/24 0",
        "192.0.2.128/25 0",
    ]


def test_the_gateway_of_an_entry_wins() -> None:
    ports = [port(0, "192.0.2.1/24", gateway="192.0.2.254")]
    assert resolved(ports, "10.0.0.0/8 192.0.2.9 0") == ["10.0.0.0/8 192.0.2.9 0"]


def test_a_wide_route_to_a_gateway_does_not_hide_the_segment_of_its_port() -> None:
    ports = [port(0, "192.0.2.1/24", gateway="192.0.2.254"), port(1)]
    assert resolved(ports, "128.0.0.0/1 0", "10.0.0.0/8 1") == [
        "10.0.0.0/8 1",
        "128.0.0.0/1 192.0.2.254 0",
        "192.0.2.0/24 0",
    ]


def test_a_segment_that_somebody_else_was_given_stays_his() -> None:
    ports = [port(0, "192.0.2.1/24", gateway="192.0.2.254"), port(1)]
    assert "192.0.2.0/24 0" not in resolved(ports, "128.0.0.0/1 0", "192.0.0.0/16 1")
    assert "192.0.2.0/24 0" not in resolved(ports, "128.0.0.0/1 192.0.2.9 0")


def test_a_gateway_without_addresses_is_no_gateway_of_itself() -> None:
    assert resolved([port(0, gateway="192.0.2.254")], "192.0.2.254/32 0", "192.0.2.0/24 0") == [
        "192.0.2.0/24 192.0.2.254 0",
        "192.0.2.254/32 0",
    ]


def test_the_lookup_counts_ports_by_their_order_and_ends_in_no_route_and_the_router_itself() -> None:
    found = router([port(5, "192.0.2.1/24"), port(9)], "10.0.0.0/8 9", "11.0.0.0/8 192.0.2.7 5")
    assert found.lookup == ("10.0.0.0/8 1", "11.0.0.0/8 192.0.2.7 0", "0.0.0.0/0 2", "192.0.2.1/32 3")
    assert not found.has_default


def test_a_route_for_everything_leaves_nothing_without_a_route() -> None:
    found = router([port(0)], "0.0.0.0/0 0")
    assert found.lookup == ("0.0.0.0/0 0",)
    assert found.has_default


def test_a_module_speaks_from_the_segment_that_it_talks_to() -> None:
    ports = [port(0, "192.0.2.1/24", "10.9.0.1/16"), port(1, "198.51.100.1/24", "203.0.113.1/24")]
    found = router(ports, "10.9.0.0/16 0", "12.0.0.0/8 203.0.113.9 1")
    assert [each.address for each in found.ports] == ["10.9.0.1", "203.0.113.1"]
    assert [each.address for each in router(ports).ports] == ["192.0.2.1", "198.51.100.1"]


def test_replies_of_the_router_go_to_neighbours_or_the_gateway_by_the_right_segment() -> None:
    ports = [port(0, "192.0.2.1/24", "10.9.0.1/16", gateway="10.9.0.2"), port(1, "198.51.100.1/24"), port(2)]
    assert [each.replies for each in router(ports).ports] == [
        ("192.0.2.0/24 0", "10.9.0.0/16 1", "0.0.0.0/0 10.9.0.2 1"),
        ("198.51.100.0/24 0", "0.0.0.0/0 0"),
        (),
    ]


def test_no_packet_comes_from_the_router_itself_or_from_the_network_of_another_port() -> None:
    ports = [port(0, "10.0.0.1/24"), port(1, "10.0.1.1/24", "10.0.2.1/24"), port(2)]
    made = router(ports, "10.0.0.0/24 0")
    assert [str(prefix) for prefix in made.martians] == [
        "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "10.0.0.1/32", "10.0.1.1/32", "10.0.2.1/32",
    ]  # fmt: skip
    assert [list(map(str, one.foreign)) for one in made.ports] == [
        ["10.0.1.0/24", "10.0.2.0/24"],
        ["10.0.0.0/24"],
        ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"],
    ]


def test_a_port_with_any_source_has_no_foreign_networks() -> None:
    ports = [dataclasses.replace(port(0, "10.0.0.1/24"), any_source=True), port(1, "10.0.1.1/24")]
    assert [len(one.foreign) for one in router(ports, "10.0.0.0/24 0").ports] == [0, 1]


@pytest.mark.parametrize("addresses", [(), ("192.0.2.1/24",), ("192.0.2.1/24", "10.9.0.1/16")])
def test_every_port_of_every_element_of_the_configuration_is_used_once(
    render: Render, addresses: tuple[str, ...]
) -> None:
    """No output is left open and no element is connected before it is declared."""
    text = render("fastiprouter", "edge-pm0", {"router": router([port(0, *addresses), port(300 - 45)], "10.0.0.0/8 0")})
    code = re.sub(r"//.*", "", text)
    declared: set[str] = set()
    for statement in code.split(";"):
        used = re.findall(r"(?:^|->)\s*(?:\[\d+\]\s*)?([a-z_]+\d*)\b(?!\s*(?:::|,))", statement)
        here = re.findall(r"([a-z_]+\d*)\s*(?:::|,\s*(?=[a-z_, ]+::))", re.sub(r"\([^)]*\)", "", statement))
        for name in used:
            assert name in declared | set(here), f"{name} is used before it is declared"
        declared |= set(here)
    outputs = [int(number) for number in re.findall(r"classify \[(\d+)\]", code)]
    assert sorted(outputs) == list(range(6))
    outputs = [int(number) for number in re.findall(r"\brt \[(\d+)\]", code)]
    assert sorted(outputs) == list(range(4 if addresses else 3))
    inputs = [int(number) for number in re.findall(r"\[(\d+)\] scheduler", code)]
    assert sorted(inputs) == list(range(3 if addresses else 2))
