# SPDX-License-Identifier: Apache-2.0
"""By what a switch tells the packets of each owner of flows from those of all others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ansible.module_utils.flowstream.flows.flow import Flow

OWNER = 0xFFFFFFFF_00000000
"""The bits of OpenFlow's metadata that say whose a packet is, from the first table on."""


def owner_metadata(cookie: int) -> int:
    """Return the mark of an allocation's packets inside a switch."""
    return cookie & OWNER


class Question(NamedTuple):
    """ARP requests and neighbour solicitations for `address` that come in by `port` are led to `answer`, an output."""

    port: str
    address: str
    answer: str


class Tag(NamedTuple):
    """Packets with VLAN `vlan` that come in by `port`, whatever their addresses are."""

    port: str
    vlan: str


@dataclass(frozen=True, slots=True)
class Marks:
    """What the flows of one owner look for, as a switch may have it once: Ethernet addresses, neighbours' questions, tags.

    `ports` are those by which their packets come in. `entries` is how many flows there are, by table.
    """

    macs: frozenset[str] = frozenset()
    questions: frozenset[Question] = frozenset()
    tags: frozenset[Tag] = frozenset()
    ports: frozenset[str] = frozenset()
    entries: Mapping[int, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return them as plain data, sorted."""
        return {
            "macs": sorted(self.macs),
            "questions": [list(question) for question in sorted(self.questions)],
            "tags": [list(tag) for tag in sorted(self.tags)],
            "ports": sorted(self.ports),
            "entries": {str(table): count for table, count in sorted(self.entries.items())},
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Marks:
        """Read what `to_dict` writes."""
        return cls(
            frozenset(plain["macs"]),
            frozenset(Question(*question) for question in plain["questions"]),
            frozenset(Tag(*tag) for tag in plain["tags"]),
            frozenset(plain["ports"]),
            {int(table): count for table, count in plain["entries"].items()},
        )


def marks_of(flows: Iterable[Flow]) -> Marks:
    """Return the marks of one owner's flows."""
    macs: set[str] = set()
    questions: set[Question] = set()
    tags: set[Tag] = set()
    ports: set[str] = set()
    entries: Counter[int] = Counter()
    for flow in flows:
        entries[flow.table] += 1
        match = dict(flow.match)
        addresses = {match[name] for name in ("dl_dst", "dl_src") if name in match}
        macs |= addresses
        ports |= {match["in_port"]} if "in_port" in match else set()
        asked = match.get("arp_tpa", match.get("nd_target"))
        if asked is not None:
            questions.add(Question(match.get("in_port", ""), asked, ",".join(flow.actions)))
        elif "dl_vlan" in match and not addresses:
            tags.add(Tag(match.get("in_port", ""), match["dl_vlan"]))
    return Marks(frozenset(macs), frozenset(questions), frozenset(tags), frozenset(ports), entries)


def marks_by_cookie(flows: Iterable[Flow]) -> dict[int, Marks]:
    """Return the marks of each owner that has flows among these, by cookie; flows without an owner have cookie 0."""
    owned: dict[int, list[Flow]] = {}
    for flow in flows:
        owned.setdefault(flow.cookie, []).append(flow)
    return {cookie: marks_of(of) for cookie, of in sorted(owned.items())}
