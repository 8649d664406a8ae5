# SPDX-License-Identifier: Apache-2.0
"""Modules that go from one host to another while packets flow: a NAT that 10,000 connections and an iperf3 stream pass.

Then come runs that are killed, a host that is emptied, one that loses its power and comes back, and modules of five types: one story, in
this order.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.lab.cgroup import Cgroups, kill

from .assortment import Talk, assorted, give_addresses, write
from .conversations import Conversation, Pings
from .crowd import Crowd
from .iperf import stream
from .load import Carried
from .router_lab import ROOT, RouterLab, await_condition, standing

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

MIGRATION_LAB_INDEX = 6
NAT = str(ROOT / "examples" / "nat" / "allocation.xml")
SERVER = "192.168.6.1"
BOTH = ["nat-pm0", "nat-pm1"]
SUBSCRIBERS = [f"192.168.5.{number}" for number in range(1, 51)]
FOLLOWED = "while packets came"
"""What is said of a move whose last rounds no task of Ansible had to do."""
LONGEST_PAUSE = 30.0
"""Seconds: TCP gives up far later, and a machine that is shared by others is slow."""
ASSORTED = assorted(int(os.environ.get("MODULES_OF_EACH_TYPE") or 1))
STATELESS = {one.name for one in ASSORTED if not one.kind.is_stateful}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RouterLab]:
    """A lab with the NAT of the example, whose inside has fifty subscribers."""
    with standing(RouterLab(MIGRATION_LAB_INDEX, tmp_path_factory.mktemp("build"))) as lab:
        lab.play("deploy", allocation=NAT)
        for address in SUBSCRIBERS[1:]:
            lab.endpoint(0).run("ip", "address", "add", f"{address}/24", "dev", "eth0")
        yield lab


def move(lab: RouterLab, host: str) -> str:
    """Move the module that is in use; return what was said of it."""
    output = words(lab.play("migrate", allocation=NAT, module="nat-pm0", host=host).output)
    found = re.search(rf"nat-pm0: moved from .*? {FOLLOWED}, .*? at most", output)
    assert found, output
    return found[0]


def words(output: str) -> str:
    """What Ansible printed, without the ends of its lines."""
    return " ".join(output.split())


def homes(lab: RouterLab) -> dict[str, list[str]]:
    return {host: sorted(lab.modules(host)) for host in ("mh1", "mh2")}


def test_all_connections_of_a_nat_and_a_stream_live_through_its_move(
    lab: RouterLab, figure: Callable[[str], None]
) -> None:
    inside, upstream = lab.endpoint(0), lab.endpoint(1)
    with Crowd(inside, upstream, SERVER, 9000, SUBSCRIBERS, 200) as crowd:
        assert crowd.answered() == crowd.count == 10000
        with stream(inside, upstream, SERVER, "-b", "20M", "-t", "900") as sent, Pings(inside, SERVER) as pings:
            said = move(lab, "mh2")
            pinged = pings.end()
            assert sent.goes_on, sent.said
        assert crowd.answered() == 10000
    figure(f"{said}; pings every 20 ms: {pinged.lost} lost, the longest gap {pinged.gap:.2f} s")
    assert homes(lab) == {"mh1": [], "mh2": ["nat-pm0", "nat-pm1"]}
    assert pinged.gap < LONGEST_PAUSE
    carried = re.search(r"with ([\d,]+) flows", said)
    assert carried
    assert int(carried[1].replace(",", "")) >= 10000


def test_it_stays_where_it_is_and_a_second_move_there_is_nothing_to_do(lab: RouterLab) -> None:
    assert lab.play("deploy", allocation=NAT).changed == {}
    assert lab.play("migrate", allocation=NAT, module="nat-pm0", host="mh2").changed == {}
    refused = lab.attempt("migrate", allocation=NAT, module="nat-pm7", host="mh1")
    assert "module: is none of the allocation, got nat-pm7; use nat-pm0 or nat-pm1" in words(refused.output)


@pytest.mark.parametrize(
    ("step", "source", "ends_at"),
    [
        ("Switch the traffic over", "mh2", "mh2"),
        ("Have modules that moved know the rest", "mh2", "mh1"),
        ("Close the ways that lead nowhere any more", "mh1", "mh2"),
    ],
    ids=["before the switch", "before the last round", "before the old one goes"],
)
def test_a_move_that_was_killed_is_made_good_by_the_next_deployment(
    lab: RouterLab, step: str, source: str, ends_at: str
) -> None:
    target = "mh1" if source == "mh2" else "mh2"
    with Crowd(lab.endpoint(0), lab.endpoint(1), SERVER, 9001, SUBSCRIBERS[:5], 20) as crowd:
        # A connection that has carried no data is kept for four minutes only.
        assert crowd.answered() == crowd.count == 100
        begun = lab.start("migrate", allocation=NAT, module="nat-pm0", host=target)
        begun.await_line(f"PLAY [{step}]")
        begun.kill()
        said = words(lab.play("deploy", allocation=NAT).output)
        assert f"packets are led to {ends_at}: it stays there" in said
        assert crowd.answered() == 100
    owners = [host for host, modules in homes(lab).items() if "nat-pm0" in modules]
    assert owners == [ends_at]
    if "rest" in step:
        # What follows lets packets in, should one come before the run is gone.
        finished, followed = f"finished the move from {source} to {ends_at}", f"packets were let in at {ends_at} before"
        assert f"nat-pm0: {finished}" in said or f"nat-pm0: {followed}" in said


def test_a_host_is_emptied_under_traffic_and_no_connection_is_lost(
    lab: RouterLab, figure: Callable[[str], None]
) -> None:
    assert homes(lab) == {"mh1": [], "mh2": BOTH}
    inside, upstream = lab.endpoint(0), lab.endpoint(1)
    with (
        Crowd(inside, upstream, SERVER, 9002, SUBSCRIBERS[:5], 20) as crowd,
        Conversation(inside, upstream, "10.0.6.1", 9003) as other,
    ):
        assert crowd.answered() == crowd.count == 100
        assert other.says("before")
        with Pings(lab.endpoint(0), SERVER) as pings:
            said = words(lab.play("evacuate-host", allocation=NAT, host="mh2").output)
            pinged = pings.end()
        assert crowd.answered() == 100
        assert other.says("after")
    assert homes(lab) == {"mh1": BOTH, "mh2": []}
    moved = re.findall(rf"nat-pm\d: moved from mh2 to mh1 .*? {FOLLOWED}[^']*", said)
    assert len(moved) == 2, said
    figure(f"emptied: {'; '.join(moved)}; pings every 20 ms: {pinged.lost} lost, the longest gap {pinged.gap:.2f} s")
    assert pinged.gap < LONGEST_PAUSE


def plug(lab: RouterLab, host: str, cable: str, state: str) -> None:
    """Pull a cable of a machine (down), or put it back (up)."""
    subprocess.run(["ip", "-n", f"{lab.prefix}-{host}", "link", "set", cable, state], check=True)


def cut_power(lab: RouterLab, host: str) -> None:
    """End all that runs on a machine at once, and pull its cables, as its namespaces would answer for it."""
    kill(Cgroups().processes(f"{lab.prefix}-{host}"))
    for cable in ("mgmt0", "uplink"):
        plug(lab, host, cable, "down")


def test_what_ran_on_a_host_without_power_is_placed_anew(lab: RouterLab, figure: Callable[[str], None]) -> None:
    with Pings(lab.endpoint(0), SERVER) as pings:
        assert lab.pings(0, SERVER)
        cut_power(lab, "mh1")
        said = words(lab.play("recover", allocation=NAT, host="mh1").output)
        await_condition("packets pass again", lambda: lab.pings(0, SERVER, count=1))
        pinged = pings.end()
    for number in (0, 1):
        assert f"pm {number}: ran on mh1, which does not answer; goes to mh2 as a new nat; lost is what it knew" in said
    told = re.search(r"led to modules on hosts that answer ([\d.]+) s after", said)
    assert told, said
    figure(
        f"a host without power: packets pass again {pinged.gap:.1f} s after it went, {told[1]} s after recover.yml began"
    )
    assert sorted(lab.modules("mh2")) == BOTH
    assert lab.pings(0, "10.0.6.1")


def test_its_modules_come_back_with_it_and_each_flow_has_one_owner(lab: RouterLab) -> None:
    # A lab that is put right has its own addresses alone.
    with Crowd(lab.endpoint(0), lab.endpoint(1), SERVER, 9004, SUBSCRIBERS[:1], 100) as crowd:
        assert crowd.answered() == crowd.count == 100
        without = lab.play("deploy", allocation=NAT)
        assert "mh1 does not answer, and nothing of nat is led there: done without it" in words(without.output)
        assert without.changed == {}
        same = words(lab.play("drift", allocation=NAT).output)
        assert "the platform is as the plan has it; not seen is mh1, where it has no module" in same

        lab.play("lab-up")
        await_condition("what ran there runs again", lambda: homes(lab) == {"mh1": BOTH, "mh2": BOTH})
        assert crowd.answered() == 100
        said = words(lab.play("deploy", allocation=NAT).output)
        assert crowd.answered() == 100
    assert said.count("packets are led to mh2: it stays there, and the copy on mh1 goes") == 2
    assert homes(lab) == {"mh1": [], "mh2": BOTH}


@pytest.fixture(scope="module")
def five_types(lab: RouterLab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Allocations of five types, all of whose modules run on mh1."""
    lab.play("remove", allocation=NAT)
    folder = tmp_path_factory.mktemp("five-types")
    write(folder, ASSORTED)
    give_addresses(lab, ASSORTED)
    lab.play("deploy", allocation=str(folder), allocation_left=["mh2"])
    return folder


def told(carried: Mapping[str, Carried]) -> str:
    """What was sent through modules of how many types, and what became of it."""
    sent, lost, doubled = (sum(getattr(one, what) for one in carried.values()) for what in ("sent", "lost", "doubled"))
    plural = "" if len(carried) == 1 else "s"
    return f"{sent:,} datagrams through {len(carried)} module{plural} and back: {lost} lost, {doubled} doubled"


def test_a_host_with_modules_of_five_types_is_emptied_under_a_load(
    lab: RouterLab, five_types: Path, figure: Callable[[str], None]
) -> None:
    names = {one.name for one in ASSORTED}
    assert homes(lab) == {"mh1": sorted(names), "mh2": []}
    with Talk(lab, ASSORTED, rate=50, each=10) as talk:
        assert talk.silent == {}
        lab.play("evacuate-host", allocation=str(five_types), host="mh1")
        carried = talk.end()
        assert talk.silent == {}
        figure(f"emptied of five types: {told(carried)}; none of {talk.connections} connections lost")
    assert homes(lab) == {"mh1": [], "mh2": sorted(names)}
    assert {name: carried[name].lost for name in STATELESS} == dict.fromkeys(STATELESS, 0)
    assert all(one.sent > 100 for one in carried.values())


def test_a_router_loses_no_packet_of_a_constant_load_on_its_move(
    lab: RouterLab, five_types: Path, figure: Callable[[str], None]
) -> None:
    router = ASSORTED[0]
    with Talk(lab, [router], rate=1000, each=0) as talk:
        allocation = str(five_types / f"{router.kind.name}.xml")
        lab.play("migrate", allocation=allocation, module=router.name, host="mh1")
        carried = talk.end()
    figure(f"a router moved: {told(carried)}")
    assert homes(lab)["mh1"] == [router.name]
    assert (carried[router.name].lost, carried[router.name].doubled) == (0, 0)
    assert carried[router.name].sent > 1000


def test_of_two_busy_modules_on_a_host_one_goes_to_the_other_and_no_more(
    lab: RouterLab, five_types: Path, figure: Callable[[str], None]
) -> None:
    busy = [next(one for one in ASSORTED if one.kind.name == name) for name in ("firewall", "nat")]
    allocation = str(five_types / "firewall.xml")
    with Talk(lab, busy, rate=1000, each=5) as talk:
        assert talk.silent == {}
        said = words(lab.play("rebalance", allocation=allocation, rebalance_gain=1, rebalance_seconds=5).output)
        again = words(lab.play("rebalance", "--check", allocation=allocation, rebalance_gain=1).output)
        carried = talk.end()
        assert talk.silent == {}
    assert busy[0].name in lab.modules("mh1")
    told_of = re.search(r"the busiest host comes from [\d.]+ % to [\d.]+ % by 1 of 2 moves", said)
    assert told_of, said
    assert "nothing is moved: 2 moves at most do not bring the busiest host" in again
    figure(f"{told_of[0]}; {told(carried)}")


def test_an_allocation_goes_while_a_host_does_not_answer_and_the_rest_when_it_does(
    lab: RouterLab, five_types: Path
) -> None:
    router = ASSORTED[0]
    allocation = str(five_types / f"{router.kind.name}.xml")
    source, destination = router.way
    ping = ["ping", "-n", "-c", "1", "-W", "1", "-I", source, destination]
    assert router.name in lab.modules("mh1")
    assert lab.endpoint(0).ask(*ping).returncode == 0
    plug(lab, "mh1", "mgmt0", "down")
    try:
        differs = lab.attempt("drift", allocation=allocation)
        said = words(lab.play("remove", allocation=allocation).output)
        assert lab.endpoint(0).ask(*ping).returncode != 0
    finally:
        plug(lab, "mh1", "mgmt0", "up")
    await_condition("mh1 answers again", lambda: lab.machine("mh1").ask("true").returncode == 0)
    assert differs.code == 2
    assert "of nobody" not in differs.output
    assert f"got nothing of {router.name}; bring it up, or place them anew with" in words(differs.output)
    assert f"mh1: no answer; modules of {router.kind.allocation} that are there get no packets, and are left" in said
    assert router.name in lab.modules("mh1")
    lab.play("remove", allocation=allocation)
    assert router.name not in lab.modules("mh1")
