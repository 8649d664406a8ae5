# SPDX-License-Identifier: Apache-2.0
"""The generations of allocations as they lie on the machine that keeps them: a record and a plan each."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.history.generation import Generation, deployed, wanted

HISTORY = Path("/var/lib/flowstream/history")
"""A folder an allocation, for root alone: a configuration may say what is nobody else's business."""

_RECORD = re.compile(r"\d+\.json")
_ALLOCATION = re.compile(r"[A-Za-z][A-Za-z0-9-]*", re.ASCII)


def folder_of(history: Path, allocation: str) -> Path:
    """Return the folder of an allocation, whose id may not lead elsewhere."""
    if not _ALLOCATION.fullmatch(allocation):
        raise FlowstreamError(
            f"allocation_id is none, got {allocation!r}; write a letter, then letters, digits and hyphens"
        )
    return history / allocation


def record_path(folder: Path, number: int) -> Path:
    """Return the file that says who made a generation; one is complete when it is there."""
    return folder / f"{number}.json"


def plan_path(folder: Path, number: int) -> Path:
    """Return the file with the plan of a generation."""
    return folder / f"{number}.plan.gz"


def generations(history: Path, allocation: str) -> list[Generation]:
    """Return what is kept of an allocation, the oldest first."""
    folder = folder_of(history, allocation)
    try:
        records = [path for path in folder.glob("*.json") if _RECORD.fullmatch(path.name)]
        found = [Generation.from_dict(json.loads(path.read_text())) for path in records]
    except (OSError, ValueError) as error:
        raise FlowstreamError(f"cannot read generations in {folder}: {error}") from error
    return sorted(found, key=lambda one: one.number)


def kept_plan(history: Path, allocation: str, number: int) -> dict[str, Any]:
    """Return the plan of a generation as plain data; 0 is the one that is deployed now."""
    kept = generations(history, allocation)
    one = wanted(kept, allocation, number) if number else deployed(kept, allocation)
    path = plan_path(folder_of(history, allocation), one.number)
    try:
        plain: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError) as error:
        raise FlowstreamError(f"cannot read {path}: {error}") from error
    return plain


def allocations(history: Path) -> list[str]:
    """Return the allocations that have generations."""
    return sorted(path.name for path in history.glob("*") if _ALLOCATION.fullmatch(path.name))


def deployed_plans(history: Path) -> list[dict[str, Any]]:
    """Return the plan of each allocation that is deployed, as plain data."""
    kept = {allocation: generations(history, allocation) for allocation in allocations(history)}
    return [kept_plan(history, allocation, 0) for allocation, found in kept.items() if found and found[-1].has_plan]
