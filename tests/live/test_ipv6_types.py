# SPDX-License-Identifier: Apache-2.0
"""IPv6 through a firewall, through stages, and through a tenant's own configuration, which is held at its vif. The programs that talk are other people's."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from .conversations import answered_pings, fetches, web_server
from .router_lab import Node, RouterLab, await_condition
from .stories import deploy, example, remove

pytestmark = [
    pytest.mark.live,
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines"),
]

INSIDE, UPSTREAM, ADMINISTRATORS = "2001:db8:5::1", "2001:db8:6::1", "fd00:db8:7::1"


def await_fetches(node: Node, address: str, port: int) -> None:
    """Wait until an endpoint gets the page of a server: a kernel asks ever more rarely for a neighbour that did not answer at first."""
    await_condition(f"{node.name} fetches {address} {port}", lambda: fetches(node, address, port))


@pytest.mark.deploys("dual-stack-firewall")
def test_a_firewall_of_both_families_is_deployed_and_verified_and_a_second_run_changes_nothing(lab: RouterLab) -> None:
    deploy(lab, "dual-stack-firewall")


def assert_policy(lab: RouterLab, folder: Path, *also_refused: tuple[int, int]) -> None:
    """Assert that by IPv6 outside reaches what rules allow, and inside all but foreign mail servers; `also_refused` are endpoint and port."""
    inside, upstream, administrators = map(lab.endpoint, range(3))
    with web_server(inside, INSIDE, 80, folder), web_server(inside, INSIDE, 22, folder):
        await_fetches(upstream, INSIDE, 80)
        await_fetches(administrators, INSIDE, 22)
        for endpoint, port in ((1, 22), *also_refused):
            assert not fetches(lab.endpoint(endpoint), INSIDE, port)
    with web_server(upstream, UPSTREAM, 8080, folder), web_server(upstream, UPSTREAM, 25, folder):
        await_fetches(inside, UPSTREAM, 8080)
        assert not fetches(inside, UPSTREAM, 25)
    assert answered_pings(inside, UPSTREAM) == 3
    assert answered_pings(administrators, INSIDE) == 3
    assert answered_pings(upstream, INSIDE) == 0


def assert_traced(lab: RouterLab, name: str, allocation_id: str, port: int) -> None:
    """Assert that a TCP packet to this port inside goes where the trace of the example says, in the plan and on the platform."""
    packet = f"ip6 src {UPSTREAM} dst {INSIDE} tcp dport {port}"
    lab.play("trace", allocation=example(name), packet=packet, port=1)
    rows = lab.report("trace", allocation_id)["rows"]
    assert not any(row["differs"] for row in rows)
    assert rows[-1]["found"]["portid"] == 0


def test_outside_reaches_by_ipv6_what_rules_allow_and_inside_reaches_everything(lab: RouterLab, tmp_path: Path) -> None:
    assert_policy(lab, tmp_path)


def test_an_error_about_a_connection_reaches_who_has_it(lab: RouterLab) -> None:
    expired = lab.endpoint(0).ask("ping", "-n", "-c1", "-t1", UPSTREAM).stdout
    assert "From 2001:db8:5::fe icmp_seq=1 Time exceeded" in expired


def test_a_traced_packet_of_ipv6_takes_the_way_that_its_probes_take(lab: RouterLab) -> None:
    assert_traced(lab, "dual-stack-firewall", "wall", 443)


def test_nobody_is_there_any_more_once_it_is_removed(lab: RouterLab) -> None:
    remove(lab, "dual-stack-firewall")


@pytest.mark.deploys("dual-stack-stages")
def test_stages_of_both_families_are_deployed_and_verified_and_a_second_run_changes_nothing(lab: RouterLab) -> None:
    deploy(lab, "dual-stack-stages")


def test_by_ipv6_the_policies_of_stages_hold_and_neighbours_find_each_other_around_them(
    lab: RouterLab, tmp_path: Path
) -> None:
    assert_policy(lab, tmp_path, (2, 80))


def test_a_traced_packet_of_ipv6_takes_the_way_through_a_stage_that_its_probes_take(lab: RouterLab) -> None:
    assert_traced(lab, "dual-stack-stages", "doors", 80)


def test_stages_go_with_their_allocation(lab: RouterLab) -> None:
    remove(lab, "dual-stack-stages")


def test_a_tenants_own_configuration_carries_ipv6_and_answers_neighbours_though_it_is_held(
    lab: RouterLab, tmp_path: Path
) -> None:
    folder = tmp_path / "gate"
    shutil.copytree(Path(example("dual-stack-click")).parent, folder)
    file = folder / "allocation.xml"
    file.write_text(file.read_text().replace(' type="', ' tenant="acme" type="', 1))
    lab.play("deploy-router", allocation=str(file))
    lab.play("verify-router", allocation=str(file), verification_packets=300)
    assert lab.play("deploy-router", allocation=str(file)).changed == {}
    await_condition("a ping by IPv6 is answered", lambda: answered_pings(lab.endpoint(0), UPSTREAM) == 3)
    assert answered_pings(lab.endpoint(1), "192.168.5.1") == 3
    with web_server(lab.endpoint(1), UPSTREAM, 8080, tmp_path), web_server(lab.endpoint(1), UPSTREAM, 23, tmp_path):
        assert fetches(lab.endpoint(0), UPSTREAM, 8080)
        assert not fetches(lab.endpoint(0), UPSTREAM, 23)
    neighbours = lab.endpoint(0).run("ip", "-6", "neighbour", "show", "dev", "eth0")
    assert re.search(r"2001:db8:5::fe lladdr 02:00:5e:00:53:00", neighbours)
    held = [flow for host in ("mh1", "mh2") for flow in lab.flows(host) if "priority=30" in flow and "ipv6_src" in flow]
    assert len(held) > 100
    lab.play("remove-router", allocation=str(file))
