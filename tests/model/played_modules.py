# SPDX-License-Identifier: Apache-2.0
"""An example's modules in the real engine, behind played switches: packets go in at platform ports and come out there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import yaml
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPort
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from scapy.layers.inet import IP
from scapy.layers.inet6 import ICMPv6ND_NS, IPv6
from scapy.layers.inet6 import _IPv6ExtHdr as _ExtensionHeader
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet

from ..configurations.played_devices import is_at, play
from .network import Arrival, Network
from .openflow_switch import Packet as Header

ROOT = Path(__file__).parents[2]
NEIGHBOUR = "06:00:00:00:00:01"
ICMP6, DISCOVERY = 58, (135, 136)
GAP = 0.01
"""Seconds between two packets."""


TEMPLATES = ROOT / "templates" / "click"
PLATFORM = ROOT / "examples" / "platform.yml"


def planned_from(source: bytes, facts: Path = PLATFORM, beside: Path | None = None) -> Plan:
    """The plan of an allocation on the examples' platform."""
    platform = Platform.from_facts(yaml.safe_load(facts.read_text()))
    return plan_allocation(parse(source, "allocation.xml").allocation, platform, renderer(TEMPLATES, beside))


def plan_of(name: str) -> Plan:
    """The plan of an example."""
    folder = ROOT / "examples" / name
    own = folder / "platform.yml"
    source = (folder / "allocation.xml").read_bytes()
    return planned_from(source, own if own.exists() else PLATFORM, folder)


@dataclass(frozen=True)
class Left:
    """A packet that came out of platform port `portid`, to Ethernet address `towards`."""

    portid: int
    packet: Packet


def header_of(frame: Packet) -> Header:
    """What the played switches look at."""
    if IPv6 in frame:
        packet = frame[IPv6]
        source, destination = IPv6Address(packet.src), IPv6Address(packet.dst)
        last = packet.payload
        while isinstance(last, _ExtensionHeader):  # as Open vSwitch does
            last = last.payload
        protocol = last.underlayer.nh
        header = Header(frame.src, frame.dst, 0x86DD, destination, ip_src=source, ip_proto=protocol, ttl=packet.hlim)
        if protocol != ICMP6:
            return header
        kind, code = bytes(last)[:2]
        target = IPv6Address(last.tgt) if kind in DISCOVERY else None
        return replace(header, port_src=kind, port_dst=code, nd_target=target)
    if ARP in frame:
        return Header(frame.src, frame.dst, 0x0806, arp_op=int(frame[ARP].op), arp_tpa=IPv4Address(frame[ARP].pdst))
    return Header(frame.src, frame.dst, 0x0800, IPv4Address(frame[IP].dst), ip_src=IPv4Address(frame[IP].src))


def _asker(port: PlannedPort, neighbour: str) -> str:
    """The address from which a module asks for a neighbour at a port."""
    return port.addresses6[0].text if ":" in neighbour else neighbour


class PlayedModules:
    """A plan's switches and modules; `neighbours` answer the modules' questions for them when all packets are in, so these wait until then.

    `writes` are calls of write handlers in modules, each with its time; the first packet comes at 1 s.
    """

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        neighbours: dict[int, list[str]],
        writes: Mapping[str, Sequence[tuple[float, str]]] | None = None,
    ) -> None:
        self._writes = writes or {}
        self.network = Network(plan.files())
        self.ports: dict[int, PlannedPort] = {port.portid: port for port in plan.ports}
        self._by_place = {(port.switch, port.switchport): port.portid for port in plan.ports}
        self._configs = {pm.name: pm.config for host in plan.hosts.values() for pm in host.pms}
        self._folder = folder
        self._told = [
            is_at(address, NEIGHBOUR, _asker(self.ports[portid], address), self.ports[portid].mac)
            for portid, addresses in neighbours.items()
            for address in addresses
        ]
        self.values: dict[str, dict[str, str]] = {}

    def exchange(self, packets: Sequence[tuple[int, Packet]], handlers: Sequence[str] = ()) -> list[Left]:
        """Let IP packets in, each by a platform port, one after the other; return those that come out.

        `values` has of each module the handlers afterwards. A module that gets packets of others (in a stage, or from one) runs
        once more for them, and begins anew: its numbers are added.
        """
        waiting: dict[str, list[Packet]] = {}
        left: list[Left] = []
        for portid, packet in packets:
            port = self.ports[portid]
            frame = Ether(src=NEIGHBOUR, dst=port.mac) / packet
            self._carry(self.network.enter(header_of(frame), port.switchport, port.switch), frame, waiting, left)
        for name in self._configs:
            waiting.setdefault(name, [])
        turn = 0
        while waiting:
            now, waiting = waiting, {}
            for name, frames in now.items():
                for frame in self._run(name, frames, self._folder / f"{name}.{turn}", handlers):
                    self._carry(self.network.send(header_of(frame), name), frame, waiting, left)
            turn += 1
        return left

    def _run(self, name: str, frames: Sequence[Packet], folder: Path, handlers: Sequence[str]) -> list[Packet]:
        folder.mkdir()
        config = folder / "module.click"
        config.write_text(self._configs[name])
        end = 1 + len(frames) * GAP
        arriving = [(1 + number * GAP, frame) for number, frame in enumerate(frames)]
        told = [(end, frame) for frame in self._told]
        writes = self._writes.get(name, ())
        played = play(config, {"eth0": [*arriving, *told]}, folder, seconds=end + 1, handlers=handlers, writes=writes)
        before = self.values.get(name, {})
        self.values[name] = {
            handler: str(int(value) + int(before.get(handler, 0))) if value.isdecimal() else value
            for handler, value in played.values.items()
        }
        return [frame for frame in played.sent["eth0"] if IP in frame or (IPv6 in frame and ICMPv6ND_NS not in frame)]

    def _carry(
        self, arrivals: Iterable[Arrival], frame: Packet, waiting: dict[str, list[Packet]], left: list[Left]
    ) -> None:
        for arrival in arrivals:
            if arrival.pm is not None:
                waiting.setdefault(arrival.pm, []).append(frame)
            elif arrival.switchport is not None:
                portid = self._by_place[arrival.switch, arrival.switchport]
                left.append(Left(portid, frame[IP] if IP in frame else frame[IPv6]))
