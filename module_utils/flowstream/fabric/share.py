# SPDX-License-Identifier: Apache-2.0
"""What one switch of several has of their fabric: where its links lead, and the entries that carry labelled packets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow, Group
from ansible.module_utils.flowstream.flows.packet import TAGGED

PORT_BITS = 7
"""Of a label; the rest is the number of a switch."""
COOKIE = 0xFAB1_1C00_0000_0001
"""The owner's mark of these entries. They belong to the platform: no allocation has them, and removing one leaves them."""


class Place(NamedTuple):
    """A port of a switch."""

    switch: str
    port: int

    def __str__(self) -> str:
        return f"{self.switch}/{self.port}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read SWITCH/PORT; raises FlowstreamError for what is none."""
        switch, _, port = text.rpartition("/")
        if not switch or not port.isdecimal():
            raise FlowstreamError(f"is no port of a switch, got {text}; write SWITCH/PORT")
        return cls(switch, int(port))


@dataclass(frozen=True, slots=True)
class Share:
    """The ports of a switch that are links, each with the other end, and the platform's own entries there.

    A plan's entries lead into these and say no more than a label; they are laid when the platform is prepared.
    """

    links: Mapping[int, Place] = field(default_factory=dict, hash=False)
    flows: tuple[Flow, ...] = ()
    groups: tuple[Group, ...] = ()

    @property
    def labels(self) -> frozenset[int]:
        """The VLANs that it takes off here."""
        return frozenset(int(dict(flow.match).get("dl_vlan", 0)) for flow in self.flows) - {0}

    def destination(self, actions: str) -> str:
        """Return where actions lead in words that mean the same on every switch: an output is that of the label of its port."""
        if actions.startswith("output:") and self.labels:
            own = min(self.labels) >> PORT_BITS << PORT_BITS
            return f"label {own | int(actions.removeprefix('output:').partition(',')[0])}"
        found = re.search(r"set_field:(\d+)->vlan_vid", actions)
        return f"label {int(found[1]) & ~TAGGED}" if found else actions

    def to_dict(self) -> dict[str, Any]:
        """Return it as plan JSON; nothing of a switch without links."""
        if not self.links:
            return {}
        links = {str(port): str(end) for port, end in sorted(self.links.items())}
        groups = {"groups": [group.to_dict() for group in self.groups]} if self.groups else {}
        return {"fabric": {"links": links, "flows": [flow.to_dict() for flow in self.flows], **groups}}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Share:
        """Read the plan JSON of a switch."""
        part = plain.get("fabric", {"links": {}, "flows": ()})
        links = {int(port): Place.parse(end) for port, end in part["links"].items()}
        return cls(
            dict(sorted(links.items())),
            tuple(Flow.from_dict(flow) for flow in part["flows"]),
            tuple(Group.from_dict(group) for group in part.get("groups", ())),
        )


UNLINKED = Share()
"""Of a switch without links."""
