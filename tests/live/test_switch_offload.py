# SPDX-License-Identifier: Apache-2.0
"""Flows that a firewall gives back to the switch, in the lab: iperf3, a conversation and forged packets; what passes whom, by counters.

The tests are one story in the order of this file.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import pytest

from .conversations import Conversation, fetches, web_server
from .iperf import Stream, stream
from .router_lab import ROOT, RouterLab, await_condition

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

ALLOCATION = ROOT / "examples" / "offloaded-router" / "allocation.xml"
DOOR, INSIDE, OUTSIDE = "offloaded-pm10", "192.168.5.1", "192.168.6.1"
DOOR_MAC = "02005e005901"
IDLE = 5
"""The bypass's, as the example has it."""
SECONDS = 5
SLACK_SECONDS = 5
"""Open vSwitch looks for what has timed out twice a second, in an idle machine."""


class Counted(NamedTuple):
    """Packets by platform port 1 in both directions, those that the module saw of them, and those that went past it."""

    port: int
    module: int
    past: int

    def since(self, before: Counted) -> Counted:
        return Counted(*(now - then for now, then in zip(self, before, strict=True)))


READ = """
import socket, sys
door = socket.socket(socket.AF_UNIX)
door.connect(sys.argv[1])
stream = door.makefile("rwb")
stream.readline()
for name in sys.argv[2:]:
    stream.write(f"READ {name}\\n".encode())
    stream.flush()
    assert stream.readline().startswith(b"200")
    print(int(stream.read(int(stream.readline().split()[1]))))
"""


def seen(lab: RouterLab, *handlers: str) -> list[int]:
    """What handlers of the firewall's module count."""
    host = next(name for name in ("mh1", "mh2") if DOOR in lab.modules(name))
    return [
        int(line)
        for line in lab.machine(host).run("python3", "-c", READ, f"/run/flowstream/pm/{DOOR}.sock", *handlers).split()
    ]


def dumped(lab: RouterLab, table: int) -> list[str]:
    text = lab.machine("sw1").run(
        "ovs-ofctl", "-O", "OpenFlow13", "--no-names", "dump-flows", "br-flow", f"table={table}"
    )
    return [line.strip() for line in text.splitlines() if "cookie=" in line]


def learned(lab: RouterLab, word: str = "") -> list[str]:
    """What the switch has learned, with a word in it."""
    return [line for line in dumped(lab, 100) if word in line]


def past(lab: RouterLab) -> int:
    """How many packets the switch has led past the module."""
    lines = [line for line in dumped(lab, 116) if re.search(r"priority=2\d{3},", line)]
    return sum(int(count) for line in lines for count in re.findall(r"n_packets=(\d+)", line))


def counted(lab: RouterLab) -> Counted:
    ports = lab.machine("sw1").run("ovs-ofctl", "-O", "OpenFlow13", "--no-names", "dump-ports", "br-flow", "2")
    return Counted(
        sum(int(count) for count in re.findall(r"pkts=(\d+)", ports)),
        sum(seen(lab, "inward.count", "outward.count")),
        past(lab),
    )


def sending(lab: RouterLab, *arguments: str) -> AbstractContextManager[Stream]:
    """A client inside that sends to a server outside."""
    return stream(lab.endpoint(0), lab.endpoint(1), OUTSIDE, *arguments)


def megabits(lab: RouterLab) -> tuple[float, Counted]:
    """What iperf3 gets through, and who saw how much of it."""
    before = counted(lab)
    with sending(lab, "--json", "--time", str(SECONDS)) as client:
        text = client.result(60)
    return json.loads(text)["end"]["sum_received"]["bits_per_second"] / 1e6, counted(lab).since(before)


@pytest.fixture(scope="module", autouse=True)
def deployed(lab: RouterLab) -> None:
    lab.play("deploy-router", allocation=str(ALLOCATION))


def test_a_deployment_leaves_alone_what_the_switch_has_learned(lab: RouterLab) -> None:
    with sending(lab, "--time", "600", "--bitrate", "1M"):
        # For a moment a minute, when it has to come back, it is not.
        await_condition("a flow is learned", lambda: len(learned(lab, "tp_dst=5201")) == 1)
        assert lab.play("deploy-router", allocation=str(ALLOCATION)).changed == {}
        await_condition("it still is", lambda: len(learned(lab, "tp_dst=5201")) == 1)
        lab.play("status")
        (row,) = json.loads((lab.build / "status.json").read_text())["learned"]
        assert (row["bridge"], row["table"], row["entries"] > 0, row["packets"] > 0) == ("sw1", 100, True, True)


def test_most_of_a_connection_goes_past_the_module_and_nothing_is_lost_count_of(
    lab: RouterLab, figure: Callable[[str], None]
) -> None:
    rate, packets = megabits(lab)
    share = 1 - packets.module / packets.port
    figure(
        f"offload to the switch: {share:.2%} of {packets.port} packets went past the firewall,"
        f" {packets.module} through it, at {rate:.0f} Mbit/s"
    )
    assert share > 0.9
    # ARP is of neither, and what was on its way through the module as the switch learned may count with both or neither.
    assert abs(packets.port - packets.module - packets.past) <= 100 + packets.port / 100


def test_a_connection_that_goes_past_goes_on_while_its_module_is_gone_and_replaced(lab: RouterLab) -> None:
    with sending(lab, "--time", "600", "--bitrate", "1M"):
        await_condition("a flow is learned", lambda: len(learned(lab, "tp_dst=5201")) == 1)
        host = next(name for name in ("mh1", "mh2") if DOOR in lab.modules(name))
        lab.machine(host).run("systemctl", "stop", f"flowstream-pm@{DOOR}")
        went = past(lab)
        await_condition("packets go past", lambda: past(lab) > went + 200)
        assert set(lab.play("deploy-router", allocation=str(ALLOCATION)).changed) == {host}
        await_condition("a flow is learned", lambda: len(learned(lab, "tp_dst=5201")) == 1)
        went = past(lab)
        await_condition("packets go past", lambda: past(lab) > went + 200)


def test_after_a_silence_a_connection_comes_back_to_the_module_which_lets_it_go_again(lab: RouterLab) -> None:
    with Conversation(lab.endpoint(0), lab.endpoint(1), OUTSIDE, 8081) as conversation:
        assert all(conversation.says(f"word {number}") for number in range(20))
        assert len(learned(lab, "8081")) == 2
        before = sum(seen(lab, "inward.count", "outward.count"))
        assert all(conversation.says(f"word {number}") for number in range(20))
        assert sum(seen(lab, "inward.count", "outward.count")) - before <= 4
        await_condition("they time out", lambda: not learned(lab, "8081"), IDLE + SLACK_SECONDS)
        before = sum(seen(lab, "inward.count", "outward.count"))
        assert conversation.says("anybody?")
        assert sum(seen(lab, "inward.count", "outward.count")) > before
        assert conversation.says("once more")
        assert len(learned(lab, "8081")) == 2


FORGING = """
import socket, sys
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind(("eth0", 0))
mac = sender.getsockname()[4].hex()
for count in range(20):
    ip = "45000020" + "00000000" + "40110000" + "c0a80601" + "c0a80501"
    sender.send(bytes.fromhex(sys.argv[1] + mac + "81000ffe" + "0800" + ip + "1f901f90000c0000") + bytes(30))
"""


def test_what_is_refused_is_never_learned_nor_what_comes_with_a_verdict_from_outside(
    lab: RouterLab, tmp_path: Path
) -> None:
    inside, outside = lab.endpoint(0), lab.endpoint(1)
    (rejected,) = seen(lab, "rejected.count")
    with web_server(inside, INSIDE, 8080, tmp_path), web_server(inside, INSIDE, 80, tmp_path):
        assert fetches(outside, INSIDE, 80)
        assert not fetches(outside, INSIDE, 8080)
        outside.run("python3", "-c", FORGING, DOOR_MAC)
        assert not fetches(outside, INSIDE, 8080)
    assert seen(lab, "rejected.count")[0] > rejected
    assert learned(lab, "8080") == []


def test_without_a_bypass_nothing_is_learned_and_all_packets_pass_the_module(
    lab: RouterLab, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    text = ALLOCATION.read_text()
    plain = tmp_path / "plain.xml"
    plain.write_text(re.sub(r" *<bypass .*/>\n", "", text))
    with Conversation(lab.endpoint(0), lab.endpoint(1), OUTSIDE, 8082) as conversation:
        assert all(conversation.says(f"word {number}") for number in range(20))
        lab.play("deploy-router", allocation=str(plain))
        assert learned(lab) == []
        assert conversation.says("still there?")
    rate, packets = megabits(lab)
    figure(f"without a bypass: {packets.module} of {packets.port} packets through the firewall, at {rate:.0f} Mbit/s")
    assert abs(packets.port - packets.module) <= 100 + packets.port / 100


def test_a_removal_leaves_nothing_of_what_was_learned(lab: RouterLab) -> None:
    lab.play("deploy-router", allocation=str(ALLOCATION))
    with Conversation(lab.endpoint(0), lab.endpoint(1), OUTSIDE, 8083) as conversation:
        assert all(conversation.says(f"word {number}") for number in range(20))
        assert learned(lab, "8083") != []
        lab.play("remove-router", allocation=str(ALLOCATION))
    assert [trace for trace in lab.traces("sw1") if trace.startswith("flow")] == []
