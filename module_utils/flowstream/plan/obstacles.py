# SPDX-License-Identifier: Apache-2.0
"""What a plan cannot be deployed for: ports that a switch does not have, flows that another allocation has there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from ansible.module_utils.flowstream.addresses import Interface
from ansible.module_utils.flowstream.flows.marks import Marks, Question
from ansible.module_utils.flowstream.plan.plan import Plan, cookie_of

_SHOWN = 3
NOWHERE: Mapping[str, str] = MappingProxyType({})
"""Of an allocation whose description nobody has here."""
_COOKIE = re.compile(r"\bcookie (0x[0-9a-f]+)")


class PlatformPort(Protocol):
    """A platform port, of a description or of a plan."""

    @property
    def mac(self) -> str:
        """Its Ethernet address."""

    @property
    def switchport(self) -> int:
        """The port of the switch behind it."""

    @property
    def switch(self) -> str:
        """Which switch that is, empty where there is one."""

    @property
    def all_addresses(self) -> tuple[Interface, ...]:
        """What it answers for."""


def missing_ports(plan: Plan, switch: str, ports: Mapping[str, str]) -> list[str]:
    """Return a line for each port of `switch` that the plan speaks of and that it does not have.

    `ports` has the names of its ports by number, as OpenFlow describes them.
    """
    wanted = {
        port.switchport: f"switchport of platform port {port.portid}"
        for port in plan.ports
        if port.switch in ("", switch)
    }
    if own := plan.switches.get(switch):
        wanted |= {number: f"flow_switch_links to {end}" for number, end in own.fabric.links.items()}
    wanted |= {
        host.switch_port: f"module_host_switch_port of {name}"
        for name, host in sorted(plan.hosts.items())
        if host.switch == switch
    }
    for device in (device for device in plan.devices if device.switch == switch):
        wanted[device.outside_port] = f"device_outside_port of {device.name}"
        wanted[device.inside_port] = f"device_inside_port of {device.name}"
    there = ", ".join(f"{number} ({name})" for number, name in ports.items())
    return [
        f"switch {switch}: {what} is no port of it, got {number}; it has {there or 'none'}"
        for number, what in sorted(wanted.items())
        if str(number) not in ports
    ]


def conflicts(plan: Plan, switch: str, lines: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return the refusals of a switch with the names of allocations in the place of their cookies.

    `names` are those of allocations that are there. Many lines have one cause: 3 are shown, and a count of the rest.
    """
    by_cookie = {f"{cookie_of(name):#x}": name for name in names}

    def named(found: re.Match[str]) -> str:
        owner = by_cookie.get(found[1])
        return f"allocation {owner} (cookie {found[1]})" if owner else found[0]

    told = [f"allocation {plan.allocation_id}, switch {switch}: {_COOKIE.sub(named, line)}" for line in lines[:_SHOWN]]
    if len(lines) > _SHOWN:
        told.append(f"allocation {plan.allocation_id}, switch {switch}: and {len(lines) - _SHOWN} more")
    return told


class Switch(Protocol):
    """A switch of the platform."""

    @property
    def name(self) -> str:
        """Its name in the inventory."""

    def room(self, table: int) -> tuple[int, str] | None:
        """Return how many entries a table holds and, for a message, where that is from; None where nobody knows."""


def full_tables(plan: Plan, switches: Iterable[Switch], taken: Callable[[str], Mapping[int, int]]) -> Iterator[str]:
    """Yield each table of a plan's switches that does not hold its entries beside those `taken` by others, a number by table."""
    for switch in (switch for switch in switches if switch.name in plan.switches):
        planned, others = plan.switches[switch.name], taken(switch.name)
        own = Counter(flow.table for flow in (*planned.flows, *planned.fabric.flows))
        for table, count in sorted(own.items()):
            room, theirs = switch.room(table), others.get(table, 0)
            if room is not None and count + theirs > room[0]:
                most, origin = room
                text = f"table {table} of {switch.name} is to have {count + theirs} entries, {theirs} of them of others"
                yield f"{text}, and holds {most}{origin}"


def joined(plan: Plan, by_switch: Mapping[str, Marks]) -> Marks:
    """Return what flows of one owner look for on all switches of a plan, the ports of several by the names of these."""
    if len(by_switch) == 1:
        return next(iter(by_switch.values()))
    macs: set[str] = set()
    questions: set[Question] = set()
    for name, marks in by_switch.items():
        macs |= marks.macs
        share = plan.switches[name].fabric
        questions |= {
            Question(f"{name}/{one.port}", one.address, share.destination(one.answer)) for one in marks.questions
        }
    return Marks(frozenset(macs), frozenset(questions))


def port_conflicts(
    port: PlatformPort, name: str, own: Marks, owner: str, theirs: Marks, places: Mapping[str, str] = NOWHERE
) -> Iterator[str]:
    """Yield what a platform port of allocation `name` would have of what the flows of another one look for.

    `places` are those of the other one's description, as file and line, by the MAC or address that is told there.
    """
    if port.mac in theirs.macs:
        yield f"mac is that of a port of allocation {owner}{_at(places, port.mac)}, got {port.mac}; give the port of allocation {name} its own"
    at = f"{port.switch}/{port.switchport}" if port.switch else str(port.switchport)
    answers = {question for question in own.questions if question.port == at}
    for interface in port.all_addresses:
        address = interface.text
        mine = {question.answer for question in answers if question.address == address}
        asked = [question for question in theirs.questions if question.address == address]
        if any(question.port == at or question.answer in mine for question in asked):
            where = " and ".join(sorted({question.port for question in asked}))
            text = (
                f"address is answered for allocation {owner}{_at(places, address)} at switchport {where}, got {address}"
            )
            yield f"{text}; allocation {name} cannot answer for it as well, choose another"


def _at(places: Mapping[str, str], told: str) -> str:
    return f" ({places[told]})" if told in places else ""
