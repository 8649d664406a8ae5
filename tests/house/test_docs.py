# SPDX-License-Identifier: Apache-2.0
"""The generated pages of docs/ say what the code says now."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.picture.svg import draw
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run
from lxml import etree

from ..live.conftest import kinds_planned

ROOT = Path(__file__).parents[2]


def test_the_generated_pages_have_not_drifted() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.returncode == 0


def test_every_filter_is_documented() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-doc"), "--type", "filter", "--list", "--json"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    said = {name.rpartition(".")[2]: about for name, about in json.loads(done.stdout).items() if "flowstream_" in name}
    assert len(said) >= 23
    assert [name for name, about in said.items() if about == "UNDOCUMENTED"] == []


def test_every_link_between_documents_leads_somewhere() -> None:
    dangling = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                dangling.append(f"{page.relative_to(ROOT)}: {target}")
    assert dangling == []


def test_the_two_allocations_that_the_documentation_shows_are_one() -> None:
    text = (ROOT / "docs" / "allocation.md").read_text()
    shown = {language: re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL) for language in ("xml", "yaml")}
    [xml], [yaml] = shown["xml"], shown["yaml"]
    in_xml = without_lines(parse(xml.encode(), "shown.xml").allocation)
    in_yaml = without_lines(parse(yaml.encode(), "shown.yaml").allocation)
    assert in_xml == in_yaml


def without_lines(value: Any) -> Any:
    """What a model says, less where it stood in which file."""
    if is_dataclass(value):
        return {
            field.name: without_lines(getattr(value, field.name))
            for field in fields(value)
            if field.name not in {"line", "file", "sha256"}
        }
    return [without_lines(item) for item in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "pictures").glob("*.svg")), ids=lambda path: path.stem)
def test_a_picture_has_what_its_text_has_whatever_drew_it(picture: Path) -> None:
    sys.path.append(str(ROOT / "docs"))
    text = dict(import_module("type_pages").pictures())[picture.stem]
    (drawn,) = draw(local_run(COMMAND_SECONDS), [text])
    assert content(etree.fromstring(picture.read_bytes())) == content(etree.fromstring(drawn))


def content(svg: Any) -> list[tuple[str, str, str]]:
    """The ids of a picture's parts, with what they are and what stands in them; not where."""
    space = "{http://www.w3.org/2000/svg}"
    return [
        (part.get("id"), part.get("class"), " ".join(text.text for text in part.iter(f"{space}text", f"{space}title")))
        for part in svg.iter(f"{space}g")
        if part.get("class", "").startswith(("node", "edge"))
    ]


def test_every_page_of_a_type_and_every_path_shows_a_picture() -> None:
    pages = [ROOT / "docs" / "paths.md", *sorted((ROOT / "docs" / "types").glob("*.md"))]
    shown = {
        (page.parent / target).resolve()
        for page in pages
        for target in re.findall(r"!\[[^]]*\]\(([^)]*)\)", page.read_text())
    }
    assert shown == set((ROOT / "docs" / "pictures").glob("*.svg"))
    assert [page.name for page in pages if "![" not in page.read_text()] == []


def test_what_is_said_to_be_live_has_a_test_on_machines_that_is_held_to_it(tmp_path: Path) -> None:
    sys.path.append(str(ROOT / "docs"))
    found = list(import_module("support_matrix").deployed())
    assert {(example, kind) for _, example, kind in found} >= {("nat", "process"), ("felipeiprouter", "clickos")}
    matrix = (ROOT / "docs" / "support.md").read_text().partition("## Types, paths and kinds")[2]
    assert re.findall(r"^\| `nat` \| parallel by claim \| live \| model \| model \|$", matrix, re.MULTILINE)
    assert "| refused: allocationdescription: subtype of nat is unknown, got flowlb; use deterministic |" in matrix
    shutil.copytree(ROOT / "examples" / "nat" / "expected", tmp_path / "nat")
    assert kinds_planned(tmp_path, "nat") == {"process"}
