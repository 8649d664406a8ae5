# SPDX-License-Identifier: Apache-2.0
"""Devices that are not ours among stages: what goes into one has no tag and comes on behind it, or goes past it, or nowhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, NamedTuple

from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from hypothesis import given, settings
from hypothesis import strategies as st

from .allocations import mac, platforms
from .network import Arrival, Network
from .openflow_switch import Packet

RENDER = renderer(Path(__file__).parents[2] / "templates" / "click")
NEIGHBOUR, OTHER = "06:00:00:00:00:01", "06:00:00:00:00:02"
PORT, ROUTER = 0, "model-pm0"
EVERYTHING = {"addr": "0.0.0.0"}  # noqa: S104 (nothing binds to it)
DEVICES = ("ids0", "ids1")
ADDRESSES = st.integers(0, 2**32 - 1).map(IPv4Address)


class Passed(NamedTuple):
    """A stage of the port: the module's name or the device's, and what becomes of packets when a device is down."""

    name: str
    down: str = ""


class Case(NamedTuple):
    """A router with stages at port 0, the nearest to the port first."""

    stages: tuple[Passed, ...]
    asked: dict[str, Any]
    facts: dict[str, Any]

    def network(self) -> Network:
        source = json.dumps(self.asked).encode()
        allocation = parse(source, "model.yml").allocation
        return Network(plan_allocation(allocation, Platform.from_facts(self.facts), RENDER).files())


@st.composite
def cases(
    draw: st.DrawFn,
    facts: dict[str, Any] | None = None,
    downs: Sequence[str] = ("bypass", "block"),
    first_port: int = 40,
) -> Case:
    """One or two devices at switches of the platform `facts`, alone or with shapers before, between and behind them."""
    kinds = draw(st.permutations(["device", *draw(st.lists(st.sampled_from(["device", "shaper"]), max_size=2))]))
    devices = iter(DEVICES)
    stages, passed = [], []
    for number, kind in enumerate(kinds):
        place = {"id": f"s{number}", "type": kind, "port": PORT}
        device = next(devices, None) if kind == "device" else None
        if device is None:
            stages.append({**place, "type": "shaper", "pm": [{"id": 10 + number, "line": {"out": 100}}]})
            passed.append(Passed(f"model-pm{10 + number}"))
        else:
            down = draw(st.sampled_from(downs))
            stages.append({**place, "device": device, "down": down})
            passed.append(Passed(device, down))
    facts = facts or draw(platforms())
    facts["devices"] = {
        name: {
            "switch": draw(st.sampled_from(sorted(facts["switches"]))),
            "outside_port": first_port + 2 * at,
            "inside_port": first_port + 1 + 2 * at,
        }
        for at, name in enumerate(DEVICES)
    }
    asked = {
        "id": "model",
        "type": "fastiprouter",
        "subtype": "prefixlb",
        "portmacmappings": {
            "portmacmapping": [{"portid": port, "mac": mac(port), "switchport": port + 1} for port in (0, 1)]
        },
        "pm": [
            {
                "id": 0,
                "prefix": [{**EVERYTHING, "mask": 0}],
                "forwardingtable": {"forwardingentry": [{**EVERYTHING, "mask": 1, "outputport": 0}]},
            }
        ],
        "stage": stages,
    }
    return Case(tuple(passed), asked, facts)


def followed(network: Network, arrived: list[Arrival], packet: Packet) -> list[str]:
    """The modules and devices that a packet passes, and the port that it leaves by; shapers send on what they get."""
    names = network.through[:]
    network.through.clear()
    for arrival in arrived:
        assert arrival.packet == packet, "it has come as it was, without a tag"
        if arrival.pm is None or arrival.pm == ROUTER:
            names.append(arrival.pm or f"port {arrival.switchport}")
        else:
            names += [arrival.pm, *followed(network, network.send(packet, arrival.pm), packet)]
    assert len(arrived) <= 1
    return names


def expected(stages: list[Passed], gone: set[str], end: str) -> list[str]:
    """What it is to pass when some devices are down."""
    names = []
    for stage in stages:
        if stage.name not in gone:
            names.append(stage.name)
        elif stage.down == "block":
            return names
    return [*names, end]


@given(case=cases(), addresses=st.tuples(ADDRESSES, ADDRESSES), gone=st.sets(st.sampled_from([40, 41, 42, 43])))
@settings(max_examples=60, deadline=None)
def test_packets_pass_devices_that_are_up_and_as_it_is_said_those_that_are_down(
    case: Case, addresses: tuple[IPv4Address, IPv4Address], gone: set[int]
) -> None:
    network = case.network()
    network.down |= gone
    down = {DEVICES[(port - 40) // 2] for port in gone}
    inward = Packet(NEIGHBOUR, mac(PORT), 0x0800, addresses[0], ip_src=addresses[1])
    found = followed(network, network.enter(inward, PORT + 1), inward)
    assert found == expected(list(case.stages), down, ROUTER)
    outward = Packet(mac(PORT), OTHER, 0x0800, addresses[0], ip_src=addresses[1])
    found = followed(network, network.send(outward, ROUTER), outward)
    assert found == expected(list(reversed(case.stages)), down, f"port {PORT + 1}")


@given(case=cases(), address=ADDRESSES)
@settings(max_examples=20, deadline=None)
def test_what_a_silent_device_gets_is_gone(case: Case, address: IPv4Address) -> None:
    network = case.network()
    first = next(stage.name for stage in case.stages if stage.down)
    network.silent.add(first)
    packet = Packet(NEIGHBOUR, mac(PORT), 0x0800, address, ip_src=address)
    found = followed(network, network.enter(packet, PORT + 1), packet)
    assert found == [stage.name for stage in case.stages[: [each.name for each in case.stages].index(first)]]


@given(
    case=cases(),
    addresses=st.tuples(ADDRESSES, ADDRESSES),
    macs=st.tuples(*[st.sampled_from([mac(0), mac(1), NEIGHBOUR])] * 2),
    tag=st.integers(0, 14),
    kind=st.sampled_from([0x0800, 0x0806, 0x86DD, 0x88B5]),
)
@settings(max_examples=50, deadline=None)
def test_what_a_device_makes_up_leads_nowhere_but_on(
    case: Case, addresses: tuple[IPv4Address, IPv4Address], macs: tuple[str, str], tag: int, kind: int
) -> None:
    network = case.network()
    names = [stage.name for stage in case.stages]
    network.silent |= set(DEVICES)
    made = Packet(*macs, kind, tags=(0x1000 | tag,) if tag else ())
    if kind == 0x0800:
        made = replace(made, ip_dst=addresses[0], ip_src=addresses[1])
    for (_, port), (device, _) in network.devices.items():
        if device not in names:
            continue
        before, behind = ([f"port {PORT + 1}", *names, ROUTER][names.index(device) + at] for at in (0, 2))
        outward, inward = macs[0] == mac(PORT), macs[1] == mac(PORT)
        allowed = behind if port % 2 and inward else before if not port % 2 and outward else None
        if tag or kind != 0x0800 or outward == inward:
            allowed = None
        for arrival in network.enter(made, port):
            assert (arrival.pm or f"port {arrival.switchport}") == allowed
