# SPDX-License-Identifier: Apache-2.0
"""The bridges of a plan as packets meet them: where those of each class get to, by any way that groups leave them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from ansible.module_utils.flowstream.flows.classes import Class, Question, classes
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.learn import lessons
from ansible.module_utils.flowstream.flows.lookup import Known, LookupTable, Seen
from ansible.module_utils.flowstream.flows.packet import IPV4, PIPELINE, TAGGED, WIDTHS, Packet
from ansible.module_utils.flowstream.flows.pipeline import Bridge, Chance, EndlessError, ways
from ansible.module_utils.flowstream.plan.bypass import VERDICT_TAG
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.plan.stage import PlannedDevice
from ansible.module_utils.flowstream.planner.expected import end_of, end_of_device, outside_of

STRANGER = 0x06_00_00_00_00_01
"""The Ethernet address of a neighbour, which no entry mentions."""
_TTL = 64

_ALWAYS_KNOWN = frozenset({*PIPELINE, "in_port"})

Arrivals = tuple[tuple[str, ...], tuple[str, ...]]
"""Whom the copies of a packet reach, and which bridges one would meet again."""


class Deals:
    """How modules that share flows got them, by the names of these modules: every class of packets has to have it so."""

    def __init__(self) -> None:
        self._orders: dict[frozenset[str], tuple[str, ...]] = {}

    def check(self, arrivals: Iterable[Arrivals], mine: Set[str], text: str) -> Iterator[str]:
        """Yield a sentence where a flow does not reach exactly one, or the two directions of one may not reach the same."""
        ends: list[str] = []
        for reached, loops in arrivals:
            yield from (f"{text} comes back to {bridge}" for bridge in loops)
            if len(reached) != 1 or reached[0] not in mine:
                should = " or ".join(sorted(mine))
                yield f"{text} reaches {' and '.join(reached) or 'nothing'}; it should reach {should}"
            ends += reached
        if missing := mine - set(ends):
            yield f"{text} never reaches {' or '.join(sorted(missing))}"
        # An interface is its module's name, and after a space its own.
        order = tuple(end.partition(" ")[0] for end in ends)
        first = self._orders.setdefault(frozenset(order), order)
        if order != first:
            yield f"{text} is dealt to {', '.join(order)} in this order; other packets are to {', '.join(first)}"


class Tracer:
    """The bridges of a plan with their tables, the links between them, and who sits at their other ports."""

    def __init__(self, plan: Plan, *, taught: bool = False, down: tuple[PlannedDevice, int] | None = None) -> None:
        self._one_switch = len(plan.switches) == 1
        self.taught = taught
        self._flows = plan.entries()
        self.bridges = {
            name: Bridge(name, self._flows[name], groups, self._met, taught=taught)
            for name, groups in plan.groups().items()
        }
        # Where a switch is to see all of a flow, or has a device that is down, what a host sends may come back to it by its link.
        learns = any(lessons(flow.actions) for switch in plan.switches.values() for flow in switch.flows)
        self._comes_back = learns or down is not None
        self._origin = ("", 0, 0)
        self._ports = plan.up()
        self._ports |= down[0].ports(down[1]) if down else {}
        self._lessons: dict[tuple[str, int, int], set[Flow]] = {}
        self._mark: int | None = None
        self.deals = Deals()
        self._links = plan.links()
        self._ends: dict[tuple[str, int], str] = {}
        self._whole: frozenset[str] = frozenset()
        self._known: Known = frozenset()
        self._open: set[frozenset[Question]] = set()
        self._seen: set[Seen] = set()
        for device in plan.devices:
            self._ends |= {(device.switch, port): end_of_device(device, port) for _, port in device.ports()}
        for name, host in plan.hosts.items():
            self._ends |= {(name, vif.ofport): end_of(pm, vif) for pm in host.pms for vif in pm.vifs}

    def explore(
        self, bridge: str, in_port: int, given: Mapping[str, int], asked: Iterable[Question] = ()
    ) -> Iterator[tuple[Class, list[Arrivals]]]:
        """Yield every class of the packets that have what is given, and where it gets to, which is more than one where groups choose.

        `asked` are questions that tell packets apart, besides those of the entries that they meet: a packet that was
        traced says which these are, and splits its class until none says anything new.
        """
        self._mark = given.get("vlan_tci")
        self._whole = _ALWAYS_KNOWN.union(given)
        self._known = frozenset((field, (1 << WIDTHS[field]) - 1) for field in self._whole)
        usual = {"dl_src": STRANGER, "dl_dst": STRANGER, "dl_type": IPV4, "nw_ttl": _TTL, **given}
        self._open, self._seen = set(), set()
        questions = frozenset(asked) - {()}
        traced: dict[tuple[tuple[str, int], ...], list[Arrivals]] = {}
        while True:
            found = [one for one in classes(questions) if _can_be(one.values)]
            for one in found:
                key = tuple(one.values.items())
                if key not in traced:
                    traced[key] = self._trace(bridge, in_port, Packet({**usual, **one.values}))
            more = questions.union(*self._open)
            if len(more) == len(questions):
                break
            questions = more
        return ((one, traced[tuple(one.values.items())]) for one in found)

    def _met(self, table: LookupTable, packet: Packet, flow: Flow | None) -> None:
        if flow is not None and lessons(flow.actions):
            self._lessons.setdefault(self._origin, set()).add(flow)
        known = self._known
        if not self._whole.issuperset(packet.written):
            bits = dict(known)
            for field, mask in packet.written.items():
                bits[field] = bits.get(field, 0) | mask
            known = frozenset(bits.items())
        self._open.update(table.undecided(packet, known, flow.priority if flow else 0, self._seen))

    def wrongly_taught(self, teachers: Mapping[tuple[str, int], str]) -> Iterator[str]:
        """Yield what was seen to teach the switch without the verdict of a module that may."""
        for (bridge, in_port, tag), flows in sorted(self._lessons.items()):
            for flow in sorted(flows):
                match = dict(flow.match)
                mac = teachers.get((bridge, in_port), "")
                if tag != TAGGED | VERDICT_TAG or mac not in (match.get("dl_dst"), match.get("dl_src")):
                    who = self._ends.get((bridge, in_port), f"port {in_port}")
                    switch = next(name for name, flows in self._flows.items() if flow in flows)
                    yield f"what comes from {who} of {bridge} teaches {switch} by '{flow.selector()}'"

    def _trace(self, bridge: str, in_port: int, packet: Packet) -> list[Arrivals]:
        self._origin = (bridge, in_port, packet.get("vlan_tci") & 0x1FFF)

        def follow(chance: Chance) -> Arrivals:
            reached: list[str] = []
            loops: list[str] = []
            self._follow(bridge, in_port, packet, (), chance, reached, loops)
            return tuple(reached), tuple(loops)

        return list(dict.fromkeys(arrivals for arrivals, chance in ways(follow, self._ports) if not chance.all_down))

    def _follow(
        self,
        bridge: str,
        in_port: int,
        packet: Packet,
        met: tuple[tuple[str, int], ...],
        chance: Chance,
        reached: list[str],
        loops: list[str],
    ) -> None:
        place = (bridge, in_port if self._comes_back else 0)
        if place in met:
            loops.append(bridge)
            return
        try:
            sent = self.bridges[bridge].receive(packet, in_port, chance)
        except EndlessError:
            loops.append(bridge)
            return
        for port, copy in sent:
            link = self._links.get((bridge, port))
            if link is None:
                end = self._ends.get((bridge, port)) or outside_of("" if self._one_switch else bridge, port)
                reached.append(f"{end} with its tag" if self._mark == copy.get("vlan_tci") else end)
            else:
                self._follow(*link, copy, (*met, place), chance, reached, loops)


def _can_be(values: Mapping[str, int]) -> bool:
    """Whether there is such a packet: one without a VLAN tag has none of its fields."""
    tag = values.get("vlan_tci", 0)
    return tag == 0 or bool(tag & TAGGED)
