# SPDX-License-Identifier: Apache-2.0
"""A new type is a folder and its template: with the registry's entry, everything else knows it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Middlebox
from ansible.module_utils.flowstream.middleboxes.stage import StageType
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.plan.changes import compare
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPort
from ansible.module_utils.flowstream.planner.job import PlanningJob, run_planner
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.planner.proof import violations
from ansible.module_utils.flowstream.planner.transition import Surroundings, transitional_configs
from ansible.module_utils.flowstream.planner.types import STAGES, TYPES, counters_of, middlebox_of, types_of
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.traffic.report import plan_table
from ansible.module_utils.flowstream.world.run import local_run
from lxml import etree

from ..model.network import Arrival, Network
from ..model.openflow_switch import Packet
from .gate import GATE, Gate, GateType

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WITH_GATE = types_of([*TYPES.values(), GATE])
RENDER = renderer(HERE)
TEXT = (HERE / "allocation.xml").read_text()
FACTS: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "platform.yml").read_text())
OTHER_MEANINGS = {"click", "file", "generator", "vlan"}
"""Words of types that mean something else elsewhere."""
INSIDE, OUTSIDE = "02:00:5e:00:53:00", "02:00:5e:00:53:01"


def planned(text: str = TEXT) -> Plan:
    allocation = parse(text.encode(), "gate.xml", WITH_GATE).allocation
    return plan_allocation(allocation, Platform.from_facts(FACTS), RENDER, types=WITH_GATE)


def errors(text: str) -> tuple[str, ...]:
    with pytest.raises(FlowstreamError) as caught:
        planned(text)
    return caught.value.messages


@pytest.mark.parametrize("known", [*TYPES.values(), *STAGES.values()], ids=lambda known: known.declaration.type)
def test_no_room_but_its_own_names_a_type(known: Middlebox | StageType) -> None:
    core = ROOT / "module_utils" / "flowstream"
    room = type(known).__module__.split(".")[-2]
    names = "|".join({known.declaration.type, *known.declaration.subtypes} - OTHER_MEANINGS)
    words = re.compile((rf"[\"'`]({names})[\"'`]|" if names else "") + rf"middleboxes[./]{room}\b")
    naming = {path.relative_to(core).as_posix() for path in core.glob("**/*.py") if words.search(path.read_text())}
    assert {name for name in naming if not name.startswith(f"middleboxes/{room}/")} == {"planner/types.py"}


def test_each_direction_is_led_to_the_module_of_its_network() -> None:
    network = Network(planned().files())
    for pm, address in (("census-pm0", "10.5.0.1"), ("census-pm1", "10.200.0.1")):
        there = Packet("06:00:00:00:00:01", INSIDE, 0x0800, IPv4Address("198.51.100.1"), ip_src=IPv4Address(address))
        back = Packet("06:00:00:00:00:02", OUTSIDE, 0x0800, IPv4Address(address), ip_src=IPv4Address("198.51.100.1"))
        assert network.enter(there, 1) == [Arrival(pm=pm)]
        assert network.enter(back, 2) == [Arrival(pm=pm)]
    stranger = Packet("06:00:00:00:00:01", INSIDE, 0x0800, IPv4Address("10.5.0.1"), ip_src=IPv4Address("192.0.2.1"))
    assert network.enter(stranger, 1) == []


def test_the_plan_is_read_back_as_it_was_and_shown_by_its_claims() -> None:
    plan = planned()
    assert Plan.from_json(plan.to_json()) == plan
    assert "0.0.0.0/0 from 10.0.0.0/9 at port 0" in plan_table(plan)
    assert str(compare(None, plan).started[0]).endswith(
        "for 0.0.0.0/0 from 10.0.0.0/9 at port 0, 10.0.0.0/9 at port 1 (round robin: the host whose turn it is)"
    )
    pms = plan.hosts["mh1"].pms
    running = {pm.name: pm.config for pm in pms}
    assert (
        transitional_configs(Surroundings(plan.allocation_id, plan.type, plan.ports), pms, running, RENDER, WITH_GATE)
        == {}
    )


def test_the_engine_accepts_its_configuration_when_a_folder_is_planned(tmp_path: Path) -> None:
    job = PlanningJob(HERE / "allocation.xml", FACTS, tmp_path, HERE, ROOT / "clickos" / "build" / "click")
    run_planner(local_run(60), job, WITH_GATE)
    assert (
        (tmp_path / "census" / "click" / "census-pm1.click").read_text().startswith("// census-pm1: between port 0 and")
    )


def test_two_that_claim_one_packet_are_found_by_the_proof() -> None:
    assert errors(TEXT.replace('addr="10.128.0.0" mask="9"', 'addr="10.0.0.0" mask="10"'))[0] == (
        "cannot use the plan of census: a packet to 0.0.0.0 from 10.0.0.0 that enters by platform port 0 is claimed by"
        " census-pm0 and census-pm1"
    )


def test_a_claim_that_the_tables_forget_is_found_by_the_proof() -> None:
    plan = planned()
    host = plan.hosts["mh1"]
    more = replace(host.pms[0], claims=(*host.pms[0].claims, Claim(host.pms[0].claims[0].source, entry=0)))
    wrong = replace(plan, hosts={**plan.hosts, "mh1": replace(host, pms=(more,))})
    assert "that enters by platform port 0 reaches nothing; it should reach census-pm0" in next(violations(wrong))


def test_what_is_wrong_with_it_has_its_line_and_the_words_of_its_declaration() -> None:
    wrong = TEXT.replace('<outside port="1" neighbour="06:00:00:00:00:02"/>', '<outside port="7"/><prefix/>', 1)
    wrong = wrong.replace('<inside port="0" addr="10.128.0.0"', '<inside port="1" addr="10.128.0.1"')
    assert errors(wrong) == (
        "gate.xml:10: outside 7: neighbour is missing; add the Ethernet address of the neighbour",
        "gate.xml:10: prefix: element is unknown in pm, got prefix; use inside or outside",
        "gate.xml:10: outside 7: port does not exist, got 7; use 0 or 1",
        "gate.xml:12: pm 1: has both sides at one port, got 1; give each its own",
        "gate.xml:13: inside 10.128.0.1/9: addr has bits behind the mask, got 10.128.0.1/9; write 10.128.0.0 or a longer mask",
    )
    unknown = TEXT.replace('type="gate"', 'type="gatf"')
    assert errors(unknown) == (
        f"gate.xml:3: allocationdescription: type is unknown, got gatf; use {', '.join(TYPES)} or gate",
    )


def test_status_and_verification_know_its_counters_and_packets() -> None:
    plan = planned()
    gate = GATE.counters
    others = counters_of([4], stages={})
    assert counters_of([4], WITH_GATE, {}) == list(dict.fromkeys([*others, *gate.of_ports([4])]))
    assert gate.of_ports([4]) == ["outward.count", "inward.count", "strange.count"]
    probes = middlebox_of(plan.type, WITH_GATE).expectations(plan)
    assert [(probe.to_dict()["source_address"], probe.output_port) for probe in probes] == [
        ("10.0.0.1", 1),
        ("10.128.0.1", 1),
    ]


def test_a_module_has_the_memory_that_its_type_asks_for() -> None:
    assert {pm.memory_mib for host in planned().hosts.values() for pm in host.pms} == {16}


class TwoArmedGate(GateType):
    """The same with an interface for each side."""

    arms = ("eth0", "eth1")

    def plan(self, body: Gate, ports: Sequence[PlannedPort]) -> Body:
        decided = super().plan(body, ports)
        return decided._replace(ports={"eth0": (body.inside or 0,), "eth1": (body.outside or 0,)})


TWO_ARMED = types_of([TwoArmedGate()])
XEN_FACTS = {**FACTS, "hosts": {name: {**host, "driver": "xen"} for name, host in FACTS["hosts"].items()}}


def test_a_module_of_two_interfaces_has_each_side_at_its_own() -> None:
    allocation = parse(TEXT.encode(), "gate.xml", TWO_ARMED).allocation
    plan = plan_allocation(allocation, Platform.from_facts(XEN_FACTS), RENDER, types=TWO_ARMED)
    assert Plan.from_json(plan.to_json()) == plan
    network = Network(plan.files())
    there = Packet("06:00:00:00:00:01", INSIDE, 0x0800, IPv4Address("198.51.100.1"), ip_src=IPv4Address("10.5.0.1"))
    back = Packet("06:00:00:00:00:02", OUTSIDE, 0x0800, IPv4Address("10.5.0.1"), ip_src=IPv4Address("198.51.100.1"))
    assert network.enter(there, 1) == [Arrival(pm="census-pm0 eth0")]
    assert network.enter(back, 2) == [Arrival(pm="census-pm0 eth1")]
    reply = Packet("06:00:00:00:00:01", INSIDE, 0x0806, arp_op=2, arp_tpa=IPv4Address(0))
    assert sorted(str(arrival.pm) for arrival in network.enter(reply, 1)) == ["census-pm0 eth0", "census-pm1 eth0"]
    out = Packet(OUTSIDE, "06:00:00:00:00:02", 0x0800, IPv4Address("198.51.100.1"))
    assert network.send(out, "census-pm0 eth1") == [Arrival(switchport=2)]
    assert network.send(out, "census-pm0 eth0") == []


def test_a_second_interface_changes_nothing_about_the_first_and_is_a_change_of_its_own() -> None:
    one = plan_allocation(
        parse(TEXT.encode(), "gate.xml", WITH_GATE).allocation, Platform.from_facts(XEN_FACTS), RENDER, types=WITH_GATE
    )
    two = plan_allocation(
        parse(TEXT.encode(), "gate.xml", TWO_ARMED).allocation, Platform.from_facts(XEN_FACTS), RENDER, types=TWO_ARMED
    )
    before, after = one.hosts["mh1"].pms[0].vifs, two.hosts["mh1"].pms[0].vifs
    assert [replace(vif, ports=None) for vif in after[:1]] == list(before)
    assert all(change.needs_restart for change in compare(one, two).reconfigured)
    assert "vif None -> Vif(" in str(compare(one, two).reconfigured[0])


def test_a_kind_without_so_many_interfaces_is_refused_before_anything_is_touched() -> None:
    with pytest.raises(FlowstreamError) as caught:
        plan_allocation(
            parse(TEXT.encode(), "gate.xml", TWO_ARMED).allocation, Platform.from_facts(FACTS), RENDER, types=TWO_ARMED
        )
    assert caught.value.messages[0] == (
        "gate.xml:8: pm 0: has 2 interfaces, got kind process, which has one; give it another kind"
    )


def test_schema_and_documentation_are_written_from_its_declaration() -> None:
    script = (
        "import sys; sys.path[:0] = ['docs', 'tests/toy']\n"
        "from allocation_reference import reference, schema\n"
        "from ansible.module_utils.flowstream.allocation.device import DEVICE\n"
        "from ansible.module_utils.flowstream.planner.types import STAGES, TYPES\n"
        "from gate import GATE\n"
        "declared = [*(known.declaration for known in TYPES.values()), GATE.declaration]\n"
        "stages = [*(known.declaration for known in STAGES.values()), DEVICE]\n"
        "print(schema(declared, stages), reference(declared, stages), sep='\\0')"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    written, page = done.stdout.split("\0")
    schema = etree.XMLSchema(etree.fromstring(written.encode()))
    for file in (HERE / "allocation.xml", *sorted((ROOT / "examples").glob("*/allocation.xml"))):
        schema.assertValid(etree.parse(file))
    assert not schema.validate(etree.fromstring(TEXT.replace('neighbour="06', 'neighbour="x6').encode()))
    assert "### Type `gate`\n\nCounts what passes. Holds one `inside` and one `outside`.\n" in page
    assert "| **`neighbour`** | an Ethernet address | who takes the packets |" in page
