# SPDX-License-Identifier: Apache-2.0
"""A packet as a switch sees it: the values of its fields as numbers, and what a flow entry asks of them.

Fields have the names that `fields` spells, but that two which share bits are one here: the VLAN identifier and priority
are `vlan_tci`, DSCP and ECN are `nw_tos`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.fields import Match

IPV4, ARP, IPV6 = 0x0800, 0x0806, 0x86DD
LOCAL = 0xFFFE
"""OFPP_LOCAL in 16 bits (OpenFlow 1.0 section 5.2.1)."""
TAGGED = 0x1000
"""The bit of `vlan_tci` that says that there is a tag: CFI in IEEE 802.1Q, OFPVID_PRESENT in OpenFlow 1.3.5."""

_ADDRESS4 = ("nw_src", "nw_dst", "arp_spa", "arp_tpa")
_ADDRESS6 = ("ipv6_src", "ipv6_dst", "nd_target")
_MACS = ("dl_src", "dl_dst", "arp_sha", "arp_tha", "nd_sll", "nd_tll")
PIPELINE = frozenset(("metadata", "tun_id", "pkt_mark", *(f"reg{n}" for n in range(16))))
"""What a switch notes about a packet while it looks: zero when the packet comes, gone when it leaves."""
SECOND_TAG = "vlan_tci2"
"""The tag below the first: nothing matches it, but taking the first off brings it up."""

WIDTHS: Mapping[str, int] = {
    **dict.fromkeys(_MACS, 48),
    **dict.fromkeys(_ADDRESS4, 32),
    **dict.fromkeys(_ADDRESS6, 128),
    **dict.fromkeys(("in_port", "pkt_mark", *(f"reg{n}" for n in range(16))), 32),
    **dict.fromkeys(("metadata", "tun_id"), 64),
    **dict.fromkeys(("dl_type", "vlan_tci", SECOND_TAG, "tp_src", "tp_dst", "arp_op"), 16),
    **dict.fromkeys(("nw_proto", "nw_tos", "nw_ttl", "icmp_type", "icmp_code"), 8),
    "tcp_flags": 12,
    "nw_frag": 2,
}
"""Bits of each field."""

# ovs-fields(7): bit 0 says that it is a fragment, bit 1 that it is not the first.
_FRAGMENTS = {"no": (0, 3), "yes": (1, 1), "first": (1, 3), "later": (3, 3), "not_later": (0, 2)}


_TCP_FLAGS = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32}


class Constraint(NamedTuple):
    """That the bits `mask` of a field are those of `value`."""

    field: str
    value: int
    mask: int


class Packet(NamedTuple):
    """The fields that are not zero, and `written`: the bits of each that the way has set, whatever they were before."""

    values: Mapping[str, int]
    written: Mapping[str, int] = {}

    def get(self, field: str) -> int:
        """Return the value of a field."""
        return self.values.get(field, 0)

    def set(self, field: str, value: int, mask: int) -> Packet:
        """Return the packet with some bits of a field replaced."""
        values = {**self.values, field: self.get(field) & ~mask | value & mask}
        return Packet(values, {**self.written, field: self.written.get(field, 0) | mask})

    def entering(self, port: int) -> Packet:
        """Return the packet as a switch gets it by a port."""
        if PIPELINE.isdisjoint(self.values):
            return Packet({**self.values, "in_port": port}, self.written)
        kept = {field: value for field, value in self.values.items() if field not in PIPELINE}
        return Packet({**kept, "in_port": port}, self.written)

    def has(self, types: tuple[int, ...], protocols: tuple[int, ...] = ()) -> bool:
        """Whether the headers are there: one of the Ethernet types, and of the IP protocols if any are named."""
        return self.get("dl_type") in types and (not protocols or self.get("nw_proto") in protocols)


def constraints(match: Match) -> tuple[Constraint, ...] | None:
    """What a match asks, one constraint a field, sorted; None when no packet can have it all."""
    if len(match) == 1:
        return (constraint(*match[0]),)
    found: dict[str, Constraint] = {}
    for name, text in match:
        one = constraint(name, text)
        other = found.setdefault(one.field, one)
        if (one.value ^ other.value) & one.mask & other.mask:
            return None
        if one is not other:
            found[one.field] = Constraint(one.field, one.value | other.value, one.mask | other.mask)
    return tuple(sorted(found.values()))


@lru_cache(maxsize=1 << 16)
def constraint(name: str, text: str) -> Constraint:
    """What one field of a match asks, in the spelling of `fields`."""
    if name == "in_port":
        return Constraint(name, _port(text), 0xFFFFFFFF)
    if name == "nw_frag" and text in _FRAGMENTS:
        return Constraint(name, *_FRAGMENTS[text])
    if name == "tcp_flags" and text[:1] in ("+", "-"):
        return _flags(text)
    if name == "dl_vlan" and text.isdecimal():
        # 65535 is OpenFlow 1.0's "no tag".
        return (
            Constraint("vlan_tci", 0, 0xFFFF) if text == "65535" else Constraint("vlan_tci", TAGGED | int(text), 0x1FFF)
        )
    if name == "dl_vlan_pcp" and text.isdecimal():
        return Constraint("vlan_tci", TAGGED | int(text) << 13, 0xF000)
    if name == "nw_tos" and text.isdecimal():
        return Constraint(name, int(text) & 0xFC, 0xFC)
    if name == "nw_ecn" and text.isdecimal():
        return Constraint("nw_tos", int(text), 0x03)
    if name not in WIDTHS:
        raise FlowstreamError(f"{name}={text} is not understood")
    return Constraint(name, *masked(name, text))


def _flags(text: str) -> Constraint:
    """`+fin-ack`: which flags of TCP are set and which are not."""
    value = mask = 0
    for sign, name in re.findall(r"([+-])(\w+)", text):
        if name not in _TCP_FLAGS:
            raise FlowstreamError(f"tcp_flags={text} is not understood")
        mask |= _TCP_FLAGS[name]
        value |= _TCP_FLAGS[name] if sign == "+" else 0
    return Constraint("tcp_flags", value, mask)


def masked(field: str, text: str) -> tuple[int, int]:
    """The value and the mask that a text gives a field."""
    value_text, _, mask_text = text.partition("/")
    ones = (1 << WIDTHS[field]) - 1
    try:
        value = _value(field, value_text)
        if not mask_text:
            mask = ones
        elif mask_text.isdecimal() and field in (*_ADDRESS4, *_ADDRESS6):
            mask = ones ^ (ones >> int(mask_text))
        else:
            mask = _value(field, mask_text)
    except ValueError:
        raise FlowstreamError(f"{field}={text} is not understood") from None
    if not 0 <= value <= ones or not 0 <= mask <= ones:
        raise FlowstreamError(f"{field}={text} has more than {WIDTHS[field]} bits")
    return value & mask, mask


def _value(field: str, text: str) -> int:
    if field in _MACS and ":" in text:
        return int("".join(part.zfill(2) for part in text.split(":")), 16)
    if field in _ADDRESS4 and "." in text:
        return int(IPv4Address(text))
    if field in _ADDRESS6 and ":" in text:
        return int(IPv6Address(text))
    return int(text, 0)


def _port(text: str) -> int:
    if text == "LOCAL":
        return LOCAL
    if not text.isdecimal():
        raise FlowstreamError(f"in_port={text} is not understood")
    return int(text)
