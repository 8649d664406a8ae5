# SPDX-License-Identifier: Apache-2.0
"""A module with a new configuration beside the one that it may succeed gets as many of a hundred flows as it is to, and sends as the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.plan import HostPlan, Plan
from ansible.module_utils.flowstream.rollout.beside import Taken, beside, parse_weight, successor_of

from .network import Arrival, Network
from .openflow_switch import Packet
from .played_modules import NEIGHBOUR, plan_of

MODULE = "felipeiprouter-pm0"
SUCCESSOR = successor_of(MODULE)
DEPLOYED = plan_of("felipeiprouter")
PORT = DEPLOYED.ports[0]
ROOM = Taken(pms=1, memory=64, most_pms=8, most_memory=4096, ports={})


def reconfigured(plan: Plan, name: str) -> Plan:
    """The plan with another configuration of a module."""

    def host_of(host: HostPlan) -> HostPlan:
        pms = (replace(pm, config=f"{pm.config}// new\n") if pm.name == name else pm for pm in host.pms)
        return replace(host, pms=tuple(pms))

    return replace(plan, hosts={key: host_of(host) for key, host in plan.hosts.items()})


WANTED = reconfigured(DEPLOYED, MODULE)


def shared(weight: int, **taken: int) -> Plan:
    room = {host: ROOM._replace(**taken) for host in DEPLOYED.hosts}
    return beside(DEPLOYED, WANTED, [MODULE], weight, room)


def packet(destination: str, number: int = 0) -> Packet:
    """A packet that comes by the first port."""
    source = IPv4Address("192.168.5.1")
    return Packet(
        NEIGHBOUR, PORT.mac, 0x0800, IPv4Address(destination), ip_src=source, ip_proto=17, port_src=number, port_dst=9
    )


@pytest.mark.parametrize("weight", [1, 5, 20, 37, 50, 64, 99])
def test_of_a_hundred_numbers_it_gets_as_many_as_its_weight_and_no_others_than_the_modules(weight: int) -> None:
    network = Network(shared(weight).files())
    met: Counter[str | None] = Counter()
    for number in range(100):
        network.bridges["mh1"].choose = lambda count, number=number: number % count  # type: ignore[misc]
        for arrival in network.enter(packet("192.168.6.1"), PORT.switchport):
            met[arrival.pm] += 1
        assert network.enter(packet("10.0.6.1"), PORT.switchport) == [Arrival(pm="felipeiprouter-pm1")]
    assert met == {MODULE: 100 - weight, SUCCESSOR: weight}


def test_it_sends_by_the_ports_of_the_other_and_as_nobody_else() -> None:
    network = Network(shared(20).files())
    for port in DEPLOYED.ports:
        sent = Packet(port.mac, NEIGHBOUR, 0x0800, IPv4Address("192.168.6.1"), ip_src=IPv4Address("192.168.5.1"))
        for module in (MODULE, SUCCESSOR):
            assert [arrival.switchport for arrival in network.send(sent, module)] == [port.switchport]
    forged = Packet(
        "06:00:00:00:00:99", NEIGHBOUR, 0x0800, IPv4Address("192.168.6.1"), ip_src=IPv4Address("192.168.5.1")
    )
    assert network.send(forged, SUCCESSOR) == []


def test_neighbours_answer_both_and_one_of_them_answers_neighbours() -> None:
    deployed = plan_of("click")
    shared = beside(deployed, reconfigured(deployed, "meter-pm0"), ["meter-pm0"], 20, {"mh1": ROOM})
    network, port = Network(shared.files()), deployed.ports[0]
    address = IPv4Address("192.168.5.254")
    answer = Packet(NEIGHBOUR, port.mac, 0x0806, arp_op=2, arp_tpa=address)
    both = {"meter-pm0", successor_of("meter-pm0")}
    assert {arrival.pm for arrival in network.enter(answer, port.switchport)} == both
    question = Packet(NEIGHBOUR, "ff:ff:ff:ff:ff:ff", 0x0806, arp_op=1, arp_tpa=address)
    assert [arrival.pm for arrival in network.enter(question, port.switchport)] == ["meter-pm0"]


def test_it_runs_the_new_configuration_with_numbers_of_its_own_and_the_switch_is_as_it_was() -> None:
    plan = shared(20)
    pms = {pm.name: pm for pm in plan.hosts["mh1"].pms}
    assert pms[SUCCESSOR].config == f"{pms[MODULE].config}// new\n"
    assert pms[SUCCESSOR].why == f"beside {MODULE}, with 20 % of its flows"
    assert (
        len({pm.vifs[0].ofport for pm in pms.values()}) == len({pm.vifs[0].device for pm in pms.values()}) == len(pms)
    )
    assert (plan.switches, plan.hosts["mh2"]) == (DEPLOYED.switches, DEPLOYED.hosts["mh2"])
    assert Plan.from_dict(plan.to_dict()) == plan
    taken = pms[SUCCESSOR].vifs[0].ofport
    other = shared(20, ports={"pm00000000": taken}).hosts["mh1"].pms[-1]  # type: ignore[arg-type]
    assert (other.name, other.vifs[0].ofport) == (SUCCESSOR, taken + 1)


@pytest.mark.parametrize(
    ("taken", "message"),
    [
        ({"pms": 8}, "mh1 has no room for successors beside its modules, got 9 modules of 8; name fewer"),
        ({"memory": 4090}, "mh1 has no memory for successors beside its modules, got 4154 MiB of 4096; name fewer"),
    ],
    ids=["modules", "memory"],
)
def test_a_host_without_room_is_refused(taken: dict[str, int], message: str) -> None:
    with pytest.raises(FlowstreamError, match=message):
        shared(5, **taken)


@pytest.mark.parametrize(("given", "weight"), [(0, 0), ("5", 5), ("20%", 20), (99, 99)])
def test_a_weight_is_a_percentage(given: object, weight: int) -> None:
    assert parse_weight(given) == weight


@pytest.mark.parametrize("given", [100, -1, "half", True, "1.5"])
def test_what_is_no_share_is_refused(given: object) -> None:
    with pytest.raises(
        FlowstreamError, match=r"rollout_weight: is no share of the flows from 1 to 99 percent, got .*; write 5"
    ):
        parse_weight(given)
