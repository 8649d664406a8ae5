# SPDX-License-Identifier: Apache-2.0
"""The flat form of a Click configuration, as the engine writes it: declarations, an empty line, and connections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from ansible.module_utils.flowstream.errors import FlowstreamError

_END = re.compile(r"(?:\[(?P<input>\d+)\]\s*)?(?P<name>[\w/@]+)(?:\s*\[(?P<output>\d+)\])?")


class Connection(NamedTuple):
    """From an output of an element to an input of another."""

    source: str
    output: int
    target: str
    input: int


def split_flat(flat: str) -> tuple[str, list[Connection]]:
    """Return the declarations of a flat configuration as they are written, and its connections in their order."""
    declarations, _, wires = flat.rstrip().rpartition("\n\n")
    return declarations, list(_connections(wires))


def _connections(wires: str) -> Iterator[Connection]:
    for statement in wires.split(";"):
        ends = [_END.fullmatch(end.strip()) for end in statement.split("->")]
        if statement.strip() and (len(ends) < 2 or None in ends):
            raise FlowstreamError(
                f"cannot follow a flat configuration: its connection {statement.strip()} is not understood"
            )
        for source, target in pairwise(ends):
            if source is not None and target is not None:
                yield Connection(source["name"], int(source["output"] or 0), target["name"], int(target["input"] or 0))
