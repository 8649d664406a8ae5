# SPDX-License-Identifier: Apache-2.0
"""Proof that entries of ours take nobody else's packets: each insists on an address of ours, or on the mark of the allocation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.marks import OWNER, owner_metadata
from ansible.module_utils.flowstream.flows.packet import masked
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPort


def foreign_claims(plan: Plan) -> Iterator[str]:
    """Yield a sentence for each entry that would take packets of others, or that is not marked as ours."""
    everything = _Guards.of(plan.ports)
    by_switchport = {(plan.switch_of(port), str(port.switchport)): _Guards.of([port]) for port in plan.ports}
    for name, bridge in plan.bridges().items():
        vifs = {str(vif.ofport) for pm in getattr(bridge, "pms", ()) for vif in pm.vifs}
        for flow in bridge.flows:
            match = dict(flow.match)
            in_port = match.get("in_port", "")
            if flow.table > 0 and _is_marked(match, plan.cookie):
                guarded = True
            elif (name, in_port) in by_switchport:
                guarded = by_switchport[name, in_port].admit_inward(match)
            else:
                guarded = everything.admit_inward(match) or match.get("dl_src") in everything.macs or in_port in vifs
            spares_port = _only_marks(flow, everything.macs) or (flow.actions == ("drop",) and "vlan_tci" in match)
            if not guarded or (flow.table == 0 and not in_port and not spares_port):
                yield f"on {name}, the entry '{flow}' takes packets that are not of the allocation"
            if flow.cookie != plan.cookie:
                yield f"on {name}, the entry '{flow}' does not carry the allocation's cookie"


def _only_marks(flow: Flow, macs: Set[str]) -> bool:
    """Whether an entry marks what comes with a MAC of ours, from wherever, for entries of later tables that ask from where."""
    *writes, last = flow.actions
    marks = all(action.startswith("write_metadata:") for action in writes) and last.startswith("goto_table:")
    return marks and dict(flow.match).get("dl_src") in macs


def _is_marked(match: Mapping[str, str], cookie: int) -> bool:
    """Whether the metadata asked for is an allocation's own, which only its entries of the first table give a packet."""
    value, mask = masked("metadata", match.get("metadata", "0/0"))
    return mask & OWNER == OWNER and value & OWNER == owner_metadata(cookie) != 0


@dataclass(frozen=True)
class _Guards:
    """What tells a packet of ours from a stranger's: the MACs of platform ports, and the addresses that neighbours ask for."""

    macs: frozenset[str]
    addresses: frozenset[str]

    @classmethod
    def of(cls, ports: Iterable[PlannedPort]) -> _Guards:
        ports = list(ports)
        return cls(
            frozenset(port.mac for port in ports),
            frozenset(interface.text for port in ports for interface in port.all_addresses),
        )

    def admit_inward(self, match: Mapping[str, str]) -> bool:
        asked = match.get("arp_tpa", match.get("nd_target"))
        return match.get("dl_dst") in self.macs or asked in self.addresses
