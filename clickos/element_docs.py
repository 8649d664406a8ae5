#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn the doc comment of each element file into the C++ table behind `click --doc`.

A doc comment is the block that begins with `/*` and a line `=c`; the words in front of the parentheses or line ends
below `=c` are the classes that it documents (see Click's element documentation for the markers).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

DOC_COMMENT = re.compile(r"/\*\s*\n?(=c\b.*?)\*/", re.DOTALL)
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


def main(paths: list[str]) -> int:
    docs: dict[str, str] = {}
    homes: dict[str, str] = {}
    faults = []
    for path in sorted(paths):
        source = Path(path).read_text(encoding="utf-8")
        here = documented_classes(source)
        docs.update(here)
        for name in REGISTRATION.findall(source):
            if name not in here:
                faults.append(f"{path}: {name} has no =c doc comment")
            if homes.setdefault(name, path) != path:
                faults.append(f"{path}: {name} is registered in {homes[name]} too; keep one")
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
