# SPDX-License-Identifier: Apache-2.0
"""A part of a module's packets that goes to a module of its own on another host: by whom it is wanted, and which ones there are.

Nothing remembers them but their names on the platform: a module that has the packets to 192.0.2.0/24 of ID-pm0 is ID-pm0-192.0.2.0-24.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from ansible.module_utils.flowstream.addresses import IPV4, Prefix, parse_prefix_text
from ansible.module_utils.flowstream.allocation.model import Allocation, ProcessingModule
from ansible.module_utils.flowstream.allocation.rules import pm_label
from ansible.module_utils.flowstream.allocation.shape import choice
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.middlebox import Counting, Divisible
from ansible.module_utils.flowstream.platform.occupancy import Occupancy

_NAME = re.compile(r"-pm(\d+)-(\d+\.\d+\.\d+\.\d+)-(\d+)", re.ASCII)


class Wish(NamedTuple):
    """That the packets of a module to a prefix go to a host; to that of the module itself, they are no part any more."""

    module: str
    prefix: Prefix
    host: str

    @classmethod
    def from_dict(cls, plain: Mapping[str, str]) -> Wish:
        """Read `{module, prefix, host}`; FlowstreamError where the prefix is none."""
        try:
            prefix = parse_prefix_text(plain["prefix"])
        except FlowstreamError as error:
            raise FlowstreamError(f"prefix: {error}") from error
        if prefix.family != IPV4:
            raise FlowstreamError(f"prefix: parts are of IPv4 only, got {prefix}; move the module as a whole")
        return cls(plain["module"], prefix, plain["host"])


class Divided(NamedTuple):
    """An allocation with its parts, the hosts that are asked for them by name, and what whoever asked has to be told."""

    allocation: Allocation
    pins: Mapping[str, str] = MappingProxyType({})
    findings: Sequence[str] = ()


def divided(
    allocations: Sequence[Allocation],
    kinds: Sequence[Counting],
    occupancy: Occupancy,
    hosts: Sequence[str],
    parts: Sequence[Mapping[str, str]],
) -> list[Divided]:
    """Return each allocation, of the type beside it, with the parts that run and those that are wanted, as modules behind its own ones.

    A wish is `{module, prefix, host}`. Raises FlowstreamError for each part that cannot be had. One that runs and that the description has
    no packets for any more is none.
    """
    messages: list[str] = []
    wishes: list[Wish] = []
    for part in parts:
        try:
            wishes.append(Wish.from_dict(part))
        except FlowstreamError as error:
            messages += error.messages
    messages += _unknown(wishes, allocations, hosts)
    found: list[Divided] = []
    for allocation, kind in zip(allocations, kinds, strict=True):
        try:
            found.append(_divided(allocation, kind, occupancy, wishes))
        except FlowstreamError as error:
            messages += error.messages
    if messages:
        raise FlowstreamError(*messages)
    return found


def _divided(allocation: Allocation, kind: Counting, occupancy: Occupancy, wishes: Sequence[Wish]) -> Divided:
    own = {allocation.name_of(pm): pm for pm in allocation.pms}
    running = occupancy.of(allocation.allocation_id)
    asked = [wish for wish in wishes if wish.module in own]
    there = dict.fromkeys(_running(allocation, running))
    errors: list[str] = []
    pins: dict[str, str] = {}
    findings: list[str] = []
    for wish in asked:
        pm = own[wish.module]
        part = _part(allocation, pm, wish.prefix, 0)
        name, where = allocation.name_of(part), f"{allocation.file}:{pm.line}: {pm_label(pm)}"
        if wish.module not in running:
            errors.append(f"{where}: runs on no host, got {wish.prefix} to lead to {wish.host}; deploy it first")
            continue
        home = running[wish.module].host
        if not isinstance(kind, Divisible):
            errors.append(
                f"{where}: what a module of type {allocation.type} knows cannot be parted, got {wish.prefix} to lead to {wish.host};"
                " move the module as a whole"
            )
            continue
        try:
            kind.part(pm.body, wish.prefix)
        except FlowstreamError as error:
            errors += [f"{where}: {message}" for message in error.messages]
            continue
        within = [
            prefix
            for pm_id, prefix in there
            if pm_id == pm.pm_id
            and prefix != wish.prefix
            and (prefix.contains(wish.prefix) or wish.prefix.contains(prefix))
        ]
        if within:
            errors.append(
                f"{where}: has given {within[0]} away, got {wish.prefix}, which is not apart from it; lead {within[0]} back to {home} first"
            )
            continue
        if home == wish.host:
            findings.append(f"{where}: packets to {wish.prefix} go to {wish.module} on {home}, as all of its packets")
            there.pop((pm.pm_id, wish.prefix), None)
            continue
        findings.append(
            f"{where}: packets to {wish.prefix} go to {name} on {wish.host}, which does what {wish.module} does"
        )
        there[pm.pm_id, wish.prefix] = None
        pins[name] = wish.host
    if errors:
        raise FlowstreamError(*errors)
    by_number = {pm.pm_id: pm for pm in allocation.pms}
    number = max((pm.pm_id for pm in allocation.all_pms), default=0)
    parts: list[ProcessingModule] = []
    for pm_id, prefix in sorted(there):
        pm = by_number[pm_id]
        if not isinstance(kind, Divisible):
            continue
        try:
            body = kind.part(pm.body, prefix)
        except FlowstreamError:
            continue
        parts.append(replace(_part(allocation, pm, prefix, number + len(parts) + 1), body=body))
    return Divided(replace(allocation, pms=(*allocation.pms, *parts)), pins, findings)


def _unknown(wishes: Sequence[Wish], allocations: Sequence[Allocation], hosts: Sequence[str]) -> list[str]:
    names = [allocation.name_of(pm) for allocation in allocations for pm in allocation.pms]
    return [
        *(
            f"module: is none of the allocation, got {one.module}; use {choice(names)}"
            for one in wishes
            if one.module not in names
        ),
        *(f"host: is no module host, got {one.host}; use {choice(hosts)}" for one in wishes if one.host not in hosts),
    ]


def _running(allocation: Allocation, names: Collection[str]) -> Iterator[tuple[int, Prefix]]:
    """The parts of modules that the allocation has, by their names."""
    known = {pm.pm_id for pm in allocation.pms}
    for name in sorted(names):
        found = _NAME.fullmatch(name.removeprefix(allocation.allocation_id))
        if found and int(found[1]) in known:
            yield int(found[1]), parse_prefix_text(f"{found[2]}/{found[3]}")


def _part(allocation: Allocation, pm: ProcessingModule, prefix: Prefix, number: int) -> ProcessingModule:
    return replace(pm, pm_id=number, part=prefix, part_of=pm.pm_id)
