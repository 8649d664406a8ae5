# SPDX-License-Identifier: Apache-2.0
"""A checker runs over a source only when what it sees is not what it has found clean before."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "clickos" / "check_once.py"
CHECKER = r"""#!/bin/sh
# Says its version, notes what it is asked, and finds fault with what says so, or when two sources of one say the same NAME.
if [ "$1" = --version ]; then echo "checker ${CHECKER_VERSION}"; exit; fi
sources=$(sed -n 's/^#include "\(.*\.cc\)"$/\1/p' "$1" | xargs --no-run-if-empty realpath --relative-to .)
echo "${sources:-$1}" | paste --serial --delimiters=+ >> asked
! grep --with-filename FAULT ${sources:-$1} && [ "$(cat ${sources:-$1} | grep --count NAME)" -le 1 ]
"""


@dataclass
class Folder:
    """Two sources, one with a header that includes another, and a checker that notes what it is asked."""

    path: Path
    version: str = "1"
    more: tuple[str, ...] = ()

    def write(self, name: str, text: str) -> None:
        (self.path / name).parent.mkdir(exist_ok=True)
        (self.path / name).write_text(text)

    def check(self, *flags: str, together: int = 1) -> tuple[list[str], int]:
        """What the checker was asked in a run, and how the run ended."""
        (self.path / "asked").write_text("")
        settings = {"FLOWSTREAM_CACHE": str(self.path / "cache"), "CHECKER_VERSION": self.version}
        done = subprocess.run(
            [
                sys.executable,
                SCRIPT,
                "--jobs",
                "1",
                "--with",
                "rules",
                "--together",
                str(together),
                "one.cc",
                "two.cc",
                *self.more,
                "--",
                "./checker",
                "{}",
                "-Iinclude",
                *flags,
            ],
            cwd=self.path,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        self.said = done.stdout
        return (self.path / "asked").read_text().split(), done.returncode


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.write("checker", CHECKER)
    (tmp_path / "checker").chmod(0o755)
    folder.write("rules", "all\n")
    folder.write("one.cc", '#include "outer.hh"\n#include <vector>\n')
    folder.write("two.cc", "int two;\n")
    folder.write("include/outer.hh", '#  include <inner.hh>\n#include "outer.hh"\n')
    folder.write("include/inner.hh", "int inner;\n")
    assert folder.check() == (["one.cc", "two.cc"], 0)
    return folder


def test_what_was_clean_is_not_asked_again(folder: Folder) -> None:
    (folder.path / "one.cc").touch()
    assert folder.check() == ([], 0)
    assert folder.said == "checker: 2 files, 0 not seen before, 0 not clean\n"


def test_a_header_below_a_header_counts(folder: Folder) -> None:
    folder.write("include/inner.hh", "long inner;\n")
    assert folder.check() == (["one.cc"], 0)
    folder.write("include/inner.hh", "int inner;\n")
    assert folder.check() == ([], 0)


def test_a_header_that_comes_to_stand_before_another_counts(folder: Folder) -> None:
    folder.write("outer.hh", "int nearer;\n")
    assert folder.check() == (["one.cc"], 0)


def test_rules_flags_and_the_version_count(folder: Folder) -> None:
    assert folder.check("-DMORE") == (["one.cc", "two.cc"], 0)
    folder.write("rules", "fewer\n")
    assert folder.check() == (["one.cc", "two.cc"], 0)
    folder.version = "2"
    assert folder.check() == (["one.cc", "two.cc"], 0)


def test_a_fault_is_shown_and_found_again(folder: Folder) -> None:
    folder.write("two.cc", "int two; // FAULT\n")
    for _ in range(2):
        assert folder.check() == (["two.cc"], 1)
        assert folder.said.splitlines()[:2] == ["two.cc:", "two.cc:int two; // FAULT"]


def test_sources_are_asked_together_and_those_that_are_not_clean_in_halves(folder: Folder) -> None:
    folder.write("rules", "others\n")
    folder.more = ("three.cc", "four.cc", "five.cc")
    for name, text in zip(folder.more, ("int NAME;\n", "int NAME;\n", "int five;\n"), strict=True):
        folder.write(name, text)
    asked = ["one.cc+two.cc+three.cc+four.cc", "one.cc+two.cc", "three.cc+four.cc", "three.cc", "four.cc", "five.cc"]
    assert folder.check(together=4) == (asked, 0)
    assert folder.check(together=4) == ([], 0)
    folder.write("five.cc", "int five; // FAULT\n")
    folder.write("one.cc", "int one;\n")
    assert folder.check(together=4) == (["one.cc+five.cc", "one.cc", "five.cc"], 1)
    assert folder.said.splitlines()[:2] == ["five.cc:", "five.cc:int five; // FAULT"]
    assert folder.check(together=4) == (["five.cc"], 1)


def test_answers_that_nobody_asked_for_go(folder: Folder) -> None:
    answers = sorted((folder.path / "cache" / "checks").iterdir())
    assert len(answers) == 2
    os.utime(answers[0], (0, 0))
    assert len(folder.check()[0]) == 1
    assert sorted((folder.path / "cache" / "checks").iterdir()) == answers
