# SPDX-License-Identifier: Apache-2.0
"""A router whose modules share the flows, in the lab: all routes are reached, and all modules have a part of the connections.

Then one with a spare: flows spill to it while there are too many, and come back.

That both directions of a flow meet one module, test_switch_trace asks the switch itself. The tests are one story in order.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

import pytest

from ..installed_collection import InstalledCollection
from .crowd import Crowd
from .iperf import iperf_server, stream
from .router_lab import ROOT, PlaybookResult, RouterLab, await_condition

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

ALLOCATION = ROOT / "examples" / "flow-router" / "allocation.xml"
HOSTS = {"byflow-pm0": "mh1", "byflow-pm1": "mh2", "byflow-pm2": "mh1"}
CONNECTIONS = 24


@pytest.fixture(scope="module", autouse=True)
def deployed(lab: RouterLab) -> Iterator[None]:
    lab.play("deploy", allocation=str(ALLOCATION))
    yield
    lab.play("remove", allocation=str(ALLOCATION))
    assert {name: lab.traces(name) for name in ("sw1", "mh1", "mh2")} == {"sw1": [], "mh1": [], "mh2": []}


def counts(lab: RouterLab, handler: str) -> dict[str, int]:
    """Read a handler of each module."""
    found = {}
    for pm, host in HOSTS.items():
        result = lab.module(host, "click_handler", socket=f"/run/flowstream/pm/{pm}.sock", read=[handler])
        value = re.search(rf"{re.escape(handler)}: '(\d+)'", result.output)
        assert value, result.output
        found[pm] = int(value[1])
    return found


@pytest.mark.deploys("flow-router")
def test_every_route_is_reached(lab: RouterLab) -> None:
    lab.play("verify", allocation=str(ALLOCATION))
    routed = [row for row in lab.report("verification", "byflow")["rows"] if row["prefix"]]
    assert len(routed) == 8
    for row in routed:
        assert (row["received"], row["faults"]) == (row["sent"], [])


def test_connections_are_shared_by_all_modules_there_and_back(lab: RouterLab) -> None:
    inward, back = counts(lab, "in0.count"), counts(lab, "in1.count")
    with iperf_server(lab.endpoint(1)):
        many = ["--parallel", str(CONNECTIONS), "--bytes", "20K"]
        lab.endpoint(0).run("iperf3", "--client", "192.168.6.1", *many)
    there = {pm: count - inward[pm] for pm, count in counts(lab, "in0.count").items()}
    answers = {pm: count - back[pm] for pm, count in counts(lab, "in1.count").items()}
    assert min(there.values()) > 0, there
    assert min(answers.values()) > 0, answers


def test_a_second_deployment_changes_nothing(lab: RouterLab) -> None:
    assert set(lab.play("deploy", allocation=str(ALLOCATION)).changed) <= {"localhost"}


def test_a_deployment_by_the_collections_name_finds_done_what_the_tree_has_done(
    lab: RouterLab, installed: InstalledCollection
) -> None:
    engine = ROOT / "clickos" / "build" / "click"
    variables = {
        "allocation": ALLOCATION,
        "allocation_build": lab.build,
        "click_build_source": ROOT / "clickos",
        "allocation_click": engine,
        "module_host_process_click": engine,
    }
    extra = [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
    inventory = installed.root / "inventory" / "lab"
    said = installed.run("ansible-playbook", "--inventory", str(inventory), "flowstream.platform.deploy", *extra)
    assert "nothing to do on 3 machines" in said


SPILLING = ROOT / "examples" / "spilling-router" / "allocation.xml"
ALWAYS, SPARE = ("mh1", "spilling-pm0"), ("mh2", "spilling-pm1")
TALKING = 40
OVERLOAD = ["--udp", "--length", "64", "--bitrate", "128K", "--parallel", "16", "--time", "900"]
"""4,000 packets a second of 16 flows: twice what the module is to have."""


@pytest.fixture(scope="module")
def spilling(lab: RouterLab) -> Iterator[Crowd]:
    """The router with a spare in place of the other, and connections through it."""
    lab.play("remove", allocation=str(ALLOCATION))
    lab.play("deploy", allocation=str(SPILLING))
    with Crowd(lab.endpoint(0), lab.endpoint(1), "192.168.6.1", 8082, ["192.168.5.1"], TALKING) as crowd:
        yield crowd
    lab.play("remove", allocation=str(SPILLING))


def offload(lab: RouterLab) -> PlaybookResult:
    return lab.play("offload", allocation=str(SPILLING), offload_seconds=2)


def said(result: PlaybookResult) -> str:
    """What a run has printed, wherever its lines were broken."""
    return " ".join(result.output.split())


def spilled(lab: RouterLab) -> list[str]:
    """The entries of the switch by which a spare has flows."""
    return [flow for flow in lab.flows("sw1") if "table=4" in flow and "priority=2000" in flow]


@pytest.mark.deploys("spilling-router")
def test_flows_spill_to_the_other_host_while_there_are_too_many_and_no_connection_is_lost(
    lab: RouterLab, spilling: Crowd, figure: Callable[[str], None]
) -> None:
    assert spilling.answered() == TALKING
    assert lab.handler(*SPARE, "in0.count") == 0
    with stream(lab.endpoint(0), lab.endpoint(1), "192.168.6.1", *OVERLOAD):
        began = lab.handler(*ALWAYS, "in0.count")
        await_condition("the stream flows", lambda: lab.handler(*ALWAYS, "in0.count") > began + 1000)
        result = offload(lab)
        assert result.changed == {"sw1": 1}
        assert "spilling-pm1 on mh2 gets its part, 1 of 2 flows" in said(result)
        assert len(spilled(lab)) == 1
        assert spilling.answered() == TALKING
        before = [lab.handler(*one, "in0.count") for one in (ALWAYS, SPARE)]
        await_condition("the spare has flows", lambda: lab.handler(*SPARE, "in0.count") > before[1] + 1000)
        after = [lab.handler(*one, "in0.count") for one in (ALWAYS, SPARE)]
        kept, gone = (now - then for now, then in zip(after, before, strict=True))
        assert kept > 0
        figure(f"offload to another host: {gone / (kept + gone):.0%} of {kept + gone} packets went there")
        # Under the same load nothing more is done, by this or by a deployment.
        again = offload(lab)
        assert again.changed == {}
        assert "it keeps them" in said(again)
        assert set(lab.play("deploy", "--tags", "flows", allocation=str(SPILLING)).changed) <= {"localhost"}
        assert len(spilled(lab)) == 1


def test_they_come_back_when_the_load_is_gone_and_no_connection_is_lost(lab: RouterLab, spilling: Crowd) -> None:
    result = offload(lab)
    assert result.changed == {"sw1": 1}
    assert "they go back" in said(result)
    assert spilled(lab) == []
    before = [lab.handler(*one, "in0.count") for one in (ALWAYS, SPARE)]
    assert spilling.answered() == TALKING
    after = [lab.handler(*one, "in0.count") for one in (ALWAYS, SPARE)]
    assert after[0] - before[0] >= TALKING
    assert after[1] == before[1]
    assert offload(lab).changed == {}
