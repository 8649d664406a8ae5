# SPDX-License-Identifier: Apache-2.0
"""IPv4 addresses as a part of IPv6 addresses (RFC 6052)."""

from __future__ import annotations

from ansible.module_utils.flowstream.addresses import BITS, IPV4, IPV6, Prefix, parse_prefix_text

LENGTHS = (32, 40, 48, 56, 64, 96)
"""Of prefixes that IPv4 addresses are embedded in (RFC 6052 2.2)."""
WELL_KNOWN = parse_prefix_text("64:ff9b::/96")
"""The prefix that everybody may use, for IPv4 addresses that everybody reaches (RFC 6052 2.1, 3.1)."""
_U_FIRST, _U_BITS = 64, 8
"""Of every address these bits are 0, and no part of the IPv4 address."""


def has_zeros(prefix: Prefix) -> bool:
    """Whether bits 64 to 71 are 0, as RFC 6052 2.2 wants them."""
    return not prefix.network >> (BITS[IPV6] - _U_FIRST - _U_BITS) & (1 << _U_BITS) - 1


def embedded(prefix: Prefix, inner: Prefix) -> Prefix:
    """Return the prefix that IPv4 addresses in `inner` are in, when they are embedded in the IPv6 `prefix`."""
    before = max(0, min(BITS[IPV4], _U_FIRST - prefix.length))
    """So many of their bits stand before those that are 0."""
    behind = BITS[IPV4] - before
    start = prefix.length if prefix.length > _U_FIRST else _U_FIRST + _U_BITS
    network = (inner.network >> behind) << (BITS[IPV6] - _U_FIRST)
    network |= (inner.network & (1 << behind) - 1) << (BITS[IPV6] - start - behind)
    gap = 0 if prefix.length > _U_FIRST or inner.length <= before else _U_BITS
    return Prefix(prefix.network | network, prefix.length + gap + inner.length, IPV6)


def embedded_address(prefix: Prefix, address: int) -> int:
    """Return the IPv6 address that an IPv4 address is embedded in."""
    return embedded(prefix, Prefix(address, BITS[IPV4])).network
