# SPDX-License-Identifier: Apache-2.0
"""Seconds of deploy-router.yml by the number of module hosts, what hosts and switch do being played (tests/bench/played).

Each host has one module. What is left is the control node's own work; it should grow as the hosts do.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HOSTS = (1, 10, 100)


def allocation(hosts: int, routes: int) -> str:
    """An allocation with a module for each host, which divide 10.0.0.0/8 among them."""
    modules = []
    for number in range(hosts):
        network = f"10.{number // 256}.{number % 256}"
        entries = "".join(
            f'<forwardingentry addr="{network}.{route}" mask="32" outputport="{route % 2}"/>' for route in range(routes)
        )
        prefix = f'<prefix addr="{network}.0" mask="24"/>'
        modules.append(f'<pm id="{number}">{prefix}<forwardingtable>{entries}</forwardingtable></pm>')
    ports = "".join(
        f'<portmacmapping portid="{port}" mac="02:00:00:00:00:0{port}" switchport="{port + 1}"/>' for port in range(2)
    )
    return (
        '<allocationdescription id="bench" type="fastiprouter" subtype="prefixlb">'
        f"<portmacmappings>{ports}</portmacmappings>{''.join(modules)}</allocationdescription>"
    )


def inventory(hosts: int) -> dict[str, Any]:
    """A platform of so many module hosts on one switch; nothing of it is reached."""
    # A switch that is reached by OpenFlow is not asked whether it answers Ansible, and neither are these hosts.
    played = {"ansible_connection": "local", "flow_switch_connection": "openflow"}
    modules = {
        f"mh{number:03}": {
            "module_host_switch": "sw1",
            "module_host_switch_port": 100 + number,
            "module_host_capacity": {"pms": 1, "memory_mib": 64, "vcpus": 1},
            "bench_pm": f"bench-pm{number}",
        }
        for number in range(hosts)
    }
    groups = {
        "flow_switches": {"hosts": {"sw1": {"flow_switch_bridge": "br-flow"}}},
        "module_hosts": {"hosts": modules},
        "endpoints": {"hosts": {}},
    }
    return {"all": {"vars": played, "children": groups}}


def run(
    folder: Path, hosts: dict[str, Any], described: str, *arguments: str, playbook: str = "deploy-router"
) -> subprocess.CompletedProcess[str]:
    """Run a playbook with an inventory and an allocation."""
    (folder / "bench.xml").write_text(described)
    (folder / "hosts.yml").write_text(json.dumps(hosts))
    variables = {"allocation": str(folder / "bench.xml"), "allocation_build": str(folder / "build")}
    settings = {
        "ANSIBLE_CONFIG": "ansible.cfg",
        "ANSIBLE_ROLES_PATH": "tests/bench/played:roles",
        "ANSIBLE_ACTION_PLUGINS": "tests/bench/played/action:action_plugins",
    }
    argv = ["ansible-playbook", "--inventory", str(folder / "hosts.yml"), "-e", json.dumps(variables)]
    return subprocess.run(
        [*argv, f"playbooks/{playbook}.yml", *arguments],
        cwd=ROOT,
        env={**os.environ, **settings},
        check=False,
        capture_output=True,
        text=True,
    )


def deploy(folder: Path, hosts: int, routes: int, *arguments: str) -> tuple[float, float]:
    """Deploy on so many hosts; seconds elapsed, and of processors."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = run(folder, inventory(hosts), allocation(hosts, routes), *arguments)
    elapsed, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    return elapsed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print one line for each number of hosts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hosts", type=int, nargs="*", default=HOSTS)
    parser.add_argument("--routes", type=int, default=8, help="of each module, up to 256")
    options = parser.parse_args()
    print(f"{'hosts':>6} {'elapsed s':>10} {'computing s':>12} {'of it plan':>11} {'ms/host':>8}", flush=True)
    for hosts in options.hosts:
        with tempfile.TemporaryDirectory() as folder:
            _, planning = deploy(Path(folder), hosts, options.routes, "--tags", "plan")
            elapsed, computing = deploy(Path(folder), hosts, options.routes)
        each = (computing - planning) / hosts * 1000
        print(f"{hosts:6} {elapsed:10.1f} {computing:12.1f} {planning:11.1f} {each:8.0f}", flush=True)


if __name__ == "__main__":
    main()
