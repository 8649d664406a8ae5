# SPDX-License-Identifier: Apache-2.0
"""The shape of an allocation description in YAML as JSON Schema (draft 07, which editors read), from the declarations of the types.

A document says its type, so that, other than in the schema for XML, a `pm` holds what its own type declares and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from ansible.module_utils.flowstream.allocation.document import (
    NETWORK,
    PORT,
    PORTS,
    Declaration,
    pm_shape,
    root_shape,
    stage_shape,
)
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape, Value
from ansible.module_utils.flowstream.experiments.description import EXPERIMENT, SHAPES

Schema = dict[str, Any]

HEAD = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "$comment": "SPDX-License-Identifier: Apache-2.0. Written by `make docs`; edit the declarations in module_utils/flowstream"
    " instead. What is checked beyond the shape, docs/allocation.md says.",
    "title": "Allocation description of Flowstream, in YAML",
}

_MOST = {"xs:unsignedByte": 255, "xs:unsignedShort": 65535}
"""The largest number of the types of XML Schema that need no facet for it."""
_NUMBERS = {"xs:positiveInteger": 1, **dict.fromkeys(_MOST, 0)}
"""The types of whole numbers, with the least of each."""


def json_schema(declarations: Iterable[Declaration], stages: Iterable[Declaration] = ()) -> str:
    """Return the whole schema, as text."""
    declared, standing = list(declarations), list(stages)
    page = _Definitions()
    root = page.element(root_shape(declared, standing), (PORTS, PORT), free=("pm", "stage"))
    root["allOf"] = [page.modules_if(each, f"pm of {each.type}", pm_shape(each)) for each in declared]
    if standing:
        stage = page.element(stage_shape(standing), (), free=("pm",))
        stage["required"].remove("pm")
        own = {one.name: page.attribute(one) for each in standing for one in each.attributes}
        stage["properties"] |= own
        stage["allOf"] = [
            page.attributes_if(each)
            if each.attributes
            else page.modules_if(
                each, f"pm of stage {each.type}", pm_shape(each, in_stage=True), NETWORK, required=["pm"], absent=own
            )
            for each in standing
        ]
        root["properties"]["stage"] = _one_or_more(stage, None)
    return json.dumps({**HEAD, **root, "definitions": page.definitions}, indent=1, ensure_ascii=False) + "\n"


def experiment_schema() -> str:
    """Return the schema of the description of an experiment, as text."""
    page = _Definitions()
    root = page.element(EXPERIMENT, SHAPES)
    head = {**HEAD, "title": "Description of an experiment of Flowstream"}
    head["$comment"] = head["$comment"].replace("docs/allocation.md", "docs/experiments.md")
    return json.dumps({**head, **root, "definitions": page.definitions}, indent=1, ensure_ascii=False) + "\n"


class _Definitions:
    """What is said once and referred to: values and elements, by name."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}

    def modules_if(
        self,
        declaration: Declaration,
        name: str,
        pm: Shape,
        *others: Shape,
        required: Sequence[str] = (),
        absent: Iterable[str] = (),
    ) -> Schema:
        """Say what a `pm` is where the type is that of a declaration, and which others are required there, or absent."""
        schema = self._refer(name, lambda: self.element(pm, (*declaration.shapes, *others)))
        properties = {"pm": _one_or_more(schema, None), **dict.fromkeys(absent, False)}
        then: Schema = {"properties": properties, **({"required": list(required)} if required else {})}
        return {"if": _is_of(declaration), "then": then}

    def attributes_if(self, declaration: Declaration) -> Schema:
        """Say that attributes stand in the place of modules where the type is that of a declaration."""
        required = [one.name for one in declaration.attributes if one.missing]
        return {"if": _is_of(declaration), "then": {"properties": {"pm": False}, "required": required}}

    def element(self, shape: Shape, shapes: Iterable[Shape], free: Iterable[str] = ()) -> Schema:
        """Return a mapping with the attributes of an element and the elements inside; `free` are said elsewhere."""
        inside = {one.name: one for one in shapes}
        properties = {one.name: self.attribute(one) for one in shape.attributes}
        for name in shape.children:
            if name in free:
                properties[name] = {}
                continue
            child = self._refer(name, partial(self.element, inside[name], inside.values()))
            properties[name] = child if name in shape.single else _one_or_more(child, shape.most)
        return {
            "type": "object",
            "description": shape.text,
            "properties": properties,
            "required": sorted([*shape.required, *shape.single, *shape.repeated]),
            "additionalProperties": False,
        }

    def attribute(self, attribute: Attribute) -> Schema:
        """Return what an attribute may be."""
        value = self._value(attribute.value)
        return {"description": f"{attribute.value.text}: {attribute.meaning}", "allOf": [value]}

    def _value(self, value: Value) -> Schema:
        if value.items is None:
            return self._refer(f"value {value.name}", lambda: _scalar(value))
        one = self._value(value.items)
        # Several of them in one text are left to Flowstream.
        return {"anyOf": [one, {"type": "array", "items": one}, {"type": "string", "pattern": r"\s"}]}

    def _refer(self, name: str, make: Callable[[], Schema]) -> Schema:
        if name not in self.definitions:
            self.definitions[name] = make()
        return {"$ref": "#/definitions/" + name.replace(" ", "%20")}


def _is_of(declaration: Declaration) -> Schema:
    return {"properties": {"type": {"const": declaration.type}}, "required": ["type"]}


def _one_or_more(schema: Schema, most: int | None) -> Schema:
    several: Schema = {"type": "array", "items": schema, "minItems": 1}
    return {"anyOf": [schema, several if most is None else {**several, "maxItems": most}]}


def _scalar(value: Value) -> Schema:
    """What one value may be. YAML takes digits for a number, and Flowstream takes both as they are written."""
    words = [text for facet, text in value.facets if facet == "enumeration"]
    if words:
        return {"enum": words}
    base = value.name if value.name in _NUMBERS else value.base
    if base in _NUMBERS:
        bounds = {facet: int(text) for facet, text in value.facets}
        least = bounds.get("minInclusive", _NUMBERS[base])
        number = {"type": "integer", "minimum": least, "maximum": bounds.get("maxInclusive", _MOST.get(base))}
        return {"anyOf": [number, {"type": "string", "pattern": "^[0-9]+$"}]}
    patterns = "|".join(text for facet, text in value.facets if facet == "pattern")
    return {"type": ["string", "number"], **({"pattern": f"^({patterns})$"} if patterns else {})}
