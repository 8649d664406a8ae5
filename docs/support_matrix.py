# SPDX-License-Identifier: Apache-2.0
"""Which type of processing is supported on which path as which kind of module, and by which tests that is known.

`live` comes from a test of booted machines that says by mark `deploys` what it has running, which that test is held to when
it ends; `model` is what the planner accepts, all of which tests/model/test_catalogue.py sends packets through; a refusal is the planner's own.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from allocation_reference import ROOT
from ansible.module_utils.flowstream.platform.drivers import PM_KINDS
from markdown_table import table

sys.path.append(str(ROOT / "tests" / "model"))

from matrix import cells, shown_by

BEGIN, END = "<!-- Written by `make docs` from here on; mark tests in tests/live instead. -->\n", "<!-- To here. -->\n"
MACHINES = {"live", "xen"}
"""The marks of tests that boot some."""


def page_with_matrix(page: str) -> str:
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{matrix()}\n{END}{after}"


def matrix() -> str:
    live = {(*shown, kind) for _, example, kind in deployed() for shown in shown_by(example)}
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for cell in cells():
        refusal = cell.refusal()
        if (cell.type, cell.path, cell.kind) in live:
            status = "live" if not refusal else f"live, and refused: {refusal}"
        else:
            status = f"refused: {refusal}" if refusal else "model"
        rows.setdefault((cell.type, cell.path), {})[cell.kind] = status
    found = [(f"`{word}`", path, *(by_kind[kind] for kind in PM_KINDS)) for (word, path), by_kind in rows.items()]
    return table(("type", "path", *(f"`{kind}`" for kind in PM_KINDS)), found)


def deployed() -> Iterator[tuple[Path, str, str]]:
    """Yield the live tests' files, with each example that one deploys, and the kind of its modules."""
    for path in sorted((ROOT / "tests" / "live").glob("test_*.py")):
        tree = ast.parse(path.read_text())
        whole = {
            node.attr
            for one in tree.body
            if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "pytestmark"
            for node in ast.walk(one.value)
            if isinstance(node, ast.Attribute)
        }
        if not whole & MACHINES:
            continue
        for test in (one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")):
            for mark in test.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.deploys":
                    (example,) = (ast.literal_eval(argument) for argument in mark.args)
                    named = {one.arg: ast.literal_eval(one.value) for one in mark.keywords}
                    yield path, example, named.get("kind", "process")
