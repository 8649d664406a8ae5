# SPDX-License-Identifier: Apache-2.0
"""The arguments of an element, read as far as they say addresses. What cannot be read is None: nobody knows it then."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ansible.module_utils.flowstream.addresses import (
    EVERYTHING,
    Prefix,
    enclosing,
    parse_address,
    parse_block,
    spanning,
)
from ansible.module_utils.flowstream.errors import FlowstreamError

_KEYWORD = re.compile(r"([A-Z][A-Z0-9_]*)\s+(\S.*)", re.DOTALL)
_MAC = re.compile(r"[0-9a-fA-F]{1,2}([:-][0-9a-fA-F]{1,2}){5}")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")


def named(arguments: Sequence[str], *names: str) -> Mapping[str, str]:
    """Return arguments by name: the first ones have their order, others their keyword in front."""
    found: dict[str, str] = {}
    waiting = list(names)
    for argument in arguments:
        keyword = _KEYWORD.fullmatch(argument)
        if keyword:
            found[keyword[1]] = keyword[2].strip()
        elif waiting:
            found[waiting.pop(0)] = argument.strip()
    return found


def keywords(arguments: Sequence[str]) -> set[str]:
    """The keywords among the arguments."""
    return {found[1] for argument in arguments if (found := _KEYWORD.fullmatch(argument))}


def positional(arguments: Sequence[str]) -> list[str]:
    """The arguments that have no keyword."""
    return [argument.strip() for argument in arguments if not _KEYWORD.fullmatch(argument)]


def mac_of(text: str | None) -> str | None:
    """Read an Ethernet address as the language has it."""
    if text is None or not _MAC.fullmatch(text):
        return None
    return ":".join(f"{int(byte, 16):02x}" for byte in re.split("[:-]", text))


def number_of(text: str | None) -> int | None:
    """Read a number; one with a leading zero is octal elsewhere, so that it is none here."""
    if text is None or not _NUMBER.fullmatch(text) or (text.startswith("0") and text[1:].isdigit()):
        return None
    return int(text, 0)


def address_of(text: str | None) -> Prefix | None:
    """Read one address."""
    try:
        return None if text is None else Prefix(parse_address("address", text), 32)
    except FlowstreamError:
        return None


def network_of(text: str | None) -> Prefix | None:
    """Read a prefix, whose address may be any of it."""
    addr, slash, mask = (text or "").partition("/")
    address = address_of(addr)
    if not slash or address is None:
        return EVERYTHING if text == "0/0" else address
    try:
        return enclosing(address.network, parse_block("mask", f"0.0.0.0/{mask}").length)
    except FlowstreamError:
        return None


def pool_of(text: str) -> list[Prefix | None]:
    """Read an address, a prefix, or a range of addresses, as the prefixes that fill it."""
    low, dash, high = text.rstrip("#?").partition("-")
    first, last = network_of(low), address_of(high)
    if not dash or first is None:
        return [first]
    return [None] if last is None or last < first else list(spanning(first.network, last.network + 1))
