# SPDX-License-Identifier: Apache-2.0
"""Make nodes of XenStore what they should be, and show what is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xenstore.store import Nodes, Permission, XenStore, find_domain, wait_for

NODE_ARGUMENTS: dict[str, Any] = {
    "path": {"type": "str", "required": True},
    "domain": {"type": "str"},
    "timeout": {"type": "float", "default": 10},
}
"""The arguments of a module that names a node; the fragment xenstore_node documents them."""

_PERMISSIONS = "permissions"
"""Stands for them in a diff, where the other lines are paths."""


@dataclass(frozen=True)
class WantedNode:
    """A node that should be there, with the values that matter, its own and those below it, by absolute path.

    With `parts`, the node's children with numbers from that one on should not be there.
    """

    path: str
    values: Mapping[str, bytes]
    permissions: tuple[Permission, ...] = ()
    parts: int | None = None

    def leftovers(self, nodes: Nodes) -> list[str]:
        """The nodes of a value in parts that it has no more."""
        if self.parts is None:
            return []
        numbers = [int(name) for name in nodes.children(self.path) or () if name.isdecimal()]
        return [f"{self.path}/{number}" for number in sorted(numbers) if number >= self.parts]


def absolute_path(nodes: Nodes, path: str, domain: str | None) -> str:
    """The absolute path of one that may be relative to the folder of a domain."""
    if domain is None and not path.startswith("/"):
        raise FlowstreamError(f"path: '{path}' does not begin with '/'; give the domain to whose folder it is relative")
    if domain is not None and path.startswith("/"):
        raise FlowstreamError(f"path: '{path}' is not relative to the folder of domain {domain}")
    folder = "" if domain is None else f"{find_domain(nodes, domain).folder}/"
    return f"{folder}{path}".rstrip("/") or "/"


def wanted_node(
    path: str,
    value: str | None,
    chunk_bytes: int | None,
    values: Mapping[str, object],
    permissions: tuple[Permission, ...] = (),
) -> WantedNode:
    """The node of a module's arguments: a value, maybe in parts of `chunk_bytes`, and values by relative paths."""
    wanted = {f"{path.rstrip('/')}/{name.strip('/')}": str(below).encode() for name, below in values.items()}
    if value is None or chunk_bytes is None:
        return WantedNode(path, wanted if value is None else {path: value.encode(), **wanted}, permissions)
    if chunk_bytes < 1:
        raise FlowstreamError(f"chunk_bytes: {chunk_bytes} is below 1")
    data = value.encode()
    parts = [data[start : start + chunk_bytes] for start in range(0, len(data), chunk_bytes)]
    wanted |= {f"{path}/{number}": part for number, part in enumerate(parts)}
    return WantedNode(path, wanted, permissions, len(parts))


def converge_node(store: XenStore, wanted: WantedNode, check_mode: bool) -> dict[str, object]:
    """Make a node and what is below it as wanted, all at once; return a module's result."""

    def work(nodes: Nodes) -> dict[str, object]:
        before: dict[str, str] = {}
        after: dict[str, str] = {}
        steps: list[tuple[str, Callable[[], None]]] = []
        if nodes.read(wanted.path) is None:
            after[wanted.path] = ""
            steps.append((f"make {wanted.path}", partial(nodes.make, wanted.path)))
        if wanted.permissions:
            have = _effective_permissions(nodes, wanted.path)
            before[_PERMISSIONS] = " ".join(map(str, have))
            after[_PERMISSIONS] = " ".join(map(str, wanted.permissions))
            if have != wanted.permissions:
                text = f"set the permissions of {wanted.path}"
                steps.append((text, partial(nodes.permit, wanted.path, wanted.permissions)))
        for path, value in wanted.values.items():
            old = nodes.read(path)
            if old is not None:
                before[path] = _text(old)
            after[path] = _text(value)
            if old != value:
                steps.append((f"write {path}", partial(nodes.write, path, value)))
        for path in wanted.leftovers(nodes):
            before[path] = _text(nodes.read(path) or b"")
            steps.append((f"remove {path}", partial(nodes.remove, path)))
        return _result(steps, before, after, check_mode)

    return store.transact(work)


def remove_node(store: XenStore, path: str, check_mode: bool) -> dict[str, object]:
    """Remove a node with everything below it; return a module's result."""

    def work(nodes: Nodes) -> dict[str, object]:
        if (before := tree(nodes, path)) is None:
            return _result([], {}, {}, check_mode)
        return _result([(f"remove {path}", partial(nodes.remove, path))], before, {}, check_mode)

    return store.transact(work)


def tree(nodes: Nodes, path: str) -> dict[str, str] | None:
    """The values of a node and all below it, by path; None when it is not there."""
    value = nodes.read(path)
    if value is None:
        return None
    found = {path: _text(value)}
    for name in nodes.children(path) or ():
        found |= tree(nodes, f"{path.rstrip('/')}/{name}") or {}
    return found


def describe_node(nodes: Nodes, path: str, recurse: bool) -> dict[str, object]:
    """What a module reports of a node."""
    value = nodes.read(path)
    found = {"nodes": tree(nodes, path) or {}} if recurse else {}
    return {
        "path": path,
        "exists": value is not None,
        "value": _text(value or b""),
        "children": list(nodes.children(path) or ()),
        "permissions": [str(permission) for permission in nodes.permissions(path) or ()],
        **found,
    }


def wait_for_value(store: XenStore, path: str, pattern: str, seconds: float) -> None:
    """Wait until the value of a node contains a match of `pattern`."""
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise FlowstreamError(f"pattern: '{pattern}' is not a regular expression: {error}") from None

    def look() -> bool | None:
        value = store.read(path)
        return True if value is not None and expression.search(_text(value)) else None

    with store.watch(path) as watch:
        if not wait_for(watch, look, seconds):
            value = store.read(path)
            shown = "it is not there" if value is None else f"its value is '{_text(value)}'"
            raise FlowstreamError(f"cannot find '{pattern}' in {path}: {shown} after {seconds:g} s")


def _effective_permissions(nodes: Nodes, path: str) -> tuple[Permission, ...]:
    """The permissions of a node, or those of the folder above, which it gets when it is made."""
    while (permissions := nodes.permissions(path)) is None:
        path = path.rpartition("/")[0] or "/"
    return permissions


def _result(
    steps: Sequence[tuple[str, Callable[[], None]]],
    before: Mapping[str, str],
    after: Mapping[str, str],
    check_mode: bool,
) -> dict[str, object]:
    if not check_mode:
        for _, step in steps:
            step()
    return {
        "changed": bool(steps),
        "changes": [text for text, _ in steps],
        "diff": {"before": _lines(before), "after": _lines(after)},
    }


def _lines(values: Mapping[str, str]) -> str:
    return "".join(f"{path} = {value}\n" for path, value in values.items())


def _text(value: bytes) -> str:
    return value.decode(errors="replace")
