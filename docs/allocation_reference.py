# SPDX-License-Identifier: Apache-2.0
"""The shape of allocation descriptions for editors (XML Schema) and for people, from what the types of processing declare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import ansible.module_utils
from markdown_table import table

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT / "module_utils") not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(str(ROOT / "module_utils"))

from ansible.module_utils.flowstream.allocation.document import (  # noqa: E402  after the path is known
    NETWORK,
    PORT,
    PORTS,
    Declaration,
    pm_shape,
    root_shape,
    stage_shape,
)
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape, Value  # noqa: E402

BEGIN, END = (
    "<!-- Written by `make docs` from here on; edit the declarations of the types instead. -->",
    "<!-- To here. -->",
)
SCHEMA_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!--
  The shape of an allocation description, for editors and xmllint. What it means, and what is checked beyond the shape
  (duplicates, overlaps, routes), docs/allocation.md says; deploying does not read this file.
  Written by `make docs`; edit the declarations in module_utils/flowstream/allocation and middleboxes instead.
-->
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="unqualified">
"""
UNIQUE = (("portid", "portmacmappings/portmacmapping", "portid"),
          ("switchport", "portmacmappings/portmacmapping", "switch switchport"),
          ("pmid", "pm|stage/pm", "id"))  # fmt: skip


def page_with_reference(page: str, declarations: Iterable[Declaration], stages: Iterable[Declaration] = ()) -> str:
    """Put the reference between its marks on a page."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(page):
        raise SystemExit(f"docs/allocation.md: has no marks for the reference; write {BEGIN} and {END}")
    return pattern.sub(lambda _: f"{BEGIN}\n\n{reference(declarations, stages)}\n{END}", page)


def reference(declarations: Iterable[Declaration], stages: Iterable[Declaration] = ()) -> str:
    """Return a section for each element: those of every type, and below each type its own."""
    declared, standing = list(declarations), list(stages)
    generic = [PORTS, PORT, pm_shape(None), *((stage_shape(standing), NETWORK) if standing else ())]
    sections = [section(shape, "###") for shape in (root_shape(declared, standing), *generic)]
    for declaration in declared:
        sections.append(f"### Type `{declaration.type}`\n\n{declaration.text} {contents(pm_shape(declaration))}\n")
        sections += [section(shape, "####") for shape in declaration.shapes]
    shown = {shape.name for declaration in declared for shape in declaration.shapes}
    for declaration in standing:
        heading = f"### Type of stages `{declaration.type}`\n\n{declaration.text}"
        if declaration.attributes:
            rows = table(("attribute", "value", "meaning"), [attribute_row(one) for one in declaration.attributes])
            sections.append(f"{heading} Its `stage` holds no `pm`, but says besides:\n\n{rows}")
            continue
        sections.append(f"{heading} {contents(pm_shape(declaration, in_stage=True))}\n")
        sections += [section(shape, "####") for shape in declaration.shapes if shape.name not in shown]
    return "\n".join(sections)


def section(shape: Shape, heading: str) -> str:
    text = " ".join(part for part in (shape.text, contents(shape)) if part)
    parts = [f"{heading} `{shape.name}`\n", f"{text}\n"]
    if shape.attributes:
        parts.append(table(("attribute", "value", "meaning"), [attribute_row(one) for one in shape.attributes]))
    return "\n".join(parts)


def contents(shape: Shape) -> str:
    """Say which elements stand inside."""
    inside = [
        *(f"one `{name}`" for name in shape.single),
        *(f"at least one `{name}`" for name in shape.repeated),
        *(f"any number of `{name}`" for name in shape.optional),
    ]
    return f"Holds {' and '.join(inside)}." if inside else ""


def attribute_row(attribute: Attribute) -> tuple[str, str, str]:
    name = f"**`{attribute.name}`**" if attribute.missing else f"`{attribute.name}`"
    return name, attribute.value.text, attribute.meaning


def schema(declarations: Iterable[Declaration], stages: Iterable[Declaration] = ()) -> str:
    """Return the whole schema. A pm may hold the elements of any type: which, XML Schema 1.0 cannot say by an attribute."""
    declared, standing = list(declarations), list(stages)
    top = root_shape(declared, standing)
    generic = [PORTS, PORT, *((stage_shape(standing), NETWORK) if standing else ())]
    shapes: dict[str, Shape] = {}
    for shape in (*generic, *(one for each in (*declared, *standing) for one in each.shapes)):
        if shapes.setdefault(shape.name, shape) != shape:
            raise SystemExit(f"two types declare <{shape.name}> differently; give one another name")
    modules = [pm_shape(each) for each in declared] + [
        pm_shape(each, in_stage=True) for each in standing if not each.attributes
    ]
    lines = [
        '  <xs:element name="allocationdescription">',
        *indented(complex_type([top])),
        *map(unique, UNIQUE),
        "  </xs:element>",
    ]
    kinds = {name: [shape] for name, shape in shapes.items()}
    if standing:
        kinds["stage"] += [stage_shape(standing, each) for each in standing if each.attributes]
    for name, same in [("pm", modules), *kinds.items()]:
        lines += ["", *complex_type(same, name)]
    for value in values([top, modules[0], *(shape for same in kinds.values() for shape in same)]):
        lines += ["", *simple_type(value)]
    return SCHEMA_HEAD + "\n" + "\n".join(lines) + "\n</xs:schema>\n"


def complex_type(shapes: list[Shape], name: str = "") -> list[str]:
    """One type for elements of one name, whose content and attributes are those of any of the shapes."""
    children = list(dict.fromkeys(child for shape in shapes for child in shape.children))
    lines = [f'  <xs:complexType name="{name}">' if name else "  <xs:complexType>"]
    first = shapes[0]
    if len(children) == 1 and first.repeated:
        most = "unbounded" if first.most is None else first.most
        least = "" if all(shape.repeated for shape in shapes) else ' minOccurs="0"'
        lines += [
            "    <xs:sequence>",
            f'      <xs:element name="{children[0]}" type="{children[0]}"{least} maxOccurs="{most}"/>',
            "    </xs:sequence>",
        ]
    elif children:
        fewest = min(len(shape.single) + len(shape.repeated) for shape in shapes)
        lines += [
            f'    <xs:choice minOccurs="{fewest}" maxOccurs="unbounded">',
            *(f'      <xs:element name="{child}" type="{child}"/>' for child in children),
            "    </xs:choice>",
        ]
    for attribute in dict.fromkeys(one for shape in shapes for one in shape.attributes):
        use = ' use="required"' if attribute.missing and all(attribute in shape.attributes for shape in shapes) else ""
        lines.append(f'    <xs:attribute name="{attribute.name}" type="{attribute.value.name}"{use}/>')
    return [*lines, "  </xs:complexType>"]


def unique(rule: tuple[str, str, str]) -> str:
    """What tells elements apart by these attributes together; it asks nothing of elements that lack one of them."""
    name, selector, fields = rule
    told = "".join(f'      <xs:field xpath="@{field}"/>\n' for field in fields.split())
    return f'    <xs:unique name="{name}">\n      <xs:selector xpath="{selector}"/>\n{told}    </xs:unique>'


def values(shapes: Iterable[Shape]) -> Iterator[Value]:
    """Yield each value that is no type of the schema language, once; one name has one meaning."""
    found: dict[str, Value] = {}
    for shape in shapes:
        for attribute in shape.attributes:
            for value in (attribute.value, attribute.value.items):
                if value is None or value.name.startswith("xs:"):
                    continue
                if found.setdefault(value.name, value) != value:
                    raise SystemExit(f"two values are called {value.name}; give each its own name")
    yield from found.values()


def simple_type(value: Value) -> list[str]:
    head = f'  <xs:simpleType name="{value.name}">'
    if value.items is not None:
        return [head, f'    <xs:list itemType="{value.items.name}"/>', "  </xs:simpleType>"]
    facets = [f'      <xs:{facet} value="{text}"/>' for facet, text in value.facets]
    return [head, f'    <xs:restriction base="{value.base}">', *facets, "    </xs:restriction>", "  </xs:simpleType>"]


def indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
