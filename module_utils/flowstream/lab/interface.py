# SPDX-License-Identifier: Apache-2.0
"""The interfaces of a lab, and the cables between them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Interface:
    """One network interface as it has to be; `namespace` None is the machine that carries the lab."""

    namespace: str | None
    name: str
    mac: str
    mtu: int
    addresses: tuple[str, ...] = ()
    bridge: str | None = None
    software_checksums: bool = False
    """The sender computes checksums: a userspace switch forwards packets as they are, and the unfinished
    checksum of a veth that counts on hardware never gets finished."""

    def __str__(self) -> str:
        return f"{self.namespace or 'host'}:{self.name}"


@dataclass(frozen=True)
class Link:
    """A cable: two veth interfaces."""

    ends: tuple[Interface, Interface]

    def __str__(self) -> str:
        return f"{self.ends[0]} to {self.ends[1]}"


def derived_mac(namespace: str, interface: str) -> str:
    """The same address in every run: locally administered, unicast (IEEE 802, section 8.4), hashed from the names."""
    digest = hashlib.sha256(f"{namespace}/{interface}".encode()).hexdigest()
    return ":".join(["02", *(digest[index : index + 2] for index in range(0, 10, 2))])
