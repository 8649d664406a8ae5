# SPDX-License-Identifier: Apache-2.0
"""Files that others read while we write them."""

from __future__ import annotations

import os
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError


def read_text(path: Path) -> str | None:
    """The file's text; None when there is none."""
    try:
        return path.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return None


def replace_file(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    """Write beside, then rename, so that no reader and no crash meets half of it. Folders are made where they lack."""
    draft = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content.encode() if isinstance(content, str) else content)
        draft.chmod(mode)
        os.replace(draft, path)  # noqa: PTH105  Path.replace says the same less plainly
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise FlowstreamError(f"cannot write {path}: {error.strerror}") from error


def remove_file(path: Path, folders: int) -> None:
    """Remove a file if it is there, and of the `folders` above it those that have become empty."""
    try:
        path.unlink(missing_ok=True)
        for folder in list(path.parents)[:folders]:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
    except OSError as error:
        raise FlowstreamError(f"cannot remove {path}: {error.strerror}") from error
