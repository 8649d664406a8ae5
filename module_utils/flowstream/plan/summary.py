# SPDX-License-Identifier: Apache-2.0
"""What a person reads at the end of a deployment: what runs where, what was changed, how long each stage took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.tables import text_table

_MODULES = 20
_CLAIMS = 3
_CHANGES = 3


def summary(
    plans: Sequence[Plan],
    changes: Mapping[str, Sequence[str]],
    began: Sequence[tuple[str, float]],
    ended: float,
    *,
    done: bool,
) -> str:
    """Return the summary as lines. `changes` is by machine; `began` has each stage and its first moment, in order.

    A platform of any size has some lines only: what there is more of is counted. `done` is false after a look alone.
    """
    runs = [line for plan in plans for line in _runs(plan)]
    return "\n".join([*runs, *_changed(changes, done=done), _times(began, ended)])


def _runs(plan: Plan) -> list[str]:
    """What of an allocation runs where."""
    modules = [(name, host, pm) for name, host in plan.hosts.items() for pm in host.pms]
    flows = sum(len(switch.flows) for switch in plan.switches.values())
    rows = [("module", "host", "kind", "gets", "why there")]
    for name, _, pm in modules[:_MODULES]:
        rows.append((pm.name, name, pm.kind, _few(pm.gets, _CLAIMS), pm.why))
    return [
        f"{plan.allocation_id}: {_count(len(modules), 'module')} on "
        f"{_count(len({name for name, _, _ in modules}), 'host')}, {_count(flows, 'flow')} on "
        f"{_count(len(plan.switches), 'switch', 'switches')}",
        *(text_table(rows).splitlines() if modules else ()),
        *_more(len(modules), _MODULES),
    ]


def _changed(changes: Mapping[str, Sequence[str]], *, done: bool) -> Iterator[str]:
    """What was done to each machine, and to how many nothing."""
    touched = {name: list(dict.fromkeys(each)) for name, each in changes.items() if each}
    for name, each in list(touched.items())[:_MODULES]:
        for change in each[:_CHANGES]:
            yield f"{name}: {change}" if done else f"{name}: would {change}"
        yield from (f"{name}: {more}" for more in _more(len(each), _CHANGES))
    yield from _more(len(touched), _MODULES, " machines")
    same = len(changes) - len(touched)
    if same:
        yield f"nothing to do on {_count(same, 'machine')}"


def _times(began: Sequence[tuple[str, float]], ended: float) -> str:
    moments = [*began, ("", ended)]
    each = [f"{stage} {after - before:.1f} s" for (stage, before), (_, after) in pairwise(moments)]
    return f"{', '.join(each)}; together {ended - moments[0][1]:.1f} s"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _few(texts: Sequence[str], most: int) -> str:
    return ", ".join([*texts[:most], *_more(len(texts), most)])


def _more(number: int, shown: int, of_what: str = "") -> list[str]:
    return [f"and {number - shown} more{of_what}"] if number > shown else []
