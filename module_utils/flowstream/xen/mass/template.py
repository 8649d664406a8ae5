# SPDX-License-Identifier: Apache-2.0
"""Many domains that are alike: a template, and the numbers for which there is to be one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xen.domain import Domain, DomainVif
from ansible.module_utils.flowstream.xen.mass.handle import digest_part

_TOKEN = re.compile(r"\{(number|name|mac)(?::0([1-9]))?\}")
_MAC = re.compile(r"[0-9a-f][02468ace](?::[0-9a-f]{2}){5}\Z")


@dataclass(frozen=True)
class VifTemplate:
    """An interface of each domain; `mac` and `ofport` are those of number 0, and each number adds one."""

    device: str
    bridge: str
    mac: str
    ofport: int | None = None
    vlan: int | None = None

    def vif(self, number: int) -> DomainVif:
        """That of one domain."""
        ofport = None if self.ofport is None else self.ofport + number
        return DomainVif(filled(self.device, number), self.bridge, _mac(self.mac, number), ofport, self.vlan)


@dataclass(frozen=True)
class DomainTemplate:
    """What the domains are.

    In names, devices and the configuration `{number}` or `{number:04}` is filled in, in the configuration also `{name}`
    and `{mac}`, the address of the first interface.
    `configuration` is what a ClickOS domain starts with: as its `ramdisk`, or in XenStore as its `startup_config`.
    """

    name: str
    first: int
    count: int
    kernel: str
    kind: str
    memory_kib: int
    cmdline: str = ""
    vifs: tuple[VifTemplate, ...] = ()
    configuration: str = ""
    configured_by: str = "ramdisk"
    console: bool = False

    def __post_init__(self) -> None:
        found = []
        if not (self.first >= 0 and self.count >= 0):
            found.append(f"first and count are no numbers from 0 on, got {self.first} and {self.count}; correct them")
        for what, pattern in (
            ("name", self.name),
            *((f"vif {at}: device", vif.device) for at, vif in enumerate(self.vifs)),
        ):
            if "{number" not in pattern and self.count > 1:
                found.append(f"{what} is the same for all, got {pattern!r}; write {{number}} in it")
        found += [f"vif {at}: mac is not a unicast address in lower-case digits, got {vif.mac!r}; write 02:00:00:00:00:00"
                  for at, vif in enumerate(self.vifs) if not _MAC.match(vif.mac)]  # fmt: skip
        if found:
            raise FlowstreamError(*(f"domains {self.name}: {text}" for text in found))
        if self.count:
            # Everything that can be wrong is wrong with the highest number, or with the lowest.
            for number in sorted({self.first, self.first + self.count - 1}):
                self.domain(number)

    @property
    def numbers(self) -> range:
        """The numbers of all domains."""
        return range(self.first, self.first + self.count)

    @property
    def digest(self) -> str:
        """The same for templates whose domains are the same; the half of their handles that says so."""
        same = [self.kernel, self.kind, self.memory_kib, self.cmdline, self.configuration, self.configured_by,
                self.console, [astuple(vif) for vif in self.vifs]]  # fmt: skip
        return digest_part(json.dumps(same))

    def name_of(self, number: int) -> str:
        """The name of one domain."""
        return filled(self.name, number)

    def domain(self, number: int) -> Domain:
        """One domain."""
        return Domain(
            name=self.name_of(number),
            kind=self.kind,
            kernel=self.kernel,
            memory_kib=self.memory_kib,
            cmdline=self.cmdline,
            vifs=tuple(vif.vif(number) for vif in self.vifs),
        )

    def configuration_of(self, number: int) -> str:
        """What one domain starts with."""
        mac = _mac(self.vifs[0].mac, number) if self.vifs else ""
        return filled(self.configuration, number, self.name_of(number), mac)


def filled(pattern: str, number: int, name: str = "", mac: str = "") -> str:
    """A pattern with its `{...}` filled in; braces around anything else are text."""
    values = {"number": str(number), "name": name, "mac": mac}
    return _TOKEN.sub(lambda token: values[token[1]].rjust(int(token[2] or 0), "0"), pattern)


def _mac(base: str, number: int) -> str:
    value = (int(base.replace(":", ""), 16) + number) & 0xFFFFFFFFFFFF
    digits = f"{value:012x}"
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as a person writes them: `1-3, 7`."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
