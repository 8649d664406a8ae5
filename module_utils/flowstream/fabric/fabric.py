# SPDX-License-Identifier: Apache-2.0
"""Several switches with links between them, as the platform lays them once: a label for every port, shortest ways to each.

A packet that is to leave by a port of another switch gets the port's label, a VLAN tag that no other link of the platform
carries, and goes the shortest way to that switch. Switches between look at the label alone; the last one takes it off. The entries
are the same for all allocations. docs/decisions/0022 has why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ansible.module_utils.flowstream.fabric.share import COOKIE, PORT_BITS, Place, Share
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.packet import TAGGED

MOST_PORT = (1 << PORT_BITS) - 1
MOST_SWITCHES = (1 << 12 - PORT_BITS) - 1
"""A VLAN has 12 bits: 5 for the number of a switch, which is not 0, and 7 for a port of it."""

TABLE = 200
"""Of labels; above every table of an allocation."""
LINK_PRIORITY = 60000
"""What comes by a link is labelled: no entry of an allocation is asked about it."""
_HERE_PRIORITY, _ONWARD_PRIORITY = 2000, 1000


@dataclass(frozen=True)
class Node:
    """A switch of a fabric: its `number`, the other end of each port that is a link, and what people call what is at its other ports."""

    number: int
    links: Mapping[int, Place] = field(default_factory=dict)
    attached: Mapping[int, str] = field(default_factory=dict)


class Fabric:
    """The switches of a platform by name, all of which can be reached from each other."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = dict(sorted(nodes.items()))

    def label(self, place: Place) -> int:
        """Return the VLAN of what is to leave by a port."""
        return self.nodes[place.switch].number << PORT_BITS | place.port

    def next_port(self, switch: str, to: str) -> int:
        """Return the link by which packets leave a switch for another one: of the shortest ways that with the lowest port."""
        left = self._distances[to]
        return min(port for port, end in self.nodes[switch].links.items() if left[end.switch] == left[switch] - 1)

    def way(self, switch: str, to: str) -> list[str]:
        """Return the switches that a packet passes, both ends included."""
        passed = [switch]
        while passed[-1] != to:
            passed.append(self.nodes[passed[-1]].links[self.next_port(passed[-1], to)].switch)
        return passed

    def share(self, switch: str) -> Share:
        """Return what a switch has of the fabric."""
        node = self.nodes[switch]
        flows = [
            Flow(0, LINK_PRIORITY, (("in_port", str(port)),), (f"goto_table:{TABLE}",), COOKIE, why=f"link to {end}")
            for port, end in sorted(node.links.items())
        ]
        flows += [
            Flow(
                TABLE,
                _HERE_PRIORITY,
                (("dl_vlan", str(self.label(Place(switch, port)))),),
                ("pop_vlan", f"output:{port}"),
                COOKIE,
                why=f"labelled for {switch}/{port}: last switch, to {what}",
            )
            for port, what in sorted(node.attached.items())
        ]
        flows += [self._onward(switch, to) for to in self.nodes if to != switch]
        return Share(dict(sorted(node.links.items())), tuple(flows))

    def _onward(self, switch: str, to: str) -> Flow:
        port, way = self.next_port(switch, to), self.way(switch, to)
        value, mask = TAGGED | self.nodes[to].number << PORT_BITS, TAGGED | MOST_SWITCHES << PORT_BITS
        match = (("vlan_tci", f"{value:#x}/{mask:#x}"),)
        reason = f"labelled for {to}: over {' and '.join(way[1:])}"
        return Flow(TABLE, _ONWARD_PRIORITY, match, (f"output:{port}",), COOKIE, why=reason)

    @cached_property
    def _distances(self) -> dict[str, dict[str, int]]:
        """How many links are between each two switches."""
        return {name: distances(self.links, name) for name in self.nodes}

    @property
    def links(self) -> dict[str, Sequence[Place]]:
        """The far ends of every switch's links."""
        return {name: [end for _, end in sorted(node.links.items())] for name, node in self.nodes.items()}


def distances(links: Mapping[str, Sequence[Place]], start: str) -> dict[str, int]:
    """Return how many links are between a switch and each that can be reached from it."""
    found = {start: 0}
    waiting = [start]
    for one in waiting:
        for end in links[one]:
            if end.switch not in found:
                found[end.switch] = found[one] + 1
                waiting.append(end.switch)
    return found
