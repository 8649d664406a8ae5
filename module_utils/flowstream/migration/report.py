# SPDX-License-Identifier: Apache-2.0
"""What a move carried, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.flowstream.migration.moves import Move


def carried(
    move: Move,
    rounds: Sequence[Mapping[str, Any]],
    followed: Mapping[str, Any],
    took: float | None = None,
    waited: float | None = None,
) -> str:
    """Return the sentence about the rounds of one module, each `{records: {handler: count}, bytes, is_whole}`.

    `followed` is what click_follower said, empty where it did not. `took` are the seconds since the first round, 0 where another run had
    it; None: nothing was carried yet, and the sentence says how much there is. `waited` is for how many seconds packets waited at most;
    None: none came, or nothing is known of them.
    """
    flows = sum(count for one in rounds for name, count in one["records"].items() if name in move.state)
    neighbours = sum(count for one in rounds for name, count in one["records"].items() if name in move.learned)
    size = sum(one["bytes"] for one in rounds) + followed.get("bytes", 0)
    carried = f"from {move.source} to {move.target} with {flows:,} flows and {neighbours:,} neighbours, {size:,} bytes"
    if took is None:
        return f"{move.module}: would move {carried}"
    plural = "" if len(rounds) == 1 else "s"
    parts = [
        f"{move.module}: {'finished the move' if move.begun else 'moved'} {carried} in {len(rounds)} round{plural}"
        + (f" and {followed['rounds']} while packets came" if followed else "")
    ]
    if took:
        parts.append(f"{took:.1f} s")
    if waited is not None:
        parts.append(f"packets waited {waited:.3g} s at most")
    if not all(one["is_whole"] for one in rounds):
        parts.append(f"{move.source} did not say all that it knew, and the rest is lost")
    return ", ".join(parts)
