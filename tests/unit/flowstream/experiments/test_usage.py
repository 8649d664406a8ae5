# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.experiments.observe import observe_usage
from ansible.module_utils.flowstream.experiments.usage import memory_of_modules, processor_seconds
from ansible.module_utils.flowstream.world.run import Result

MODULE, SWITCH = "flowstream-pm@r-pm0.service", "ovs-vswitchd.service"


def systemd(text: str, rc: int = 0) -> object:
    return lambda argv, stdin="": Result(tuple(argv), rc, text, "no bus")


def test_units_are_read_by_the_processes_that_they_have() -> None:
    text = f"MainPID={os.getpid()}\nId={SWITCH}\n\nMainPID=0\nId={MODULE}\n\nMainPID=99999999\nId=flowstream-pm@gone.service\n"
    usage = observe_usage(systemd(text))  # type: ignore[arg-type]
    assert list(usage["units"]) == [SWITCH]
    assert usage["units"][SWITCH]["processor_ns"] > 0
    assert usage["units"][SWITCH]["memory_bytes"] > 1 << 20


def test_all_threads_of_a_process_count(tmp_path: Path) -> None:
    for thread, nanoseconds in ((7, 100), (8, 23)):
        (tmp_path / "7" / "task" / str(thread)).mkdir(parents=True)
        (tmp_path / "7" / "task" / str(thread) / "schedstat").write_text(f"{nanoseconds} 5 1\n")
    (tmp_path / "7" / "status").write_text("Name:\tclick\nVmRSS:\t    12 kB\n")
    usage = observe_usage(systemd(f"Id={MODULE}\nMainPID=7\n"), tmp_path)  # type: ignore[arg-type]
    assert usage["units"] == {MODULE: {"processor_ns": 123, "memory_bytes": 12288}}


def test_a_host_without_systemd_is_an_error() -> None:
    with pytest.raises(FlowstreamError, match="cannot read the processes of the units: no bus"):
        observe_usage(systemd("", rc=1))  # type: ignore[arg-type]


def test_what_was_taken_is_that_of_units_that_were_there_before() -> None:
    def usage(**processor: int) -> dict[str, object]:
        names = {"switch": SWITCH, "module": MODULE}
        return {
            "at": 1.0,
            "units": {names[name]: {"processor_ns": ns, "memory_bytes": 10} for name, ns in processor.items()},
        }

    assert processor_seconds(usage(switch=10**9), usage(switch=3 * 10**9, module=7 * 10**9)) == 2.0
    assert memory_of_modules(usage(switch=1, module=1)) == 10
