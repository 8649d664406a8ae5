# SPDX-License-Identifier: Apache-2.0
"""One spelling for OpenFlow actions, so that two spellings of one meaning compare equal: see ovs-actions(7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.fields import Match
from ansible.module_utils.flowstream.flows.learn import Learn
from ansible.module_utils.flowstream.flows.values import (
    DECIMAL16,
    HEX32,
    HEX64,
    RESERVED_PORTS,
    address_value,
    as_it_is,
    mac_value,
    number,
    port,
)


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
    "ip_ecn": "nw_ecn",
    "ip_ttl": "nw_ttl",
    "tunnel_id": "tun_id",
}
_SET_VALUES: dict[str, Callable[[str, str], str | None]] = {
    **dict.fromkeys(("eth_src", "eth_dst", "arp_sha", "arp_tha"), mac_value),
    **dict.fromkeys(("ip_src", "ip_dst", "arp_spa", "arp_tpa"), address_value),
    **dict.fromkeys(("vlan_vid", "tcp_src", "tcp_dst", "udp_src", "udp_dst", "arp_op"), DECIMAL16),
    **dict.fromkeys((f"reg{n}" for n in range(16)), HEX32),
    **dict.fromkeys(("metadata", "tun_id"), HEX64),
}


_WHOLE_REGISTER = re.compile(r"(0x[0-9a-f]+|\d+)->NXM_NX_REG(\d+)\[\]")
"""What learned entries load: a dump has it as OpenFlow 1.0 had it, since `learn` is spelled so."""


def _set_field(argument: str) -> str:
    value, arrow, name = argument.partition("->")
    if not arrow:
        raise FlowstreamError(f"action 'set_field:{argument}' does not say '->' and the field")
    name = _FIELD_NAMES.get(name, name)
    normal = _SET_VALUES.get(name, as_it_is)(f"set_field {name}", value)
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
    if name == "learn":
        return [str(Learn.parse(text))]
    if name == "load" and (found := _WHOLE_REGISTER.fullmatch(argument)):
        return [_set_field(f"{found[1]}->reg{found[2]}")]
    if name == "write_metadata":
        return [f"{name}:{HEX64(name, argument) or '0x0/0x0'}"]
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
