# SPDX-License-Identifier: Apache-2.0
"""The difference between the flows one owner wants on a switch and those it has, and the one bundle that closes it.

A flow's cookie says whose it is. Groups carry no cookie: an owner's groups are those that its flows use.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow, Group
from ansible.module_utils.flowstream.flows.learn import taught_by
from ansible.module_utils.flowstream.openflow.observe import NoBridgeError, Switch, observe_flows, observe_groups
from ansible.module_utils.flowstream.world.files import read_text, remove_file, replace_file
from ansible.module_utils.flowstream.world.run import NotInstalledError, Run, checked

_DESTINATIONS = (("0x0800", "nw_dst", "0.0.0.0/0"), ("0x86dd", "ipv6_dst", "::/0"))
"""Where packets go to, by their Ethernet type: the field, and what an entry without it means."""
_PERMANENT = Path("/etc/flowstream/flows")
"""Where unit flowstream-flows@BRIDGE of role open_vswitch finds them, too."""


def inner_first(groups: Sequence[Group]) -> list[Group]:
    """The groups in an order in which none leads to one that is not there yet."""
    waiting, ordered = list(groups), list[Group]()
    while waiting:
        ids = {group.group_id for group in waiting}
        ready = [group for group in waiting if ids.isdisjoint(group.groups())] or waiting
        ordered += ready
        waiting = [group for group in waiting if group not in ready]
    return ordered


def last_table_first(flows: Iterable[Flow]) -> list[Flow]:
    """The flows in an order in which none leads to a table that is not filled yet."""
    return sorted(flows, key=lambda flow: -flow.table)


@dataclass(frozen=True)
class FlowTable:
    """What one owner wants, or has, on one switch: sorted flows and groups."""

    flows: tuple[Flow, ...]
    groups: tuple[Group, ...]

    def __str__(self) -> str:
        lines = [str(group) for group in self.groups] + [str(flow) for flow in self.flows]
        return "".join(f"{line}\n" for line in lines)

    def bundle(self) -> str:
        """The text for `ovs-ofctl bundle` that puts all of it on a switch which may have some of it."""
        lines = [f"group add_or_mod {group}" for group in inner_first(self.groups)] + [
            f"flow add {flow}" for flow in self.flows
        ]
        return "".join(f"{line}\n" for line in lines)


NOTHING = FlowTable((), ())


@dataclass(frozen=True)
class FlowChanges:
    """What to do to a switch, each list sorted; changed flows and groups are (before, after)."""

    groups_added: tuple[Group, ...]
    groups_changed: tuple[tuple[Group, Group], ...]
    groups_removed: tuple[Group, ...]
    flows_added: tuple[Flow, ...]
    flows_changed: tuple[tuple[Flow, Flow], ...]
    flows_removed: tuple[Flow, ...]
    flows_regrouped: tuple[Flow, ...] = ()
    """Those that are as they were, but for what the groups do to which they send."""

    def lines(self) -> list[str]:
        """One line a change for people, in the order of the bundle."""
        return [
            *(f"add group {group}{_because(group)}" for group in self.groups_added),
            *(f"change group {before} to {after}{_because(after)}" for before, after in self.groups_changed),
            *(f"add flow {flow.describe()}{_because(flow)}" for flow in self.flows_added),
            *(f"change flow {old.describe()} to {new.describe()}{_because(new)}" for old, new in self.flows_changed),
            *(f"remove flow {flow.describe()}" for flow in self.flows_removed),
            *(f"remove group {group}" for group in self.groups_removed),
        ]

    def destinations(self) -> list[str]:
        """The destinations, sorted, of the IP packets that take another way now."""
        flows = [
            *self.flows_added,
            *(after for _, after in self.flows_changed),
            *self.flows_removed,
            *self.flows_regrouped,
        ]
        matches = [dict(flow.match) for flow in flows if flow.actions != ("drop",)]
        return sorted(
            {
                match.get(field, everywhere)
                for match in matches
                for ether_type, field, everywhere in _DESTINATIONS
                # What leads neighbour discovery is of no route.
                if match.get("dl_type") == ether_type and "icmp_type" not in match
            }
        )

    def bundle(self) -> str:
        """The text for `ovs-ofctl bundle`: what is new before what goes, groups around the flows that use them.

        A flow whose actions alone change is modified in place and keeps its counters; every delete names the
        cookie, so that a flow that somebody else put there meanwhile stays.
        """
        lines = [
            *(f"group add {group}" for group in inner_first(self.groups_added)),
            *(f"group modify {after}" for _, after in self.groups_changed),
            *(f"flow add {flow}" for flow in last_table_first(self.flows_added)),
        ]
        for before, after in self.flows_changed:
            only_actions = replace(before, actions=after.actions) == after
            lines.append(f"flow {'modify_strict' if only_actions else 'add'} {after}")
        lines += [f"flow delete_strict cookie={flow.cookie:#x}/-1,{flow.selector()}" for flow in self.flows_removed]
        lines += [f"group delete group_id={group.group_id}" for group in reversed(inner_first(self.groups_removed))]
        return "".join(f"{line}\n" for line in lines)


def _because(entry: Flow | Group) -> str:
    return f" ({entry.why})" if entry.why else ""


def owned_by(cookie: int, flows: Iterable[Flow], groups: Iterable[Group]) -> FlowTable:
    """The declared set with every flow under `cookie`.

    Raises FlowstreamError with one line for each flow that names another cookie, that is there twice with different
    actions, or that sends to a group which is not declared.
    """
    if cookie == 0:
        raise FlowstreamError("cookie is 0, which Open vSwitch gives to every flow without an owner; choose another")
    errors: list[str] = []
    by_identity: dict[object, Flow] = {}
    by_id: dict[int, Group] = {}
    for group in groups:
        if by_id.setdefault(group.group_id, group) != group:
            errors.append(f"group {group.group_id} is declared twice: {by_id[group.group_id]} and {group}")
    for flow in flows:
        if flow.cookie not in (0, cookie):
            errors.append(f"flow '{flow}': its cookie is not the owner's {cookie:#x}; leave it out")
        own = replace(flow, cookie=cookie)
        first = by_identity.setdefault(own.identity, own)
        if first != own:
            errors.append(f"flow '{own.describe()}': the same match has '{first.describe()}'; keep one")
        errors.extend(
            f"flow '{own.describe()}': group {group_id} is not declared; add it to groups"
            for group_id in own.groups()
            if group_id not in by_id
        )
    if errors:
        raise FlowstreamError(*errors)
    return FlowTable(tuple(sorted(by_identity.values())), tuple(sorted(by_id.values())))


def current(cookie: int, want: FlowTable, flows: Sequence[Flow], groups: Sequence[Group]) -> FlowTable:
    """The owner's part of what a switch holds: flows with its cookie, the groups they use, and groups it wants.

    What the switch has taught itself by entries that are wanted is as it should be, whatever that is.
    """
    taught = taught_by(flow.actions for flow in want.flows)
    own = [flow for flow in flows if flow.cookie == cookie and (flow.table, flow.cookie) not in taught]
    wanted_ids = {group.group_id for group in want.groups}
    used = with_inner_groups((group_id for flow in own for group_id in flow.groups()), groups)
    foreign = _foreign_groups(cookie, flows, groups)
    ours = [group for group in groups if group.group_id in wanted_ids | (used - set(foreign))]
    return FlowTable(tuple(sorted(own)), tuple(sorted(ours)))


def _foreign_groups(cookie: int, flows: Iterable[Flow], groups: Sequence[Group]) -> dict[int, Flow]:
    return {
        group_id: flow
        for flow in flows
        if flow.cookie != cookie and flow.groups()
        for group_id in with_inner_groups(flow.groups(), groups)
    }


def with_inner_groups(used: Iterable[int], groups: Sequence[Group]) -> set[int]:
    """Return the groups and those to which they lead."""
    inner = {group.group_id: group.groups() for group in groups}
    found: set[int] = set()
    waiting = list(used)
    while waiting:
        group_id = waiting.pop()
        if group_id not in found:
            found.add(group_id)
            waiting += inner.get(group_id, ())
    return found


def check_foreign(switch: str, cookie: int, want: FlowTable, flows: Sequence[Flow], groups: Sequence[Group]) -> None:
    """Raise FlowstreamError, one line a clash, when `want` would overwrite flows or groups of another owner."""
    foreign = {flow.identity: flow for flow in flows if flow.cookie != cookie}
    users = _foreign_groups(cookie, flows, groups)
    have_groups = {group.group_id: group for group in groups}
    errors = [
        f"cannot add flow {flow.describe()} to {switch}: cookie {foreign[flow.identity].cookie:#x} owns "
        f"{foreign[flow.identity].describe()}"
        for flow in want.flows
        if flow.identity in foreign
    ]
    errors += [
        f"cannot change group {group.group_id} of {switch}: cookie {users[group.group_id].cookie:#x} uses it in "
        f"{users[group.group_id].describe()}"
        for group in want.groups
        if group.group_id in users and have_groups.get(group.group_id) != group
    ]
    if errors:
        raise FlowstreamError(*errors)


def flow_changes(want: FlowTable, have: FlowTable) -> FlowChanges:
    """What turns `have` into `want`."""
    want_flows, have_flows = ({flow.identity: flow for flow in table.flows} for table in (want, have))
    want_groups, have_groups = ({group.group_id: group for group in table.groups} for table in (want, have))
    groups_changed = tuple(
        (have_groups[group.group_id], group) for group in want.groups if have_groups.get(group.group_id, group) != group
    )
    other = {group.group_id for _, group in groups_changed}
    return FlowChanges(
        groups_added=tuple(group for group in want.groups if group.group_id not in have_groups),
        groups_changed=groups_changed,
        groups_removed=tuple(group for group in have.groups if group.group_id not in want_groups),
        flows_added=tuple(flow for flow in want.flows if flow.identity not in have_flows),
        flows_changed=tuple(
            (have_flows[flow.identity], flow) for flow in want.flows if have_flows.get(flow.identity, flow) != flow
        ),
        flows_removed=tuple(flow for flow in have.flows if flow.identity not in want_flows),
        flows_regrouped=tuple(
            flow
            for flow in want.flows
            if have_flows.get(flow.identity) == flow
            and not other.isdisjoint(with_inner_groups(flow.groups(), want.groups))
        ),
    )


def _observe(run: Run, switch: Switch, *, bare: bool) -> tuple[list[Flow], list[Group]]:
    """What the switch has. With `bare`, one without Open vSwitch or the bridge has nothing."""
    try:
        return observe_flows(run, switch), observe_groups(run, switch)
    except (NotInstalledError, NoBridgeError):
        if bare:
            return [], []
        raise


def extended(have: FlowTable, want: FlowTable) -> FlowTable:
    """Return `want` and all of `have` that it does not replace."""
    flows = {flow.identity: flow for flow in (*have.flows, *want.flows)}
    groups = {group.group_id: group for group in (*have.groups, *want.groups)}
    return FlowTable(tuple(sorted(flows.values())), tuple(sorted(groups.values())))


def _there(cookie: int, optional: FlowTable, flows: Iterable[Flow]) -> tuple[Flow, ...]:
    have = {flow.identity for flow in flows if flow.cookie == cookie}
    return tuple(flow for flow in optional.flows if flow.identity in have)


def permanent_file(bridge: str, cookie: int) -> Path:
    """Where the flows of an owner outlive a reboot of the bridge's machine."""
    return _PERMANENT / bridge / f"{cookie:#x}"


def converge_flows(
    run: Run,
    switch: Switch,
    cookie: int,
    want: FlowTable,
    *,
    purge: bool,
    check_mode: bool,
    permanent: Path | None = None,
    optional: FlowTable = NOTHING,
) -> dict[str, object]:
    """Make the flows of `cookie` on `switch` be `want`, all in one bundle or not at all; return a module's result.

    Without `purge`, flows of the cookie that are not in `want` stay. `permanent` is the file that is to say the same
    as the switch, None for none. Of the `optional` flows those are wanted that are there.
    """
    # In check mode an earlier step would have made the bridge; and where there is none, nothing is to be taken away.
    flows, groups = _observe(run, switch, bare=check_mode or want == NOTHING)
    want = extended(FlowTable(_there(cookie, optional, flows), ()), want)
    check_foreign(switch.target, cookie, want, flows, groups)
    have = current(cookie, want, flows, groups)
    changes = exact = flow_changes(want, have)
    if not purge:
        want = extended(have, want)
        changes = flow_changes(want, have)
    lines = changes.lines()
    if lines and not check_mode:
        checked(run, switch.argv("bundle", "-"), f"change the flows of {switch.target}", changes.bundle())
    kept = _keep(permanent, want, check_mode) if permanent else []
    return {
        "changed": bool(lines or kept),
        "changes": [*lines, *kept],
        "flows_added": len(changes.flows_added),
        "flows_changed": len(changes.flows_changed),
        "flows_removed": len(changes.flows_removed),
        "left": 0 if purge else len(exact.flows_removed) + len(exact.groups_removed),
        "destinations": changes.destinations(),
        "diff": {
            "before_header": f"{switch.target} flows of cookie {cookie:#x}",
            "after_header": f"{switch.target} flows of cookie {cookie:#x}",
            "before": str(have),
            "after": str(want),
        },
    }


def _keep(path: Path, want: FlowTable, check_mode: bool) -> list[str]:
    """Make the file say what the switch has; return what that changes."""
    text = want.bundle()
    if text == (read_text(path) or ""):
        return []
    if not check_mode and text:
        replace_file(path, text)
    elif not check_mode:
        remove_file(path, folders=3)
    return [f"{'write' if text else 'remove'} {path}"]
