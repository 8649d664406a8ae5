# SPDX-License-Identifier: Apache-2.0
"""The image of a Linux guest: the same parts give the same bytes, and nothing of this machine is in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "clickos"))

import linux_guest_image


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Path, list[Path]]:
    program, module = tmp_path / "click-guest", tmp_path / "xen-netfront.ko"
    program.write_bytes(b"program")
    module.write_bytes(b"module")
    return program, [module]


def test_the_first_process_is_the_program_and_there_is_no_other(parts: tuple[Path, list[Path]]) -> None:
    archive = linux_guest_image.initramfs(*parts)
    listed = subprocess.run(
        ["cpio", "--list", "--verbose", "--numeric-uid-gid", "--quiet"], input=archive, capture_output=True, check=True
    ).stdout.decode()
    fields = [line.split() for line in listed.splitlines()]
    assert [(words[0], words[2:4], words[-1]) for words in fields] == [
        ("-rwxr-xr-x", ["0", "0"], "init"),
        ("drwxr-xr-x", ["0", "0"], "modules"),
        ("-rw-r--r--", ["0", "0"], "modules/xen-netfront.ko"),
    ]
    assert archive.startswith(b"070701")
    assert len(archive) % 4 == 0


def test_the_same_parts_give_the_same_bytes_whenever_they_were_made(parts: tuple[Path, list[Path]]) -> None:
    before = linux_guest_image.initramfs(*parts)
    os.utime(parts[0], (1_000_000_000, 1_000_000_000))
    parts[0].chmod(0o600)
    assert linux_guest_image.initramfs(*parts) == before


def test_a_file_that_says_the_same_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in (b"one", b"one", b"two"):
        linux_guest_image.write(tmp_path / "linux-guest", content)
    assert capsys.readouterr().out.count("  IMAGE ") == 2
