# SPDX-License-Identifier: Apache-2.0
"""A secret of the inventory appears in nothing that a run writes or says, not even one that fails and is asked for all."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CANARY = "canary-7e1c5fd2"
OUT_KEY, IN_KEY = "7e1c5fd2" * 5, "5fd27e1c" * 7
KEYS = {"branch": {"out": {"spi": "0x1001", "key": OUT_KEY}, "in": [{"spi": "0x2001", "key": IN_KEY}]}}
SECONDS = 300
CLICK = ROOT / "clickos" / "build" / "click"


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
    everywhere: dict[str, Any] = {
        "ansible_connection": "local",
        "ansible_password": CANARY,
        "flow_switch_connection": "ssh",
    }
    everywhere |= {"vpn_secrets": KEYS}
    return {"all": {"vars": everywhere, "children": groups}}


def test_no_secret_is_shown_or_kept(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text(json.dumps(inventory()))
    (tmp_path / "roles").mkdir()
    for role in ("click_build", "module_host_process"):
        (tmp_path / "roles" / role).symlink_to(ROOT / "tests" / "bench" / "played" / role)
    variables = {
        "allocation": str(ROOT / "examples" / "vpn-router" / "allocation.xml"),
        "allocation_build": str(tmp_path / "build"),
    }
    settings = {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_LOG_PATH": str(tmp_path / "log"),
        "ANSIBLE_ROLES_PATH": f"{tmp_path}/roles:roles",
    }
    said = play(tmp_path, "playbooks/deploy-router.yml", variables, settings)
    assert "127.0.0.1:1" in said.stdout, "the switch was not even asked"
    written = {path.name for path in (tmp_path / "build").rglob("*") if path.is_file()}
    assert "plan.json" in written
    assert "vpn-pm11.click" in written
    assert told(tmp_path, said) == []


def told(folder: Path, said: subprocess.CompletedProcess[str]) -> list[Path]:
    """The files in which a secret is, what was said among them; the inventory, which has to have them, goes."""
    (folder / "said").write_text(said.stdout + said.stderr)
    (folder / "hosts.yml").unlink()
    texts = {path: path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()}
    return [path for path, text in texts.items() if any(secret in text for secret in (CANARY, OUT_KEY, IN_KEY))]


def command_lines() -> str:
    """What a process list of this moment shows."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(path.read_text(errors="replace"))
    return "".join(lines)


def test_the_keys_of_a_tunnel_reach_its_gateway_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text(json.dumps(inventory()))
    name, sockets = "vpn-pm11", tmp_path / "sockets"
    sockets.mkdir()
    config = ROOT / "examples" / "vpn-router" / "expected" / "click" / f"{name}.click"
    devices = (
        "elementclass FromDevice { $d, __REST__ $r | Idle -> output } elementclass ToDevice { $d | input -> Idle }\n"
    )
    (tmp_path / "gateway.click").write_text(devices + config.read_text())
    playbook = tmp_path / "keys.yml"
    parts = [{"include_role": {"name": "processing_module", "tasks_from": "associations"}}]
    playbook.write_text(json.dumps([{"hosts": "mh1", "gather_facts": False, "tasks": parts}]))
    plan = json.loads((config.parents[1] / "plan.json").read_text())
    pms = [pm for host in plan["hosts"].values() for pm in host["pms"]]
    variables = {"processing_module_pms": pms, "processing_module_sockets": str(sockets)}
    settings = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_LOG_PATH": str(tmp_path / "log")}
    argv = [str(CLICK), "-u", str(sockets / f"{name}.sock"), str(tmp_path / "gateway.click")]
    seen: list[str] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            seen.append(command_lines())

    with subprocess.Popen(argv) as gateway, ThreadPoolExecutor(1) as watching:
        watching.submit(watch)
        try:
            said = play(tmp_path, str(playbook), variables, settings)
        finally:
            done.set()
            gateway.terminate()
    assert "receive by association 0x00002001" in said.stdout, said.stdout
    assert said.returncode == 0
    listed = "".join(seen)
    assert name in listed
    assert not any(secret in listed for secret in (OUT_KEY, IN_KEY))
    assert told(tmp_path, said) == []


def play(
    folder: Path, playbook: str, variables: dict[str, Any], settings: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a playbook that says as much as it can, with the inventory of the folder."""
    argv = ["ansible-playbook", playbook, "--diff", "-vvv"]
    return subprocess.run(
        [*argv, "--inventory", folder / "hosts.yml", "-e", json.dumps(variables)],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
