# SPDX-License-Identifier: Apache-2.0
"""From a plan's probes to what each endpoint has to send, and from what arrived to a verdict and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.expectations import Probe
from ansible.module_utils.flowstream.tables import text_table

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
        own = probe.to_dict()["source_address"]
        sending[endpoint.name].append(
            {
                "id": number,
                "source": own if own in endpoint.addresses else endpoint.addresses[0],
                "destination": probe.to_dict()["destination"],
                "destination_mac": probe.source_mac,
                "count": packets,
                "ttl": INITIAL_TTL,
            }
        )
    return sending


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


def outcomes(
    probes: Sequence[Probe],
    endpoints: Sequence[TrafficEndpoint],
    port_macs: Mapping[int, str],
    results: Mapping[str, Mapping[str, Any]],
    dropped: int | None,
) -> list[Outcome]:
    """Judge what `traffic_probe` returned at each endpoint (`results`, by name).

    `port_macs` has the platform ports' Ethernet addresses. `dropped` is by how much the modules' `no_route` counters
    grew, or None when nobody looked.
    """
    at_port = _by_port(probes, endpoints)
    judged = []
    for number, probe in enumerate(probes):
        sent = int(results[at_port[probe.source_port].name]["sent"].get(str(number), 0))
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
        elif probe.pm is not None and dropped is not None and dropped != sent:
            faults.append(f"{dropped} counted by no_route")
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


def outcome_table(judged: Sequence[Outcome]) -> str:
    """Return the table that an operator reads: one line for each destination prefix."""
    rows: list[tuple[str, ...]] = [("destination", "module host", "in port", "out port", "sent", "received", "lost", "verdict")]
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
