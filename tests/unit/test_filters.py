# SPDX-License-Identifier: Apache-2.0
"""The filters, as Ansible loads and calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.module_utils.flowstream.fabric.share import COOKIE
from ansible.module_utils.flowstream.plan.plan import cookie_of
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import filter_loader, init_plugin_loader
from ansible.template import Templar, trust_as_template

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    init_plugin_loader()
    filter_loader.add_directory(str(ROOT / "filter_plugins"))


def template(text: str, **variables: Any) -> Any:
    return Templar(loader=DataLoader(), variables=variables).template(trust_as_template(text))


def test_the_inventory_becomes_platform_facts_with_the_documented_defaults() -> None:
    hostvars = {
        "sw1": {},
        "mh2": {"module_host_switch": "sw1", "module_host_switch_port": 12, "module_host_driver": "xen"},
        "mh1": {"module_host_switch": "sw1", "module_host_switch_port": 11, "module_host_capacity": {"pms": 1}},
        "ep0": {"module_host_bridge": "none of this"},
    }
    groups = {"flow_switches": ["sw1"], "module_hosts": ["mh2", "mh1"], "endpoints": ["ep0"]}
    found = template(
        "{{ inventory_groups | flowstream_platform(inventory_vars, {'0': {'gateway': '10.0.0.1'}}) }}",
        inventory_groups=groups,
        inventory_vars=hostvars,
    )
    assert found == {
        "switches": {"sw1": {"bridge": "br-flow"}},
        "hosts": {
            "mh1": {
                "driver": "process",
                "bridge": "br-pm",
                "uplink_port": 1,
                "switch": "sw1",
                "switch_port": 11,
                "capacity": {"pms": 1},
            },
            "mh2": {"driver": "xen", "bridge": "br-pm", "uplink_port": 1, "switch": "sw1", "switch_port": 12},
        },
        "ports": {"0": {"gateway": "10.0.0.1"}},
    }


def test_what_was_measured_of_a_host_is_a_fact_as_far_as_the_inventory_leaves_it_open() -> None:
    capacity = {"memory_mib": 7168, "vcpus": 4, "processors": 4, "uplink_mbps": 1000}
    seen = {"processing_module_capacity": {"changed": False, "capacity": capacity}}
    all_said = dict.fromkeys(capacity, 1)
    hostvars = {
        "mh1": {**seen, "module_host_capacity": {"pms": 3, "vcpus": 1, "processors": 2}},
        "mh2": {**seen, "module_host_capacity": all_said},
        "mh3": {"processing_module_capacity": {"failed": True, "msg": "cannot"}},
    }
    found = template("{{ {'module_hosts': names} | flowstream_platform(seen) }}", names=list(hostvars), seen=hostvars)
    assert [host.get("measured") for host in found["hosts"].values()] == [
        {"memory_mib": 7168, "uplink_mbps": 1000},
        None,
        None,
    ]


def test_tenants_are_facts_where_the_platform_has_some() -> None:
    quota = {"acme": {"modules": 3}}
    assert template("{{ {} | flowstream_platform({}, {}, quota) }}", quota=quota)["tenants"] == quota


def test_the_ports_of_a_device_that_is_probed_have_an_interval_and_no_others() -> None:
    probed = {"device_switch": "sw1", "device_outside_port": 21, "device_inside_port": 22, "device_bfd_interval": "200"}
    found = template(
        "{{ ports | flowstream_bridge_ports('afxdp', inventory_vars, ['ids1', 'ids2', 'ids3'], 'sw1') }}",
        ports={"p1": 1, "d1": 21, "d2": 22, "d3": 23},
        inventory_vars={
            "ids1": probed,
            "ids2": {"device_switch": "sw1", "device_outside_port": 23, "device_inside_port": 24},
            "ids3": {**probed, "device_switch": "sw2", "device_outside_port": 1},
        },
    )
    assert found == [
        {"name": "p1", "ofport": 1, "type": "afxdp"},
        {"name": "d1", "ofport": 21, "type": "afxdp", "bfd_interval": 200},
        {"name": "d2", "ofport": 22, "type": "afxdp", "bfd_interval": 200},
        {"name": "d3", "ofport": 23, "type": "afxdp"},
    ]


def test_a_machines_part_of_a_plan_has_that_machine_alone() -> None:
    plan = {"cookie": "0x1", "switches": {"sw1": {"flows": [1]}}, "hosts": {"mh1": {"pms": [1]}, "mh2": {"pms": [2]}}}
    part = template("{{ plan | flowstream_part('mh2') }}", plan=plan)
    assert part == {"cookie": "0x1", "switches": {}, "hosts": {"mh2": {"pms": [2]}}}
    assert template("{{ plan | flowstream_part('sw2') }}", plan=plan) == {"cookie": "0x1", "switches": {}, "hosts": {}}


def test_an_inventory_without_the_groups_has_nothing() -> None:
    assert template("{{ {} | flowstream_platform({}) }}") == {"switches": {}, "hosts": {}, "ports": {}}


def test_what_is_no_plan_is_refused_as_ansible_shows_it() -> None:
    with pytest.raises(AnsibleError) as caught:
        template("{{ {'schema': 7} | flowstream_streams({}, 10) }}")
    assert "cannot read plan: its schema is 7, not 1; plan again" in str(caught.value)


def test_a_unit_of_a_bridge_with_a_hyphen_has_it_escaped() -> None:
    assert (
        template("flowstream-flows@{{ bridge | flowstream_unit_instance }}", bridge="br-pm")
        == r"flowstream-flows@br\x2dpm"
    )


def test_a_module_that_gives_prefixes_away_keeps_its_routes_by_what_runs_and_no_file() -> None:
    plan = json.loads((ROOT / "examples" / "felipeiprouter" / "expected" / "plan.json").read_text())
    (pm,) = plan["hosts"]["mh1"]["pms"]
    other = plan["hosts"]["mh2"]["pms"][0]["config"]

    def on_mh1(running: dict[str, str]) -> Any:
        return template(
            "{{ plan | flowstream_in_transition('mh1', running, templates) }}",
            plan=plan,
            running=running,
            templates=str(ROOT / "templates" / "click"),
        )

    assert on_mh1({}) == on_mh1({pm["name"]: pm["config"]}) == [pm]
    (between,) = on_mh1({pm["name"]: other})
    assert {key for key in pm if between[key] != pm[key]} == {"config"}
    assert "    192.168.5.0/24 0," in between["config"]
    assert "    10.0.5.0/24 0," in between["config"]


def test_what_is_not_deployed_is_told_by_machine_and_not_at_length() -> None:
    flows = [f"add flow {number}" for number in range(5)]
    machines = {
        "sw1": {"flow_switch_result": {"changes": flows}},
        "mh1": {
            "processing_module_done": [
                {"changes": [], "destinations": [], "exclusive": True},
                {"changes": ["start pm a"], "touched": ["a"], "exclusive": True},
            ],
        },
        "mh2": {"processing_module_done": [{"changes": []}]},
        "sw2": {"flow_switch_laid": {"changes": ["add flow to sw1"]}, "flow_switch_result": {"changes": flows[:1]}},
    }
    assert template("{{ machines | flowstream_differences(['sw1', 'sw2', 'mh1', 'mh2']) }}", machines=machines) == [
        *(f"sw1: would add flow {number}" for number in range(3)),
        "sw1: and 2 more",
        "sw2: would add flow to sw1",
        "sw2: would add flow 0",
        "mh1: would start pm a",
    ]


def test_a_status_has_the_links_between_switches_and_whose_packets_they_carry() -> None:
    platform = yaml.safe_load((ROOT / "examples" / "two-switches" / "platform.yml").read_text())
    pushed = {"cookie": hex(cookie_of("campus")), "priority": 1, "match_text": "ip", "packets": 0, "bytes": 0,
              "actions": ["push_vlan:0x8100", "set_field:4353->vlan_vid", "goto_table:200"]}  # fmt: skip
    machines = {
        "sw1": {
            "flow_switch_counters": {
                "flows": [pushed],
                "ports": [{"port": "31", "up": False}, {"port": "LOCAL", "up": False}],
            }
        },
        "sw2": {"flow_switch_counters": {"msg": "no route to host"}},
        "mh1": {"processing_module_info": {"pms": [{"name": "campus-pm0", "allocation": "campus", "active": True}]}},
    }
    said = template(
        "{{ machines | flowstream_status(['sw1', 'sw2'], ['mh1'], [], platform) }}",
        machines=machines,
        platform=platform,
    )
    lost = ["sw1 to sw2 lost, there is no other way", "sw2 to sw1 lost, there is no other way"]
    assert said["links"] == [{"link": "sw1/31 to sw2/31", "state": "down", "allocations": ["campus"], "instead": lost}]
    assert template("{{ machines | flowstream_status(['sw1'], ['mh1']) }}", machines=machines)["links"] == []


def test_a_summary_has_what_was_laid_for_all_allocations() -> None:
    machines = {
        "sw1": {"flow_switch_laid": {"changes": ["add flow to sw2"]}},
        "sw2": {"flow_switch_laid": {"changes": []}},
    }
    said = template(
        "{{ machines | flowstream_summary(['sw1', 'sw2'], [], [['plan', 1.0], ['', 2.0]]) }}", machines=machines
    )
    assert said.splitlines() == ["sw1: add flow to sw2", "nothing to do on 1 machine", "plan 1.0 s; together 1.0 s"]


def test_the_account_of_a_platform_names_owners_of_flows_by_the_modules_that_run() -> None:
    pm = {"name": "felipeiprouter-pm0", "allocation": "felipeiprouter", "ports": {"pm00000001": 300}}
    marks = {"macs": ["00:15:17:15:5d:20"], "questions": [], "tags": [], "ports": [], "entries": {"0": 5, "1": 1}}
    cookies = ("0x30c4a37a14218310", "0x000000000000feed", "0x000000000000beef", f"{COOKIE:#018x}")
    owners = [{"cookie": cookie, **marks} for cookie in cookies]
    machines = {
        "sw1": {"flow_switch_owners": {"owners": owners}},
        "sw2": {},
        "mh1": {"processing_module_info": {"pms": [pm], "configurations": {}}},
        "mh2": {"processing_module_info": {"unreachable": True, "msg": "no route\nto host"}},
    }
    said = template("{{ machines | flowstream_account(['sw1', 'sw2'], ['mh1', 'mh2']) }}", machines=machines)
    assert said == {
        "hosts": {"mh1": [pm]},
        "switches": {"sw1": {"felipeiprouter": owners[0]}},
        "unread": {"mh2": "no route to host", "sw2": "it was not asked"},
        "foreign": {"sw1": {"0": 10, "1": 2}},
        "silent": ["mh2"],
        "entries": {"sw1": [], "sw2": []},
    }
    assert template("{{ {'sw1': {}, 'mh1': {}} | flowstream_account(['sw1'], ['mh1']) }}") == {}


def test_a_host_is_silent_that_was_asked_and_cannot_be_reached() -> None:
    machines = {
        "mh1": {"processing_module_info": {"unreachable": True, "msg": "no route to host"}},
        "mh2": {"processing_module_info": {"msg": "no Python"}},
        "mh3": {"processing_module_info": {"pms": []}},
        "mh4": {},
    }
    assert template("{{ machines | flowstream_silent(machines | list) }}", machines=machines) == ["mh1"]


@pytest.mark.parametrize(
    ("planned", "pattern"),
    [
        ({}, "flow_switches:module_hosts"),
        ({"allocation_result": {"away": []}}, "flow_switches:module_hosts"),
        ({"allocation_result": {"away": ["mh1", "mh3"]}}, "flow_switches:module_hosts:!mh1:!mh3"),
    ],
    ids=["no plan", "all", "two away"],
)
def test_machines_are_present_that_the_plan_does_not_do_without(planned: dict[str, Any], pattern: str) -> None:
    machines = {"localhost": planned}
    said = template("{{ machines | flowstream_present('flow_switches:module_hosts') }}", machines=machines)
    assert said == pattern


def test_a_lock_is_missed_by_who_has_no_answer_and_by_who_was_refused() -> None:
    machines = {
        "mh1": {"platform_lock_at_first": {"held": True}, "platform_lock_elsewhere": {"skipped": True}},
        "mh2": {"platform_lock_at_first": {"skipped": True}, "platform_lock_elsewhere": {"held": False, "msg": "why"}},
        "mh3": {"platform_lock_elsewhere": {"unreachable": True, "msg": "no route"}},
        "mh4": {"platform_lock_elsewhere": {"msg": "no Python"}},
        "sw1": {},
    }
    assert template("{{ machines | flowstream_not_held(machines | list) }}", machines=machines) == {
        "mh2": "why",
        "mh3": "",
        "mh4": "no Python",
    }


def test_keys_that_a_plan_needs_and_nobody_has_are_named_before_anything_is_touched() -> None:
    plan = json.loads((ROOT / "examples" / "vpn-router" / "expected" / "plan.json").read_text())
    key = "0f" * 20
    good = {"out": {"spi": 4097, "key": key}, "in": [{"spi": 8193, "key": key[::-1]}]}

    def missing(secrets: dict[str, Any]) -> list[str]:
        return list(template("{{ [plan] | flowstream_missing_keys(secrets) }}", plan=plan, secrets=secrets))

    assert missing({"branch": good}) == []
    assert missing({"other": good}) == [
        "vpn_secrets: has no branch, which vpn-pm11 needs; add its keys, or name others in key"
    ]
    wrong = missing({"branch": {"out": {"spi": 4097, "key": key[1:]}, "in": []}})
    assert key[1:] not in "".join(wrong)
    assert wrong == [
        "vpn_secrets: branch: out: key is not 40, 56, 72 hexadecimal digits, got 39 characters; write the key and behind it"
        " the salt of 4 bytes, in quotes",
        "vpn_secrets: branch: in is empty; add what the other gateway sends by",
    ]
    assert missing({"branch": "x"}) == [
        "vpn_secrets: branch: is no mapping of out and a list in; write out: {spi: ..., key: ...}, in: [{spi: ..., key: ...}]"
    ]


def test_the_changes_of_a_run_are_counted_over_all_machines() -> None:
    hostvars = {
        "sw1": {"flow_switch_done": [{"changes": ["add flow a", "add flow b"]}, {"changes": []}]},
        "mh1": {"processing_module_done": [{"changes": ["start pm x"]}]},
        "mh2": {},
    }
    assert template("{{ machines | flowstream_change_count(['sw1', 'mh1', 'mh2']) }}", machines=hostvars) == 3


@pytest.mark.parametrize(
    ("example", "host", "modules"),
    [
        ("nat", "mh1", [{"module": "nat-pm0", "kind": "process", "state": ["flows.state", "pings.state"]}]),
        ("felipeiprouter", "mh1", []),
        ("nat", "mh9", []),
    ],
)
def test_modules_that_know_flows_are_named_with_what_says_which(
    example: str, host: str, modules: list[dict[str, Any]]
) -> None:
    plan = json.loads((ROOT / "examples" / example / "expected" / "plan.json").read_text())
    assert template("{{ plans | flowstream_stateful(host) }}", plans=[plan], host=host) == modules
