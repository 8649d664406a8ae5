# SPDX-License-Identifier: Apache-2.0
"""Several switches with links between them, as the platform lays them once: a label for every port, shortest ways to each.

A packet that is to leave by a port of another switch gets the port's label, a VLAN tag that no other link of the platform
carries, and goes the shortest way to that switch. Switches between look at the label alone; the last one takes it off. Where a link
on its way is down, groups that watch it turn it aside (`detour`). The entries are the same for all allocations. docs/decisions/0022
has why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ansible.module_utils.flowstream.fabric.detour import Detours, detours
from ansible.module_utils.flowstream.fabric.share import COOKIE, PORT_BITS, Place, Share
from ansible.module_utils.flowstream.flows.flow import Bucket, Flow, Group
from ansible.module_utils.flowstream.flows.packet import TAGGED

MOST_PORT = (1 << PORT_BITS) - 1
MOST_SWITCHES = (1 << 12 - PORT_BITS) - 1
"""A VLAN has 12 bits: 5 for the number of a switch, which is not 0, and 7 for a port of it."""

TABLE = 200
"""Of labels; above every table of an allocation."""
LINK_PRIORITY = 60000
"""What comes by a link is labelled: no entry of an allocation is asked about it."""
_HERE_PRIORITY, _DOWN_PRIORITY, _ASIDE_PRIORITY, _BACK_PRIORITY, _ONWARD_PRIORITY = 2000, 1300, 1200, 1100, 1000
_TURNED, _PRIORITY = 0x2000, 0xE000
"""The priority in a label that says that the packet was turned aside before, and its bits: no switch is asked about some of them."""
_TURN = "set_field:1->vlan_pcp"
_FIRST_GROUP = 0xFAB0_0000
"""No port has a number that makes the groups of a device as high."""


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

    def way_round(self, down: Place, to: str) -> list[Place]:
        """Return the ports by which a packet goes on for a switch from one whose link to it is down; none where it is lost."""
        switch, found = self._detours[to], list[Place]()
        at, port = down.switch, switch.aside.get(down.switch)
        while port is not None:
            found.append(Place(at, port))
            end = self.nodes[at].links[port]
            at = end.switch
            if at == to:
                break
            usual = self.next_port(at, to)
            port = switch.onward[at] if end.port == usual else usual
        return found

    def share(self, switch: str) -> Share:
        """Return what a switch has of the fabric."""
        return self._shares[switch]

    @cached_property
    def _shares(self) -> dict[str, Share]:
        return {switch: self._share(switch) for switch in self.nodes}

    def _share(self, switch: str) -> Share:
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
        groups: list[Group] = []
        for to in self.nodes:
            if to != switch:
                for flow, watching in self._onward(switch, to):
                    flows.append(flow)
                    groups += watching
        return Share(dict(sorted(node.links.items())), tuple(flows), tuple(groups))

    def _onward(self, switch: str, to: str) -> Iterator[tuple[Flow, list[Group]]]:
        """Yield the entries of a switch for labels of another one, each with the group that it needs."""
        links, port, found = self.nodes[switch].links, self.next_port(switch, to), self._detours[to]
        aside, down = found.aside.get(switch), found.onward.get(switch)
        label, bits = TAGGED | self.nodes[to].number << PORT_BITS, TAGGED | MOST_SWITCHES << PORT_BITS
        turned = (("vlan_tci", f"{label | _TURNED:#x}/{bits | _PRIORITY:#x}"),)
        every = (("vlan_tci", f"{label:#x}/{bits:#x}"),)
        over = f"labelled for {to}: over {' and '.join(self.way(switch, to)[1:])}"
        if down is not None:
            why = f"labelled for {to}, turned aside by {links[port].switch} or before it: over {links[down].switch}"
            match = (("in_port", str(port)), *turned)
            yield Flow(TABLE, _DOWN_PRIORITY, match, (f"output:{down}",), COOKIE, why=why), []
        if aside is None:
            yield Flow(TABLE, _ONWARD_PRIORITY, every, (f"output:{port}",), COOKIE, why=over), []
            return
        yield Flow(TABLE, _ASIDE_PRIORITY, turned, (f"output:{port}",), COOKIE, why=f"{over}, turned aside before"), []
        watching = f"{over}, and while port {port} is down over {links[aside].switch}"
        first = _FIRST_GROUP + 2 * self.nodes[to].number
        group = _group(first, port, aside, f"output:{aside}", watching)
        yield Flow(TABLE, _ONWARD_PRIORITY, every, (f"group:{first}",), COOKIE, why=watching), [group]
        # No switch sends a packet back by the port that it came by unless that is said.
        end = links[aside]
        if end.switch != to and self.next_port(end.switch, to) == end.port:
            group = _group(first + 1, port, aside, "IN_PORT", watching)
            match = (("in_port", str(aside)), *every)
            yield Flow(TABLE, _BACK_PRIORITY, match, (f"group:{first + 1}",), COOKIE, why=watching), [group]

    @cached_property
    def _detours(self) -> dict[str, Detours]:
        """The ways round a link that is down, by the switch that packets are for."""
        links = {name: node.links for name, node in self.nodes.items()}
        return {
            to: detours(
                links, {name: self.next_port(name, to) for name in self.nodes if name != to}, self._distances[to]
            )
            for to in self.nodes
        }

    @cached_property
    def _distances(self) -> dict[str, dict[str, int]]:
        """How many links are between each two switches."""
        return {name: distances(self.links, name) for name in self.nodes}

    @property
    def links(self) -> dict[str, Sequence[Place]]:
        """The far ends of every switch's links."""
        return {name: [end for _, end in sorted(node.links.items())] for name, node in self.nodes.items()}


def _group(number: int, port: int, aside: int, action: str, why: str) -> Group:
    usual = Bucket((f"output:{port}",), watch_port=str(port))
    return Group(number, "fast_failover", (usual, Bucket((_TURN, action), watch_port=str(aside))), why)


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
