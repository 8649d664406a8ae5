# SPDX-License-Identifier: Apache-2.0
"""What one OpenFlow action does to one packet: ovs-actions(7), OpenFlow 1.3.5 section 5.12."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.packet import (
    ARP,
    IPV4,
    IPV6,
    LOCAL,
    PIPELINE,
    SECOND_TAG,
    TAGGED,
    WIDTHS,
    Packet,
    masked,
)


class Output(NamedTuple):
    """A copy of the packet leaves by a port; None is the port that it came by, which no number reaches."""

    port: int | None


class ToGroup(NamedTuple):
    """The packet goes to a group and comes back as it was."""

    group_id: int


class ToTable(NamedTuple):
    """The packet is looked up in a table (None: this one) as if it had come by `port` (None: as it did), and comes back changed.

    Only that one lookup sees the port, not what it leads to.
    With `forward` the table is a later one, and nothing comes after it.
    """

    table: int | None
    port: int | None = None
    forward: bool = False


class Stop(NamedTuple):
    """Nothing of what follows in the list happens to the packet."""


class Deal(NamedTuple):
    """A field gets a number below `choices`, which a hash of the packet decides: the same for a flow in both directions."""

    field: str
    choices: int
    mask: int


Step = Packet | Output | ToGroup | ToTable | Deal | Stop


class _Target(NamedTuple):
    """Bits of a field that `set_field` writes, and the headers without which it does nothing."""

    field: str
    shift: int = 0
    width: int | None = None
    types: tuple[int, ...] = ()
    protocols: tuple[int, ...] = ()


_IP = (IPV4, IPV6)
_TARGETS: dict[str, _Target] = {
    "eth_src": _Target("dl_src"),
    "eth_dst": _Target("dl_dst"),
    "vlan_vid": _Target("vlan_tci", 0, 13),
    "vlan_pcp": _Target("vlan_tci", 13, 3),
    "ip_src": _Target("nw_src", types=(IPV4,)),
    "ip_dst": _Target("nw_dst", types=(IPV4,)),
    "ipv6_src": _Target("ipv6_src", types=(IPV6,)),
    "ipv6_dst": _Target("ipv6_dst", types=(IPV6,)),
    "ip_dscp": _Target("nw_tos", 2, 6, types=_IP),
    "nw_ecn": _Target("nw_tos", 0, 2, types=_IP),
    "nw_ttl": _Target("nw_ttl", types=_IP),
    "icmp_type": _Target("icmp_type", types=(IPV4,), protocols=(1,)),
    "icmp_code": _Target("icmp_code", types=(IPV4,), protocols=(1,)),
    "icmpv6_type": _Target("icmp_type", types=(IPV6,), protocols=(58,)),
    "icmpv6_code": _Target("icmp_code", types=(IPV6,), protocols=(58,)),
    **{
        f"{name}_{end}": _Target(f"tp_{end}", types=_IP, protocols=(protocol,))
        for name, protocol in (("tcp", 6), ("udp", 17), ("sctp", 132))
        for end in ("src", "dst")
    },
    **{name: _Target(name, types=(ARP,)) for name in ("arp_op", "arp_spa", "arp_tpa", "arp_sha", "arp_tha")},
    **{name: _Target(name) for name in PIPELINE},
    "in_port": _Target("in_port"),
}
SYMMETRIC = ("symmetric_l3", "symmetric_l3l4", "symmetric_l3l4+udp")
"""The hashes that do not change when source and destination change places. `symmetric_l4` is none of them between two
ports of a router: it takes in the Ethernet addresses, and each direction has its own."""
_MULTIPATH = re.compile(
    r"multipath\((?P<fields>[a-z0-9_+]+),\d+,(?:modulo_n|hash_threshold|hrw|iter_hash),(?P<links>\d+),\d+,"
    r"NXM_NX_REG(?P<register>\d+)\[(?:0\.\.(?P<last>\d+))?\]\)"
)
_RESUBMIT = re.compile(r":(\d+)|\((\d*)(?:,(\d*))?\)")


def apply(action: str, packet: Packet) -> Step:
    """Return the changed packet, or where it goes.

    The action is spelled as `actions` does. Raises FlowstreamError for one whose effect on a packet is not known here.
    """
    return _effect(action)(packet)


@lru_cache(maxsize=1 << 12)
def _effect(action: str) -> Callable[[Packet], Step]:
    name, _, argument = action.partition(":")
    if action in _PLAIN:
        return _PLAIN[action]
    if name == "set_field":
        return _set_field(argument)
    if name == "push_vlan" and argument in ("0x8100", "0x88a8"):
        return _push_vlan
    step: Step | None = None
    if name == "output" and argument.isdecimal():
        step = Output(int(argument))
    elif name == "group":
        step = ToGroup(int(argument))
    elif name == "goto_table":
        step = ToTable(int(argument), forward=True)
    elif name == "write_metadata":
        value, mask = masked("metadata", argument)
        return lambda packet: packet.set("metadata", value, mask)
    elif name.startswith(("learn(", "fin_timeout(")):
        return lambda packet: packet
    elif name.startswith("multipath("):
        step = _deal(action)
    elif found := _RESUBMIT.fullmatch(action.removeprefix("resubmit")):
        port, table = found[1] or found[2], found[3]
        step = ToTable(int(table) if table else None, int(port) if port else None)
    if step is None or not action:
        raise FlowstreamError(f"{action} is not understood")
    always: Step = step
    return lambda packet: always


def _deal(action: str) -> Deal:
    found = _MULTIPATH.fullmatch(action)
    if found is None:
        raise FlowstreamError(f"{action} is not understood")
    if found["fields"] not in SYMMETRIC:
        raise FlowstreamError(f"{action} parts the two directions of a flow; hash {', '.join(SYMMETRIC)}")
    return Deal(f"reg{found['register']}", int(found["links"]), (2 << int(found["last"] or 31)) - 1)


def _set_field(argument: str) -> Callable[[Packet], Step]:
    text, _, name = argument.partition("->")
    target = _TARGETS.get(name)
    if target is None:
        raise FlowstreamError(f"set_field:{argument} is not understood")
    field, shift, width, types, protocols = target
    value, mask = masked(field, text)
    ones = (1 << (width or WIDTHS[field])) - 1
    if value > ones:
        raise FlowstreamError(f"set_field:{argument} has more than {width} bits")
    value, mask = value << shift, (mask & ones) << shift

    def write(packet: Packet) -> Packet:
        there = packet.has(types, protocols) if types else field != "vlan_tci" or packet.get(field) & TAGGED
        return packet.set(field, value, mask) if there else packet

    return write


def _push_vlan(packet: Packet) -> Packet:
    if packet.get(SECOND_TAG):
        raise FlowstreamError("push_vlan would make three tags, which is not understood")
    below = packet.set(SECOND_TAG, packet.get("vlan_tci"), 0xFFFF)
    tagged = below.set("vlan_tci", TAGGED, 0xFFFF)
    return Packet(tagged.values, {**tagged.written, SECOND_TAG: packet.written.get("vlan_tci", 0)})


def _pop_vlan(packet: Packet) -> Packet:
    if not packet.get("vlan_tci") & TAGGED:
        return packet
    popped = packet.set("vlan_tci", packet.get(SECOND_TAG), 0xFFFF).set(SECOND_TAG, 0, 0xFFFF)
    # A packet comes with one tag at most, so what is below one that nobody pushed is known.
    return Packet(popped.values, {**popped.written, "vlan_tci": packet.written.get(SECOND_TAG, 0xFFFF)})


def _dec_ttl(packet: Packet) -> Step:
    if not packet.has(_IP):
        return packet
    ttl = packet.get("nw_ttl")
    return packet.set("nw_ttl", ttl - 1, 0xFF) if ttl > 1 else Stop()


_PLAIN: dict[str, Callable[[Packet], Step]] = {
    "drop": lambda packet: packet,
    "pop_vlan": _pop_vlan,
    "dec_ttl": _dec_ttl,
    "IN_PORT": lambda packet: Output(None),
    "LOCAL": lambda packet: Output(LOCAL),
}
