# SPDX-License-Identifier: Apache-2.0
"""Read an allocation description, in XML or YAML, of any type that there is."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

from ansible.module_utils.flowstream.addresses import shown
from ansible.module_utils.flowstream.allocation.document import ROOT
from ansible.module_utils.flowstream.allocation.element import MAX_BYTES, Element
from ansible.module_utils.flowstream.allocation.findings import Finding, Findings
from ansible.module_utils.flowstream.allocation.from_xml import read_xml
from ansible.module_utils.flowstream.allocation.from_yaml import read_yaml
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.reader import read_allocation
from ansible.module_utils.flowstream.planner.types import STAGES, TYPES, Stages, Types

SUFFIXES = (".xml", ".yml", ".yaml")
"""Of the files of allocations."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A usable allocation, and what its author may want to know about it."""

    allocation: Allocation
    warnings: tuple[Finding, ...]


def parse(data: bytes, file: str, types: Types = TYPES, stages: Stages = STAGES) -> Parsed:
    """Read the bytes of an allocation file; `file` is its name in messages, and its suffix says the language.

    Raises FlowstreamError with one message for each error, in file order.
    """
    findings = Findings(file)
    with _collector_at_rest():
        root = _read(data, file, findings)
        digest = hashlib.sha256(data).hexdigest()
        allocation = read_allocation(root, types, stages, findings, digest) if root else None
    if allocation is None or findings.errors:
        raise findings.as_error()
    return Parsed(allocation, findings.warnings)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Spare the garbage collector millions of new objects without a cycle: walking them is half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(data: bytes, file: str, findings: Findings) -> Element | None:
    suffix = PurePath(file).suffix.lower()
    if suffix not in SUFFIXES:
        findings.error(1, "document", f"has an unknown suffix, got {shown(suffix)}; name it .xml, .yml or .yaml")
    elif len(data) > MAX_BYTES:
        findings.error(1, "document", f"is too large, got {len(data)} bytes; keep it below {MAX_BYTES}")
    elif not data.strip():
        findings.error(1, "document", "is empty, got nothing; write an allocation description")
    elif suffix == ".xml":
        return read_xml(data, findings)
    else:
        return read_yaml(data, ROOT, findings)
    return None
