# SPDX-License-Identifier: Apache-2.0
"""The exporter as one file that Python runs: what its two parts import of this tree, and nothing else. Pure."""

from __future__ import annotations

import ast
import importlib.util
import io
import marshal
import zipfile
from collections.abc import Callable, Iterator

CORE = __name__.removesuffix(".metrics.archive")
"""The name that the core has where this runs."""
PARTS = {"answer": "metrics.answer", "read": "metrics.exporter"}
_MAIN = """\
# SPDX-License-Identifier: Apache-2.0
import sys

if sys.argv[1] == "answer":
    from {core}.metrics.answer import main
else:
    from {core}.metrics.exporter import main
main()
"""
_UNCHECKED_HASH = 1
_EPOCH = (1980, 1, 1, 0, 0, 0)

Source = Callable[[str], str | None]
"""The text of a file by its dotted name below the core; None when there is none."""


def imported(text: str, core: str = CORE) -> Iterator[str]:
    """Yield the names below the core that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{core}."):
            yield (node.module or "").removeprefix(f"{core}.")


def closure(source: Source, core: str = CORE) -> dict[str, str]:
    """All files that the parts need, by dotted name."""
    found: dict[str, str] = {}
    waiting = list(PARTS.values())
    while waiting:
        name = waiting.pop()
        text = None if name in found else source(name)
        if text is not None:
            found[name] = text
            waiting += imported(text, core)
    return dict(sorted(found.items()))


def compiled(text: str, name: str) -> bytes:
    """A file for the Python that runs this; any other reads the text. See PEP 552 for the head."""
    code = compile(text, name, "exec", dont_inherit=True)
    head = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH.to_bytes(4, "little")
    return head + importlib.util.source_hash(text.encode()) + marshal.dumps(code)


def archive(source: Source, core: str = CORE) -> bytes:
    """The file; the same bytes for the same tree."""
    files = {f"{core}.{name}".replace(".", "/"): text for name, text in closure(source, core).items()}
    packages = {"/".join(path.split("/")[:depth]) for path in files for depth in range(1, path.count("/") + 1)}
    files |= {f"{package}/__init__": "" for package in packages}
    files["__main__"] = _MAIN.format(core=core)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, text in sorted(files.items()):
            packed.writestr(zipfile.ZipInfo(f"{path}.py", _EPOCH), text)
            packed.writestr(zipfile.ZipInfo(f"{path}.pyc", _EPOCH), compiled(text, f"{path}.py"))
    return whole.getvalue()
