# SPDX-License-Identifier: Apache-2.0
"""IPv4 addresses, prefixes and Ethernet addresses: small values, read strictly.

An address is an `int` (0..2**32-1) and an Ethernet address its lower-case text, because a plan holds millions of
them. What cannot be read raises FlowstreamError with a text of the form `what, got VALUE; what to do`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ansible.module_utils.flowstream.errors import FlowstreamError

ALL_ONES = 0xFFFFFFFF
_OCTETS = {str(value): value for value in range(256)}
_MASKS = [ALL_ONES ^ (ALL_ONES >> length) for length in range(33)]
_LENGTHS = {str(length): length for length in range(33)}
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE | re.ASCII)


class Prefix(NamedTuple):
    """An IPv4 prefix (RFC 4632): the network address and its length in bits."""

    network: int
    length: int

    def __str__(self) -> str:
        return f"{address_text(self.network)}/{self.length}"

    @property
    def last(self) -> int:
        """The highest address of the prefix."""
        return self.network | (ALL_ONES >> self.length)

    def holds(self, address: int) -> bool:
        """Whether the address lies in the prefix."""
        return address & _MASKS[self.length] == self.network

    def reserves(self, address: int) -> bool:
        """Whether no host on such a network has the address: the first and the last of one that has others (RFC 1122, 3.2.1.3)."""
        return self.length < 31 and address in (self.network, self.last)

    def contains(self, other: Prefix) -> bool:
        """Whether every address of `other` lies in the prefix."""
        return self.length <= other.length and self.holds(other.network)


EVERYTHING = Prefix(0, 0)


class Interface(NamedTuple):
    """An address of a port together with the prefix of its segment, as in `192.168.5.254/24`."""

    address: int
    length: int

    def __str__(self) -> str:
        return f"{address_text(self.address)}/{self.length}"

    @property
    def subnet(self) -> Prefix:
        """The segment that the address stands on."""
        return enclosing(self.address, self.length)


def address_text(address: int) -> str:
    """Spell an address in dotted decimal."""
    return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"


def enclosing(address: int, length: int) -> Prefix:
    """Return the prefix of that length that the address lies in."""
    return Prefix(address & _MASKS[length], length)


def parse_address(what: str, text: str) -> int:
    """Read dotted decimal: four numbers 0..255 without leading zeros (RFC 6943 section 3.1.1 says why)."""
    try:
        first, second, third, fourth = text.split(".")
        return _OCTETS[first] << 24 | _OCTETS[second] << 16 | _OCTETS[third] << 8 | _OCTETS[fourth]
    except (KeyError, ValueError):
        raise FlowstreamError(
            f"{what} is not an IPv4 address, got {shown(text)}; write four numbers 0..255 with dots"
        ) from None


def parse_mask(text: str) -> int:
    """Read a prefix length (`24`) or a contiguous mask (`255.255.255.0`) and return the length."""
    if text in _LENGTHS:
        return _LENGTHS[text]
    if "." not in text:
        raise FlowstreamError(
            f"mask is neither a length 0..32 nor dotted, got {shown(text)}; write for example 24 or 255.255.255.0"
        )
    mask = parse_address("mask", text)
    length = mask.bit_count()
    if mask != _MASKS[length]:
        raise FlowstreamError(
            f"mask has a hole, got {text}; write ones followed by zeros, for example {address_text(_MASKS[length])}"
        )
    return length


def parse_prefix(addr: str, mask: str) -> Prefix:
    """Read a prefix from its two attributes; bits behind the mask are an error, not rounded away."""
    network = parse_address("addr", addr)
    length = parse_mask(mask)
    if network & ~_MASKS[length] & ALL_ONES:
        raise FlowstreamError(
            f"addr has bits behind the mask, got {addr}/{mask}; write {address_text(network & _MASKS[length])}"
            f" or a longer mask"
        )
    return Prefix(network, length)


def parse_prefix_text(text: str) -> Prefix:
    """Read `10.0.0.0/8`."""
    addr, _, mask = text.partition("/")
    return parse_prefix(addr, mask)


def parse_block(name: str, text: str) -> Prefix:
    """Read `10.0.0.0/8`, or an address alone; `name` is what messages call it."""
    addr, slash, mask = text.partition("/")
    if not slash:
        return Prefix(parse_address(name, text), 32)
    try:
        return parse_prefix(addr, mask)
    except FlowstreamError as error:
        raise FlowstreamError(str(error).replace("addr ", f"{name} ", 1)) from None


def parse_interface(text: str) -> Interface:
    """Read `192.168.5.254/24`; the first and the last address of a segment belong to no port (RFC 1122, 3.2.1.3)."""
    addr, slash, mask = text.partition("/")
    if not slash:
        raise FlowstreamError(f"address has no mask, got {shown(text)}; write for example {text}/24")
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


def uncovered(prefixes: Iterable[Prefix]) -> Iterator[Prefix]:
    """Yield, in order, the fewest prefixes that fill what the given ones leave of the IPv4 address space."""
    position = 0
    for prefix in sorted(prefixes):
        yield from spanning(position, prefix.network)
        position = max(position, prefix.last + 1)
    yield from spanning(position, ALL_ONES + 1)


def spanning(start: int, end: int) -> Iterator[Prefix]:
    """Yield the fewest prefixes that are the addresses start..end-1."""
    while start < end:
        aligned = (start & -start).bit_length() - 1 if start else 32
        bits = min(aligned, (end - start).bit_length() - 1)
        yield Prefix(start, 32 - bits)
        start += 1 << bits
