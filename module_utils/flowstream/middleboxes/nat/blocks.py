# SPDX-License-Identifier: Apache-2.0
"""Which public address and which ports a subscriber has, by arithmetic alone (RFC 7422).

The subscribers of a module, in the order of their addresses, get the blocks of its public addresses, in their order. So whoever
is asked who had an address and a port at a time needs the plan of that time and no log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import Prefix, address_text, parse_address, parse_prefix_text

FIRST_PORT, LAST_PORT = 1024, 65535
"""Well-known ports are nobody's source (RFC 6056)."""
PORTS = LAST_PORT + 1 - FIRST_PORT


@dataclass(frozen=True, slots=True)
class Block:
    """The ports `first` to `last` of a public address, which are a subscriber's. Spelled `10.0.0.1/32 203.0.113.1 1024-2047`."""

    subscriber: Prefix
    address: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.subscriber} {address_text(self.address)} {self.first}-{self.last}"

    @property
    def pattern(self) -> str:
        """As an IPRewriter takes it: out by 0, answers by 1."""
        return f"pattern {address_text(self.address)} {self.first}-{self.last} - - 0 1"

    @classmethod
    def parse(cls, text: str) -> Block:
        """Read the spelling of `str`."""
        subscriber, address, ports = text.split(" ")
        first, last = ports.split("-")
        return cls(parse_prefix_text(subscriber), parse_address("address", address), int(first), int(last))


def count_subscribers(networks: Iterable[Prefix], length: int) -> int:
    """How many prefixes of that length there are in the networks."""
    return sum(1 << (length - network.length) for network in networks)


def count_blocks(pools: Iterable[Prefix], size: int) -> int:
    """How many blocks of that many ports the public addresses have."""
    return sum(1 << (32 - pool.length) for pool in pools) * (PORTS // size)


def blocks(networks: Sequence[Prefix], length: int, pools: Sequence[Prefix], size: int) -> Iterator[Block]:
    """Yield each subscriber's; there are enough blocks for all."""
    addresses = (address for pool in sorted(pools) for address in range(pool.network, pool.last + 1))
    per_address = PORTS // size
    address, used = next(addresses), 0
    for network in sorted(networks):
        for start in range(network.network, network.last + 1, 1 << (32 - length)):
            if used == per_address:
                address, used = next(addresses), 0
            first = FIRST_PORT + used * size
            yield Block(Prefix(start, length), address, first, first + size - 1)
            used += 1
