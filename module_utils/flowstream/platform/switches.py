# SPDX-License-Identifier: Apache-2.0
"""The switches of a platform and how they are wired to each other, as the inventory says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.fabric.fabric import MOST_PORT, MOST_SWITCHES, Fabric, Node, distances
from ansible.module_utils.flowstream.fabric.share import Place
from ansible.module_utils.flowstream.flows.values import MAX_SWITCH_PORT
from ansible.module_utils.flowstream.platform.reader import FactReader


@dataclass(frozen=True, slots=True)
class Tables:
    """Each of a switch's tables from number `first` to `last` holds so many `entries`."""

    first: int
    last: int
    entries: int


@dataclass(frozen=True, slots=True)
class FlowSwitch:
    """An OpenFlow switch by its inventory name, and the bridge of it that we program.

    Of one among several, `number` is its own, `links` has the other end of each port that leads to another switch, and `outside`
    the ports that lead out of the platform. `max_flows` is how many entries each of its tables holds by the inventory; where that is
    None, `tables` has what the switch says itself, if it does.
    """

    name: str
    bridge: str
    number: int = 0
    links: Mapping[int, Place] = field(default_factory=dict)
    outside: tuple[int, ...] = ()
    max_flows: int | None = None
    tables: tuple[Tables, ...] = ()

    def room(self, table: int) -> tuple[int, str] | None:
        """Return how many entries a table holds and, for a message, where that is from; None where nobody knows."""
        if self.max_flows is not None:
            return self.max_flows, " from the inventory"
        of = next((some for some in self.tables if some.first <= table <= some.last), None)
        return None if of is None else (of.entries, " by what the switch says")


_MOST_FLOWS = 1 << 30


def read_switch(reader: FactReader, name: str, fact: Mapping[str, object]) -> FlowSwitch:
    """Read the facts of one switch; how it fits the others is for `check_fabric`."""
    subject = f"flow switch {name}"
    reader.only(subject, fact, ("bridge", "number", "links", "outside", "capacity", "tables"))
    number = 0
    if "number" in fact:
        number = reader.whole(subject, fact, "number", "flow_switch_number", MOST_SWITCHES)
    links = fact.get("links") or {}
    if not isinstance(links, Mapping):
        reader.error(subject, f"flow_switch_links is no mapping, got {links}; write PORT: SWITCH/PORT of its other end")
        links = {}
    outside = fact.get("outside") or ()
    if not isinstance(outside, list | tuple):
        reader.error(subject, f"flow_switch_outside is no list, got {outside}; write a list of ports such as [1, 2]")
        outside = ()
    capacity = fact.get("capacity") or {}
    if not isinstance(capacity, Mapping):
        reader.error(subject, f"flow_switch_capacity is no mapping, got {capacity}; write a mapping of flow_entries")
        capacity = {}
    reader.only(f"{subject}: flow_switch_capacity", capacity, ("flow_entries",))
    max_flows = None
    if "flow_entries" in capacity:
        max_flows = reader.whole(subject, capacity, "flow_entries", "flow_switch_capacity.flow_entries", _MOST_FLOWS)
    said = fact.get("tables") or ()
    found: dict[int, Place] = {}
    for key, text in sorted(links.items(), key=lambda item: str(item[0])):
        port = reader.whole(subject, {"port": key}, "port", "a port of flow_switch_links", MAX_SWITCH_PORT)
        try:
            found[port] = Place.parse(str(text))
        except FlowstreamError as error:
            reader.error(subject, f"the other end of port {key} in flow_switch_links {error}")
    return FlowSwitch(
        name,
        reader.word(subject, fact, "bridge", "flow_switch_bridge"),
        number,
        dict(sorted(found.items())),
        tuple(
            reader.whole(subject, {"port": one}, "port", "a port of flow_switch_outside", MAX_SWITCH_PORT)
            for one in outside
        ),
        max_flows,
        tuple(Tables(**tables) for tables in said) if isinstance(said, list | tuple) else (),
    )


def check_fabric(reader: FactReader, switches: Sequence[FlowSwitch], plugged: Mapping[tuple[str, int], str]) -> None:
    """Note what keeps switches from being one fabric; `plugged` is what else is at their ports, by its name."""
    known = {switch.name: switch for switch in switches}
    numbers: dict[int, str] = {}
    for switch in switches:
        subject = f"flow switch {switch.name}"
        if len(switches) > 1:
            _check_number(reader, subject, switch, numbers)
        used = {port: what for (name, port), what in plugged.items() if name == switch.name}
        for port, end in switch.links.items():
            _check_link(reader, subject, switch, port, end, known, used)
            used.setdefault(port, f"the link to {end}")
        for port in switch.outside:
            if used.setdefault(port, "flow_switch_outside") != "flow_switch_outside":
                reader.error(subject, f"flow_switch_outside has the port of {used[port]}, got {port}; take it out")
        for port in sorted({port for port in switch.outside if switch.outside.count(port) > 1}):
            reader.error(subject, f"flow_switch_outside names a port twice, got {port}; take one out")
        for port in sorted(used) if len(switches) > 1 else ():
            if port > MOST_PORT:
                text = f"port of {used[port]} has no label, got {port}; use one up to {MOST_PORT}, or number it so"
                reader.error(subject, text)
    if len(switches) > 1 and not reader.messages:
        first = min(known)
        reached = distances({name: list(one.links.values()) for name, one in known.items()}, first)
        for name in sorted(known.keys() - reached.keys()):
            text = (
                f"no links lead to it from {first}, got {_shown(known[name].links)}; declare them in flow_switch_links"
            )
            reader.error(f"flow switch {name}", text)


def _check_number(reader: FactReader, subject: str, switch: FlowSwitch, numbers: dict[int, str]) -> None:
    if switch.number:
        other = numbers.setdefault(switch.number, switch.name)
        if other != switch.name:
            reader.error(subject, f"flow_switch_number is that of {other}, got {switch.number}; give each its own")
    elif f"inventory: {subject}: flow_switch_number" not in " ".join(reader.messages):
        text = f"flow_switch_number is missing; with several switches, give each its own, 1..{MOST_SWITCHES}"
        reader.error(subject, text)


def _check_link(
    reader: FactReader,
    subject: str,
    switch: FlowSwitch,
    port: int,
    end: Place,
    known: Mapping[str, FlowSwitch],
    used: Mapping[int, str],
) -> None:
    text = f"flow_switch_links leads from port {port} to {end}"
    if end.switch not in known:
        reader.error(subject, f"{text}, which is no flow switch; use {', '.join(sorted(known))}")
    elif end.switch == switch.name:
        reader.error(subject, f"{text}, which is the same switch; links are between two")
    elif (back := known[end.switch].links.get(end.port)) != Place(switch.name, port):
        reader.error(subject, f"{text}, got {back or 'no link'} there; declare both ends of it, as ends of each other")
    if port in used:
        reader.error(subject, f"{text}, got the port of {used[port]}; give each a port of its own")


def _shown(links: Mapping[int, Place]) -> str:
    return ", ".join(f"{port}: {end}" for port, end in links.items()) or "none"


def fabric_of(switches: Iterable[FlowSwitch], plugged: Mapping[tuple[str, int], str]) -> Fabric | None:
    """Return what joins checked switches, None where there is one; `plugged` is what is at ports besides links and what leads out."""
    nodes = {
        switch.name: Node(
            switch.number,
            switch.links,
            {
                **{port: what for (name, port), what in plugged.items() if name == switch.name},
                **dict.fromkeys(switch.outside, "what is outside"),
            },
        )
        for switch in switches
    }
    return Fabric(nodes) if len(nodes) > 1 else None
