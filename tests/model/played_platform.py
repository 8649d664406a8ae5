# SPDX-License-Identifier: Apache-2.0
"""A platform in memory that a deployment is carried out on, step by step, in the order of deploy-router.yml.

What is decided is decided by the toolkit's own functions from what is there; here is only what a step does. A step is what
is done or not done when a run is killed: one file written, one unit started, one bundle of flows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.hosts.declaration import Declaration
from ansible.module_utils.flowstream.hosts.process.steps import (
    PmStep,
    SeenPm,
    SeenPort,
    Verb,
    WantedPm,
    pm_steps,
    wanted_pm,
)
from ansible.module_utils.flowstream.hosts.process.unit import PmHost, PmPaths, allocation_of_unit
from ansible.module_utils.flowstream.openflow.converge import FlowTable, current, extended, flow_changes, owned_by
from ansible.module_utils.flowstream.plan.plan import HostPlan, Plan

PATHS = PmPaths(Path("/etc/flowstream/pm"), Path("/run/flowstream/pm"), Path("/etc/systemd/system"))
HOST = PmHost("br-pm", paths=PATHS)
EMPTY = FlowTable((), ())
Step = Callable[[], None]


@dataclass
class PlayedPlatform:
    """Bridges with their flows, and module hosts with their processing modules as a module of the toolkit sees them."""

    flows: dict[str, FlowTable] = field(default_factory=dict)
    modules: dict[str, dict[str, SeenPm]] = field(default_factory=dict)

    def deployment(self, plan: Plan) -> Iterator[Step]:
        """The steps of a deployment, each decided on when those before it are done."""
        for name, host in plan.hosts.items():
            yield from self._modules(name, host, plan, exclusive=False)
            yield from self._table(name, plan.cookie, host.flows, purge=False)
        for purge in (False, True):
            for name, switch in plan.switches.items():
                yield from self._table(name, plan.cookie, switch.flows, purge)
        for name, host in plan.hosts.items():
            yield from self._table(name, plan.cookie, host.flows, purge=True)
            yield from self._modules(name, host, plan, exclusive=True)

    def deploy(self, plan: Plan, killed_after: int | None = None) -> int:
        """Carry out a deployment, or its first steps; how many there were."""
        count = 0
        for step in self.deployment(plan):
            if count == killed_after:
                break
            step()
            count += 1
        return count

    def _table(self, bridge: str, cookie: int, flows: Sequence[Flow], purge: bool) -> Iterator[Step]:
        want = owned_by(cookie, flows, [])
        have = current(cookie, want, self.flows.get(bridge, EMPTY).flows, [])
        want = want if purge else extended(have, want)
        if flow_changes(want, have).lines():
            yield lambda: self._have(bridge, cookie, want.flows)

    def _have(self, bridge: str, cookie: int, flows: Sequence[Flow]) -> None:
        others = [flow for flow in self.flows.get(bridge, EMPTY).flows if flow.cookie != cookie]
        self.flows[bridge] = FlowTable(tuple(sorted([*others, *flows])), ())
        if not self.flows[bridge].flows:
            del self.flows[bridge]

    def _modules(self, name: str, host: HostPlan, plan: Plan, exclusive: bool) -> Iterator[Step]:
        state = "absent" if exclusive and not host.pms else "started"
        declared = Declaration(plan.allocation_id, tuple(host.pms), state, exclusive)
        seen = self.modules.setdefault(name, {})
        wanted = {pm.name: wanted_pm(HOST, declared.allocation, pm) for pm in declared.pms} if state != "absent" else {}
        order = [
            Verb.CREATE,
            Verb.WRITE,
            Verb.RECONFIGURE,
            Verb.STOP,
            Verb.ENABLE,
            Verb.START,
            Verb.RESTART,
            Verb.REMOVE,
        ]
        steps = [step for pm in wanted.values() for step in pm_steps(pm, seen.get(pm.name, SeenPm(pm.name)), state)]
        own = [name for name, pm in seen.items() if pm.allocation in (None, plan.allocation_id)]
        steps += [PmStep(Verb.REMOVE, name) for name in declared.to_remove(own)]
        for step in sorted(steps, key=lambda step: order.index(step.verb)):
            yield from _effects(seen, step.verb, step.name, wanted.get(step.name))


def _effects(seen: dict[str, SeenPm], verb: Verb, name: str, pm: WantedPm | None) -> Iterator[Step]:
    """What a step for a module is made of."""

    def become(**changes: object) -> Step:
        return lambda: seen.update({name: replace(seen.get(name, SeenPm(name)), **changes)})

    if verb is Verb.REMOVE:
        yield become(active=False, enabled=False, namespace=False, pid=0, running_config=None)
        yield become(unit=None)
        yield become(config=None)
        yield lambda: seen.pop(name)
        return
    assert pm is not None
    allocation = allocation_of_unit(pm.unit)
    if verb in (Verb.CREATE, Verb.WRITE):
        yield become(config=pm.config)
        yield become(unit=pm.unit, allocation=allocation)
    elif verb is Verb.RECONFIGURE:
        yield become(running_config=pm.config)
        yield become(config=pm.config)
    elif verb is Verb.ENABLE:
        yield become(enabled=True)
    else:
        port = SeenPort(pm.device, pm.ofport, allocation or "", name)
        yield lambda: seen.update(
            {
                name: replace(
                    seen[name],
                    active=True,
                    pid=1,
                    engine_current=True,
                    namespace=True,
                    port=port,
                    running_config=seen[name].config,
                )
            }
        )
