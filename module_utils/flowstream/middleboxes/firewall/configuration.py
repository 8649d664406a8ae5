# SPDX-License-Identifier: Apache-2.0
"""What a Click configuration says of a firewall's policy: for each way in a list of patterns, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import IPV4, IPV6
from ansible.module_utils.flowstream.allocation.model import MAX_PORTID
from ansible.module_utils.flowstream.middleboxes.firewall.policy import Policy
from ansible.module_utils.flowstream.middleboxes.firewall.rule import Rule

WITHIN = MAX_PORTID + 1
"""The side of an allocation's own modules, in place of a platform port."""

_BEGINS = "(not tcp or (tcp opt syn and not tcp opt ack))"
"""Of TCP only what begins a connection: what belongs to one has been allowed."""
_ERRORS = "icmp6 type 1 or 2 or 3 or 4"
"""Without these of RFC 4443, connections by IPv6 fail: what no rule is about passes (RFC 4890 4.3.1)."""


@dataclass(frozen=True, slots=True)
class Way:
    """What becomes of packets of one family that enter by platform port `portid`: `patterns` are those of `rules`, by number.

    What none matches goes to `otherwise`, an input of an element, but for what the pattern `errors` matches, which passes. In a
    stage, `portid` is WITHIN for what comes from the allocation's own modules.
    """

    portid: int
    is_outward: bool
    rules: tuple[int, ...]
    patterns: tuple[str, ...]
    otherwise: str
    family: int = IPV4
    errors: str = ""

    @property
    def classifier(self) -> str:
        """What its classifier is called."""
        name = "policy6_" if self.family == IPV6 else "policy"
        return f"{name.rstrip('_')}_within" if self.portid == WITHIN else f"{name}{self.portid}"


@dataclass(frozen=True, slots=True)
class Firewall:
    """All that the macros of firewall-policy.click.j2 spell. `verdicts` are the inputs that what is of a rule goes to.

    `connections` is None for a stateless one; `idle` are the inputs that nothing goes to. A connection is settled after
    `settles_after` packets, never without it. `ways6` are those of IPv6, where there is any.
    """

    connections: int | None
    ways: tuple[Way, ...]
    verdicts: tuple[str, ...]
    idle: tuple[str, ...]
    settles_after: int | None = None
    ways6: tuple[Way, ...] = ()


def firewall_of(policy: Policy, inside: int, portids: Sequence[int], *, has_ipv6: bool = False) -> Firewall:
    """Gather it for a firewall between platform port `inside` and the others; what it allows goes to element `passed`."""
    keeps = policy.connections is not None
    verdicts = tuple(_verdict(rule.action, rule.entry == inside, keeps) for rule in policy.rules)
    ways = tuple(_way(policy, inside, portid, IPV4) for portid in portids)
    ways6 = tuple(_way(policy, inside, portid, IPV6) for portid in portids) if has_ipv6 else ()
    used = {*verdicts, *(way.otherwise for way in ways), *("passed" for way in ways6 if way.errors)}
    wanted = ["refused", *(("[0] firewall", "[1] firewall") if keeps else ("passed",))]
    idle = tuple(name for name in wanted if name not in used)
    return Firewall(policy.connections, ways, verdicts, idle, ways6=ways6)


def _way(policy: Policy, inside: int, portid: int, family: int) -> Way:
    is_outward, keeps = portid == inside, policy.connections is not None
    own = tuple(
        number for number, rule in enumerate(policy.rules) if rule.enters(portid, inside) and rule.is_for(family)
    )
    patterns = tuple(_pattern(policy.rules[number], family, is_outward and keeps) for number in own)
    otherwise = _verdict(policy.outward if is_outward else policy.inward, is_outward, keeps)
    errors = _ERRORS if family == IPV6 and not keeps else ""
    return Way(portid, is_outward, own, patterns, otherwise, family, errors)


def _pattern(rule: Rule, family: int, of_connections: bool) -> str:
    pattern = rule.pattern(family)
    if of_connections and rule.action == "deny" and rule.protocol in ("", "tcp"):
        return f"{pattern} and {_BEGINS}"
    return pattern


def _verdict(action: str, is_outward: bool, keeps: bool) -> str:
    """From outside, a connection that was allowed goes on whatever denies a new one: the element knows."""
    if not keeps:
        return "passed" if action == "allow" else "refused"
    if is_outward:
        return "[0] firewall" if action == "allow" else "refused"
    return "[2] firewall" if action == "allow" else "[1] firewall"
