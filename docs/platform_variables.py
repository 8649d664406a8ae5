# SPDX-License-Identifier: Apache-2.0
"""What an inventory says, from docs/platform_variables.yml and the options of the roles: tables of docs/platform.md, and a schema for editors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from markdown_table import table

Schema = dict[str, Any]
Options = Mapping[str, Mapping[str, Any]]

ROOT = Path(__file__).parents[1]
VARIABLES = Path(__file__).with_suffix(".yml")
PREFIXES = ("flow_switch_", "module_host_", "platform_", "monitoring_", "verification_")
"""What variables begin with that are Flowstream's alone: one of another name is misspelt."""
ROLES_OF_PLAYBOOKS = ("allocation", "guest_image", "module_migration", "processing_module")
NOT_FOR_AN_INVENTORY = re.compile(
    r"flow_switch_(cookie|flows|groups|optional|flows_\w+|fabric)\Z|module_host_(process|xen)_(pms|exclusive|configurations|allocation|"
    r"handlers|looks)\Z|verification_(plan|asks|stops|gate)\Z|platform_history_(files|of|state|plans|allocation)\Z|platform_lock_purpose\Z"
)
"""Roles, and options of others, that playbooks alone give values to."""
_MARK = re.compile(r"(<!-- variables of (\w+), written by make docs -->\n).*?(<!-- end of variables -->)", re.DOTALL)
# Ansible makes what stands in braces into the value; the editor shows a vault's text as what its tag encloses.
_TEMPLATE = {"type": "string", "pattern": r"\{\{|\{%|^\$ANSIBLE_VAULT"}
_NUMBER = r"^-?[0-9]+$"
_SIMPLE: Mapping[str, Schema] = {
    "str": {"type": ["string", "number", "boolean"]},
    "path": {"type": "string"},
    "int": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": _NUMBER}]},
    "float": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9.]+$"}]},
    "bool": {"anyOf": [{"type": "boolean"}, {"enum": ["true", "false", "yes", "no", 0, 1]}]},
    "raw": {},
}
"""The types of an argument specification, with what Ansible converts into each."""


def page_with_variables(page: str) -> str:
    """Return docs/platform.md with the tables of its groups, and of what one port and one tenant have, as they are declared."""
    declared = variables()
    tables = {
        **{group: declared[group] for group in declared if group != "all"},
        **{name: option["values"] for name, option in declared["all"].items()},
    }
    return _MARK.sub(lambda found: f"{found[1]}{_table(tables[found[2]])}{found[3]}", page)


def variables() -> Mapping[str, Options]:
    """Return the options by group."""
    read: Mapping[str, Options] = yaml.safe_load(VARIABLES.read_text())
    return read


def _table(options: Options) -> str:
    rows = [(f"`{name}`", _type(option), _default(option), " ".join(_said(option))) for name, option in options.items()]
    return table(("variable", "type", "default", "meaning"), rows)


def _said(option: Mapping[str, Any]) -> Iterable[str]:
    yield _prose(option["description"])
    for name, inner in option.get("options", {}).items():
        yield f"`{name}`: {_prose(inner['description'])}"


def _type(option: Mapping[str, Any]) -> str:
    if choices := option.get("choices"):
        return ", ".join(f"`{choice}`" for choice in choices)
    return {"str": "text", "int": "whole number", "dict": "mapping", "list": "list"}[option["type"]]


def _default(option: Mapping[str, Any]) -> str:
    default = option.get("default", "")
    return str(default) if " " in str(default) or default == "" else f"`{default}`"


def _prose(text: str) -> str:
    return re.sub(r"C\(([^)]*)\)", r"`\1`", " ".join(text.split()))


def inventory_schemas() -> dict[str, str]:
    """Return the texts of two JSON Schemas (draft 07) by file name: of an inventory in YAML, and of group_vars and host_vars, which that refers to."""
    roles = [role for role in sorted((ROOT / "roles").iterdir()) if role.name not in ROLES_OF_PLAYBOOKS]
    options = {name: option for role in roles for name, option in _of_role(role)}
    for group in variables().values():
        options |= group
    named = sorted(options)
    misspelt = f"^(?!(?:{'|'.join(named)})$)(?:{'|'.join(PREFIXES)})"
    of_hosts = {
        "type": ["object", "null"],
        "properties": {name: _value(options[name]) for name in named},
        "patternProperties": {misspelt: False},
    }
    variables_there = {"$ref": "variables.schema.json"}
    group_there = {"$ref": "#/definitions/group"}
    of_group = {
        "type": ["object", "null"],
        "properties": {
            "hosts": {"type": ["object", "null"], "additionalProperties": variables_there},
            "children": {"type": ["object", "null"], "additionalProperties": group_there},
            "vars": variables_there,
        },
        "additionalProperties": False,
    }
    of_inventory = {"type": "object", "additionalProperties": group_there, "definitions": {"group": of_group}}
    return {
        "variables.schema.json": _text("Variables of hosts and groups of Flowstream, in YAML", of_hosts),
        "inventory.schema.json": _text("Inventory of Flowstream, in YAML", of_inventory),
    }


def _text(title: str, schema: Schema) -> str:
    head = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "SPDX-License-Identifier: Apache-2.0. Written by `make docs` from docs/platform_variables.yml and the roles' options.",
        "title": title,
    }
    return json.dumps({**head, **schema}, indent=1, ensure_ascii=False) + "\n"


def _of_role(role: Path) -> Iterable[tuple[str, Mapping[str, Any]]]:
    specifications = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    for point in specifications.values():
        for name, option in point.get("options", {}).items():
            if not NOT_FOR_AN_INVENTORY.match(name):
                yield name, option


def _value(option: Mapping[str, Any]) -> Schema:
    """The schema of a value: as it is declared, or a template that becomes it."""
    described = option.get("description", "")
    text = described if isinstance(described, str) else " ".join(described)
    schema: Schema = {"description": re.sub(r"[A-Z]\(([^)]*)\)", r"\1", " ".join(text.split()))}
    shape = _shape(option)
    return schema | (shape if option.get("type", "str") in ("str", "path", "raw") else {"anyOf": [shape, _TEMPLATE]})


def _shape(option: Mapping[str, Any]) -> Schema:
    if choices := option.get("choices"):
        return {"anyOf": [{"enum": choices}, _TEMPLATE]}
    match option.get("type", "str"):
        case "list":
            inner = {"type": option.get("elements", "raw"), "options": option.get("options")}
            return {"type": "array", "items": _shape(inner)}
        case "dict" if values := option.get("values"):
            return {"type": "object", "additionalProperties": _shape({"type": "dict", "options": values})}
        case "dict" if inner := option.get("options"):
            required = [name for name, one in inner.items() if one.get("required")]
            return {
                "type": "object",
                "properties": {name: _value(one) for name, one in inner.items()},
                "additionalProperties": False,
                **({"required": required} if required else {}),
            }
        case "dict":
            return {"type": "object"}
        case simple:
            return dict(_SIMPLE[simple])
