# SPDX-License-Identifier: Apache-2.0
"""A subscriber as a value, and how a plan spells it."""

from __future__ import annotations

from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import address_text, parse_address


@dataclass(frozen=True, slots=True, order=True)
class Subscriber:
    """Whoever is behind a VLAN, with the rates of what it sends and gets in Mbit/s. Spelled `101 192.0.2.1 10 50`."""

    vlan: int
    address: int
    up: int
    down: int
    line: int = 0

    def __str__(self) -> str:
        return f"{self.vlan} {self.text} {self.up} {self.down}"

    @property
    def text(self) -> str:
        """Its address in dotted decimal."""
        return address_text(self.address)

    @property
    def digits(self) -> str:
        """Its address as a Classifier pattern has it."""
        return f"{self.address:08x}"

    @property
    def tag(self) -> str:
        """Its VLAN as a Classifier pattern has it, whatever the priority (IEEE 802.1Q 9.6)."""
        return f"{self.vlan:04x}%0fff"

    @classmethod
    def parse(cls, text: str) -> Subscriber:
        """Read the spelling of `str`."""
        vlan, address, up, down = text.split(" ")
        return cls(int(vlan), parse_address("address", address), int(up), int(down))
