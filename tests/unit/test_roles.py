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


def play(
    playbook: Path, *arguments: str, inventory: tuple[str, ...] = ("localhost,", "--connection", "local")
) -> subprocess.CompletedProcess[str]:
    """Run a playbook, with an inventory that has nothing but this machine where none is given."""
    settings = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    return subprocess.run(
        ["ansible-playbook", "--inventory", *inventory, str(playbook), *arguments],
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


@pytest.mark.parametrize(
    ("playbook", "asked"), [("history", {"between": "1,2"}), ("history", {}), ("rollback", {"generation": "1"})]
)
def test_who_asks_for_a_generation_is_told_that_the_machine_that_keeps_it_does_not_answer(
    tmp_path: Path, playbook: str, asked: dict[str, str]
) -> None:
    """Before anything is planned; no other machine answers here either."""
    inventory = tmp_path / "silent.yml"
    # Nobody listens at port 1.
    unreachable = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_connection": "ssh"}
    groups = {"flow_switches": {"hosts": {"sw1": {}}}, "module_hosts": {"hosts": {"mh2": {}, "mh1": {}}}}
    inventory.write_text(yaml.safe_dump({"all": {"children": groups, "vars": unreachable}}))
    variables = [word for name, value in asked.items() for word in ("-e", f"{name}={value}")]
    said = play(
        *(ROOT / "playbooks" / f"{playbook}.yml", "-e", "allocation_id=edge", "-e", f"allocation_build={tmp_path}"),
        *variables,
        inventory=(str(inventory),),
    )
    assert said.returncode == 2
    text = " ".join(said.stdout.split())
    assert "history: is on mh1, got no answer of it: Task failed: Data could not be sent to remote host" in text
    assert "or say with -e platform_history_host= where its folder /var/lib/flowstream/history has been brought" in text
    assert list(tmp_path.iterdir()) == [inventory]


@pytest.mark.parametrize("driver", sorted((ROOT / "roles").glob("module_host_*")), ids=lambda driver: driver.name)
def test_a_driver_has_the_entry_points_of_every_driver_and_leaves_the_flows_to_their_role(driver: Path) -> None:
    specs = yaml.safe_load((driver / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    assert set(specs) == {"capacity", "main", "modules", "pm_info"}
    tasks = {path.stem: path.read_text() for path in (driver / "tasks").glob("*.yml")}
    assert specs.keys() <= tasks.keys()
    assert "register: processing_module_ran" in tasks["modules"]
    assert not [name for name, text in tasks.items() if "openflow_flows" in text]
