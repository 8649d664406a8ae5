# SPDX-License-Identifier: Apache-2.0
"""A platform under a plan: its bridges wired together, and routers that read their table from the Click text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_network
from itertools import permutations
from typing import Any

from .openflow_switch import Packet, Switch

HOPS = 20


@dataclass(frozen=True)
class Arrival:
    """Where a packet got to: a processing module by name (and interface, if it has several), or a port that leads outside.

    Of several switches, `switch` is the one that has the port.

    `packet` is what it is there.
    """

    pm: str | None = None
    switchport: int | None = None
    switch: str = ""
    packet: Packet | None = field(default=None, compare=False)


class Network:
    """Built from the files of a plan alone, as apply would see them.

    A device gives back by one port what it gets by the other, as it was, unless it is `silent`; `through` notes each that a packet
    has passed. Ports of the switch that are `down` carry nothing, and links between switches that are cut. Several switches have the
    entries of their fabric too.
    """

    def __init__(self, files: dict[str, str]) -> None:
        self.plan: dict[str, Any] = json.loads(files["plan.json"])
        self.files = files
        self.bridges = {
            name.removeprefix("flows/").removesuffix(".flows"): Switch(
                [*text.splitlines(), *files.get(name.removesuffix(".flows") + ".fabric", "").splitlines()],
                [
                    line
                    for kind in ("groups", "fabric-groups")
                    for line in files.get(name.removesuffix(".flows") + f".{kind}", "").splitlines()
                ],
                down=set(),
            )
            for name, text in files.items()
            if name.endswith(".flows")
        }
        self.switch = min(self.plan["switches"])
        self.down: set[int] = self.bridges[self.switch].down
        self.links: dict[tuple[str, int], tuple[str, int]] = {}
        self.pms: dict[tuple[str, int], str] = {}
        self.places: dict[str, tuple[str, int]] = {}
        self.devices: dict[tuple[str, int], tuple[str, int]] = {}
        self.silent: set[str] = set()
        self.through: list[str] = []
        for device in self.plan.get("devices", ()):
            for one, other in permutations((device["outside_port"], device["inside_port"])):
                self.devices[device["switch"], one] = (device["name"], other)
        for name, switch in self.plan["switches"].items():
            for port, end in switch.get("fabric", {"links": {}})["links"].items():
                other, _, number = end.partition("/")
                self.links[name, int(port)] = (other, int(number))
        for name, host in self.plan["hosts"].items():
            self.links[host["switch"], host["switch_port"]] = (name, host["uplink_port"])
            self.links[name, host["uplink_port"]] = (host["switch"], host["switch_port"])
            for pm in host["pms"]:
                for vif in pm["vifs"]:
                    place = (name, vif["ofport"])
                    assert place not in self.pms
                    end = pm["name"] if len(pm["vifs"]) == 1 else f"{pm['name']} {vif['interface']}"
                    self.pms[place] = end
                    self.places[end] = place

    def cut(self, switch: str, port: int) -> None:
        """Let a link between switches be down, at both of its ends."""
        for name, number in ((switch, port), self.links[switch, port]):
            self.bridges[name].down.add(number)

    def mend(self) -> None:
        """Let all links be up."""
        for bridge in self.bridges.values():
            bridge.down.clear()

    def enter(self, packet: Packet, switchport: int, switch: str = "") -> list[Arrival]:
        """Let a packet in from outside, at the only switch or another."""
        return self._carry(packet, switch or self.switch, switchport)

    def send(self, packet: Packet, pm: str) -> list[Arrival]:
        """Let a processing module send."""
        return self._carry(packet, *self.places[pm])

    def _carry(self, packet: Packet, bridge: str, port: int) -> list[Arrival]:
        arrivals: list[Arrival] = []
        waiting = [(packet, bridge, port, 0)]
        while waiting:
            packet, bridge, port, hops = waiting.pop()
            assert hops < HOPS, f"{packet} goes round in circles"
            for output, copy in self.bridges[bridge].process(packet, port):
                if (bridge, output) in self.links and output in self.bridges[bridge].down:
                    continue
                if (bridge, output) in self.links:
                    waiting.append((copy, *self.links[bridge, output], hops + 1))
                elif (bridge, output) in self.devices:
                    device, back = self.devices[bridge, output]
                    if device not in self.silent and self.down.isdisjoint((output, back)):
                        self.through.append(device)
                        waiting.append((copy, bridge, back, hops + 1))
                elif (bridge, output) in self.pms:
                    arrivals.append(Arrival(pm=self.pms[bridge, output], packet=copy))
                else:
                    assert bridge in self.plan["switches"], f"{packet} leaves {bridge} by {output}, where nothing is"
                    arrivals.append(Arrival(switchport=output, switch=self._named(bridge), packet=copy))
        return arrivals

    def _named(self, switch: str) -> str:
        return switch if len(self.plan["switches"]) > 1 else ""

    def route(self, pm: str, destination: IPv4Address | IPv6Address) -> tuple[int, str | None]:
        """Return the output of the module's lookup and its gateway, by the longest prefix of its Click text."""
        text = self.files[f"click/{pm}.click"]
        name = "rt :: RadixIPLookup" if isinstance(destination, IPv4Address) else "rt6 :: LookupIP6Route"
        table = re.search(rf"{name}\(([^)]*)\)", text)
        assert table
        best: tuple[int, int, str | None] | None = None
        for entry in table[1].split(","):
            prefix, *gateway, output = entry.split()
            network = ip_network(prefix)
            if destination in network and (best is None or network.prefixlen > best[0]):
                best = (network.prefixlen, int(output), gateway[0] if gateway else None)
        assert best, f"{pm} has no entry for {destination}"
        return best[1], best[2]
