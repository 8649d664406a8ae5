# SPDX-License-Identifier: Apache-2.0
"""A switch as slow and as plain as OpenFlow 1.3.5 section 5 describes it: try each entry, take the first that matches.

It shares no code with flowstream/flows and flowstream/planner/proof.py, whose answers it is there to doubt. Flows and
groups come as their text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

IP, ARP, IPV6 = 0x0800, 0x0806, 0x86DD
KEYWORDS = {
    "ip": (IP, None), "icmp": (IP, 1), "tcp": (IP, 6), "udp": (IP, 17), "sctp": (IP, 132),
    "ipv6": (IPV6, None), "icmp6": (IPV6, 58), "tcp6": (IPV6, 6), "udp6": (IPV6, 17), "sctp6": (IPV6, 132),
    "arp": (ARP, None),
}  # fmt: skip
PRESENT = 0x1000
FLAGS = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32}
FIRST_TABLE, MOST_TABLES = 0, 64


@dataclass(frozen=True)
class Packet:
    src: str
    dst: str
    ether_type: int
    ip_dst: IPv4Address | IPv6Address | None = None
    arp_op: int | None = None
    arp_tpa: IPv4Address | None = None
    ip_src: IPv4Address | IPv6Address | None = None
    arp_spa: IPv4Address | None = None
    arp_sha: str | None = None
    arp_tha: str | None = None
    ip_proto: int | None = None
    tos: int = 0
    ttl: int = 64
    port_src: int | None = None
    port_dst: int | None = None
    tcp_flags: int = 0
    nd_target: IPv6Address | None = None
    tags: tuple[int, ...] = ()
    """The tag control information of each 802.1Q header, the outermost first."""


@dataclass(frozen=True)
class State:
    """A packet inside a switch."""

    packet: Packet
    in_port: int
    notes: tuple[tuple[str, int], ...] = ()

    def note(self, name: str) -> int:
        return dict(self.notes).get(name, 0)

    def with_note(self, name: str, value: int) -> State:
        return replace(self, notes=tuple(sorted({**dict(self.notes), name: value}.items())))

    def with_packet(self, **changed: Any) -> State:
        return replace(self, packet=replace(self.packet, **changed))


def mac(text: str) -> int:
    return int(text.replace(":", ""), 16)


def number(text: str) -> int:
    """A number in any spelling that stands in a match."""
    if re.fullmatch(r"(0x[0-9a-f]+|\d+)", text):
        return int(text, 0)
    if text.count(":") == 5 and "::" not in text:
        return mac(text)
    return int(ip_address(text))


def agrees(value: int, text: str, bits: int) -> bool:
    """Whether a value is what `VALUE`, `VALUE/MASK` or `ADDRESS/LENGTH` asks for."""
    wanted, _, mask = text.partition("/")
    if not mask:
        ones = (1 << bits) - 1
    elif mask.isdigit() and ("." in wanted or ":" in wanted):
        ones = (1 << bits) - (1 << bits - int(mask))
    else:
        ones = number(mask)
    return (value ^ number(wanted)) & ones == 0


@dataclass(frozen=True)
class Entry:
    table: int
    priority: int
    words: tuple[str, ...]
    actions: tuple[str, ...]
    cookie: int = 0

    @classmethod
    def parse(cls, line: str) -> Entry:
        head, _, actions = line.partition(" actions=")
        table, priority, words, cookie = 0, 0, [], 0
        for word in head.split(","):
            name, _, value = word.partition("=")
            if name == "priority":
                priority = int(value)
            elif name == "table":
                table = int(value)
            elif name == "cookie":
                cookie = int(value, 0)
            else:
                words.append(word)
        return cls(table, priority, tuple(words), separate(actions), cookie)

    def matches(self, state: State) -> bool:
        return all(matches(word, state) for word in self.words)


def separate(actions: str) -> tuple[str, ...]:
    return tuple(re.findall(r"(?:[^,(]|\([^)]*\))+", actions))


NXM = {
    "ETH_SRC": ("dl_src", "src"), "ETH_DST": ("dl_dst", "dst"), "IP_SRC": ("nw_src", "ip_src"), "IP_DST": ("nw_dst", "ip_dst"),
    **{f"{kind}_{end}": (f"tp_{end.lower()}", f"port_{end.lower()}") for kind in ("TCP", "UDP") for end in ("SRC", "DST")},
}  # fmt: skip


def learned(action: str, packet: Packet) -> tuple[Entry, int]:
    """The entry that `learn` makes of a packet, and how many of its owner its table may hold; 0 is any number."""
    settings, words, loads = {"table": 1, "priority": 0x8000, "cookie": 0, "limit": 0}, [], []
    for word in action.removeprefix("learn(").removesuffix(")").split(","):
        name, _, value = word.partition("=")
        if name in settings:
            settings[name] = int(value, 0)
        elif found := re.fullmatch(r"NXM_OF_(\w+)\[\](?:=NXM_OF_(\w+)\[\])?", word):
            words.append(f"{NXM[found[1]][0]}={getattr(packet, NXM[found[2] or found[1]][1])}")
        elif name in ("eth_type", "nw_proto"):
            words.append({"eth_type": "ip", "nw_proto": f"nw_proto={value}"}[name])
            assert name != "eth_type" or int(value, 0) == IP
        elif found := re.fullmatch(r"load:(\w+)->NXM_NX_REG(\d+)\[\]", word):
            loads.append(f"set_field:{found[1]}->reg{found[2]}")
        else:
            assert word == "delete_learned" or name.endswith("_timeout"), f"the model does not know {word}"
    entry = Entry(settings["table"], settings["priority"], tuple(words), tuple(loads), settings["cookie"])
    return entry, settings["limit"]


def matches(word: str, state: State) -> bool:
    name, _, value = word.partition("=")
    packet = state.packet
    tci = packet.tags[0] | PRESENT if packet.tags else 0
    match name:
        case "in_port":
            return state.in_port == int(value)
        case "dl_src" | "dl_dst":
            return agrees(mac(packet.src if name == "dl_src" else packet.dst), value, 48)
        case "dl_type":
            return packet.ether_type == int(value, 16)
        case _ if name in KEYWORDS:
            ether_type, protocol = KEYWORDS[name]
            return packet.ether_type == ether_type and protocol in (None, packet.ip_proto)
        case "dl_vlan":
            return tci == 0 if value == "65535" else bool(packet.tags) and tci & 0xFFF == int(value)
        case "dl_vlan_pcp":
            return bool(packet.tags) and tci >> 13 == int(value)
        case "vlan_tci":
            return agrees(tci, value, 16)
        case "nw_src" | "nw_dst" | "ipv6_src" | "ipv6_dst":
            address = packet.ip_src if name.endswith("src") else packet.ip_dst
            return address is not None and agrees(int(address), value, address.max_prefixlen)
        case "nw_proto":
            return packet.ip_proto == int(value)
        case "nw_tos":
            return packet.tos & 0xFC == int(value) & 0xFC
        case "nw_ecn":
            return packet.tos & 3 == int(value)
        case "nw_ttl":
            return packet.ttl == int(value)
        case "tp_src" | "tp_dst" | "icmp_type" | "icmp_code":
            port = packet.port_src if name in ("tp_src", "icmp_type") else packet.port_dst
            return port is not None and agrees(port, value, 16)
        case "tcp_flags":
            return packet.ip_proto == 6 and all(
                bool(packet.tcp_flags & FLAGS[flag]) == (sign == "+")
                for sign, flag in re.findall(r"([+-])(\w+)", value)
            )
        case "nw_frag":
            return value in ("no", "not_later")  # packets here are whole
        case "nd_target":
            discovers = packet.ip_proto == 58 and packet.port_src in (135, 136) and packet.port_dst == 0
            return discovers and packet.nd_target is not None and agrees(int(packet.nd_target), value, 128)
        case "arp_op":
            return packet.arp_op == int(value)
        case "arp_spa" | "arp_tpa":
            address = packet.arp_spa if name == "arp_spa" else packet.arp_tpa
            return address is not None and agrees(int(address), value, 32)
        case "arp_sha" | "arp_tha":
            hardware = packet.arp_sha if name == "arp_sha" else packet.arp_tha
            return hardware is not None and agrees(mac(hardware), value, 48)
        case _ if name == "metadata" or re.fullmatch(r"reg\d+", name):
            return agrees(state.note(name), value, 64)
    raise AssertionError(f"the model does not know {word}")


def write(state: State, argument: str) -> State:
    """`set_field`: a field that the packet does not have is left alone."""
    text, _, name = argument.partition("->")
    packet = state.packet
    protocols = {"tcp": 6, "udp": 17, "sctp": 132, "icmp": 1, "icmpv6": 58}
    match name:
        case "in_port":
            return replace(state, in_port=int(text))
        case "eth_src":
            return state.with_packet(src=blend_mac(packet.src, text))
        case "eth_dst":
            return state.with_packet(dst=blend_mac(packet.dst, text))
        case "vlan_vid" | "vlan_pcp" if packet.tags:
            if name == "vlan_vid":
                tci = packet.tags[0] & 0xF000 | blend(packet.tags[0] & 0xFFF, text) & 0xFFF
            else:
                tci = packet.tags[0] & 0x1FFF | int(text, 0) << 13
            return state.with_packet(tags=(tci, *packet.tags[1:]))
        case "ip_src" | "ip_dst" if packet.ether_type == IP:
            old = packet.ip_src if name == "ip_src" else packet.ip_dst
            return state.with_packet(**{name: IPv4Address(blend(int(old or 0), text, 32))})
        case "ipv6_src" | "ipv6_dst" if packet.ether_type == IPV6:
            old = packet.ip_src if name == "ipv6_src" else packet.ip_dst
            return state.with_packet(**{f"ip_{name[5:]}": IPv6Address(blend(int(old or 0), text, 128))})
        case "ip_dscp" if packet.ether_type in (IP, IPV6):
            return state.with_packet(tos=packet.tos & 3 | int(text, 0) << 2)
        case "nw_ecn" if packet.ether_type in (IP, IPV6):
            return state.with_packet(tos=packet.tos & 0xFC | int(text, 0))
        case "nw_ttl" if packet.ether_type in (IP, IPV6):
            return state.with_packet(ttl=int(text, 0))
        case "arp_op" if packet.ether_type == ARP:
            return state.with_packet(arp_op=int(text, 0))
        case "arp_spa" | "arp_tpa" if packet.ether_type == ARP:
            return state.with_packet(**{name: IPv4Address(text)})
        case "arp_sha" | "arp_tha" if packet.ether_type == ARP:
            return state.with_packet(**{name: text})
        case _ if (found := re.fullmatch(r"(tcp|udp|sctp)_(src|dst)", name)) or (
            found := re.fullmatch(r"(icmp|icmpv6)_(type|code)", name)
        ):
            if packet.ether_type not in (IP, IPV6) or packet.ip_proto != protocols[found[1]]:
                return state
            own = "port_src" if found[2] in ("src", "type") else "port_dst"
            return state.with_packet(**{own: blend(getattr(packet, own) or 0, text)})
        case _ if name == "metadata" or re.fullmatch(r"reg\d+", name):
            return state.with_note(name, blend(state.note(name), text))
        case "vlan_vid" | "vlan_pcp" | "ip_src" | "ip_dst" | "ipv6_src" | "ipv6_dst" | "ip_dscp" | "nw_ecn" | "nw_ttl":
            return state
        case "arp_op" | "arp_spa" | "arp_tpa" | "arp_sha" | "arp_tha":
            return state
    raise AssertionError(f"the model cannot write {name}")


def blend(old: int, text: str, bits: int = 64) -> int:
    value, _, mask = text.partition("/")
    if not mask:
        return number(value)
    ones = (1 << bits) - (1 << bits - int(mask)) if bits != 64 and mask.isdigit() else number(mask)
    return old & ~ones | number(value) & ones


def blend_mac(old: str, text: str) -> str:
    value, _, mask = text.partition("/")
    digits = f"{blend(mac(old), f'{mac(value):#x}' + (f'/{mac(mask):#x}' if mask else '')):012x}"
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


@dataclass(frozen=True)
class Group:
    kind: str
    buckets: tuple[tuple[dict[str, int], tuple[str, ...]], ...]

    @classmethod
    def parse(cls, line: str) -> tuple[int, Group]:
        head, *texts = line.split(",bucket=")
        settings = dict(word.split("=") for word in head.split(","))
        buckets = []
        for text in texts:
            conditions, _, actions = text.partition("actions=")
            watched = dict(word.split(":") for word in conditions.strip(",").split(",") if word)
            buckets.append(({name: int(value) for name, value in watched.items()}, separate(actions)))
        return int(settings["group_id"]), cls(settings["type"], tuple(buckets))


@dataclass
class Switch:
    """`choose` takes one of so many buckets of a select group; what is `down` is so for groups that watch it."""

    lines: Iterable[str]
    group_lines: Iterable[str] = ()
    choose: Callable[[int], int] = lambda count: 0
    down: set[int] = field(default_factory=set)
    entries: list[Entry] = field(init=False)
    groups: dict[int, Group] = field(init=False)

    def __post_init__(self) -> None:
        self.entries = [Entry.parse(line) for line in self.lines]
        self.groups = dict(map(Group.parse, self.group_lines))

    def receive(self, packet: Packet, in_port: int) -> list[int]:
        """Return the ports that the packet leaves by; no entry means none (fail mode secure)."""
        return [port for port, _ in self.process(packet, in_port)]

    def process(self, packet: Packet, in_port: int) -> list[tuple[int, Packet]]:
        """Return each copy that leaves, as it is then, with its port."""
        sent: list[tuple[int, Packet]] = []
        self._look(FIRST_TABLE, State(packet, in_port), sent, 0)
        return sent

    def _look(
        self, table: int, state: State, sent: list[tuple[int, Packet]], depth: int, port: int | None = None
    ) -> State:
        """Look up, as if the packet had come by `port`, and do what is found."""
        assert depth < MOST_TABLES, "tables lead into each other without end"
        asking = state if port is None else replace(state, in_port=port)
        matching = [entry for entry in self.entries if entry.table == table and entry.matches(asking)]
        if not matching:
            return state
        top = max(entry.priority for entry in matching)
        best = [entry for entry in matching if entry.priority == top]
        assert len({entry.actions for entry in best}) == 1, f"OpenFlow leaves open which of {best} is taken"
        return self._perform(best[0].actions, state, sent, table, depth)

    def _perform(
        self, actions: Iterable[str], state: State, sent: list[tuple[int, Packet]], table: int, depth: int
    ) -> State:
        for action in actions:
            name, _, argument = action.partition(":")
            packet = state.packet
            if name == "output" and int(argument) != state.in_port:
                sent.append((int(argument), packet))
            elif name == "IN_PORT":
                sent.append((state.in_port, packet))
            elif name == "LOCAL" and state.in_port != 65534:
                sent.append((65534, packet))
            elif name == "push_vlan":
                state = state.with_packet(tags=(0, *packet.tags))
            elif name == "pop_vlan":
                state = state.with_packet(tags=packet.tags[1:])
            elif name == "set_field":
                state = write(state, argument)
            elif name == "write_metadata":
                state = state.with_note("metadata", blend(state.note("metadata"), argument))
            elif found := re.fullmatch(r"multipath\(\S+,(\d+),0,NXM_NX_REG(\d+)\[(0\.\.15)?\]\)", action):
                old = state.note(f"reg{found[2]}") & ~(0xFFFF if found[3] else 0xFFFFFFFF)
                state = state.with_note(f"reg{found[2]}", old | self.choose(int(found[1])))
            elif name == "goto_table":
                return self._look(int(argument), state, sent, depth + 1)
            elif found := re.fullmatch(r"resubmit\((\d*),(\d*)\)|resubmit:(\d+)", action):
                port = int(found[1] or found[3] or state.in_port)
                state = self._look(int(found[2] or table), state, sent, depth + 1, port)
            elif action.startswith("learn("):
                self._learn(*learned(action, packet))
            elif name == "group":
                for bucket in self._taken(self.groups[int(argument)]):
                    self._perform(in_order(bucket), state, sent, table, depth + 1)
            elif name == "dec_ttl" and packet.ether_type in (IP, IPV6):
                if packet.ttl <= 1:
                    return state
                state = state.with_packet(ttl=packet.ttl - 1)
            elif name not in ("drop", "output", "LOCAL", "dec_ttl"):
                raise AssertionError(f"the model does not know {action}")
        return state

    def _learn(self, entry: Entry, limit: int) -> None:
        own = sum(other.table == entry.table and other.cookie == entry.cookie for other in self.entries)
        if entry not in self.entries and (not limit or own < limit):
            self.entries.append(entry)

    def _taken(self, group: Group) -> list[tuple[str, ...]]:
        live = [(conditions, actions) for conditions, actions in group.buckets if self._works(conditions)]
        match group.kind:
            case "select":
                able = [actions for conditions, actions in live if conditions.get("weight", 100)]
                return [able[self.choose(len(able))]] if able else []
            case "fast_failover":
                return [actions for _, actions in live[:1]]
        return [actions for _, actions in group.buckets]

    def _works(self, conditions: dict[str, int]) -> bool:
        watched = []
        if "watch_port" in conditions:
            watched.append(conditions["watch_port"] not in self.down)
        if "watch_group" in conditions:
            watched.append(any(self._works(other) for other, _ in self.groups[conditions["watch_group"]].buckets))
        return any(watched) if watched else True


def in_order(bucket: tuple[str, ...]) -> list[str]:
    """The order of an action set: OpenFlow 1.3.5 section 5.10."""
    order = ("pop", "push", "dec", "set", "group", "output", "IN", "LOCAL", "resubmit")
    return sorted(
        (action for action in bucket if action != "drop"),
        key=lambda action: min(at for at, name in enumerate(order) if action.startswith(name)),
    )
