# SPDX-License-Identifier: Apache-2.0
"""A switch as slow and as plain as OpenFlow 1.3.5 section 5 describes it: try each entry, take the first that matches.

It shares no code with flowstream/planner/proof.py, whose answers it is there to doubt. Flows come as their text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

PROTOCOLS = {"ip": 0x0800, "arp": 0x0806}


@dataclass(frozen=True)
class Packet:
    src: str
    dst: str
    ether_type: int
    ip_dst: IPv4Address | None = None
    arp_op: int | None = None
    arp_tpa: IPv4Address | None = None
    ip_src: IPv4Address | None = None


@dataclass(frozen=True)
class Entry:
    priority: int
    words: tuple[str, ...]
    outputs: tuple[int, ...]

    @classmethod
    def parse(cls, line: str) -> Entry:
        head, _, actions = line.partition(" actions=")
        priority, words = 0, []
        for word in head.split(","):
            name, _, value = word.partition("=")
            if name == "priority":
                priority = int(value)
            elif name not in ("cookie", "table"):
                words.append(word)
        outputs = [] if actions == "drop" else [int(action.removeprefix("output:")) for action in actions.split(",")]
        return cls(priority, tuple(words), tuple(outputs))

    def matches(self, packet: Packet, in_port: int) -> bool:
        return all(self._matches(word, packet, in_port) for word in self.words)

    def _matches(self, word: str, packet: Packet, in_port: int) -> bool:
        name, _, value = word.partition("=")
        match name:
            case "in_port":
                return in_port == int(value)
            case "dl_src":
                return packet.src == value
            case "dl_dst":
                return packet.dst == value
            case "ip" | "arp":
                return packet.ether_type == PROTOCOLS[name]
            case "nw_src":
                return packet.ip_src is not None and packet.ip_src in IPv4Network(value)
            case "nw_dst":
                return packet.ip_dst is not None and packet.ip_dst in IPv4Network(value)
            case "arp_op":
                return packet.arp_op == int(value)
            case "arp_tpa":
                return packet.arp_tpa == IPv4Address(value)
        raise AssertionError(f"the model does not know {word}")


class Switch:
    def __init__(self, lines: Iterable[str]) -> None:
        self.entries = [Entry.parse(line) for line in lines]

    def receive(self, packet: Packet, in_port: int) -> list[int]:
        """Return the ports that the packet leaves by; no entry means none (fail mode secure)."""
        matching = [entry for entry in self.entries if entry.matches(packet, in_port)]
        if not matching:
            return []
        top = max(entry.priority for entry in matching)
        best = [entry for entry in matching if entry.priority == top]
        assert len({entry.outputs for entry in best}) == 1, f"OpenFlow leaves open which of {best} is taken"
        return [port for port in best[0].outputs if port != in_port]
