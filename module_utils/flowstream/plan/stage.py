# SPDX-License-Identifier: Apache-2.0
"""Where what carries a stage stands between a platform port and the allocation's own modules: a module of ours, or a device that is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible.module_utils.flowstream.addresses import EVERYTHING, EVERYTHING6, Prefix, parse_prefix_text

_WHOLE = ((EVERYTHING,), (EVERYTHING, EVERYTHING6))
"""What a module of a stage has that shares it with no other, at a port of IPv4 and at one of both families."""


class PlannedStage(NamedTuple):
    """A place on the way of platform port `port`, counted from the port on by `position`, 0 first.

    The module gets, of the IP packets that come in by the port, those from its `networks`, and of those that leave by
    it, those to them. `type` is the kind of processing that all modules of stage `stage_id` do.
    """

    stage_id: str
    type: str
    port: int
    position: int
    networks: tuple[Prefix, ...] = (EVERYTHING,)

    def __str__(self) -> str:
        networks = "" if self.networks in _WHOLE else f" for {', '.join(map(str, self.networks))}"
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


class PlannedDevice(NamedTuple):
    """A device that carries a stage.

    What is on its way in goes into it by `outside_port` of `switch` and comes back by `inside_port`; what is on its way out
    goes the other way. With `bypass` packets go past it while one of these ports is down.
    """

    name: str
    stage: PlannedStage
    switch: str
    outside_port: int
    inside_port: int
    bypass: bool

    def other(self, port: int) -> int:
        """Return by which port comes back what goes into it by one of its ports."""
        return self.inside_port if port == self.outside_port else self.outside_port

    def ports(self, down: int | None = None) -> dict[tuple[str, int], bool]:
        """Return its ports as they are when one of them, or none, is down."""
        return {(self.switch, port): port != down for port in (self.outside_port, self.inside_port)}

    def to_dict(self) -> dict[str, Any]:
        """Return it as plan JSON."""
        return {**self._asdict(), "stage": self.stage.to_dict()}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> PlannedDevice:
        """Read plan JSON."""
        return cls(**{**plain, "stage": PlannedStage.from_dict(plain["stage"])})
