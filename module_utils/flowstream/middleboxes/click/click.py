# SPDX-License-Identifier: Apache-2.0
"""The operator's own Click configuration as a type of processing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.addresses import (
    BITS,
    EVERYTHING,
    IPV4,
    IPV6,
    Prefix,
    address_text,
    everything,
    parse_address_text,
    shown,
)
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.rules import pm_label, port_label, refuse_stages_of_ipv6, stage_label
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.click.declaration import CLAIM, CLICK, DECLARATION, PACKET
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Cost, Counters
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.traffic.probe import Probe

_FILE = re.compile(r"([A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+\.click", re.ASCII)


@dataclass(frozen=True, slots=True)
class DeclaredPacket:
    """A packet of one family that enters by port `entry`, and the port that it must leave by, None if it must be dropped."""

    entry: int
    source: int | None
    destination: int
    output: int | None
    family: int


@dataclass(frozen=True, slots=True)
class OwnedClaim:
    """What a module gets, with the line that says so."""

    claim: Claim
    line: int


@dataclass(frozen=True, slots=True)
class ClickBody:
    """One module: its file, what it gets, and what must come of some packets."""

    file: str
    claims: tuple[OwnedClaim, ...]
    packets: tuple[DeclaredPacket, ...]


class OwnClick:
    """The Middlebox whose allocations have type `click`."""

    declaration = DECLARATION
    arms = ("eth0",)
    counters = Counters(always=())
    cost = Cost(memory_mib={"process": 64, "clickos": 32, "linux_guest": 128})
    # Whoever wrote the configuration knows which handlers that are.
    state = None
    knows = "whatever its author has it know"
    learned: tuple[str, ...] = ()

    def read(self, pm: Element, values: Values) -> ClickBody:
        """Read the file's name, the claims and the packets of a module."""
        own = next((child for child in pm.children if child.name == CLICK.name), Element(CLICK.name, pm.line))
        claims = (_claim(child, values) for child in pm.children if child.name == CLAIM.name)
        packets = (_packet(child, values) for child in own.children if child.name == PACKET.name)
        return ClickBody(
            file=values.attribute(own, "file", _parse_file) or "",
            claims=tuple(claim for claim in claims if claim is not None),
            packets=tuple(packet for packet in packets if packet is not None),
        )

    def check(self, allocation: Allocation, findings: Findings) -> None:
        """Note claims of two modules on one packet, one that stands twice, and those of IPv6 where nobody speaks it."""
        _refuse_stages(allocation, findings)
        silent = {port.portid: port for port in allocation.ports if not port.addresses6}
        seen: list[tuple[OwnedClaim, str]] = []
        for pm in allocation.pms:
            for own in pm.body.claims:
                if own.claim.destination.family == IPV6 and own.claim.entry in silent:
                    text = f"enters by a port that answers no neighbour of IPv6, got {own.claim}"
                    advice = f"give {port_label(silent[own.claim.entry])} an address6"
                    findings.error(own.line, CLAIM.name, f"{text}; {advice}")
                for other, label in seen:
                    if label == pm_label(pm) and own.claim == other.claim:
                        text = f"stands twice, first on line {other.line}, got {own.claim}; keep one"
                        findings.error(own.line, CLAIM.name, text)
                    elif label != pm_label(pm) and _meet(own.claim, other.claim):
                        text = f"takes packets of {label} on line {other.line}, got {own.claim}"
                        findings.error(own.line, CLAIM.name, f"{text}; give every packet to one pm")
                seen.append((own, pm_label(pm)))

    def plan(self, body: ClickBody, ports: Sequence[PlannedPort]) -> Body:
        """Claim what is declared, and keep what must come of it."""
        packets = [
            {
                "from": packet.entry,
                "src": None if packet.source is None else address_text(packet.source, packet.family),
                "dst": address_text(packet.destination, packet.family),
                "to": packet.output,
            }
            for packet in body.packets
        ]
        return Body(
            tuple(own.claim for own in body.claims), facts={"file": body.file, "packets": packets}, foreign=True
        )

    def configuration(self, allocation_id: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> Mapping[str, object]:
        """Gather the parameters that the file gets."""
        parameters = {"interface": pm.vifs[0].interface}
        for port in ports:
            parameters[f"mac{port.portid}"] = port.mac
            if port.addresses:
                parameters[f"ip{port.portid}"] = address_text(port.addresses[0].address)
                parameters[f"net{port.portid}"] = str(port.addresses[0].subnet)
            if port.gateway is not None:
                parameters[f"gateway{port.portid}"] = address_text(port.gateway)
            if port.addresses6:
                parameters[f"ip6_{port.portid}"] = port.addresses6[0].text
                parameters[f"net6_{port.portid}"] = str(port.addresses6[0].subnet)
            if port.gateway6 is not None:
                parameters[f"gateway6_{port.portid}"] = address_text(port.gateway6, IPV6)
        return {"name": pm.name, "allocation_id": allocation_id, "file": pm.facts["file"], "parameters": parameters}

    def transition(self, running: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> PlannedPm | None:
        """What is right in between, the operator would have to say."""
        return None

    def expectations(self, plan: Plan) -> list[Probe]:
        """Send the packets that are declared."""
        macs = {port.portid: port.mac for port in plan.ports}
        return [
            _probe(packet, macs[packet["from"]], pm.name, name)
            for name, host in plan.hosts.items()
            for pm in host.pms
            if pm.stage is None
            for packet in pm.facts["packets"]
        ]


def _refuse_stages(allocation: Allocation, findings: Findings) -> None:
    """Past stages goes what is neighbour discovery; of somebody else's configuration nobody knows that it sends nothing else as such."""
    refuse_stages_of_ipv6(allocation, findings)
    for stage in (stage for stage in allocation.stages if allocation.has_ipv6 and stage.carries_ipv6):
        text = f"stands before type {allocation.type}, which carries IPv4 alone there, got IPv6 in its allocation and type {stage.type}"
        findings.error(stage.line, stage_label(stage), f"{text}; remove the stage, or IPv6")


def _probe(packet: Mapping[str, Any], mac: str, pm: str, host: str) -> Probe:
    destination, family = parse_address_text("dst", packet["dst"])
    return Probe(
        prefix=Prefix(destination, BITS[family], family),
        source_port=packet["from"],
        source_mac=mac,
        source_address=None if packet["src"] is None else parse_address_text("src", packet["src"])[0],
        destination=destination,
        output_port=packet["to"],
        next_hop=None if packet["to"] is None else destination,
        pm=pm,
        host=host,
        family=family,
    )


def _parse_file(text: str) -> str:
    if not _FILE.fullmatch(text):
        raise FlowstreamError(
            f"file is no name beside the allocation file, got {shown(text)}; write NAME.click or FOLDER/NAME.click"
        )
    return text


def _claim(element: Element, values: Values) -> OwnedClaim | None:
    entry = values.portid(element, "from")
    ends = {name: values.block(element, name) for name in ("src", "dst") if name in element.attributes}
    known = [end for end in ends.values() if end is not None]
    if len({end.family for end in known}) > 1:
        text = f"src and dst are of two families, got {ends['src']} and {ends['dst']}; write a claim for each"
        values.error(element, "", text)
    elif entry is not None and len(known) == len(ends):
        destination = ends.get("dst") or everything(known[0].family if known else IPV4)
        source = ends.get("src") or EVERYTHING
        return OwnedClaim(Claim(destination, source if source.length else EVERYTHING, entry), element.line)
    return None


def _packet(element: Element, values: Values) -> DeclaredPacket | None:
    entry, output = values.portid(element, "from"), values.portid(element, "to")
    destination = values.address(element, "dst", None)
    family = IPV6 if ":" in element.attributes.get("dst", "") else IPV4
    source = values.address(element, "src", None if destination is None else family)
    if entry is None or destination is None:
        return None
    return DeclaredPacket(entry, source, destination, output, family)


def _meet(one: Claim, other: Claim) -> bool:
    """Whether a packet can be of both."""
    return one.entry == other.entry and all(
        mine.contains(theirs) or theirs.contains(mine)
        for mine, theirs in ((one.sources, other.sources), (one.destination, other.destination))
    )
