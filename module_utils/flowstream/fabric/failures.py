# SPDX-License-Identifier: Apache-2.0
"""Proof that whatever link between switches is down, labelled packets get to their port as they are, or are lost for want of a way.

Every two switches, with each link on the way between them down in turn: all others are never asked about such a packet. That a packet
does not circle with several links down is by construction (`detour`), and for random fabrics a test of the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from ansible.module_utils.flowstream.fabric.fabric import TABLE, distances
from ansible.module_utils.flowstream.fabric.share import PORT_BITS, Place, Share
from ansible.module_utils.flowstream.flows.packet import TAGGED, Packet
from ansible.module_utils.flowstream.flows.pipeline import Bridge, Chance

_OTHER = 0x88B5
"""An Ethernet type that nobody has (IEEE 802-2014 section 9.2.3, local experiments)."""
_NOWHERE = Place("", 0)


@lru_cache(maxsize=8)
def astray(shares: tuple[tuple[str, Share], ...]) -> tuple[str, ...]:
    """Return a sentence for each label that does not get where it should from one switch to another."""
    return tuple(_Links(dict(shares)).wrong())


class _Links:
    """Switches with what they have of a fabric."""

    def __init__(self, shares: Mapping[str, Share]) -> None:
        self._shares = shares
        self._bridges = {name: Bridge(name, share.flows, share.groups) for name, share in shares.items()}

    def wrong(self) -> Iterator[str]:
        for end, share in self._shares.items():
            label = min(share.labels, default=None)
            for start in self._shares if label is not None else ():
                if start != end and label is not None:
                    yield from self._between(start, end, label)

    def _between(self, start: str, end: str, label: int) -> Iterator[str]:
        place = Place(end, label & (1 << PORT_BITS) - 1)
        text = f"a packet with label {label} from {start}"
        passed, reached = self._carry(start, label, _NOWHERE)
        if reached != [place]:
            yield f"{text} reaches {_named(reached)}; it should reach {place}"
            return
        for link in passed:
            wanted = [place] if self._is_joined(start, end, link) else []
            _, found = self._carry(start, label, link)
            if found != wanted:
                far = self._shares[link.switch].links[link.port]
                yield f"while the link from {link} to {far} is down, {text} reaches {_named(found)}; it should reach {_named(wanted)}"

    def _is_joined(self, start: str, end: str, down: Place) -> bool:
        """Whether there is another way."""
        both = (down, self._shares[down.switch].links[down.port])
        links = {
            name: [
                far for port, far in share.links.items() if Place(name, port) not in both and far.switch in self._shares
            ]
            for name, share in self._shares.items()
        }
        return end in distances(links, start)

    def _carry(self, start: str, label: int, down: Place) -> tuple[list[Place], list[Place]]:
        """Follow a packet; return the ports of links that it leaves by, and where its copies get to: a switch's port 0 is a circle."""
        far = self._shares[down.switch].links[down.port] if down.switch else down
        ports = {(name, port): True for name, share in self._shares.items() for port in share.links}
        ports |= {down: False, far: False}
        passed: list[Place] = []
        reached: list[Place] = []
        met: set[Place] = set()
        # It comes into the first switch by no link, with a label that an allocation's entry has pushed.
        waiting = [(Place(start, 0), Packet({"dl_type": _OTHER, "vlan_tci": TAGGED | label}))]
        while waiting:
            at, packet = waiting.pop()
            if at in met:
                reached.append(Place(at.switch, 0))
                continue
            met.add(at)
            table = TABLE if at.port == 0 else 0
            for port, copy in self._bridges[at.switch].receive(packet, at.port, Chance((), ports), table):
                leaves = Place(at.switch, port)
                if port in self._shares[at.switch].links:
                    passed.append(leaves)
                    waiting.append((self._shares[at.switch].links[port], copy))
                else:
                    reached.append(Place(f"{leaves.switch} with its tag", port) if copy.get("vlan_tci") else leaves)
        return passed, reached


def _named(places: list[Place]) -> str:
    return " and ".join(f"{place.switch} again" if place.port == 0 else str(place) for place in places) or "nothing"
