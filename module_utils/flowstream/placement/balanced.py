# SPDX-License-Identifier: Apache-2.0
"""Modules dealt by what they take and what hosts have: no host fuller than it need be, and what runs stays.

docs/decisions/0018 has why. In this order: modules of one stage apart, the fullest host as empty as can be, as many or as few hosts as the operator wants, few
moves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.placement.policy import Policy
from ansible.module_utils.flowstream.placement.problem import Problem, place_on, problem_of
from ansible.module_utils.flowstream.placement.reasons import smallest_reasons, told
from ansible.module_utils.flowstream.placement.request import Place, Request
from ansible.module_utils.flowstream.placement.round_robin import no_room
from ansible.module_utils.flowstream.placement.search import Answer, search
from ansible.module_utils.flowstream.placement.why import STAYS, percent, reasons_of
from ansible.module_utils.flowstream.platform.facts import ModuleHost
from ansible.module_utils.flowstream.platform.occupancy import Use


@dataclass(frozen=True)
class Balanced:
    """A Placer. `packet_ns` is what a packet of others' modules costs; `tell` gets a line about how good the places are."""

    policy: Policy
    packet_ns: int
    tell: Callable[[str], None]

    def __call__(
        self, requests: Sequence[Request], hosts: Sequence[ModuleHost], used: Mapping[str, Use]
    ) -> list[Place]:
        """Return the place of each request, or raise FlowstreamError with the smallest set of reasons that there is none."""
        problem, staying = problem_of(requests, hosts, used, self.policy, self.packet_ns)
        _refuse_what_runs_nowhere(problem, hosts)
        answer = search(problem)
        if answer.found is None:
            raise FlowstreamError(*_no_way(problem, answer))
        self.tell(_summary(problem, answer, len(staying)))
        reasons = reasons_of(answer.found)
        places = {at: replace(place, why=reasons[at]) for at, place in answer.found.places().items()}
        for at, home in staying.items():
            places[at] = replace(place_on(problem.bins[home], requests[at]), why=STAYS)
        return [places[at] for at in range(len(requests))]


def _refuse_what_runs_nowhere(problem: Problem, hosts: Sequence[ModuleHost]) -> None:
    homeless = [no_room(item.request, hosts) for item in problem.items if not problem.reaches[item.reach]]
    if homeless:
        raise FlowstreamError(*homeless)


def _no_way(problem: Problem, answer: Answer) -> list[str]:
    if answer.is_impossible:
        return told(smallest_reasons(problem))
    last = problem.items[-1].request
    how = "in the time that it has" if answer.has_solver else "without OR-tools, which this machine lacks"
    return [
        f"{last.where}: no way was found of placing it and {len(problem.items) - 1} others, got no proof either that there is"
        f" none {how}; add a module host or raise module_host_capacity"
    ]


def _summary(problem: Problem, answer: Answer, staying: int) -> str:
    """How good the places are: what the fullest host is, and what it would be at best."""
    found = answer.found
    stay = f"{staying} stay where they run"
    if found is None or not problem.items:
        return stay
    score = found.score()
    level = max(found.share(home) for home in found.getting())
    distance = "which is the least possible" if score.level <= answer.bound else (
        f"at least {percent(answer.bound)} is needed, {(score.level - answer.bound) * 100 / answer.bound:.1f} % less"
    )  # fmt: skip
    used = sum(map(found.is_used, problem.bins))
    return ", ".join([
        f"{len(problem.items)} placed and {stay}: the fullest host that gets some is at {percent(level)}, {distance}",
        f"{used} of {len(problem.bins)} hosts in use",
        *([f"{score.moves} moved"] if problem.policy.moves else []),
        *([f"{score.together} beside another of their stage"] if score.together else []),
        *([] if answer.has_solver else ["by first fit alone: this machine has no OR-tools"]),
    ])  # fmt: skip
