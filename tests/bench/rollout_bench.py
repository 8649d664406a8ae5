# SPDX-License-Identifier: Apache-2.0
"""Seconds and tasks of rollout.yml by the number of module hosts, which are played (tests/bench/played).

Each host has one module, which gets one more route. One host in the middle is not well with that: the rollout stops at its wave, the host is
mended, and another run goes on.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tests" / "bench"))

from deploy_bench import allocation, inventory, run  # noqa: E402  after the path is known

HOSTS = (10, 100, 1000)
_TASKS = re.compile(r"^(mh\d+) +: ok=(\d+) ", re.MULTILINE)


class PlayedRollout:
    """A platform of played hosts whose modules run what was deployed, in a folder of its own."""

    def __init__(self, folder: Path, hosts: int) -> None:
        self.folder, self.state, self.hosts = folder, folder / "state", hosts
        self.state.mkdir()
        self.inventory: dict[str, Any] = inventory(hosts)
        planned = self._run("deploy", allocation(hosts, 1), "--tags", "plan")
        assert planned.returncode == 0, planned.stdout + planned.stderr
        text = (folder / "build" / "bench" / "plan.json").read_text()
        (self.state / "plan.json").write_text(text)
        for name, host in json.loads(text)["hosts"].items():
            runs = {pm["name"]: pm["config"] for pm in host["pms"]}
            (self.state / f"{name}.json").write_text(json.dumps({"first": runs, "now": runs}))
        self.inventory["all"]["vars"]["bench_state"] = str(self.state)

    def _run(self, playbook: str, described: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(self.folder, self.inventory, described, *arguments, playbook=playbook)

    def roll_out(self, *arguments: str, routes: int = 2, **variables: Any) -> subprocess.CompletedProcess[str]:
        """Roll so many routes of each module out, whatever comes of it."""
        settings = {"rollout_seconds": 0, **variables}
        return self._run("rollout", allocation(self.hosts, routes), "-e", json.dumps(settings), *arguments)

    def ill(self, host: str) -> Path:
        """The file that makes a host drop packets with another configuration than its first."""
        return self.state / f"{host}.ill"

    def leave_behind(self, host: str) -> None:
        """Have a host run what a rollout gave it that nobody knows any more."""
        file = self.state / f"{host}.json"
        runs = json.loads(file.read_text())
        now = {name: f"{config}// of another description\n" for name, config in runs["now"].items()}
        file.write_text(json.dumps({**runs, "now": now}))

    @property
    def changed(self) -> list[str]:
        """The hosts whose modules do not run what they ran at first."""
        found = {path.stem: json.loads(path.read_text()) for path in self.state.glob("mh*.json")}
        return sorted(name for name, runs in found.items() if runs["now"] != runs["first"])


def tasks_of(said: str) -> dict[str, int]:
    """How many tasks each host had."""
    return {name: int(count) for name, count in _TASKS.findall(said)}


def main() -> None:
    """Print two lines for each number of hosts: the run that stops, and the one that goes on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hosts", type=int, nargs="*", default=HOSTS)
    parser.add_argument("--batch", default="20%", help="hosts in a wave, a number or a share")
    options = parser.parse_args()
    print(f"{'hosts':>6} {'run':>9} {'elapsed s':>10} {'tasks of a host':>16} {'changed':>8}", flush=True)
    for hosts in options.hosts:
        with tempfile.TemporaryDirectory() as folder:
            played = PlayedRollout(Path(folder), hosts)
            ill = played.ill(f"mh{hosts // 2:03}")
            ill.touch()
            for name, code in (("stops", 2), ("goes on", 0)):
                began = time.monotonic()
                said = played.roll_out(rollout_batch=options.batch, rollout_failure="stop")
                elapsed = time.monotonic() - began
                if said.returncode != code:
                    sys.exit(said.stdout + said.stderr)
                most = max(tasks_of(said.stdout).values())
                print(f"{hosts:6} {name:>9} {elapsed:10.1f} {most:16} {len(played.changed):8}", flush=True)
                ill.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
