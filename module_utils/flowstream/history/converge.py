# SPDX-License-Identifier: Apache-2.0
"""Keep what was deployed as the next generation of its allocation, and say in the audit log who did what."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.history.generation import Generation, change_line
from ansible.module_utils.flowstream.history.observe import (
    folder_of,
    generations,
    kept_plan,
    plan_path,
    record_path,
)
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.world.files import replace_file

AUDIT = Path("/var/lib/flowstream/audit.log")
"""One line of JSON for each thing that a run did; no line is ever changed."""
AUDIT_BYTES = 1 << 20
"""From this size on the audit log becomes the earlier one, `.1`, in the place of that before it: some thousand lines of each."""

_OWN = 0o600


@dataclass(frozen=True, slots=True)
class Deployed:
    """What became of an allocation: `packed` is its plan (`pack`), empty where nobody has asked for it yet.

    Nothing is deployed of one whose `digest` is empty.
    """

    allocation: str
    source: str = ""
    digest: str = ""
    packed: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did it and what it was; `changes` is how much of the platform was changed, and `keep` how many generations stay."""

    who: str
    action: str
    changes: int
    keep: int


def pack(plan: Plan) -> str:
    """Return a plan as it travels to the machine that keeps it."""
    return base64.b64encode(gzip.compress(plan.to_json().encode(), mtime=0)).decode()


def _unpack(deployed: Deployed) -> tuple[bytes, Plan]:
    try:
        packed = base64.b64decode(deployed.packed, validate=True)
        return packed, Plan.from_json(gzip.decompress(packed).decode())
    except (binascii.Error, OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise FlowstreamError(f"cannot read the plan of {deployed.allocation}: {error}") from error


def keep_generations(
    history: Path, audit: Path, all_deployed: Iterable[Deployed], deed: Deed, *, check_mode: bool
) -> dict[str, Any]:
    """Keep each that is not as its last generation; return a module's result.

    Where the plan of one is needed and was not given, nothing is kept, and `missing` names its allocation.
    """
    all_deployed = list(all_deployed)
    last = {one.allocation: _last(history, one.allocation) for one in all_deployed}
    new = [one for one in all_deployed if _differs(last[one.allocation], one)]
    missing = [one.allocation for one in new if one.digest and not one.packed]
    kept: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    if not missing:
        at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        for one in new:
            generation = _next(history, last[one.allocation], one, deed, at)
            if not check_mode:
                _write(history, one, generation, deed.keep)
            kept.append({"allocation": one.allocation, **generation.to_dict()})
        told = kept or [_repair(last[one.allocation], one, deed, at) for one in all_deployed if deed.changes]
        if told and not check_mode:
            _append(audit, told)
    return {
        "changed": bool(kept),
        "missing": missing,
        "kept": kept,
        "audit": [_sentence(line) for line in told],
        "diff": [
            {
                "before_header": f"generations of {line['allocation']}",
                "after_header": f"generations of {line['allocation']}",
                "before": "",
                "after": f"{line['generation']}: {line['action']}: {line['change']}\n",
            }
            for line in kept
        ],
    }


def _last(history: Path, allocation: str) -> Generation | None:
    found = generations(history, allocation)
    return found[-1] if found else None


def _differs(last: Generation | None, deployed: Deployed) -> bool:
    return (last.digest if last else "") != deployed.digest


def _next(history: Path, last: Generation | None, deployed: Deployed, deed: Deed, at: str) -> Generation:
    old = Plan.from_dict(kept_plan(history, deployed.allocation, last.number)) if last and last.has_plan else None
    new = _unpack(deployed)[1] if deployed.digest else None
    number = last.number + 1 if last else 1
    return Generation(number, at, deed.who, deed.action, deployed.source, deployed.digest, change_line(old, new))


def _write(history: Path, deployed: Deployed, generation: Generation, keep: int) -> None:
    """The record comes last: a run that dies before leaves a plan that the next one replaces."""
    folder = folder_of(history, deployed.allocation)
    try:
        history.mkdir(parents=True, exist_ok=True)
        for private in (history, folder):
            private.mkdir(mode=0o700, exist_ok=True)
            private.chmod(0o700)
        if deployed.digest:
            replace_file(plan_path(folder, generation.number), _unpack(deployed)[0], _OWN)
        record = json.dumps(generation.to_dict(), indent=2, sort_keys=True) + "\n"
        replace_file(record_path(folder, generation.number), record, _OWN)
        for one in generations(history, deployed.allocation)[:-keep]:
            record_path(folder, one.number).unlink()
            plan_path(folder, one.number).unlink(missing_ok=True)
    except OSError as error:
        raise FlowstreamError(f"cannot write {error.filename or folder}: {error.strerror}") from error


def _repair(last: Generation | None, deployed: Deployed, deed: Deed, at: str) -> dict[str, Any]:
    """What is told of a run that made no generation, but made the platform again what it was to be."""
    return {
        "allocation": deployed.allocation,
        "generation": last.number if last else 0,
        "at": at,
        "who": deed.who,
        "action": deed.action,
        "source": deployed.source,
        "digest": deployed.digest,
        "change": f"as planned before; {deed.changes} things were not so on the platform",
    }


def _append(audit: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
    try:
        audit.parent.mkdir(parents=True, exist_ok=True)
        if audit.exists() and audit.stat().st_size >= AUDIT_BYTES:
            audit.replace(audit.with_name(f"{audit.name}.1"))
        file = os.open(audit, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _OWN)
        try:
            os.write(file, text.encode())
        finally:
            os.close(file)
    except OSError as error:
        raise FlowstreamError(f"cannot write {audit}: {error.strerror}") from error


def _sentence(line: Mapping[str, Any]) -> str:
    """What the host's journal gets."""
    source = f", source sha256 {line['source']}" if line["source"] else ""
    made = f"{line['allocation']}, generation {line['generation']}{source}"
    return f"{made}: {line['action']} by {line['who']}: {line['change']}"
