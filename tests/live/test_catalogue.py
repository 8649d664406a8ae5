# SPDX-License-Identifier: Apache-2.0
"""Types of processing on a lab of their own, each with its example: what may pass does, what may not does not.

The programs that talk are other people's. The tests of a type are one story: deploy, use, deploy again, remove.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from .conversations import (
    Conversation,
    Pings,
    WebServer,
    answered_pings,
    fetches,
    hears_that_nobody_listens,
    web_server,
)
from .iperf import iperf_server
from .router_lab import ROOT, RouterLab, await_condition, standing
from .stories import deploy, example, remove
from .subscriber import subscriber

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

CATALOGUE_LAB_INDEX = 5


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RouterLab]:
    with standing(RouterLab(CATALOGUE_LAB_INDEX, tmp_path_factory.mktemp("build"))) as lab:
        yield lab


def counted(lab: RouterLab, module: str, handler: str) -> int:
    """What a handler of a running module says now."""
    lab.play("status")
    (values,) = (
        pm["handlers"] for pm in json.loads((lab.build / "status.json").read_text())["modules"] if pm["name"] == module
    )
    return int(values[handler])


@pytest.mark.deploys("firewall")
def test_a_firewall_is_deployed_and_verified_and_a_second_run_changes_nothing(lab: RouterLab) -> None:
    deploy(lab, "firewall")
    assert list(lab.modules("mh1")) == ["firewall-pm0"]
    assert list(lab.modules("mh2")) == ["firewall-pm1"]


def test_hosts_behind_a_firewall_reach_what_the_policy_lets_them(lab: RouterLab, tmp_path: Path) -> None:
    inside, upstream, office = (lab.endpoint(number) for number in range(3))
    with web_server(upstream, "192.168.6.1", 8080, tmp_path), web_server(office, "192.168.7.1", 25, tmp_path):
        assert fetches(inside, "192.168.6.1", 8080)
        assert not fetches(inside, "192.168.7.1", 25)
    with web_server(upstream, "192.168.6.1", 25, tmp_path):
        assert fetches(inside, "192.168.6.1", 25)
    assert answered_pings(inside, "192.168.6.1") == 3
    # A whole that came in pieces, and an ICMP error about a packet that went out.
    assert answered_pings(inside, "192.168.6.1", "-s", "4000") == 3
    assert hears_that_nobody_listens(inside, "192.168.6.1", 4242)


def test_nobody_outside_reaches_more_than_the_services_that_are_offered(lab: RouterLab, tmp_path: Path) -> None:
    inside, upstream, office = (lab.endpoint(number) for number in range(3))
    with web_server(inside, "192.168.5.1", 80, tmp_path), web_server(inside, "192.168.5.1", 22, tmp_path):
        assert fetches(upstream, "192.168.5.1", 80)
        assert not fetches(upstream, "192.168.5.1", 22)
        assert fetches(office, "192.168.5.1", 22)
    with web_server(inside, "10.0.5.1", 80, tmp_path):
        assert not fetches(upstream, "10.0.5.1", 80)
    assert answered_pings(office, "192.168.5.1") == 3


def test_what_is_refused_is_counted(lab: RouterLab) -> None:
    before = counted(lab, "firewall-pm0", "rejected.count")
    assert answered_pings(lab.endpoint(1), "192.168.5.1", count=5) == 0
    assert counted(lab, "firewall-pm0", "rejected.count") == before + 5


def test_a_connection_outlives_a_new_policy(lab: RouterLab, tmp_path: Path) -> None:
    text = Path(example("firewall")).read_text()
    changed = tmp_path / "changed.xml"
    changed.write_text(text.replace('dstport="80 443"/>', 'dstport="443"/>'))
    with Conversation(lab.endpoint(1), lab.endpoint(0), "192.168.5.1", 80) as conversation:
        assert conversation.says("before")
        assert set(lab.play("deploy-router", allocation=str(changed)).changed) - {"localhost"} == {"mh1"}
        assert conversation.says("after")
    with web_server(lab.endpoint(0), "192.168.5.1", 80, tmp_path):
        assert not fetches(lab.endpoint(1), "192.168.5.1", 80)


def test_a_firewall_that_is_removed_leaves_nothing(lab: RouterLab) -> None:
    remove(lab, "firewall")


@pytest.mark.deploys("nat")
def test_a_nat_is_deployed_and_verified_and_a_second_run_changes_nothing(lab: RouterLab) -> None:
    deploy(lab, "nat")


def block_of(lab: RouterLab, subscriber: str) -> tuple[str, range]:
    """The public address of a subscriber and its ports, as the plan has them."""
    plan = json.loads((lab.build / "nat" / "plan.json").read_text())
    rows = (row.split() for host in plan["hosts"].values() for pm in host["pms"] for row in pm["facts"]["blocks"])
    (address, ports) = next(
        (address, ports) for prefix, address, ports in rows if IPv4Address(subscriber) in IPv4Network(prefix)
    )
    first, last = map(int, ports.split("-"))
    return address, range(first, last + 1)


@pytest.mark.parametrize(("subscriber", "server"), [("192.168.5.1", "192.168.6.1"), ("10.0.5.1", "10.0.6.1")])
def test_a_server_sees_a_subscriber_by_its_public_address_and_one_of_its_ports(
    lab: RouterLab, tmp_path: Path, subscriber: str, server: str
) -> None:
    address, ports = block_of(lab, subscriber)
    inside, upstream = lab.endpoint(0), lab.endpoint(1)
    with web_server(upstream, server, 8080, tmp_path) as site:
        assert all(fetches(inside, server, 8080) for _ in range(5))
        assert site.clients() == [address] * 5
    with Conversation(inside, upstream, server, 8081) as conversation:
        assert conversation.says("hello")
        seen, port = conversation.client
        assert (seen, int(port) in ports) == (address, True)


def test_the_platform_says_whose_an_address_and_a_port_are_and_were(lab: RouterLab, tmp_path: Path) -> None:
    with Conversation(lab.endpoint(0), lab.endpoint(1), "10.0.6.1", 8083) as conversation:
        address, port = conversation.client
    (generation,) = json.loads(
        lab.machine("mh1").run("python3", "-c", "import json, pathlib; print(json.dumps([json.loads(one.read_text())"
        " for one in pathlib.Path('/var/lib/flowstream/history/nat').glob('*.json')]))")
    )  # fmt: skip
    household = "10.0.5.0/28, who has ports 1024-5119, by nat-pm1 on mh2"
    asked = {"allocation_id": "nat", "address": address, "source_port": int(port)}

    def said(**more: object) -> str:
        return " ".join(lab.play("subscriber", **{**asked, **more}).output.split())

    assert f"{address} port {port}, now: {household}" in said()
    at = generation["at"].removesuffix(" UTC")
    assert f"{address} port {port}, {at}: {household}" in said(at=at)
    assert "now: nobody of nat" in said(source_port=80)
    before = lab.attempt("subscriber", **asked, at="2020-01-01 00:00:00")
    assert before.code == 2
    assert f"the oldest that is kept is of {at} UTC; ask for a later time" in " ".join(before.output.split())


_HAIRPIN = """
import socket, sys
def at(address, port):
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.settimeout(2)
    opened.bind((address, int(port)))
    return opened
public, one_port, other_port = sys.argv[2], int(sys.argv[3]), int(sys.argv[5])
one, other = at(sys.argv[1], one_port), at(sys.argv[4], other_port)
one.sendto(b"not yet", (public, other_port))
other.sendto(b"hello", (public, one_port))
print(*one.recvfrom(100))
one.sendto(b"welcome", (public, other_port))
print(*other.recvfrom(100))
"""


def test_subscribers_reach_each_other_by_their_public_addresses(lab: RouterLab) -> None:
    inside, other = lab.endpoint(0), "192.168.5.2"
    (address, ports), (its_address, its_ports) = (block_of(lab, one) for one in ("192.168.5.1", other))
    assert address == its_address
    assert not set(ports) & set(its_ports)
    inside.run("ip", "address", "add", f"{other}/24", "dev", "eth0")
    try:
        argv = ["192.168.5.1", address, str(ports[9]), other, str(its_ports[9])]
        said = inside.run("python3", "-c", _HAIRPIN, *argv).splitlines()
    finally:
        inside.run("ip", "address", "del", f"{other}/24", "dev", "eth0")
    assert said == [f"b'hello' ('{address}', {its_ports[9]})", f"b'welcome' ('{address}', {ports[9]})"]


def test_pings_pieces_and_errors_pass_a_nat(lab: RouterLab) -> None:
    inside = lab.endpoint(0)
    assert answered_pings(inside, "192.168.6.1") == 3
    assert answered_pings(inside, "192.168.6.1", "-s", "4000") == 3
    assert hears_that_nobody_listens(inside, "192.168.6.1", 4242)
    trace = inside.run("traceroute", "-n", "-q", "1", "-w", "2", "192.168.6.1")
    assert [line.split()[1] for line in trace.splitlines()[1:]] == ["192.168.5.254", "192.168.6.1"]


def test_nobody_outside_reaches_a_subscriber(lab: RouterLab, tmp_path: Path) -> None:
    address, ports = block_of(lab, "192.168.5.1")
    inside, upstream = lab.endpoint(0), lab.endpoint(1)
    before = counted(lab, "nat-pm0", "unasked.count")
    assert answered_pings(upstream, address, count=5) == 0
    assert counted(lab, "nat-pm0", "unasked.count") == before + 5
    with web_server(inside, "192.168.5.1", ports[3], tmp_path):
        assert not fetches(upstream, address, ports[3])
        assert not fetches(upstream, "192.168.5.1", ports[3])


def test_a_session_outlives_another_configuration(lab: RouterLab, tmp_path: Path) -> None:
    old = '<forwardingentry addr="192.168.6.0" mask="24" outputport="1"/>'
    changed = tmp_path / "changed.xml"
    more = '<forwardingentry addr="198.51.100.0" mask="24" outputport="1" gateway="192.168.6.9"/>'
    changed.write_text(Path(example("nat")).read_text().replace(old, f"{old}{more}"))
    with Conversation(lab.endpoint(0), lab.endpoint(1), "192.168.6.1", 8082) as conversation:
        assert conversation.says("before")
        assert set(lab.play("deploy-router", allocation=str(changed)).changed) - {"localhost"} == {"mh1"}
        assert conversation.says("after")


def test_a_nat_that_is_removed_leaves_nothing(lab: RouterLab) -> None:
    remove(lab, "nat")


FARM = {8081, 8082, 8083}


@contextmanager
def farm(lab: RouterLab, folder: Path) -> Iterator[dict[int, WebServer]]:
    """The three servers of the example's web service, each with its own page."""
    with ExitStack() as servers:
        yield {port: servers.enter_context(web_server(lab.endpoint(0), "192.168.5.1", port, folder)) for port in FARM}


def served(lab: RouterLab, count: int) -> Counter[int]:
    """Which servers answer that many requests to the service, by port."""
    argv = ["curl", "--silent", "--noproxy", "*", "--max-time", "5", "http://203.0.113.80/index.html"]
    answers = [lab.endpoint(1).run(*argv) for _ in range(count)]
    return Counter(int(answer.split()[1]) for answer in answers)


@pytest.mark.deploys("loadbalancer")
def test_a_load_balancer_is_deployed_and_verified_and_a_second_run_changes_nothing(lab: RouterLab) -> None:
    deploy(lab, "loadbalancer")


def test_all_servers_of_a_service_get_requests_and_see_the_client(lab: RouterLab, tmp_path: Path) -> None:
    with farm(lab, tmp_path) as servers:
        answered = served(lab, 40)
        assert answered.keys() == FARM
        assert {port: server.clients() for port, server in servers.items()} == {
            port: ["192.168.6.1"] * count for port, count in answered.items()
        }
    assert answered_pings(lab.endpoint(1), "203.0.113.80") == 3


def test_nothing_else_reaches_a_server(lab: RouterLab, tmp_path: Path) -> None:
    before = counted(lab, "farm-pm0", "unasked.count")
    with farm(lab, tmp_path):
        assert not fetches(lab.endpoint(1), "192.168.5.1", 8081)
        assert not fetches(lab.endpoint(1), "203.0.113.80", 8081)
    assert counted(lab, "farm-pm0", "unasked.count") > before


def test_a_server_that_is_taken_away_keeps_its_connections_and_gets_no_new_ones(lab: RouterLab, tmp_path: Path) -> None:
    text = Path(example("loadbalancer")).read_text()
    one, others = tmp_path / "one.xml", tmp_path / "others.xml"
    lines = {port: f'<server address="192.168.5.1" port="{port}"/>' for port in FARM}
    one.write_text(text.replace(lines[8082], "").replace(lines[8083], ""))
    others.write_text(text.replace(lines[8081], ""))
    lab.play("deploy-router", allocation=str(one))
    with Conversation(lab.endpoint(1), lab.endpoint(0), "203.0.113.80", 80, at=("192.168.5.1", 8081)) as conversation:
        assert conversation.says("before")
        lab.play("deploy-router", allocation=str(others))
        assert conversation.says("after")
        with ExitStack() as servers:
            for port in (8082, 8083):
                servers.enter_context(web_server(lab.endpoint(0), "192.168.5.1", port, tmp_path))
            assert served(lab, 20).keys() <= {8082, 8083}


def test_a_server_that_dies_is_left_in_the_stated_time_and_taken_back(lab: RouterLab, tmp_path: Path) -> None:
    inside, first, second, check = lab.endpoint(0), "10.0.5.1", "10.0.5.2", 1
    own = ("address", "{}", f"{second}/24", "dev", "eth0")

    def set_second(word: str) -> None:
        inside.run("ip", *(part.format(word) for part in own))

    def answered(count: int) -> Counter[str]:
        """Who answers that many requests; empty is nobody."""
        argv = ["curl", "--silent", "--noproxy", "*", "--max-time", "1", "http://10.0.6.254:443/index.html"]
        return Counter(lab.endpoint(1).ask(*argv).stdout.partition(" ")[0] for _ in range(count))

    set_second("add")
    try:
        with web_server(inside, first, 8443, tmp_path), web_server(inside, second, 8443, tmp_path):
            await_condition("both serve", lambda: answered(8).keys() == {first, second})
            set_second("del")
            time.sleep(4 * check)
            assert answered(20) == {first: 20}
            set_second("add")
            time.sleep(2 * check)
            assert answered(20).keys() == {first, second}
    finally:
        inside.ask("ip", *(part.format("del") for part in own))


def test_a_load_balancer_that_is_removed_leaves_nothing(lab: RouterLab) -> None:
    remove(lab, "loadbalancer")


@pytest.mark.deploys("click")
def test_a_configuration_of_the_operator_carries_counts_and_drops_as_it_says(lab: RouterLab, tmp_path: Path) -> None:
    deploy(lab, "click")
    left, right = lab.endpoint(0), lab.endpoint(1)
    assert answered_pings(left, "192.168.6.1") == 3
    with web_server(right, "192.168.6.1", 8080, tmp_path), web_server(right, "192.168.6.1", 23, tmp_path):
        assert fetches(left, "192.168.6.1", 8080)
        assert not fetches(left, "192.168.6.1", 23)
    assert lab.handler("mh1", "meter-pm0", "telnet.count") > 0
    assert lab.handler("mh1", "meter-pm0", "others.count") > 0


def other_meter(folder: Path, old: str, new: str) -> str:
    """The allocation of the example with another configuration."""
    meter = (ROOT / "examples" / "click" / "meter.click").read_text()
    assert meter.count(old) == 1
    (folder / "meter.click").write_text(meter.replace(old, new))
    (folder / "allocation.xml").write_text(Path(example("click")).read_text())
    return str(folder / "allocation.xml")


def test_a_canary_that_drops_five_percent_goes_back_by_itself_and_what_was_lost_is_said(
    lab: RouterLab, tmp_path: Path
) -> None:
    bad = other_meter(
        tmp_path, "others :: Counter -> out;", "others :: Counter -> lossy :: RandomSample(DROP 0.05) -> out;"
    )
    health = {"received": ["others.count"], "dropped": ["lossy.drops"]}
    with Pings(lab.endpoint(0), "192.168.6.1", 0.005) as pings:
        result = lab.attempt("rollout", allocation=bad, rollout_health=health, rollout_seconds=3)
        lost = pings.end().lost
    assert result.code == 2, result.output
    said = result.output.split("PLAY [Say how it ended]")[1]
    share = re.search(r"meter-pm0 on mh1: drops (\S+) % of its packets, 0\.0 % before", said)
    assert share, said
    assert 2 < float(share[1]) < 9
    assert "meter: stopped at canary; 1 module run again what is deployed: meter-pm0" in said
    dropped = re.search(r"meanwhile at least ([\d,]+) packets of \S+ were dropped by them: \1 lossy\.drops", said)
    assert dropped, said
    assert 0 < int(dropped[1].replace(",", "")) <= lost
    lab.play("drift", allocation=example("click"))


def test_a_rollout_that_was_killed_is_gone_on_with_by_the_next_run(lab: RouterLab, tmp_path: Path) -> None:
    good = other_meter(tmp_path, "SetIPDSCP(46)", "SetIPDSCP(34)")
    begun = lab.start("rollout", allocation=good, rollout_seconds=1)
    for _ in range(2):
        begun.await_line("TASK [Have them count]")
    begun.kill()
    said = lab.play("rollout", allocation=good, rollout_seconds=1).output
    assert "1 module run it already, from an earlier run that was not finished" in said
    assert "meter: 1 module run what was rolled out" in said
    lab.play("drift", allocation=good)


FORGING = """
import socket, sys
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind(("eth0", 0))
for tag in ("", "81000002"):
    sender.send(bytes.fromhex(sys.argv[1] + sys.argv[2] + tag + "88b5") + bytes(46))
"""


def test_a_tag_of_such_a_module_gets_no_further_than_its_interface(lab: RouterLab) -> None:
    machine, somebody = lab.machine("mh1"), "020000000001"
    (fence,) = [flow for flow in lab.flows("mh1") if "vlan_tci" in flow]
    match = fence.partition("priority=")[2].split()[0].partition(",")[2]

    def counted(name: str, bridge: str, entry: str) -> int:
        text = lab.machine(name).run("ovs-ofctl", "--protocols=OpenFlow13", "dump-flows", bridge, entry)
        return sum(int(packets) for packets in re.findall(r"n_packets=(\d+)", text))

    before = counted("mh1", "br-pm", match), counted("sw1", "br-flow", "dl_src=02:00:5e:00:53:01")
    machine.run("ip", "netns", "exec", "meter-pm0", "python3", "-c", FORGING, somebody, "02005e005301")
    after = counted("mh1", "br-pm", match), counted("sw1", "br-flow", "dl_src=02:00:5e:00:53:01")
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1]
    remove(lab, "click")


@pytest.mark.deploys("bng")
def test_an_edge_is_deployed_and_verified_and_a_second_run_changes_nothing(lab: RouterLab) -> None:
    deploy(lab, "bng")


def test_kernels_in_vlans_reach_what_is_outside_and_each_other_and_none_as_another(
    lab: RouterLab, tmp_path: Path
) -> None:
    inside, gate = lab.endpoint(0), "192.168.5.254"
    with (
        subscriber(inside, 101, "192.168.5.1/24", gate) as alice,
        subscriber(inside, 102, "192.168.5.2/24", gate) as bob,
    ):
        with web_server(lab.endpoint(1), "192.168.6.1", 8080, tmp_path) as site:
            assert fetches(alice, "192.168.6.1", 8080)
            assert fetches(bob, "192.168.6.1", 8080)
            assert site.clients() == ["192.168.5.1", "192.168.5.2"]
        assert answered_pings(alice, gate) == 3
        assert answered_pings(lab.endpoint(1), "192.168.5.2", "-s", "4000") == 3
        bob.run("ip", "route", "add", "192.168.5.1/32", "via", gate)
        alice.run("ip", "route", "add", "192.168.5.2/32", "via", gate)
        assert answered_pings(bob, "192.168.5.1") == 3
        before = lab.handler("mh1", "bng-pm0", "forged102.count")
        bob.run("ip", "address", "add", "192.168.5.1/32", "dev", "lo")
        bob.run("ip", "route", "delete", "192.168.5.1/32")
        assert answered_pings(bob, "192.168.6.1", "-I", "192.168.5.1") == 0
        assert lab.handler("mh1", "bng-pm0", "forged102.count") == before + 3
        with iperf_server(lab.endpoint(1), "192.168.6.1"):
            alice.run("iperf3", "--client", "192.168.6.1", "--bytes", "2M")
    remove(lab, "bng")


@pytest.mark.deploys("generator")
def test_generators_measure_a_network_that_is_a_kernel_and_the_kernel_by_pings(lab: RouterLab) -> None:
    """The two endpoints are routers to each other: what the first module sends goes by both of them to the second one, and back."""
    routers = lab.endpoint(0), lab.endpoint(1)
    cable = f"{lab.prefix}-between"
    made, named = ["link", "add", cable, "netns", routers[0].name, "type", "veth"], ["peer", "name", cable]
    subprocess.run(["ip", *made, *named, "netns", routers[1].name], check=True, timeout=10)
    try:
        for number, router in enumerate(routers):
            router.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
            router.run("ip", "address", "add", f"198.18.0.{number + 1}/30", "dev", cable)
            router.run("ip", "link", "set", cable, "up")
            gate = f"192.168.{5 + number}.254"
            router.run("ip", "route", "add", f"203.0.113.{48 + number}/32", "via", gate)
            router.run("ip", "route", "add", f"203.0.113.{49 - number}/32", "via", f"198.18.0.{2 - number}")
        deploy(lab, "generator")
        first = partial(lab.handler, "mh1", "generator-pm0")
        await_condition("a hundred came back", lambda: first("returned0.count") >= 100)
        # In this order, for all grow meanwhile.
        returned, reflected = first("returned0.count"), lab.handler("mh2", "generator-pm1", "reflected.count")
        assert 100 <= returned <= reflected <= first("sent0.count")
        answered = first("probe1.replies")
        assert 1 <= answered <= first("probe1.count")
        assert answered_pings(routers[1], "203.0.113.48") == 3
        remove(lab, "generator")
    finally:
        routers[0].run("ip", "link", "delete", cable)
        for router in routers:
            router.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=0")
            for address in ("203.0.113.48", "203.0.113.49"):
                router.ask("ip", "route", "delete", f"{address}/32")
