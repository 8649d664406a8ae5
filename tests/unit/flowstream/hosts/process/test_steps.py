# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.process.steps import SeenPm, SeenPort, WantedPm, pm_steps, wanted_pm
from ansible.module_utils.flowstream.hosts.process.unit import PmHost, PmPaths, allocation_of_unit, unit_text

from ..pms import PM

PATHS = PmPaths(Path("/etc/flowstream/pm"), Path("/run/flowstream/pm"), Path("/etc/systemd/system"))
HOST = PmHost("br-pm", paths=PATHS)
WANTED = wanted_pm(HOST, "a", PM)
PORT = SeenPort("pm0000abcd", 4711, "a", "a-pm0")
RUNNING = SeenPm(
    name="a-pm0",
    allocation="a",
    unit=WANTED.unit,
    config=WANTED.config,
    active=True,
    enabled=True,
    pid=7,
    engine_current=True,
    namespace=True,
    port=PORT,
    running_config=WANTED.config,
)
STOPPED = SeenPm(name="a-pm0", allocation="a", unit=WANTED.unit, config=WANTED.config)
CREATE = "create pm a-pm0: interface pm0000abcd, OpenFlow port 4711"


def steps(have: SeenPm | None, state: str = "started", want: WantedPm = WANTED) -> list[str]:
    return [str(step) for step in pm_steps(want, have or SeenPm(want.name), state)]


@pytest.mark.parametrize(
    ("have", "state", "expected"),
    [
        (None, "started", [CREATE, "start pm a-pm0", "enable pm a-pm0"]),
        (None, "present", [CREATE]),
        (None, "stopped", [CREATE]),
        (STOPPED, "started", ["start pm a-pm0", "enable pm a-pm0"]),
        (STOPPED, "present", []),
        (STOPPED, "stopped", []),
        (RUNNING, "started", []),
        (RUNNING, "present", []),
        (RUNNING, "stopped", ["stop pm a-pm0"]),
        (replace(RUNNING, enabled=False), "started", ["enable pm a-pm0"]),
    ],
)
def test_each_state_is_reached_from_where_a_module_is(have: SeenPm | None, state: str, expected: list[str]) -> None:
    assert steps(have, state) == expected


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        ({"unit": None}, "its unit file is gone"),
        ({"unit": "older"}, "its unit changed"),
        ({"namespace": False}, "its network namespace is gone"),
        ({"port": None}, "its port is gone"),
        ({"port": replace(PORT, ofport=9)}, "its OpenFlow port is 9, not 4711"),
        ({"engine_current": False}, "its engine was replaced"),
        ({"running_config": None}, "it does not answer"),
    ],
)
def test_a_module_that_cannot_go_on_is_restarted_with_the_reason(seen: dict[str, Any], reason: str) -> None:
    assert steps(replace(RUNNING, **seen))[-1] == f"restart pm a-pm0: {reason}"


def test_a_changed_configuration_alone_needs_no_restart() -> None:
    other = replace(WANTED, config="Idle -> Counter -> Discard;\n")
    assert steps(RUNNING, want=other) == ["replace the configuration of pm a-pm0: without a restart"]


def test_a_file_that_lags_behind_what_runs_is_only_written() -> None:
    assert steps(replace(RUNNING, config="older")) == ["write the files of pm a-pm0"]


def test_a_unit_remembers_its_allocation_and_is_the_same_text_each_time() -> None:
    text = unit_text(HOST, "a", PM)
    assert text == WANTED.unit
    assert allocation_of_unit(text) == "a"
    assert "ofport_request=4711" in text
    assert " tc " not in text


def test_a_bounded_module_gets_a_shaper() -> None:
    text = unit_text(HOST, "a", replace(PM, vifs=(replace(PM.vifs[0], rate_mbps=100),)))
    assert "tc qdisc replace dev eth0 root tbf rate 100mbit burst 62500 latency 50ms" in text


def test_what_a_process_cannot_be_is_said_of_each_module() -> None:
    vif = PM.vifs[0]
    wrong = {
        "pm b: its kind is clickos; this host runs process": replace(PM, name="b", kind="clickos"),
        "pm c: has 0 vifs; a process has one": replace(PM, name="c", vifs=()),
        "pm d: device 'pm; rm' has characters besides letters, digits and _.:-": replace(
            PM, name="d", vifs=(replace(vif, device="pm; rm", ofport=1),)
        ),
        "pm e: mac '02:00' is not six lower-case hexadecimal bytes with colons": replace(
            PM, name="e", vifs=(replace(vif, mac="02:00"),)
        ),
    }
    for message, pm in wrong.items():
        with pytest.raises(FlowstreamError) as error:
            wanted_pm(HOST, "a", pm)
        assert error.value.messages == (message,)
