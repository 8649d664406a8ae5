# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.hosts.capacity import measure_domains, measure_processes

from ..conftest import messages

GIB = 1 << 20
"""In KiB."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal:       8388608 kB\nMemFree:         123456 kB\n")
    (tmp_path / "proc/cpuinfo").write_text("".join(f"processor\t: {one}\nmodel name\t: some\n\n" for one in range(4)))
    link = tmp_path / "sys/class/net/eno1"
    link.mkdir(parents=True)
    (link / "speed").write_text("10000\n")
    return tmp_path


class Xen:
    def __init__(self, total: int, most: int) -> None:
        self._total, self._most = total, most

    def physinfo(self) -> dict[str, Any]:
        return {"total_memory": self._total, "nr_cpus": 16, "free_memory": 1}

    def domain_getinfo(self, first_dom: int, max_doms: int) -> list[dict[str, Any]]:
        return [{"domid": 0, "mem_kb": 7, "maxmem_kb": self._most}][first_dom:max_doms]


def test_of_a_host_of_processes_seven_eighths_of_all_memory_count(root: Path) -> None:
    expected = {"memory_mib": 7168, "vcpus": 4, "processors": 4, "uplink_mbps": 10000}
    assert measure_processes("eno1", root) == expected


def test_what_is_free_at_the_moment_does_not_count(root: Path) -> None:
    before = measure_processes("eno1", root)
    (root / "proc/meminfo").write_text("MemTotal:       8388608 kB\nMemFree:              1 kB\n")
    assert measure_processes("eno1", root) == before


@pytest.mark.parametrize("speed", ["-1\n", "", "0\n"])
def test_a_link_that_is_down_or_virtual_has_no_speed(root: Path, speed: str) -> None:
    (root / "sys/class/net/eno1/speed").write_text(speed)
    assert "uplink_mbps" not in measure_processes("eno1", root)
    assert "uplink_mbps" not in measure_processes("gone", root)


def test_of_a_host_of_domains_the_most_that_dom0_may_have_does_not_count(root: Path) -> None:
    expected = {"memory_mib": 56 * 1024, "vcpus": 16, "processors": 16, "uplink_mbps": 10000}
    assert measure_domains(Xen(68 * GIB, 4 * GIB), "eno1", root) == expected


@pytest.mark.parametrize("most", [0, -4, 64 * GIB, (1 << 62)])
def test_where_dom0_may_have_all_memory_nobody_can_say_what_is_left(root: Path, most: int) -> None:
    assert messages(lambda: measure_domains(Xen(64 * GIB, most), "", root)) == [
        f"cannot measure the memory of domains: dom0 may have {most} of {64 * GIB} KiB; give it a limit with Xen's option dom0_mem"
        " (module_host_xen_dom0_memory), or state memory_mib in module_host_capacity"
    ]


def test_a_machine_without_the_files_is_told_so(tmp_path: Path) -> None:
    assert messages(lambda: measure_processes("", tmp_path)) == [
        f"cannot measure the memory: {tmp_path}/proc/meminfo has no MemTotal"
    ]
