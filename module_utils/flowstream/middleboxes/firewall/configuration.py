# SPDX-License-Identifier: Apache-2.0
"""What a Click configuration says of a firewall's policy: for each way in a list of patterns, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.allocation.model import MAX_PORTID
from ansible.module_utils.flowstream.middleboxes.firewall.policy import Policy
from ansible.module_utils.flowstream.middleboxes.firewall.rule import Rule

WITHIN = MAX_PORTID + 1
"""The side of an allocation's own modules, in place of a platform port."""

_BEGINS = "(not tcp or (tcp opt syn and not tcp opt ack))"
"""Of TCP only what begins a connection: what belongs to one has been allowed."""


@dataclass(frozen=True, slots=True)
class Way:
    """What becomes of packets that enter by platform port `portid`: `patterns` are those of `rules`, by number.

    What none matches goes to `otherwise`, an input of an element. In a stage, `portid` is WITHIN for what comes from the
    allocation's own modules.
    """

    portid: int
    is_outward: bool
    rules: tuple[int, ...]
    patterns: tuple[str, ...]
    otherwise: str

    @property
    def classifier(self) -> str:
        """What its classifier is called."""
        return "policy_within" if self.portid == WITHIN else f"policy{self.portid}"


@dataclass(frozen=True, slots=True)
class Firewall:
    """All that the macros of firewall-policy.click.j2 spell. `verdicts` are the inputs that what is of a rule goes to.

    `connections` is None for a stateless one; `idle` are the inputs that nothing goes to. A connection is settled after
    `settles_after` packets, never without it.
    """

    connections: int | None
    ways: tuple[Way, ...]
    verdicts: tuple[str, ...]
    idle: tuple[str, ...]
    settles_after: int | None = None


def firewall_of(policy: Policy, inside: int, portids: Sequence[int]) -> Firewall:
    """Gather it for a firewall between platform port `inside` and the others; what it allows goes to element `passed`."""
    keeps = policy.connections is not None
    verdicts = tuple(_verdict(rule.action, rule.entry == inside, keeps) for rule in policy.rules)
    ways = []
    for portid in portids:
        is_outward = portid == inside
        own = tuple(number for number, rule in enumerate(policy.rules) if rule.enters(portid, inside))
        patterns = tuple(_pattern(policy.rules[number], is_outward and keeps) for number in own)
        default = policy.outward if is_outward else policy.inward
        ways.append(Way(portid, is_outward, own, patterns, _verdict(default, is_outward, keeps)))
    used = {*verdicts, *(way.otherwise for way in ways)}
    wanted = ["refused", *(("[0] firewall", "[1] firewall") if keeps else ("passed",))]
    return Firewall(policy.connections, tuple(ways), verdicts, tuple(name for name in wanted if name not in used))


def _pattern(rule: Rule, of_connections: bool) -> str:
    if of_connections and rule.action == "deny" and rule.protocol in ("", "tcp"):
        return f"{rule.pattern} and {_BEGINS}"
    return rule.pattern


def _verdict(action: str, is_outward: bool, keeps: bool) -> str:
    """From outside, a connection that was allowed goes on whatever denies a new one: the element knows."""
    if not keeps:
        return "passed" if action == "allow" else "refused"
    if is_outward:
        return "[0] firewall" if action == "allow" else "refused"
    return "[2] firewall" if action == "allow" else "[1] firewall"
