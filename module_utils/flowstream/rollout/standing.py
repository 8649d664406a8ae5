# SPDX-License-Identifier: Apache-2.0
"""How far a rollout is, by what modules run: nothing else remembers it, so a run that was killed leaves nothing to be read wrongly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ansible.module_utils.flowstream.control.text import same_configuration
from ansible.module_utils.flowstream.errors import FlowstreamError, shortened
from ansible.module_utils.flowstream.plan.changes import compare
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """Modules by name, in the order of their hosts and numbers.

    `begun` run the new configuration already, `waiting` still the one that is deployed. `astray` run neither, though the two are
    the same: an earlier rollout of another description was not finished, and this one takes it back. Only `begun` and `waiting`, or
    only `astray`, have any.
    """

    begun: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    astray: tuple[str, ...] = ()


def standing(deployed: Plan, wanted: Plan, running: Mapping[str, str]) -> Standing:
    """Return how far the way is from the plan that is deployed to the one that is wanted.

    `running` has by name what each module that runs has for a configuration. Raises FlowstreamError where the way is more than
    configurations, or where a module runs what nobody can explain.
    """
    more = _more_than_configurations(deployed, wanted)
    if more:
        raise FlowstreamError(*more)
    before = {pm.name: pm for _, pm in modules(deployed)}
    begun, waiting, astray, stopped = [], [], [], []
    for host, pm in modules(wanted):
        runs, differs = running.get(pm.name), not same_configuration(before[pm.name].config, pm.config)
        if runs is None:
            stopped.append(
                f"{pm.name}: does not run on {host}, or does not answer; mend it first (playbooks/drift.yml says what is wrong)"
            )
        elif same_configuration(runs, pm.config):
            begun += [pm.name] if differs else []
        elif differs and same_configuration(runs, before[pm.name].config):
            waiting.append(pm.name)
        else:
            astray.append(pm.name)
    if astray and (begun or waiting):
        names = ", ".join(shortened(astray, _SHOWN))
        stopped.append(
            f"{wanted.allocation_id}: modules run neither what is deployed nor what is wanted, got {names}; an earlier rollout was not"
            " finished: roll out its description again, or what is deployed to take it back"
        )
    if stopped:
        raise FlowstreamError(*shortened(stopped))
    return Standing(tuple(begun), tuple(waiting), tuple(astray))


def modules(plan: Plan) -> Iterator[tuple[str, PlannedPm]]:
    """Return the modules of a plan with their hosts, in the order in which a rollout takes them."""
    return ((name, pm) for name, host in sorted(plan.hosts.items()) for pm in sorted(host.pms, key=lambda pm: pm.pm_id))


def _more_than_configurations(deployed: Plan, wanted: Plan) -> list[str]:
    """What of the way is no new configuration of a module that keeps running."""
    changes = compare(deployed, wanted)
    lines = [str(change) for change in changes.pms if change.needs_restart]
    lines += [line for bridge in (*changes.switches, *changes.hosts) for line in bridge.lines()]
    if not lines:
        return []
    return [
        f"{wanted.allocation_id}: a rollout gives modules that run another configuration and nothing else, got"
        f" {'one other change' if len(lines) == 1 else f'{len(lines)} other changes'}; deploy it (playbooks/deploy.yml)",
        *shortened(lines, _SHOWN),
    ]
