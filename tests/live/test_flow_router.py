# SPDX-License-Identifier: Apache-2.0
"""A router whose modules share the flows, in the lab: all routes are reached, and all modules have a part of the connections.

That both directions of a flow meet one module, test_switch_trace asks the switch itself. The tests are one story in order.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from ..installed_collection import InstalledCollection
from .iperf import iperf_server
from .router_lab import ROOT, RouterLab

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
