# SPDX-License-Identifier: Apache-2.0
"""From a plan's probes to what each endpoint has to send, and from what arrived to a verdict and a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.flowstream.addresses import parse_address_text
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.plan import PlannedPort
from ansible.module_utils.flowstream.tables import text_table
from ansible.module_utils.flowstream.traffic.probe import Probe

INITIAL_TTL = 64
"""Time to live of a probe as it is sent (RFC 1700's recommended default); a router takes one off."""


@dataclass(frozen=True)
class TrafficEndpoint:
    """Something outside that can send and receive: its inventory name, the platform port it is at, its addresses."""

    name: str
    portid: int
    addresses: tuple[str, ...]

    @classmethod
    def from_dict(cls, name: str, plain: Mapping[str, Any]) -> TrafficEndpoint:
        """Read the inventory's variables of an endpoint."""
        return cls(name, int(plain["portid"]), tuple(str(address) for address in plain["addresses"]))


def streams(
    probes: Sequence[Probe], endpoints: Sequence[TrafficEndpoint], packets: int
) -> dict[str, list[dict[str, Any]]]:
    """Return by endpoint what `traffic_probe` has to send there: `packets` of each probe, numbered as in `probes`."""
    at_port = _by_port(probes, endpoints)
    sending: dict[str, list[dict[str, Any]]] = {endpoint.name: [] for endpoint in endpoints}
    for number, probe in enumerate(probes):
        endpoint = at_port[probe.source_port]
        sending[endpoint.name].append(
            {
                "id": number,
                "source": _source(probe, endpoint),
                "destination": probe.to_dict()["destination"],
                "destination_mac": probe.source_mac,
                "count": packets,
                "ttl": INITIAL_TTL,
                **({} if probe.vlan is None else {"vlan": probe.vlan}),
            }
        )
    return sending


def _source(probe: Probe, endpoint: TrafficEndpoint) -> str:
    """The address of the endpoint to send from: the one that the probe names, if it has that, or its first of the family."""
    own = [text for text in endpoint.addresses if parse_address_text("address", text)[1] == probe.family]
    if not own:
        raise FlowstreamError(
            f"endpoint {endpoint.name}: has no IPv{probe.family} address to send from, got"
            f" {' '.join(endpoint.addresses)}; add one to its endpoint_addresses"
        )
    named: str | None = probe.to_dict()["source_address"]
    return named if named in own else own[0]


def _by_port(probes: Sequence[Probe], endpoints: Sequence[TrafficEndpoint]) -> dict[int, TrafficEndpoint]:
    at_port = {endpoint.portid: endpoint for endpoint in endpoints}
    needed = {probe.source_port for probe in probes} | {
        probe.output_port for probe in probes if probe.output_port is not None
    }
    if missing := sorted(needed - set(at_port)):
        raise FlowstreamError(
            *(
                f"platform port {port}: no endpoint is there; give a host of group endpoints its portid"
                for port in missing
            )
        )
    return at_port


@dataclass(frozen=True)
class Outcome:
    """What became of one probe's packets: `faults` says in words what is wrong, and is empty when nothing is."""

    probe: Probe
    sent: int
    received: int
    faults: tuple[str, ...]

    @property
    def lost(self) -> int:
        """Packets that should have arrived and did not; of a probe that must be dropped, none."""
        return 0 if self.probe.output_port is None else self.sent - self.received

    def to_dict(self) -> dict[str, Any]:
        """As plain data, for a report."""
        return {
            **self.probe.to_dict(),
            "sent": self.sent,
            "received": self.received,
            "lost": self.lost,
            "faults": list(self.faults),
        }


@dataclass(frozen=True)
class Drops:
    """By how much the counters of dropped packets grew, as far as somebody looked.

    `modules` are those of all modules together by their handlers, `switch` those of the switch's flows that drop.
    """

    modules: Mapping[str, int] = field(default_factory=dict)
    switch: int | None = None

    def faults(self, probe: Probe, sent: int) -> list[str]:
        """What is wrong with the count of packets that must be dropped as those of `probe`: `sent` of this and other probes."""
        by_module = (probe.counter.removesuffix(".count"), self.modules.get(probe.counter))
        where, counted = ("the switch", self.switch) if probe.pm is None else by_module
        return [] if counted in (None, sent) else [f"{counted} counted by {where}"]


def _counted_with(probe: Probe) -> str:
    """By what a packet that must be dropped is counted."""
    return probe.counter if probe.pm is not None else "the switch"


def outcomes(
    probes: Sequence[Probe],
    endpoints: Sequence[TrafficEndpoint],
    port_macs: Mapping[int, str],
    results: Mapping[str, Mapping[str, Any]],
    drops: Drops,
) -> list[Outcome]:
    """Judge what `traffic_probe` returned at each endpoint (`results`, by name).

    `port_macs` has the platform ports' Ethernet addresses.
    """
    at_port = _by_port(probes, endpoints)
    sent_of = [
        int(results[at_port[probe.source_port].name]["sent"].get(str(number), 0)) for number, probe in enumerate(probes)
    ]
    to_drop: Counter[str] = Counter()
    for probe, sent in zip(probes, sent_of, strict=True):
        if probe.output_port is None:
            to_drop[_counted_with(probe)] += sent
    judged = []
    for number, (probe, sent) in enumerate(zip(probes, sent_of, strict=True)):
        arrivals = {
            name: result["received"][str(number)]
            for name, result in results.items()
            if str(number) in result["received"]
        }
        received = 0
        faults: list[str] = []
        if probe.output_port is not None:
            here = arrivals.pop(at_port[probe.output_port].name, None)
            received = int(here["packets"]) if here else 0
            faults += _arrival_faults(here, sent, port_macs[probe.output_port])
        else:
            faults += drops.faults(probe, to_drop[_counted_with(probe)])
        faults += [f"{count['packets']} came out at {name}" for name, count in sorted(arrivals.items())]
        if sent == 0:
            faults.append("nothing was sent")
        judged.append(Outcome(probe, sent, received, tuple(faults)))
    return judged


def _arrival_faults(here: Mapping[str, Any] | None, sent: int, mac: str) -> list[str]:
    if here is None:
        return [f"{sent} lost"]
    faults = []
    if here["packets"] != sent:
        faults.append(f"{sent - here['packets']} lost")
    if here["duplicates"]:
        faults.append(f"{here['duplicates']} came twice")
    if wrong := {ttl: count for ttl, count in here["ttls"].items() if int(ttl) != INITIAL_TTL - 1}:
        faults.append("TTL " + ", ".join(f"{ttl} on {count}" for ttl, count in sorted(wrong.items())))
    if here["bad_checksums"]:
        faults.append(f"{here['bad_checksums']} with a wrong checksum")
    faults += [f"{count} from {source}" for source, count in sorted(here["source_macs"].items()) if source != mac]
    return faults


def neighbour_questions(ports: Sequence[PlannedPort], endpoints: Sequence[TrafficEndpoint]) -> dict[str, list[str]]:
    """Return by endpoint the addresses that the router has at its port: there it must answer ARP and solicitations for them."""
    addresses = {port.portid: [interface.text for interface in port.all_addresses] for port in ports}
    return {endpoint.name: addresses.get(endpoint.portid, []) for endpoint in endpoints}


@dataclass(frozen=True)
class NeighbourOutcome:
    """What an endpoint heard when it asked for an address: `answer` is the MAC that was told, None for silence."""

    endpoint: str
    portid: int
    address: str
    expected: str
    answer: str | None

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong, in words."""
        if self.answer == self.expected:
            return ()
        return ("nobody answered",) if self.answer is None else (f"{self.answer} answered, not {self.expected}",)

    def to_dict(self) -> dict[str, Any]:
        """As plain data, for a report."""
        return {
            "endpoint": self.endpoint,
            "port": self.portid,
            "address": self.address,
            "expected": self.expected,
            "answer": self.answer,
            "faults": list(self.faults),
        }


def neighbour_outcomes(
    ports: Sequence[PlannedPort], endpoints: Sequence[TrafficEndpoint], results: Mapping[str, Mapping[str, Any]]
) -> list[NeighbourOutcome]:
    """Judge the answers of neighbours that `traffic_probe` returned at each endpoint (`results`, by name)."""
    macs = {port.portid: port.mac for port in ports}
    questions = neighbour_questions(ports, endpoints)
    return [
        NeighbourOutcome(
            endpoint.name,
            endpoint.portid,
            address,
            macs[endpoint.portid],
            results[endpoint.name]["neighbours"].get(address),
        )
        for endpoint in endpoints
        for address in questions[endpoint.name]
    ]


def neighbour_table(judged: Sequence[NeighbourOutcome]) -> str:
    """Return one line for each address that an endpoint asked for."""
    rows = [
        (one.address, str(one.portid), one.endpoint, one.answer or "-", "; ".join(one.faults) or "ok") for one in judged
    ]
    return text_table([("address", "port", "asked by", "answer", "verdict"), *rows], right=(1,))


def outcome_table(judged: Sequence[Outcome]) -> str:
    """Return the table that an operator reads: one line for each destination prefix."""
    rows: list[tuple[str, ...]] = [
        ("destination", "module host", "in port", "out port", "sent", "received", "lost", "verdict")
    ]
    for one in judged:
        probe = one.probe
        dropped = "dropped" if probe.output_port is None else str(probe.output_port)
        rows.append(
            (
                f"{probe.to_dict()['destination']} (no route)" if probe.prefix is None else str(probe.prefix),
                probe.host or "-",
                str(probe.source_port),
                dropped,
                str(one.sent),
                str(one.received),
                str(one.lost),
                "; ".join(one.faults) or "ok",
            )
        )
    total = [sum(values) for values in zip(*((o.sent, o.received, o.lost) for o in judged), strict=True)] or [0, 0, 0]
    rows.append(("all", "", "", "", *(str(value) for value in total), ""))
    return text_table(rows, right=(4, 5, 6))
