#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn the doc comment of each element file into the C++ table behind `click --doc`.

A doc comment is the block that begins with `/*` and a line `=c`; the words in front of the parentheses or line ends
below `=c` are the classes that it documents (see Click's element documentation for the markers).

What several classes say in the same words stands once, beside the code that they share, in a comment that begins with `/*`
and a line `=block NAME` (and may hold more blocks); a line `=use NAME` stands for the lines of that block.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

DOC_COMMENT = re.compile(r"/\*\s*\n?(=c\b.*?)\*/", re.DOTALL)
BLOCKS_COMMENT = re.compile(r"/\*\n(=block \S+\n.*?)\*/", re.DOTALL)
BLOCK = re.compile(r"^=block (\S+)\n", re.MULTILINE)
USE = re.compile(r"^=use (\S+)\n", re.MULTILINE)
CLASS_NAME = re.compile(r"^\s*([A-Z][A-Za-z0-9]*)\s*(?:\(|$)", re.MULTILINE)
REGISTRATION = re.compile(r"^CLICK_ELEMENT\((\w+)\)", re.MULTILINE)


def documented_classes(source: str) -> dict[str, str]:
    """Class name -> doc text of one element file."""
    docs: dict[str, str] = {}
    for match in DOC_COMMENT.finditer(source):
        text = match.group(1).strip() + "\n"
        signature = re.split(r"^=[a-bd-z]", text, maxsplit=1, flags=re.MULTILINE)[0]
        for name in CLASS_NAME.findall(signature):
            docs[name] = text
    return docs


class Blocks:
    """The shared parts of doc comments by their names, and what is wrong with them."""

    def __init__(self, sources: dict[Path, str]) -> None:
        self.faults: list[str] = []
        self._texts: dict[str, str] = {}
        self._homes: dict[str, Path] = {}
        self._used: set[str] = set()
        for path, source in sources.items():
            for comment in BLOCKS_COMMENT.findall(source):
                parts = BLOCK.split(comment)
                for name, text in zip(parts[1::2], parts[2::2], strict=True):
                    if name in self._texts:
                        self.faults.append(f"{path}: block {name} is in {self._homes[name]} too; keep one")
                    self._texts[name] = text
                    self._homes[name] = path

    def expand(self, text: str, path: Path, around: tuple[str, ...] = ()) -> str:
        """A doc comment with its blocks in it, and with those in these."""

        def replaced(use: re.Match[str]) -> str:
            name = use.group(1)
            if name not in self._texts or name in around:
                self.faults.append(f"{path}: no block {name} to use here")
                return ""
            self._used.add(name)
            return self.expand(self._texts[name], path, (*around, name))

        return USE.sub(replaced, text)

    def unused(self) -> list[str]:
        """A fault for each block that nobody uses; all texts have been expanded."""
        return [f"{self._homes[name]}: block {name} is not used; remove it" for name in self._texts.keys() - self._used]


def read(paths: Iterable[Path]) -> tuple[dict[Path, dict[str, str]], list[str]]:
    """For each file, class name -> doc text with all blocks in it; and what is wrong with the blocks."""
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(paths)}
    blocks = Blocks(sources)
    docs = {
        path: {name: blocks.expand(text, path) for name, text in documented_classes(source).items()}
        for path, source in sources.items()
    }
    return docs, blocks.faults + blocks.unused()


def documented_files(engine: Path) -> Iterator[Path]:
    """Where doc comments and their blocks are."""
    for pattern in ("include/click/*.hh", "elements/*/*.[ch][ch]", "platform/linux/elements/*.cc"):
        yield from engine.glob(pattern)


def main(paths: list[str]) -> int:
    docs: dict[str, str] = {}
    homes: dict[str, Path] = {}
    faults = []
    pages, wrong_blocks = read(map(Path, paths))
    for path, here in pages.items():
        docs.update(here)
        for name in REGISTRATION.findall(path.read_text(encoding="utf-8")):
            if name not in here:
                faults.append(f"{path}: {name} has no =c doc comment")
            if homes.setdefault(name, path) != path:
                faults.append(f"{path}: {name} is registered in {homes[name]} too; keep one")
    faults += sorted(wrong_blocks)
    if faults:
        print("\n".join(faults), file=sys.stderr)
        return 1
    print('#include "platform/linux/element_docs.hh"\n')
    print("namespace click {\n")
    print("const ElementDoc kElementDocs[] = {")
    for name in sorted(docs):
        print(f"    {{{json.dumps(name)}, {json.dumps(docs[name], ensure_ascii=False)}}},")
    print("    {nullptr, nullptr},\n};\n\n}  // namespace click")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
