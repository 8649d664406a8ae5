# SPDX-License-Identifier: Apache-2.0
"""RFC 2544, 26.1: the highest rate at which no more packets are lost than may be, by halving what is not known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ansible.module_utils.flowstream.experiments.description import Search

MILLION = 1_000_000
_STEADY = 0.95
"""The part of the rate that was asked for, below which the generator and not what is measured was the limit."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial came to: packets a second that were asked for and that were sent, and packets sent and received."""

    rate: int
    achieved: float
    sent: int
    received: int

    @property
    def lost(self) -> int:
        """Packets that did not come."""
        return max(0, self.sent - self.received)

    @property
    def loss(self) -> float:
        """The part of a million that was lost."""
        return self.lost * MILLION / self.sent if self.sent else 0.0

    @property
    def seconds(self) -> float:
        """How long it took to send them."""
        return self.sent / self.achieved if self.achieved else 0.0

    @property
    def steady(self) -> bool:
        """Whether the generator kept its rate."""
        return self.achieved >= self.rate * _STEADY

    def passes(self, search: Search) -> bool:
        """Whether the rate is one that can be had."""
        return self.received > 0 and self.steady and self.loss <= search.loss


Attempt = Callable[[int], Outcome]
"""Tries a rate."""


def highest_rate(search: Search, attempt: Attempt) -> Outcome | None:
    """Return what the highest rate that passed came to; None when not even the least did.

    Between it and the lowest that did not pass lies at most the resolution, in percent of the latter.
    """
    best = attempt(search.least)
    if not best.passes(search):
        return None
    if search.most == search.least:
        return best
    top = attempt(search.most)
    if top.passes(search):
        return top
    low, high = search.least, search.most
    while (high - low) * 100 > search.resolution * high and high - low > 1:
        middle = (low + high) // 2
        outcome = attempt(middle)
        if outcome.passes(search):
            low, best = middle, outcome
        else:
            high = middle
    return best


def patient(attempt: Attempt, search: Search, tries: int) -> Attempt:
    """Have a rate tried again that did not pass, so that one hiccup of a shared machine does not decide."""

    def attempt_again(rate: int) -> Outcome:
        outcome = attempt(rate)
        for _ in range(tries - 1):
            if outcome.passes(search):
                break
            outcome = attempt(rate)
        return outcome

    return attempt_again


def most_trials(search: Search) -> int:
    """How many rates are tried at most."""
    trials, gap = 2, search.most - search.least
    while gap > 1 and gap * 100 > search.resolution * search.least:
        trials, gap = trials + 1, (gap + 1) // 2
    return trials
