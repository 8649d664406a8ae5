# SPDX-License-Identifier: Apache-2.0
"""Which packets a processing module is to have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible.module_utils.flowstream.addresses import ALL_ONES, EVERYTHING, Prefix, parse_prefix_text
from ansible.module_utils.flowstream.flows.packet import IPV4, Constraint


class Claim(NamedTuple):
    """IPv4 packets to `destination` and from `source` that enter by platform port `entry`, or by any when that is None.

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
    def rank(self) -> tuple[Prefix, Prefix, int]:
        """A key to sort by: any port before each."""
        return self.destination, self.source, -1 if self.entry is None else self.entry

    @property
    def length(self) -> int:
        """How much it says of addresses, in bits."""
        return self.destination.length + self.source.length

    def enters(self, portid: int) -> bool:
        """Whether packets that enter by the port may be of it."""
        return self.entry is None or self.entry == portid

    def asks(self) -> tuple[Constraint, ...]:
        """Return what it asks of a packet, but for the port."""
        found = [Constraint("dl_type", IPV4, 0xFFFF)]
        for field, prefix in (("nw_dst", self.destination), ("nw_src", self.source)):
            if prefix.length:
                found.append(Constraint(field, prefix.network, ALL_ONES ^ (ALL_ONES >> prefix.length)))
        return tuple(found)

    def contains(self, other: Claim) -> bool:
        """Whether every packet of `other` is of this one."""
        return (
            self.destination.contains(other.destination)
            and self.source.contains(other.source)
            and (self.entry is None or self.entry == other.entry)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plan JSON."""
        plain = {"destination": str(self.destination), "source": str(self.source), "entry": self.entry}
        return {**plain, "dealt": True} if self.dealt else plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Claim:
        """Read plan JSON."""
        destination, source = parse_prefix_text(plain["destination"]), parse_prefix_text(plain["source"])
        return cls(destination, source, plain["entry"], plain.get("dealt", False))
