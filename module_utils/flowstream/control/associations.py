# SPDX-License-Identifier: Apache-2.0
"""The security associations of a running VPN gateway, told through write handlers.

The gateway shows which it has by their SPIs (security parameters indexes) and never their keys, so an association is known by
its SPI alone: another key needs another SPI.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ansible.module_utils.flowstream.control.keys import Association, Associations
from ansible.module_utils.flowstream.control.socket import Handlers

WINDOW = 1024
"""How many packets behind the newest one may come (RFC 4303 section 3.4.3 asks for 64 at least)."""


@dataclass(frozen=True, slots=True)
class _Step:
    change: str
    handler: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Gateway:
    """The elements of a running gateway: the handler `sa` of one sends, `add`, `remove` and `table` of the other receive."""

    send: str
    receive: str

    def sending(self, one: Association) -> tuple[str, str]:
        """Return the handler that has it send by an association, and what is written there."""
        return f"{self.send}.sa", f"{one.spi:#x} {one.key} -"


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
        yield _Step(f"send by association {wanted.out.name}", *gateway.sending(wanted.out))
    for spi in sorted(set(received) - {one.spi for one in wanted.received}) if exclusive else ():
        yield _Step(f"forget association {spi:#010x}", f"{gateway.receive}.remove", f"{spi:#x}")


def _spis(table: str) -> list[int]:
    return [int(line.split()[0], 0) for line in table.splitlines() if line.strip()]


def _text(sent: Sequence[int], received: Sequence[int] | set[int]) -> str:
    lines = [*(f"send by {spi:#010x}" for spi in sent), *(f"receive by {spi:#010x}" for spi in sorted(received))]
    return "".join(f"{line}\n" for line in lines)
