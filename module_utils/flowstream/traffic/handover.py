# SPDX-License-Identifier: Apache-2.0
"""What a deployment did to traffic that ran through the router meanwhile: losses by route, touched or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.tables import text_table
from ansible.module_utils.flowstream.traffic.probe import Probe
from ansible.module_utils.flowstream.traffic.verification import TrafficEndpoint


def touched_modules(plan: Plan, results: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the processing modules whose traffic a deployment may have met, by what its tasks say that they did.

    `results` are those of `click_process` (whose `touched` are modules) and of `openflow_flows` (whose `destinations`
    are those of the flows that it changed). What a run before did that was killed is thus left out, and what this one
    repaired is in.
    """
    names: set[str] = set()
    destinations: list[IPv4Network | IPv6Network] = []
    for result in results:
        names.update(result.get("touched", ()))
        destinations += [ip_network(text) for text in result.get("destinations", ())]
    for host in plan.hosts.values():
        for pm in host.pms:
            prefixes = [ip_network(str(claim.destination)) for claim in pm.claims]
            if any(prefix.overlaps(other) for prefix in prefixes for other in destinations):
                names.add(pm.name)
    modules = [pm for host in plan.hosts.values() for pm in host.pms]
    # Whose packets pass a stage, or are of a flow that was dealt to a module, nobody can say by their destinations.
    if any(pm.name in names and (pm.stage or any(claim.dealt for claim in pm.claims)) for pm in modules):
        names.update(pm.name for pm in modules)
    return frozenset(names)


@dataclass(frozen=True)
class Passage:
    """What became of a route's packets while a deployment ran.

    `unserved` are those before the first that came through at all: of a route that is touched, since it was not there
    yet. `lost` are those of the others that did not come out anywhere.
    """

    probe: Probe
    touched: bool
    sent: int
    unserved: int
    lost: int

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong, in words."""
        if self.sent == 0:
            return ("nothing was sent",)
        if self.unserved == self.sent:
            return ("nothing came out",)
        return () if self.touched or not self.lost else (f"{self.lost} lost of a flow that was not touched",)

    def to_dict(self) -> dict[str, Any]:
        """As plain data, for a report."""
        return {
            **self.probe.to_dict(),
            "touched": self.touched,
            "sent": self.sent,
            "unserved": self.unserved,
            "lost": self.lost,
            "faults": list(self.faults),
        }


def passages(
    probes: Sequence[Probe],
    endpoints: Sequence[TrafficEndpoint],
    results: Mapping[str, Mapping[str, Any]],
    touched: frozenset[str],
) -> list[Passage]:
    """Judge what `traffic_probe` returned at each endpoint (`results`, by name) for all probes that have a route.

    A packet that came out by another port than the new plan's is not lost: the route that it took was the old one.
    """
    at_port = {endpoint.portid: endpoint.name for endpoint in endpoints}
    judged = []
    for number, probe in enumerate(probes):
        if probe.output_port is None:
            continue
        stream = str(number)
        sent = int(results[at_port[probe.source_port]]["sent"].get(stream, 0))
        arrivals = [result["received"][stream] for result in results.values() if stream in result["received"]]
        received = sum(arrival["packets"] for arrival in arrivals)
        first = min((arrival["first"] for arrival in arrivals), default=sent)
        is_touched = probe.pm in touched
        unserved = first if is_touched else 0
        judged.append(Passage(probe, is_touched, sent, unserved, sent - unserved - received))
    return judged


def passage_table(judged: Sequence[Passage]) -> str:
    """Return the table that an operator reads: one line for each route."""
    rows: list[tuple[str, ...]] = [("destination", "module", "touched", "sent", "before its route", "lost", "verdict")]
    for one in judged:
        rows.append(
            (
                str(one.probe.prefix),
                one.probe.pm or "-",
                "yes" if one.touched else "no",
                str(one.sent),
                str(one.unserved),
                str(one.lost),
                "; ".join(one.faults) or "ok",
            )
        )
    return text_table(rows, right=(3, 4, 5))
