# SPDX-License-Identifier: Apache-2.0
"""Proof, before anything is touched, that the flow tables of a plan do together what the allocation says.

Three things are shown. Every packet of the allocation reaches its processing module, and what a module sends leaves by the right port:
one packet of every class that tables or claims tell apart is traced through the bridges, along each way that groups leave it. Nobody
else's packet does: each entry of ours insists on a MAC or an address of ours, or on the mark of the allocation. No packet meets a bridge
twice on one way: the trace would say so. Links between switches are up here; of those that are down `fabric/failures` shows it for labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.fabric.failures import astray
from ansible.module_utils.flowstream.flows.classes import Question, described, remaining
from ansible.module_utils.flowstream.flows.packet import (
    ARP,
    IPV4,
    IPV6,
    TAGGED,
    WIDTHS,
    Constraint,
    masked,
)
from ansible.module_utils.flowstream.offload.spare import states
from ansible.module_utils.flowstream.plan.foreign import foreign_claims
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPort
from ansible.module_utils.flowstream.planner.expected import (
    ADVERTISED,
    ENDING,
    Expected,
    Leg,
    end_of,
    goes_past,
    outside,
    solicited,
)
from ansible.module_utils.flowstream.planner.tracer import STRANGER, Arrivals, Tracer

_SOLICITED = 0x33_33_FF_00_00_00
"""The Ethernet addresses of the groups that solicitations go to, without the last bits of their target (RFC 4291 2.7.1, RFC 2464 7)."""
_BROADCAST = 0xFF_FF_FF_FF_FF_FF
_OTHER = 0x88B5
"""An Ethernet type that nobody has (IEEE 802-2014 section 9.2.3, local experiments)."""


def check_flows(plan: Plan) -> None:
    """Raise FlowstreamError with a message for each class of packets that would go astray."""
    messages = list(violations(plan))
    if messages:
        raise FlowstreamError(*(f"cannot use the plan of {plan.allocation_id}: {message}" for message in messages))


def violations(plan: Plan) -> Iterator[str]:
    """Yield a sentence for each way in which the flow tables differ from the allocation."""
    yield from foreign_claims(plan)
    expected = Expected(plan)
    yield from _all_legs(plan, expected, Tracer(plan))
    if expected.teachers():
        # A packet is asked about once on its way, so between these two states no other one has a way of its own.
        learned = Tracer(plan, taught=True)
        yield from (f"once flows are learned, {text}" for text in _all_legs(plan, expected, learned))
    for device in plan.devices:
        for port in (device.outside_port, device.inside_port) if device.bypass else ():
            failing = _all_legs(plan, Expected(plan, past=device), Tracer(plan, down=(device, port)))
            yield from (f"while port {port} of device {device.name} is down, {text}" for text in failing)
    yield from astray(tuple((name, switch.fabric) for name, switch in plan.switches.items() if switch.fabric.links))
    for state in states(plan)[1:]:
        # Where the switch has taken the entries of spares in, the first ones in turn have their flows.
        names = " and ".join(state.spares)
        yield from foreign_claims(state.plan)
        legs = _all_legs(state.plan, Expected(state.plan, spilled=set(state.spares)), Tracer(state.plan))
        yield from (f"once flows are spilled to {names}, {text}" for text in legs)


def _all_legs(plan: Plan, expected: Expected, tracer: Tracer) -> Iterator[str]:
    others = _other_types(plan)
    for port in plan.ports:
        yield from _check_leg(tracer, expected.entering(port), (IPV4, *others))
        yield from _check_neighbours(expected, tracer, plan.switch_of(port), port)
        yield from _check_strangers(tracer, plan.switch_of(port), port)
    for leg in expected.onward():
        yield from _check_leg(tracer, leg, (IPV4, ARP, *others))
    yield from _check_ways_out(plan, expected, tracer)
    yield from tracer.wrongly_taught(expected.teachers())
    yield from _ambiguities(tracer)


def _other_types(plan: Plan) -> list[int]:
    """The Ethernet types besides IPv4 and ARP that some entry looks at, and two more."""
    bridges = plan.bridges().values()
    texts = {text for bridge in bridges for flow in bridge.flows for name, text in flow.match if name == "dl_type"}
    return sorted({*(int(text, 0) for text in texts), IPV6, _OTHER} - {IPV4, ARP})


def _check_leg(tracer: Tracer, leg: Leg, types: Iterable[int]) -> Iterator[str]:
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
        first = {rest: end for asked, end in leg.first if (rest := remaining(asked, given)) is not None}
        apart = {rest for asked in leg.apart if (rest := remaining(asked, given)) is not None}
        every = {*owners, *never, *apart, *first, *((*past, *ENDING) if tracer.taught and past else ()), leg.mark}
        for found, arrivals in tracer.explore(leg.bridge, leg.in_port, given, every):
            if leg.mark in found.yes or not apart.isdisjoint(found.yes):
                continue
            mine = owners.get((), set()).union(*(owners[question] for question in found.yes if question in owners))
            beyond = {end for question, end in past.items() if question in found.yes or not question}
            if tracer.taught and mine and beyond and goes_past(found.values):
                mine = beyond
            mine = {first[question] for question in found.yes if question in first} or mine
            if not never.isdisjoint(found.yes):
                mine = set()
            text = described(ether_type, found.values)
            if mine and mine <= leg.sharing:
                yield from tracer.deals.check(arrivals, mine, f"{text} {leg.text}")
            elif len(mine) > 1:
                yield f"{text} {leg.text} is claimed by {' and '.join(sorted(mine))}"
            else:
                yield from _expect(arrivals, mine, f"{text} {leg.text}")


def _check_strangers(tracer: Tracer, switch: str, port: PlannedPort) -> Iterator[str]:
    """What is for another Ethernet address than the port's goes nowhere, whomever it says that it is from."""
    for found, arrivals in tracer.explore(switch, port.switchport, {"dl_dst": STRANGER}):
        if found.values.get("dl_type") != ARP:
            text = f"a packet for a foreign MAC that enters by platform port {port.portid}"
            yield from _expect(arrivals, set(), text)


def _check_neighbours(expected: Expected, tracer: Tracer, switch: str, port: PlannedPort) -> Iterator[str]:
    serving = expected.serving(port)
    everybody = {end for _, end in serving}
    answering = serving[0][1] if serving else "nobody"
    entry = f"that enters by platform port {port.portid}"
    for interface in port.addresses:
        request = {"dl_dst": _BROADCAST, "dl_type": ARP, "arp_op": 1, "arp_tpa": interface.address}
        for _, arrivals in tracer.explore(switch, port.switchport, request):
            yield from _expect(arrivals, {answering}, f"an ARP request for {interface.text} {entry}")
    mac = _mac(port.mac)
    told: list[tuple[dict[str, int], set[str], str]] = []
    for interface in port.addresses6:
        at_group = {"dl_dst": _SOLICITED | interface.address & 0xFFFFFF, **_values(solicited(interface.address))}
        at_port = {"dl_dst": mac, **_values((*solicited(interface.address), *expected.told(interface)))}
        for asked in (at_group, at_port):
            text = f"a neighbour solicitation for {interface.text} to {asked['dl_dst']:012x}"
            told.append((asked, {answering}, text))
    told.append(({"dl_dst": mac, "dl_type": ARP, "arp_op": 2}, everybody, "an ARP reply"))
    for besides in dict.fromkeys(map(expected.told, port.addresses6)):
        advertised = {"dl_dst": mac, **_values((*ADVERTISED, *besides))}
        told.append((advertised, everybody, "a neighbour advertisement"))
    for given, wanted, text in told:
        outcomes: dict[bool, dict[Arrivals, None]] = {False: {}, True: {}}
        for found, arrivals in tracer.explore(switch, port.switchport, given):
            is_tagged = expected.has_stages and bool(found.values.get("vlan_tci", 0) & TAGGED)
            if is_tagged and given["dl_dst"] == mac and given["dl_type"] == IPV6:
                continue  # is no discovery, and in the leg of what enters
            lies = expected.is_staged(port) and found.values.get("dl_src") == given["dl_dst"] == mac
            outcomes[lies or (is_tagged and given["dl_dst"] != mac)].update(dict.fromkeys(arrivals))
        for lies, every in outcomes.items():
            yield from _expect(every, set() if lies else wanted, f"{text} {entry}")


def _values(question: Question) -> dict[str, int]:
    return {one.field: one.value for one in question}


def _expect(arrivals: Iterable[Arrivals], wanted: set[str], text: str) -> Iterator[str]:
    for reached, loops in arrivals:
        yield from (f"{text} comes back to {bridge}" for bridge in loops)
        if set(reached) != wanted or len(reached) != len(wanted):
            got = " and ".join(reached) or "nothing"
            should = " and ".join(sorted(wanted)) or "nothing"
            yield f"{text} reaches {got}; it should reach {should}"


def _check_ways_out(plan: Plan, expected: Expected, tracer: Tracer) -> Iterator[str]:
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
                for found, arrivals in tracer.explore(name, vif.ofport, {}, asked):
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


def _sent(arrivals: Iterable[Arrivals], port: PlannedPort | None, end: str, serves: bool) -> Iterator[str]:
    if port is None:
        yield from _leads(arrivals, [], f"what {end} sends from a foreign MAC")
    elif serves:
        yield from _leads(arrivals, [outside(port)], f"what {end} sends from port {port.portid}", "leave by it")
    else:
        yield from _leads(arrivals, [], f"what {end} sends from port {port.portid}", "reach nothing")


def _leads(arrivals: Iterable[Arrivals], wanted: list[str], text: str, should: str = "") -> Iterator[str]:
    for reached, loops in arrivals:
        if loops or list(reached) != wanted:
            got = " and ".join([*reached, *(f"{bridge} again" for bridge in loops)]) or "nothing"
            yield f"{text} reaches {got}{should and f'; it should {should}'}"


def _ambiguities(tracer: Tracer) -> Iterator[str]:
    for name, bridge in tracer.bridges.items():
        for table in bridge.tables.values():
            for flow in table.repeated:
                yield f"on {name}, the entry '{flow.selector()}' stands twice"
            for one, other in sorted(table.rivals):
                yield f"on {name}, the entries '{one}' and '{other}' take the same packets with equal priority"


def _mac(text: str) -> int:
    return masked("dl_src", text)[0]
