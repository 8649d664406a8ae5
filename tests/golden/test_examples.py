# SPDX-License-Identifier: Apache-2.0
"""The examples: each allocation gives, byte for byte, the files in its `expected` folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from lxml import etree

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
NAMES = sorted(folder.parent.name for folder in EXAMPLES.glob("*/allocation.*"))


def plan_of(name: str) -> Plan:
    (file,) = (EXAMPLES / name).glob("allocation.*")
    own = EXAMPLES / name / "platform.yml"
    facts = own if own.exists() else EXAMPLES / "platform.yml"
    platform = Platform.from_facts(yaml.safe_load(facts.read_text()))
    allocation = parse(file.read_bytes(), file.name).allocation
    return plan_allocation(allocation, platform, renderer(ROOT / "templates" / "click", file.parent))


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_is_the_expected_one(name: str, rewrite: bool) -> None:
    expected = EXAMPLES / name / "expected"
    files = plan_of(name).files()
    if rewrite:
        shutil.rmtree(expected, ignore_errors=True)
        for relative, text in files.items():
            (expected / relative).parent.mkdir(parents=True, exist_ok=True)
            (expected / relative).write_text(text)
    found = {path.relative_to(expected).as_posix(): path.read_text() for path in expected.rglob("*") if path.is_file()}
    assert found == files


@pytest.mark.parametrize("name", NAMES)
def test_planning_twice_gives_the_same_bytes(name: str) -> None:
    assert plan_of(name).files() == plan_of(name).files()


@pytest.mark.parametrize("name", NAMES)
def test_each_entry_group_and_module_says_why_it_is_there(name: str) -> None:
    plan = plan_of(name)
    entries = [entry for bridge in plan.bridges().values() for entry in (*bridge.flows, *bridge.groups)]
    modules = [pm for host in plan.hosts.values() for pm in host.pms]
    assert [str(one) for one in (*entries, *modules) if not one.why] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_reads_back_as_it_was(name: str) -> None:
    plan = plan_of(name)
    assert Plan.from_json(plan.to_json()) == plan


def test_yaml_and_xml_of_one_allocation_differ_only_in_the_digest_of_the_source() -> None:
    xml, yml = (json.loads(plan_of(name).to_json()) for name in ("felipeiprouter", "felipeiprouter-yaml"))
    assert xml["allocation"].pop("sha256") != yml["allocation"].pop("sha256")
    assert xml == yml


def test_the_file_of_the_seed_is_untouched_and_has_nothing_to_warn_of() -> None:
    data = (EXAMPLES / "felipeiprouter" / "allocation.xml").read_bytes()
    parsed = parse(data, "allocation.xml")
    assert parsed.allocation.sha256 == "e8eab1c28a773c4b2921e93f2d46bd03b0cec33382751dd74f68ed7895a864f7"
    assert parsed.warnings == ()


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*/allocation.xml")), ids=lambda file: file.parent.name)
def test_the_schema_accepts_every_example(file: Path) -> None:
    schema = etree.XMLSchema(etree.parse(ROOT / "schemas" / "allocation.xsd"))
    schema.assertValid(etree.parse(file))
