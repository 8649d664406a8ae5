# SPDX-License-Identifier: Apache-2.0
"""The main job, on a lab of its own: from an allocation to packets that come out of the right port, and back to nothing.

The tests are one story in the order of this file: each goes on from where the one before it left the lab.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..browser import Browser
from .iperf import iperf_server
from .prometheus import Prometheus, answers, free_port, running
from .router_lab import BRIDGES, PLAYBOOK_SECONDS, ROOT, SEED, RouterLab, await_condition, write_exchanged

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

MACHINES = ("sw1", "mh1", "mh2")
EDGE = ROOT / "examples" / "three-modules" / "allocation.xml"
# What stands outside of the edge router: its upstream, two offices, the machine room with a branch's router.
EDGE_ADDRESSES = {0: ["192.0.2.1/30"], 1: ["198.51.100.2/25", "10.1.0.2/16"], 2: ["203.0.113.2/24", "203.0.113.7/24"]}
FOREIGN_FLOW = "cookie=0xfeed,priority=7,dl_type=0x88b5,actions=drop"


@pytest.fixture
def changed_allocation(tmp_path: Path) -> str:
    """The seed's with one route of pm 0 changed, to another port, and one more."""
    old = '<forwardingentry addr="192.168.8.0" mask="24" outputport="3"/>'
    new = (
        '<forwardingentry addr="192.168.8.0" mask="24" outputport="2" gateway="192.168.7.1"/>'
        '<forwardingentry addr="192.168.9.0" mask="24" outputport="0" gateway="192.168.5.1"/>'
    )
    return variant(tmp_path / "changed.xml", old, new)


def variant(path: Path, old: str, new: str) -> str:
    text = SEED.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    return str(path)


@pytest.fixture
def exchanged_allocation(tmp_path: Path) -> str:
    return write_exchanged(tmp_path / "exchanged.xml")


@pytest.fixture
def narrow_allocation(tmp_path: Path) -> str:
    """The seed's with less for pm 1, so that what is in no prefix is for the switch to drop."""
    return variant(
        tmp_path / "narrow.xml", '<prefix addr="0.0.0.0" mask="128.0.0.0"/>', '<prefix addr="10.0.0.0" mask="8"/>'
    )


@contextmanager
def inventory_with(lab: RouterLab, folder: Path, **hosts: dict[str, Any]) -> Iterator[None]:
    """The lab's inventory with other variables of some hosts."""
    path = folder / "other.yml"
    path.write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    lab.inventories.append(path)
    try:
        yield
    finally:
        lab.inventories.remove(path)


def platform(changed: dict[str, int]) -> set[str]:
    """The hosts that a run changed, but for the control node, whose build folder is scratch."""
    return set(changed) - {"localhost"}


def by_prefix(lab: RouterLab) -> dict[str, dict[str, Any]]:
    """What the last deployment with probes says of each route."""
    handover = lab.report("handover")
    print(handover["table"])
    return {row["prefix"]: row for row in handover["rows"]}


def test_a_look_beforehand_shows_what_would_be_done_and_does_nothing(lab: RouterLab) -> None:
    result = lab.play("deploy-router", "--check", "--diff")
    assert platform(result.changed) == set(MACHINES)
    assert (
        "+cookie=0x30c4a37a14218310,table=0,priority=1001,in_port=1,dl_dst=00:15:17:15:5d:20,ip,nw_dst="
        in result.output
    )
    assert "+    192.168.5.0/24 0," in result.output
    assert "+ExecStart=ip netns exec felipeiprouter-pm1 /usr/local/bin/click" in result.output
    for name in MACHINES:
        machine = lab.machine(name)
        assert lab.traces(name) == []
        assert machine.run("ovs-vsctl", "list-br") == ""
        assert machine.ask("test", "-e", "/usr/local/bin/click").returncode == 1


def test_a_deployment_runs_the_modules_that_the_plan_has(lab: RouterLab) -> None:
    result = lab.play("deploy-router")
    assert platform(result.changed) == set(MACHINES)
    assert list(lab.modules("mh1")) == ["felipeiprouter-pm0"]
    assert list(lab.modules("mh2")) == ["felipeiprouter-pm1"]
    planned = (lab.build / "felipeiprouter" / "flows" / "sw1.flows").read_text().splitlines()
    assert len(lab.flows("sw1")) == len(planned)


@pytest.mark.deploys("felipeiprouter")
def test_every_prefix_is_reached_at_its_port_through_its_host_and_nothing_is_lost(lab: RouterLab) -> None:
    rows = lab.verify()
    assert sum(row["received"] for row in rows) >= 10_000
    (unrouted,) = [row for row in rows if not row["prefix"]]
    assert (unrouted["pm"], unrouted["received"], unrouted["faults"]) == ("felipeiprouter-pm0", 0, [])
    assert unrouted["sent"] > 0


def test_a_second_deployment_changes_nothing(lab: RouterLab) -> None:
    assert lab.play("deploy-router").changed == {}
    assert (lab.build / "felipeiprouter" / "verification.txt").exists()


@pytest.mark.parametrize("destination", ["192.168.6.1", "192.168.8.1", "10.0.6.1", "10.0.8.1"])
def test_ping_crosses_the_router(lab: RouterLab, destination: str) -> None:
    answer = lab.endpoint(0).run("ping", "-n", "-c", "5", "-i", "0.1", "-W", "1", destination)
    assert " 0% packet loss" in answer
    assert "ttl=63 " in answer


def test_packets_are_captured_at_four_points_at_once_and_nothing_stays(lab: RouterLab, tmp_path: Path) -> None:
    file = tmp_path / "pings.pcapng"
    points = "port:0,uplink:mh1,vif:felipeiprouter-pm0,element:felipeiprouter-pm0/[0]rt"
    asked = {"allocation_id": "felipeiprouter", "points": points, "pattern": "icmp", "capture_file": str(file)}

    def looking() -> list[int]:
        return [int(lab.machine(name).ask("pgrep", "--count", "--exact", "tcpdump").stdout) for name in MACHINES]

    running = lab.start("capture", seconds=60, packets=10, **asked)
    await_condition("all points are looked at", lambda: looking() == [1, 2, 0], 90)
    lab.endpoint(0).run("ping", "-n", "-c", "20", "-i", "0.1", "-W", "1", "192.168.6.1")
    result = running.finish()
    assert result.code == 0, result.output
    assert (platform(result.changed), looking()) == (set(), [0, 0, 0])
    argv = ["tshark", "-r", str(file), "-T", "fields", "-e", "frame.interface_name", "-e", "ip.ttl"]
    told = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout
    seen = Counter(tuple(line.split()) for line in told.splitlines())
    inside = ("uplink:mh1", "vif:felipeiprouter-pm0/eth0")
    lookup = "element:felipeiprouter-pm0/[0]rt"
    assert sum(seen.values()) == 40
    assert {place for place, _ in seen} == {"port:0", *inside, lookup}
    # What comes in has all of its time to live, and what a module has forwarded one less.
    assert (seen["port:0", "64"], seen["port:0", "63"]) == (5, 5)
    assert all({ttl for place, ttl in seen if place == one} == {"64", "63"} for one in inside)
    assert seen[lookup, "64"] == 10

    begun = lab.start("capture", seconds=8, **asked)
    await_condition("all points are looked at again", lambda: looking() == [1, 2, 0], 90)
    begun.kill()
    await_condition("nobody looks any more", lambda: looking() == [0, 0, 0])
    machines = [lab.machine(name) for name in MACHINES]
    await_condition("no mirror stays", lambda: [one.run("ovs-vsctl", "list", "Mirror") for one in machines] == [""] * 3)
    assert [
        one.run("ovs-vsctl", "--columns=name", "find", "Interface", "type=internal").count("cap") for one in machines
    ] == [0] * 3


def test_a_packet_from_the_network_of_another_port_is_dropped_and_counted(lab: RouterLab) -> None:
    lab.endpoint(0).run("ip", "address", "add", "192.168.6.9/32", "dev", "eth0")
    try:
        argv = ["ping", "-n", "-c", "5", "-i", "0.1", "-W", "1", "-I", "192.168.6.9", "192.168.7.1"]
        assert " 0 received" in lab.endpoint(0).ask(*argv).stdout
    finally:
        lab.endpoint(0).run("ip", "address", "delete", "192.168.6.9/32", "dev", "eth0")
    lab.play("status")
    modules = {pm["name"]: pm["handlers"] for pm in json.loads((lab.build / "status.json").read_text())["modules"]}
    assert {name: handlers["martians.count"] for name, handlers in modules.items()} == {
        "felipeiprouter-pm0": "5",
        "felipeiprouter-pm1": "0",
    }


def test_the_largest_packet_of_a_cable_crosses_the_router(lab: RouterLab) -> None:
    answer = lab.endpoint(0).run(
        "ping", "-n", "-c", "3", "-i", "0.1", "-W", "1", "-M", "do", "-s", "1472", "192.168.6.1"
    )
    assert " 0% packet loss" in answer


def test_a_packet_that_came_in_pieces_crosses_the_router(lab: RouterLab) -> None:
    answer = lab.endpoint(0).run("ping", "-n", "-c", "3", "-i", "0.1", "-W", "1", "-s", "4000", "10.0.7.1")
    assert " 0% packet loss" in answer


@contextmanager
def wide_cables(lab: RouterLab) -> Iterator[None]:
    """Let packets of 1,600 bytes through from endpoint 0 up to the module of its 192.168 prefix, and no farther."""
    device = re.search(r"^pm[0-9a-f]{8}", lab.machine("mh1").run("ip", "-brief", "link"), re.MULTILINE)
    assert device
    places = [
        (lab.endpoint(0), ("ip", "link", "set", "eth0")),
        (lab.machine("sw1"), ("ip", "link", "set", "p1")),
        (lab.machine("sw1"), ("ip", "link", "set", "mh1")),
        (lab.machine("mh1"), ("ip", "link", "set", "uplink")),
        (lab.machine("mh1"), ("ip", "link", "set", device[0])),
        (lab.machine("mh1"), ("ip", "-n", "felipeiprouter-pm0", "link", "set", "eth0")),
    ]
    for node, argv in places:
        node.run(*argv, "mtu", "1600")
    try:
        yield
    finally:
        for node, argv in places:
            node.run(*argv, "mtu", "1500")


def test_a_packet_that_is_too_large_for_the_next_cable_is_cut_or_refused(lab: RouterLab) -> None:
    ping = ("ping", "-n", "-c", "2", "-i", "0.1", "-W", "1", "-s", "1500")
    with wide_cables(lab):
        refused = lab.endpoint(0).ask(*ping, "-M", "do", "192.168.6.1")
        cut = lab.endpoint(0).run(*ping, "-M", "dont", "192.168.6.1")
    assert "From 192.168.5.254 icmp_seq=1 Frag needed and DF set (mtu = 1500)" in refused.stdout
    assert " 0% packet loss" in cut


@pytest.mark.parametrize(("destination", "router"), [("192.168.6.1", "192.168.5.254"), ("10.0.6.1", "10.0.5.254")])
def test_a_packet_that_may_go_one_hop_comes_back_from_the_router(lab: RouterLab, destination: str, router: str) -> None:
    answer = lab.endpoint(0).ask("ping", "-n", "-c", "2", "-i", "0.1", "-W", "1", "-t", "1", destination)
    assert f"From {router} icmp_seq=1 Time to live exceeded" in answer.stdout


@pytest.mark.parametrize(("destination", "router"), [("192.168.7.1", "192.168.5.254"), ("10.0.7.1", "10.0.5.254")])
def test_traceroute_shows_the_router_as_the_one_hop_between(lab: RouterLab, destination: str, router: str) -> None:
    trace = lab.endpoint(0).run("traceroute", "-n", "-q", "1", "-w", "2", destination)
    hops = [line.split()[1] for line in trace.splitlines()[1:]]
    assert hops == [router, destination]


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize("destination", ["192.168.6.1", "10.0.6.1"])
def test_iperf3_crosses_the_router(lab: RouterLab, destination: str, protocol: str) -> None:
    arguments = [] if protocol == "tcp" else ["--udp", "--bitrate", "10M", "--length", "1400"]
    with iperf_server(lab.endpoint(1)):
        client = lab.endpoint(0).run("iperf3", "--client", destination, "--time", "1", "--json", *arguments)
    end = json.loads(client)["end"]
    if protocol == "tcp":
        assert end["sum_received"]["bytes"] > 1_000_000
    else:
        assert (end["sum"]["lost_packets"], end["sum"]["packets"] > 500) == (0, True)


def test_a_changed_allocation_loses_no_packet_of_what_it_does_not_touch(
    lab: RouterLab, changed_allocation: str
) -> None:
    before = lab.modules("mh1"), lab.modules("mh2"), lab.flows("sw1")
    result = lab.play("deploy-router", allocation=changed_allocation, deploy_probe=True)
    rows = by_prefix(lab)
    assert platform(result.changed) == {"mh1"}
    assert "192.168.9.0/24" in result.output
    assert {prefix for prefix, row in rows.items() if row["touched"]} == {
        f"192.168.{network}.0/24" for network in range(5, 10)
    }
    assert all(row["sent"] > 100 for row in rows.values())
    assert [row["lost"] for row in rows.values() if not row["touched"]] == [0] * 4
    # The module that changed got its configuration without a restart; the packets on their way meanwhile are told.
    assert (lab.modules("mh1"), lab.modules("mh2"), lab.flows("sw1")) == before
    assert rows["192.168.9.0/24"]["unserved"] > 0
    assert all(row["unserved"] == 0 for prefix, row in rows.items() if prefix != "192.168.9.0/24")
    assert lab.pings(0, "10.0.8.1")


def test_an_earlier_generation_comes_back_under_traffic_and_the_log_says_who_brought_it(lab: RouterLab) -> None:
    before = lab.modules("mh1"), lab.modules("mh2"), lab.flows("sw1")
    result = lab.play("rollback", "--diff", allocation_id="felipeiprouter", generation=1, deploy_probe=True)
    rows = by_prefix(lab)
    assert platform(result.changed) == {"mh1"}
    assert [row["lost"] for row in rows.values() if not row["touched"]] == [0] * 4
    assert "192.168.9.0/24" not in rows
    assert (lab.modules("mh1"), lab.modules("mh2"), lab.flows("sw1")) == before

    listed = lab.play("history", allocation_id="felipeiprouter", between="1,2").output
    assert "~ mh1: felipeiprouter-pm0: configuration +" in listed
    audit = [json.loads(line) for line in lab.machine("mh1").run("cat", "/var/lib/flowstream/audit.log").splitlines()]
    assert [(line["generation"], line["action"], line["change"]) for line in audit] == [
        (1, "deploy", "modules +2; flows +66"),
        (2, "deploy", "modules ~1"),
        (3, "roll back to 1", "modules ~1"),
    ]
    assert (audit[0]["source"], audit[0]["digest"]) == (audit[2]["source"], audit[2]["digest"])
    journal = lab.machine("mh1").run("journalctl", "--identifier=ansible-plan_history", "--output=cat")
    assert (
        f"felipeiprouter, generation 3, source sha256 {audit[0]['source']}: roll back to 1 by {audit[0]['who']}"
        in journal
    )
    unknown = lab.attempt("rollback", allocation_id="felipeiprouter", generation=9)
    assert "allocation felipeiprouter: generation is not kept, got 9; use one of 1, 2, 3" in unknown.output


def test_modules_that_exchange_their_prefixes_serve_both_until_the_switch_has_moved_on(
    lab: RouterLab, tmp_path: Path, exchanged_allocation: str
) -> None:
    """Also after a look that has replaced the plan in the build folder, and from a control node that has none."""
    before = lab.modules("mh1"), lab.modules("mh2")
    lab.play("plan", allocation=exchanged_allocation)
    build = str(tmp_path / "build")
    lab.play("deploy-router", allocation=exchanged_allocation, allocation_build=build, deploy_probe=True)
    rows = by_prefix(lab)
    assert {(row["host"], prefix.split(".")[0]) for prefix, row in rows.items()} == {("mh1", "10"), ("mh2", "192")}
    assert [row["lost"] + row["unserved"] for row in rows.values()] == [0] * 8
    assert (lab.modules("mh1"), lab.modules("mh2")) == before


def test_of_two_deployments_at_once_one_is_told_of_the_other_and_one_that_waits_has_the_last_word(
    lab: RouterLab, changed_allocation: str, exchanged_allocation: str
) -> None:
    lock = "/run/flowstream/deployment.lock"
    begun = lab.start("deploy-router", allocation=changed_allocation)
    await_condition("the first has mh1", lambda: lab.machine("mh1").ask("test", "-s", lock).returncode == 0)
    waiting = lab.start("deploy-router", allocation=exchanged_allocation, lock_wait=PLAYBOOK_SECONDS)
    refused = lab.attempt("remove-router")
    assert refused.code != 0
    assert re.search(r"root@\S+ \(process \d+\) has the lock since .* UTC to deploy felipeiprouter", refused.output)
    assert platform(refused.changed) == set()
    for run in (begun, waiting):
        result = run.finish()
        assert result.code == 0, result.output
    assert [lab.machine(name).ask("test", "-e", lock).returncode for name in MACHINES] == [1] * 3
    assert platform(lab.play("deploy-router", allocation=exchanged_allocation).changed) == set()


def test_an_allocation_that_a_table_does_not_hold_is_refused_before_anything_is_touched(
    lab: RouterLab, changed_allocation: str
) -> None:
    limit = ("--id=@small", "create", "Flow_Table", "flow_limit=9", "overflow_policy=refuse")
    switch = lab.machine("sw1")
    switch.run("ovs-vsctl", "--", *limit, "--", "set", "Bridge", "br-flow", "flow_tables=0=@small")
    try:
        refused = lab.attempt("deploy-router", allocation=changed_allocation)
    finally:
        switch.run("ovs-vsctl", "clear", "Bridge", "br-flow", "flow_tables")
    assert refused.code != 0
    assert re.search(r"table 0 of sw1 is to have \d+ entries, 0 of them of others, and holds 9 by what", refused.output)
    assert platform(refused.changed) == set()


def test_a_module_that_moves_to_another_host_serves_there_before_it_goes_here(lab: RouterLab, tmp_path: Path) -> None:
    full = {"module_host_capacity": {"pms": 64, "memory_mib": 32, "vcpus": 2}}
    measured = {"module_host_capacity": {"pms": 64}}
    with inventory_with(lab, tmp_path, mh1=full, mh2=measured):
        result = lab.play("deploy-router", deploy_probe=True)
    assert "Measure what the host has for modules" in result.output
    assert "planned without a bound" not in result.output
    rows = by_prefix(lab)
    assert lab.traces("mh1") == []
    assert set(lab.modules("mh2")) == {"felipeiprouter-pm0", "felipeiprouter-pm1"}
    assert [row["lost"] + row["unserved"] for row in rows.values()] == [0] * 8


def test_a_host_that_does_not_answer_is_named_and_nothing_else_is_touched(
    lab: RouterLab, tmp_path: Path, changed_allocation: str
) -> None:
    # What runs stays where it runs: each host gets its own again only when nothing does.
    lab.play("remove-router")
    lab.play("deploy-router")
    before = {name: lab.flows(name) for name in ("sw1", "mh1")}, lab.modules("mh1")
    off = {"lab_machine": {"name": "mh2", "address": f"198.18.{lab.index}.12", "power": False}}
    with inventory_with(lab, tmp_path, mh2=off):
        lab.play("lab-up")

    result = lab.attempt("deploy-router", allocation=changed_allocation)
    assert (result.code, result.unreachable) == (4, ["mh2"])
    assert re.search(r"^\[ERROR\].*mh2|fatal: \[mh2\]: UNREACHABLE!", result.output, re.MULTILINE)
    assert platform(result.changed) == set()
    assert ({name: lab.flows(name) for name in ("sw1", "mh1")}, lab.modules("mh1")) == before
    assert lab.pings(0, "192.168.6.1")

    lab.play("lab-up")
    await_condition("mh2 serves again, by itself", lambda: lab.pings(0, "10.0.6.1"))
    assert platform(lab.play("deploy-router").changed) == set()
    assert lab.pings(0, "192.168.6.1")


def test_a_module_whose_process_is_killed_comes_back_by_itself(lab: RouterLab) -> None:
    (pid,) = lab.modules("mh1").values()
    lab.machine("mh1").run("kill", "-KILL", str(pid))
    await_condition("another process serves", lambda: list(lab.modules("mh1").values()) not in ([], [pid]))
    await_condition("packets pass again", lambda: lab.pings(0, "192.168.6.1", count=1))
    assert lab.pings(0, "10.0.6.1")


def test_an_open_vswitch_that_starts_anew_has_its_permanent_flows(lab: RouterLab) -> None:
    before = lab.flows("sw1")
    lab.machine("sw1").run("systemctl", "restart", "openvswitch-switch")
    await_condition("the flows are back", lambda: lab.flows("sw1") == before)
    await_condition("packets pass again", lambda: lab.pings(0, "192.168.6.1"))
    assert lab.play("deploy-router").changed == {}


@pytest.fixture(scope="module")
def prometheus(lab: RouterLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus, with an exporter on each machine; from its first test to its last."""
    folder = tmp_path_factory.mktemp("prometheus")
    often = {
        "monitoring_interval": "3s",
        "monitoring_timeout": "3s",
        "monitoring_window": "15s",
        "monitoring_patience": "2s",
    }
    lab.play("monitoring", monitoring_output=str(folder), monitoring_build=str(lab.build), **often)
    with running(folder / "prometheus.yml", folder / "storage") as prometheus:
        yield prometheus


def test_prometheus_sees_every_machine_and_its_counters_move_with_traffic(
    lab: RouterLab, prometheus: Prometheus
) -> None:
    everything = dict.fromkeys(MACHINES, 1.0)
    await_condition("all machines are read", lambda: prometheus.values("flowstream_machine_up") == everything)
    await_condition("all exporters answer", lambda: prometheus.values("up") == everything)
    assert prometheus.values("flowstream_module_up", "module") == {"felipeiprouter-pm0": 1, "felipeiprouter-pm1": 1}

    counted = {
        "module": 'flowstream_module_received_packets_total{module="felipeiprouter-pm0",port="0"}',
        "switch": 'sum(flowstream_flow_packets_total{machine="sw1",in_port="1",to="port 11"})',
        "port": 'flowstream_switch_port_received_packets_total{machine="sw1",interface="p1"}',
    }

    def counters() -> dict[str, float]:
        return {name: sum(prometheus.values(expression).values()) for name, expression in counted.items()}

    before = counters()
    assert lab.pings(0, "192.168.6.1", count=40)
    await_condition("all have counted", lambda: all(value >= before[name] + 40 for name, value in counters().items()))
    rate = 'flowstream:allocation_packets:rate{allocation="felipeiprouter",machine="sw1"} > 0'
    await_condition("the allocation has a rate", lambda: set(prometheus.values(rate)) == {"sw1"})


def test_the_live_page_shows_what_is_deployed_and_rates_that_move_with_traffic(
    lab: RouterLab, prometheus: Prometheus, browser: Browser
) -> None:
    del prometheus  # with which the exporters came
    port = free_port()
    address = f"127.0.0.1:{port}"
    page = lab.start("live", monitoring_page_port=str(port), monitoring_page_minutes="10")
    moving = "return document.querySelectorAll('#picture .edge.moving').length"
    try:
        await_condition("the page is served", lambda: answers(address))
        browser.open(f"http://{address}/")
        browser.wait("return document.getElementById('state').textContent === 'live'")
        states = browser.ask("return [...document.querySelectorAll('#modules tbody tr')].map(row => row.innerText)")
        assert [state.split("\t")[:4] for state in states] == [
            [f"felipeiprouter-pm{number}", f"mh{number + 1}", "felipeiprouter", "up"] for number in (0, 1)
        ]
        # From port 0 by the switch to mh1, and its module: at least three links.
        await_condition(
            "rates are shown", lambda: lab.pings(0, "192.168.6.1", count=20) and browser.ask(moving) >= 3, 60
        )
        assert browser.complaints() == []
    finally:
        page.end()
    assert not answers(address)


def test_an_alert_fires_when_a_module_is_killed_and_stays_away(lab: RouterLab, prometheus: Prometheus) -> None:
    assert prometheus.firing("FlowstreamModuleDown", "module") == set()
    unit = "flowstream-pm@felipeiprouter-pm1.service"
    lab.machine("mh2").run("systemctl", "kill", "--signal=TERM", unit)
    await_condition(
        "there is an alert", lambda: prometheus.firing("FlowstreamModuleDown", "module") == {"felipeiprouter-pm1"}
    )


def test_what_was_lost_or_taken_away_by_hand_is_restored_and_nothing_else_is_touched(lab: RouterLab) -> None:
    served = lab.modules("mh1")
    lab.machine("sw1").run("ovs-ofctl", "--protocols=OpenFlow13", "del-flows", BRIDGES["sw1"])
    unit = "flowstream-pm@felipeiprouter-pm1.service"
    lab.machine("mh2").run("systemctl", "disable", "--now", unit)
    lab.machine("mh2").run("rm", f"/etc/systemd/system/{unit}")
    lab.machine("mh2").run("systemctl", "daemon-reload")

    assert platform(lab.play("deploy-router").changed) == {"sw1", "mh2"}
    assert lab.modules("mh1") == served
    assert lab.pings(0, "192.168.6.1")
    assert lab.pings(0, "10.0.6.1")


def test_the_alert_is_over_when_a_deployment_has_brought_the_module_back(prometheus: Prometheus) -> None:
    await_condition("the alert is over", lambda: prometheus.firing("FlowstreamModuleDown", "module") == set())
    assert prometheus.values("flowstream_module_up", "module") == {"felipeiprouter-pm0": 1, "felipeiprouter-pm1": 1}
    prometheus.end()


def test_a_machine_without_its_mark_is_prepared_again_and_no_other(lab: RouterLab) -> None:
    lab.machine("mh1").run("rm", "/var/lib/flowstream/prepared", "/usr/local/bin/click")
    assert platform(lab.play("deploy-router").changed) == {"mh1"}
    assert lab.play("deploy-router").changed == {}
    assert lab.pings(0, "192.168.6.1")


def test_what_is_left_out_of_a_deployment_is_named(lab: RouterLab) -> None:
    limited = lab.attempt("deploy-router", "--limit", "mh1")
    assert "cannot deploy: there is no plan; write --limit mh1,localhost, for localhost plans" in limited.output
    unplanned = lab.attempt("deploy-router", "--skip-tags", "plan")
    assert "cannot deploy: there is no plan; every part needs it: leave --skip-tags plan out" in unplanned.output
    assert lab.play("deploy-router", "--tags", "modules", "--limit", "mh1,localhost").changed == {}


def test_two_allocations_on_one_platform_leave_each_other_alone(lab: RouterLab) -> None:
    for number, addresses in EDGE_ADDRESSES.items():
        for address in addresses:
            lab.endpoint(number).run("ip", "address", "add", address, "dev", "eth0")
    first = lab.modules("mh1"), lab.modules("mh2")

    watching = lab.start("verify-router", verification_packets=2000)
    lab.play("deploy-router", allocation=str(EDGE))
    watched = watching.finish()
    assert watched.code == 0, watched.output
    assert lab.play("deploy-router").changed == {}
    for name, modules in zip(("mh1", "mh2"), first, strict=True):
        assert modules.items() <= lab.modules(name).items()

    lab.play("verify-router", allocation=str(EDGE), verification_packets=300)
    print((lab.build / "edge" / "verification.txt").read_text())
    assert {row["host"] for row in lab.report("verification", "edge")["rows"]} == {"mh1", "mh2"}


def test_what_cannot_be_deployed_is_refused_by_name_and_nothing_is_started(lab: RouterLab, tmp_path: Path) -> None:
    before = [(lab.flows(name), lab.modules(name)) for name in MACHINES if name != "sw1"], lab.flows("sw1")
    path = Path(variant(tmp_path / "copy.xml", 'id="felipeiprouter"', 'id="copy"'))
    copied = lab.attempt("deploy-router", allocation=str(path))
    assert "mac is that of a port of allocation felipeiprouter, got 00:15:17:15:5d:20" in copied.output
    assert "address is answered for allocation felipeiprouter at switchport 1, got 192.168.5.254" in copied.output
    text = path.read_text().replace('switchport="4"', 'switchport="9"')
    path.write_text(re.sub(r'mac="00:15:17:15:5(.):(..)"', r'mac="02:15:17:15:5\1:\2" address="100.64.\2.1/24"', text))
    path.write_text(re.sub(r"100\.64\.(..)\.", lambda found: f"100.64.{int(found[1], 16)}.", path.read_text()))
    result = lab.attempt("deploy-router", allocation=str(path))
    assert "switch sw1: switchport of platform port 3 is no port of it, got 9; it has 1 (p1), 2 (p2)" in result.output
    for refused in (copied, result):
        assert refused.code != 0
        assert platform(refused.changed) == set()
    assert ([(lab.flows(name), lab.modules(name)) for name in MACHINES if name != "sw1"], lab.flows("sw1")) == before


def test_status_tells_what_runs_and_what_it_counted(lab: RouterLab) -> None:
    result = lab.play("status")
    status = json.loads((lab.build / "status.json").read_text())
    running = {(pm["host"], pm["name"]) for pm in status["modules"] if pm["active"]}
    assert running == {
        ("mh1", "edge-pm0"),
        ("mh2", "edge-pm1"),
        ("mh1", "edge-pm2"),
        ("mh1", "felipeiprouter-pm0"),
        ("mh2", "felipeiprouter-pm1"),
    }
    for pm in status["modules"]:
        assert int(pm["handlers"]["out0.count"]) > 0
        assert re.search(rf"{pm['host']} +{pm['name']} +running", result.output)
    assert {flow["bridge"] for flow in status["flows"]} == set(MACHINES)
    assert sum(flow["packets"] for flow in status["flows"] if flow["bridge"] == "sw1") > 1000
    assert re.search(
        r"sw1 +0x30c4a37a14218310 +1001 +in_port=1,.*nw_dst=128.0.0.0/1 +output:11 +\d+ +\d+", result.output
    )


def test_a_removal_takes_one_allocation_and_leaves_the_other(lab: RouterLab) -> None:
    lab.play("remove-router", allocation=str(EDGE))
    assert list(lab.modules("mh1")) == ["felipeiprouter-pm0"]
    assert list(lab.modules("mh2")) == ["felipeiprouter-pm1"]
    assert [flow for name in MACHINES for flow in lab.flows(name) if "0x30c4a37a14218310" not in flow] == []
    assert lab.pings(0, "192.168.6.1")
    assert lab.pings(0, "10.0.6.1")


def test_a_removal_leaves_nothing_of_ours_and_everything_of_others(lab: RouterLab) -> None:
    bridges = {"sw1": "br-flow", "mh1": "br-pm"}
    for name, bridge in bridges.items():
        lab.machine(name).run("ovs-ofctl", "--protocols=OpenFlow13", "add-flow", bridge, FOREIGN_FLOW)
    lab.play("remove-router")
    for name in MACHINES:
        assert [trace for trace in lab.traces(name) if "cookie=0xfeed" not in trace] == []
    for name in bridges:
        assert len(lab.flows(name)) == 1
    assert lab.play("remove-router").changed == {}


def test_a_run_that_was_killed_is_made_good_by_the_next(lab: RouterLab, narrow_allocation: str) -> None:
    """Here amid the work of a module on a host; after each single step, of several plans: tests/model."""
    unit = "/etc/systemd/system/flowstream-pm@felipeiprouter-pm0.service"
    begun = lab.start("deploy-router")
    machine = lab.machine("mh1")
    await_condition("the module begins to write", lambda: machine.ask("test", "-e", unit).returncode == 0)
    begun.kill()

    lab.play("deploy-router", allocation=narrow_allocation)
    lab.play("verify-router", allocation=narrow_allocation, verification_packets=300)
    print((lab.build / "felipeiprouter" / "verification.txt").read_text())
    dropped = [(row["pm"], row["received"], row["faults"]) for row in lab.report("verification")["rows"][-2:]]
    assert dropped == [("felipeiprouter-pm0", 0, []), (None, 0, [])]
    assert lab.play("deploy-router", allocation=narrow_allocation).changed == {}
    assert list(lab.modules("mh1")) == ["felipeiprouter-pm0"]
    assert list(lab.modules("mh2")) == ["felipeiprouter-pm1"]
