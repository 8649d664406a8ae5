# SPDX-License-Identifier: Apache-2.0
"""One rule of a firewall's policy: which packets it is for, and what becomes of what they begin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.addresses import (
    EVERYTHING,
    IPV4,
    IPV6,
    Prefix,
    parse_prefix_text,
    shown,
)
from ansible.module_utils.flowstream.errors import FlowstreamError

ACTIONS = ("allow", "deny")
PROTOCOLS = ("tcp", "udp", "icmp", "icmp6")
"""Those with a name; the others have their number."""
OF_FAMILY = {"icmp": IPV4, "icmp6": IPV6}
"""Those that only packets of one family carry."""
WITH_PORTS = ("tcp", "udp")
MAX_PORT = 65535

_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports from `first` to `last`. Spelled `80` or `1024-2047`."""

    first: int
    last: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def pattern(self, test: str) -> str:
        """As IPClassifier tests it; `test` is `dst tcp port`."""
        if self.first == self.last:
            return f"{test} {self.first}"
        return f"{test} >= {self.first} and {test} <= {self.last}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Packets `source` to `destination` that enter by platform port `entry`, or by all but the inside one when it is None.

    `protocol` is a name, a number as text, or empty for any; no ports are any, and so is no `icmp_type`. It is for packets of the
    family that its addresses or its protocol are of, and else for both.
    """

    action: str
    entry: int | None = None
    source: Prefix = EVERYTHING
    destination: Prefix = EVERYTHING
    protocol: str = ""
    source_ports: tuple[Ports, ...] = ()
    destination_ports: tuple[Ports, ...] = ()
    icmp_type: int | None = None
    line: int = 0

    def enters(self, portid: int, inside: int) -> bool:
        """Whether it is for packets that enter by the port."""
        return portid != inside if self.entry is None else portid == self.entry

    def is_for(self, family: int) -> bool:
        """Whether packets of a family may be of it."""
        said = {prefix.family for prefix in (self.source, self.destination) if prefix != EVERYTHING}
        said |= {OF_FAMILY[self.protocol]} if self.protocol in OF_FAMILY else set()
        return said <= {family}

    def matches_udp(self, source: int, destination: int, port: int, family: int = IPV4) -> bool:
        """Whether a UDP packet of a family is of it that has the port at both ends."""
        return (
            self.protocol in ("", "udp")
            and self.is_for(family)
            and self.source.holds(source)
            and self.destination.holds(destination)
            and all(
                not ports or any(one.first <= port <= one.last for one in ports)
                for ports in (self.source_ports, self.destination_ports)
            )
        )

    def pattern(self, family: int = IPV4) -> str:
        """As an IPClassifier takes it, for packets of one family; of IPv6 it says so, for that one looks at both."""
        tests = ["ip6"] if family == IPV6 else []
        tests += [
            f"{word} {'host' if prefix.is_host else 'net'} {str(prefix).partition('/')[0] if prefix.is_host else prefix}"
            for word, prefix in (("src", self.source), ("dst", self.destination))
            if prefix.length
        ]
        for word, ports in (("src", self.source_ports), ("dst", self.destination_ports)):
            if ports:
                choices = " or ".join(one.pattern(f"{word} {self.protocol} port") for one in ports)
                tests.append(f"({choices})" if len(ports) > 1 else choices)
        if self.icmp_type is not None:
            tests.append(f"{self.protocol} type {self.icmp_type}")
        elif self.protocol and not self.source_ports and not self.destination_ports:
            word = "ip6" if family == IPV6 else "ip"
            tests.append(self.protocol if self.protocol in PROTOCOLS else f"{word} proto {self.protocol}")
        return " and ".join(tests) or "true"

    def to_dict(self) -> dict[str, Any]:
        """As plan JSON; what it says nothing of is left out."""
        plain = {
            "from": self.entry,
            "src": None if self.source == EVERYTHING else str(self.source),
            "dst": None if self.destination == EVERYTHING else str(self.destination),
            "protocol": self.protocol or None,
            "srcport": " ".join(map(str, self.source_ports)) or None,
            "dstport": " ".join(map(str, self.destination_ports)) or None,
            "icmptype": self.icmp_type,
        }
        return {"action": self.action, **{name: value for name, value in plain.items() if value is not None}}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Rule:
        """Read plan JSON."""
        return cls(
            action=plain["action"],
            entry=plain.get("from"),
            source=parse_prefix_text(plain.get("src", str(EVERYTHING))),
            destination=parse_prefix_text(plain.get("dst", str(EVERYTHING))),
            protocol=plain.get("protocol", ""),
            source_ports=parse_ports("srcport", plain.get("srcport", "")),
            destination_ports=parse_ports("dstport", plain.get("dstport", "")),
            icmp_type=plain.get("icmptype"),
        )


def parse_ports(name: str, text: str) -> tuple[Ports, ...]:
    """Read `80 443 1024-2047`."""
    return tuple(_parse_range(name, word) for word in text.split())


def _parse_range(name: str, word: str) -> Ports:
    found = _RANGE.fullmatch(word)
    if not found:
        raise FlowstreamError(f"{name} is no port, got {shown(word)}; write 80 or 1024-2047")
    first = int(found[1])
    last = int(found[2] or first)
    # No packet has port 0 rightly (RFC 6335 section 6): whoever writes it means any, which is no port at all.
    if 0 in (first, last) or max(first, last) > MAX_PORT:
        raise FlowstreamError(f"{name} is outside 1..{MAX_PORT}, got {word}; write one inside, or none for any")
    if first > last:
        raise FlowstreamError(f"{name} ends before it begins, got {word}; write {last}-{first}")
    return Ports(first, last)


def parse_protocol(text: str) -> str:
    """Read a name or a number (RFC 791 3.1)."""
    if text in PROTOCOLS:
        return text
    if not text.isdecimal() or not text.isascii() or int(text) > 255:
        raise FlowstreamError(
            f"protocol is unknown, got {shown(text)}; use tcp, udp, icmp, icmp6 or a number from 0 to 255"
        )
    return {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmp6"}.get(text, str(int(text)))
