# SPDX-License-Identifier: Apache-2.0
"""The policy of a firewall, wherever it stands: its elements, reading them, and what becomes of packets by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.addresses import EVERYTHING, IPV4, IPV6, Prefix, shown
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape, Value, choice
from ansible.module_utils.flowstream.allocation.values import ANY_BLOCK, PORTID, Values, one_of, whole
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.firewall.rule import (
    ACTIONS,
    OF_FAMILY,
    WITH_PORTS,
    Ports,
    Rule,
    parse_ports,
    parse_protocol,
)

DEFAULT_CONNECTIONS = 16384
MOST_RULES = 512
"""A packet is compared with them in order."""

MAX_CONNECTIONS = 1_000_000

_ACTION = one_of("action", ACTIONS)
_PORTS = Value(
    "portranges",
    "`80`, or `1024-2047`, several separated by spaces",
    items=Value("portrange", "`80`, or `1024-2047`", facets=(("pattern", "[0-9]{1,5}(-[0-9]{1,5})?"),)),
)
_PROTOCOL = Value(
    "protocol", "`tcp`, `udp`, `icmp`, `icmp6`, or a number", facets=(("pattern", "tcp|udp|icmp6?|[0-9]{1,3}"),)
)

FIREWALL = Shape(
    "firewall",
    "The policy: the first `rule` that a packet matches decides, and where none does, the direction. In a stateful firewall that is"
    " about connections: what belongs to one that was allowed passes both ways, ICMP errors about it too, until it ends or is"
    " silent for two hours (TCP), five minutes (UDP and others) or one (pings).",
    attributes=(
        Attribute(
            "inward", _ACTION, "what becomes of packets to the networks that no rule is for; `deny` if it is not there"
        ),
        Attribute("outward", _ACTION, "the same of packets from the networks; `allow` if it is not there"),
        Attribute(
            "connections",
            whole("connections", MAX_CONNECTIONS),
            "the most connections there are at once, in a stateful firewall; 16384 if it is not there",
        ),
    ),
    optional={"rule": "what is allowed or denied"},
)
RULE = Shape(
    "rule",
    "What is allowed or denied. A packet matches if all that the rule says is true of it; a rule without addresses that does not"
    " say `icmp` or `icmp6` is for IPv4 and IPv6. A TCP packet from the networks is"
    " denied by a rule of a stateful firewall only if it begins a connection.",
    attributes=(
        Attribute("action", _ACTION, "what becomes of it", "allow or deny"),
        Attribute(
            "from", PORTID, "the platform port that it enters by; any but that of the networks if it is not there"
        ),
        Attribute("src", ANY_BLOCK, "where it comes from"),
        Attribute("dst", ANY_BLOCK, "where it goes to"),
        Attribute("protocol", _PROTOCOL, "what it carries"),
        Attribute("srcport", _PORTS, "its source port; only with `tcp` or `udp`"),
        Attribute("dstport", _PORTS, "its destination port; only with `tcp` or `udp`"),
        Attribute(
            "icmptype", Value("xs:unsignedByte", "0..255"), "its ICMP or ICMPv6 type; only with `icmp` or `icmp6`"
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What passes: the first of `rules` that a packet is of decides, else the default of its direction.

    `connections` are the most that it keeps, None for a firewall that judges each packet alone.
    """

    rules: tuple[Rule, ...] = ()
    inward: str = "deny"
    outward: str = "allow"
    connections: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plan JSON."""
        return {
            "rules": [rule.to_dict() for rule in self.rules],
            "inward": self.inward,
            "outward": self.outward,
            "connections": self.connections,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Policy:
        """Read plan JSON."""
        rules = tuple(Rule.from_dict(rule) for rule in plain["rules"])
        return cls(rules, plain["inward"], plain["outward"], plain["connections"])

    def allows_udp(self, entry: int, inside: int, source: int, destination: int, port: int, family: int = IPV4) -> bool:
        """What becomes of a UDP packet of a family that enters by platform port `entry` and has a port at both ends."""
        for rule in self.rules:
            if rule.enters(entry, inside) and rule.matches_udp(source, destination, port, family):
                return rule.action == "allow"
        return (self.outward if entry == inside else self.inward) == "allow"


def read_policy(pm: Element, values: Values, *, keeps: bool) -> Policy:
    """Read the element `firewall` of a module; `keeps` says that it may keep connections."""
    policy = next((child for child in pm.children if child.name == FIREWALL.name), None)
    if policy is None:
        return Policy()
    rules = [child for child in policy.children if child.name == RULE.name]
    if len(rules) > MOST_RULES:
        text = f"is one too many, got {len(rules)} in one firewall; use at most {MOST_RULES}, a packet meets one after the other"
        values.error(rules[MOST_RULES], "", text)
    return Policy(
        tuple(_rule(rule, values) for rule in rules[:MOST_RULES]),
        _action(policy, "inward", values) or "deny",
        _action(policy, "outward", values) or "allow",
        _connections(policy, values, keeps=keeps),
    )


def _connections(policy: Element, values: Values, *, keeps: bool) -> int | None:
    connections = values.whole(policy, "connections", 1, MAX_CONNECTIONS)
    if keeps:
        return DEFAULT_CONNECTIONS if connections is None else connections
    if connections is not None:
        text = (
            f"connections are kept by a stateful firewall only, got {connections}; remove it, or use subtype stateful"
        )
        values.error(policy, "connections", text)
    return None


def _action(element: Element, name: str, values: Values) -> str | None:
    return values.attribute(element, name, lambda text: _parse_action(name, text))


def _parse_action(name: str, text: str) -> str:
    if text not in ACTIONS:
        raise FlowstreamError(f"{name} is unknown, got {shown(text)}; use {choice(ACTIONS)}")
    return text


def _rule(element: Element, values: Values) -> Rule:
    protocol = values.attribute(element, "protocol", parse_protocol)
    ports = {name: _ports(element, name, protocol, values) for name in ("srcport", "dstport")}
    icmp_type = values.whole(element, "icmptype", 0, 255)
    if icmp_type is not None and protocol not in OF_FAMILY:
        got = protocol or "no protocol"
        values.error(element, "icmptype", f"icmptype needs protocol icmp or icmp6, got {got}; add it")
    if protocol == "icmp6" and not values.carries_ipv6:
        values.refuse_ipv6(element, "protocol", element.attributes["protocol"])
    rule = Rule(
        action=_action(element, "action", values) or "deny",
        entry=values.portid(element, "from"),
        source=values.block(element, "src") or EVERYTHING,
        destination=values.block(element, "dst") or EVERYTHING,
        protocol=protocol or "",
        source_ports=ports["srcport"],
        destination_ports=ports["dstport"],
        icmp_type=icmp_type,
        line=element.line,
    )
    if not rule.is_for(IPV4) and not rule.is_for(IPV6):
        got = ", ".join(
            f"{name} {element.attributes[name]}" for name in ("src", "dst", "protocol") if name in element.attributes
        )
        values.error(element, "", f"is for no packet of IPv4 nor of IPv6, got {got}; write a rule for each")
    return rule


def _ports(element: Element, name: str, protocol: str | None, values: Values) -> tuple[Ports, ...]:
    if name not in element.attributes:
        return ()
    if protocol not in WITH_PORTS and (protocol is not None or "protocol" not in element.attributes):
        got = protocol or "no protocol"
        values.error(element, name, f"{name} needs a protocol with ports, got {got}; use protocol tcp or udp")
    return values.attribute(element, name, lambda text: parse_ports(name, text)) or ()


def check_reach(policy: Policy, inside: int, prefixes: Sequence[Prefix], findings: Findings) -> None:
    """A rule that no packet can match is a mistake, and maybe a hole that its author thinks is closed."""
    for rule in policy.rules:
        name, block = ("src", rule.source) if rule.entry == inside else ("dst", rule.destination)
        families = {prefix.family for prefix in prefixes if rule.is_for(prefix.family)}
        if not families and block == EVERYTHING:
            text = f"is for packets of a family of which the pm has no network, got {rule.pattern(IPV6 if rule.is_for(IPV6) else IPV4)}"
            findings.error(rule.line, RULE.name, f"{text}; remove it, or declare a subnet")
        elif not _touches(block, prefixes):
            some = ", ".join(map(str, prefixes[:4]))
            way = "come from" if name == "src" else "go to"
            text = f"{name} is in none of the networks that its packets {way}, got {block}; use a part of {some}"
            findings.error(rule.line, RULE.name, text)


def _touches(block: Prefix, prefixes: Iterable[Prefix]) -> bool:
    return block == EVERYTHING or any(block.contains(prefix) or prefix.contains(block) for prefix in prefixes)
