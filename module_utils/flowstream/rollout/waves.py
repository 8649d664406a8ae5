# SPDX-License-Identifier: Apache-2.0
"""Which modules are the canary, and which hosts come together in a wave. Pure: the same wishes on the same platform give the same waves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.errors import FlowstreamError

_SHARE = re.compile(r"(\d{1,3})\s*%", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Amount:
    """So many, or with `percent` so many of a hundred; at least one of any."""

    number: int
    percent: bool = False

    def of(self, total: int) -> int:
        """How many that is of so many."""
        return min(total, max(1, self.number * total // 100 if self.percent else self.number))


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: the canary as names of modules or an amount of them, the hosts of each wave, groups one after the other.

    The last of `batches` holds for all waves that follow. A wave has hosts of one group alone; hosts of none come last.
    """

    canary: tuple[str, ...] | Amount = Amount(1)
    batches: tuple[Amount, ...] = (Amount(20, percent=True),)
    groups: tuple[tuple[str, ...], ...] = ()


def parse_wish(canary: object, batch: object, groups: Sequence[Sequence[str]] = ()) -> Wish:
    """Read what a person wrote; FlowstreamError with a line for each thing that cannot be meant."""
    messages: list[str] = []
    batches: list[Amount] = []
    for one in batch if isinstance(batch, list | tuple) else [batch]:
        amount = _amount(one)
        if amount is None:
            messages.append(
                f"rollout_batch: is no number of hosts and no share of them, got {one!r}; write 10, 25% or a list of such"
            )
        else:
            batches.append(amount)
    if not batches and not messages:
        messages.append("rollout_batch: has nothing in it, got []; write 10, 25% or a list of such")
    words = [word.strip() for word in canary.split(",")] if isinstance(canary, str) else canary
    chosen: tuple[str, ...] | Amount | None
    if isinstance(words, list | tuple) and words and not (len(words) == 1 and _is_amount(words[0])):
        chosen = tuple(dict.fromkeys(str(word) for word in words))
    else:
        chosen = _amount(words[0] if isinstance(words, list | tuple) and words else words)
    if chosen is None:
        messages.append(
            f"rollout_canary: is no module, no number of modules and no share of them, got {canary!r}; write a name, 2 or 5%"
        )
    if messages or chosen is None:
        raise FlowstreamError(*messages)
    return Wish(chosen, tuple(batches), tuple(tuple(group) for group in groups))


def _is_amount(word: object) -> bool:
    text = str(word).strip()
    return bool(_NUMBER.fullmatch(text) or _SHARE.fullmatch(text))


def _amount(word: object) -> Amount | None:
    text = "" if isinstance(word, bool) else str(word).strip()
    share = _SHARE.fullmatch(text)
    if share:
        return Amount(int(share[1]), percent=True) if 0 < int(share[1]) <= 100 else None
    return Amount(int(text)) if _NUMBER.fullmatch(text) and int(text) > 0 else None


def canary_of(wish: Wish, waiting: Sequence[str], begun: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Return the modules that come first, in the order of `waiting`.

    Of an amount, those that run the new configuration already (`begun`) count. `others` are the modules that nothing is done to: to
    name one, or one that is none, is an error.
    """
    if isinstance(wish.canary, Amount):
        return tuple(waiting[: max(0, wish.canary.of(len(waiting) + len(begun)) - len(begun))])
    known = {*waiting, *begun}
    wrong = [name for name in wish.canary if name not in known]
    if wrong:
        choice = ", ".join([*[*waiting, *begun][:3], *(["..."] if len(known) > 3 else [])])
        raise FlowstreamError(
            *(
                f"rollout_canary: {'nothing is changed for it' if name in others else 'is no module of it'}, got {name}; use {choice}"
                for name in wrong
            )
        )
    return tuple(name for name in waiting if name in wish.canary)


def waves_of(wish: Wish, hosts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the hosts of each wave. Every host is in one of them, and shares are those of all hosts."""
    found: list[tuple[str, ...]] = []
    for group in _grouped(wish.groups, hosts):
        rest = group
        while rest:
            batch = wish.batches[min(len(found), len(wish.batches) - 1)].of(len(hosts))
            found.append(tuple(rest[:batch]))
            rest = rest[batch:]
    return tuple(found)


def _grouped(groups: Sequence[Sequence[str]], hosts: Sequence[str]) -> list[list[str]]:
    """The hosts by the first group that has them, those of none at the end."""
    number: Mapping[str, int] = {name: index for index, group in reversed(list(enumerate(groups))) for name in group}
    return [[name for name in hosts if number.get(name, len(groups)) == index] for index in range(len(groups) + 1)]
