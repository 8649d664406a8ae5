# SPDX-License-Identifier: Apache-2.0
"""Proof, before anything is touched, that the flow tables of a plan do together what the allocation says.

Three things are shown. Every packet of the allocation reaches its processing module, and what a module sends leaves by the right port:
one packet of every class that tables or claims tell apart is traced through the bridges, along each way that groups leave it. Nobody
else's packet does: each entry of ours insists on a MAC or an address of ours, or on the mark of the allocation. No packet meets a bridge
twice on one way: the trace would say so. Links between switches are up here; of those that are down `fabric/failures` shows it for labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.fabric.failures import astray
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.learn import lessons
from ansible.module_utils.flowstream.flows.lookup import Known, LookupTable, Seen
from ansible.module_utils.flowstream.flows.packet import (
    ARP,
    IPV4,
    IPV6,
    PIPELINE,
    TAGGED,
    WIDTHS,
    Constraint,
    Packet,
    masked,
)
from ansible.module_utils.flowstream.flows.pipeline import Bridge, Chance, EndlessError, ways
from ansible.module_utils.flowstream.offload.spare import states
from ansible.module_utils.flowstream.plan.bypass import VERDICT_TAG
from ansible.module_utils.flowstream.plan.foreign import foreign_claims
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPort
from ansible.module_utils.flowstream.plan.stage import PlannedDevice
from ansible.module_utils.flowstream.planner.classes import Class, Question, classes, described, remaining
from ansible.module_utils.flowstream.planner.expected import (
    ADVERTISED,
    ENDING,
    Expected,
    Leg,
    end_of,
    end_of_device,
    goes_past,
    outside,
    outside_of,
    solicited,
)

_STRANGER = 0x06_00_00_00_00_01
"""The Ethernet address of a neighbour, which no entry mentions."""
_SOLICITED = 0x33_33_FF_00_00_00
"""And of the groups that solicitations go to, without the last bits of their target (RFC 4291 2.7.1, RFC 2464 7)."""
_BROADCAST = 0xFF_FF_FF_FF_FF_FF
_OTHER = 0x88B5
"""An Ethernet type that nobody has (IEEE 802-2014 section 9.2.3, local experiments)."""
_TTL = 64

_ALWAYS_KNOWN = frozenset({*PIPELINE, "in_port"})


def check_flows(plan: Plan) -> None:
    """Raise FlowstreamError with a message for each class of packets that would go astray."""
    messages = list(violations(plan))
    if messages:
        raise FlowstreamError(*(f"cannot use the plan of {plan.allocation_id}: {message}" for message in messages))


def violations(plan: Plan) -> Iterator[str]:
    """Yield a sentence for each way in which the flow tables differ from the allocation."""
    yield from foreign_claims(plan)
    expected = Expected(plan)
    yield from _all_legs(plan, expected, _Wiring(plan))
    if expected.teachers():
        # A packet is asked about once on its way, so between these two states no other one has a way of its own.
        learned = _Wiring(plan, taught=True)
        yield from (f"once flows are learned, {text}" for text in _all_legs(plan, expected, learned))
    for device in plan.devices:
        for port in (device.outside_port, device.inside_port) if device.bypass else ():
            failing = _all_legs(plan, Expected(plan, past=device), _Wiring(plan, down=(device, port)))
            yield from (f"while port {port} of device {device.name} is down, {text}" for text in failing)
    yield from astray(tuple((name, switch.fabric) for name, switch in plan.switches.items() if switch.fabric.links))
    for state in states(plan)[1:]:
        # Where the switch has taken the entries of spares in, the first ones in turn have their flows.
        names = " and ".join(state.spares)
        yield from foreign_claims(state.plan)
        legs = _all_legs(state.plan, Expected(state.plan, spilled=set(state.spares)), _Wiring(state.plan))
        yield from (f"once flows are spilled to {names}, {text}" for text in legs)


def _all_legs(plan: Plan, expected: Expected, wiring: _Wiring) -> Iterator[str]:
    others = _other_types(plan)
    for port in plan.ports:
        yield from _check_leg(wiring, expected.entering(port), (IPV4, *others))
        yield from _check_neighbours(expected, wiring, plan.switch_of(port), port)
        yield from _check_strangers(wiring, plan.switch_of(port), port)
    for leg in expected.onward():
        yield from _check_leg(wiring, leg, (IPV4, ARP, *others))
    yield from _check_ways_out(plan, expected, wiring)
    yield from wiring.wrongly_taught(expected.teachers())
    yield from _ambiguities(wiring)


def _other_types(plan: Plan) -> list[int]:
    """The Ethernet types besides IPv4 and ARP that some entry looks at, and two more."""
    bridges = plan.bridges().values()
    texts = {text for bridge in bridges for flow in bridge.flows for name, text in flow.match if name == "dl_type"}
    return sorted({*(int(text, 0) for text in texts), IPV6, _OTHER} - {IPV4, ARP})


def _check_leg(wiring: _Wiring, leg: Leg, types: Iterable[int]) -> Iterator[str]:
    """Trace a packet of every class of the leg."""
    for ether_type in types:
        given = {**leg.fixed, "dl_type": ether_type}
        owners: dict[Question, set[str]] = {}
        for asked, end in leg.owners:
            rest = remaining(asked, given)
            if rest is not None:
                owners.setdefault(rest, set()).add(end)
        never = {rest for asked in leg.never if (rest := remaining(asked, given)) is not None}
        past = {rest: end for asked, end in leg.past if (rest := remaining(asked, given)) is not None}
        apart = {rest for asked in leg.apart if (rest := remaining(asked, given)) is not None}
        every = {*owners, *never, *apart, *((*past, *ENDING) if wiring.taught and past else ()), leg.mark}
        for found, arrivals in wiring.explore(leg.bridge, leg.in_port, given, every):
            if leg.mark in found.yes or not apart.isdisjoint(found.yes):
                continue
            mine = owners.get((), set()).union(*(owners[question] for question in found.yes if question in owners))
            beyond = {end for question, end in past.items() if question in found.yes or not question}
            if wiring.taught and mine and beyond and goes_past(found.values):
                mine = beyond
            if not never.isdisjoint(found.yes):
                mine = set()
            text = described(ether_type, found.values)
            if mine and mine <= leg.sharing:
                yield from wiring.deals.check(arrivals, mine, f"{text} {leg.text}")
            elif len(mine) > 1:
                yield f"{text} {leg.text} is claimed by {' and '.join(sorted(mine))}"
            else:
                yield from _expect(arrivals, mine, f"{text} {leg.text}")


def _check_strangers(wiring: _Wiring, switch: str, port: PlannedPort) -> Iterator[str]:
    """What is for another Ethernet address than the port's goes nowhere, whomever it says that it is from."""
    for found, arrivals in wiring.explore(switch, port.switchport, {"dl_dst": _STRANGER}):
        if found.values.get("dl_type") != ARP:
            text = f"a packet for a foreign MAC that enters by platform port {port.portid}"
            yield from _expect(arrivals, set(), text)


def _check_neighbours(expected: Expected, wiring: _Wiring, switch: str, port: PlannedPort) -> Iterator[str]:
    serving = expected.serving(port)
    everybody = {end for _, end in serving}
    answering = serving[0][1] if serving else "nobody"
    entry = f"that enters by platform port {port.portid}"
    for interface in port.addresses:
        request = {"dl_dst": _BROADCAST, "dl_type": ARP, "arp_op": 1, "arp_tpa": interface.address}
        for _, arrivals in wiring.explore(switch, port.switchport, request):
            yield from _expect(arrivals, {answering}, f"an ARP request for {interface.text} {entry}")
    for interface in port.addresses6:
        for mac in (_SOLICITED | interface.address & 0xFFFFFF, _mac(port.mac)):
            arrivals = wiring.outcomes(
                switch, port.switchport, {"dl_dst": mac, **_values(solicited(interface.address))}
            )
            text = f"a neighbour solicitation for {interface.text} to {mac:012x}"
            yield from _expect(arrivals, {answering}, f"{text} {entry}")
    reply = {"dl_dst": _mac(port.mac), "dl_type": ARP, "arp_op": 2}
    for found, arrivals in wiring.explore(switch, port.switchport, reply):
        lies = expected.is_staged(port) and found.values.get("dl_src") == _mac(port.mac)
        yield from _expect(arrivals, set() if lies else everybody, f"an ARP reply {entry}")
    if port.addresses6:
        arrivals = wiring.outcomes(switch, port.switchport, {"dl_dst": _mac(port.mac), **_values(ADVERTISED)})
        yield from _expect(arrivals, everybody, f"a neighbour advertisement {entry}")


def _values(question: Question) -> dict[str, int]:
    return {one.field: one.value for one in question}


def _expect(arrivals: Iterable[_Arrivals], wanted: set[str], text: str) -> Iterator[str]:
    for reached, loops in arrivals:
        yield from (f"{text} comes back to {bridge}" for bridge in loops)
        if set(reached) != wanted or len(reached) != len(wanted):
            got = " and ".join(reached) or "nothing"
            should = " and ".join(sorted(wanted)) or "nothing"
            yield f"{text} reaches {got}; it should reach {should}"


def _check_ways_out(plan: Plan, expected: Expected, wiring: _Wiring) -> Iterator[str]:
    """What leaves a module by no stage: from which platform ports, and never from a foreign MAC."""
    by_mac = {_mac(port.mac): port for port in plan.ports}
    staged = {mac for mac, port in by_mac.items() if expected.is_staged(port)}
    every = (1 << WIDTHS["dl_src"]) - 1
    macs = [(Constraint("dl_src", mac, every),) for mac in by_mac]
    tagged = (Constraint("vlan_tci", TAGGED, TAGGED),)
    for name, host in plan.hosts.items():
        for pm in host.pms:
            for vif in pm.vifs:
                spoofing, advertising = expected.spoofing(pm, vif), expected.advertising(pm, vif)
                asked = [*macs, *spoofing, *advertising, *([tagged] if pm.foreign else [])]
                for found, arrivals in wiring.explore(name, vif.ofport, {}, asked):
                    source = found.values["dl_src"]
                    if tagged in found.yes and pm.foreign:
                        yield from _leads(arrivals, [], f"what {end_of(pm, vif)} sends with a VLAN tag")
                        continue
                    if found.yes.intersection(spoofing) and not found.yes.intersection(advertising):
                        yield from _leads(arrivals, [], f"what {end_of(pm, vif)} sends as somebody else")
                        continue
                    if source in staged or (pm.stage and found.values.get("dl_dst") in staged):
                        continue  # has a leg of its own
                    port = by_mac.get(source)
                    if found.values.get("vlan_tci", 0) & TAGGED and found.values.get("dl_dst") in staged:
                        port = None  # only bridges give tags to what is on its way to a stage
                    yield from _sent(arrivals, port, end_of(pm, vif), port is not None and vif.serves(port.portid))


def _sent(arrivals: Iterable[_Arrivals], port: PlannedPort | None, end: str, serves: bool) -> Iterator[str]:
    if port is None:
        yield from _leads(arrivals, [], f"what {end} sends from a foreign MAC")
    elif serves:
        yield from _leads(arrivals, [outside(port)], f"what {end} sends from port {port.portid}", "leave by it")
    else:
        yield from _leads(arrivals, [], f"what {end} sends from port {port.portid}", "reach nothing")


def _leads(arrivals: Iterable[_Arrivals], wanted: list[str], text: str, should: str = "") -> Iterator[str]:
    for reached, loops in arrivals:
        if loops or list(reached) != wanted:
            got = " and ".join([*reached, *(f"{bridge} again" for bridge in loops)]) or "nothing"
            yield f"{text} reaches {got}{should and f'; it should {should}'}"


def _ambiguities(wiring: _Wiring) -> Iterator[str]:
    for name, bridge in wiring.bridges.items():
        for table in bridge.tables.values():
            for flow in table.repeated:
                yield f"on {name}, the entry '{flow.selector()}' stands twice"
            for one, other in sorted(table.rivals):
                yield f"on {name}, the entries '{one}' and '{other}' take the same packets with equal priority"


_Arrivals = tuple[tuple[str, ...], tuple[str, ...]]
"""Whom the copies of a packet reach, and which bridges one would meet again."""


class _Deals:
    """How modules that share flows got them, by the names of these modules: every class of packets has to have it so."""

    def __init__(self) -> None:
        self._orders: dict[frozenset[str], tuple[str, ...]] = {}

    def check(self, arrivals: Iterable[_Arrivals], mine: Set[str], text: str) -> Iterator[str]:
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


class _Wiring:
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
        self.deals = _Deals()
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
    ) -> Iterator[tuple[Class, list[_Arrivals]]]:
        """Yield every class of the packets that have what is given, and where it gets to, which is more than one where groups choose.

        `asked` are questions that tell packets apart, besides those of the entries that they meet: a packet that was
        traced says which these are, and splits its class until none says anything new.
        """
        self._mark = given.get("vlan_tci")
        self._whole = _ALWAYS_KNOWN.union(given)
        self._known = frozenset((field, (1 << WIDTHS[field]) - 1) for field in self._whole)
        usual = {"dl_src": _STRANGER, "dl_dst": _STRANGER, "dl_type": IPV4, "nw_ttl": _TTL, **given}
        self._open, self._seen = set(), set()
        questions = frozenset(asked) - {()}
        traced: dict[tuple[tuple[str, int], ...], list[_Arrivals]] = {}
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

    def outcomes(self, switch: str, in_port: int, given: Mapping[str, int]) -> list[_Arrivals]:
        """Return where packets get to that enter a switch with what is given, whatever they are besides."""
        found = self.explore(switch, in_port, given)
        return list(dict.fromkeys(arrivals for _, every in found for arrivals in every))

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

    def _trace(self, bridge: str, in_port: int, packet: Packet) -> list[_Arrivals]:
        self._origin = (bridge, in_port, packet.get("vlan_tci") & 0x1FFF)

        def follow(chance: Chance) -> _Arrivals:
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


def _mac(text: str) -> int:
    return masked("dl_src", text)[0]
