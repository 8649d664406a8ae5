# SPDX-License-Identifier: Apache-2.0
"""The flow entries of modules side by side, each with its claims: on the switch, and repeated down to the vif on each host.

A platform port is known by its MAC on the way in (destination) and on the way out (source), so no tags are needed.
Whatever no entry matches is dropped: the bridges run in fail mode `secure`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import EVERYTHING, address_text
from ansible.module_utils.flowstream.flows.fields import Match
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import PlannedPort

# Distances are for entries that people add by hand between ours.
ARP_PRIORITY = 2000
FORWARD_PRIORITY = 1000
"""Plus the lengths of the prefixes: the longer one first."""
DROP_PRIORITY = 100

_IP = ("dl_type", "0x0800")
_ARP = ("dl_type", "0x0806")
_REQUEST = ("arp_op", "1")  # RFC 826, ares_op$REQUEST
_REPLY = ("arp_op", "2")


@dataclass(frozen=True, slots=True)
class Arm:
    """Where an interface of a processing module hangs: its host's port on the switch and its own port on the host's bridge.

    It has what the module claims of the packets that enter by the platform ports it is for (None: all), and sends by those.
    """

    claims: tuple[Claim, ...]
    host: str
    switch_port: int
    ofport: int
    ports: tuple[int, ...] | None = None

    def serves(self, portid: int) -> bool:
        """Whether packets of the port pass by it."""
        return self.ports is None or portid in self.ports


def switch_flows(
    ports: Sequence[PlannedPort], arms: Sequence[Arm], cookie: int, staged: Collection[int] = ()
) -> tuple[Flow, ...]:
    """Return the entries of the switch; the first arm that a port has answers ARP for it.

    Of the ports that are `staged` they are those of ARP alone: IP packets have others on their way.
    """
    flows: list[Flow] = []
    for port in ports:
        serving = [arm for arm in arms if arm.serves(port.portid)]
        links = sorted({arm.switch_port for arm in serving})
        inward = ("in_port", str(port.switchport))
        mine = ("dl_dst", port.mac)
        for arm in serving if port.portid not in staged else ():
            flows += _forward(inward, port, arm.claims, arm.switch_port, cookie)
        flows.append(Flow(0, DROP_PRIORITY, (inward, mine, _IP), ("drop",), cookie))
        flows += arp(inward, port, serving[0].switch_port if serving else None, links, cookie)
        for link in links:
            match = (("in_port", str(link)), *_leaving(port, staged))
            flows.append(Flow(0, FORWARD_PRIORITY, match, (f"output:{port.switchport}",), cookie))
    return tuple(sorted(flows, key=in_order))


def host_flows(
    ports: Sequence[PlannedPort], arms: Sequence[Arm], host: str, uplink: int, cookie: int, staged: Collection[int] = ()
) -> tuple[Flow, ...]:
    """Return the entries of one host's bridge, whose port `uplink` leads to the switch."""
    own = [arm for arm in arms if arm.host == host]
    flows: list[Flow] = []
    inward = ("in_port", str(uplink))
    for port in ports:
        serving = [arm for arm in own if arm.serves(port.portid)]
        for arm in serving:
            flows += _forward(inward, port, arm.claims, arm.ofport, cookie)
            match = (("in_port", str(arm.ofport)), *_leaving(port, staged))
            flows.append(Flow(0, FORWARD_PRIORITY, match, (f"output:{uplink}",), cookie))
        first = next((arm for arm in arms if arm.serves(port.portid)), None)
        answering = first.ofport if first and first.host == host else None
        flows += arp(inward, port, answering, sorted(arm.ofport for arm in serving), cookie)
    for vif in sorted(arm.ofport for arm in own):
        flows.append(Flow(0, DROP_PRIORITY, (("in_port", str(vif)),), ("drop",), cookie))
    return tuple(sorted(flows, key=in_order))


def _leaving(port: PlannedPort, staged: Collection[int]) -> tuple[tuple[str, str], ...]:
    """What leaves by a platform port and by no stage."""
    return ("dl_src", port.mac), *((_ARP,) if port.portid in staged else ())


def _forward(
    inward: tuple[str, str], port: PlannedPort, claims: Sequence[Claim], output: int, cookie: int
) -> list[Flow]:
    return [
        Flow(
            0,
            FORWARD_PRIORITY + claim.length,
            (inward, ("dl_dst", port.mac), *claimed(claim)),
            (f"output:{output}",),
            cookie,
        )
        for claim in claims
        if claim.enters(port.portid)
    ]


def claimed(claim: Claim) -> Match:
    """Return the match of what is claimed, but for the port."""
    source = (("nw_src", str(claim.source)),) if claim.source != EVERYTHING else ()
    return (_IP, *source, ("nw_dst", str(claim.destination)))


def arp_requests(inward: tuple[str, str], port: PlannedPort, answering: int | None, cookie: int) -> list[Flow]:
    """Return the entries that lead requests for an address of the port to the one that answers, if anybody does."""
    return [
        Flow(
            0,
            ARP_PRIORITY,
            (inward, _ARP, _REQUEST, ("arp_tpa", address_text(interface.address))),
            (f"output:{answering}",),
            cookie,
        )
        for interface in port.addresses
        if answering is not None
    ]


def arp(
    inward: tuple[str, str], port: PlannedPort, answering: int | None, learning: Sequence[int], cookie: int
) -> list[Flow]:
    """Return entries that lead requests for an address of the port to the one that answers, replies to everybody who may have asked."""
    flows = arp_requests(inward, port, answering, cookie)
    if learning:
        match = (inward, ("dl_dst", port.mac), _ARP, _REPLY)
        flows.append(Flow(0, ARP_PRIORITY, match, tuple(f"output:{output}" for output in learning), cookie))
    return flows


def in_order(flow: Flow) -> tuple[int, int, Match]:
    """Sort what a switch tries first to the front; equal priorities by match."""
    return flow.table, -flow.priority, flow.match
