# SPDX-License-Identifier: Apache-2.0
"""An interface of a processing module, as a plan has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TAGGED = "tagged"
"""The fact of a module that says by which platform port frames with VLAN tags of their own come to it and go."""


@dataclass(frozen=True, slots=True)
class Vif:
    """An arm of a processing module.

    `device` is the interface on the host, attached to the host's bridge as OpenFlow port `ofport`; `interface` is
    what the module itself calls its end, with Ethernet address `mac`. `rate_mbps` bounds what it may send. `ports` are
    the platform ports that it is for; without, all.
    """

    device: str
    interface: str
    mac: str
    ofport: int
    rate_mbps: int | None
    ports: tuple[int, ...] | None = None

    def serves(self, portid: int) -> bool:
        """Whether packets of the port pass by it."""
        return self.ports is None or portid in self.ports

    def to_dict(self) -> dict[str, Any]:
        """Return it as plan JSON."""
        return {
            "device": self.device,
            "interface": self.interface,
            "mac": self.mac,
            "ofport": self.ofport,
            "rate_mbps": self.rate_mbps,
            **({} if self.ports is None else {"ports": list(self.ports)}),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Vif:
        """Read plan JSON."""
        ports = plain.get("ports")
        return cls(**{**plain, "ports": None if ports is None else tuple(ports)})
