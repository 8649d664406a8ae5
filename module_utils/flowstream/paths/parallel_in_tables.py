# SPDX-License-Identifier: Apache-2.0
"""The same ways as in `parallel_by_prefix`, in several tables: their entries are ports plus claims, not ports times claims.

The first table marks a packet with its allocation and its platform port in the metadata, by the port's MAC. The second
has the claims, shared by all ports; the third knows the links that modules send by, the fourth the way out of each port.

Marking stands below every entry of the one table: while a deployment has both, those lead, until they are purged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.marks import OWNER, owner_metadata
from ansible.module_utils.flowstream.paths import parallel_by_prefix, spread_by_flow, why
from ansible.module_utils.flowstream.paths.parallel_by_prefix import (
    ARP_PRIORITY,
    DROP_PRIORITY,
    FORWARD_PRIORITY,
    Answer,
    Arm,
    answers,
    claimed,
    in_order,
    learned,
    links_of,
    name_of,
    questions,
    spoofed,
)
from ansible.module_utils.flowstream.plan.plan import PlannedPort

CLAIMS, LINKS, PORTS = 1, 2, 3
INWARD_PRIORITY = 900
OUTWARD_PRIORITY = 800
"""Below the other: what a stranger sends to a port in the name of another port is for the former."""


def switch_flows(ports: Sequence[PlannedPort], arms: Sequence[Arm], cookie: int) -> tuple[Flow, ...]:
    """Return the entries of the switch; the first arm that a port has answers for it."""
    flows: list[Flow] = []
    for port in ports:
        inward = ("in_port", str(port.switchport))
        answer = next((Answer(arm, arm.switch_port) for arm in arms if arm.serves(port.portid)), None)
        flows += questions(inward, port, answer, cookie, 1)
        mark = _mark(cookie, port)
        to_claims, to_links = (mark, f"goto_table:{CLAIMS}"), (mark, f"goto_table:{LINKS}")
        flows.append(
            Flow(0, INWARD_PRIORITY, (inward, ("dl_dst", port.mac)), to_claims, cookie, why=_marked(port, "in", 1))
        )
        flows.append(Flow(0, OUTWARD_PRIORITY, (("dl_src", port.mac),), to_links, cookie, why=_marked(port, "out", 2)))
        leaving = why.outward("modules", name_of(port), 2, 2)
        flows.append(
            Flow(PORTS, FORWARD_PRIORITY, (_of(cookie, port),), (f"output:{port.switchport}",), cookie, why=leaving)
        )
    flows += _claims(ports, [(arm, arm.switch_port) for arm in arms], cookie, 1)
    for link, host in links_of(arms).items():
        for whose in _whose(ports, [arm for arm in arms if arm.switch_port == link], cookie):
            match = (("in_port", str(link)), whose)
            reason = why.outward(f"modules on {host}", "their ports", 2, 2)
            flows.append(Flow(LINKS, FORWARD_PRIORITY, match, (f"goto_table:{PORTS}",), cookie, why=reason))
    return tuple(sorted(flows, key=in_order))


def host_flows(
    ports: Sequence[PlannedPort], arms: Sequence[Arm], host: str, uplink: int, cookie: int
) -> tuple[Flow, ...]:
    """Return the entries of one host's bridge, whose port `uplink` leads to the switch."""
    own = [arm for arm in arms if arm.host == host]
    if not own:
        return ()
    flows: list[Flow] = []
    inward = ("in_port", str(uplink))
    for port in ports:
        first = next((arm for arm in arms if arm.serves(port.portid)), None)
        flows += questions(
            inward, port, Answer(first, first.ofport) if first and first.host == host else None, cookie, 2
        )
        match, to_claims = (inward, ("dl_dst", port.mac)), (_mark(cookie, port), f"goto_table:{CLAIMS}")
        flows.append(Flow(0, INWARD_PRIORITY, match, to_claims, cookie, why=_marked(port, "in", 2)))
        match, leaving = (_of(cookie), ("dl_src", port.mac)), why.outward(f"modules on {host}", name_of(port), 1, 2)
        flows.append(Flow(LINKS, FORWARD_PRIORITY, match, (f"output:{uplink}",), cookie, why=leaving))
    flows += _claims(ports, [(arm, arm.ofport) for arm in own], cookie, 2)
    for arm in own:
        sender = ("in_port", str(arm.ofport))
        if arm.ports is None:
            to_links, reason = (_mark(cookie), f"goto_table:{LINKS}"), why.outward(arm.name, "its ports", 1, 2)
            flows.append(Flow(0, OUTWARD_PRIORITY, (sender,), to_links, cookie, why=reason))
            continue
        for port in ports:
            if arm.serves(port.portid):
                match, leaving = (sender, ("dl_src", port.mac)), why.outward(arm.name, name_of(port), 1, 2)
                flows.append(Flow(0, FORWARD_PRIORITY, match, (f"output:{uplink}",), cookie, why=leaving))
        flows += spoofed([arm], cookie)
    reason = why.spoofed(f"modules on {host}")
    flows.append(Flow(LINKS, DROP_PRIORITY, (_of(cookie),), ("drop",), cookie, why=reason))
    return tuple(sorted(flows, key=in_order))


LARGEST_PRODUCT = 4096
"""Ports times claims of an allocation above which one table is too large."""


class Layout(NamedTuple):
    """How the entries of a switch and of a host are made."""

    switch_flows: Callable[[Sequence[PlannedPort], Sequence[Arm], int], tuple[Flow, ...]]
    host_flows: Callable[[Sequence[PlannedPort], Sequence[Arm], str, int, int], tuple[Flow, ...]]


def layout_of(ports: Sequence[PlannedPort], arms: Sequence[Arm]) -> Layout:
    """Return the layout for an allocation: one table, as long as that is not too large, and others where flows are dealt."""
    if any(claim.dealt for arm in arms for claim in arm.claims):
        return Layout(spread_by_flow.switch_flows, spread_by_flow.host_flows)
    if len(ports) * sum(len(arm.claims) for arm in arms) > LARGEST_PRODUCT:
        return Layout(switch_flows, host_flows)
    return Layout(parallel_by_prefix.switch_flows, parallel_by_prefix.host_flows)


def _claims(ports: Sequence[PlannedPort], outputs: Sequence[tuple[Arm, int]], cookie: int, hop: int) -> Iterator[Flow]:
    """What is claimed goes to its module, answers of neighbours to everybody who may have asked, the rest nowhere."""
    for arm, output in outputs:
        for claim in arm.claims:
            if arm.ports is None and claim.entry is None:
                whose = [("every port", _of(cookie))]
            else:
                whose = [
                    (name_of(port), _of(cookie, port))
                    for port in ports
                    if arm.serves(port.portid) and claim.enters(port.portid)
                ]
            for start, one in whose:
                match, reason = (one, *claimed(claim)), why.inward(start, arm.name, claim, hop, 2)
                yield Flow(CLAIMS, FORWARD_PRIORITY + claim.length, match, (f"output:{output}",), cookie, why=reason)
    everybody = {port: sorted({output for arm, output in outputs if arm.serves(port.portid)}) for port in ports}
    alike = len(set(map(tuple, everybody.values()))) == 1
    for port, learning in list(everybody.items())[: 1 if alike else None]:
        if learning:
            start = "every port" if alike else name_of(port)
            actions = tuple(f"output:{output}" for output in learning)
            for packets, what in answers(ports if alike else [port]):
                match = (_of(cookie, None if alike else port), *packets)
                yield Flow(CLAIMS, ARP_PRIORITY, match, actions, cookie, why=learned(start, what, hop))
    yield Flow(CLAIMS, DROP_PRIORITY, (_of(cookie),), ("drop",), cookie, why=why.no_claim("every port"))


def _whose(ports: Sequence[PlannedPort], arms: Sequence[Arm], cookie: int) -> list[tuple[str, str]]:
    """The packets that some arm may send: all of the allocation's, or those of the ports that it is for."""
    if any(arm.ports is None for arm in arms):
        return [_of(cookie)]
    return [_of(cookie, port) for port in ports if any(arm.serves(port.portid) for arm in arms)]


def _of(cookie: int, port: PlannedPort | None = None) -> tuple[str, str]:
    """The match of what is marked as the allocation's, or as that of one of its ports."""
    owner = owner_metadata(cookie)
    return "metadata", f"{owner:#x}/{OWNER:#x}" if port is None else f"{owner | port.portid:#x}"


def _marked(port: PlannedPort, direction: str, hop: int) -> str:
    return f"{name_of(port)}: {direction}, hop {hop} of 2, marked as the port's"


def _mark(cookie: int, port: PlannedPort | None = None) -> str:
    return f"write_metadata:{owner_metadata(cookie) | (port.portid if port else 0):#x}"
