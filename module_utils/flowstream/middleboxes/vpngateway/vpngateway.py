# SPDX-License-Identifier: Apache-2.0
"""A stage that is one end of an encrypted tunnel between two sites."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import Prefix, address_text, parse_prefix_text
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import (
    UNREAD_NUMBER,
    Allocation,
    Port,
    ProcessingModule,
    Stage,
)
from ansible.module_utils.flowstream.allocation.rules import pm_label, port_label
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.middlebox import Cost, Counters
from ansible.module_utils.flowstream.middleboxes.stage import COUNTERS, TITLES
from ansible.module_utils.flowstream.middleboxes.vpngateway.declaration import (
    DECLARATION,
    FAR,
    LEAST_MTU,
    MOST_MTU,
    NEAR,
    TUNNEL,
    USUAL_MTU,
)
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.traffic.probe import Probe

_KEY = re.compile(r"vault:([A-Za-z][A-Za-z0-9_-]{0,39})", re.ASCII)
_BLOCK = 16
_AROUND = 20 + 8 + 8 + 16
"""Outer header, ESP header, initialization vector, check value (RFC 791, 4303, 4106)."""
_TRAILER = 2


@dataclass(frozen=True, slots=True)
class Tunnel:
    """What the allocation says; None is what could not be read. `key` is the name of a secret, never a key."""

    peer: int | None
    local: int | None
    key: str | None
    mtu: int
    near: tuple[Prefix, ...]
    far: tuple[Prefix, ...]
    line: int

    @property
    def most(self) -> int:
        """The longest packet that fits through, with padding to whole blocks."""
        return (self.mtu - _AROUND) // _BLOCK * _BLOCK - _TRAILER


class VpnGateway:
    """The StageType `vpngateway`."""

    declaration = DECLARATION
    counters = Counters(
        always=(
            *COUNTERS,
            *("encrypt.count", "encrypt.drops", "decrypt.count", "decrypt.drops", "decrypt.replayed"),
            *("refused.count", "unprotected.count"),
        ),
        titles={
            **TITLES,
            "encrypt.count": "encrypted",
            "encrypt.drops": "not encrypted",
            "decrypt.count": "decrypted",
            "decrypt.drops": "not authentic",
            "decrypt.replayed": "replayed",
            "refused.count": "not of the tunnel",
            "unprotected.count": "unprotected",
        },
    )
    cost = Cost(memory_mib={"process": 64, "clickos": 32, "linux_guest": 128})
    # Sequence numbers cannot move without the keys, which nobody reads.
    state = None
    knows = "the sequence numbers of its tunnels, so that both sides need new keys"
    learned: tuple[str, ...] = ()

    def read(self, pm: Element, values: Values) -> Tunnel | None:
        """Read the tunnel."""
        for child in pm.children:
            if child.name == TUNNEL.name:
                return Tunnel(
                    peer=values.host(child, "peer"),
                    local=values.host(child, "local"),
                    key=values.attribute(child, "key", _parse_key),
                    mtu=values.whole(child, "mtu", LEAST_MTU, MOST_MTU) or USUAL_MTU,
                    near=_networks(child, NEAR.name, values),
                    far=_networks(child, FAR.name, values),
                    line=child.line,
                )
        return None

    def check(self, stage: Stage, allocation: Allocation, findings: Findings) -> None:
        """Note tunnels that could not work, and those that are in the way of another."""
        port = next((port for port in allocation.ports if port.portid == stage.port != UNREAD_NUMBER), None)
        for pm in stage.pms:
            tunnel: Tunnel | None = pm.body
            if tunnel is not None:
                broken = [*_ends(tunnel), *_at_port(tunnel, port), *_in_stage(tunnel, pm)]
                for text in [*broken, *_beside_others(tunnel, stage, allocation)]:
                    findings.error(tunnel.line, pm_label(pm), text)

    def plan(self, body: Tunnel, port: PlannedPort) -> Mapping[str, object]:
        """Keep what was read, and which elements are to be told which secret."""
        tunnel = {
            "peer": address_text(body.peer or 0),
            "local": address_text(body.local or 0),
            "near": [str(network) for network in body.near],
            "far": [str(network) for network in body.far],
            "most": body.most,
        }
        return {
            "tunnel": tunnel,
            "associations": {"secret": body.key or "", "send": "encrypt", "receive": "decrypt"},
        }

    def configuration(self, pm: PlannedPm, port: PlannedPort) -> Mapping[str, object]:
        """Lay it out."""
        return {"tunnel": pm.facts["tunnel"]}

    def admits(self, pm: PlannedPm, probe: Probe, *, inward: bool) -> bool:
        """What is from or to the other site passes through the tunnel alone."""
        address = probe.source_address if inward else probe.destination
        far = map(parse_prefix_text, pm.facts["tunnel"]["far"])
        return address is None or not any(network.holds(address) for network in far)


def _parse_key(text: str) -> str:
    found = _KEY.fullmatch(text)
    if found is None:
        # Whoever wrote a key here shall not find it in a log as well.
        raise FlowstreamError(
            f"key is no name of a secret, got {len(text)} characters; write vault:NAME, and the keys into vpn_secrets"
        )
    return found[1]


def _networks(tunnel: Element, name: str, values: Values) -> tuple[Prefix, ...]:
    first: dict[Prefix, Element] = {}
    for child in tunnel.children:
        network = values.network(child) if child.name == name else None
        if network is not None and (earlier := first.setdefault(network, child)) is not child:
            values.error(child, "", f"stands twice, first on line {earlier.line}, got {network}; keep one")
    return tuple(sorted(first))


def _meet(one: Prefix, other: Prefix) -> bool:
    return one.contains(other) or other.contains(one)


def _ends(tunnel: Tunnel) -> Iterator[str]:
    """What is wrong with the tunnel by itself."""
    if tunnel.peer is not None and tunnel.peer == tunnel.local:
        yield f"peer is local, got {address_text(tunnel.peer)}; write the address of the other gateway"
    for network in tunnel.far:
        for near in tunnel.near:
            if _meet(near, network):
                yield f"far {network} overlaps near {near}, got both; keep the sites' networks apart"
        if tunnel.peer is not None and network.holds(tunnel.peer):
            text = f"peer is in far network {network}, got {address_text(tunnel.peer)}"
            yield f"{text}; its own packets would have to come through its tunnel: leave it out of far"


def _at_port(tunnel: Tunnel, port: Port | None) -> Iterator[str]:
    """What does not go with the port that the stage stands at, as far as its addresses are known."""
    if port is None or not port.addresses:
        return
    addresses = [interface.address for interface in port.addresses]
    if tunnel.local is not None and tunnel.local not in addresses:
        offer = " or ".join(map(address_text, addresses))
        yield f"local is no address of {port_label(port)}, got {address_text(tunnel.local)}; write {offer}"
    for network in tunnel.far:
        for interface in port.addresses:
            if _meet(network, interface.subnet):
                yield f"far {network} overlaps {interface.subnet} of {port_label(port)}, got both; write what is behind the peer"


def _in_stage(tunnel: Tunnel, pm: ProcessingModule) -> Iterator[str]:
    """What the module never gets, because other modules of the stage do."""
    if not pm.networks:
        return
    offer = "add a network to the pm"
    if tunnel.peer is not None and not any(network.holds(tunnel.peer) for network in pm.networks):
        yield f"peer is in no network of the pm, got {address_text(tunnel.peer)}; {offer}"
    for far in tunnel.far:
        if not any(network.contains(far) for network in pm.networks):
            yield f"far network is in no network of the pm, got {far}; {offer}"


def _beside_others(tunnel: Tunnel, stage: Stage, allocation: Allocation) -> Iterator[str]:
    """What an earlier tunnel of the allocation has already."""
    others = [(each, pm.body) for each in allocation.stages for pm in each.pms if isinstance(pm.body, Tunnel)]
    for standing, other in others:
        if other.line >= tunnel.line:
            continue
        where = f"of the tunnel on line {other.line}"
        if tunnel.key is not None and tunnel.key == other.key:
            yield f"key is that {where}, got vault:{tunnel.key}; give every tunnel keys of its own"
        ends = tunnel.local, tunnel.peer
        if None not in ends and ends == (other.local, other.peer):
            text = f"local and peer are those {where}, got {address_text(tunnel.peer or 0)}"
            yield f"{text}; put all networks between two gateways into one tunnel"
        for network in tunnel.far if standing.port == stage.port else ():
            for taken in other.far:
                if _meet(network, taken):
                    yield f"far {network} overlaps far {taken} {where}, got both; give every network to one tunnel"
