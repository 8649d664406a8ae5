# SPDX-License-Identifier: Apache-2.0
"""What plays a device of the lab, and is not ours: a bridge of Linux with a ruleset of nftables, in the device's namespace."""

from __future__ import annotations

import json
import subprocess

from .router_lab import Node, RouterLab

RULES = """
flush ruleset
table bridge filter {
  counter tagged {}
  counter refused {}
  counter passed {}
  chain forward {
    type filter hook forward priority 0; policy accept;
    ether type vlan counter name tagged
    %s
    udp dport 3784 accept comment "the switch's own BFD"
    counter name passed
  }
}
"""
SILENT = "drop"
"""A rule for a device that has its links and forwards nothing."""


class NftDevice:
    """A device, bridging all but what `rule` refuses, with counters of what came tagged, was refused, and passed."""

    def __init__(self, lab: RouterLab, name: str, rule: str) -> None:
        namespace = f"{lab.prefix}-{name}"
        self._node = Node(namespace, ("ip", "netns", "exec", namespace))
        self._node.run("ip", "link", "add", "name", "br0", "type", "bridge")
        for side in ("outside", "inside"):
            self._node.run("ip", "link", "set", side, "master", "br0")
            self.plug(side)
        self._node.run("ip", "link", "set", "br0", "up")
        self.refuse(rule)

    def refuse(self, rule: str) -> None:
        """Refuse what a rule of nftables matches; counters begin anew."""
        command = [*self._node.prefix, "nft", "-f", "-"]
        subprocess.run(command, input=RULES % rule, text=True, check=True, timeout=20)

    def count(self, counter: str) -> int:
        """Read a counter of packets."""
        text = self._node.run("nft", "--json", "list", "counter", "bridge", "filter", counter)
        (found,) = (each["counter"] for each in json.loads(text)["nftables"] if "counter" in each)
        return int(found["packets"])

    def plug(self, side: str) -> None:
        """Put a cable in, at the device's end."""
        self._node.run("ip", "link", "set", side, "up")

    def unplug(self, side: str) -> None:
        """Pull a cable out: the switch loses the link, too."""
        self._node.run("ip", "link", "set", side, "down")
