# SPDX-License-Identifier: Apache-2.0
"""One spelling for OpenFlow match fields and actions, so that two spellings of one meaning compare equal.

The chosen spelling is the one that `ovs-ofctl dump-flows --no-names -O OpenFlow13` prints: see ovs-fields(7) for
the fields and ovs-actions(7) for the actions. Names that OXM and NXM give the same field are one field here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable

from ansible.module_utils.flowstream.errors import FlowstreamError

Match = tuple[tuple[str, str], ...]

MAX_SWITCH_PORT = 65279
"""The highest port number that Open vSwitch gives (0xfeff; OFPP_MAX - 1 of OpenFlow 1.0)."""

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
    "ipv6_src": (0x86DD,),
    "ipv6_dst": (0x86DD,),
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
}
_ARP_NAMES = {"nw_src": "arp_spa", "nw_dst": "arp_tpa", "nw_proto": "arp_op"}

# Order of the fields in text: what a reader looks for first, and each header after the field that announces it.
_ORDER = (
    "in_port", "dl_vlan", "dl_vlan_pcp", "vlan_tci", "dl_src", "dl_dst", "dl_type", "nw_proto",
    "arp_op", "arp_spa", "arp_tpa", "arp_sha", "arp_tha", "nw_src", "nw_dst", "ipv6_src", "ipv6_dst",
    "tp_src", "tp_dst", "icmp_type", "icmp_code",
)  # fmt: skip
_RANK = {name: rank for rank, name in enumerate(_ORDER)}

_MAC = re.compile(r"[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}\Z", re.IGNORECASE)
_ALL_ONES = 0xFFFFFFFFFFFF
# OpenFlow 1.3.5 section A.2.1, as ovs-ofctl writes them.
RESERVED_PORTS = ("IN_PORT", "TABLE", "NORMAL", "FLOOD", "ALL", "CONTROLLER", "LOCAL", "ANY")


def number(text: str, what: str, limit: int) -> int:
    """The decimal or 0x number in `text`, refused outside 0..limit."""
    try:
        value = int(text, 0)
    except ValueError:
        raise FlowstreamError(f"{what}: '{text}' is not a number") from None
    if not 0 <= value <= limit:
        raise FlowstreamError(f"{what}: {text} is outside 0..{limit}")
    return value


def _mac(text: str, what: str) -> int:
    if not _MAC.match(text):
        raise FlowstreamError(f"{what}: '{text}' is not an Ethernet address; write six hexadecimal bytes with colons")
    return int("".join(part.zfill(2) for part in text.split(":")), 16)


def _mac_text(value: int) -> str:
    return ":".join(f"{value >> shift & 0xFF:02x}" for shift in range(40, -1, -8))


def _mac_value(name: str, text: str) -> str | None:
    address, _, mask_text = text.partition("/")
    mask = _mac(mask_text, name) if mask_text else _ALL_ONES
    if mask == 0:
        return None
    value = _mac_text(_mac(address, name) & mask)
    return value if mask == _ALL_ONES else f"{value}/{_mac_text(mask)}"


def _address_value(name: str, text: str) -> str | None:
    """An IPv4 or IPv6 address with a prefix length or a mask of any shape; None when the mask matches everything."""
    address_text, _, mask_text = text.partition("/")
    kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address]
    kind = ipaddress.IPv6Address if name.startswith(("ipv6", "nd_target", "tun_ipv6")) else ipaddress.IPv4Address
    try:
        address = kind(address_text)
        bits = address.max_prefixlen
        ones = (1 << bits) - 1
        if not mask_text:
            mask = ones
        elif mask_text.isdigit():
            mask = ones ^ (ones >> number(mask_text, f"{name}: prefix length", bits))
        else:
            mask = int(kind(mask_text))
    except ValueError:
        raise FlowstreamError(f"{name}: '{text}' is not an IP address, prefix or masked address") from None
    if mask == 0:
        return None
    value = str(kind(int(address) & mask))
    if mask == ones:
        return value
    length = mask.bit_count()
    if mask == ones ^ (ones >> length):
        return f"{value}/{length}"
    return f"{value}/{kind(mask)}"


def port(text: str, what: str) -> str:
    """An OpenFlow port as a dump prints it: decimal, or the upper-case name of a reserved port."""
    if text.upper() in RESERVED_PORTS:
        return text.upper()
    try:
        value = int(text, 0)
    except ValueError:
        raise FlowstreamError(f"{what}: '{text}' is not an OpenFlow port number; port names are not resolved") from None
    # 0xfffffff8.. are OpenFlow 1.3's reserved ports; ovs-ofctl knows them by the 16-bit numbers 0xfff8.. .
    low = value & 0xFFFF if value >= 0xFFFFFF00 else value
    if low == 0xFFFE:
        return "LOCAL"
    if not 0 < low < 0xFF00:
        raise FlowstreamError(f"{what}: {text} is outside 1..65279")
    return str(low)


def _port_value(name: str, text: str) -> str | None:
    return port(text, name)


def _integer(width: int, hexadecimal: bool) -> Callable[[str, str], str | None]:
    ones = (1 << width) - 1

    def normalise(name: str, text: str) -> str | None:
        value_text, _, mask_text = text.partition("/")
        mask = number(mask_text, f"{name}: mask", ones) if mask_text else ones
        if mask == 0:
            return None
        value = number(value_text, name, ones) & mask
        if mask == ones:
            return f"{value:#x}" if hexadecimal else str(value)
        return f"{value:#x}/{mask:#x}"

    return normalise


def _dl_type_value(name: str, text: str) -> str | None:
    return f"{number(text, name, 0xFFFF):#06x}"


def _vlan_tci_value(name: str, text: str) -> str | None:
    value_text, _, mask_text = text.partition("/")
    value = number(value_text, name, 0xFFFF)
    # `vlan_tci=0` means "no tag"; OpenFlow 1.3 says so without looking at the priority bits.
    mask = number(mask_text, f"{name}: mask", 0xFFFF) if mask_text else (0xFFFF if value else 0x1FFF)
    return f"{value & mask:#06x}/{mask:#06x}" if mask != 0xFFFF else f"{value:#06x}"


def _as_it_is(name: str, text: str) -> str | None:
    try:
        return str(int(text, 0))
    except ValueError:
        return text


_DECIMAL8, _DECIMAL16 = _integer(8, hexadecimal=False), _integer(16, hexadecimal=False)
_HEX32, _HEX64 = _integer(32, hexadecimal=True), _integer(64, hexadecimal=True)
_VALUES: dict[str, Callable[[str, str], str | None]] = {
    "in_port": _port_value,
    "dl_type": _dl_type_value,
    "vlan_tci": _vlan_tci_value,
    "dl_vlan": _DECIMAL16,
    "tp_src": _DECIMAL16,
    "tp_dst": _DECIMAL16,
    "arp_op": _DECIMAL16,
    **dict.fromkeys(("dl_src", "dl_dst", "arp_sha", "arp_tha", "nd_sll", "nd_tll"), _mac_value),
    **dict.fromkeys(("nw_src", "nw_dst", "arp_spa", "arp_tpa", "tun_src", "tun_dst"), _address_value),
    **dict.fromkeys(("ipv6_src", "ipv6_dst", "nd_target", "tun_ipv6_src", "tun_ipv6_dst"), _address_value),
    **dict.fromkeys(("dl_vlan_pcp", "nw_proto", "nw_tos", "nw_ecn", "nw_ttl", "icmp_type", "icmp_code"), _DECIMAL8),
    "conj_id": _integer(32, hexadecimal=False),
    **dict.fromkeys(("pkt_mark", "ct_mark", *(f"reg{n}" for n in range(16))), _HEX32),
    **dict.fromkeys(("metadata", "tun_id"), _HEX64),
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
        normal = _VALUES.get(name, _as_it_is)(name, value)
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
    if any(name == "dl_type" and _as_it_is(name, text) in ("2054", "32821") for name, text in plain):
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


def split_actions(text: str) -> list[str]:
    """The actions of a list, split at the commas outside brackets."""
    actions: list[str] = []
    depth = 0
    start = 0
    for index, char in enumerate(text):
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "," and depth == 0:
            actions.append(text[start:index].strip())
            start = index + 1
    if depth != 0:
        raise FlowstreamError(f"actions '{text}': brackets do not match")
    actions.append(text[start:].strip())
    return [action for action in actions if action]


# What OpenFlow 1.0 calls a modification is a set_field of OpenFlow 1.3; a switch stores the latter.
_MODIFICATIONS = {"mod_dl_src": "eth_src", "mod_dl_dst": "eth_dst", "mod_nw_src": "ip_src", "mod_nw_dst": "ip_dst"}
_PORT_MODIFICATIONS = {"mod_tp_src": "src", "mod_tp_dst": "dst"}
_TRANSPORTS = {"6": "tcp", "17": "udp", "132": "sctp"}
_NUMBERED = {
    "group": 0xFFFFFF00,
    "goto_table": 254,
    "meter": 0xFFFF0000,
    "set_queue": 0xFFFFFFFE,
}
_FIELD_NAMES = {
    "dl_src": "eth_src",
    "dl_dst": "eth_dst",
    "nw_src": "ip_src",
    "nw_dst": "ip_dst",
}
_SET_VALUES: dict[str, Callable[[str, str], str | None]] = {
    **dict.fromkeys(("eth_src", "eth_dst", "arp_sha", "arp_tha"), _mac_value),
    **dict.fromkeys(("ip_src", "ip_dst", "arp_spa", "arp_tpa"), _address_value),
    **dict.fromkeys(("vlan_vid", "tcp_src", "tcp_dst", "udp_src", "udp_dst", "arp_op"), _DECIMAL16),
    **dict.fromkeys((f"reg{n}" for n in range(16)), _HEX32),
    **dict.fromkeys(("metadata", "tun_id"), _HEX64),
}


def _set_field(argument: str) -> str:
    value, arrow, name = argument.partition("->")
    if not arrow:
        raise FlowstreamError(f"action 'set_field:{argument}' does not say '->' and the field")
    name = _FIELD_NAMES.get(name, name)
    normal = _SET_VALUES.get(name, _as_it_is)(f"set_field {name}", value)
    return f"set_field:{value if normal is None else normal}->{name}"


def _controller(argument: str) -> str:
    simple = re.fullmatch(r"\(max_len=(\d+)\)", argument)
    length = simple.group(1) if simple else argument.removeprefix(":")
    if length == "" or length.isdigit():
        return f"CONTROLLER:{number(length or '65535', 'action CONTROLLER', 0xFFFF)}"
    return f"controller{argument}"


def _output(argument: str) -> str:
    if re.search(r"[\[(]", argument):
        return f"output:{argument}"
    destination = port(argument, "action output")
    if destination == "CONTROLLER":
        return _controller("")
    return destination if destination in RESERVED_PORTS else f"output:{destination}"


def _action(text: str, proto: str | None) -> list[str]:
    if text.isdigit() or text.upper() in RESERVED_PORTS:
        return [_output(text)]
    head = re.match(r"[A-Za-z_0-9]+", text)
    if head is None:
        raise FlowstreamError(f"action '{text}' does not begin with a name")
    name, rest = head.group().lower(), text[head.end() :]
    argument = rest[1:] if rest[:1] in (":", "=") else rest
    if name == "output":
        return [_output(argument)]
    if name == "controller":
        return [_controller(rest)]
    if name == "enqueue":
        destination, _, queue = argument.replace(",", ":").partition(":")
        return [f"set_queue:{number(queue, 'action enqueue', 0xFFFFFFFE)}", _output(destination), "pop_queue"]
    if name == "strip_vlan":
        return ["pop_vlan"]
    if name == "mod_vlan_vid":
        return ["push_vlan:0x8100", f"set_field:{number(argument, name, 0xFFF) | 0x1000}->vlan_vid"]
    if name == "set_field":
        return [_set_field(argument)]
    if name in _MODIFICATIONS:
        return [_set_field(f"{argument}->{_MODIFICATIONS[name]}")]
    if name in _PORT_MODIFICATIONS:
        transport = _TRANSPORTS.get(proto or "")
        if transport is None:
            raise FlowstreamError(f"action '{text}' needs tcp, udp or sctp in the match")
        return [_set_field(f"{argument}->{transport}_{_PORT_MODIFICATIONS[name]}")]
    if name in _NUMBERED:
        return [f"{name}:{number(argument, f'action {name}', _NUMBERED[name])}"]
    return [name + rest]


def normalise_actions(actions: Iterable[str], match: Match = ()) -> tuple[str, ...]:
    """The actions in one spelling, order kept; none at all is `drop`."""
    proto = dict(match).get("nw_proto")
    normal = [spelled for text in actions for spelled in _action(text.strip(), proto)]
    if "drop" in normal and len(normal) > 1:
        raise FlowstreamError(f"actions '{','.join(normal)}': drop stands beside another action")
    return tuple(normal) or ("drop",)
