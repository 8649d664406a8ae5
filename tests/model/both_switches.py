# SPDX-License-Identifier: Apache-2.0
"""One packet through both switches: that of the proof and that of the model, with the same choices of groups."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address
from random import Random
from typing import Any

from ansible.module_utils.flowstream.flows import packet as flows_packet
from ansible.module_utils.flowstream.flows.pipeline import Bridge, Chance, ways

from .openflow_switch import PRESENT, Packet, Switch, number
from .random_tables import Tables

Sent = list[tuple[int, dict[str, int]]]
"""Port and the fields that are not zero of each copy that leaves, in order."""


class Dice(Chance):
    """Choices that somebody else makes, and ports of which it is known which are down."""

    def __init__(self, choose: Callable[[int], int], down: Collection[int]) -> None:
        super().__init__()
        self.choose, self.down = choose, down

    def pick(self, count: int) -> int:
        return self.choose(count)

    def is_up(self, bridge: str, port: int) -> bool:
        return port not in self.down

    def is_lost(self, bridge: str, port: int) -> bool:
        return False


def by_proof(tables: Tables, fields: Mapping[str, str], seed: int, down: Collection[int]) -> Sent:
    return followed(tables, fields, Dice(Random(seed).randrange, down))


def every_way_by_proof(tables: Tables, fields: Mapping[str, str], down: Collection[int]) -> Iterator[Sent]:
    yield from (sent for sent, _ in ways(lambda chance: followed(tables, fields, Dice(chance.pick, down))))


def followed(tables: Tables, fields: Mapping[str, str], dice: Dice) -> Sent:
    values: dict[str, int] = {}
    for name, text in fields.items():
        one = flows_packet.constraint(name, text)
        values[one.field] = values.get(one.field, 0) | one.value
    port = values.pop("in_port")
    sent = Bridge("br0", tables.flows, tables.groups).receive(flows_packet.Packet(values), port, dice)
    return [
        (out, {name: value for name, value in copy.values.items() if value and name not in HIDDEN})
        for out, copy in sent
    ]


HIDDEN = {*flows_packet.PIPELINE, "in_port"}


def by_model(tables: Tables, fields: Mapping[str, str], seed: int, down: Collection[int]) -> Sent:
    dice = Random(seed)
    switch = Switch(map(str, tables.flows), map(str, tables.groups), dice.randrange, down)
    sent = switch.process(model_packet(fields), int(fields["in_port"]))
    return [(port, values_of(copy)) for port, copy in sent]


def model_packet(fields: Mapping[str, str]) -> Packet:
    ports = fields.get("tp_src", fields.get("icmp_type")), fields.get("tp_dst", fields.get("icmp_code"))
    address: Any = IPv6Address if "ipv6_src" in fields else IPv4Address
    source, target = (fields.get(f"nw_{end}", fields.get(f"ipv6_{end}")) for end in ("src", "dst"))
    return Packet(
        fields["dl_src"],
        fields["dl_dst"],
        int(fields["dl_type"], 16),
        ip_src=address(source) if source else None,
        ip_dst=address(target) if target else None,
        arp_op=int(fields["arp_op"]) if "arp_op" in fields else None,
        arp_spa=IPv4Address(fields["arp_spa"]) if "arp_spa" in fields else None,
        arp_tpa=IPv4Address(fields["arp_tpa"]) if "arp_tpa" in fields else None,
        arp_sha=fields.get("arp_sha"),
        arp_tha=fields.get("arp_tha"),
        ip_proto=int(fields["nw_proto"]) if "nw_proto" in fields else None,
        tos=int(fields.get("nw_tos", "0")) | int(fields.get("nw_ecn", "0")),
        ttl=int(fields.get("nw_ttl", "0")),
        tcp_flags=int(fields.get("tcp_flags", "0")),
        port_src=int(ports[0]) if ports[0] else None,
        port_dst=int(ports[1]) if ports[1] else None,
        tags=(int(fields["vlan_tci"], 16) & ~PRESENT,) if "vlan_tci" in fields else (),
    )


def values_of(packet: Packet) -> dict[str, int]:
    version = "ipv6" if packet.ether_type == 0x86DD else "nw"
    l4 = ("icmp_type", "icmp_code") if packet.ip_proto == 1 else ("tp_src", "tp_dst")
    tags = [tag | PRESENT for tag in packet.tags]
    values = {
        "dl_src": number(packet.src),
        "dl_dst": number(packet.dst),
        "dl_type": packet.ether_type,
        **dict(zip(("vlan_tci", "vlan_tci2"), tags, strict=False)),
        f"{version}_src": int(packet.ip_src or 0),
        f"{version}_dst": int(packet.ip_dst or 0),
        "nw_proto": packet.ip_proto or 0,
        "nw_tos": packet.tos,
        "nw_ttl": packet.ttl,
        l4[0]: packet.port_src or 0,
        l4[1]: packet.port_dst or 0,
        "arp_op": packet.arp_op or 0,
        "arp_spa": int(packet.arp_spa or 0),
        "arp_tpa": int(packet.arp_tpa or 0),
        "arp_sha": number(packet.arp_sha) if packet.arp_sha else 0,
        "arp_tha": number(packet.arp_tha) if packet.arp_tha else 0,
    }
    return {name: value for name, value in values.items() if value}
