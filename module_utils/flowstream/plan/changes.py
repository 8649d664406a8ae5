# SPDX-License-Identifier: Apache-2.0
"""What a new plan changes in an old one, for people (`--diff`) and for apply, which makes before it breaks.

Order of apply: start what is new, reconfigure what stays, lead the hosts' and then the switch's flows to it, and only
then stop what nothing leads to any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.flows.flow import Flow, Group
from ansible.module_utils.flowstream.plan.plan import HostPlan, Plan, PlannedPm, SwitchPlan

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class PmChange:
    """A processing module that is new on a host (`old` is None), gone from it (`new` is None), or different on it."""

    host: str
    name: str
    old: PlannedPm | None
    new: PlannedPm | None

    @property
    def needs_restart(self) -> bool:
        """Whether more than its configuration differs, so that it cannot keep running."""
        return self.old is None or self.new is None or _body(self.old) != _body(self.new)

    @property
    def prefixes(self) -> tuple[Prefix, ...]:
        """The destinations whose packets the change may meet."""
        pms = [pm for pm in (self.old, self.new) if pm is not None]
        return tuple(sorted({destination for pm in pms for destination in pm.destinations}))

    def __str__(self) -> str:
        if self.new is None:
            return f"- {self.host}: {self.name}"
        if self.old is None:
            return f"+ {self.host}: {_described(self.new)}"
        differences = [
            f"{name or 'vif'} {before} -> {after}"
            for name, before, after in zip_longest(_BODY, _body(self.old), _body(self.new), fillvalue=None)
            if before != after
        ]
        if self.old.config != self.new.config:
            differences.append("configuration " + _line_counts(self.old.config, self.new.config))
        return f"~ {self.host}: {self.name}: {', '.join(differences)}"


@dataclass(frozen=True, slots=True)
class BridgeChange:
    """Flow entries and groups that a bridge gains, gives other actions, and loses; `name` is the switch's or host's."""

    name: str
    added: tuple[Flow, ...]
    changed: tuple[tuple[Flow, Flow], ...]
    removed: tuple[Flow, ...]
    groups_added: tuple[Group, ...] = ()
    groups_changed: tuple[tuple[Group, Group], ...] = ()
    groups_removed: tuple[Group, ...] = ()

    def lines(self) -> list[str]:
        """Return the change as a person reads it."""
        return [
            *(f"+ {self.name}: {group}{_because(group.why)}" for group in self.groups_added),
            *(f"~ {self.name}: {old} -> {new}" for old, new in self.groups_changed),
            *(f"+ {self.name}: {flow.describe()}{_because(flow.why)}" for flow in self.added),
            *(
                f"~ {self.name}: {old.describe()} -> {','.join(new.actions)}{_because(new.why)}"
                for old, new in self.changed
            ),
            *(f"- {self.name}: {flow.describe()}" for flow in self.removed),
            *(f"- {self.name}: {group}" for group in self.groups_removed),
        ]


@dataclass(frozen=True, slots=True)
class Changes:
    """All that differs between two plans, sorted by name. Falsy when nothing does."""

    pms: tuple[PmChange, ...]
    hosts: tuple[BridgeChange, ...]
    switches: tuple[BridgeChange, ...]

    def __bool__(self) -> bool:
        return bool(self.pms or self.hosts or self.switches)

    @property
    def started(self) -> tuple[PmChange, ...]:
        """What has to run before any flow leads to it."""
        return tuple(change for change in self.pms if change.old is None)

    @property
    def reconfigured(self) -> tuple[PmChange, ...]:
        """What keeps its place and gets something new."""
        return tuple(change for change in self.pms if change.old is not None and change.new is not None)

    @property
    def stopped(self) -> tuple[PmChange, ...]:
        """What may go when no flow leads to it any more."""
        return tuple(change for change in self.pms if change.new is None)

    @property
    def touched(self) -> tuple[Prefix, ...]:
        """The destinations whose packets the change may meet; all others go on undisturbed."""
        return tuple(sorted({prefix for change in self.pms for prefix in change.prefixes}))

    def lines(self) -> list[str]:
        """Return the changes in the order of apply, one line each."""
        return [
            *map(str, self.started),
            *map(str, self.reconfigured),
            *(line for bridge in self.hosts for line in bridge.lines()),
            *(line for bridge in self.switches for line in bridge.lines()),
            *map(str, self.stopped),
        ]


def compare(old: Plan | None, new: Plan | None) -> Changes:
    """Return what leads from the old plan to the new one; None is a plan with nothing in it."""
    return Changes(
        pms=_compare_pms(old, new),
        hosts=_compare_bridges(_bridges(old, "hosts"), _bridges(new, "hosts")),
        switches=_compare_bridges(_bridges(old, "switches"), _bridges(new, "switches")),
    )


def file_differences(
    old: Mapping[str, str], new: Mapping[str, str], old_name: str, new_name: str
) -> list[dict[str, str]]:
    """Return before and after of each file that differs between two `Plan.shown`, as Ansible's diffs."""
    return [
        {
            "before_header": f"{old_name}/{name}",
            "after_header": f"{new_name}/{name}",
            "before": old.get(name, ""),
            "after": new.get(name, ""),
        }
        for name in sorted(old.keys() | new.keys())
        if old.get(name, "") != new.get(name, "")
    ]


def _compare_pms(old: Plan | None, new: Plan | None) -> tuple[PmChange, ...]:
    before, after = _pms(old), _pms(new)
    return tuple(
        PmChange(host, name, before.get((host, pm_id, name)), after.get((host, pm_id, name)))
        for host, pm_id, name in sorted(before.keys() | after.keys())
        if before.get((host, pm_id, name)) != after.get((host, pm_id, name))
    )


def _pms(plan: Plan | None) -> dict[tuple[str, int, str], PlannedPm]:
    hosts = plan.hosts if plan else {}
    return {(name, pm.pm_id, pm.name): pm for name, host in hosts.items() for pm in host.pms}


def _bridges(plan: Plan | None, kind: str) -> Mapping[str, SwitchPlan | HostPlan]:
    if plan is None:
        return {}
    return plan.hosts if kind == "hosts" else plan.switches


def _compare_bridges(
    old: Mapping[str, SwitchPlan | HostPlan], new: Mapping[str, SwitchPlan | HostPlan]
) -> tuple[BridgeChange, ...]:
    changes = []
    for name in sorted(old.keys() | new.keys()):
        bridges = old.get(name), new.get(name)
        flows = _differences(*({flow.identity: flow for flow in bridge.flows} if bridge else {} for bridge in bridges))
        groups = _differences(
            *({group.group_id: group for group in bridge.groups} if bridge else {} for bridge in bridges)
        )
        if any(flows) or any(groups):
            changes.append(BridgeChange(name, *flows, *groups))
    return tuple(changes)


def _differences(
    before: Mapping[Key, Value], after: Mapping[Key, Value]
) -> tuple[tuple[Value, ...], tuple[tuple[Value, Value], ...], tuple[Value, ...]]:
    """What is new, what has changed from what to what, and what is gone."""
    return (
        tuple(value for key, value in after.items() if key not in before),
        tuple((before[key], value) for key, value in after.items() if key in before and before[key] != value),
        tuple(value for key, value in before.items() if key not in after),
    )


_BODY = ("kind", "memory_mib", "vcpus", "vif")


def _body(pm: PlannedPm) -> tuple[object, ...]:
    """What a running processing module cannot change."""
    return pm.kind, pm.memory_mib, pm.vcpus, *pm.vifs


def _described(pm: PlannedPm) -> str:
    claims = ", ".join(pm.gets)
    routes = f", {len(pm.routes)} routes" if pm.routes else ""
    return f"{pm.name} ({pm.kind}, {pm.memory_mib} MiB, {pm.vcpus} vcpus) for {claims}{routes}{_because(pm.why)}"


def _because(why: str) -> str:
    return f" ({why})" if why else ""


def _line_counts(old: str, new: str) -> str:
    before, after = Counter(old.splitlines()), Counter(new.splitlines())
    return f"+{(after - before).total()} -{(before - after).total()} lines"
