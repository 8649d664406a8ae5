# SPDX-License-Identifier: Apache-2.0
"""What on a platform is not as its plans have it, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible.module_utils.flowstream.fabric.share import COOKIE
from ansible.module_utils.flowstream.plan.plan import cookie_of
from ansible.module_utils.flowstream.plan.reasons import flow_of
from ansible.module_utils.flowstream.tables import text_table


class Difference(NamedTuple):
    """Something of a machine that is not as planned.

    `change` is what would make it so, as the module says it that compares in check mode; empty for a flow that belongs to nobody,
    which is left alone.
    """

    machine: str
    change: str = ""
    foreign: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return self._asdict()


def drift(
    changes: Mapping[str, Sequence[str]],
    flows: Mapping[str, Iterable[Mapping[str, Any]]],
    allocations: Iterable[str],
) -> list[Difference]:
    """Return the differences, by machine.

    `changes` is what a deployment would do now; `flows` what was read of bridges with `openflow_stats`; `allocations` are those that
    have flows there.
    """
    owners = {COOKIE, *(cookie_of(allocation) for allocation in allocations)}
    return [one for machine in sorted({*changes, *flows}) for one in _of(machine, changes, flows, owners)]


def _of(
    machine: str,
    changes: Mapping[str, Sequence[str]],
    flows: Mapping[str, Iterable[Mapping[str, Any]]],
    owners: set[int],
) -> Iterator[Difference]:
    yield from (Difference(machine, change) for change in dict.fromkeys(changes.get(machine, ())))
    for flow in map(flow_of, flows.get(machine, ())):
        if flow.cookie not in owners:
            yield Difference(machine, foreign=str(flow))


def drift_table(found: Sequence[Difference]) -> str:
    """Return the differences as people read them."""
    rows = [(one.machine, *(("to be done", one.change) if one.change else ("of nobody", one.foreign))) for one in found]
    return text_table([("machine", "what", "entry or module"), *rows])
