# SPDX-License-Identifier: Apache-2.0
"""What deploy-router.yml says to its user, of hosts and a switch that are played."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "bench"))

from deploy_bench import allocation, inventory, run  # noqa: E402  after the path is known

TIMES = r"read \d+\.\d s, plan \d+\.\d s, prepare \d+\.\d s, look \d+\.\d s, modules \d+\.\d s, flows \d+\.\d s, purge \d+\.\d s; together \d+\.\d s"


@pytest.mark.parametrize(("mode", "would"), [((), ""), (("--check",), "would ")], ids=["run", "check"])
def test_a_deployment_ends_with_a_summary_and_has_shown_each_difference_once(
    tmp_path: Path, mode: tuple[str, ...], would: str
) -> None:
    hosts = inventory(2)
    hosts["all"]["children"]["module_hosts"]["hosts"]["mh001"]["bench_lacks"] = 5
    said = run(tmp_path, hosts, allocation(2, 4), "--diff", *mode)
    assert said.returncode == 0, said.stdout + said.stderr
    shown = said.stdout.split("PLAY [Say what was done]")[1]
    lines = [line.strip() for line in shown.splitlines()]
    first = lines.index("bench: 2 modules on 2 hosts, 12 flows on 1 switch")
    assert lines[first : first + 10] == [
        "bench: 2 modules on 2 hosts, 12 flows on 1 switch",
        "module     host   kind     gets         why there",
        "---------  -----  -------  -----------  --------------------------------------",
        "bench-pm0  mh000  process  10.0.0.0/24  round robin: the host whose turn it is",
        "bench-pm1  mh001  process  10.0.1.0/24  round robin: the host whose turn it is",
        *(f"mh001: {would}add flow {number}" for number in range(3)),
        "mh001: and 2 more",
        "nothing to do on 2 machines",
    ]
    assert re.fullmatch(TIMES, " ".join(lines[first + 10 : lines.index("", first)]))
    # A bridge that never takes what it is given is asked twice in a run: both times something is done.
    assert said.stdout.count("+played flow 0") == (1 if mode else 2)
    assert "plan.json" not in said.stdout
    # Hosts do their part at the same time: a role is included once for all of them.
    assert said.stdout.count("TASK [processing_module : Know what they are to run until the switch has moved on]") == 1
    # Where nothing is left beside the plan, nothing is asked to take it away.
    purge = said.stdout.split("PLAY [Take away what no longer serves]")[1].split("PLAY [")[0]
    assert "included: processing_module for mh001 => (item=bench)" in purge
