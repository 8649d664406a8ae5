# SPDX-License-Identifier: Apache-2.0
"""How the links between switches are, whose packets go over each, and where these go while it is down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible.module_utils.flowstream.fabric.fabric import Fabric
from ansible.module_utils.flowstream.fabric.share import PORT_BITS, Place
from ansible.module_utils.flowstream.flows.packet import TAGGED

_LABELS = re.compile(r"set_field:(\d+)->vlan_vid")


@dataclass(frozen=True, slots=True)
class LinkState:
    """A link by its two ends, `up`, `down` or `unknown`; who sends over it while all links are up; and what is so while it is down."""

    link: str
    state: str
    allocations: tuple[str, ...]
    instead: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def link_states(
    fabric: Fabric, seen: Mapping[Place, bool], entries: Iterable[tuple[str, str, Sequence[str]]]
) -> list[LinkState]:
    """Return the state of each link, from whether ports were `seen` up, and the entries of allocations: switch, owner, actions."""
    users: dict[Place, set[str]] = {}
    for switch, owner, actions in entries:
        for label in _LABELS.findall(",".join(actions)):
            for place in _usual(fabric, switch, int(label) & ~TAGGED):
                users.setdefault(place, set()).add(owner)
    down = {place for place, is_up in seen.items() if not is_up}
    down |= {
        fabric.nodes[place.switch].links[place.port] for place in down if place.port in fabric.nodes[place.switch].links
    }
    found = []
    for name, node in fabric.nodes.items():
        for port, far in node.links.items():
            near = Place(name, port)
            if near > far:
                continue
            who = users.get(near, set()) | users.get(far, set())
            state = "down" if near in down else "up" if seen.keys() & {near, far} else "unknown"
            instead = (*_instead(fabric, near, down), *_instead(fabric, far, down)) if state == "down" else ()
            found.append(LinkState(f"{near} to {far}", state, tuple(sorted(who)), instead))
    return found


def _usual(fabric: Fabric, switch: str, label: int) -> Iterator[Place]:
    """The ports of links by which a label goes."""
    to = next((name for name, node in fabric.nodes.items() if node.number == label >> PORT_BITS), switch)
    for at in fabric.way(switch, to)[:-1]:
        yield Place(at, fabric.next_port(at, to))


def _instead(fabric: Fabric, near: Place, down: set[Place]) -> Iterator[str]:
    """What becomes of packets that one end would send over the link."""
    for to in fabric.nodes:
        if to == near.switch or fabric.next_port(near.switch, to) != near.port:
            continue
        way = fabric.way_round(near, to)
        over = [place.switch for place in way[1:]]
        text = f"{near.switch} to {to}"
        if not way:
            yield f"{text} lost, there is no other way"
        elif blocked := next((place for place in way if place in down), None):
            yield f"{text} lost, {blocked} is down as well"
        else:
            yield f"{text} over {' and '.join(over)}" if over else f"{text} by port {way[0].port}"
