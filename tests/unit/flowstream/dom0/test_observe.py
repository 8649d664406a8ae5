# SPDX-License-Identifier: Apache-2.0
"""A dom0 whose /proc, /sys and /etc are a folder, and whose Xen and programs are played."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.dom0.converge import MEMORY, apply_limits, plan_limits
from ansible.module_utils.flowstream.dom0.facts import Demand, Dom0
from ansible.module_utils.flowstream.dom0.observe import observe_dom0, open_hypervisor
from ansible.module_utils.flowstream.world.run import NotInstalledError, Result

from ..conftest import messages

DEMAND = Demand(5000, vifs=10, memory=1024, boot="pv")

FILES = {
    "proc/sys/kernel/osrelease": "6.1.0-56-amd64\n",
    "proc/cpuinfo": "processor\t: 0\nmodel name\t: x\nprocessor\t: 1\n",
    "proc/cmdline": "root=/dev/vda quiet\n",
    "proc/meminfo": "MemTotal:         912332 kB\nMemAvailable:     818744 kB\n",
    "proc/loadavg": "1.97 1.27 1.12 3/178 2440\n",
    "proc/sys/kernel/pty/nr": "4\n",
    "proc/sys/kernel/pty/max": "4096\n",
    "proc/sys/kernel/pid_max": "4194304\n",
    "proc/sys/kernel/threads-max": "7028\n",
    "proc/sys/net/ipv4/neigh/default/gc_thresh1": "128\n",
    "proc/sys/net/ipv4/neigh/default/gc_thresh2": "512\n",
    "proc/sys/net/ipv4/neigh/default/gc_thresh3": "1024\n",
    "proc/265/comm": "oxenstored\n",
    "proc/265/status": "Name:\toxenstored\nPid:\t265\n",
    "proc/265/limits": "Limit       Soft Limit  Hard Limit  Units\nMax open files            1048576   1048576  files\n",
    "proc/265/cgroup": "0::/system.slice/xen.service\n",
    "proc/265/fd/0": "",
    "proc/265/fd/1": "",
    "proc/301/comm": "ovs-vswitchd\n",
    "proc/301/status": "Pid:\t301\n",
    "proc/301/limits": "Max open files            unlimited   unlimited  files\n",
    "proc/301/cgroup": "0::/system.slice/ovs-vswitchd.service\n",
    "proc/301/fd/0": "",
    "proc/self/status": "Pid:\t900\n",
    "proc/self/cgroup": "0::/user.slice/user-0.slice/session-3.scope\n",
    "proc/self/limits": "",
    "proc/self/fd/0": "",
    "sys/fs/cgroup/system.slice/xen.service/pids.max": "1054\n",
    "sys/fs/cgroup/system.slice/xen.service/pids.current": "3\n",
    "sys/fs/cgroup/user.slice/user-0.slice/session-3.scope/pids.max": "max\n",
    "sys/fs/cgroup/user.slice/user-0.slice/pids.max": "2319\n",
    "sys/fs/cgroup/user.slice/user-0.slice/pids.current": "12\n",
    "sys/kernel/irq/0/name": "",
    "sys/kernel/irq/1/name": "",
    "boot/config-6.1.0-56-amd64": "CONFIG_SMP=y\nCONFIG_NR_CPUS=8192\n",
    "etc/xen/oxenstored.conf": "# quotas\nquota-maxentity = 1000\nquota-maxwatch = 100\n",
}


class PlayedXen:
    def xeninfo(self) -> dict[str, Any]:
        return {"xen_major": 4, "xen_minor": 17}

    def physinfo(self) -> dict[str, Any]:
        return {"free_memory": 3101004}

    def domain_getinfo(self, first_dom: int, max_doms: int) -> list[dict[str, Any]]:
        return [{"domid": number, "mem_kb": 1048576} for number in (0, 3, 7)][first_dom:max_doms]


class PlayedPrograms:
    """Answers to what a dom0 is asked, and remembers what else was run."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.other_config: dict[str, str] = {}

    def __call__(self, argv: list[str], stdin: str = "") -> Result:
        answers = {
            "/usr/lib/xen-4.17/bin/lsevtchn 0": "  1: VCPU 0: VIRQ 0\n  2: VCPU 0: VIRQ 1\n",
            "xenhypfs cat /params/gnttab_max_maptrack_frames": "2048\n",
            "ovs-vsctl --timeout=30 get Open_vSwitch . ovs_version"
            " -- --if-exists get Open_vSwitch . other_config:stats-update-interval": '"3.1.0"\n'
            + "".join(f'"{value}"\n' for value in self.other_config.values()),
        }
        words = " ".join(argv)
        if words not in answers:
            self.done.append(words)
        if argv[2:3] == ["set"]:
            self.other_config = dict([argv[-1].removeprefix("other_config:").split("=")])
        elif argv[2:3] == ["remove"]:
            del self.other_config[argv[-1]]
        return Result(tuple(argv), 0, answers.get(words, ""), "")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def look(root: Path, programs: PlayedPrograms | None = None) -> Dom0:
    return observe_dom0(programs or PlayedPrograms(), PlayedXen(), root)


def test_a_dom0_is_seen_as_it_is(root: Path) -> None:
    host = look(root)
    assert (host.domains, host.next_domid, host.xen, host.xen_free) == (2, 8, (4, 17), 3101004)
    assert (host.kernel, host.nr_cpus, host.processors, host.fifo_events) == ((6, 1), 8192, 2, True)
    assert (host.event_channels, host.irqs, host.threads, host.ptys, host.memory) == (2, 2, 178, 4, 818744)
    assert (host.maptrack_frames, host.open_vswitch, host.xenstored) == (2048, (3, 1), "oxenstored")
    assert host.statistics_interval == 5000
    assert host.quotas == {"quota-maxentity": 1000, "quota-maxwatch": 100}
    assert "net.ipv6.neigh.default.gc_thresh1" not in host.sysctls


def test_a_daemon_has_its_files_its_service_and_the_narrowest_group_above_it(root: Path) -> None:
    host = look(root)
    xenstored = host.processes["xenstored"]
    assert (xenstored.files, xenstored.max_files, xenstored.service) == (2, 1048576, "xen.service")
    assert (xenstored.group, xenstored.tasks, xenstored.max_tasks) == ("xen.service", 3, 1054)
    assert host.processes["ovs-vswitchd"].max_files == 2**31 - 1
    assert (host.session.group, host.session.tasks, host.session.max_tasks) == ("user-0.slice", 12, 2319)


def test_without_hypfs_xen_has_the_frames_that_it_has_by_default(root: Path) -> None:
    class Older(PlayedPrograms):
        def __call__(self, argv: list[str], stdin: str = "") -> Result:
            if argv[0] == "xenhypfs":
                raise NotInstalledError("cannot run xenhypfs: it is not installed")
            return super().__call__(argv, stdin)

    assert observe_dom0(Older(), PlayedXen(), root).maptrack_frames == 1024


def test_the_two_level_channels_of_a_kernel_that_was_told_so_are_seen(root: Path) -> None:
    (root / "proc/cmdline").write_text("quiet xen.fifo_events=0\n")
    assert look(root).fifo_events is False


def test_a_machine_that_is_no_dom0_is_said_to_be_none(tmp_path: Path) -> None:
    assert messages(lambda: open_hypervisor(tmp_path)) == [
        "cannot ask Xen: this machine is not a dom0, or Xen's services are not up"
    ]


def test_settings_are_turned_once_and_turned_back(root: Path) -> None:
    programs = PlayedPrograms()
    host = look(root, programs)
    limits = plan_limits(host, DEMAND, root)
    assert "set sysctl kernel.threads-max to 131072, was 7028" in map(str, limits.changes)
    apply_limits(programs, host, limits, root)
    assert (root / "proc/sys/kernel/threads-max").read_text() == "131072\n"
    assert programs.other_config == {"stats-update-interval": "4194304"}
    assert "kernel.threads-max = 131072" in (root / "etc/sysctl.d/60-flowstream-dom0.conf").read_text()

    again = plan_limits(look(root, programs), DEMAND, root)
    assert (list(again.changes), again.files, again.before == again.after) == ([], {}, True)

    host = look(root, programs)
    back = plan_limits(host, None, root)
    apply_limits(programs, host, back, root)
    assert programs.other_config == {}
    assert programs.done[-2:] == [
        "udevadm control --reload",
        "ovs-vsctl --timeout=30 remove Open_vSwitch . other_config stats-update-interval",
    ]
    assert (root / "proc/sys/kernel/threads-max").read_text() == "7028\n"
    assert not (root / "etc/sysctl.d/60-flowstream-dom0.conf").exists()
    assert not (root / MEMORY).exists()
    assert back.after == ""


def test_nothing_is_given_back_while_open_vswitch_cannot_be_told(root: Path) -> None:
    programs, host = PlayedPrograms(), look(root)
    apply_limits(programs, host, plan_limits(host, DEMAND, root), root)
    stopped = replace(look(root, programs), open_vswitch=None, statistics_interval=None)
    assert messages(lambda: plan_limits(stopped, None, root)) == [
        "Open vSwitch does not run, and its database keeps a setting that has to be given back; start openvswitch-switch"
    ]
    assert list(plan_limits(stopped, DEMAND, root).changes) == []


def test_the_quotas_of_oxenstored_are_written_where_they_are_and_wait_for_a_reboot(root: Path) -> None:
    host = look(root)
    limits = plan_limits(host, Demand(1, vifs=97, memory=1024, boot="pv"), root)
    apply_limits(PlayedPrograms(), host, limits, root)
    assert (root / "etc/xen/oxenstored.conf").read_text() == "# quotas\nquota-maxentity = 2048\nquota-maxwatch = 128\n"
    assert list(limits.reboot) == [
        "quota quota-maxentity: 1000 until the reboot, then 2048",
        "quota quota-maxwatch: 100 until the reboot, then 128",
    ]
    later = plan_limits(look(root), Demand(1, vifs=97, memory=1024, boot="pv"), root)
    assert list(later.changes) == []

    (root / "proc/265/comm").write_text("xenstored\n")
    assert list(plan_limits(look(root), Demand(1, vifs=97, memory=1024, boot="pv"), root).reboot) == []


def test_a_c_xenstored_has_no_quotas_of_oxenstored_and_what_is_taken_back_waits_for_a_reboot_too(root: Path) -> None:
    demand, name = Demand(1100, memory=1024, boot="pv", toolstack="libvirt"), "xenstored c-daemon"
    programs, host = PlayedPrograms(), look(root)
    limits = plan_limits(host, demand, root)
    assert f"{name}: 0 until the reboot, then 1" in limits.reboot
    apply_limits(programs, host, limits, root)

    (root / "proc/265/comm").write_text("xenstored\n")
    rebooted = look(root, programs)
    assert (rebooted.xenstored, rebooted.quotas, rebooted.quotas_wait) == ("xenstored", {}, False)
    again = plan_limits(rebooted, demand, root)
    assert not [text for text in [*again.reboot, *map(str, again.changes)] if text.startswith(name)]

    back = plan_limits(rebooted, None, root)
    assert f"{name}: 1 until the reboot, then 0" in back.reboot
    apply_limits(programs, rebooted, back, root)
    assert not (root / "etc/systemd/system/xen.service.d").exists()


def test_open_files_of_a_running_daemon_are_raised_without_starting_it_anew(root: Path) -> None:
    (root / "proc/265/limits").write_text("Max open files            256   256  files\n")
    programs, host = PlayedPrograms(), look(root)
    apply_limits(programs, host, plan_limits(host, Demand(500, memory=1024, boot="pv", toolstack="xl"), root), root)
    assert programs.done == [
        "systemctl daemon-reload",
        "udevadm control --reload",
        "prlimit --pid=265 --nofile=1024:1024",
        "ovs-vsctl --timeout=30 set Open_vSwitch . other_config:stats-update-interval=32768",
    ]
    drop_in = root / "etc/systemd/system/xen.service.d/60-flowstream-dom0.conf"
    assert drop_in.read_text().splitlines()[1:] == ["[Service]", "LimitNOFILE=1024"]
