# SPDX-License-Identifier: Apache-2.0
"""Samples of a bridge and of a host, and the page that they make, as Prometheus' own parser reads it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.flowstream.metrics.catalogue import BY_NAME, Sample
from ansible.module_utils.flowstream.metrics.exposition import page
from ansible.module_utils.flowstream.metrics.samples import ModuleState, bridge_samples, host_samples, port_samples
from ansible.module_utils.flowstream.plan.plan import cookie_of
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parsed

OURS, THEIRS = "0x30c4a37a14218310", "0x000000000000feed"
LEARN = f"learn(table=10,cookie={OURS},idle_timeout=30,eth_type=0x800,NXM_OF_IP_SRC[])"


def flow(cookie: str, port: str, actions: list[str], packets: int = 0, table: int = 0) -> dict[str, Any]:
    return {
        "cookie": cookie,
        "table": table,
        "match": {"in_port": port},
        "actions": actions,
        "packets": packets,
        "bytes": packets * 100,
    }


def about(name: str, *, active: bool = True, tenant: str = "", allocation: str | None = "edge") -> dict[str, Any]:
    return {"name": name, "allocation": allocation, "tenant": tenant, "active": active, "memory_mib": 64, "vcpus": 1}


def values(samples: list[Sample], metric: str) -> dict[tuple[str, ...], float]:
    return {sample.labels: sample.value for sample in samples if sample.metric == f"flowstream_{metric}"}


def test_entries_of_one_owner_and_path_are_one_sample() -> None:
    flows = [
        flow(OURS, "1", ["output:11"], 3),
        flow(OURS, "1", ["set_field:02:00:00:00:00:01->eth_dst", "output:11"], 4),
        flow(OURS, "1", ["drop"], 5),
        flow(OURS, "1", [], 2),
        flow(OURS, "2", ["group:7"], 1),
        flow(THEIRS, "1", ["push_vlan:0x8100", "set_field:4098->vlan_vid", "output:11", "goto_table:2"], 8, table=1),
    ]
    found = list(bridge_samples("sw1", "br", flows))
    assert values(found, "flow_packets") == {
        ("sw1", "br", OURS, "0", "1", "port 11"): 7,
        ("sw1", "br", OURS, "0", "1", "drop"): 7,
        ("sw1", "br", OURS, "0", "2", "group 7"): 1,
        ("sw1", "br", THEIRS, "1", "1", "port 11+table 2"): 8,
    }
    assert values(found, "flow_bytes")["sw1", "br", OURS, "0", "1", "drop"] == 700
    assert values(found, "flows") == {("sw1", "br", OURS): 5, ("sw1", "br", THEIRS): 1}


def test_what_a_bridge_has_taught_itself_is_counted_apart_and_makes_no_paths() -> None:
    flows = [flow(OURS, "1", [LEARN, "output:11"], 3), *(flow(OURS, "1", ["output:2"], 1, table=10) for _ in range(3))]
    found = list(bridge_samples("sw1", "br", flows))
    assert values(found, "learned_flows") == {("sw1", "br", OURS, "10"): 3}
    assert values(found, "flows") == {("sw1", "br", OURS): 1}
    assert list(values(found, "flow_packets")) == [("sw1", "br", OURS, "0", "1", "port 11")]


def test_however_many_paths_there_are_no_more_samples_come_than_is_said_and_no_packet_is_lost() -> None:
    flows = [flow(OURS, f"{port}", ["output:1"], 1) for port in range(1, 2001)]
    found = values(list(bridge_samples("sw1", "br", flows)), "flow_packets")
    assert len(found) == 1001
    assert found["sw1", "br", OURS, "0", "other", "other"] == 1000
    assert sum(found.values()) == 2000


def test_a_host_says_how_many_modules_are_in_which_state_and_what_they_may_take() -> None:
    counted = [Sample("flowstream_module_received_packets", ("3",), 42.0)]
    modules = [
        ModuleState(about("edge-pm0"), True, counted),
        ModuleState(about("edge-pm1")),
        ModuleState(about("edge-pm2", active=False, tenant="acme")),
    ]
    found = list(host_samples("mh1", modules, {"pms": 64, "memory_mib": 2048}))
    assert values(found, "host_modules") == {("mh1", "up"): 1, ("mh1", "silent"): 1, ("mh1", "stopped"): 1}
    assert values(found, "host_capacity_memory_bytes") == {("mh1",): 2**31}
    assert values(found, "host_reserved_memory_bytes") == {("mh1",): 3 * 2**26}
    assert values(found, "host_capacity_vcpus") == {}
    assert values(found, "module_up") == {
        ("mh1", "edge-pm0", "edge", ""): 1,
        ("mh1", "edge-pm1", "edge", ""): 0,
        ("mh1", "edge-pm2", "edge", "acme"): 0,
    }
    assert values(found, "module_received_packets") == {("mh1", "edge-pm0", "edge", "", "3"): 42}
    assert values(found, "allocation_info") == {("mh1", "edge", f"{cookie_of('edge'):#018x}"): 1}


@pytest.mark.parametrize("name", ["plain", 'with "quotes"', "two\nlines", "back\\slash", "ünï"])
def test_the_page_is_openmetrics_whatever_names_are_in_it(name: str) -> None:
    modules = [ModuleState(about(name, tenant=name), True, [Sample("flowstream_module_cpu_seconds", (), 1.5)])]
    ports = [
        {
            "port": "1",
            "name": name,
            "rx_packets": 5,
            "rx_bytes": 2**53,
            "rx_dropped": 0,
            "tx_packets": 0,
            "tx_bytes": 0,
            "tx_dropped": 1,
        }
    ]
    samples = [
        *host_samples("mh1", modules, {"pms": 1}),
        *bridge_samples("mh1", "br", [flow(OURS, "1", ["drop"], 7)]),
        *port_samples("mh1", "br", ports),
    ]
    text = page(samples)
    assert text.endswith(b"# EOF\n")
    families = list(parsed(text.decode()))
    read = {
        (sample.name, tuple(sample.labels.values())): sample.value for family in families for sample in family.samples
    }
    assert len(read) == len(samples)
    for family in families:
        metric = BY_NAME[family.name]
        assert (family.type, family.documentation) == (metric.kind, metric.text)
        assert {sample.name for sample in family.samples} == {metric.sample}
        for sample in family.samples:
            assert tuple(sorted(sample.labels)) == tuple(sorted(metric.labels))
    (cpu,) = [
        sample for family in families if family.name == "flowstream_module_cpu_seconds" for sample in family.samples
    ]
    assert (cpu.labels["module"], cpu.labels["tenant"], cpu.value) == (name, name, 1.5)


def test_nothing_to_tell_is_an_empty_page() -> None:
    assert page([]) == b"# EOF\n"
