# SPDX-License-Identifier: Apache-2.0
"""The flow entries of modules side by side, each with its claims: on the switch, and repeated down to the vif on each host.

A platform port is known by its MAC on the way in (destination) and on the way out (source), so no tags are needed.
Whatever no entry matches is dropped: the bridges run in fail mode `secure`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, Protocol

from ansible.module_utils.flowstream.addresses import EVERYTHING, IPV4, Interface
from ansible.module_utils.flowstream.flows.fields import Match
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.paths import why
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import PlannedPort

# Distances are for entries that people add by hand between ours.
ARP_PRIORITY = 2000
FORWARD_PRIORITY = 1000
"""Plus the lengths of the prefixes: the longer one first."""
DROP_PRIORITY = 100
UNSTAGED: Mapping[int, int] = MappingProxyType({})
"""Of an allocation without stages."""

IP = ("dl_type", "0x0800")
IP6 = ("dl_type", "0x86dd")
# RFC 4861 sections 4.3 and 4.4: ICMPv6 types 135 and 136, code 0.
SOLICITATION = (IP6, ("nw_proto", "58"), ("icmp_type", "135"), ("icmp_code", "0"))
ADVERTISEMENT = (IP6, ("nw_proto", "58"), ("icmp_type", "136"), ("icmp_code", "0"))
FROM_THE_LINK = ("nw_ttl", "255")
"""What no router has passed on (RFC 4861 7.1.1, 7.1.2)."""
_ARP = ("dl_type", "0x0806")
_REQUEST = ("arp_op", "1")  # RFC 826, ares_op$REQUEST
_REPLY = ("arp_op", "2")
UNTAGGED = ("vlan_tci", "0")


@dataclass(frozen=True, slots=True)
class Arm:
    """Where an interface of processing module `pm` hangs: its host's port on the switch and its own port on the host's bridge.

    It has what the module claims of the packets that enter by the platform ports it is for (None: all), and sends by those. A
    `spare` is one that rests until others have too much.
    """

    pm: int
    claims: tuple[Claim, ...]
    host: str
    switch_port: int
    ofport: int
    ports: tuple[int, ...] | None = None
    spare: bool = False

    @property
    def name(self) -> str:
        """What people call its module."""
        return f"pm {self.pm}"

    def serves(self, portid: int) -> bool:
        """Whether packets of the port pass by it."""
        return self.ports is None or portid in self.ports


def switch_flows(
    ports: Sequence[PlannedPort], arms: Sequence[Arm], cookie: int, staged: Collection[int] = ()
) -> tuple[Flow, ...]:
    """Return the entries of the switch; the first arm that a port has answers for it.

    Of the ports that are `staged` they are those of ARP alone: IP packets have others on their way.
    """
    flows: list[Flow] = []
    for port in ports:
        serving = [arm for arm in arms if arm.serves(port.portid)]
        links = links_of(serving)
        inward = ("in_port", str(port.switchport))
        mine = ("dl_dst", port.mac)
        for arm in serving if port.portid not in staged else ():
            flows += _forward(inward, port, arm, arm.switch_port, cookie, (name_of(port), 1, 2))
        for packets in unclaimed(arms):
            reason = why.no_claim(name_of(port))
            flows.append(Flow(0, DROP_PRIORITY, (inward, mine, packets), ("drop",), cookie, why=reason))
        flows += neighbours(
            inward,
            port,
            Answer(serving[0], serving[0].switch_port) if serving else None,
            list(links),
            cookie,
            1,
            beside_stages=bool(staged),
        )
        for link, host in links.items():
            for priority, match, end in _leaving(port, staged):
                reason = why.outward(f"modules on {host}", end, 2, 2)
                whole, actions = (("in_port", str(link)), *match), (f"output:{port.switchport}",)
                flows.append(Flow(0, priority, whole, actions, cookie, why=reason))
    return tuple(sorted(flows, key=in_order))


def host_flows(
    ports: Sequence[PlannedPort],
    arms: Sequence[Arm],
    host: str,
    uplink: int,
    cookie: int,
    staged: Mapping[int, int] = UNSTAGED,
) -> tuple[Flow, ...]:
    """Return the entries of one host's bridge, whose port `uplink` leads to the switch.

    `staged` has, for each port with stages, how many bridges packets pass between the last stage and the modules.
    """
    own = [arm for arm in arms if arm.host == host]
    flows: list[Flow] = []
    inward = ("in_port", str(uplink))
    for port in ports:
        serving = [arm for arm in own if arm.serves(port.portid)]
        start = f"last stage of {name_of(port)}" if port.portid in staged else name_of(port)
        bridges = staged.get(port.portid, 2)
        way = (start, bridges, bridges)
        for arm in serving:
            flows += _forward(inward, port, arm, arm.ofport, cookie, way)
            for priority, match, end in _leaving(port, staged):
                reason = why.outward(arm.name, end, 1, 2)
                whole = (("in_port", str(arm.ofport)), *match)
                flows.append(Flow(0, priority, whole, (f"output:{uplink}",), cookie, why=reason))
        first = next((arm for arm in arms if arm.serves(port.portid)), None)
        answer = Answer(first, first.ofport) if first and first.host == host else None
        flows += neighbours(
            inward, port, answer, sorted(arm.ofport for arm in serving), cookie, 2, beside_stages=bool(staged)
        )
    flows += spoofed(own, cookie)
    return tuple(sorted(flows, key=in_order))


def unclaimed(arms: Iterable[Arm]) -> tuple[tuple[str, str], ...]:
    """Return the matches of what is dropped where no claim takes it: IPv4, and IPv6 where somebody claims of that."""
    return (IP, IP6) if any(claim.destination.family != IPV4 for arm in arms for claim in arm.claims) else (IP,)


def name_of(port: PlannedPort) -> str:
    """Return what people call a platform port."""
    return f"port {port.portid}"


class Hanging(Protocol):
    """What links and guards ask of an interface of a module."""

    @property
    def name(self) -> str:
        """What people call its module."""

    @property
    def host(self) -> str:
        """Where it is."""

    @property
    def switch_port(self) -> int:
        """Its host's port on the switch."""

    @property
    def ofport(self) -> int:
        """Its own port on the host's bridge."""


def links_of(arms: Sequence[Hanging]) -> dict[int, str]:
    """Return the links of the switch to which modules hang, in order, each with its host."""
    return dict(sorted((arm.switch_port, arm.host) for arm in arms))


def spoofed(arms: Sequence[Hanging], cookie: int) -> list[Flow]:
    """Return the entries of a host's bridge that end what modules may not send."""
    return [
        Flow(0, DROP_PRIORITY, (("in_port", str(arm.ofport)),), ("drop",), cookie, why=why.spoofed(arm.name))
        for arm in sorted(arms, key=lambda arm: arm.ofport)
    ]


def _leaving(port: PlannedPort, staged: Collection[int]) -> Iterator[tuple[int, Match, str]]:
    """Yield priority and match of what leaves by a platform port and by no stage, and what people call where it goes."""
    mine = ("dl_src", port.mac)
    if port.portid not in staged:
        yield FORWARD_PRIORITY, (mine,), name_of(port)
        return
    yield FORWARD_PRIORITY, (mine, _ARP), f"{name_of(port)} (ARP)"
    discovery = ((SOLICITATION, "neighbour solicitation"), (ADVERTISEMENT, "neighbour advertisement"))
    for packets, what in discovery if port.addresses6 else ():
        yield ARP_PRIORITY, (UNTAGGED, mine, *packets, FROM_THE_LINK), f"{name_of(port)} ({what})"


def _forward(
    inward: tuple[str, str], port: PlannedPort, arm: Arm, output: int, cookie: int, way: tuple[str, int, int]
) -> list[Flow]:
    """The entries that lead what an arm claims to an output; `way` is where it comes from, and which hop of how many that is."""
    start, *hop = way
    return [
        Flow(
            0,
            FORWARD_PRIORITY + claim.length,
            (inward, ("dl_dst", port.mac), *claimed(claim)),
            (f"output:{output}",),
            cookie,
            why=why.inward(start, arm.name, claim, *hop),
        )
        for claim in arm.claims
        if claim.enters(port.portid)
    ]


def claimed(claim: Claim) -> Match:
    """Return the match of what is claimed, but for the port."""
    if claim.destination.family == IPV4:
        source = (("nw_src", str(claim.source)),) if claim.source != EVERYTHING else ()
        return (IP, *source, ("nw_dst", str(claim.destination)))
    ends = (("ipv6_src", claim.source), ("ipv6_dst", claim.destination))
    return (IP6, *((field, str(prefix)) for field, prefix in ends if prefix.length))


class Answer(NamedTuple):
    """Who answers ARP and neighbour solicitations, and the output that leads there."""

    arm: Arm
    output: int


def questions(
    inward: tuple[str, str],
    port: PlannedPort,
    answer: Answer | None,
    cookie: int,
    hop: int,
    *,
    beside_stages: bool = False,
) -> list[Flow]:
    """Return the entries that lead ARP requests and neighbour solicitations for an address of the port to the one that answers.

    A solicitation goes to the group of its target, or to the port itself (RFC 4861 7.2.1, 7.3.3). With `beside_stages`, some port of
    the allocation has stages: what is on its way to these is no question, and nothing goes past them that a module might pass on.
    """
    if answer is None:
        return []
    asked: list[tuple[Match, str]] = [
        ((_ARP, _REQUEST, ("arp_tpa", interface.text)), "ARP request") for interface in port.addresses
    ]
    asked += [
        ((("dl_dst", mac), *SOLICITATION, ("nd_target", interface.text), *told), "neighbour solicitation")
        for interface in port.addresses6
        for mac, told in _asked_at(port, interface, beside_stages=beside_stages)
    ]
    return [
        Flow(
            0,
            ARP_PRIORITY,
            (inward, *match),
            (f"output:{answer.output}",),
            cookie,
            why=f"{name_of(port)} to {answer.arm.name}, which answers for the port: {what}, hop {hop} of 2",
        )
        for match, what in asked
    ]


def _asked_at(port: PlannedPort, interface: Interface, *, beside_stages: bool) -> Iterator[tuple[str, Match]]:
    """Yield the Ethernet addresses to which neighbours ask for an address, each with what else their questions have."""
    yield group_of(interface), (UNTAGGED,) if beside_stages else ()
    yield port.mac, _told(interface) if beside_stages else ()


def _told(interface: Interface) -> Match:
    """What has that a neighbour on the link says to an address of a port and to nobody behind it.

    Its type does not say so: a switch looks for that behind extension headers, where a module does not.
    """
    return UNTAGGED, ("ipv6_dst", interface.text), FROM_THE_LINK


def group_of(interface: Interface) -> str:
    """Return the Ethernet address of the group that solicitations for an IPv6 address go to (RFC 4291 2.7.1, RFC 2464 7)."""
    digits = f"{interface.address & 0xFFFFFF:06x}"
    return f"33:33:ff:{digits[:2]}:{digits[2:4]}:{digits[4:]}"


def neighbours(
    inward: tuple[str, str],
    port: PlannedPort,
    answer: Answer | None,
    learning: Sequence[int],
    cookie: int,
    hop: int,
    *,
    beside_stages: bool = False,
) -> list[Flow]:
    """Return entries that lead questions for an address of the port to the one that answers, answers to everybody who may have asked."""
    flows = questions(inward, port, answer, cookie, hop, beside_stages=beside_stages)
    if learning:
        outputs = tuple(f"output:{output}" for output in learning)
        for packets, what in answers([port], beside_stages=beside_stages):
            match, reason = (inward, ("dl_dst", port.mac), *packets), learned(name_of(port), what, hop)
            flows.append(Flow(0, ARP_PRIORITY, match, outputs, cookie, why=reason))
    return flows


def answers(ports: Iterable[PlannedPort], *, beside_stages: bool = False) -> list[tuple[Match, str]]:
    """Return the matches of what neighbours may answer to modules of these ports, each with what people call it."""
    addresses = [interface for port in ports for interface in port.addresses6]
    told = [_told(interface) for interface in addresses] if beside_stages else [()] if addresses else []
    advertised = [((*ADVERTISEMENT, *to), "neighbour advertisement") for to in told]
    return [((_ARP, _REPLY), "ARP reply"), *advertised]


def learned(start: str, what: str, hop: int) -> str:
    """Say that answers of neighbours pass here."""
    return f"{start} to every module that may have asked: {what}, hop {hop} of 2"


def in_order(flow: Flow) -> tuple[int, int, Match]:
    """Sort what a switch tries first to the front; equal priorities by match."""
    return flow.table, -flow.priority, flow.match
