# SPDX-License-Identifier: Apache-2.0
"""Where a device that is not ours stands between a platform port and the allocation's own modules, and how it hangs at the switch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible.module_utils.flowstream.plan.stage import PlannedStage


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
