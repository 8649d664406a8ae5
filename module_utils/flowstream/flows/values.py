# SPDX-License-Identifier: Apache-2.0
"""One spelling for the values of OpenFlow fields: numbers, ports, Ethernet and IP addresses, with and without masks.

A value that matches everything is None.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from ansible.module_utils.flowstream.errors import FlowstreamError

MAX_SWITCH_PORT = 65279
"""The highest port number that Open vSwitch gives (0xfeff; OFPP_MAX - 1 of OpenFlow 1.0)."""

_MAC = re.compile(r"[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}\Z", re.IGNORECASE)
_ALL_ONES = 0xFFFFFFFFFFFF
# OpenFlow 1.3.5 section A.2.1, as ovs-ofctl writes them.
RESERVED_PORTS = ("IN_PORT", "TABLE", "NORMAL", "FLOOD", "ALL", "CONTROLLER", "LOCAL", "ANY")


def number(text: str, what: str, limit: int) -> int:
    """The decimal or 0x number in `text`, refused outside 0..limit."""
    try:
        value = int(text, 0)
    except ValueError:
        raise FlowstreamError(f"{what}: '{text}' is not a number") from None
    if not 0 <= value <= limit:
        raise FlowstreamError(f"{what}: {text} is outside 0..{limit}")
    return value


def _mac(text: str, what: str) -> int:
    if not _MAC.match(text):
        raise FlowstreamError(f"{what}: '{text}' is not an Ethernet address; write six hexadecimal bytes with colons")
    return int("".join(part.zfill(2) for part in text.split(":")), 16)


def _mac_text(value: int) -> str:
    return ":".join(f"{value >> shift & 0xFF:02x}" for shift in range(40, -1, -8))


def mac_value(name: str, text: str) -> str | None:
    """An Ethernet address with or without a mask."""
    address, _, mask_text = text.partition("/")
    mask = _mac(mask_text, name) if mask_text else _ALL_ONES
    if mask == 0:
        return None
    value = _mac_text(_mac(address, name) & mask)
    return value if mask == _ALL_ONES else f"{value}/{_mac_text(mask)}"


def address_value(name: str, text: str) -> str | None:
    """An IPv4 or IPv6 address with a prefix length or a mask of any shape; None when the mask matches everything."""
    address_text, _, mask_text = text.partition("/")
    kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address]
    kind = ipaddress.IPv6Address if name.startswith(("ipv6", "nd_target", "tun_ipv6")) else ipaddress.IPv4Address
    try:
        address = kind(address_text)
        bits = address.max_prefixlen
        ones = (1 << bits) - 1
        if not mask_text:
            mask = ones
        elif mask_text.isdigit():
            mask = ones ^ (ones >> number(mask_text, f"{name}: prefix length", bits))
        else:
            mask = int(kind(mask_text))
    except ValueError:
        raise FlowstreamError(f"{name}: '{text}' is not an IP address, prefix or masked address") from None
    if mask == 0:
        return None
    value = str(kind(int(address) & mask))
    if mask == ones:
        return value
    length = mask.bit_count()
    if mask == ones ^ (ones >> length):
        return f"{value}/{length}"
    return f"{value}/{kind(mask)}"


def port(text: str, what: str) -> str:
    """An OpenFlow port as a dump prints it: decimal, or the upper-case name of a reserved port."""
    if text.upper() in RESERVED_PORTS:
        return text.upper()
    try:
        value = int(text, 0)
    except ValueError:
        raise FlowstreamError(f"{what}: '{text}' is not an OpenFlow port number; port names are not resolved") from None
    # 0xfffffff8.. are OpenFlow 1.3's reserved ports; ovs-ofctl knows them by the 16-bit numbers 0xfff8.. .
    low = value & 0xFFFF if value >= 0xFFFFFF00 else value
    if low == 0xFFFE:
        return "LOCAL"
    if not 0 < low < 0xFF00:
        raise FlowstreamError(f"{what}: {text} is outside 1..65279")
    return str(low)


def integer(width: int, hexadecimal: bool) -> Callable[[str, str], str | None]:
    """The reader of numbers of so many bits, which are spelled in decimal or hexadecimal."""
    ones = (1 << width) - 1

    def normalise(name: str, text: str) -> str | None:
        value_text, _, mask_text = text.partition("/")
        mask = number(mask_text, f"{name}: mask", ones) if mask_text else ones
        if mask == 0:
            return None
        value = number(value_text, name, ones) & mask
        if mask == ones:
            return f"{value:#x}" if hexadecimal else str(value)
        return f"{value:#x}/{mask:#x}"

    return normalise


def as_it_is(name: str, text: str) -> str | None:
    """A number in decimal, and any other text unchanged."""
    try:
        return str(int(text, 0))
    except ValueError:
        return text


DECIMAL8, DECIMAL16 = integer(8, hexadecimal=False), integer(16, hexadecimal=False)
HEX32, HEX64 = integer(32, hexadecimal=True), integer(64, hexadecimal=True)
