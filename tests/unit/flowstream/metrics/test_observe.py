# SPDX-License-Identifier: Apache-2.0
"""What a scrape reads of a machine, of which some parts do not answer."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.hosts.process.unit import PmPaths
from ansible.module_utils.flowstream.metrics import observe as observing
from ansible.module_utils.flowstream.metrics.observe import Doors, observe
from ansible.module_utils.flowstream.metrics.settings import Settings
from ansible.module_utils.flowstream.world.lock import Claim, Holding
from ansible.module_utils.flowstream.world.run import Result, Run

from ..conftest import messages

SETTINGS = Settings.parse(
    """{"machine": "mh1", "driver": "process", "capacity": {"pms": 64}, "seconds": 8, "bridges": [
    {"machine": "mh1", "bridge": "br-pm", "address": "br-pm", "ports": false},
    {"machine": "sw9", "bridge": "br-flow", "address": "tcp:198.51.100.9:6653", "version": "OpenFlow15"}]}"""
)
UNITS = """\
MainPID=7
Id=flowstream-pm@edge-pm0.service
ActiveState=active
UnitFileState=enabled

MainPID=8
Id=flowstream-pm@edge-pm1.service
ActiveState=active
UnitFileState=enabled

MainPID=0
Id=flowstream-pm@edge-pm2.service
ActiveState=inactive
UnitFileState=enabled
"""
USAGE = """\
Id=flowstream-pm@edge-pm0.service
CPUUsageNSec=1500000000
MemoryCurrent=4096

Id=flowstream-pm@edge-pm1.service
CPUUsageNSec=[not set]
MemoryCurrent=18446744073709551615
"""
FLOWS = "cookie=0xfeed, duration=1s, table=0, n_packets=7, n_bytes=700, priority=1,in_port=1 actions=output:2\n"
HANDLERS = {"in0.count": "42", "in0.byte_count": "4200", "martians.count": "5"}


class Answers:
    """Answers by the first words of a command; any other fails."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self.answers = answers

    def __call__(self, argv: list[str], stdin: str = "") -> Result:
        for start, answer in self.answers.items():
            if re.match(start, " ".join(argv)):
                return Result(tuple(argv), 0, answer, "")
        return Result(tuple(argv), 1, "", f"{argv[0]}: {argv[-1]}: no answer\n")


ANSWERS = {
    "ovs-vsctl": '{"data": []}',
    "ip -json netns list": "[]",
    "systemctl show --property=Id,ActiveState": UNITS,
    "systemctl show --property=Id,CPUUsageNSec": USAGE,
    r"ovs-ofctl --protocols=OpenFlow13 --timeout=\d+ dump-flows br-pm": FLOWS,
}


def engine(listening: socket.socket, talks: bool) -> None:
    """A module's control socket; one that does not talk accepts, and no more."""
    with suppress(OSError), listening.accept()[0] as client:  # until the test ends
        if not talks:
            client.recv(1)
            return
        client.sendall(b"Click::ControlSocket/1.3\r\n")
        for line in client.makefile():
            value = HANDLERS.get(line.split()[1])
            data = f"200 Read handler OK\r\nDATA {len(value or '')}\r\n{value}"
            client.sendall((data if value is not None else "511 No such handler\r\n").encode())


@pytest.fixture
def doors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doors]:
    """A host of three modules: one counts, one is stuck, one is stopped."""
    monkeypatch.setattr(observing, "_ANSWER_SECONDS", 0.2)
    paths = PmPaths(tmp_path, tmp_path, tmp_path)
    for name in ("edge-pm0", "edge-pm1", "edge-pm2"):
        paths.unit_file(name).write_text("[X-Flowstream]\nAllocation=edge\nTenant=acme\n")
        paths.config_file(name).write_text(
            "in0 :: Counter -> martians :: Counter -> gone :: Counter; no_route :: Counter;\n"
        )
    with socket.socket(socket.AF_UNIX) as talking, socket.socket(socket.AF_UNIX) as stuck:
        for name, listening in (("edge-pm0", talking), ("edge-pm1", stuck)):
            listening.bind(str(paths.socket(name)))
            listening.listen()
            threading.Thread(target=engine, args=(listening, listening is talking), daemon=True).start()
        yield Doors(running(ANSWERS), paths, tmp_path / "lock")


def running(answers: Mapping[str, str]) -> Callable[[float], Run]:
    def run_for(seconds: float) -> Run:
        return Answers(answers)

    return run_for


def test_what_answers_is_in_the_page_and_what_does_not_costs_nobody_else_his_place(doors: Doors) -> None:
    said: list[str] = []
    found = {
        (sample.metric.removeprefix("flowstream_"), *sample.labels): sample.value
        for sample in observe(SETTINGS, said.append, doors)
    }
    module = ("mh1", "edge-pm0", "edge", "acme")
    assert {key: value for key, value in found.items() if key[1:5] == module} == {
        ("module_up", *module): 1,
        ("module_cpu_seconds", *module): 1.5,
        ("module_memory_bytes", *module): 4096,
        ("module_received_packets", *module, "0"): 42,
        ("module_received_bytes", *module, "0"): 4200,
        ("module_dropped_packets", *module, "martian", ""): 5,
    }
    assert {key[2]: value for key, value in found.items() if key[0] == "module_up"} == {
        "edge-pm0": 1,
        "edge-pm1": 0,
        "edge-pm2": 0,
    }
    assert [found["host_modules", "mh1", state] for state in ("up", "silent", "stopped")] == [1, 1, 1]
    assert found["flow_packets", "mh1", "br-pm", f"{0xFEED:#018x}", "0", "1", "port 2"] == 7
    # A stuck module is not the machine's fault; a switch that is not reached is its own.
    assert (found["machine_up", "mh1"], found["machine_up", "sw9"]) == (1, 0)
    assert 0.2 <= found["scrape_duration_seconds", "mh1"] < 2
    assert [text.partition(":")[0] for text in said] == ["edge-pm1", "sw9"]
    assert said[1] == "sw9: cannot read the flow counters of tcp:198.51.100.9:6653: --no-names: no answer"


def test_a_host_whose_units_cannot_be_read_is_down_and_its_bridge_is_there(doors: Doors) -> None:
    said: list[str] = []
    broken = {start: answer for start, answer in ANSWERS.items() if not start.startswith("systemctl")}
    found = observe(SETTINGS, said.append, Doors(running(broken), doors.paths, doors.lock))
    assert {sample.labels[0]: sample.value for sample in found if sample.metric == "flowstream_machine_up"} == {
        "mh1": 0,
        "sw9": 0,
    }
    assert [sample.value for sample in found if sample.metric == "flowstream_flow_packets"] == [7]


def test_when_the_time_is_over_modules_are_not_asked_any_more(doors: Doors) -> None:
    said: list[str] = []
    late = Settings(machine="mh1", bridges=(), driver="process", seconds=0)
    found = observe(late, said.append, doors)
    assert {sample.value for sample in found if sample.metric == "flowstream_module_up"} == {0}
    assert said == [f"edge-pm{number}: was not asked, for the time of the scrape is over" for number in (0, 1)]


def test_a_lock_says_for_how_long_its_run_was_silent(doors: Doors) -> None:
    doors.lock.write_text(str(Holding(Claim("root@a", "boot", "1:2", "deploy edge", "now"), 0.0)))
    found = observe(SETTINGS, lambda text: None, doors)
    (silent,) = [sample.value for sample in found if sample.metric == "flowstream_deployment_lock_silent_seconds"]
    assert silent > 60
    doors.lock.write_text("cut o")
    found = observe(SETTINGS, lambda text: None, doors)
    assert not [sample for sample in found if sample.metric == "flowstream_deployment_lock_silent_seconds"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"machine": "a"}', '{"machine": "a", "bridges": [], "more": 1}'])
def test_settings_that_are_none_say_what_to_do(text: str) -> None:
    (message,) = messages(lambda: Settings.parse(text))
    assert message.startswith("cannot read the settings of the exporter: ")
    assert message.endswith("; run monitoring.yml again")
