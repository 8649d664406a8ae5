# SPDX-License-Identifier: Apache-2.0
"""Modules that run on two hosts, because a move was not finished or a host came back: which of the two packets are led to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.middleboxes.middlebox import Kinds
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.platform.occupancy import Occupancy

_Entry = tuple[str, Flow]


class Copies(NamedTuple):
    """A module that runs on several hosts, because a move was not finished or a host came back: packets are led to the `owner`."""

    module: str
    owner: str
    others: tuple[str, ...]


def settle(
    allocation: Allocation, occupancy: Occupancy, kinds: Kinds, plan: Callable[[Occupancy], Plan]
) -> tuple[Occupancy, list[Copies]]:
    """Return the occupancy in which each module is only where packets are led to, and those that run elsewhere too.

    The switch says where that is: it has the entries of one of the plans that have the module on one of the hosts. `plan` makes
    such. Where nothing is lost by it, the first host will do.
    """
    twice = occupancy.twice(allocation.allocation_id)
    stateful = {allocation.name_of(pm) for pm in allocation.all_pms if kinds[pm.pm_id][1].state}
    there = {(switch, flow) for switch, flows in occupancy.entries.items() for flow in flows}
    chosen = {name: hosts[0] for name, hosts in twice.items()}
    errors: list[str] = []
    for name, hosts in twice.items():
        plans = {host: plan(occupancy.at(allocation.allocation_id, {**chosen, name: host})) for host in hosts}
        owner = _owner(plans, there)
        if owner is None and name in stateful:
            errors.append(
                f"module {name}: runs on {' and '.join(hosts)}, got the switch's entries for neither; deploy the allocation that"
                " was deployed when it moved"
            )
        chosen[name] = owner or hosts[0]
    if errors:
        raise FlowstreamError(*errors)
    copies = [Copies(name, chosen[name], tuple(h for h in hosts if h != chosen[name])) for name, hosts in twice.items()]
    return occupancy.at(allocation.allocation_id, chosen), copies


def _owner(plans: Mapping[str, Plan], there: Set[_Entry]) -> str | None:
    """The one host whose plan has more of its own entries on the switch than the plans of the others."""
    planned = {
        host: frozenset((name, flow) for name, switch in plan.switches.items() for flow in switch.flows)
        for host, plan in plans.items()
    }
    common = frozenset.intersection(*planned.values())
    present = {host: len((entries - common) & there) for host, entries in planned.items()}
    most = max(present.values())
    best = [host for host, count in present.items() if count == most]
    return best[0] if most and len(best) == 1 else None


def unfinished(copies: Sequence[Copies], plan: Plan) -> Iterator[str]:
    """Yield what becomes of each module of which there are copies."""
    homes = {pm.name: name for name, host in plan.hosts.items() for pm in host.pms}
    for copy in copies:
        others = " and ".join(copy.others)
        home = homes.get(copy.module, "")
        fate = (
            f"a move to {home} begins"
            if home and home != copy.owner
            else f"it stays there, and the copy on {others} goes"
        )
        yield (
            f"module {copy.module}: runs on {copy.owner} and {others}, because a move was not finished or a host came back;"
            f" packets are led to {copy.owner}: {fate}"
        )
