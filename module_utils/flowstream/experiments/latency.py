# SPDX-License-Identifier: Apache-2.0
"""How long packets took: their delays by the times at which they were sent and came, and what is said of many delays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PERCENTILES = (50.0, 90.0, 99.0, 99.9)


def delays(sent: Mapping[int, int], came: Mapping[int, int]) -> list[int]:
    """Of packets that were seen at both ends, by their numbers, how long each took; sorted, in the unit of the times."""
    return sorted(at - sent[number] for number, at in came.items() if number in sent)


def percentile(ordered: Sequence[int], percent: float) -> int:
    """Return the smallest of some sorted values that `percent` of them do not exceed (nearest rank)."""
    if not ordered:
        raise ValueError("no value has a percentile")
    # Thousandths of a percent are whole, and whole numbers do not round.
    rank = -(-len(ordered) * round(percent * 1000) // 100_000)
    return ordered[max(0, rank - 1)]


@dataclass(frozen=True, slots=True)
class Latency:
    """Delays of `samples` packets in microseconds."""

    samples: int
    least: float
    mean: float
    most: float
    percentiles: Mapping[str, float]

    @classmethod
    def of(cls, nanoseconds: Sequence[int]) -> Latency | None:
        """Sum delays up, sorted ones in nanoseconds; None of none."""
        if not nanoseconds:
            return None
        return cls(
            samples=len(nanoseconds),
            least=nanoseconds[0] / 1000,
            mean=round(sum(nanoseconds) / len(nanoseconds)) / 1000,
            most=nanoseconds[-1] / 1000,
            percentiles={f"p{percent:g}": percentile(nanoseconds, percent) / 1000 for percent in PERCENTILES},
        )

    def to_dict(self) -> dict[str, float]:
        """As a result keeps it."""
        return {
            "samples": self.samples,
            "min": self.least,
            "mean": self.mean,
            "max": self.most,
            **self.percentiles,
        }
