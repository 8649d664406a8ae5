# SPDX-License-Identifier: Apache-2.0
"""A migration that is killed after any step is made good by the next run, whatever that wants: one owner of every flow, which is named.

A connection comes before every step; whoever has the packets by the switch's entries knows it from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.migration.moves import Move
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.job import PlanningJob, run_planner
from ansible.module_utils.flowstream.world.run import local_run

from .played_platform import EMPTY, PlayedPlatform, Step
from .test_killed_deployment import FACTS, ROOT

EXAMPLES = ROOT / "examples"
LINKS = {"output:11": "mh1", "output:12": "mh2"}
NEXT: Mapping[str, Mapping[str, Any]] = {
    "a deployment": {},
    "the same migration": {"to": "mh2"},
    "a migration back": {"to": "mh1"},
    "an evacuation of the old host": {"left": ["mh1"]},
    "an evacuation of the new host": {"left": ["mh2"]},
}
PREFIX = "192.168.7.0/24"
NEXT_OF_PARTS: Mapping[str, Mapping[str, Any]] = {
    "a deployment": {},
    "the same again": {"part": "mh2"},
    "one back": {"part": "mh1"},
    "an evacuation of the first one's host": {"left": ["mh1"]},
    "an evacuation of the part's host": {"left": ["mh2"]},
}


@dataclass
class Migrating(PlayedPlatform):
    """A platform whose modules know connections: by host and module, and those that wait at one that is shut."""

    known: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    waiting: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    connections: int = 0

    def account(self) -> dict[str, Any]:
        """What the platform says of itself."""
        return {
            "hosts": {
                host: [
                    {
                        "name": name,
                        "allocation": pm.allocation,
                        "ports": {"eth0": pm.port.ofport} if pm.port else {},
                        "memory_mib": 128,
                    }
                    for name, pm in sorted(modules.items())
                    if pm.unit
                ]
                for host, modules in self.modules.items()
            },
            "switches": {},
            "unread": {},
            "entries": {"sw1": [flow.to_dict() for flow in self.flows.get("sw1", EMPTY).flows]},
        }

    def owner(self, leads: tuple[str, str]) -> str:
        """The host that packets at port 0 are led to that match this."""
        (found,) = {
            LINKS[flow.actions[0]] for flow in self.flows["sw1"].flows if {("in_port", "1"), leads} <= set(flow.match)
        }
        return found

    def homes(self, module: str) -> list[str]:
        """The hosts that have a module."""
        return [host for host, modules in self.modules.items() if module in modules and modules[module].unit]

    def connect(self, leads: tuple[str, str], module: str) -> None:
        """Let a connection begin: it waits where its module is shut, and must not come where none runs."""
        place = self.owner(leads), module
        assert self.modules[place[0]][module].active
        self.connections += 1
        self.waiting.get(place, self.known.setdefault(place, set())).add(self.connections)

    def forget(self) -> None:
        """What a module knew goes with it."""
        for host, module in {*self.known, *self.waiting}:
            if module not in self.modules[host] or not self.modules[host][module].active:
                self.known.pop((host, module), None)
                self.waiting.pop((host, module), None)

    def run(self, planned: Mapping[str, Any]) -> Iterator[Step]:
        """The steps of apply.yml for what was planned."""
        plan = Plan.from_dict(planned["plan"])
        moves = [Move.from_dict(move) for move in planned["moves"]]
        for move in moves:
            if move.begun and (move.target, move.module) in self.waiting:
                yield self._rest(move)
        for name, host in plan.hosts.items():
            yield from self._modules(name, host, plan, exclusive=False)
            yield from self._table(name, plan.cookie, host.flows, purge=False)
        begins = [move for move in moves if not move.begun]
        for move in begins:
            yield self._warm(move)
        for name, switch in plan.switches.items():
            yield from self._table(name, plan.cookie, switch.flows, purge=False)
        for move in begins:
            yield self._rest(move)
        for name, switch in plan.switches.items():
            yield from self._table(name, plan.cookie, switch.flows, purge=True)
        for name, host in plan.hosts.items():
            yield from self._table(name, plan.cookie, host.flows, purge=True)
            yield from self._modules(name, host, plan, exclusive=True)

    def _warm(self, move: Move) -> Step:
        def warm() -> None:
            target = move.target, move.module
            self._carry(move)
            if move.state:
                self.waiting.setdefault(target, set())

        return warm

    def _rest(self, move: Move) -> Step:
        def rest() -> None:
            self._carry(move)
            target = move.target, move.module
            self.known[target] |= self.waiting.pop(target, set())

        return rest

    def _carry(self, move: Move) -> None:
        source, target = (move.source, move.module), (move.target, move.module)
        self.known.setdefault(target, set()).update(self.known.get(source, set()))


class Operator:
    """Plans an example for a platform as it is; `leads` is what packets of its first module match at port 0."""

    def __init__(self, name: str, allocation: str, leads: tuple[str, str], folder: Path) -> None:
        self._source, self._folder = EXAMPLES / name / "allocation.xml", folder
        self.module, self.leads = f"{allocation}-pm0", leads

    def plan(self, platform: Migrating, to: str = "", left: Sequence[str] = (), part: str = "") -> dict[str, Any]:
        """Plan a deployment, a migration of the first module or of a part of it to a host, or an evacuation."""
        account = platform.account() if platform.modules else None
        pins = {self.module: to} if to else {}
        parts = [{"module": self.module, "prefix": PREFIX, "host": part}] if part else []
        templates = ROOT / "templates" / "click"
        job = PlanningJob(self._source, FACTS, self._folder, templates, None, account, pins, left, parts=parts)
        return run_planner(local_run(60), job)

    def begin(self) -> Migrating:
        """A platform on which the example is deployed, with a connection."""
        platform = Migrating()
        self.carry_out(platform, self.plan(platform))
        return platform

    def carry_out(self, platform: Migrating, planned: Mapping[str, Any]) -> list[Migrating]:
        """Do what was planned, with a connection that begins between any two steps; what there was before each step, and at the end."""
        seen = []
        for step in platform.run(planned):
            seen.append(deepcopy(platform))
            step()
            platform.forget()
            if "sw1" in platform.flows:
                platform.connect(self.leads, self.module)
        return [*seen, deepcopy(platform)]


TYPES = {
    "nat": ("nat", ("nw_src", "192.168.5.0/24")),
    "felipeiprouter": ("felipeiprouter", ("nw_dst", "128.0.0.0/1")),
}


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("then", NEXT)
def test_the_next_run_ends_with_one_owner_of_every_flow_and_says_which(name: str, then: str, tmp_path: Path) -> None:
    operator = Operator(name, *TYPES[name], tmp_path)
    begun = operator.begin()
    moments = operator.carry_out(begun, operator.plan(begun, to="mh2"))
    assert len(moments) > 10
    seen = set()
    for killed_after, platform in enumerate(moments):
        owner, copies = platform.owner(operator.leads), platform.homes(operator.module)
        planned = operator.plan(platform, **NEXT[then])
        operator.carry_out(platform, planned)

        at = f"killed after step {killed_after} of {len(moments) - 1}"
        ends_at = platform.owner(operator.leads)
        assert platform.homes(operator.module) == [ends_at], at
        said = [text for text in planned["findings"] if f"packets are led to {owner}: " in text]
        assert len(said) == len(copies) - 1, at
        if then == "a deployment":
            assert ends_at == owner, at
        assert platform.waiting == {}, at
        if name != "felipeiprouter":
            assert platform.known[ends_at, operator.module] == set(range(1, platform.connections + 1)), at
        assert platform.deploy(Plan.from_dict(planned["plan"])) == 0, at
        seen.add((owner, len(copies)))
    assert seen == {("mh1", 1), ("mh1", 2), ("mh2", 2), ("mh2", 1)}


def part_at(platform: Migrating) -> list[str]:
    """The host that the part's packets are led to, if they are led anywhere of their own: a module runs there that has them."""
    leads = ("nw_dst", PREFIX)
    if not any({("in_port", "1"), leads} <= set(flow.match) for flow in platform.flows["sw1"].flows):
        return []
    host = platform.owner(leads)
    assert platform.modules[host]["felipeiprouter-pm0-192.168.7.0-24"].active
    return [host]


@pytest.mark.parametrize("way", ["there", "back"])
@pytest.mark.parametrize("then", NEXT_OF_PARTS)
def test_a_part_of_a_router_is_at_one_place_whatever_run_follows_one_that_was_killed(
    way: str, then: str, tmp_path: Path
) -> None:
    operator = Operator("felipeiprouter", *TYPES["felipeiprouter"], tmp_path)
    begun = operator.begin()
    moments = operator.carry_out(begun, operator.plan(begun, part="mh2"))
    if way == "back":
        moments = operator.carry_out(begun, operator.plan(begun, part="mh1"))
    part, seen = "felipeiprouter-pm0-192.168.7.0-24", set()
    for killed_after, platform in enumerate(moments):
        at = f"killed after step {killed_after} of {len(moments) - 1}"
        before = platform.homes(part), part_at(platform)
        planned = operator.plan(platform, **NEXT_OF_PARTS[then])
        for step in platform.run(planned):
            step()
            part_at(platform)
            platform.connect(operator.leads, operator.module)
        wanted = {
            "the same again": ["mh2"],
            "one back": [],
            "an evacuation of the part's host": ["mh1"] if before[0] else [],
        }.get(then, before[0])
        assert platform.homes(part) == part_at(platform) == wanted, at
        assert platform.deploy(Plan.from_dict(planned["plan"])) == 0, at
        seen.add((bool(before[0]), bool(before[1])))
    assert seen == {(False, False), (True, False), (True, True)}
