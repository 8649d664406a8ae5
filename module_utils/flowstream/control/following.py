# SPDX-License-Identifier: Apache-2.0
"""One running Click that comes to know what another learns, in rounds without end, until packets come to it and not to the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible.module_utils.flowstream.control.socket import Handlers
from ansible.module_utils.flowstream.control.state import read_state, write_state

_LAST_ROUNDS = 3
"""At most, before packets that wait are let in: what the other still had in its queues when they began to come here."""
_QUIET, _LONGEST_END = 0.2, 5.0
"""Seconds without anything new after which the other gets no packets any more; and how long that is waited for. A switch that is busy
goes on for a while as it did before it was told."""


@dataclass(frozen=True, slots=True)
class Following:
    """What is followed: handlers as in `read_state`, and the time of an earlier round for each that had one.

    `gate` is the handler that lets frames in, `waiting` the one that says whether any wait.
    """

    read: Sequence[str]
    since: Mapping[str, str]
    gate: str
    waiting: str


@dataclass(slots=True)
class Followed:
    """What rounds have carried. `waited` is for how long the first frame waited at most, in seconds; None: no frame came."""

    rounds: int = 0
    bytes: int = 0
    records: Counter[str] = field(default_factory=Counter)
    waited: float | None = None

    def to_dict(self) -> dict[str, object]:
        """Return it as plain data."""
        return {"rounds": self.rounds, "bytes": self.bytes, "records": dict(self.records), "waited": self.waited}


def follow(
    source: Handlers,
    target: Handlers,
    wanted: Following,
    goes_on: Callable[[], bool],
    clock: Callable[[], float],
    rest: Callable[[float], None],
) -> Followed:
    """Have `target` know what `source` learns until `goes_on` says no, and a little longer if the source still learns.

    Frames are let in as soon as some have come and all is known. Rounds go on after that, for what frames that were on their way teach
    the source. At the end, frames are let in whether any have come or not. `clock` gives seconds; `rest` waits so many, as a round may
    take long and should not take all of a processor.
    """
    done = Followed()
    times = dict(wanted.since)

    def carry() -> bool:
        state = read_state(source, wanted.read, times)
        times.update(state.times)
        write_state(target, state)
        done.rounds += 1
        done.bytes += state.bytes
        done.records.update(state.records)
        return any(state.records.values())

    def let_in() -> None:
        for _ in range(_LAST_ROUNDS):
            if not carry():
                break
        target.write(wanted.gate, "true")

    is_open = False
    over = None
    learned = nobody_waited = clock()
    while True:
        began = clock()
        if over is None and not goes_on():
            over = began
        if over is not None and (began - learned > _QUIET or began - over > _LONGEST_END):
            break
        if is_open or target.read(wanted.waiting).strip() != "true":
            nobody_waited = began
            if carry():
                learned = clock()
            rest(clock() - began)
        else:
            let_in()
            done.waited = clock() - nobody_waited
            is_open = True
    if is_open:
        carry()
    else:
        let_in()
    return done
