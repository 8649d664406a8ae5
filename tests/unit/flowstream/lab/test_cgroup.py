# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

from ansible.module_utils.flowstream.lab.cgroup import hierarchies

UNIFIED = "29 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
HYBRID = """\
30 29 0:27 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755
31 30 0:28 / /sys/fs/cgroup/unified rw,nosuid,nodev shared:10 - cgroup2 cgroup2 rw,nsdelegate
32 30 0:29 / /sys/fs/cgroup/systemd rw,nosuid,nodev shared:11 - cgroup cgroup rw,xattr,name=systemd
33 30 0:30 / /sys/fs/cgroup/memory rw,nosuid,nodev shared:12 - cgroup cgroup rw,memory
"""
LEGACY = "".join(line for line in HYBRID.splitlines(keepends=True) if "cgroup2" not in line)


def test_a_unified_host_has_one_hierarchy() -> None:
    assert hierarchies(UNIFIED) == [Path("/sys/fs/cgroup")]


def test_a_hybrid_host_has_two_and_a_controller_is_none_of_them() -> None:
    assert hierarchies(HYBRID) == [Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup/systemd")]


def test_a_legacy_host_has_the_named_one() -> None:
    assert hierarchies(LEGACY) == [Path("/sys/fs/cgroup/systemd")]


def test_a_host_without_cgroups_has_none() -> None:
    assert hierarchies("22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n") == []
