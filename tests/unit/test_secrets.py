# SPDX-License-Identifier: Apache-2.0
"""A secret of the inventory appears in nothing that a run writes or says, not even one that fails and is asked for all."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CANARY = "canary-7e1c5fd2"
SECONDS = 300


def inventory() -> dict[str, Any]:
    """An appliance that nobody answers for and takes a password, and a module host that is played; all secrets set."""
    # A machine whose flows go by ssh is neither prepared nor locked, and so is the host beside it.
    switch = {
        "flow_switch_ssh_host": "127.0.0.1",
        "flow_switch_ssh_port": 1,
        "flow_switch_ssh_password": CANARY,
    }
    host = {
        "ansible_become_password": CANARY,
        "module_host_switch": "sw1",
        "module_host_switch_port": 9,
        "module_host_capacity": {"pms": 2, "memory_mib": 512, "vcpus": 2},
    }
    groups = {
        "flow_switches": {"hosts": {"sw1": switch}},
        "module_hosts": {"hosts": {"mh1": host}},
        "endpoints": {"hosts": {}},
    }
    everywhere = {"ansible_connection": "local", "ansible_password": CANARY, "flow_switch_connection": "ssh"}
    return {"all": {"vars": everywhere, "children": groups}}


def test_no_secret_is_shown_or_kept(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text(json.dumps(inventory()))
    (tmp_path / "roles").mkdir()
    for role in ("click_build", "module_host_process"):
        (tmp_path / "roles" / role).symlink_to(ROOT / "tests" / "bench" / "played" / role)
    variables = {
        "allocation": str(ROOT / "examples" / "felipeiprouter" / "allocation.xml"),
        "allocation_build": str(tmp_path / "build"),
    }
    settings = {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_LOG_PATH": str(tmp_path / "log"),
        "ANSIBLE_ROLES_PATH": f"{tmp_path}/roles:roles",
    }
    said = subprocess.run(
        [
            *("ansible-playbook", "playbooks/deploy-router.yml", "--diff", "-vvv"),
            *("--inventory", tmp_path / "hosts.yml", "-e", json.dumps(variables)),
        ],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert "127.0.0.1:1" in said.stdout, "the switch was not even asked"
    written = {path.name for path in (tmp_path / "build").rglob("*") if path.is_file()}
    assert "plan.json" in written
    (tmp_path / "said").write_text(said.stdout + said.stderr)
    (tmp_path / "hosts.yml").unlink()
    told = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY in path.read_text(errors="replace")]
    assert told == []
