# SPDX-License-Identifier: Apache-2.0
"""What an operator may choose of placing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROUND_ROBIN, BALANCED = "round_robin", "balanced"
SPREAD, FEW = "spread", "few"
SMALLEST_FRAME = 64
_FULL_ENOUGH = 80


@dataclass(frozen=True, slots=True)
class Policy:
    """How modules are dealt to hosts.

    `hosts`: as many as serve (`spread`) or as few (`few`). `fill` is the share of a host, in percent, below which one is as good
    as another; `frame_bytes` makes packets of a rate. `moves` is how many modules that could stay may be moved for a better place.
    """

    algorithm: str = ROUND_ROBIN
    hosts: str = SPREAD
    fill: int = 0
    frame_bytes: int = SMALLEST_FRAME
    moves: int = 0

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Policy:
        """Read what argument specifications have checked; what is missing or None is the default."""
        stated = {name: value for name, value in plain.items() if value is not None}
        if stated.get("hosts") == FEW:
            stated.setdefault("fill", _FULL_ENOUGH)
        return cls(**stated)
