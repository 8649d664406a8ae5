# SPDX-License-Identifier: Apache-2.0
"""One spelling for OpenFlow match fields, so that two spellings of one meaning compare equal.

The chosen spelling is the one that `ovs-ofctl dump-flows --no-names -O OpenFlow13` prints: see ovs-fields(7).
Names that OXM and NXM give the same field are one field here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.values import (
    DECIMAL8,
    DECIMAL16,
    HEX32,
    HEX64,
    address_value,
    as_it_is,
    integer,
    mac_value,
    number,
    port,
)

Match = tuple[tuple[str, str], ...]

# ovs-fields(7), "Shorthands": keyword -> (Ethernet type, IP protocol or None).
PROTOCOLS: dict[str, tuple[int, int | None]] = {
    "ip": (0x0800, None),
    "icmp": (0x0800, 1),
    "tcp": (0x0800, 6),
    "udp": (0x0800, 17),
    "sctp": (0x0800, 132),
    "ipv6": (0x86DD, None),
    "icmp6": (0x86DD, 58),
    "tcp6": (0x86DD, 6),
    "udp6": (0x86DD, 17),
    "sctp6": (0x86DD, 132),
    "arp": (0x0806, None),
    "rarp": (0x8035, None),
    "mpls": (0x8847, None),
    "mplsm": (0x8848, None),
}
_SHORTHANDS = {value: name for name, value in PROTOCOLS.items()}

# Other names of one field -> the name that a dump prints.
_SYNONYMS = {
    "eth_src": "dl_src",
    "eth_dst": "dl_dst",
    "eth_type": "dl_type",
    "ip_src": "nw_src",
    "ip_dst": "nw_dst",
    "ip_proto": "nw_proto",
    "ip_frag": "nw_frag",
    "ip_ecn": "nw_ecn",
    "ip_ttl": "nw_ttl",
    "vlan_pcp": "dl_vlan_pcp",
    "tcp_src": "tp_src",
    "udp_src": "tp_src",
    "sctp_src": "tp_src",
    "tcp_dst": "tp_dst",
    "udp_dst": "tp_dst",
    "sctp_dst": "tp_dst",
    "icmpv6_type": "icmp_type",
    "icmpv6_code": "icmp_code",
    "icmpv4_type": "icmp_type",
    "icmpv4_code": "icmp_code",
    "tunnel_id": "tun_id",
}

# Fields of a header that a flow can only match when its Ethernet type says that the header is there. Open vSwitch
# silently drops such a field without its Ethernet type, and the flow then matches everything.
_NEEDS_TYPE: dict[str, tuple[int, ...]] = {
    "nw_src": (0x0800,),
    "nw_dst": (0x0800,),
    "nw_proto": (0x0800, 0x86DD),
    "nw_tos": (0x0800, 0x86DD),
    "nw_ecn": (0x0800, 0x86DD),
    "nw_ttl": (0x0800, 0x86DD),
    "nw_frag": (0x0800, 0x86DD),
    "tp_src": (0x0800, 0x86DD),
    "tp_dst": (0x0800, 0x86DD),
    "icmp_type": (0x0800, 0x86DD),
    "icmp_code": (0x0800, 0x86DD),
    "tcp_flags": (0x0800, 0x86DD),
    "ipv6_src": (0x86DD,),
    "ipv6_dst": (0x86DD,),
    "nd_target": (0x86DD,),
    "arp_spa": (0x0806, 0x8035),
    "arp_tpa": (0x0806, 0x8035),
    "arp_sha": (0x0806, 0x8035),
    "arp_tha": (0x0806, 0x8035),
    "arp_op": (0x0806, 0x8035),
}
_NEEDS_PROTO: dict[str, tuple[int, ...]] = {
    "tp_src": (6, 17, 132),
    "tp_dst": (6, 17, 132),
    "icmp_type": (1, 58),
    "icmp_code": (1, 58),
    "nd_target": (58,),
    "tcp_flags": (6,),
}
_ARP_NAMES = {"nw_src": "arp_spa", "nw_dst": "arp_tpa", "nw_proto": "arp_op"}

# Order of the fields in text: what a reader looks for first, and each header after the field that announces it.
_ORDER = (
    "in_port", "dl_vlan", "dl_vlan_pcp", "vlan_tci", "dl_src", "dl_dst", "dl_type", "nw_proto",
    "arp_op", "arp_spa", "arp_tpa", "arp_sha", "arp_tha", "nw_src", "nw_dst", "ipv6_src", "ipv6_dst",
    "tp_src", "tp_dst", "tcp_flags", "icmp_type", "icmp_code", "nd_target",
)  # fmt: skip
_RANK = {name: rank for rank, name in enumerate(_ORDER)}


def _port_value(name: str, text: str) -> str | None:
    return port(text, name)


def _dl_type_value(name: str, text: str) -> str | None:
    return f"{number(text, name, 0xFFFF):#06x}"


def _vlan_tci_value(name: str, text: str) -> str | None:
    value_text, _, mask_text = text.partition("/")
    value = number(value_text, name, 0xFFFF)
    # `vlan_tci=0` means "no tag"; OpenFlow 1.3 says so without looking at the priority bits.
    mask = number(mask_text, f"{name}: mask", 0xFFFF) if mask_text else (0xFFFF if value else 0x1FFF)
    return f"{value & mask:#06x}/{mask:#06x}" if mask != 0xFFFF else f"{value:#06x}"


_VALUES: dict[str, Callable[[str, str], str | None]] = {
    "in_port": _port_value,
    "dl_type": _dl_type_value,
    "vlan_tci": _vlan_tci_value,
    "dl_vlan": DECIMAL16,
    "tp_src": DECIMAL16,
    "tp_dst": DECIMAL16,
    "arp_op": DECIMAL16,
    **dict.fromkeys(("dl_src", "dl_dst", "arp_sha", "arp_tha", "nd_sll", "nd_tll"), mac_value),
    **dict.fromkeys(("nw_src", "nw_dst", "arp_spa", "arp_tpa", "tun_src", "tun_dst"), address_value),
    **dict.fromkeys(("ipv6_src", "ipv6_dst", "nd_target", "tun_ipv6_src", "tun_ipv6_dst"), address_value),
    **dict.fromkeys(("dl_vlan_pcp", "nw_proto", "nw_tos", "nw_ecn", "nw_ttl", "icmp_type", "icmp_code"), DECIMAL8),
    "conj_id": integer(32, hexadecimal=False),
    **dict.fromkeys(("pkt_mark", "ct_mark", *(f"reg{n}" for n in range(16))), HEX32),
    **dict.fromkeys(("metadata", "tun_id"), HEX64),
}


def normalise_match(fields: Iterable[tuple[str, str]]) -> Match:
    """The fields of a match under one name and one spelling each, in one order.

    A field that matches every packet (`nw_dst=0.0.0.0/0`) is left out. Raises FlowstreamError on a value out of
    range, a field given twice with different values, or a field whose header the match does not announce.
    """
    found: dict[str, str] = {}

    def put(name: str, value: str) -> None:
        if found.setdefault(name, value) != value:
            raise FlowstreamError(f"match gives {name} twice: {found[name]} and {value}")

    for raw_name, text in _announce(fields):
        name, value = _VLAN_OR_TOS[raw_name](text) if raw_name in _VLAN_OR_TOS else (raw_name, text)
        normal = _VALUES.get(name, as_it_is)(name, value)
        if normal is not None:
            put(name, normal)
    _require_headers(found)
    return tuple(sorted(found.items(), key=lambda item: (_RANK.get(item[0], len(_ORDER)), item[0])))


def _announce(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Expand protocol shorthands and give each field its one name, which for ARP depends on the Ethernet type."""
    plain: list[tuple[str, str]] = []
    for name, text in fields:
        if name in PROTOCOLS and text == "":
            ether_type, proto = PROTOCOLS[name]
            plain.append(("dl_type", str(ether_type)))
            if proto is not None:
                plain.append(("nw_proto", str(proto)))
        elif text == "":
            raise FlowstreamError(f"match field {name} has no value")
        else:
            plain.append((_SYNONYMS.get(name, name), text))
    if any(name == "dl_type" and as_it_is(name, text) in ("2054", "32821") for name, text in plain):
        plain = [(_ARP_NAMES.get(name, name), text) for name, text in plain]
    return plain


def _vlan_vid(text: str) -> tuple[str, str]:
    """OXM's vlan_vid carries the "tag present" bit 0x1000 (OpenFlow 1.3.5 section 7.2.3.7)."""
    value_text, _, mask = text.partition("/")
    value = number(value_text, "vlan_vid", 0x1FFF)
    if mask:
        return "vlan_tci", f"{value:#x}/{mask}"
    return ("dl_vlan", str(value & 0xFFF)) if value & 0x1000 else ("vlan_tci", "0")


_VLAN_OR_TOS: dict[str, Callable[[str], tuple[str, str]]] = {
    "vlan_vid": _vlan_vid,
    "ip_dscp": lambda text: ("nw_tos", str(number(text, "ip_dscp", 63) << 2)),
}


def _require_headers(found: dict[str, str]) -> None:
    ether_type = int(found["dl_type"], 0) if "dl_type" in found else None
    proto = int(found["nw_proto"]) if found.get("nw_proto", "").isdigit() else None
    for name in found:
        if name in _NEEDS_TYPE and ether_type not in _NEEDS_TYPE[name]:
            wanted = " or ".join(_SHORTHANDS[value, None] for value in _NEEDS_TYPE[name])
            raise FlowstreamError(f"match field {name} needs {wanted} beside it, or the switch ignores it")
        if name in _NEEDS_PROTO and proto not in _NEEDS_PROTO[name]:
            wanted = " or ".join(_SHORTHANDS[0x0800 if value != 58 else 0x86DD, value] for value in _NEEDS_PROTO[name])
            raise FlowstreamError(f"match field {name} needs {wanted} beside it, or the switch ignores it")


def match_text(match: Match) -> str:
    """The match as ovs-ofctl reads it and people write it, protocols as shorthands; empty for "every packet"."""
    found = dict(match)
    words = []
    shorthand = None
    if "dl_type" in found:
        ether_type = int(found["dl_type"], 0)
        proto = int(found["nw_proto"]) if "nw_proto" in found else None
        shorthand = _SHORTHANDS.get((ether_type, proto))
        if shorthand is None and (ether_type, None) in _SHORTHANDS:
            shorthand = f"{_SHORTHANDS[ether_type, None]},nw_proto={proto}"
    for name, value in match:
        if shorthand is not None and name == "dl_type":
            words.append(shorthand)
        elif shorthand is None or name != "nw_proto":
            words.append(f"{name}={value}")
    return ",".join(words)
