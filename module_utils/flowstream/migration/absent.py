# SPDX-License-Identifier: Apache-2.0
"""Module hosts that do not answer: which of them a plan can do without, and what is lost with those that are given up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.rules import pm_label
from ansible.module_utils.flowstream.allocation.shape import choice
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.middlebox import Counting, Kinds
from ansible.module_utils.flowstream.plan.plan import Plan, cookie_of
from ansible.module_utils.flowstream.platform.facts import ModuleHost, Platform
from ansible.module_utils.flowstream.platform.occupancy import Occupancy


def spared(plan: Plan, occupancy: Occupancy) -> list[str]:
    """Return the hosts that do not answer and that a plan which was made before can do without, as it has no module there.

    Raises FlowstreamError for each other that does not answer.
    """
    needed = {name: plan.hosts[name].pms for name in occupancy.silent if name in plan.hosts and plan.hosts[name].pms}
    if needed:
        raise FlowstreamError(
            *(
                f"allocation {plan.allocation_id}: {name} does not answer, got {_all([pm.name for pm in pms])} to run there as then; bring"
                f" it up, or recover.yml -e host={name} with the description"
                for name, pms in needed.items()
            )
        )
    return list(occupancy.silent)


def _owners(host: ModuleHost, occupancy: Occupancy) -> set[int]:
    """The cookies of the switch's entries for packets to a host or from it: whoever has modules there has some."""
    port = str(host.switch_port)
    return {
        flow.cookie
        for flow in occupancy.entries.get(host.switch, ())
        if dict(flow.match).get("in_port") == port or f"output:{port}" in flow.actions
    }


def is_led_to(allocation_id: str, host: ModuleHost, occupancy: Occupancy) -> bool:
    """Whether packets of an allocation are led to a host."""
    return cookie_of(allocation_id) in _owners(host, occupancy)


def not_given_up(platform: Platform, occupancy: Occupancy, lost: Sequence[str]) -> list[str]:
    """Return what is wrong with the wish to place anew what ran on these hosts."""
    hosts = [host.name for host in platform.hosts]
    errors = [f"host: is no module host, got {name}; use {choice(hosts)}" for name in lost if name not in hosts]
    errors += [
        f"host: answers, got {name}; empty it with evacuate-host.yml, so that its modules take along what they know"
        for name in lost
        if name in hosts and name not in occupancy.silent
    ]
    if lost and not errors and not set(hosts) - set(occupancy.silent):
        errors.append(f"host: no other answers, got {' and '.join(lost)}; bring one up, or add a module host")
    return errors


def done_without(
    allocations: Sequence[Allocation], platform: Platform, occupancy: Occupancy, lost: Sequence[str]
) -> list[str]:
    """Return the hosts that do not answer and need not: those that are given up, and those to which nothing of the allocations is led.

    A switch without entries says nothing: then it is the first deployment, and every host has to be there.
    """
    return [
        host.name
        for host in platform.hosts
        if host.name in lost
        or (
            host.name in occupancy.silent
            and occupancy.entries.get(host.switch)
            and not any(is_led_to(one.allocation_id, host, occupancy) for one in allocations)
        )
    ]


def missed(
    allocations: Sequence[Allocation], platform: Platform, occupancy: Occupancy, away: Collection[str]
) -> Iterator[str]:
    """Yield what becomes of the plan for each host that does not answer."""
    names = {cookie_of(name): name for owners in occupancy.marks.values() for name in owners}
    own = {cookie_of(one.allocation_id) for one in allocations}
    for host in (host for host in platform.hosts if host.name in {*away, *occupancy.silent}):
        owners = _owners(host, occupancy)
        led = [one.allocation_id for one in allocations if cookie_of(one.allocation_id) in owners]
        if host.name in away and not led:
            yield (
                f"{host.name} does not answer, and nothing of {_all(one.allocation_id for one in allocations)} is led there:"
                " done without it; what of it may come back with the host gets no packets, and goes with the next deployment"
            )
        elif host.name not in away and led:
            yield (
                f"{host.name} does not answer, and packets of {_all(led)} are led there; place anew what ran there with"
                f" recover.yml -e host={host.name}"
            )
        others = sorted(names.get(cookie, f"{cookie:#018x}") for cookie in owners - own - {0})
        if host.name in away and others:
            yield f"{host.name} does not answer, and packets of {_all(others)} are led there still; recover those by their own descriptions"


def losses(
    allocation: Allocation, plan: Plan, platform: Platform, occupancy: Occupancy, lost: Sequence[str], kinds: Kinds
) -> Iterator[str]:
    """Yield for each module that runs on no host that answers where it is placed anew, and what it knew."""
    from_there = [
        host.name
        for host in platform.hosts
        if host.name in lost and is_led_to(allocation.allocation_id, host, occupancy)
    ]
    running = occupancy.of(allocation.allocation_id)
    homes = {pm.pm_id: name for name, host in plan.hosts.items() for pm in host.pms}
    for pm in allocation.all_pms:
        if from_there and allocation.name_of(pm) not in running:
            word, kind = kinds[pm.pm_id]
            yield (
                f"{allocation.file}:{pm.line}: {pm_label(pm)}: ran on {' or '.join(from_there)}, which does not answer; goes to"
                f" {homes[pm.pm_id]} as a new {word}; {_loss(kind)}"
            )


def _loss(kind: Counting) -> str:
    if not kind.knows:
        return "nothing is lost that it knew of flows"
    return f"lost is what it knew: {kind.knows}"


def _all(names: Iterator[str] | Sequence[str]) -> str:
    return " and ".join(names)
