# SPDX-License-Identifier: Apache-2.0
"""What a role says to its user before it touches anything: whole playbooks, on no machine but this one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SECONDS = 300


def play(playbook: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a playbook with an inventory that has nothing but this machine."""
    settings = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    return subprocess.run(
        ["ansible-playbook", "--inventory", "localhost,", "--connection", "local", str(playbook), *arguments],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )


def test_an_inventory_that_names_no_allocation_is_asked_for_one(tmp_path: Path) -> None:
    playbook = tmp_path / "plan.yml"
    playbook.write_text("- {hosts: localhost, gather_facts: false, roles: [allocation]}\n")
    said = play(playbook, "-e", f"allocation_build={tmp_path}")
    assert said.returncode == 2
    assert (
        "no allocation is given, and this inventory names none; say which is meant, as in ansible-playbook "
        "-i INVENTORY playbooks/deploy.yml -e allocation=my-router.xml"
    ) in " ".join(said.stdout.split())
    assert list(tmp_path.iterdir()) == [playbook]


@pytest.mark.parametrize("driver", sorted((ROOT / "roles").glob("module_host_*")), ids=lambda driver: driver.name)
def test_a_driver_has_the_entry_points_of_every_driver_and_leaves_the_flows_to_their_role(driver: Path) -> None:
    specs = yaml.safe_load((driver / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    assert set(specs) == {"capacity", "main", "modules", "pm_info"}
    tasks = {path.stem: path.read_text() for path in (driver / "tasks").glob("*.yml")}
    assert specs.keys() <= tasks.keys()
    assert "register: processing_module_ran" in tasks["modules"]
    assert not [name for name, text in tasks.items() if "openflow_flows" in text]
