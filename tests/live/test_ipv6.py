# SPDX-License-Identifier: Apache-2.0
"""IPv6 on a lab of its own: a translator between it and IPv4, and a router of both. Each is a story: deploy, use, remove.

The programs that talk are other people's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conversations import answered_pings, hears_that_nobody_listens, web_server
from .iperf import iperf_server
from .router_lab import RouterLab, standing
from .stories import deploy, example, remove

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

IPV6_LAB_INDEX = 7


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RouterLab]:
    with standing(RouterLab(IPV6_LAB_INDEX, tmp_path_factory.mktemp("build"))) as lab:
        yield lab


@pytest.mark.deploys("translator")
def test_a_translator_is_deployed_and_verified_and_a_second_run_changes_nothing(lab: RouterLab) -> None:
    deploy(lab, "translator")


SERVER, ITS = "64:ff9b:1::c0a8:601", "192.168.6.1"
"""A server of IPv4 at port 1, as hosts of IPv6 write it, and its own address."""


def test_a_kernel_opens_tcp_by_ipv6_to_a_server_of_ipv4(lab: RouterLab, tmp_path: Path) -> None:
    with web_server(lab.endpoint(1), ITS, 8080, tmp_path) as site:
        argv = ["curl", "--silent", "--noproxy", "*", "--max-time", "5", f"http://[{SERVER}]:8080/index.html"]
        assert [lab.endpoint(0).run(*argv) for _ in range(5)] == [f"{ITS} 8080\n"] * 5
        assert set(site.clients()) <= {"203.0.113.0", "203.0.113.1"}
    with iperf_server(lab.endpoint(1), ITS):
        lab.endpoint(0).run("iperf3", "--client", SERVER, "--bytes", "2M")


def test_pings_and_errors_pass_a_translator(lab: RouterLab) -> None:
    inside = lab.endpoint(0)
    assert answered_pings(inside, SERVER) == 3
    assert answered_pings(inside, SERVER, "-s", "1452") == 3
    assert answered_pings(inside, "64:ff9b:1::c0a8:6fe") == 3
    expired = inside.ask("ping", "-n", "-c1", "-t1", SERVER).stdout
    assert "From 2001:db8:5::fe icmp_seq=1 Time exceeded" in expired
    assert hears_that_nobody_listens(inside, SERVER, 4242)


def test_nobody_outside_reaches_a_host_of_ipv6_unasked(lab: RouterLab) -> None:
    before = lab.handler("mh1", "translator-pm0", "translation.drops")
    assert answered_pings(lab.endpoint(1), "203.0.113.0", count=5) == 0
    assert lab.handler("mh1", "translator-pm0", "translation.drops") == before + 5
    remove(lab, "translator")


SIX = ("2001:db8:5::", "2001:db8:6::", "fd00:db8:7::")
"""The networks of IPv6 of the first three endpoints: the endpoint is 1 there, the router fe."""


@pytest.mark.deploys("dual-stack-router")
def test_kernels_reach_each_other_by_ipv6_through_the_modules_that_have_the_destinations(
    lab: RouterLab,
) -> None:
    deploy(lab, "dual-stack-router")
    before = [lab.handler(f"mh{number + 1}", f"dual-pm{number}", "in6_0.count") for number in range(2)]
    assert answered_pings(lab.endpoint(0), f"{SIX[1]}1") == 3
    assert answered_pings(lab.endpoint(0), f"{SIX[2]}1") == 3
    assert answered_pings(lab.endpoint(1), f"{SIX[2]}1", "-s", "1452") == 3
    after = [lab.handler(f"mh{number + 1}", f"dual-pm{number}", "in6_0.count") for number in range(2)]
    assert [now - then for now, then in zip(after, before, strict=True)] == [3, 3]
    neighbours = [lab.endpoint(number).run("ip", "-6", "neighbour", "show", "dev", "eth0") for number in range(3)]
    assert [re.findall(r"fe lladdr (\S+)", text) for text in neighbours] == [
        [f"02:00:5e:00:53:0{number}"] for number in range(3)
    ]


def test_every_route_of_either_family_carries_what_a_verification_sends(lab: RouterLab) -> None:
    report = lab.report("verification", "dual")
    assert {row["prefix"]: (row["sent"], row["received"]) for row in report["rows"] if ":" in row["destination"]} == {
        "::/1": (300, 300),
        "2001:db8:5::/64": (300, 300),
        "2001:db8:6::/64": (300, 300),
        "2001:db8:60::/48": (300, 300),
        "fd00:db8:7::/64": (300, 300),
        None: (300, 0),
    }
    answered = {row["address"]: row["answer"] for row in report["neighbours"] if ":" in row["address"]}
    assert answered == {f"{network}fe": f"02:00:5e:00:53:0{number}" for number, network in enumerate(SIX)}


def test_a_traced_packet_of_ipv6_takes_the_way_that_its_probes_take(lab: RouterLab) -> None:
    packet = f"ip6 src {SIX[0]}1 dst {SIX[2]}1 tcp dport 443"
    lab.play("trace", allocation=example("dual-stack-router"), packet=packet, port=0)
    rows = lab.report("trace", "dual")["rows"]
    assert not any(row["differs"] for row in rows)
    assert [row["found"]["place"] for row in rows] == ["sw1", "mh2", "mh2/dual-pm1", "mh2", "sw1", "sw1"]
    assert (rows[-1]["found"]["portid"], rows[-1]["counted"]) == (2, 5)


def test_the_router_itself_answers_by_ipv6_and_tells_what_goes_no_further(lab: RouterLab) -> None:
    asking = lab.endpoint(0)
    assert [answered_pings(asking, f"{network}fe") for network in SIX] == [3, 3, 3]
    assert f"From {SIX[0]}fe icmp_seq=1 Time exceeded" in asking.ask("ping", "-n", "-c1", "-t1", f"{SIX[1]}1").stdout
    assert "No route" in asking.ask("ping", "-n", "-c1", "-W1", "fd00:db8:99::1").stdout


def test_tcp_flows_by_ipv6_and_by_ipv4_at_once(lab: RouterLab) -> None:
    for client, server in ((f"{SIX[1]}1", 1), (f"{SIX[2]}1", 2), ("192.168.6.1", 1)):
        with iperf_server(lab.endpoint(server), client):
            lab.endpoint(0).run("iperf3", "--client", client, "--bytes", "2M")


def test_nobody_is_forwarded_whose_address_is_of_another_port(lab: RouterLab) -> None:
    forger = lab.endpoint(0)
    before = lab.handler("mh1", "dual-pm0", "martians.count")
    forger.run("ip", "-6", "address", "add", f"{SIX[2]}9/128", "dev", "eth0", "nodad")
    assert answered_pings(forger, f"{SIX[1]}1", "-I", f"{SIX[2]}9") == 0
    forger.run("ip", "-6", "address", "delete", f"{SIX[2]}9/128", "dev", "eth0")
    assert lab.handler("mh1", "dual-pm0", "martians.count") == before + 3
    remove(lab, "dual-stack-router")
