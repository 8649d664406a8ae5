# SPDX-License-Identifier: Apache-2.0
"""A stage that tells a collector about the flows that pass it, by IPFIX (RFC 7011)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import address_text
from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import UNREAD_NUMBER, Allocation, Stage
from ansible.module_utils.flowstream.allocation.rules import port_label, stage_label
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape
from ansible.module_utils.flowstream.allocation.values import ADDRESS, Values, whole
from ansible.module_utils.flowstream.middleboxes.middlebox import Cost, Counters
from ansible.module_utils.flowstream.middleboxes.stage import COUNTERS, TITLES
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.traffic.probe import Probe

IPFIX_PORT = 4739  # RFC 7011 section 10.3.4
_SECONDS = whole("flowseconds", 3600, "s")

DECLARATION = Declaration(
    type="flowmonitor",
    subtypes={},
    unpassable="what goes past it is not counted",
    text="Tells a collector about the flows that pass, by IPFIX (RFC 7011) over UDP: a record for each flow and direction when it"
    " ends, is silent, or goes on for long. Packets pass unchanged. The reports go through the allocation's own modules, which"
    " need a route to the collector, as if a host behind the port had sent them.",
    single={"collector": "who is told"},
    shapes=(
        Shape(
            "collector",
            "Who is told about the flows, and how.",
            attributes=(
                Attribute("addr", ADDRESS, "where reports go", "the address of the collector"),
                Attribute(
                    "source",
                    ADDRESS,
                    "the address that reports come from: one of the port's networks that nobody else has there",
                    "the address that reports come from",
                ),
                Attribute("udpport", whole("udpport", 65535), f"the collector's UDP port; without it {IPFIX_PORT}"),
                Attribute("inactive", _SECONDS, "when a silent flow is over; without it 15"),
                Attribute(
                    "active",
                    _SECONDS,
                    "how often a flow is told about that goes on, and, to a collector that began later, how records are to be read; without it 60",
                ),
                Attribute(
                    "domain",
                    whole("domain", 2**31 - 1),
                    "the observation domain, by which the collector tells its sources apart; without it 1",
                ),
            ),
            named_by=("addr",),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Collector:
    """Who is told. Addresses are None where they could not be read; times are in seconds."""

    address: int | None
    source: int | None
    port: int
    inactive: int
    active: int
    domain: int
    line: int


class FlowMonitor:
    """The StageType `flowmonitor`."""

    declaration = DECLARATION
    counters = Counters(always=(*COUNTERS, "reports.count"), titles=TITLES)
    cost = Cost(memory_mib={"process": 64, "clickos": 32, "linux_guest": 128}, packet_ns=85)
    # A flow that another module goes on with has one record more, and no packet less.
    state: tuple[str, ...] = ()
    knows = "the counts of flows that it had not reported"
    learned: tuple[str, ...] = ()

    def read(self, pm: Element, values: Values) -> Collector | None:
        """Read the collector."""
        for child in pm.children:
            if child.name == "collector":
                return Collector(
                    address=values.host(child, "addr"),
                    source=values.host(child, "source"),
                    port=values.whole(child, "udpport", 1, 65535) or IPFIX_PORT,
                    inactive=values.whole(child, "inactive", 1, 3600) or 15,
                    active=values.whole(child, "active", 1, 3600) or 60,
                    domain=values.whole(child, "domain", 1, 2**31 - 1) or 1,
                    line=child.line,
                )
        return None

    def check(self, stage: Stage, allocation: Allocation, findings: Findings) -> None:
        """Note times that contradict each other, and a source that the allocation's own modules would not take a packet from."""
        port = next((port for port in allocation.ports if port.portid == stage.port != UNREAD_NUMBER), None)
        for pm in stage.pms:
            collector: Collector | None = pm.body
            if collector is None:
                continue
            if collector.inactive > collector.active:
                text = f"inactive is longer than active, got {collector.inactive} and {collector.active} s"
                advice = (
                    "a flow that goes on would never be silent for so long: write a shorter one, or a longer active"
                )
                findings.error(collector.line, stage_label(stage), f"{text}; {advice}")
            if collector.source is None:
                continue
            source = address_text(collector.source)
            if collector.source == collector.address:
                text = f"source is the collector itself, got {source}; write an address of the port's networks that nobody has"
                findings.error(collector.line, stage_label(stage), text)
                continue
            if port is None:
                continue
            if any(interface.address == collector.source for interface in port.addresses):
                text = f"source is the address of {port_label(port)}, got {source}; write one that nobody has"
                findings.error(collector.line, stage_label(stage), text)
            elif port.addresses and not any(each.subnet.holds(collector.source) for each in port.addresses):
                networks = ", ".join(str(interface.subnet) for interface in port.addresses)
                text = f"source is in no network of {port_label(port)}, got {source}; write an address in {networks}"
                findings.error(collector.line, stage_label(stage), text)
            for subnet in (each.subnet for each in port.addresses):
                if subnet.reserves(collector.source):
                    text = f"source is the network or broadcast address of {subnet}, got {source}; write one between"
                    findings.error(collector.line, stage_label(stage), text)

    def plan(self, body: Collector, port: PlannedPort) -> Mapping[str, object]:
        """Keep what was read."""
        return {
            "collector": address_text(body.address or 0),
            "source": address_text(body.source or 0),
            "port": body.port,
            "inactive": body.inactive,
            "active": body.active,
            "domain": body.domain,
        }

    def configuration(self, pm: PlannedPm, port: PlannedPort) -> Mapping[str, object]:
        """Lay it out."""
        return {"monitor": pm.facts}

    def admits(self, pm: PlannedPm, probe: Probe, *, inward: bool) -> bool:
        """Everything passes."""
        return True
