# SPDX-License-Identifier: Apache-2.0
"""What modules that are processes, and the software switch, took of a host's processor and memory, as its kernel counts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MODULES = "flowstream-pm@"
UNITS = ("ovs-vswitchd.service", f"{MODULES}*.service")

Usage = Mapping[str, Any]
"""`at` by a clock of the host in seconds, and of each unit `processor_ns` and `memory_bytes`."""


def processor_seconds(before: Usage, after: Usage) -> float:
    """What was taken in between by units that were there before."""
    known = before["units"]
    taken = (one["processor_ns"] - known[name]["processor_ns"] for name, one in after["units"].items() if name in known)
    return float(sum(taken)) / 1e9


def memory_of_modules(usage: Usage) -> int:
    """Bytes of all modules together."""
    return sum(one["memory_bytes"] for name, one in usage["units"].items() if name.startswith(MODULES))
