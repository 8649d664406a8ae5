# SPDX-License-Identifier: Apache-2.0
"""The documentation as a site: every link leads somewhere, every page is reached, and nothing is fetched from elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html

ROOT = Path(__file__).parents[2]
OF_THE_THEME = {"404.html", "search.html"}


def built(tree: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(tree / "docs" / "build_site.py"), "--folder", str(folder)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = built(ROOT, folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "site"


def pages(site: Path) -> Iterator[tuple[Path, html.HtmlElement]]:
    for path in sorted(site.rglob("*.html")):
        if path.name not in OF_THE_THEME:
            yield path, html.fromstring(path.read_bytes())


def test_every_page_is_reached_from_the_first(site: Path) -> None:
    links = {
        path: {
            (path.parent / link.partition("#")[0]).resolve() for link in page.xpath("//a/@href") if "://" not in link
        }
        for path, page in pages(site)
    }
    reached: set[Path] = set()
    waiting = [site / "index.html"]
    while waiting:
        path = waiting.pop()
        if path in links and path not in reached:
            reached.add(path)
            waiting += [to / "index.html" if to.is_dir() else to for to in links[path]]
    assert links.keys() - reached == set()
    assert len(reached) > 100


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for path, page in pages(site):
        fetched = [*page.xpath("//@src"), *page.xpath("//link/@href")]
        assert [address for address in fetched if "//" in address] == [], path


def test_a_word_is_found_by_the_search(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text())
    assert any("make-before-break" in entry["text"] for entry in index["docs"])


def test_a_link_that_leads_nowhere_is_said_with_its_page(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in ("docs", "LICENSES", "examples", "inventory"):
        shutil.copytree(ROOT / name, tree / name)
    for name in ("mkdocs.yml", "README.md"):
        shutil.copy(ROOT / name, tree)
    with (tree / "docs" / "walls.md").open("a") as page:
        page.write("\n[nowhere](nowhere.md) and [no such part](paths.md#nowhere)\n")
    done = built(tree, tmp_path)
    assert done.returncode == 1
    first, second, last = done.stderr.splitlines()
    assert "'docs/walls.md' contains a link 'nowhere.md'" in first
    assert "'docs/walls.md' contains a link 'paths.md#nowhere'" in second
    assert last == "cannot build the site: Aborted with 2 warnings in strict mode!"
