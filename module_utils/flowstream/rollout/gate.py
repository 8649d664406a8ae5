# SPDX-License-Identifier: Apache-2.0
"""Whether modules are well with their new configuration: what they counted in a window of time before, and in one after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible.module_utils.flowstream.control.text import same_configuration
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.metrics.handlers import readings

_RECEIVED = ("flowstream_module_received_packets", "flowstream_module_passed_packets")
_DROPPED = "flowstream_module_dropped_packets"


@dataclass(frozen=True, slots=True)
class Health:
    """When a module counts as well.

    It drops at most `drops` percent of its packets more than before, gets at most `less` percent fewer in a second than before, and of
    probes that were sent at most `probes` percent are lost. Shares of fewer packets than `packets` in a window say nothing.
    `received` and `dropped` are handlers that count besides those that types of the toolkit have.
    """

    drops: float = 1.0
    less: float = 50.0
    probes: float = 1.0
    packets: int = 100
    received: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def parse_health(given: Mapping[str, object]) -> Health:
    """Read what a person wrote; FlowstreamError with a line for each thing that cannot be meant."""
    messages = [
        f"rollout_health: has no {name}, got {given[name]!r}; use drops, less, probes, packets, received or dropped"
        for name in sorted(given.keys() - {"drops", "less", "probes", "packets", "received", "dropped"})
    ]
    numbers = {}
    for name, default, most in (
        ("drops", 1.0, 100),
        ("less", 50.0, 100),
        ("probes", 1.0, 100),
        ("packets", 100, 10**9),
    ):
        try:
            number = float(str(given.get(name, default)))
        except ValueError:
            number = -1.0
        if not 0 <= number <= most:
            messages.append(
                f"rollout_health: {name} is no number from 0 to {most}, got {given[name]!r}; write {default}"
            )
        numbers[name] = number
    handlers = {name: given.get(name, ()) for name in ("received", "dropped")}
    lists = {name: tuple(map(str, value)) for name, value in handlers.items() if isinstance(value, list | tuple)}
    messages += [
        f"rollout_health: {name} is no list of handlers, got {handlers[name]!r}; write [in.count]"
        for name in handlers.keys() - lists.keys()
    ]
    if messages:
        raise FlowstreamError(*messages)
    return Health(numbers["drops"], numbers["less"], numbers["probes"], int(numbers["packets"]), **lists)


@dataclass(frozen=True, slots=True)
class Counting:
    """The handlers of a module that count what it gets, and what it drops, with the reason."""

    received: tuple[str, ...]
    dropped: Mapping[str, str]


def counting(configurations: Iterable[str], health: Health) -> Counting:
    """Return what to ask of a module that runs one of these configurations."""
    received, dropped = list(health.received), {handler: handler for handler in health.dropped}
    for reading in dict.fromkeys(reading for text in configurations for reading in readings(text)):
        if reading.metric in _RECEIVED:
            received.append(reading.handler)
        elif reading.metric == _DROPPED:
            dropped[reading.handler] = reading.labels[0].replace("_", " ")
    return Counting(tuple(dict.fromkeys(received)), dropped)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a module said at a time in seconds; `fault` is why it said nothing."""

    at: float
    handlers: Mapping[str, str] = field(default_factory=dict)
    runs: str | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """What a module counted between two answers, drops by their reason."""

    seconds: float
    received: int
    dropped: Mapping[str, int]

    @property
    def lost(self) -> int:
        """All that it dropped."""
        return sum(self.dropped.values())

    @property
    def share(self) -> float:
        """What of its packets it dropped, in percent; also what it made itself can be dropped."""
        return 100 * self.lost / self.received if self.received else 0.0

    @property
    def rate(self) -> float:
        """Packets in a second."""
        return self.received / self.seconds if self.seconds else 0.0


def window(counts: Counting, before: Answer, after: Answer) -> Window:
    """Return what was counted between two answers."""
    dropped = Counter(dict.fromkeys(counts.dropped.values(), 0))
    for handler, reason in counts.dropped.items():
        dropped[reason] += _grown(handler, before, after)
    received = sum(_grown(handler, before, after) for handler in counts.received)
    return Window(after.at - before.at, received, {reason: number for reason, number in dropped.items() if number})


def _grown(handler: str, before: Answer, after: Answer) -> int:
    """A counter that went back was begun anew, as some are by a new configuration."""
    then, now = (_number(answer.handlers.get(handler, "0")) for answer in (before, after))
    return now - then if now >= then else now


def _number(text: str) -> int:
    return int(text) if text.strip().isdecimal() else 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a module (`faults`), and what it counted before and after; `after` is None where it did not answer."""

    module: str
    host: str
    faults: tuple[str, ...]
    before: Window | None
    after: Window | None


def judge(module: str, host: str, wanted: str, counts: Counting, answers: Sequence[Answer], health: Health) -> Verdict:
    """Judge a module by its answers: two before the change, where it was one, and the last two after it.

    `wanted` is the configuration that it is to run.
    """
    then, now = answers[-2:]
    silent = [answer.fault for answer in (then, now) if answer.fault]
    earlier = [answer for answer in answers[:-2] if not answer.fault]
    before = window(counts, *earlier) if len(earlier) == 2 else None
    if silent:
        return Verdict(module, host, (silent[0],), before, None)
    faults = []
    if now.runs is not None and not same_configuration(now.runs, wanted):
        faults.append("does not run what it was given")
    after = window(counts, then, now)
    faults += _drops(before, after, health, "before")
    known = before if before and before.received >= health.packets else None
    if known and after.rate < known.rate * (100 - health.less) / 100:
        faults.append(f"gets {after.rate:.0f} packets/s, {known.rate:.0f} before")
    return Verdict(module, host, tuple(faults), before, after)


def judge_beside(
    successor: str,
    host: str,
    wanted: str,
    counts: Counting,
    answers: Sequence[Answer],
    others: Sequence[Answer],
    health: Health,
) -> Verdict:
    """Judge a module by two answers, beside those of the one with whose flows it has a share, which it is to succeed.

    How many packets it gets says nothing: shares are of flows, which differ. `before` of the verdict is what the other one counted.
    """
    then, now = answers
    before = window(counts, *others) if not any(answer.fault for answer in others) else None
    silent = [answer.fault for answer in (then, now) if answer.fault]
    if silent:
        return Verdict(successor, host, (silent[0],), before, None)
    after = window(counts, then, now)
    faults = _drops(before, after, health, "beside it")
    if now.runs is not None and not same_configuration(now.runs, wanted):
        faults.insert(0, "does not run what it was given")
    return Verdict(successor, host, tuple(faults), before, after)


def _drops(before: Window | None, after: Window, health: Health, when: str) -> list[str]:
    known = before is not None and before.received >= health.packets
    earlier = before.share if before and known else 0.0
    if after.received < health.packets or after.share <= earlier + health.drops:
        return []
    reasons = ", ".join(f"{number} {reason}" for reason, number in sorted(after.dropped.items()))
    was = f", {earlier:.1f} % {when}" if known else ""
    return [f"drops {after.share:.1f} % of its packets{was} ({after.lost} of {after.received}: {reasons})"]
