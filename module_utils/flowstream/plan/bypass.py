# SPDX-License-Identifier: Apache-2.0
"""What a module gives back to the switch: the rest of a flow of which it has seen enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

FACT = "bypass"
"""What it is called in the facts of a module's type."""
VERDICT_TAG = 4094
"""The VLAN of a packet that carries the verdict, from the module to the switch, which takes it off."""

MOST_STAGES = 16
"""How many stages of an allocation give flows back: a switch has a table for each."""


class Bypass(NamedTuple):
    """A flow goes past the module after `after` packets, until there is none for `idle` seconds, `hard` seconds at most.

    No more than `limit` flows do at once.
    """

    after: int
    idle: int
    hard: int
    limit: int

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Bypass | None:
        """Read it from the facts of a module, if it has one."""
        return cls(**facts[FACT]) if FACT in facts else None
