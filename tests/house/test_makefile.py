# SPDX-License-Identifier: Apache-2.0
"""What the Makefile says and would do; nothing of it is done."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def make(*arguments: str) -> str:
    done = subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_clean_lab_takes_down_the_labs_that_this_tree_made_and_no_other(tmp_path: Path) -> None:
    for index, tree in ((0, ROOT), (8, ROOT), (9, "/somewhere/else"), (12, f"{ROOT}/below")):
        (tmp_path / f"lab{index}").mkdir()
        (tmp_path / f"lab{index}" / "tree").write_text(f"{tree}\n")
    (tmp_path / "lab3").mkdir()
    planned = make("--dry-run", "clean-lab", f"LABS={tmp_path}")
    assert re.findall(r"for index in (.*); do LAB", planned) == ["0 8"]


def test_clean_lab_without_a_lab_does_nothing(tmp_path: Path) -> None:
    assert re.findall(r"for index in (.*); do LAB", make("--dry-run", "clean-lab", f"LABS={tmp_path}")) == [""]


def test_help_has_every_target_in_a_column_and_the_variables() -> None:
    lines = make("help", "LAB_INDEX=7").splitlines()
    targets = [line for line in lines if line.startswith("  make ")]
    assert len(targets) > 20
    assert all(re.fullmatch(r"  make [a-z-]{1,16} +\S.*", line) and line[23] == " " != line[24] for line in targets)
    assert "  LAB_INDEX=7           which lab, 0..255; several live side by side on one machine" in lines


def test_molecule_is_told_where_its_configuration_is_for_a_tree_without_git_has_no_root_to_look_in() -> None:
    called = re.findall(r"molecule .*(?:test|destroy|create).*", make("--dry-run", "molecule", "molecule-flow_switch"))
    assert len(called) >= 6
    assert all("--base-config .config/molecule/config.yml" in line for line in called)
    assert (ROOT / ".config" / "molecule" / "config.yml").is_file()
