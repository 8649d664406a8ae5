# SPDX-License-Identifier: Apache-2.0
"""When rounds end and packets are let in, on a clock of the test's own."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible.module_utils.flowstream.control.following import Following, follow

WANTED = Following(["flows.state"], {"flows.state": "0"}, "from_device.active", "from_device.waiting")
ROUND = 0.01


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def rest(self, seconds: float) -> None:
        self.now += max(ROUND, seconds)


@dataclass
class Router:
    """A router that learns a flow at each of these times, and to which packets come from `comes` on."""

    clock: Clock
    learns: list[float] = field(default_factory=list)
    comes: float = float("inf")
    log: list[tuple[float, str, str]] = field(default_factory=list)

    def read(self, handler: str, parameter: str = "") -> str:
        if handler == "from_device.waiting":
            return str(self.clock.now >= self.comes).lower()
        assert handler == "flows.state_since"
        since = float(parameter.split()[0])
        new = [moment for moment in self.learns if since < moment <= self.clock.now]
        return "".join([f"flows 1 IPRewriter {self.clock.now} end\n", *(f"{moment}\n" for moment in new)])

    def write(self, handler: str, value: str) -> tuple[str, ...]:
        self.log.append((self.clock.now, handler, value))
        return ()

    def readable(self, handler: str) -> bool:
        return bool(handler)

    def writable(self, handler: str) -> bool:
        return bool(handler)

    def known(self) -> list[float]:
        return [float(line) for _, name, text in self.log if name == "flows.state" for line in text.splitlines()[1:]]

    def opened(self) -> list[float]:
        return [moment for moment, name, _ in self.log if name == WANTED.gate]


def followed(source: Router, target: Router, until: float) -> float | None:
    clock = source.clock
    return follow(source, target, WANTED, lambda: clock.now < until, clock, clock.rest).waited


def test_packets_are_let_in_once_and_right_when_they_come_with_all_that_the_other_knew() -> None:
    clock = Clock()
    source, target = Router(clock, [0.1, 0.3, 0.55]), Router(clock, comes=0.5)
    waited = followed(source, target, until=1.0)
    assert len(target.opened()) == 1
    assert 0.5 <= target.opened()[0] < 0.5 + 3 * ROUND
    assert waited is not None
    assert waited <= 3 * ROUND
    assert target.known() == source.learns


def test_what_still_goes_the_other_way_after_the_end_is_waited_for() -> None:
    clock = Clock()
    source, target = Router(clock, [moment / 20 for moment in range(1, 61)]), Router(clock, comes=3.1)
    waited = followed(source, target, until=1.0)
    assert target.known() == source.learns
    assert waited is not None
    assert 3.1 <= target.opened()[0] < 3.1 + 3 * ROUND


def test_one_that_learns_for_ever_is_not_waited_for_longer_than_five_seconds() -> None:
    clock = Clock()
    source, target = Router(clock, [moment / 20 for moment in range(1, 400)]), Router(clock)
    assert followed(source, target, until=1.0) is None
    assert 6.0 <= target.opened()[0] < 6.0 + 3 * ROUND


def test_where_nothing_happens_it_ends_at_once_and_lets_packets_in() -> None:
    clock = Clock()
    target = Router(clock)
    assert followed(Router(clock, [0.5]), target, until=1.0) is None
    assert 1.0 <= target.opened()[0] < 1.0 + 3 * ROUND
    assert target.known() == [0.5]
