# SPDX-License-Identifier: Apache-2.0
"""Which packets a processing module is to have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible.module_utils.flowstream.addresses import EVERYTHING, IPV4, Prefix, everything, parse_prefix_text
from ansible.module_utils.flowstream.flows.packet import IPV4 as TYPE_OF_IPV4
from ansible.module_utils.flowstream.flows.packet import IPV6 as TYPE_OF_IPV6
from ansible.module_utils.flowstream.flows.packet import Constraint

PART_OF = "part_of"
"""The fact of a module that has packets instead of another, which claims them too: that one's name."""


class Claim(NamedTuple):
    """Packets to `destination` and from `source` that enter by platform port `entry`, or by any when that is None.

    They are of the family of `destination`, and so is `source`, but for EVERYTHING, which is any source of that family.

    A module that works in two directions claims each by the port that the direction begins at. Where claims are `dealt`,
    several modules have the same one, and each flow goes to one of them, in both directions.
    """

    destination: Prefix
    source: Prefix = EVERYTHING
    entry: int | None = None
    dealt: bool = False

    def __str__(self) -> str:
        source = "" if self.source == EVERYTHING else f" from {self.source}"
        entry = "" if self.entry is None else f" at port {self.entry}"
        return f"{self.destination}{source}{entry}" + (" by flow" if self.dealt else "")

    @property
    def is_plain(self) -> bool:
        """Whether it tells packets apart by their destination only."""
        return self.source == EVERYTHING and self.entry is None and not self.dealt

    @property
    def rank(self) -> tuple[tuple[int, int, int], Prefix, int]:
        """A key to sort by: IPv4 before IPv6, any port before each."""
        return self.destination.in_order, self.source, -1 if self.entry is None else self.entry

    @property
    def sources(self) -> Prefix:
        """`source`, of the family of the destination."""
        return self.source if self.source.length else everything(self.destination.family)

    @property
    def length(self) -> int:
        """How much it says of addresses, in bits."""
        return self.destination.length + self.source.length

    def enters(self, portid: int) -> bool:
        """Whether packets that enter by the port may be of it."""
        return self.entry is None or self.entry == portid

    def asks(self) -> tuple[Constraint, ...]:
        """Return what it asks of a packet, but for the port."""
        is_ipv4 = self.destination.family == IPV4
        found = [Constraint("dl_type", TYPE_OF_IPV4 if is_ipv4 else TYPE_OF_IPV6, 0xFFFF)]
        fields = ("nw_dst", "nw_src") if is_ipv4 else ("ipv6_dst", "ipv6_src")
        for field, prefix in zip(fields, (self.destination, self.source), strict=True):
            if prefix.length:
                found.append(Constraint(field, prefix.network, prefix.mask))
        return tuple(found)

    def contains(self, other: Claim) -> bool:
        """Whether every packet of `other` is of this one."""
        return (
            self.destination.contains(other.destination)
            and self.sources.contains(other.sources)
            and (self.entry is None or self.entry == other.entry)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plan JSON."""
        plain = {"destination": str(self.destination), "source": str(self.sources), "entry": self.entry}
        return {**plain, "dealt": True} if self.dealt else plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Claim:
        """Read plan JSON."""
        destination, source = parse_prefix_text(plain["destination"]), parse_prefix_text(plain["source"])
        return cls(destination, source if source.length else EVERYTHING, plain["entry"], plain.get("dealt", False))


def claims_of(prefixes: Iterable[str], others: Iterable[Mapping[str, Any]]) -> tuple[Claim, ...]:
    """Read what plan JSON has of a module: the claims of destinations alone, and the others."""
    claims = [*(Claim(parse_prefix_text(text)) for text in prefixes), *map(Claim.from_dict, others)]
    return tuple(sorted(claims, key=lambda claim: claim.rank))


def given_away(name: str, modules: Iterable[tuple[Mapping[str, Any], Sequence[Claim]]]) -> list[Prefix]:
    """Return the destinations that a module claims and that others have instead, by the facts and the claims of each."""
    return [claim.destination for facts, claims in modules if facts.get(PART_OF) == name for claim in claims]
