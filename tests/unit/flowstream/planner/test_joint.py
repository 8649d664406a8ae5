# SPDX-License-Identifier: Apache-2.0
"""Several allocations on one platform, each planned beside what the ones before it have there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.middleboxes.template import Render
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.job import PlanningJob, run_planner
from ansible.module_utils.flowstream.planner.joint import moves, with_plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.platform.occupancy import NOTHING, Occupancy
from ansible.module_utils.flowstream.world.run import local_run

from ..conftest import HOST, ROOT, messages


def described(name: str, *networks: str, mac: str = "02:00:00:00:00:01", address: str = "") -> str:
    """An allocation with a module for each network, behind switch port 1."""
    pms = "".join(
        f'<pm id="{number}"><prefix addr="{network}" mask="24"/><forwardingtable>'
        f'<forwardingentry addr="{network}" mask="24" outputport="0"/></forwardingtable></pm>'
        for number, network in enumerate(networks)
    )
    port = (
        f'<portmacmapping portid="0" mac="{mac}" switchport="1"{address and f" address={chr(34)}{address}{chr(34)}"}/>'
    )
    return (
        f'<allocationdescription id="{name}" type="fastiprouter" subtype="prefixlb">\n<portmacmappings>\n{port}\n'
        f"</portmacmappings>{pms}</allocationdescription>"
    )


class Platforms:
    """Plans one allocation after the other on one platform."""

    def __init__(self, facts: dict[str, Any], render: Render) -> None:
        self.facts, self._render = facts, render
        self.occupancy: Occupancy = NOTHING
        self.moved: list[str] = []

    def plan(self, text: str) -> Plan:
        allocation = parse(text.encode(), "alloc.xml").allocation
        platform = Platform.from_facts(self.facts)
        plan = plan_allocation(allocation, platform, self._render, occupancy=self.occupancy)
        self.moved = moves(allocation, plan, platform, self.occupancy)
        return plan

    def deploy(self, text: str) -> Plan:
        plan = self.plan(text)
        self.occupancy = with_plan(self.occupancy, plan)
        return plan


@pytest.fixture
def platforms(facts: dict[str, Any], render: Render) -> Platforms:
    return Platforms(facts, render)


def homes(plan: Plan) -> dict[str, str]:
    return {pm.name: name for name, host in plan.hosts.items() for pm in host.pms}


def test_a_plan_beside_itself_is_the_same(platforms: Platforms, seed: str) -> None:
    first = platforms.deploy(seed)
    second = platforms.deploy(seed)
    assert (second, second.shown()) == (first, first.shown())
    assert {pm.why for host in second.hosts.values() for pm in host.pms} == {"runs there already"}
    assert platforms.deploy(seed).to_json() == second.to_json()
    assert platforms.moved == []


def test_a_host_that_comes_moves_no_module(platforms: Platforms) -> None:
    text = described("edge", *(f"10.0.{number}.0" for number in range(60)))
    before = platforms.deploy(text)
    platforms.facts["hosts"]["mh3"] = {**HOST, "switch_port": 13}
    after = platforms.plan(text)
    assert homes(after) == homes(before)
    assert (after.hosts["mh3"].pms, platforms.moved) == ((), [])


def test_a_module_goes_to_the_new_host_when_it_is_new_itself(platforms: Platforms) -> None:
    before = platforms.deploy(described("edge", "10.0.0.0", "10.0.1.0"))
    platforms.facts["hosts"]["mh3"] = {**HOST, "switch_port": 13}
    after = homes(platforms.plan(described("edge", "10.0.0.0", "10.0.1.0", "10.0.2.0")))
    assert after == {**homes(before), "edge-pm2": "mh3"}


@pytest.mark.parametrize(
    ("mh1", "reason"),
    [
        (None, "mh1 is no module host any more"),
        ({"capacity": {"pms": 64, "memory_mib": 63, "vcpus": 2}}, "mh1 has no room for it"),
        ({"driver": "xen"}, "mh1 does not run process"),
        ({"capacity": {"pms": 64, "memory_mib": 2048, "vcpus": 1}}, "mh1 gives one pm 1 vcpus, not 2"),
    ],
    ids=["gone", "full", "wrong kind", "too few processors"],
)
def test_a_module_that_cannot_stay_moves_and_the_plan_says_why(
    platforms: Platforms, mh1: dict[str, Any] | None, reason: str
) -> None:
    text = described("edge", "10.0.0.0").replace("<pm ", '<pm kind="process" vcpus="2" ')
    platforms.deploy(text)
    hosts = platforms.facts["hosts"]
    hosts.pop("mh1") if mh1 is None else hosts["mh1"].update(mh1)
    assert homes(platforms.plan(text)) == {"edge-pm0": "mh2"}
    assert platforms.moved == [
        f"alloc.xml:4: pm 0: moves from mh1 to mh2, because {reason}; costs 64 MiB while both run"
    ]


def test_what_others_use_of_a_host_is_not_given_twice(platforms: Platforms) -> None:
    for host in platforms.facts["hosts"].values():
        host["capacity"]["memory_mib"] = 128
    platforms.deploy(described("alpha", "10.0.0.0", "10.0.1.0", "10.0.2.0"))
    beta = described("beta", "10.1.0.0", "10.1.1.0", mac="02:00:00:00:00:02")
    assert messages(lambda: platforms.plan(beta)) == [
        "alloc.xml:4: pm 1: fits on no module host, got kind any, default memory, 1 vcpus;"
        " add a module host or raise module_host_capacity",
        "inventory: module host mh1: runs process, has 62 of 64 pms and 0 of 128 MiB left, others use 2 pms and 128 MiB,"
        " up to 2 vcpus for one pm",
        "inventory: module host mh2: runs process, has 62 of 64 pms and 0 of 128 MiB left, others use 1 pms and 64 MiB,"
        " up to 2 vcpus for one pm",
    ]
    platforms.occupancy = platforms.occupancy.without("alpha")
    assert len(homes(platforms.plan(beta))) == 2


def test_the_address_of_anothers_port_is_refused_with_both_names_and_the_line(platforms: Platforms) -> None:
    platforms.deploy(described("alpha", "10.0.0.0"))
    beta = described("beta", "10.1.0.0").replace('switchport="1"', 'switchport="2"')
    assert messages(lambda: platforms.plan(beta)) == [
        "alloc.xml:3: portmacmapping 0: mac is that of a port of allocation alpha, got 02:00:00:00:00:01;"
        " give the port of allocation beta its own"
    ]


def test_a_table_that_does_not_hold_an_allocation_beside_the_others_is_named_with_its_numbers(
    platforms: Platforms,
) -> None:
    alpha, beta = described("alpha", "10.0.0.0"), described("beta", "10.1.0.0", mac="02:00:00:00:00:02")
    of_alpha, of_beta = (len(platforms.plan(text).switches["sw1"].flows) for text in (alpha, beta))
    switch = platforms.facts["switches"]["sw1"]
    switch["tables"] = [{"first": 0, "last": 253, "entries": of_alpha + of_beta}]
    platforms.deploy(alpha)
    platforms.plan(beta)
    foreign = replace(platforms.occupancy, foreign={"sw1": {0: 2, 1: 9}})
    platforms.occupancy = foreign
    advice = "ask for less, or raise flow_entries of flow_switch_capacity if it holds more"
    assert messages(lambda: platforms.plan(beta)) == [
        f"alloc.xml:1: allocationdescription: table 0 of sw1 is to have {of_alpha + of_beta + 2} entries, {of_alpha + 2} of them of others,"
        f" and holds {of_alpha + of_beta} by what the switch says; {advice}"
    ]
    assert platforms.plan(alpha).allocation_id == "alpha"
    switch["capacity"] = {"flow_entries": of_alpha}
    assert messages(lambda: platforms.plan(alpha))[0].endswith(
        f"{of_alpha + 2} entries, 2 of them of others, and holds {of_alpha} from the inventory; {advice}"
    )


def test_two_allocations_answer_for_one_address_only_where_they_are_told_apart(platforms: Platforms) -> None:
    def beta(switchport: int, pm: int) -> str:
        text = described("beta", "10.1.0.0", mac="02:00:00:00:00:02", address="192.0.2.1/24")
        return text.replace('switchport="1"', f'switchport="{switchport}"').replace('<pm id="0"', f'<pm id="{pm}"')

    platforms.deploy(described("alpha", "10.0.0.0", address="192.0.2.1/24"))
    refused = [
        "alloc.xml:3: portmacmapping 0: address is answered for allocation alpha at switchport 1, got 192.0.2.1;"
        " allocation beta cannot answer for it as well, choose another"
    ]
    assert messages(lambda: platforms.plan(beta(1, 1))) == refused
    assert messages(lambda: platforms.plan(beta(2, 0))) == refused
    assert homes(platforms.plan(beta(2, 1))) == {"beta-pm1": "mh2"}


def test_what_could_not_be_looked_at_is_told(platforms: Platforms, tmp_path: Path, seed: str) -> None:
    source = tmp_path / "alloc.xml"
    source.write_text(seed)

    def findings(account: dict[str, Any] | None) -> list[str]:
        job = PlanningJob(source, platforms.facts, tmp_path / "build", ROOT / "templates" / "click", None, account)
        found: list[str] = run_planner(local_run(10), job)["findings"]
        return found

    whole = {"hosts": {"mh1": [], "mh2": []}, "switches": {"sw1": {}}, "unread": {}}
    assert findings(whole) == []
    assert findings(None) == ["the platform was not looked at: planned as if nothing ran on it"]
    assert findings({**whole, "unread": {"mh2": "no route to host"}}) == [
        "mh2 was not looked at: planned as if nothing ran there (no route to host)"
    ]
    platforms.facts["hosts"]["mh2"]["capacity"] = {"pms": 64, "vcpus": 2}
    assert findings(whole) == [
        "mh2: planned without a bound of memory_mib, which is neither measured nor in the inventory; let the host answer,"
        " or state it in module_host_capacity"
    ]
    platforms.facts["hosts"]["mh2"]["measured"] = {"memory_mib": 7168}
    assert findings(whole) == []


def folder_of(path: Path, **texts: str) -> Path:
    path.mkdir()
    for name, text in texts.items():
        (path / f"{name}.xml").write_text(text)
    return path


def planned(platforms: Platforms, source: Path) -> dict[str, Any]:
    account = {"hosts": {}, "switches": {}, "unread": {}}
    job = PlanningJob(source, platforms.facts, source.parent / "build", ROOT / "templates" / "click", None, account)
    return run_planner(local_run(10), job)


def test_the_allocations_of_a_folder_are_planned_each_beside_those_before_it(
    platforms: Platforms, tmp_path: Path
) -> None:
    alpha, beta = described("school1", "10.0.0.0"), described("shop54", "10.0.0.0", mac="02:00:00:00:00:02")
    found = planned(platforms, folder_of(tmp_path / "many", b=beta, a=alpha))
    plans = [found["plan"], *found["others"]]
    assert [plan["allocation"]["id"] for plan in plans] == ["school1", "shop54"]
    first, second = (plan["hosts"]["mh1"]["pms"][0]["vifs"][0]["ofport"] for plan in plans)
    assert second == first + 1
    assert platforms.deploy(alpha).to_dict() == plans[0]
    assert platforms.deploy(beta).to_dict() == plans[1]
    assert sorted(path.name for path in (tmp_path / "build").iterdir()) == ["school1", "shop54"]


def test_of_a_folder_all_that_is_wrong_is_told_and_nothing_is_written(platforms: Platforms, tmp_path: Path) -> None:
    texts = {
        "a": described("alpha", "10.0.0.0"),
        "b": described("beta", "10.1.0.0"),
        "c": described("alpha", "10.2.0.0", mac="02:00:00:00:00:02"),
        "d": described("delta", "10.3.0.0", mac="02:00"),
    }
    folder = folder_of(tmp_path / "many", **texts)
    assert [
        message.removeprefix(f"{folder}/").split("; ")[0] for message in messages(lambda: planned(platforms, folder))
    ] == [
        "d.xml:3: portmacmapping 0: mac is not an Ethernet address, got 02:00",
        f"c.xml:1: allocationdescription: id is that of {folder}/a.xml:1, got alpha",
        f"b.xml:3: portmacmapping 0: mac is that of a port of allocation alpha ({folder}/a.xml:3), got 02:00:00:00:00:01",
    ]
    assert not (tmp_path / "build").exists()


def test_a_conflict_of_two_files_names_both_with_their_lines(platforms: Platforms, tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path / "many",
        a=described("alpha", "10.0.0.0", address="192.0.2.1/24"),
        b=described("beta", "10.1.0.0"),
        c=described("gamma", "10.2.0.0", mac="02:00:00:00:00:02", address="192.0.2.1/24"),
    )
    assert [message.removeprefix(f"{folder}/") for message in messages(lambda: planned(platforms, folder))] == [
        f"b.xml:3: portmacmapping 0: mac is that of a port of allocation alpha ({folder}/a.xml:3), got 02:00:00:00:00:01;"
        " give the port of allocation beta its own",
        f"c.xml:3: portmacmapping 0: address is answered for allocation alpha ({folder}/a.xml:3) at switchport 1, got 192.0.2.1;"
        " allocation gamma cannot answer for it as well, choose another",
    ]


def test_a_folder_without_an_allocation_is_named(platforms: Platforms, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "none")
    assert messages(lambda: planned(platforms, folder)) == [
        f"{folder}: has no allocation, got a folder without .xml, .yml or .yaml; name a file, or another"
    ]


def test_two_allocations_that_want_one_device_are_named_with_both_lines(
    facts: dict[str, Any], render: Render, tmp_path: Path
) -> None:
    facts["devices"] = {"ids1": {"switch": "sw1", "outside_port": 21, "inside_port": 22}}
    stage = '\n<stage id="seen" type="device" port="0" device="ids1" down="block"/>\n</allocationdescription>'
    for number, name in enumerate(("first", "second"), 1):
        text = described(name, "10.0.0.0", mac=f"02:00:00:00:00:0{number}")
        (tmp_path / f"{name}.xml").write_text(text.replace("</allocationdescription>", stage))
    job = PlanningJob(tmp_path, facts, tmp_path / "build", ROOT / "templates" / "click", None)
    assert messages(lambda: run_planner(local_run(60), job)) == [
        f"{tmp_path}/second.xml:5: stage seen: device carries a stage of allocation first ({tmp_path}/first.xml:5)"
        " already, got ids1; a device carries one stage, use another"
    ]
