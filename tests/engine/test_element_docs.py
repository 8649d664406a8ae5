# SPDX-License-Identifier: Apache-2.0
"""What the program `click --doc` is made from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ENGINE = Path(__file__).parents[2] / "clickos"
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
