# SPDX-License-Identifier: Apache-2.0
"""The security associations (ESP, RFC 4303, with AES-GCM, RFC 4106) that a VPN gateway is to have, read from a variable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.flowstream.addresses import shown
from ansible.module_utils.flowstream.errors import FlowstreamError

_SALT = 4
_KEY_BYTES = (16 + _SALT, 24 + _SALT, 32 + _SALT)
_LEAST_SPI = 256
"""Those below are reserved (RFC 4303 section 2.1)."""
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Association:
    """One direction of a tunnel: its SPI, and its key with the salt behind it in hexadecimal, which is never shown."""

    spi: int
    key: str = field(repr=False)

    @property
    def name(self) -> str:
        """What messages and differences call it."""
        return f"{self.spi:#010x}"


@dataclass(frozen=True, slots=True)
class Associations:
    """What a gateway is to have: one to send by, and those to receive by, of which the peer uses one after the other."""

    out: Association
    received: tuple[Association, ...]


def parse_associations(plain: Mapping[str, Any]) -> Associations:
    """Read `{out: {spi, key}, in: [{spi, key}, ...]}`; FlowstreamError has everything that is wrong, and no key."""
    messages: list[str] = []
    read = [_parse(each, where, messages) for each, where in _described(plain, messages)]
    keys = [one.key.lower() for one in read if one]
    if len(set(keys)) < len(keys):
        messages.append("two associations have the same key; give each one of its own")
    spis = [one.spi for one in read[1:] if one]
    if len(set(spis)) < len(spis):
        messages.append("two associations of in have the same spi; give each one of its own")
    if messages:
        raise FlowstreamError(*messages)
    out, *received = (one for one in read if one)
    return Associations(out, tuple(received))


def _described(plain: Any, messages: list[str]) -> Iterator[tuple[Any, str]]:
    if not isinstance(plain, Mapping) or not isinstance(plain.get("in"), Sequence) or isinstance(plain["in"], str):
        messages.append(
            "is no mapping of out and a list in; write out: {spi: ..., key: ...}, in: [{spi: ..., key: ...}]"
        )
        return
    yield plain.get("out"), "out"
    for number, each in enumerate(plain["in"]):
        yield each, f"in[{number}]"
    if not plain["in"]:
        messages.append("in is empty; add what the other gateway sends by")


def _parse(plain: Any, where: str, messages: list[str]) -> Association | None:
    if not isinstance(plain, Mapping) or not {"spi", "key"} <= plain.keys():
        messages.append(f"{where} has no spi or no key; write both")
        return None
    key, spi = str(plain["key"]), _number(plain["spi"])
    if spi is None:
        messages.append(
            f"{where}: spi is no number in {_LEAST_SPI}..4294967295, got {shown(str(plain['spi']))}; write one"
        )
    if not _HEXADECIMAL.fullmatch(key) or len(key) not in {2 * length for length in _KEY_BYTES}:
        text = (
            f"{where}: key is not {', '.join(str(2 * each) for each in _KEY_BYTES)} hexadecimal digits, got {len(key)}"
        )
        messages.append(f"{text} characters; write the key and behind it the salt of 4 bytes, in quotes")
    return Association(spi or 0, key)


def _number(plain: Any) -> int | None:
    try:
        number = int(str(plain), 0)
    except ValueError:
        return None
    return number if _LEAST_SPI <= number <= 0xFFFFFFFF else None
