# SPDX-License-Identifier: Apache-2.0
"""What runs on the platform already, and whose it is: the platform's own account, read back from hosts and switches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.marks import Marks


@dataclass(frozen=True, slots=True)
class RunningModule:
    """A processing module that a host has, whether it runs or may start at any time.

    `ports` are its OpenFlow numbers on the host's bridge by interface. `rate_mbps` is what it may send, None for no bound.
    """

    name: str
    allocation: str
    host: str
    tenant: str = ""
    memory_mib: int = 0
    rate_mbps: int | None = None
    ports: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Use:
    """What modules take of a host: MiB of memory, and Mbit/s of what they may send as far as that is bounded."""

    pms: int = 0
    memory: int = 0
    rate: int = 0


@dataclass(frozen=True, slots=True)
class Occupancy:
    """What all allocations together have on the platform.

    `marks` has by switch, and there by allocation, what the allocation's flows look for. `unread` are the machines that nobody
    could look at, each with the cause; the module hosts of them that do not answer at all are `silent`. `entries` are whole flows by
    switch, which somebody reads only where a module runs twice or a host is silent. `foreign` is how many flows nobody's allocation has,
    by switch and there by table.
    """

    modules: tuple[RunningModule, ...] = ()
    marks: Mapping[str, Mapping[str, Marks]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    entries: Mapping[str, frozenset[Flow]] = field(default_factory=dict)
    foreign: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    @classmethod
    def from_account(cls, account: Mapping[str, Any]) -> Occupancy:
        """Read `{"hosts": {name: [module, ...]}, "switches": {name: {allocation: marks}}, "unread": {name: cause}}`.

        `silent`, a list of names, `entries`, `{name: [flow, ...]}`, and `foreign`, `{name: {table: count}}`, may be there too.
        """
        return cls(
            tuple(_module(host, pm) for host, pms in sorted(account["hosts"].items()) for pm in pms),
            {
                switch: {owner: Marks.from_dict(marks) for owner, marks in sorted(owners.items())}
                for switch, owners in sorted(account["switches"].items())
            },
            dict(sorted(account["unread"].items())),
            tuple(sorted(account.get("silent", ()))),
            {
                switch: frozenset(Flow.from_dict(flow) for flow in flows)
                for switch, flows in sorted(account.get("entries", {}).items())
            },
            {
                switch: {int(table): count for table, count in tables.items()}
                for switch, tables in sorted(account.get("foreign", {}).items())
            },
        )

    def of(self, allocation: str) -> dict[str, RunningModule]:
        """Return the modules of an allocation by name."""
        return {module.name: module for module in self.modules if module.allocation == allocation}

    def twice(self, allocation: str) -> dict[str, tuple[str, ...]]:
        """Return the hosts of each module of an allocation that runs on more than one, by name."""
        hosts: dict[str, set[str]] = {}
        for module in self.modules:
            if module.allocation == allocation:
                hosts.setdefault(module.name, set()).add(module.host)
        return {name: tuple(sorted(found)) for name, found in sorted(hosts.items()) if len(found) > 1}

    def at(self, allocation: str, homes: Mapping[str, str]) -> Occupancy:
        """Return the same with those modules of an allocation, by name, on one host each."""
        modules = tuple(
            module
            for module in self.modules
            if module.allocation != allocation or homes.get(module.name, module.host) == module.host
        )
        return replace(self, modules=modules)

    def owners(self, switches: Iterable[str]) -> list[str]:
        """Return who has flows on any of these switches, by its allocation's name where that is known."""
        return list(dict.fromkeys(owner for switch in switches for owner in self.marks.get(switch, {})))

    def without(self, allocation: str) -> Occupancy:
        """Return what is there of all others."""
        return replace(
            self,
            modules=tuple(module for module in self.modules if module.allocation != allocation),
            marks={
                switch: {owner: marks for owner, marks in owners.items() if owner != allocation}
                for switch, owners in self.marks.items()
            },
        )

    def having(self, allocation: str, modules: Iterable[RunningModule], marks: Mapping[str, Marks]) -> Occupancy:
        """Return what will be there when an allocation has these modules and, by switch, these marks instead of its own."""
        others = self.without(allocation)
        owners = {switch: {**others.marks.get(switch, {}), allocation: own} for switch, own in marks.items()}
        return replace(others, modules=(*others.modules, *modules), marks={**others.marks, **owners})

    def taken(self, switch: str) -> Counter[int]:
        """Return how many entries there are on a switch, by table; the fabric's are not among them."""
        counts = Counter(self.foreign.get(switch, {}))
        for marks in self.marks.get(switch, {}).values():
            counts.update(marks.entries)
        return counts

    def use(self, host: str) -> Use:
        """Return what is taken of a host."""
        there = [module for module in self.modules if module.host == host]
        return Use(len(there), sum(one.memory_mib for one in there), sum(one.rate_mbps or 0 for one in there))


NOTHING = Occupancy()


def _module(host: str, plain: Mapping[str, Any]) -> RunningModule:
    return RunningModule(
        name=plain["name"],
        allocation=plain["allocation"] or "",
        host=host,
        tenant=plain.get("tenant", ""),
        memory_mib=plain.get("memory_mib", 0),
        rate_mbps=plain.get("rate_mbps"),
        ports=dict(plain.get("ports", {})),
    )
