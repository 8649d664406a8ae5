# SPDX-License-Identifier: Apache-2.0
"""Where a module of a stage stands between a platform port and the allocation's own modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible.module_utils.flowstream.addresses import EVERYTHING, Prefix, parse_prefix_text


class PlannedStage(NamedTuple):
    """A place on the way of platform port `port`, counted from the port on by `position`, 0 first.

    The module gets, of the IPv4 packets that come in by the port, those from its `networks`, and of those that leave by
    it, those to them. `type` is the kind of processing that all modules of stage `stage_id` do.
    """

    stage_id: str
    type: str
    port: int
    position: int
    networks: tuple[Prefix, ...] = (EVERYTHING,)

    def __str__(self) -> str:
        networks = "" if self.networks == (EVERYTHING,) else f" for {', '.join(map(str, self.networks))}"
        return f"stage {self.stage_id} at port {self.port}{networks}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plan JSON."""
        return {
            "id": self.stage_id,
            "type": self.type,
            "port": self.port,
            "position": self.position,
            "networks": [str(network) for network in self.networks],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> PlannedStage:
        """Read plan JSON."""
        networks = tuple(map(parse_prefix_text, plain["networks"]))
        return cls(plain["id"], plain["type"], plain["port"], plain["position"], networks)
