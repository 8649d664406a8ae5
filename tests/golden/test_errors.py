# SPDX-License-Identifier: Apache-2.0
"""The catalogue of wrong allocations: each file in examples/errors gives the whole text beside it, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.planner.parser import parse

ERRORS = Path(__file__).parents[2] / "examples" / "errors"
CASES = sorted(path for path in ERRORS.iterdir() if path.suffix != ".txt")


def answer(data: bytes, name: str) -> str:
    """What an operator sees: the errors, or else the warnings."""
    try:
        return "".join(f"{warning}\n" for warning in parse(data, name).warnings)
    except FlowstreamError as error:
        return "".join(f"{message}\n" for message in error.messages)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_message_is_the_expected_one(case: Path, rewrite: bool) -> None:
    found = answer(case.read_bytes(), case.name)
    expected = case.with_suffix(".txt")
    if rewrite:
        expected.write_text(found)
    assert found == expected.read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_message_names_file_and_line_and_says_what_to_do(case: Path) -> None:
    messages = case.with_suffix(".txt").read_text().splitlines()
    assert messages
    lines = []
    for message in messages:
        file, line, rest = message.split(":", 2)
        assert file == case.name
        assert "; " in rest
        lines.append(int(line))
    assert lines == sorted(lines)
    assert 1 <= lines[-1] <= max(1, case.read_bytes().count(b"\n"))


def test_the_catalogue_has_at_least_forty_cases_and_no_message_without_one() -> None:
    assert len(CASES) >= 40
    assert {path.stem for path in ERRORS.glob("*.txt")} == {case.stem for case in CASES}


def test_xml_and_yaml_say_the_same_of_the_same_mistakes() -> None:
    def texts(name: str) -> list[str]:
        return [line.split(":", 2)[2] for line in (ERRORS / f"{name}.txt").read_text().splitlines()]

    assert sorted(texts("several-errors")) == sorted(
        text.replace("line 12", "line 7") for text in texts("yaml-several-errors")
    )
