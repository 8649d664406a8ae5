# SPDX-License-Identifier: Apache-2.0
"""A type of processing that is there to be added: it counts what passes between a network and a port, in both directions.

A module has a side for each. It claims by source what comes from the network, and by destination what goes to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import EVERYTHING, Prefix, parse_mac
from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.rules import pm_label
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape, Value
from ansible.module_utils.flowstream.allocation.values import ADDRESS, MASK, PORTID, Values
from ansible.module_utils.flowstream.middleboxes.middlebox import Body, Cost, Counters
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.traffic.probe import Probe

NEIGHBOUR = Value("neighbour", "an Ethernet address", facets=(("pattern", "([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}"),))
SIDE = (
    Attribute("port", PORTID, "where it is", "the portid of this side"),
    Attribute("neighbour", NEIGHBOUR, "who takes the packets", "the Ethernet address of the neighbour"),
)


@dataclass(frozen=True, slots=True)
class Gate:
    inside: int | None
    inside_neighbour: str
    outside: int | None
    outside_neighbour: str
    network: Prefix


class GateType:
    declaration = Declaration(
        type="gate",
        subtypes={"pair": "each processing module serves a network"},
        text="Counts what passes.",
        single={"inside": "the network's side", "outside": "the other side"},
        repeated={},
        shapes=(
            Shape(
                "inside",
                "The side of a network.",
                attributes=(
                    *SIDE,
                    Attribute("addr", ADDRESS, "the first address", "the first address of the network"),
                    Attribute("mask", MASK, "how many", "a length or a dotted mask"),
                ),
                named_by=("addr", "mask"),
            ),
            Shape("outside", "The other side.", attributes=SIDE, named_by=("port",)),
        ),
    )
    arms = ("eth0",)
    counters = Counters(always=("outward.count", "inward.count", "strange.count"), drops=("strange.count",))
    cost = Cost(memory_mib={"process": 16, "clickos": 8, "linux_guest": 96})
    state: tuple[str, ...] = ()
    learned: tuple[str, ...] = ()

    def read(self, pm: Element, values: Values) -> Gate | None:
        sides = {child.name: child for child in pm.children}
        if not {"inside", "outside"} <= sides.keys():
            return None
        inside, outside = sides["inside"], sides["outside"]
        return Gate(
            values.portid(inside, "port"),
            values.attribute(inside, "neighbour", parse_mac) or "",
            values.portid(outside, "port"),
            values.attribute(outside, "neighbour", parse_mac) or "",
            values.prefix(inside) or EVERYTHING,
        )

    def check(self, allocation: Allocation, findings: Findings) -> None:
        for pm in allocation.pms:
            if pm.body and pm.body.inside is not None and pm.body.inside == pm.body.outside:
                text = f"has both sides at one port, got {pm.body.inside}; give each its own"
                findings.error(pm.line, pm_label(pm), text)

    def plan(self, body: Gate, ports: Sequence[PlannedPort]) -> Body:
        claims = (Claim(EVERYTHING, body.network, body.inside), Claim(body.network, EVERYTHING, body.outside))
        macs = {port.portid: port.mac for port in ports}
        sides = {"inside": (body.inside, body.inside_neighbour), "outside": (body.outside, body.outside_neighbour)}
        return Body(
            claims,
            facts={
                name: {"port": portid, "mac": macs[portid or 0], "neighbour": neighbour}
                for name, (portid, neighbour) in sides.items()
            },
        )

    def configuration(self, allocation_id: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> Mapping[str, object]:
        return {"name": pm.name, "interface": pm.vifs[0].interface, **pm.facts}

    def transition(self, running: str, pm: PlannedPm, ports: Sequence[PlannedPort]) -> PlannedPm | None:
        return None

    def expectations(self, plan: Plan) -> list[Probe]:
        found = []
        for name, host in plan.hosts.items():
            for pm in host.pms:
                inside, outside = pm.facts["inside"], pm.facts["outside"]
                (network,) = (claim.source for claim in pm.claims if claim.source != EVERYTHING)
                found.append(
                    Probe(
                        prefix=network,
                        source_port=inside["port"],
                        source_mac=inside["mac"],
                        source_address=network.network + 1,
                        destination=0xC6336401,
                        output_port=outside["port"],
                        next_hop=None,
                        pm=pm.name,
                        host=name,
                    )
                )
        return found


GATE = GateType()
