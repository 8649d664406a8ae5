# SPDX-License-Identifier: Apache-2.0
"""Links that delay, lose, double or slow down what they carry: a namespace in their middle, in which the engine does that to frames.

Not the kernel's netem: few kernels have all that a lab would need, and the engine is here in any case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ENDS = ("near", "far")
"""The interfaces of the namespace in the middle, towards the first end of the link and the second."""
READY = "carries"
"""What the engine prints when it does."""
WAITING = 1000
"""How many frames wait for a slow link in either direction, as many as in a Linux interface (txqueuelen)."""
_FRAMING = 18
"""Bytes of Ethernet header and VLAN tag before an IP packet (IEEE 802.3, 802.1Q)."""
MOST: Mapping[str, float] = {"delay_ms": 10_000, "loss_percent": 100, "duplicate_percent": 100, "rate_mbps": 100_000}
"""The largest value of each."""


@dataclass(frozen=True)
class Impairment:
    """What a link does in either direction: delay in milliseconds, shares in percent, rate in Mbit/s (0: as fast as it can)."""

    delay_ms: float = 0
    loss_percent: float = 0
    duplicate_percent: float = 0
    rate_mbps: float = 0

    def configuration(self, mtu: int) -> str:
        """Return what the engine is to run between the two ends."""
        near, far = ENDS
        there, back = (
            self._direction(name, *ends, mtu) for name, ends in (("there", (near, far)), ("back", (far, near)))
        )
        return f'{there}\n{back}\nDriverManager(print "{READY}", pause);\n'

    def _direction(self, name: str, source: str, destination: str, mtu: int) -> str:
        lines = [f"FromDevice({source}, PROMISC true, SNAPLEN {mtu + _FRAMING})"]
        if self.loss_percent:
            lines.append(f"RandomSample(DROP {self.loss_percent / 100:g})")
        doubled = ""
        if self.duplicate_percent:
            lines.append(f"{name}_twice :: Tee")
            doubled = f"\n{name}_twice[1] -> RandomSample(SAMPLE {self.duplicate_percent / 100:g}) -> {name}_waiting;"
        lines.append(f"{name}_waiting :: Queue({WAITING})")
        if self.delay_ms or self.rate_mbps:
            # What is on the link is not what waits for it.
            lines += [f"LinkUnqueue({self.delay_ms:g}ms, {self.rate_mbps:g}Mbps)", f"Queue({WAITING})"]
        return " -> ".join([*lines, f"ToDevice({destination})"]) + f";{doubled}"


@dataclass(frozen=True)
class Wire:
    """The middle of a link; `directory` is where its configuration and what the engine says are kept."""

    name: str
    namespace: str
    directory: Path
    click: Path
    configuration: str

    @property
    def file(self) -> Path:
        """Its configuration."""
        return file_in(self.directory)


def file_in(directory: Path) -> Path:
    """The configuration in the folder of a wire."""
    return directory / "wire.click"


def read_wire(
    link: Mapping[str, Any], declared: Mapping[str, Any], mtu: int, where: str, errors: list[str]
) -> Wire | None:
    """Return the middle of a declared link of a lab, None for a link that does nothing to frames.

    `errors` gets a message for each value out of range, and for a program of the engine that is not named; `where` begins it.
    """
    values = {name: float(link.get(name) or 0) for name in MOST}
    for name, value in values.items():
        if not 0 <= value <= MOST[name]:
            errors.append(f"{where}: {name} {value:g} is outside 0..{MOST[name]:g}")
    if not any(values.values()):
        return None
    if not declared.get("click"):
        errors.append(f"{where}: needs the engine for what it does to frames; name its program in click")
    name = str(link["ends"][0]).replace(":", "-")
    directory = Path(declared["directory"]) / "machines" / name
    configuration = Impairment(**values).configuration(mtu)
    return Wire(name, f"{declared['prefix']}-{name}", directory, Path(declared.get("click") or ""), configuration)
