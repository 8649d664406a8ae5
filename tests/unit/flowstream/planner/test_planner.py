# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.flowstream.middleboxes.template import Render, renderer
from ansible.module_utils.flowstream.placement.request import Place, Request
from ansible.module_utils.flowstream.placement.round_robin import round_robin
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm
from ansible.module_utils.flowstream.plan.vif import Vif
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import ModuleHost, Platform

from ..conftest import HOST, ROOT, Planner, messages


def pms_of(plan: Plan) -> dict[str, PlannedPm]:
    return {pm.name: pm for host in plan.hosts.values() for pm in host.pms}


def vifs_of(plan: Plan) -> dict[str, Vif]:
    return {name: pm.vifs[0] for name, pm in pms_of(plan).items()}


def one_pm(pm_id: int, network: str) -> str:
    return (
        f'<pm id="{pm_id}"><prefix addr="{network}" mask="8"/><forwardingtable>'
        f'<forwardingentry addr="{network}" mask="8" outputport="0"/></forwardingtable></pm>'
    )


def with_pms(*pms: str) -> str:
    return (
        '<allocationdescription id="edge" type="fastiprouter" subtype="prefixlb"><portmacmappings>'
        '<portmacmapping portid="0" mac="02:00:00:00:00:01" switchport="1"/></portmacmappings>'
        f"{''.join(pms)}</allocationdescription>"
    )


def test_the_seed_puts_one_module_on_each_host(plan_of: Planner) -> None:
    plan = plan_of()
    assert {name: [pm.name for pm in host.pms] for name, host in plan.hosts.items()} == {
        "mh1": ["felipeiprouter-pm0"],
        "mh2": ["felipeiprouter-pm1"],
    }


def test_every_switch_and_host_is_in_the_plan_with_or_without_work(plan_of: Planner, facts: dict[str, Any]) -> None:
    facts["hosts"]["mh9"] = {**HOST, "switch_port": 19}
    plan = plan_of(facts=facts)
    assert list(plan.hosts) == ["mh1", "mh2", "mh9"]
    assert (plan.hosts["mh9"].flows, plan.hosts["mh9"].pms) == ((), ())


def test_the_cookie_comes_from_the_name_alone(plan_of: Planner, seed: str) -> None:
    expected = int(hashlib.sha256(b"flowstream:felipeiprouter").hexdigest()[:16], 16)
    assert plan_of().cookie == expected
    assert plan_of(seed.replace("00:15:17:15:5D:20", "00:15:17:15:5D:22")).cookie == expected


def test_a_new_module_renumbers_no_other(plan_of: Planner) -> None:
    few = vifs_of(plan_of(with_pms(one_pm(1, "10.0.0.0"), one_pm(3, "11.0.0.0"))))
    more = vifs_of(plan_of(with_pms(*(one_pm(number, f"{10 + number}.0.0.0") for number in range(6)))))
    assert few == {name: vif for name, vif in more.items() if name in few}


def test_names_of_a_thousand_modules_do_not_collide(plan_of: Planner, facts: dict[str, Any]) -> None:
    facts["hosts"] = {"mh1": {**HOST, "capacity": {"pms": 1000, "memory_mib": 64000, "vcpus": 1}}}
    text = with_pms(
        *(
            one_pm(number, f"10.0.{number >> 8}.{number & 255}").replace('mask="8"', 'mask="32"')
            for number in range(1000)
        )
    )
    vifs = vifs_of(plan_of(text, facts))
    assert len({vif.ofport for vif in vifs.values()}) == len({vif.device for vif in vifs.values()}) == 1000
    assert all(256 <= vif.ofport <= 65000 and len(vif.device) == 10 for vif in vifs.values())
    assert len({vif.mac for vif in vifs.values()}) == 1000


def test_what_the_allocation_says_of_a_module_is_in_the_plan(plan_of: Planner, facts: dict[str, Any]) -> None:
    facts["hosts"]["mh2"]["driver"] = "xen"
    text = with_pms(one_pm(0, "10.0.0.0").replace("<pm ", '<pm kind="linux_guest" memory="300" vcpus="2" rate="50" '))
    plan = plan_of(text, facts)
    (pm,) = plan.hosts["mh2"].pms
    assert (pm.kind, pm.memory_mib, pm.vcpus, pm.vifs[0].rate_mbps) == ("linux_guest", 300, 2, 50)


def test_another_placement_can_be_given(facts: dict[str, Any], seed: str, render: Render) -> None:
    def all_on_the_last(requests: Sequence[Request], hosts: Sequence[ModuleHost], _: object) -> list[Place]:
        return [Place(hosts[-1], "process", 64, 1) for _ in requests]

    allocation = parse(seed.encode(), "alloc.xml").allocation
    plan = plan_allocation(allocation, Platform.from_facts(facts), render, all_on_the_last)
    assert [len(host.pms) for host in plan.hosts.values()] == [0, 2]


def test_the_inventory_gives_addresses_where_the_allocation_gives_none(
    plan_of: Planner, facts: dict[str, Any], seed: str
) -> None:
    facts["ports"] = {
        "0": {"addresses": ["192.168.5.254/24"], "gateway": "192.168.5.9"},
        "1": {"addresses": ["192.168.6.254/24"]},
        "77": {"addresses": ["192.168.77.254/24"]},
    }
    text = seed.replace('switchport="2"', 'switchport="2" address="192.168.6.1/24"')
    ports = {port.portid: port for port in plan_of(text, facts).ports}
    assert [str(interface) for interface in ports[0].addresses] == ["192.168.5.254/24"]
    assert ports[0].gateway == 0xC0A80509
    assert [str(interface) for interface in ports[1].addresses] == ["192.168.6.1/24"]
    assert 77 not in ports


def test_an_address_of_the_inventory_keeps_the_same_rules(plan_of: Planner, facts: dict[str, Any]) -> None:
    facts["ports"] = {
        "0": {"addresses": ["192.168.5.254/24"], "gateway": "10.0.0.1"},
        "1": {"addresses": ["192.168.5.1/25"]},
    }
    assert messages(lambda: plan_of(facts=facts)) == [
        "alloc.xml:3: portmacmapping 0: gateway is on no segment of portmacmapping 0, got 10.0.0.1;"
        " write an address in 192.168.5.0/24",
        "alloc.xml:4: portmacmapping 1: address overlaps 192.168.5.0/24 of portmacmapping 0 on line 3,"
        " got 192.168.5.1/25; put each segment behind one port, once",
    ]


def test_a_platform_port_cannot_be_the_link_of_a_module_host(plan_of: Planner, seed: str) -> None:
    text = seed.replace('switchport="1"', 'switchport="11"').replace('switchport="2"', 'switchport="12"')
    assert messages(lambda: plan_of(text)) == [
        "alloc.xml:3: portmacmapping 0: switchport is the link of module host mh1, got 11;"
        " use a port that leads outside",
        "alloc.xml:4: portmacmapping 1: switchport is the link of module host mh2, got 12;"
        " use a port that leads outside",
    ]


def test_modules_without_room_are_all_named_with_their_lines(plan_of: Planner, facts: dict[str, Any]) -> None:
    for host in facts["hosts"].values():
        host["capacity"]["memory_mib"] = 63
    refused = messages(lambda: plan_of(facts=facts))
    assert [message.split(": ", 2)[:2] for message in refused] == [
        ["alloc.xml:8", "pm 0"],
        ["alloc.xml:17", "pm 1"],
        ["inventory", "module host mh1"],
        ["inventory", "module host mh2"],
    ]


@pytest.mark.parametrize("tenant", [b"", b' tenant="acme"'], ids=["nobody's", "a tenant's"])
@pytest.mark.parametrize("source", sorted(ROOT.glob("examples/*/allocation.xml")), ids=lambda path: path.parent.name)
def test_a_host_has_no_more_flow_entries_than_placement_counts_with(source: Path, tenant: bytes) -> None:
    own = source.parent / "platform.yml"
    facts = yaml.safe_load((own if own.exists() else ROOT / "examples" / "two-kinds" / "platform.yml").read_text())
    render = renderer(ROOT / "templates" / "click", source.parent)
    counted: dict[str, int] = {}

    def place(requests: Sequence[Request], hosts: Sequence[ModuleHost], used: Any) -> list[Place]:
        places = round_robin(requests, hosts, used)
        for request, found in zip(requests, places, strict=True):
            counted[found.host.name] = counted.get(found.host.name, 0) + request.flows
        return places

    text = source.read_bytes().replace(b" type=", tenant + b" type=", 1)
    plan = plan_allocation(parse(text, "a.xml").allocation, Platform.from_facts(facts), render, place)
    entries = {name: len(host.flows) for name, host in plan.hosts.items() if host.pms}
    assert all(entries[name] <= counted[name] <= 4 * entries[name] for name in entries), (entries, counted)
