# SPDX-License-Identifier: Apache-2.0
"""What the preparation of a machine depends on, as one short text: another text, and it has to be prepared again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROLES = {
    "switch": ("flow_switch", "open_vswitch"),
    "process": ("module_host_process", "open_vswitch"),
    "xen": ("module_host_xen", "open_vswitch", "clickos_image", "linux_guest_image", "guest_image"),
}
"""The roles that prepare a machine; their folders count, and the inventory's variables that are named after them."""
_GENERAL = "module_host_"
_ENGINE_FOLDERS = ("core", "elements", "include", "lang", "lib", "net", "platform")


def preparation_mark(kind: str, variables: Mapping[str, Any], tree: Path, read: Callable[[Path], bytes]) -> str:
    """The mark of a machine of `kind`, a key of ROLES, with the inventory's `variables`, prepared from `tree`.

    What tasks of the same run have registered beside them, settings have no part of.
    """
    roles = ROLES[kind]
    prefixes = (_GENERAL, *(f"{role}_" for role in roles))
    settings = {
        name: value for name, value in sorted(variables.items()) if name.startswith(prefixes) and not _is_result(value)
    }
    digest = hashlib.sha256(json.dumps([kind, settings], sort_keys=True, default=str).encode())
    given = variables.get("module_host_process_click") or variables.get("click_build_program")
    engine = Path(str(given)) if given else tree / "clickos" / "build" / "click"
    for path in _files(kind, tree, roles, engine):
        name = path.relative_to(tree) if path.is_relative_to(tree) else path
        digest.update(b"\0".join((str(name).encode(), hashlib.sha256(read(path)).digest())))
    return digest.hexdigest()


def _is_result(value: object) -> bool:
    return isinstance(value, Mapping) and {"changed", "failed"} <= value.keys()


def _files(kind: str, tree: Path, roles: Sequence[str], engine: Path) -> list[Path]:
    """What a machine of `kind` gets something of: its roles, and the `engine` as program or as the guest's sources."""
    folders = [tree / "roles" / role for role in roles]
    files = [engine] if kind == "process" else []
    if kind == "xen":
        folders += [tree / "clickos" / name for name in _ENGINE_FOLDERS]
        files += [*sorted((tree / "clickos").glob("*.py")), tree / "clickos" / "Makefile"]
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return found + [path for path in files if path.exists()]
