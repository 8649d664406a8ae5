# SPDX-License-Identifier: Apache-2.0
"""A dashboard against Grafana's own schema, as Grafana's SDK has it: classes that are generated from the schema.

The SDK reads whatever it is given: what its classes do not know it drops, and it looks at no type. So what it read is written
again and compared with what was there, and what it holds is compared with what its classes declare.
"""

from __future__ import annotations

import enum
import functools
import json
import types
import typing
from collections.abc import Iterator
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.cog.runtime import Runtime, UnknownDataquery
from grafana_foundation_sdk.models.dashboard import Dashboard, Panel

NOT_IN_SCHEMA = {"titleFormat", "textFormat"}
"""Of an annotation that Prometheus answers: the schema has what all data sources have in common, and Prometheus's `expr`."""


def faults(dashboard: dict[str, Any]) -> list[str]:
    """Return what of a dashboard Grafana's schema does not have or has otherwise, with its place; nothing for one that is right."""
    register_default_plugins()
    return list(_faults(dashboard, Dashboard, "dashboard"))


def _faults(written: dict[str, Any], kind: Any, place: str) -> Iterator[str]:
    try:
        read = kind.from_json(written)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        yield f"{place}: not a {kind.__name__}: {error}"
        return
    yield from _lost(written, json.loads(JSONEncoder().encode(read)), place)
    yield from _mistyped(read, kind, place)


def _lost(before: Any, after: Any, place: str) -> Iterator[str]:
    """What is not there any more once the SDK has read and written it."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key in after:
                yield from _lost(value, after[key], f"{place}.{key}")
            elif not (key in NOT_IN_SCHEMA and place.startswith("dashboard.annotations.list[")):
                yield f"{place}.{key}: not in the schema, got {value!r}"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _lost(one, other, f"{place}[{number}]")
    elif before != after:
        yield f"{place}: read as {after!r}, got {before!r}"


def _mistyped(value: Any, hint: Any, place: str) -> Iterator[str]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = [each for each in arguments if each is type(value)] or [
            each for each in arguments if each is not types.NoneType
        ]
        tried = [list(_mistyped(value, each, place)) for each in kinds]
        if (value is None and types.NoneType in arguments) or [] in tried:
            return
        yield from tried[0] if len(tried) == 1 else [f"{place}: not a {hint}, got {value!r}"]
    elif origin is list and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _mistyped(item, arguments[0], f"{place}[{number}]")
    elif origin is dict and isinstance(value, dict):
        for key, item in value.items():
            yield from _mistyped(item, arguments[1], f"{place}.{key}")
    elif isinstance(value, UnknownDataquery):
        yield f"{place}: a query of no data source of Grafana's, got {value.to_json()!r}"
    elif isinstance(value, dict) and hasattr(hint, "from_json"):
        yield from _faults(value, hint, place)
    elif not _is_a(value, hint, origin, arguments):
        yield f"{place}: not a {getattr(hint, '__name__', hint)}, got {value!r}"
    elif isinstance(value, Panel) and Runtime().panelcfg_config(value.type_val) is None:
        yield f"{place}: a panel of no kind of Grafana's, got {value.type_val!r}"
    elif hasattr(value, "to_json"):
        for name, declared in _declared(type(value)).items():
            yield from _mistyped(getattr(value, name), declared, f"{place}.{name}")


def _is_a(value: Any, hint: Any, origin: Any, arguments: tuple[Any, ...]) -> bool:
    if hint in (Any, object):
        return True
    if origin is typing.Literal:
        return value in arguments
    if origin is not None:
        return False
    if issubclass(hint, enum.Enum):
        return value in {member.value for member in hint}
    if hint in (int, float) and isinstance(value, bool):
        return False
    return isinstance(value, (int, float) if hint is float else hint)


@functools.cache
def _declared(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
