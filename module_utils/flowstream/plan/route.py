# SPDX-License-Identifier: Apache-2.0
"""A route of a processing module."""

from __future__ import annotations

from typing import NamedTuple

from ansible.module_utils.flowstream.addresses import Prefix, address_text, parse_address_text, parse_prefix_text


class PlannedRoute(NamedTuple):
    """A route as the processing module has it, next hop decided. Spelled `PREFIX [GATEWAY] PORTID`."""

    prefix: Prefix
    gateway: int | None
    port: int

    def __str__(self) -> str:
        if self.gateway is None:
            return f"{self.prefix} {self.port}"
        return f"{self.prefix} {address_text(self.gateway, self.prefix.family)} {self.port}"

    @classmethod
    def parse(cls, text: str) -> PlannedRoute:
        """Read the spelling of `str`."""
        prefix, *gateway, port = text.split(" ")
        return cls(
            parse_prefix_text(prefix), parse_address_text("gateway", gateway[0])[0] if gateway else None, int(port)
        )
