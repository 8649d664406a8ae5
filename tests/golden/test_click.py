# SPDX-License-Identifier: Apache-2.0
"""The engine itself accepts every configuration of the examples. `make unit` builds it before."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLICK = ROOT / "clickos" / "build" / "click"
CONFIGS = sorted((ROOT / "examples").glob("*/expected/click/*.click"))


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.parents[2].name}/{config.stem}")
def test_the_engine_accepts_the_configuration(config: Path) -> None:
    checked = subprocess.run([CLICK, "--check", config], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_there_are_configurations_to_accept() -> None:
    assert len(CONFIGS) >= 7
