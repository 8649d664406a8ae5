# SPDX-License-Identifier: Apache-2.0
"""The catalogue of wrong allocations: each file in examples/errors gives the whole text beside it, and nothing else.

Those in `tenants` are right by themselves; what is wrong is told when they are planned for the platform beside them. So is what
files in `rules` have wrong, of which an example is made that has it in place of its own.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.platform.occupancy import Occupancy

ROOT = Path(__file__).parents[2]
ERRORS = ROOT / "examples" / "errors"
TENANTS = ERRORS / "tenants"
RULES = ERRORS / "rules"
WATCHED = ROOT / "examples" / "watched-router" / "allocation.xml"
SURROUNDINGS = TENANTS / "platform.yml"
CASES = sorted(path for path in ERRORS.rglob("*") if path.is_file() and path.suffix != ".txt" and path != SURROUNDINGS)


def answer(case: Path) -> str:
    """What an operator sees: the errors, or else the warnings."""
    try:
        if case.parent == RULES:
            source = WATCHED.read_bytes().replace(b"web.rules", case.name.encode())
            platform = Platform.from_facts(yaml.safe_load((ROOT / "examples" / "platform.yml").read_text()))
            plan_allocation(
                parse(source, WATCHED.name).allocation, platform, renderer(ROOT / "templates" / "click", RULES)
            )
            return ""
        parsed = parse(case.read_bytes(), case.name)
        if case.parent == TENANTS:
            there = yaml.safe_load(SURROUNDINGS.read_text())
            platform, occupancy = Platform.from_facts(there["platform"]), Occupancy.from_account(there["account"])
            render = renderer(ROOT / "templates" / "click")
            plan_allocation(parsed.allocation, platform, render, occupancy=occupancy)
        return "".join(f"{warning}\n" for warning in parsed.warnings)
    except FlowstreamError as error:
        return "".join(f"{message}\n" for message in error.messages)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_message_is_the_expected_one(case: Path, rewrite: bool) -> None:
    found = answer(case)
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
    assert {path.with_suffix("") for path in ERRORS.rglob("*.txt")} == {case.with_suffix("") for case in CASES}


def test_xml_and_yaml_say_the_same_of_the_same_mistakes() -> None:
    def texts(name: str) -> list[str]:
        return [line.split(":", 2)[2] for line in (ERRORS / f"{name}.txt").read_text().splitlines()]

    assert sorted(texts("several-errors")) == sorted(
        text.replace("line 12", "line 7") for text in texts("yaml-several-errors")
    )
