# SPDX-License-Identifier: Apache-2.0
"""Modules that go from one host to another: what may be asked for, and what has to be carried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.rules import pm_label
from ansible.module_utils.flowstream.allocation.shape import choice
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.middlebox import Kinds
from ansible.module_utils.flowstream.migration.copies import Copies
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.platform.occupancy import Occupancy

CARRYING = "process"
"""The kind of modules whose state can be carried."""


@dataclass(frozen=True, slots=True)
class Move:
    """A module that goes from one host to another; `begun` by an earlier run, when packets are led to the target already.

    `state` are the handlers of its flows, `learned` those of what it knows of its neighbours.
    """

    module: str
    source: str
    target: str
    state: tuple[str, ...] = ()
    learned: tuple[str, ...] = ()
    begun: bool = False

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Move:
        """Read what `to_dict` returned."""
        return cls(**{**plain, "state": tuple(plain["state"]), "learned": tuple(plain["learned"])})

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "module": self.module,
            "source": self.source,
            "target": self.target,
            "state": list(self.state),
            "learned": list(self.learned),
            "begun": self.begun,
        }


def wishes(
    allocations: Sequence[Allocation],
    platform: Platform,
    occupancy: Occupancy,
    pins: Mapping[str, str],
    left: Sequence[str],
) -> list[str]:
    """Return what is wrong with the wish to have these modules on these hosts, and none on those that are to be left."""
    names = [allocation.name_of(pm) for allocation in allocations for pm in allocation.all_pms]
    hosts = [host.name for host in platform.hosts]
    ids = [allocation.allocation_id for allocation in allocations]
    others = {
        host: sorted({one.allocation for one in occupancy.modules if one.host == host} - set(ids)) for host in left
    }
    return [
        *(f"module: is none of the allocation, got {name}; use {choice(names)}" for name in pins if name not in names),
        *(
            f"host: is no module host, got {host}; use {choice(hosts)}"
            for host in (*pins.values(), *left)
            if host not in hosts
        ),
        *(
            f"host: has modules of {' and '.join(found)} too, got {host} and the allocation {' and '.join(ids)}; give a folder that"
            " has all of them"
            for host, found in others.items()
            if found
        ),
        *(
            ["host: is the only one, got none to move its modules to; add a module host"]
            if set(left) >= set(hosts)
            else []
        ),
    ]


def pins_of(
    allocation: Allocation, occupancy: Occupancy, platform: Platform, kinds: Kinds, pins: Mapping[str, str]
) -> dict[int, str]:
    """Return the hosts that are asked for by the number of the module; FlowstreamError for each that cannot be moved."""
    running = occupancy.of(allocation.allocation_id)
    drivers = {host.name: host.driver for host in platform.hosts}
    found: dict[int, str] = {}
    errors: list[str] = []
    for pm in allocation.all_pms:
        name = allocation.name_of(pm)
        if name not in pins:
            continue
        found[pm.pm_id] = target = pins[name]
        where = f"{allocation.file}:{pm.line}: {pm_label(pm)}"
        source = running[name].host if name in running else ""
        if not source and pm.part is not None:
            continue
        if not source:
            errors.append(f"{where}: runs on no host, got {target} to move it to; deploy it first")
            continue
        if source == target:
            continue
        word, kind = kinds[pm.pm_id]
        if kind.state is None:
            errors.append(
                f"{where}: what a module of type {word} knows cannot be carried, got {target} to move it to; leave it on {source}"
            )
        others = sorted({drivers.get(host, "another") for host in (source, target)} - {CARRYING})
        if others:
            errors.append(
                f"{where}: moves between hosts with driver {CARRYING} only, got {' and '.join(others)}; choose such a host"
            )
    if errors:
        raise FlowstreamError(*errors)
    return found


def moves_of(
    plan: Plan, occupancy: Occupancy, platform: Platform, copies: Sequence[Copies], kinds: Kinds
) -> Iterator[Move]:
    """Yield what has to be carried for a plan: for moves that were begun, then for those that it has."""
    portids = [port.portid for port in plan.ports]
    running = occupancy.of(plan.allocation_id)
    able = {host.name for host in platform.hosts if host.driver == CARRYING}
    begun = {copy.module: copy for copy in copies}
    placed = [(name, pm) for name, host in plan.hosts.items() for pm in host.pms if pm.kind == CARRYING]
    for target, pm in placed:
        kind = kinds[pm.pm_id][1]
        learned = tuple(name.format(port=port) for name in kind.learned for port in portids)
        if pm.name in begun and kind.state:
            for source in (host for host in begun[pm.name].others if host in able):
                yield Move(pm.name, source, begun[pm.name].owner, kind.state, learned, begun=True)
        if pm.name in running and running[pm.name].host in able - {target}:
            yield Move(pm.name, running[pm.name].host, target, kind.state or (), learned)
