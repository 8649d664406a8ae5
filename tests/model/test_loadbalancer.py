# SPDX-License-Identifier: Apache-2.0
"""The example's load balancer in the engine: who gets which connections, and what becomes of everything else."""

from __future__ import annotations

import re
from collections import Counter
from operator import itemgetter
from pathlib import Path

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from ..configurations.played_devices import is_at, play
from .played_modules import NEIGHBOUR, ROOT, PlayedModules, plan_of, planned_from

EXAMPLE = ROOT / "examples" / "loadbalancer" / "allocation.xml"
CLIENT, SERVICE, SERVER = "192.168.6.1", "203.0.113.80", "192.168.5.1"
CONNECTIONS = 900


def begins(number: int) -> Packet:
    """The first segment of a connection of its own."""
    return IP(src=f"198.51.100.{number % 200 + 1}", dst=SERVICE, id=number) / TCP(
        sport=20_000 + number, dport=80, flags="S"
    )


def chosen(text: str, folder: Path) -> dict[int, int]:
    """The server's port that each connection gets."""
    folder.mkdir()
    modules = PlayedModules(planned_from(text.encode()), folder, {0: [SERVER]})
    left = modules.exchange([(1, begins(number)) for number in range(1, CONNECTIONS + 1)])
    assert {(one.portid, one.packet.dst) for one in left} == {(0, SERVER)}
    return {one.packet.id: one.packet.dport for one in left}


def test_servers_have_equal_shares_and_one_that_goes_changes_little_for_the_others(tmp_path: Path) -> None:
    text = EXAMPLE.read_text()
    before = chosen(text, tmp_path / "before")
    after = chosen(re.sub(' *<server address="192.168.5.1" port="8083"/>\n', "", text), tmp_path / "after")
    shares = Counter(before.values())
    assert shares.keys() == {8081, 8082, 8083}
    assert all(0.8 < share * 3 / CONNECTIONS < 1.2 for share in shares.values())
    assert len(before) == len(after) == CONNECTIONS
    assert set(after.values()) == {8081, 8082}
    staying = [number for number, port in before.items() if port != 8083]
    moved = [number for number in staying if after[number] != before[number]]
    assert len(moved) < 0.05 * len(staying)


def test_answers_come_from_the_service_and_what_is_of_none_is_dropped(tmp_path: Path) -> None:
    asked = IP(src=CLIENT, dst="203.0.113.9", id=1) / UDP(sport=7000, dport=9) / Raw(b"question")
    answer = IP(src=SERVER, dst=CLIENT, id=2) / UDP(sport=9, dport=7000) / Raw(b"answer")
    pinged = IP(src=CLIENT, dst=SERVICE, id=3) / ICMP(type=8, id=7)
    another = IP(src=CLIENT, dst=SERVICE, id=4) / TCP(sport=7000, dport=22, flags="S")
    midway = IP(src=SERVER, dst=CLIENT, id=5) / TCP(sport=8081, dport=7001, flags="A")
    quoted = IP(src=CLIENT, dst=SERVER, id=1, ttl=63) / UDP(sport=7000, dport=9) / Raw(b"question")
    error = IP(src=SERVER, dst=CLIENT, id=6) / ICMP(type=3, code=3) / Raw(bytes(quoted)[:28])
    modules = PlayedModules(plan_of("loadbalancer"), tmp_path, {0: [SERVER], 1: [CLIENT]})
    packets = [(1, asked), (0, answer), (1, pinged), (1, another), (0, midway), (0, error)]
    left = modules.exchange(packets, ["unasked.count", "flows.nmappings"])
    assert sorted((one.portid, one.packet.src, one.packet.dst, one.packet.proto) for one in left) == [
        (0, CLIENT, SERVER, 17),
        (1, SERVICE, CLIENT, 1),
        (1, "203.0.113.9", CLIENT, 1),
        (1, "203.0.113.9", CLIENT, 17),
    ]
    assert modules.values["farm-pm0"] == {"unasked.count": "2", "flows.nmappings": "1"}


def test_a_service_may_be_at_the_address_of_the_platform_port(tmp_path: Path) -> None:
    modules = PlayedModules(plan_of("loadbalancer"), tmp_path, {0: ["10.0.5.1", "10.0.5.2"]})
    sent = [
        (1, IP(src="10.0.6.1", dst="10.0.6.254", id=n) / TCP(sport=4000 + n, dport=443, flags="S"))
        for n in range(1, 41)
    ]
    left = [one for one in modules.exchange(sent) if TCP in one.packet]  # and pings, by which servers are asked
    assert {(one.portid, one.packet.dport) for one in left} == {(0, 8443)}
    assert {one.packet.dst for one in left} == {"10.0.5.1", "10.0.5.2"}
    assert len(left) == 40


def test_a_server_that_dies_is_left_in_the_stated_time_and_taken_back_when_it_answers(tmp_path: Path) -> None:
    interval, dies, lives, end = 1, 10, 30, 45
    plan = plan_of("loadbalancer")
    (config,) = (pm.config for host in plan.hosts.values() for pm in host.pms if pm.name == "farm-pm1")
    (tmp_path / "module.click").write_text(config)
    macs = {port.portid: port.mac for port in plan.ports}
    servers = ("10.0.5.1", "10.0.5.2")
    arriving = [(0.1, is_at(server, NEIGHBOUR, "10.0.5.254", macs[0])) for server in servers]
    for turn in range(end):
        for number, server in enumerate(servers, 1):
            if number == 1 or not dies <= turn < lives:
                answer = IP(src=server, dst="10.0.5.254") / ICMP(type=0, id=number, seq=turn)
                arriving.append((turn + 0.3, Ether(src=NEIGHBOUR, dst=macs[0]) / answer))
    for n in range(end * 10):
        begun = IP(src="10.0.6.1", dst="10.0.6.254", id=n) / TCP(sport=1024 + n, dport=443, flags="S")
        arriving.append((0.5 + n / 10, Ether(src=NEIGHBOUR, dst=macs[1]) / begun))
    arriving.sort(key=itemgetter(0))
    played = play(
        tmp_path / "module.click",
        {"eth0": arriving},
        tmp_path,
        seconds=end + 2,
        handlers=["ping0.count", "health0.down", "health1.down"],
    )
    got = [(frame[IP].id / 10 + 0.5, frame[IP].dst) for frame in played.sent["eth0"] if TCP in frame]
    assert len(got) == end * 10
    second = [at for at, server in got if server == servers[1]]
    assert not [at for at in second if dies + 4 * interval <= at < lives]
    for first, last in ((0, dies), (lives + 2 * interval, end)):
        share = len([at for at in second if first <= at < last]) / (10 * (last - first))
        assert 0.35 < share < 0.65
    # What the last pings asked was not answered any more.
    assert int(played.values["ping0.count"]) >= end
    assert (played.values["health0.down"], played.values["health1.down"]) == ("false", "false")
