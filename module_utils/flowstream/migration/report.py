# SPDX-License-Identifier: Apache-2.0
"""What a move carried, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.flowstream.migration.moves import Move


def carried(
    move: Move, rounds: Sequence[Mapping[str, Any]], now: float = 0, began: float = 0, switched: float = 0
) -> str:
    """Return the sentence about the rounds of one module, each `{records: {handler: count}, bytes, is_whole}`.

    Without `now`, nothing was carried yet, and the sentence says how much there is. `began` is when the first round did, `switched` when
    packets were led to the new place; 0 where another run did that. All are seconds of one clock.
    """
    flows = sum(count for one in rounds for name, count in one["records"].items() if name in move.state)
    neighbours = sum(count for one in rounds for name, count in one["records"].items() if name in move.learned)
    size = f"{flows:,} flows and {neighbours:,} neighbours, {sum(one['bytes'] for one in rounds):,} bytes"
    way = f"from {move.source} to {move.target}"
    if not now:
        return f"{move.module}: would move {way} with {size}"
    plural = "" if len(rounds) == 1 else "s"
    parts = [
        f"{move.module}: {'finished the move' if move.begun else 'moved'} {way} with {size} in {len(rounds)} round{plural}"
    ]
    if began:
        parts.append(f"{now - began:.1f} s")
    if move.state and switched:
        parts.append(f"packets waited {now - switched:.2f} s at most")
    if not all(one["is_whole"] for one in rounds):
        parts.append(f"{move.source} did not say all that it knew, and the rest is lost")
    return ", ".join(parts)
