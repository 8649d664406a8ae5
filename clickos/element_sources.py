#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print the source files of the elements that a guest image is to have, one a line, sorted.

The elements are given by class (--elements) or are those that a configuration uses (--configuration). A file registers
its classes with CLICK_ELEMENT, or with an ElementClass of its own; a class that it looks up by name with
find_element_class comes along. What it needs by symbol is the linker's business.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

REGISTRATION = re.compile(r'^CLICK_ELEMENT\((\w+)\)|\bElementClass \w+\{"(\w+)"', re.MULTILINE)
LOOKUP = re.compile(r'\bfind_element_class\("(\w+)"\)')

# What a configuration has beside names; a string or a comment may hold any of the others.
TOKEN = re.compile(
    r"""(?P<space> //[^\n]* | /\*.*?\*/ | \#[^\n]* | \s+)
      | (?P<string> "(?:[^"\\]|\\.)*" | '[^']*')
      | (?P<name> [A-Za-z_@][\w@/]*)
      | (?P<mark> :: | -> | => | .)""",
    re.DOTALL | re.VERBOSE,
)
KEYWORDS = {"elementclass", "define", "provide", "require", "input", "output"}


class UnknownClassError(Exception):
    """A class that no source file registers."""


def registered_classes(sources: Mapping[str, str]) -> dict[str, str]:
    """Class -> the path of the file that registers it."""
    return {plain or own: path for path, text in sorted(sources.items()) for plain, own in REGISTRATION.findall(text)}


def used_classes(text: str) -> dict[str, int]:
    """Class -> the line of its first use in a configuration: each name that is not declared in it, as Click has it."""
    names: dict[str, int] = {}
    declared: set[str] = set()
    listed: list[str] = []
    depth = 0
    before = ""
    for match in TOKEN.finditer(text):
        token = match.group()
        if match["space"]:
            continue
        if token in ("(", "["):
            depth += 1
        elif token in (")", "]"):
            depth -= 1
        elif depth == 0 and match["name"] and before != "$":
            if before == "elementclass":
                declared.add(token)
            elif token not in KEYWORDS:
                names.setdefault(token, text.count("\n", 0, match.start()) + 1)
            listed = [*listed, token] if before == "," else [token]
        elif depth == 0 and match["mark"] == "::":
            declared.update(listed)
        if depth == 0 and token not in (")", "]"):
            before = token
    return {name: line for name, line in names.items() if name not in declared}


def sources_of(wanted: Mapping[str, str], sources: Mapping[str, str]) -> list[str]:
    """Return the files of the wanted classes (class -> where it is wanted) and of those that they look up."""
    registered = registered_classes(sources)
    unknown = [
        f"{where}: element class is not in the engine, got {name}; `click --elements` lists those that are"
        for name, where in wanted.items()
        if name not in registered
    ]
    if unknown:
        raise UnknownClassError("\n".join(unknown))
    files: set[str] = set()
    left = list(wanted)
    while left:
        path = registered[left.pop()]
        if path not in files:
            files.add(path)
            left += LOOKUP.findall(sources[path])
    return sorted(files)


def main(arguments: Iterable[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--elements", metavar="'A B C'", help="element classes")
    which.add_argument("--configuration", type=Path, help="a configuration in the Click language")
    parser.add_argument("sources", nargs="+", type=Path, help="every file that registers elements")
    options = parser.parse_args(list(arguments))
    if options.configuration:
        try:
            text = options.configuration.read_text(encoding="utf-8")
        except OSError as error:
            print(f"cannot read {options.configuration}: {error.strerror}", file=sys.stderr)
            return 1
        wanted = {name: f"{options.configuration}:{line}" for name, line in used_classes(text).items()}
    else:
        wanted = dict.fromkeys(options.elements.split(), "ELEMENTS")
    try:
        files = sources_of(wanted, {str(path): path.read_text(encoding="utf-8") for path in options.sources})
    except UnknownClassError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(files))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
