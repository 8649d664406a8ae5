# SPDX-License-Identifier: Apache-2.0
"""What every element class may take of a guest image."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "clickos" / "size_budget.py"
SYMBOLS = """\
0000000000100000 0000000000000100 t click::(anonymous namespace)::Queue::push(int, click::PacketBatch&)
0000000000100100 0000000000000020 R vtable for click::(anonymous namespace)::Queue
0000000000100200 0000000000000040 t click::PacketAction<click::(anonymous namespace)::Strip>::push(int, click::PacketBatch&)
0000000000100300 0000000000000008 b click::(anonymous namespace)::Strip::zeros
0000000000100400 0000000000000080 T click::Router::find(click::Queue const*)
0000000000100500 T end_of_image
"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("size_budget", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_class_takes_its_members_its_tables_and_the_templates_made_for_it(script: ModuleType) -> None:
    assert script.taken(SYMBOLS, {"Queue", "Strip", "Tee"}) == {"Queue": 0x120, "Strip": 0x40}


def test_a_class_over_its_budget_is_named_with_what_is_too_much(script: ModuleType) -> None:
    (wrong,) = script.complaints({"Queue": script.USUAL + 1, "Strip": script.USUAL}, {})
    assert wrong.startswith(f"Queue takes {script.USUAL + 1} bytes of the image, 1 more than its budget;")
    assert script.complaints({"Queue": 5000}, {"Queue": 5000}) == []


def test_a_budget_that_nobody_needs_any_more_is_taken_back(script: ModuleType) -> None:
    (wrong,) = script.complaints({"Strip": 100}, {"Strip": 5000})
    assert wrong.startswith("Strip has a budget of 5000 bytes and takes 100; take it out")


def test_an_image_without_symbols_is_an_error(tmp_path: Path) -> None:
    program = tmp_path / "bare"
    subprocess.run(["strip", "-o", program, "/bin/true"], check=True, timeout=60)
    done = subprocess.run([sys.executable, SCRIPT, program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "no symbols of elements" in done.stderr) == (1, True)
