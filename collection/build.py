# SPDX-License-Identifier: Apache-2.0
"""This tree as an Ansible collection: `python collection/build.py FOLDER` leaves it as FOLDER/ansible_collections/flowstream/platform.

Plugins move to where a collection has them, and whatever names one of them gets the collection's name before it. Roles and
playbooks keep the names of roles: Ansible looks for those in the collection that asks.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAME = "flowstream.platform"
PLACES = {
    "library": "plugins/modules",
    "module_utils": "plugins/module_utils",
    "doc_fragments": "plugins/doc_fragments",
    "action_plugins": "plugins/action",
    "filter_plugins": "plugins/filter",
    "collection/galaxy.yml": "galaxy.yml",
    "collection/meta": "meta",
    "README.md": "README.md",
    "examples": "examples",
    "examples/errors": "",
    "requirements.txt": "requirements.txt",
} | {
    name: name
    for name in (
        "LICENSES",
        "changelogs",
        "clickos",
        "docs",
        "domain_builder",
        "experiments",
        "inventory",
        "playbooks",
        "roles",
        "schemas",
        "templates",
    )
}
"""What of the tree goes into the collection, and where to; nowhere where that is empty."""

_NAMED = {"plugins", "playbooks", "roles", "templates"}
_NAMED_SUFFIXES = {".py", ".yml", ".j2"}
_PLAYBOOKS = Path("playbooks")
_UTILS = "module_utils.flowstream"
_IGNORED = "ignore-2.19.txt"
_PROGRAM = b"#!/usr/bin/env python3"
# A collection's plugins import each other by the collection's name; only those of a tree have to say where they are.
_PATH = re.compile(r"# Ansible finds module_utils/.*?append\(_MODULE_UTILS\)\n\n", re.DOTALL)
_NOT_FIRST = re.compile(r"  # noqa: E402.*")


def build(folder: Path) -> Path:
    """Write the collection below a folder, in place of an earlier one, and return its root."""
    root = folder.joinpath("ansible_collections", *NAME.split("."))
    if root.exists():
        shutil.rmtree(root)
    words = _Words(
        modules=_stems("library"), fragments=_stems("doc_fragments"), filters=_stems("filter_plugins", ".yml")
    )
    for source in _tracked():
        target = _place(source)
        if target is None:
            continue
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / source, root / target)
        if target.parts[0] in _NAMED and target.suffix in _NAMED_SUFFIXES:
            (root / target).write_text(words.named(target, (ROOT / source).read_text()))
    (root / "tests/sanity").mkdir(parents=True, exist_ok=True)
    (root / "tests/sanity" / _IGNORED).write_text("".join(f"{line}\n" for line in _ignored(root)))
    return root


def _ignored(root: Path) -> list[str]:
    """What of Ansible's sanity tests is not for this collection, as lines of an ignore file."""
    modules = sorted(path.relative_to(root) for path in root.glob("plugins/modules/*.py"))
    licences = [f"{path} validate-modules:missing-gplv3-license  # Apache-2.0" for path in modules]
    programs = sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file() and _is_program(path))
    shebangs = [f"{path} shebang  # a program that is run by its name" for path in programs]
    return [*licences, *shebangs, *(ROOT / "collection" / _IGNORED).read_text().splitlines()]


def _is_program(path: Path) -> bool:
    with path.open("rb") as file:
        return file.readline().startswith(_PROGRAM)


class _Words:
    """The names of this tree's plugins, and what they are in a collection."""

    def __init__(self, modules: Iterable[str], fragments: Iterable[str], filters: Iterable[str]) -> None:
        module, fragment = "|".join(sorted(modules)), "|".join(sorted(fragments))
        self._python = (
            (re.compile(r"\bansible\.module_utils\.flowstream\b"), f"ansible_collections.{NAME}.plugins.{_UTILS}"),
            (re.compile(rf'(_execute_module\(")({module})"'), rf'\1{NAME}.\2"'),
            (
                re.compile(rf"^(  - |extends_documentation_fragment: )((?:{fragment})(?:\.\w+)?)$", re.MULTILINE),
                rf"\1{NAME}.\2",
            ),
            (re.compile(r"^(author:\n  - Flowstream)$", re.MULTILINE), r"\1 (!UNKNOWN)"),
            (re.compile(rf"^(  - module: )({module})$", re.MULTILINE), rf"\1{NAME}.\2"),
        )
        self._all = (
            (re.compile(rf"\bM\(({module})\)"), rf"M({NAME}.\1)"),
            (re.compile(rf"^( *(?:- )?)({module}):(?=$| \{{)", re.MULTILINE), rf"\1{NAME}.\2:"),
            (re.compile(r"(import_playbook: \w+)-(\w+\.yml)"), r"\1_\2"),
            (re.compile(rf"(\| |map\(')({'|'.join(sorted(filters))})\b"), rf"\1{NAME}.\2"),
        )

    def named(self, path: Path, text: str) -> str:
        """Return the text of a file with the collection's name before those of its plugins."""
        if path.suffix == ".py":
            text = _NOT_FIRST.sub("", _PATH.sub("", text))
        for pattern, instead in (*(self._python if path.suffix == ".py" else ()), *self._all):
            text = pattern.sub(instead, text)
        return text


def _place(source: Path) -> Path | None:
    part = next((part for part in (source, *source.parents) if str(part) in PLACES), None)
    if part is None or not PLACES[str(part)]:
        return None
    target = Path(PLACES[str(part)], source.relative_to(part))
    # The names of a collection's playbooks are identifiers.
    return target.with_name(target.name.replace("-", "_")) if part == _PLAYBOOKS else target


def _stems(folder: str, suffix: str = ".py") -> set[str]:
    return {path.stem for path in (ROOT / folder).glob(f"*{suffix}")}


def _tracked() -> list[Path]:
    """What is in the tree, without what was built in it."""
    argv = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for path in map(Path, listed.split("\0")) if path.name and (ROOT / path).is_file()]


def main() -> None:
    """Build what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    print(build(parser.parse_args().folder))


if __name__ == "__main__":
    main()
