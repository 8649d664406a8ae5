# SPDX-License-Identifier: Apache-2.0
"""All configurations of templates/click/examples."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .played_devices import CLICK, EXAMPLES


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.click")), ids=lambda path: path.stem)
def test_every_example_is_a_configuration(path: Path) -> None:
    done = subprocess.run([CLICK, "--check", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
