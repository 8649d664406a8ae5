# SPDX-License-Identifier: Apache-2.0
"""IPv4 and IPv6 addresses, prefixes and Ethernet addresses: small values, read strictly.

An address is an `int` and an Ethernet address its lower-case text, because a plan holds millions of them. Which family an
address is of, what it belongs to says: a prefix, an interface. What cannot be read raises FlowstreamError with a text of
the form `what, got VALUE; what to do`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv6Address
from typing import NamedTuple

from ansible.module_utils.flowstream.errors import FlowstreamError

IPV4, IPV6 = 4, 6
BITS = {IPV4: 32, IPV6: 128}
"""Of an address of each family."""
ALL_ONES = 0xFFFFFFFF
_OCTETS = {str(value): value for value in range(256)}
_ONES = {family: (1 << bits) - 1 for family, bits in BITS.items()}
_MASKS = {family: [ones ^ (ones >> length) for length in range(BITS[family] + 1)] for family, ones in _ONES.items()}
_LENGTHS = {family: {str(length): length for length in range(bits + 1)} for family, bits in BITS.items()}
_HEXADECIMAL = re.compile(r"[0-9a-f:]{2,39}", re.IGNORECASE | re.ASCII)
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE | re.ASCII)


class Prefix(NamedTuple):
    """A prefix (RFC 4632, RFC 4291 2.3): the network address and its length in bits, in one family.

    Prefixes of one family sort by address, the shorter one first; of several families, `in_order` says which is first.
    """

    network: int
    length: int
    family: int = IPV4

    def __str__(self) -> str:
        return f"{address_text(self.network, self.family)}/{self.length}"

    @property
    def in_order(self) -> tuple[int, int, int]:
        """A key to sort prefixes of both families by."""
        return self.family, self.network, self.length

    @property
    def last(self) -> int:
        """The highest address of the prefix."""
        return self.network | (_ONES[self.family] >> self.length)

    @property
    def is_host(self) -> bool:
        """Whether it is one address."""
        return self.length == BITS[self.family]

    @property
    def mask(self) -> int:
        """Ones where the bits of an address decide whether it lies in the prefix."""
        return _MASKS[self.family][self.length]

    def holds(self, address: int) -> bool:
        """Whether an address of the same family lies in the prefix."""
        return address & _MASKS[self.family][self.length] == self.network

    def reserves(self, address: int) -> bool:
        """Whether no host on such a network has the address.

        Of a network that has others these are the first and the last of IPv4 (RFC 1122, 3.2.1.3), and the first of IPv6,
        which is that of every router there (RFC 4291 2.6.1, RFC 6164).
        """
        if self.family == IPV6:
            return self.length < 127 and address == self.network
        return self.length < 31 and address in (self.network, self.last)

    def contains(self, other: Prefix) -> bool:
        """Whether every address of `other` lies in the prefix."""
        return self.length <= other.length and self.family == other.family and self.holds(other.network)


EVERYTHING = Prefix(0, 0)
EVERYTHING6 = Prefix(0, 0, IPV6)
LINK_LOCAL = Prefix(0xFE80 << 112, 10, IPV6)
"""Addresses that say nothing beyond their link, so that no router forwards from or to them (RFC 4291 2.5.6)."""
NO_MACHINES6 = (
    Prefix(0, 127, IPV6),
    Prefix(0xFFFF << 32, 96, IPV6),
    Prefix(0xFF << 120, 8, IPV6),
)
"""What is unspecified and loopback, IPv4 in the form of IPv6, and groups (RFC 4291 2.5, 2.7)."""


def everything(family: int) -> Prefix:
    """Return all addresses of a family."""
    return Prefix(0, 0, family)


class Interface(NamedTuple):
    """An address of a port together with the prefix of its segment, as in `192.168.5.254/24` and `2001:db8::1/64`."""

    address: int
    length: int
    family: int = IPV4

    def __str__(self) -> str:
        return f"{self.text}/{self.length}"

    @property
    def text(self) -> str:
        """The address alone."""
        return address_text(self.address, self.family)

    @property
    def subnet(self) -> Prefix:
        """The segment that the address stands on."""
        return enclosing(self.address, self.length, self.family)


def address_text(address: int, family: int = IPV4) -> str:
    """Spell an address: in dotted decimal, or as RFC 5952 wants IPv6."""
    if family == IPV6:
        return str(IPv6Address(address))
    return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"


def enclosing(address: int, length: int, family: int = IPV4) -> Prefix:
    """Return the prefix of that length that the address lies in."""
    return Prefix(address & _MASKS[family][length], length, family)


def of_family(prefixes: Iterable[Prefix], family: int) -> Iterator[Prefix]:
    """Yield those of one family."""
    return (prefix for prefix in prefixes if prefix.family == family)


def parse_address(what: str, text: str) -> int:
    """Read dotted decimal: four numbers 0..255 without leading zeros (RFC 6943 section 3.1.1 says why)."""
    try:
        first, second, third, fourth = text.split(".")
        return _OCTETS[first] << 24 | _OCTETS[second] << 16 | _OCTETS[third] << 8 | _OCTETS[fourth]
    except (KeyError, ValueError):
        raise FlowstreamError(
            f"{what} is not an IPv4 address, got {shown(text)}; write four numbers 0..255 with dots"
        ) from None


def parse_address6(what: str, text: str) -> int:
    """Read an IPv6 address (RFC 4291 2.2) without a zone; IPv4 in its form (`::ffff:192.0.2.1`) is refused: it is on no wire (RFC 4038 4.2)."""
    try:
        return int(IPv6Address(text if _HEXADECIMAL.fullmatch(text) else ""))
    except ValueError:
        raise FlowstreamError(
            f"{what} is not an IPv6 address, got {shown(text)}; write groups of hexadecimal digits with colons, as in 2001:db8::1"
        ) from None


def parse_address_text(what: str, text: str) -> tuple[int, int]:
    """Read an address of either family, which a colon tells; return it with its family."""
    return (parse_address6(what, text), IPV6) if ":" in text else (parse_address(what, text), IPV4)


def parse_mask(text: str, family: int = IPV4) -> int:
    """Read a prefix length (`24`) or, of IPv4, a contiguous mask (`255.255.255.0`), and return the length."""
    if text in _LENGTHS[family]:
        return _LENGTHS[family][text]
    if family == IPV6:
        raise FlowstreamError(f"mask is not a length 0..128, got {shown(text)}; write for example 64")
    if "." not in text:
        raise FlowstreamError(
            f"mask is neither a length 0..32 nor dotted, got {shown(text)}; write for example 24 or 255.255.255.0"
        )
    mask = parse_address("mask", text)
    length = mask.bit_count()
    if mask != _MASKS[IPV4][length]:
        raise FlowstreamError(
            f"mask has a hole, got {text}; write ones followed by zeros, for example {address_text(_MASKS[IPV4][length])}"
        )
    return length


def parse_prefix(addr: str, mask: str) -> Prefix:
    """Read a prefix of either family from its two attributes; bits behind the mask are an error, not rounded away."""
    network, family = parse_address_text("addr", addr)
    prefix = enclosing(network, parse_mask(mask, family), family)
    if network != prefix.network:
        raise FlowstreamError(
            f"addr has bits behind the mask, got {addr}/{mask}; write {address_text(prefix.network, family)}"
            f" or a longer mask"
        )
    return prefix


def parse_prefix_text(text: str) -> Prefix:
    """Read `10.0.0.0/8` or `2001:db8::/32`."""
    addr, _, mask = text.partition("/")
    return parse_prefix(addr, mask)


def parse_block(name: str, text: str, *, either: bool = False) -> Prefix:
    """Read `10.0.0.0/8`, or an address alone, of IPv4 or of `either` family; `name` is what messages call it."""
    addr, slash, mask = text.partition("/")
    if not slash or (":" in addr and not either):
        address, family = parse_address_text(name, addr) if either else (parse_address(name, addr), IPV4)
        return Prefix(address, BITS[family], family)
    try:
        return parse_prefix(addr, mask)
    except FlowstreamError as error:
        raise FlowstreamError(str(error).replace("addr ", f"{name} ", 1)) from None


def parse_interface(text: str) -> Interface:
    """Read `192.168.5.254/24`; the first and the last address of a segment belong to no port (RFC 1122, 3.2.1.3)."""
    addr, slash, mask = text.partition("/")
    if not slash:
        raise FlowstreamError(f"address has no mask, got {shown(text)}; write for example {text}/24")
    if ":" in addr:
        raise FlowstreamError(f"address is not an IPv4 address, got {shown(text)}; write those of IPv6 into address6")
    interface = Interface(parse_address("address", addr), parse_mask(mask))
    subnet = interface.subnet
    if subnet.reserves(interface.address):
        raise FlowstreamError(
            f"address is the network or broadcast address of {subnet}, got {text}; write an address between"
            f" {address_text(subnet.network)} and {address_text(subnet.last)}"
        )
    if interface.address == 0 or interface.address >= 0xE0000000:
        raise FlowstreamError(f"address is not a unicast address, got {text}; write one that a host may have")
    return interface


def parse_interface6(text: str) -> Interface:
    """Read `2001:db8:1::1/64`: an address that a router may have beyond its link (RFC 4291 2.5, 2.6.1)."""
    addr, slash, mask = text.partition("/")
    if not slash:
        raise FlowstreamError(f"address6 has no mask, got {shown(text)}; write for example {text}/64")
    interface = Interface(parse_address6("address6", addr), parse_mask(mask, IPV6), IPV6)
    subnet = interface.subnet
    if any(prefix.holds(interface.address) for prefix in NO_MACHINES6):
        raise FlowstreamError(f"address6 is not a unicast address, got {text}; write one that a host may have")
    if LINK_LOCAL.holds(interface.address):
        raise FlowstreamError(
            f"address6 is of its link alone, got {text}; write one that others can answer, as in 2001:db8::1/64"
        )
    if subnet.reserves(interface.address):
        raise FlowstreamError(
            f"address6 is that of every router on {subnet} (RFC 4291 2.6.1), got {text}; write another one of it"
        )
    return interface


def parse_mac(text: str) -> str:
    """Read a unicast Ethernet address and return it in lower case (IEEE 802-2014 section 8.2)."""
    if not _MAC.fullmatch(text):
        raise FlowstreamError(
            f"mac is not an Ethernet address, got {shown(text)}; write six bytes as in 00:15:17:15:5D:20"
        )
    mac = text.lower()
    if mac == "00:00:00:00:00:00":
        raise FlowstreamError(f"mac is zero, got {text}; write the address that the platform port has outside")
    if int(mac[:2], 16) & 1:
        raise FlowstreamError(f"mac is a group address, got {text}; write a unicast one, whose first byte is even")
    return mac


def shown(text: str) -> str:
    """Return the text as a message prints it: visible when it is empty, has odd characters or is far too long."""
    if text and text.isascii() and text.isprintable() and " " not in text and len(text) <= 80:
        return text
    cut = text if len(text) <= 80 else f"{text[:77]}..."
    return "'" + "".join(char if char.isprintable() else repr(char)[1:-1] for char in cut) + "'"


def uncovered(prefixes: Iterable[Prefix], family: int = IPV4) -> Iterator[Prefix]:
    """Yield, in order, the fewest prefixes that fill what the given ones of a family leave of its address space."""
    position = 0
    for prefix in sorted(of_family(prefixes, family)):
        yield from spanning(position, prefix.network, family)
        position = max(position, prefix.last + 1)
    yield from spanning(position, _ONES[family] + 1, family)


def spanning(start: int, end: int, family: int = IPV4) -> Iterator[Prefix]:
    """Yield the fewest prefixes that are the addresses start..end-1."""
    bits_of_all = BITS[family]
    while start < end:
        aligned = (start & -start).bit_length() - 1 if start else bits_of_all
        bits = min(aligned, (end - start).bit_length() - 1)
        yield Prefix(start, bits_of_all - bits, family)
        start += 1 << bits
