# SPDX-License-Identifier: Apache-2.0
"""What holds for every file of the tree: its licence line, its name, and no trace of the machine it was written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPDX = "SPDX-License-Identifier: Apache-2.0"

DATA_SUFFIXES = {".json", ".clicktest", ".txt", ".pcap", ".out"}
"""Files that are read by a machine or compared byte by byte: they have no comments, or a comment would change them."""

NAMELESS = re.compile(r"(^|[_-])(utils?|helpers?|common|misc|stuff)([_-]|$)", re.IGNORECASE)
MACHINE_PATH = re.compile(r"/(work|farm)/[a-z]|/tmp/f[s]\b|/root/[.](pyenv|cargo)")
REGISTRY_HOST = re.compile(r"\b(deb|files|registry|galaxy|index|proxy)\.[a-z]+\.(org|com|io)\b|\bpypi\.(org|io)\b")


def files_of_the_tree() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def text_of(name: str) -> str:
    return (ROOT / name).read_bytes().decode("utf-8", errors="replace")


def needs_licence_line(name: str) -> bool:
    path = Path(name)
    if (
        path.suffix in DATA_SUFFIXES
        or path.name == "VERSION"
        or path.parts[0] == "LICENSES"
        or (ROOT / name).stat().st_size == 0
    ):
        return False
    return path.parts[0] != "examples" or path.suffix == ".md"


def has_licence_line(text: str) -> bool:
    lines = text.splitlines()
    if lines and (lines[0].startswith(("#!", "<?xml"))):
        lines = lines[1:]
    return bool(lines) and SPDX in lines[0]


def test_every_file_begins_with_its_licence_line() -> None:
    without = [name for name in files_of_the_tree() if needs_licence_line(name) and not has_licence_line(text_of(name))]
    assert without == []


def test_every_name_says_what_is_inside() -> None:
    nameless = [
        name
        for name in files_of_the_tree()
        for part in Path(name).parts
        if part != "module_utils" and NAMELESS.search(part.split(".")[0])
    ]
    assert nameless == []


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY_HOST], ids=["path", "registry"])
def test_no_file_names_the_machine_that_it_was_written_on(pattern: re.Pattern[str]) -> None:
    found = [
        f"{name}:{number}: {line.strip()}"
        for name in files_of_the_tree()
        for number, line in enumerate(text_of(name).splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


def test_every_shell_script_and_nothing_else_is_executable() -> None:
    wrong = []
    for name in files_of_the_tree():
        starts_as_script = text_of(name).startswith("#!") and not name.startswith("library/")
        executable = bool((ROOT / name).stat().st_mode & 0o100)
        if starts_as_script != executable:
            wrong.append(name)
    assert wrong == []
