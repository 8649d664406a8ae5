# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess

from ansible.module_utils.flowstream.hosts.xen.initramfs import with_file


def cpio(archive: bytes, *arguments: str) -> bytes:
    return subprocess.run(["cpio", "--quiet", *arguments], input=archive, capture_output=True, check=True).stdout


def test_a_file_behind_an_archive_is_read_as_it_was_written() -> None:
    for content in (b"", b"a", b"FromDevice(0)\n", b"070701" * 1000):
        archive = with_file(b"", "router.click", content)
        assert cpio(archive, "--extract", "--to-stdout", "router.click") == content
        assert b"-rw-r--r--   1 root     root" in cpio(archive, "--list", "--verbose")


def test_it_begins_at_a_multiple_of_four_bytes_behind_what_is_there() -> None:
    for length in range(9):
        archive = with_file(b"x" * length, "router.click", b"text")
        start = archive.index(b"070701")
        assert (start % 4, archive[length:start].strip(b"\0")) == (0, b"")
