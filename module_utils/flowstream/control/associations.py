# SPDX-License-Identifier: Apache-2.0
"""The security associations of a running VPN gateway (ESP, RFC 4303, with AES-GCM, RFC 4106), told through write handlers.

The gateway shows which it has by their SPIs (security parameters indexes) and never their keys, so an association is known by
its SPI alone: another key needs another SPI.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.flowstream.addresses import shown
from ansible.module_utils.flowstream.control.socket import Handlers
from ansible.module_utils.flowstream.errors import FlowstreamError

WINDOW = 1024
"""How many packets behind the newest one may come (RFC 4303 section 3.4.3 asks for 64 at least)."""
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


@dataclass(frozen=True, slots=True)
class _Step:
    change: str
    handler: str
    value: str = field(repr=False)


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


@dataclass(frozen=True, slots=True)
class Gateway:
    """The elements of a running gateway: the handler `sa` of one sends, `add`, `remove` and `table` of the other receive."""

    send: str
    receive: str


def converge_associations(
    control: Handlers | None, gateway: Gateway, wanted: Associations, *, exclusive: bool, check_mode: bool
) -> dict[str, object]:
    """Make a gateway have what is wanted; return a module's result. Without `control` there is none yet.

    It receives by the new ones before it sends by one, and forgets others, only where `exclusive`, at last: nothing is lost.
    """
    sent = _spis(control.read(f"{gateway.send}.sa")) if control else []
    received = _spis(control.read(f"{gateway.receive}.table")) if control else []
    steps = list(_steps(gateway, wanted, sent, received, exclusive))
    if control and not check_mode:
        for step in steps:
            control.write(step.handler, step.value)
    kept = [] if exclusive else received
    return {
        "changed": bool(steps),
        "changes": [step.change for step in steps],
        "diff": {
            "before": _text(sent, received),
            "after": _text([wanted.out.spi], {*kept, *(one.spi for one in wanted.received)}),
        },
    }


def _steps(
    gateway: Gateway, wanted: Associations, sent: Sequence[int], received: Sequence[int], exclusive: bool
) -> Iterator[_Step]:
    for one in wanted.received:
        if one.spi not in received:
            value = f"{one.spi:#x} {one.key} - 0 {WINDOW}"
            yield _Step(f"receive by association {one.name}", f"{gateway.receive}.add", value)
    if list(sent) != [wanted.out.spi]:
        value = f"{wanted.out.spi:#x} {wanted.out.key} -"
        yield _Step(f"send by association {wanted.out.name}", f"{gateway.send}.sa", value)
    for spi in sorted(set(received) - {one.spi for one in wanted.received}) if exclusive else ():
        yield _Step(f"forget association {spi:#010x}", f"{gateway.receive}.remove", f"{spi:#x}")


def _spis(table: str) -> list[int]:
    return [int(line.split()[0], 0) for line in table.splitlines() if line.strip()]


def _text(sent: Sequence[int], received: Sequence[int] | set[int]) -> str:
    lines = [*(f"send by {spi:#010x}" for spi in sent), *(f"receive by {spi:#010x}" for spi in sorted(received))]
    return "".join(f"{line}\n" for line in lines)
