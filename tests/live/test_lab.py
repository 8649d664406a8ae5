# SPDX-License-Identifier: Apache-2.0
"""The lab on this machine: labs 3 and 4, so that it disturbs neither a demo's lab nor that of the other live tests."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.flowstream.lab.actions import Boot, Change
from ansible.module_utils.flowstream.lab.apply import apply
from ansible.module_utils.flowstream.lab.cgroup import Cgroups
from ansible.module_utils.flowstream.lab.converge import Lab
from ansible.module_utils.flowstream.lab.topology import parse_topology
from ansible.module_utils.flowstream.world.run import local_run

from .iperf import iperf_server
from .router_lab import ROOT, Node

RUNNER = ROOT / "tests/library/module_runner.py"
WHERE_A_LAB_LEAVES_TRACES = ("/run/netns", "/sys/class/net", "/sys/fs/cgroup", "/run/systemd/nspawn", "/run/flowstream")

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]


def module(name: str, check: bool = False, **arguments: Any) -> dict[str, Any]:
    arguments |= {"_ansible_check_mode": check, "_ansible_diff": True}
    done = subprocess.run(
        [sys.executable, str(RUNNER), name], input=json.dumps(arguments), capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def image() -> str:
    """The image of the role, from the cache if it is there."""
    defaults = yaml.safe_load((ROOT / "roles/lab/defaults/main.yml").read_text())
    cache = (
        os.environ.get("FLOWSTREAM_CACHE") or os.environ.get("XDG_CACHE_HOME", f"{Path.home()}/.cache") + "/flowstream"
    )
    built = module("lab_image", cache=f"{cache}/images", packages=defaults["lab_image_packages"])
    assert "path" in built, built
    return str(built["path"])


class SmallLab:
    """One machine and one endpoint, with a link between them."""

    def __init__(self, index: int, image: str) -> None:
        self.prefix = f"fs{index}"
        self.directory = Path(f"/run/flowstream/lab{index}")
        self.address = f"198.18.{index}.10"
        self.declared: dict[str, Any] = {
            "prefix": self.prefix,
            "directory": str(self.directory),
            "image": image,
            "management_address": f"198.18.{index}.254/24",
            "machines": [{"name": "sw1", "address": self.address}],
            "endpoints": [
                {
                    "name": "ep0",
                    "interfaces": [{"name": "eth0", "addresses": ["192.0.2.1/24"]}],
                    "routes": [{"to": "default", "via": "192.0.2.254", "source": "192.0.2.1"}],
                }
            ],
            "links": [{"ends": ["sw1:p1", "ep0:eth0"]}],
        }

    def up(self, check: bool = False, **changed: Any) -> dict[str, Any]:
        answer = module("lab_topology", check, **{**self.declared, **changed})
        assert not answer.get("failed"), answer
        return answer

    def down(self) -> dict[str, Any]:
        answer = module("lab_topology", **{**self.declared, "state": "absent"})
        assert not answer.get("failed"), answer
        return answer

    def ssh(self, *command: str) -> str:
        options = [
            f"UserKnownHostsFile={self.directory}/known_hosts",
            "GlobalKnownHostsFile=/dev/null",
            "StrictHostKeyChecking=yes",
            "BatchMode=yes",
            "ConnectTimeout=5",
        ]
        argv = ["ssh", "-F", "none", "-i", str(self.directory / "id_ed25519"), f"root@{self.address}"]
        for option in options:
            argv += ["-o", option]
        return subprocess.run([*argv, *command], capture_output=True, text=True, check=True, timeout=60).stdout.strip()

    def processes(self, below: str = "") -> set[int]:
        return Cgroups().processes(f"{self.prefix}-sw1", below)

    def traces(self) -> list[str]:
        """Everything on this machine that carries the lab's prefix or lies in its directory."""
        found = [
            str(path)
            for place in WHERE_A_LAB_LEAVES_TRACES
            for depth in ("*", "*/*")
            for path in Path(place).glob(depth)
            if path.name.startswith(f"{self.prefix}-") or path == self.directory
        ]
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        found += [line for line in mounts if f"{self.directory}/" in line or f"/run/netns/{self.prefix}-" in line]
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = path.read_bytes().replace(b"\0", b" ").decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if f"--machine={self.prefix}-" in command or f"ssh: {self.directory}/" in command:
                found.append(command)
        return found


@pytest.fixture(scope="module")
def lab(image: str) -> Iterator[SmallLab]:
    small = SmallLab(3, image)
    small.down()
    yield small
    small.down()
    assert small.traces() == []


def kill_and_wait(processes: set[int]) -> None:
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):  # went with one that was killed before
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}/exe").exists() for pid in processes):
        assert time.monotonic() < deadline, f"processes {processes} live on"
        time.sleep(0.02)


def test_predict_then_do_then_nothing_is_left_to_do(lab: SmallLab) -> None:
    predicted = lab.up(check=True)
    assert lab.traces() == []
    done = lab.up()
    repeated = lab.up()

    assert predicted["changes"] == done["changes"]
    assert predicted["diff"] == done["diff"]
    assert done["changes"][-2:] == ["start machine sw1", f"write {lab.directory}/known_hosts"]
    assert (repeated["changed"], repeated["changes"]) == (False, [])
    assert lab.ssh("timeout", "30", "systemctl", "is-system-running", "--wait") == "running"


def test_a_machine_is_itself(lab: SmallLab) -> None:
    lab.up()
    identity = lab.ssh("hostname; cat /etc/machine-id; stat -c %a /; su -s /bin/sh nobody -c 'ls -d /etc'").split()
    assert identity[0] == "sw1"
    assert len(identity[1]) == 32
    assert identity[2:] == ["755", "/etc"]


@pytest.mark.parametrize("victim", ["supervisor", "payload/init.scope", "payload/system.slice/ssh.service", ""])
def test_a_machine_of_which_processes_were_killed_answers_again(lab: SmallLab, victim: str) -> None:
    lab.up()
    lab.ssh("touch /root/kept; ip link set p1 up")
    kill_and_wait(lab.processes(victim))
    lab.up()
    assert lab.ssh("cat /root/kept; cat /sys/class/net/p1/carrier") == "1"
    assert lab.up()["changes"] == []


def test_a_machine_whose_mount_and_namespaces_outlived_it_is_booted_on_them(lab: SmallLab) -> None:
    lab.up()
    kill_and_wait(lab.processes())
    assert lab.up()["changes"] == ["start machine sw1"]


def test_a_lab_whose_namespace_names_were_lost_is_wired_again(lab: SmallLab) -> None:
    lab.up()
    for name in ("sw1", "ep0"):
        subprocess.run(["umount", "--lazy", f"/run/netns/{lab.prefix}-{name}"], check=True)
    lab.up()
    assert lab.ssh("cat /sys/class/net/p1/carrier") == "1"
    assert lab.up()["changes"] == []


def test_a_machine_whose_disk_was_unmounted_under_it_is_booted_anew(lab: SmallLab) -> None:
    lab.up()
    subprocess.run(["umount", "--lazy", str(lab.directory / "machines/sw1/root")], check=True)
    assert lab.up()["changes"] == [
        "stop machine sw1",
        "mount disk of sw1",
        "start machine sw1",
        f"write {lab.directory}/known_hosts",
    ]
    assert lab.up()["changes"] == []


def test_a_machine_without_power_is_down_and_comes_back_with_its_disk(lab: SmallLab) -> None:
    lab.up()
    lab.ssh("touch /root/kept")
    off = [{"name": "sw1", "address": lab.address, "power": False}]
    assert lab.up(machines=off)["changes"] == ["stop machine sw1"]
    assert lab.processes() == set()
    assert lab.up(machines=off)["changes"] == []
    assert lab.up()["changes"] == ["start machine sw1"]
    assert lab.ssh("ls /root/kept") == "/root/kept"


def test_a_run_that_was_killed_after_any_step_converges(lab: SmallLab) -> None:
    run, cgroups = local_run(60), Cgroups()
    topology = parse_topology(lab.declared)
    lab.down()
    steps = [(change, step) for change in Lab(topology, run).changes() for step in change.steps]
    before_boot = next(number for number, (_, step) in enumerate(steps) if isinstance(step, Boot))
    assert before_boot > 30
    for count in range(1, before_boot + 1):
        apply([Change(change.text, (step,)) for change, step in steps[:count]], run, cgroups)
        left = Lab(topology, run)
        # What boots is left to the tests above: here every step before it is the last one once.
        changes = [change for change in left.changes() if not change.text.startswith("start")]
        left.build(changes)
        assert [str(change) for change in left.changes()] == ["start machine sw1"], f"after step {count}"
        lab.down()
        assert lab.traces() == [], f"after step {count}"


def test_two_labs_at_once_do_not_meet(lab: SmallLab, image: str) -> None:
    other = SmallLab(4, image)
    try:
        lab.up()
        other.up()
        assert lab.ssh("cat /etc/machine-id") != other.ssh("cat /etc/machine-id")
        assert lab.up()["changes"] == []
        other.down()
        assert other.traces() == []
        assert lab.up()["changes"] == []
        assert lab.ssh("hostname") == "sw1"
    finally:
        other.down()


def test_a_link_delays_loses_doubles_and_slows_down_what_it_carries_and_a_healed_one_does_not() -> None:
    """Three links between two endpoints each; what is asserted holds on a machine of any speed."""
    cables = {
        "slow": {"delay_ms": 30},
        "lossy": {"loss_percent": 25, "duplicate_percent": 20},
        "narrow": {"rate_mbps": 4},
    }
    declared = {
        "prefix": "fs4",
        "directory": "/run/flowstream/lab4",
        "management_address": "198.18.4.254/24",
        "click": str(ROOT / "clickos" / "build" / "click"),
        "endpoints": [
            {"name": node, "interfaces": [{"name": cable, "addresses": [f"192.0.{number}.{host}/24"]} for number, cable in enumerate(cables)]}
            for host, node in enumerate(("near", "far"), 1)
        ],
    }  # fmt: skip

    def up(worse: bool) -> list[str]:
        links = [
            {"ends": [f"near:{cable}", f"far:{cable}"], **(does if worse else {})} for cable, does in cables.items()
        ]
        answer = module("lab_topology", **declared, links=links)
        assert not answer.get("failed"), answer
        return list(answer["changes"])

    def inside(node: str, *argv: str) -> str:
        command = ["ip", "netns", "exec", f"fs4-{node}", *argv]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout

    def round_trip(number: int) -> float:
        """The shortest of five, in milliseconds."""
        found = re.search(r"= ([\d.]+)/", inside("near", "ping", "-n", "-c5", "-i0.05", f"192.0.{number}.2"))
        assert found
        return float(found[1])

    try:
        assert "start link near-slow" in up(worse=True)
        assert up(worse=True) == []
        assert round_trip(0) >= 60
        said = inside("near", "ping", "-n", "-c300", "-i0.01", "-W1", "192.0.1.2")
        received = int(re.findall(r"(\d+) received", said)[0])
        assert 100 < received < 240  # 169 of 300 come back of the mean; either bound is six standard deviations away
        assert said.count("DUP!") > 20
        with iperf_server(Node("far", ("ip", "netns", "exec", "fs4-far")), "192.0.2.2"):
            answer = json.loads(inside("near", "iperf3", "-c", "192.0.2.2", "-t3", "-J"))
        assert 0 < answer["end"]["sum_received"]["bits_per_second"] < 4.4e6
        kill_and_wait(Cgroups().processes("fs4-near-slow"))
        assert up(worse=True) == ["start link near-slow"]
        assert "remove near-slow" in up(worse=False)
        assert " 5 received" in inside("near", "ping", "-n", "-c5", "-i0.05", "192.0.1.2")
    finally:
        module("lab_topology", **declared, state="absent")
    assert list(Path("/run/netns").glob("fs4-*")) == []
    assert Cgroups().names("fs4") == []


def test_a_broken_lab_goes_also_when_its_declaration_is_wrong(lab: SmallLab) -> None:
    lab.up()
    kill_and_wait(lab.processes())
    subprocess.run(["umount", "--lazy", f"/run/netns/{lab.prefix}-ep0"], check=True)
    subprocess.run(
        ["rm", "-r", str(lab.directory / "machines/sw1/upper"), str(lab.directory / "known_hosts")], check=True
    )
    lab.declared["links"].append({"ends": ["nowhere:p1"]})
    try:
        lab.down()
        assert lab.traces() == []
        assert lab.down()["changed"] is False
    finally:
        lab.declared["links"].pop()


def test_a_machine_that_does_not_start_says_why(lab: SmallLab, image: str, tmp_path: Path) -> None:
    broken = tmp_path / "image"
    for directory in ("etc/ssh", "root", "usr/lib/systemd", "usr/bin"):
        (broken / directory).mkdir(parents=True)
    (broken / "lib").symlink_to("usr/lib")
    (broken / "usr/lib/systemd/systemd").write_text("no program\n")
    answer = module("lab_topology", **{**lab.declared, "image": str(broken), "timeout": 5})
    lab.down()
    assert answer["failed"] is True
    assert answer["msg"].startswith("cannot start machine sw1: it ended; its console ends with: ")
    assert answer["console"]


@pytest.fixture
def two_machines() -> Iterator[tuple[str, str]]:
    """Two namespaces that stand for machines with a cable between them, each of which carries a lab."""
    names = ("fs3and4-m1", "fs3and4-m2")
    try:
        for name in names:
            subprocess.run(["ip", "netns", "add", name], check=True)
        subprocess.run(
            ["ip", "-n", names[0], "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", names[1]],
            check=True,
        )
        for number, name in enumerate(names, 1):
            for words in (f"address add 203.0.113.{number}/24 dev cable", "link set cable mtu 1600 up"):
                subprocess.run(["ip", "-n", name, *words.split()], check=True)
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False)


@pytest.mark.long
def test_a_link_ends_in_the_lab_of_another_machine(two_machines: tuple[str, str]) -> None:
    """Endpoint ep0 of lab 3 and endpoint ep0 of lab 4, by VXLAN between the machines that carry these."""

    def declared(index: int, **link: Any) -> dict[str, Any]:
        here, there = (1, 2) if index == 3 else (2, 1)
        vxlan = {
            "vni": 42,
            "local": f"203.0.113.{here}",
            "remote": f"203.0.113.{there}",
            "underlay": two_machines[here - 1],
        }
        vxlan |= link.pop("vxlan", {})
        return {
            "prefix": f"fs{index}",
            "directory": f"/run/flowstream/lab{index}",
            "management_address": f"198.18.{index}.254/24",
            "click": str(ROOT / "clickos" / "build" / "click"),
            "endpoints": [{"name": "ep0", "interfaces": [{"name": "eth0", "addresses": [f"192.0.2.{index}/24"]}]}],
            "links": [{"ends": ["ep0:eth0"], "vxlan": vxlan, **link}],
        }

    def up(index: int, check: bool = False, **link: Any) -> list[str]:
        answer = module("lab_topology", check, **declared(index, **link))
        assert not answer.get("failed"), answer
        return list(answer["changes"])

    def pinged(*more: str) -> str:
        argv = ["ip", "netns", "exec", "fs3-ep0", "ping", "-n", "-c5", "-i0.1", "-W2", *more, "192.0.2.4"]
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60).stdout

    try:
        predicted = up(3, check=True)
        assert "connect fs3-ep0:eth0 to VNI 42 at 203.0.113.2 from 203.0.113.1 in fs3and4-m1" in predicted
        assert up(3) == predicted
        up(4)
        assert (up(3), up(4)) == ([], [])
        assert " 5 received" in pinged("-s", "1472", "-M", "do")
        with iperf_server(Node("ep0", ("ip", "netns", "exec", "fs4-ep0")), "192.0.2.4"):
            argv = ["ip", "netns", "exec", "fs3-ep0", "iperf3", "-c", "192.0.2.4", "-t2", "-J"]
            answer = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout)
        assert answer["end"]["sum_received"]["bytes"] > 0
        up(4, vxlan={"vni": 43})
        assert " 0 received" in pinged()
        up(3, vxlan={"vni": 43})
        assert " 5 received" in pinged()
        up(3, vxlan={"vni": 43}, delay_ms=30)
        assert up(3, vxlan={"vni": 43}, delay_ms=30) == []
        said = pinged()
        assert " 5 received" in said
        found = re.search(r"= ([\d.]+)/", said)
        assert found is not None
        assert float(found[1]) >= 60
    finally:
        for index in (3, 4):
            module("lab_topology", **{**declared(index), "state": "absent"})
    for name in two_machines:
        left = subprocess.run(
            ["ip", "-n", name, "link", "show", "type", "vxlan"], capture_output=True, text=True, check=True
        )
        assert left.stdout == ""
