#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the reference pages of docs/ from what they describe, or say which of them have drifted from it.

Sources: the documentation of the modules in library/ (through ansible-doc), the docstrings of the filters, of which what
ansible-doc says of them is written, the argument specifications of the roles, the doc blocks of the engine's elements, the
catalogue of wrong inputs in examples/errors/, and what the types of processing declare of their part of an allocation, of
which the schema for editors is written too, with their examples and the pictures of these.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from allocation_reference import page_with_reference, schema
from element_page import ElementDoc, parse_block
from example_pictures import file_of
from filter_docs import filter_files
from markdown_table import table
from metrics_page import page_with_metrics
from platform_variables import inventory_schemas, page_with_variables
from support_matrix import page_with_matrix
from type_pages import pages as pages_of_types
from type_pages import pictures

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "clickos"))

import element_docs  # noqa: E402  what `click --doc` is made with
from allocation_json_schema import experiment_schema, json_schema  # noqa: E402  allocation_reference knows the path of what it imports
from ansible.module_utils.flowstream.allocation.device import DEVICE  # noqa: E402
from ansible.module_utils.flowstream.planner.types import STAGES, TYPES  # noqa: E402

DOCS = ROOT / "docs"
NOTICE = "<!-- SPDX-License-Identifier: Apache-2.0 -->\n<!-- Written by `make docs`; edit {source} instead. -->\n"

Pages = dict[Path, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is not what it would be")
    check = parser.parse_args().check
    pages = all_pages()
    drifted = [path for path, text in pages.items() if not path.exists() or path.read_text() != text]
    stale = [path for path in generated_pages() if path not in pages]
    if check:
        for path in drifted + stale:
            print(f"{path.relative_to(ROOT)}: has drifted from its source; run make docs", file=sys.stderr)
        return 1 if drifted or stale else 0
    for path in drifted:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[path])
        print(f"wrote {path.relative_to(ROOT)}")
    for path in stale:
        path.unlink()
        print(f"removed {path.relative_to(ROOT)}")
    return 0


def all_pages() -> Pages:
    return {
        **module_pages(),
        **role_pages(),
        **element_pages(),
        **error_pages(),
        **allocation_pages(),
        **type_pages(),
        **picture_files(),
        **support_pages(),
        **metrics_pages(),
        **platform_pages(),
        **filter_files(),
    }


def generated_pages() -> Iterator[Path]:
    """Yield the pages that are there and say of themselves that they were generated."""
    marker = "Written by `make docs`"
    for path in sorted([*DOCS.glob("**/*.md"), *DOCS.glob("pictures/*.svg"), *(ROOT / "filter_plugins").glob("*.yml")]):
        if marker in path.read_text()[:200]:
            yield path


def type_pages() -> Pages:
    notice = NOTICE.format(source="the type in module_utils/flowstream/middleboxes/, or its example")
    return {DOCS / "types" / f"{word}.md": f"{notice}{text}" for word, text in pages_of_types()}


def support_pages() -> Pages:
    page = DOCS / "support.md"
    return {page: page_with_matrix(page.read_text())}


def metrics_pages() -> Pages:
    page = DOCS / "monitoring.md"
    return {page: page_with_metrics(page.read_text())}


def platform_pages() -> Pages:
    page = DOCS / "platform.md"
    schemas = {ROOT / "schemas" / name: text for name, text in inventory_schemas().items()}
    return {page: page_with_variables(page.read_text()), **schemas}


def picture_files() -> Pages:
    files = {DOCS / "pictures" / f"{name}.svg": text for name, text in pictures()}
    return {path: file_of(path, text) for path, text in files.items()}


# Modules


def module_pages() -> Pages:
    names = sorted(path.stem for path in (ROOT / "library").glob("*.py"))
    if not names:
        return {}
    ansible_doc = str(Path(sys.executable).with_name("ansible-doc"))
    done = subprocess.run(
        [ansible_doc, "--type", "module", "--json", *names], cwd=ROOT, check=True, capture_output=True, text=True
    )
    documented = json.loads(done.stdout)
    pages = {DOCS / "modules" / f"{name}.md": module_page(name, documented[name]) for name in names}
    rows = [(f"[{name}]({name}.md)", prose(documented[name]["doc"]["short_description"])) for name in names]
    pages[DOCS / "modules" / "README.md"] = (
        NOTICE.format(source="the modules in library/") + "# Modules\n\n" + table(("module", "what it does"), rows)
    )
    return pages


def module_page(name: str, documented: Mapping[str, Any]) -> str:
    doc = documented["doc"]
    parts = [
        NOTICE.format(source=f"library/{name}.py"),
        f"# {name}\n\n{prose(doc['short_description'])}.\n",
        paragraphs(doc["description"]),
    ]
    if doc.get("options"):
        parts.append("## Options\n\n" + options_table(doc["options"]))
    if doc.get("attributes"):
        rows = [
            (f"`{key}`", str(value.get("support", "")), prose(sentence(value.get("description", ""))))
            for key, value in sorted(doc["attributes"].items())
        ]
        parts.append("## Attributes\n\n" + table(("attribute", "support", "meaning"), rows))
    if doc.get("notes"):
        parts.append("## Notes\n\n" + "".join(f"- {prose(note)}\n" for note in doc["notes"]))
    parts.append(f"## Examples\n\n```yaml\n{documented['examples'].strip()}\n```\n")
    if documented.get("return"):
        parts.append("## Returned\n\n" + returns_table(documented["return"]))
    return "\n".join(parts)


def options_table(options: Mapping[str, Any], prefix: str = "") -> str:
    rows = list(option_rows(options, prefix))
    return table(("option", "type", "default", "meaning"), rows)


def option_rows(options: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, str, str]]:
    for name, option in sorted(options.items(), key=lambda item: (not item[1].get("required", False), item[0])):
        kind = option.get("type", "str")
        if kind == "list":
            kind = f"list of {option.get('elements', 'any')}"
        default = "**required**" if option.get("required") else shown(option.get("default"))
        meaning = prose(sentence(option.get("description", "")))
        if option.get("choices"):
            meaning += " One of " + ", ".join(shown(choice) for choice in option["choices"]) + "."
        yield f"`{prefix}{name}`", kind, default, meaning
        inner = option.get("suboptions") or option.get("options")
        if inner:
            yield from option_rows(inner, f"{prefix}{name}.")


def returns_table(returned: Mapping[str, Any], prefix: str = "") -> str:
    return table(("key", "type", "when", "meaning", "for example"), list(return_rows(returned, prefix)))


def return_rows(returned: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, str, str, str]]:
    for name, value in returned.items():
        sample = shown(value.get("sample")) if "sample" in value else ""
        yield (
            f"`{prefix}{name}`",
            value.get("type", ""),
            prose(sentence(value.get("returned", ""))),
            prose(sentence(value.get("description", ""))),
            sample,
        )
        if value.get("contains"):
            yield from return_rows(value["contains"], f"{prefix}{name}.")


# Roles


def role_pages() -> Pages:
    pages: Pages = {}
    rows = []
    for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml")):
        role = path.parts[-3]
        specs = yaml.safe_load(path.read_text())["argument_specs"]
        pages[DOCS / "roles" / f"{role}.md"] = role_page(role, specs)
        rows.append((f"[{role}]({role}.md)", "; ".join(prose(spec["short_description"]) for spec in specs.values())))
    if rows:
        pages[DOCS / "roles" / "README.md"] = (
            NOTICE.format(source="the roles' meta/argument_specs.yml")
            + "# Roles\n\n"
            + table(("role", "what it does"), rows)
        )
    return pages


def role_page(role: str, specs: Mapping[str, Any]) -> str:
    parts = [NOTICE.format(source=f"roles/{role}/meta/argument_specs.yml") + f"# {role}\n"]
    for entry, spec in specs.items():
        if entry != "main":
            parts.append(f"## Entry point `{entry}`\n")
        parts.append(f"{prose(spec['short_description']).rstrip('.')}.\n")
        parts.append(paragraphs(spec.get("description", [])))
        if spec.get("options"):
            parts.append(options_table(spec["options"]))
    return "\n".join(part for part in parts if part)


# Elements


def element_pages() -> Pages:
    engine = ROOT / "clickos"
    docs = []
    for path, classes in element_docs.read(element_docs.documented_files(engine))[0].items():
        family = path.parent.name if path.is_relative_to(engine / "elements") else "devices and control"
        blocks: dict[str, list[str]] = {}
        for name, block in classes.items():
            blocks.setdefault(block, []).append(name)
        docs += [parse_block(tuple(names), family, block) for block, names in blocks.items()]
    docs.sort(key=lambda doc: doc.names)
    families: dict[str, list[ElementDoc]] = {}
    for doc in docs:
        families.setdefault(doc.family, []).append(doc)
    count = sum(len(doc.names) for doc in docs)
    parts = [
        NOTICE.format(source="the doc blocks of the elements") + "# Elements\n",
        f"{count} elements; `click --elements` prints their names, `click --doc ELEMENT` one of these texts.\n",
    ]
    for family, members in sorted(families.items()):
        rows = [(f"[{title(doc)}](#{anchor(doc)})", doc.summary) for doc in members]
        parts.append(f"## {family}\n\n" + table(("element", "what it does"), rows))
        parts.extend(element_section(doc) for doc in members)
    return {DOCS / "elements.md": "\n".join(parts)}


def title(doc: ElementDoc) -> str:
    return ", ".join(doc.names)


def anchor(doc: ElementDoc) -> str:
    """Return the anchor that a heading gets on a rendered page."""
    return title(doc).lower().replace(",", "").replace(" ", "-")


def element_section(doc: ElementDoc) -> str:
    lines = [f"### {title(doc)}\n", fenced(doc.signature), doc.description + "\n"]
    if doc.keywords:
        lines.append(table(("argument", "meaning"), [(f"`{keyword}`", text) for keyword, text in doc.keywords]))
    if doc.remarks:
        lines.append(doc.remarks + "\n")
    if doc.handlers:
        rows = [(f"`{handler.name}`", handler.mode, handler.meaning) for handler in doc.handlers]
        lines.append(table(("handler", "mode", "meaning"), rows))
    if doc.example:
        lines.append(doc.example + "\n")
    if doc.neighbours:
        lines.append("See also " + doc.neighbours + ".\n")
    return "\n".join(lines)


# Errors


def error_pages() -> Pages:
    folder = ROOT / "examples" / "errors"
    cases = sorted(folder.glob("*.txt")) + sorted(folder.glob("*/*.txt"))
    parts = [
        NOTICE.format(source="examples/errors/") + "# Errors of an allocation\n",
        f"The {len(cases)} inputs of `examples/errors/`, each with everything that is said about it. All that is wrong is\n"
        "said at once, in the order of the file, and nothing has been touched. Those of `tenants` are right by themselves, but not on\n"
        "the platform that is described beside them; those of `rules` are files that an allocation names.\n",
    ]
    for case in cases:
        source = next((path for path in sorted(case.parent.glob(f"{case.stem}.*")) if path.suffix != ".txt"), None)
        where = f" (`{source.relative_to(ROOT)}`)" if source else ""
        parts.append(f"## {case.stem.replace('-', ' ').replace('_', ' ')}{where}\n\n{fenced(case.read_text())}")
    return {DOCS / "errors.md": "\n".join(parts)}


def allocation_pages() -> Pages:
    page = DOCS / "allocation.md"
    declarations = [known.declaration for known in TYPES.values()]
    stages = [*(known.declaration for known in STAGES.values()), DEVICE]
    return {
        page: page_with_reference(page.read_text(), declarations, stages),
        ROOT / "schemas" / "allocation.xsd": schema(declarations, stages),
        ROOT / "schemas" / "allocation.schema.json": json_schema(declarations, stages),
        ROOT / "schemas" / "experiment.schema.json": experiment_schema(),
    }


# Markdown


def fenced(text: str, language: str = "") -> str:
    return f"```{language}\n{text.strip(chr(10))}\n```\n"


def paragraphs(text: str | list[str]) -> str:
    items = [text] if isinstance(text, str) else text
    return "\n".join(prose(item) + "\n" for item in items)


def sentence(text: str | list[str]) -> str:
    return text if isinstance(text, str) else " ".join(text)


def shown(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`{text}`" if text else "empty"


def prose(text: str) -> str:
    """Spell Ansible's markup, `C(x)` and its kin, as Markdown."""
    text = re.sub(r"\b[CVOEP]\(((?:[^()]|\([^()]*\))*)\)", r"`\1`", text)
    text = re.sub(r"\bRV\(((?:[^()]|\([^()]*\))*)\)", r"`\1`", text)
    text = re.sub(r"\bB\(([^)]*)\)", r"**\1**", text)
    text = re.sub(r"\bI\(([^)]*)\)", r"*\1*", text)
    text = re.sub(r"\bM\(([^)]*)\)", r"`\1`", text)
    text = re.sub(r"\bL\(([^,)]*),\s*([^)]*)\)", r"[\1](\2)", text)
    text = re.sub(r"\bU\(([^)]*)\)", r"<\1>", text)
    return re.sub(r"(`[^`]*`)|<(?!http)", lambda match: match[1] or "&lt;", text)


if __name__ == "__main__":
    sys.exit(main())
