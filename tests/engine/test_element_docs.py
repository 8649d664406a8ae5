# SPDX-License-Identifier: Apache-2.0
"""What the program `click --doc` is made from."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

ENGINE = Path(__file__).parents[2] / "clickos"
CLICK = ENGINE / "build" / "click"
DOC_COMMENT = re.compile(r"^/\*\n=c\n.*?\*/", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^=e\n(.*?)(?=^=[a-z]|\*/)", re.MULTILINE | re.DOTALL)
ELEMENT = "/*\n=c\nThing\n=s misc\ndoes a thing\n*/\nCLICK_ELEMENT(Thing)\n"


def written(*paths: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, ENGINE / "element_docs.py", *paths], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_a_class_that_two_files_register_is_an_error(tmp_path: Path) -> None:
    one, two = tmp_path / "one.cc", tmp_path / "two.cc"
    one.write_text(ELEMENT)
    assert written(one) == (0, "")
    two.write_text(ELEMENT)
    assert written(one, two) == (1, f"{two}: Thing is registered in {one} too; keep one\n")


def test_a_class_without_documentation_is_an_error(tmp_path: Path) -> None:
    one = tmp_path / "one.cc"
    one.write_text("CLICK_ELEMENT(Thing)\n")
    assert written(one) == (1, f"{one}: Thing has no =c doc comment\n")


def examples() -> Iterator[ParameterSet]:
    """The example of each doc comment; empty where there is none."""
    for path in sorted([*ENGINE.glob("elements/*/*.cc"), *ENGINE.glob("platform/linux/elements/*.cc")]):
        for comment in DOC_COMMENT.findall(path.read_text()):
            example = EXAMPLE.search(comment)
            yield pytest.param(example.group(1) if example else "", id=path.stem)


@pytest.mark.parametrize("example", list(examples()))
def test_the_example_of_a_class_is_a_configuration(example: str, tmp_path: Path) -> None:
    assert example, "the class has no example"
    # Three dots stand for where packets come from or go to.
    text = re.sub(r"->\s*\.\.\.", "-> Discard;", re.sub(r"\.\.\.\s*->", "Idle ->", example))
    done = subprocess.run([CLICK, "--check", "-e", text], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
