# SPDX-License-Identifier: Apache-2.0
"""A packet that is sent to see what the platform does with it, whatever type of processing it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.addresses import IPV4, IPV6, Prefix, address_text


@dataclass(frozen=True, slots=True)
class Probe:
    """A packet to send, and what must come of it.

    It enters by platform port `source_port`, so to Ethernet address `source_mac`, from `source_address` (None when
    the plan knows no address behind that port), to `destination`. It must leave by platform port `output_port`
    towards `next_hop`, or, when that is None, be dropped: by `pm` as one without a route, or, when that is None too,
    by the switch. `prefix` is the route that it tests, `counter` the handler by which `pm` counts what it drops, and
    `family` that of all its addresses; where it is `translated`, it comes out as a packet of the other one, as `next_hop` is.
    `vlan` is that of the tag with which it is sent.
    """

    prefix: Prefix | None
    source_port: int
    source_mac: str
    source_address: int | None
    destination: int
    output_port: int | None
    next_hop: int | None
    pm: str | None
    host: str | None
    counter: str = ""
    family: int = IPV4
    translated: bool = False
    vlan: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the probe as plain data."""
        return {
            "prefix": None if self.prefix is None else str(self.prefix),
            "source_port": self.source_port,
            "source_mac": self.source_mac,
            "source_address": self._text(self.source_address),
            "destination": address_text(self.destination, self.family),
            "output_port": self.output_port,
            "next_hop": self.next_hop_text,
            "pm": self.pm,
            "host": self.host,
        }

    @property
    def next_hop_text(self) -> str | None:
        """The address of the next hop, if there is one."""
        family = IPV4 + IPV6 - self.family if self.translated else self.family
        return None if self.next_hop is None else address_text(self.next_hop, family)

    def _text(self, address: int | None) -> str | None:
        return None if address is None else address_text(address, self.family)
