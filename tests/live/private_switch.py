# SPDX-License-Identifier: Apache-2.0
"""An Open vSwitch of its own, whose datapath and ports are played: it is asked what it would do, and needs no device."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path

from ansible.module_utils.flowstream.flows.flow import Flow, parse_flows

Sent = list[tuple[int, dict[str, int]]]
"""Port and the fields that are not zero of each copy that leaves, in order."""
NAMES = {
    ("eth", "src"): "dl_src", ("eth", "dst"): "dl_dst", ("ipv4", "src"): "nw_src", ("ipv4", "dst"): "nw_dst",
    ("ipv4", "tos"): "nw_tos", ("ipv4", "ttl"): "nw_ttl", ("ipv6", "src"): "ipv6_src", ("ipv6", "dst"): "ipv6_dst",
    ("ipv6", "tclass"): "nw_tos", ("ipv6", "hlimit"): "nw_ttl", ("tcp", "src"): "tp_src", ("tcp", "dst"): "tp_dst",
    ("udp", "src"): "tp_src", ("udp", "dst"): "tp_dst", ("arp", "sip"): "arp_spa", ("arp", "tip"): "arp_tpa",
}  # fmt: skip

NOT_SENT = ("in_port", "nw_ecn", "nw_frag", "tcp_flags")
"""Fields of a packet that is asked about which are not compared, or with others."""


class PrivateSwitch:
    """Bridge br0 with ports 1 to `ports`, of which `down` are."""

    def __init__(self, folder: Path, ports: int, down: Iterable[int]) -> None:
        self._environment = {f"OVS_{name}": str(folder) for name in ("RUNDIR", "LOGDIR", "DBDIR", "SYSCONFDIR")}
        database = str(folder / "conf.db")
        self._run("ovsdb-tool", "create", database, "/usr/share/openvswitch/vswitch.ovsschema")
        daemon = ("--pidfile", "--log-file", "--detach", "--no-chdir")
        self._run("ovsdb-server", database, f"--remote=punix:{folder}/db.sock", *daemon)
        self._run("ovs-vsctl", "--no-wait", "init")
        self._run("ovs-vswitchd", *daemon, "--enable-dummy", "--disable-system")
        words = ["add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=dummy", "fail_mode=secure"]
        for port in range(1, ports + 1):
            words += ["--", "add-port", "br0", f"p{port}"]
            words += ["--", "set", "interface", f"p{port}", "type=dummy", f"ofport_request={port}"]
        self._run("ovs-vsctl", *words)
        for port in down:
            self._run("ovs-appctl", "netdev-dummy/set-admin-state", f"p{port}", "down")

    def stop(self) -> None:
        self._run("ovs-appctl", "exit", "--cleanup")
        self._run("ovs-appctl", "-t", "ovsdb-server", "exit")

    def _run(self, *argv: str, text: str | None = None) -> str:
        done = subprocess.run(
            argv,
            env={**os.environ, **self._environment},
            input=text,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr}\n{text or ''}"
        return done.stdout

    def replace(self, flows: Iterable[str], groups: Iterable[str]) -> None:
        """Give it these flows and groups and no others; select groups choose by Ethernet addresses, which a trace can follow."""
        by_hash = "type=select,selection_method=hash,fields(eth_src,eth_dst),"
        groups = [group.replace("type=select,", by_hash) for group in groups]
        lines = ["flow delete", "group delete group_id=all"]
        lines += [f"group add {group}" for group in groups] + [f"flow add {flow}" for flow in flows]
        self._run("ovs-ofctl", "--protocols=OpenFlow15", "bundle", "br0", "-", text="\n".join(lines) + "\n")

    def flows(self, table: int) -> list[Flow]:
        """What it has in a table."""
        text = self._run("ovs-ofctl", "--protocols=OpenFlow13", "--no-names", "dump-flows", "br0", f"table={table}")
        return parse_flows(text.splitlines())

    def trace(self, fields: Mapping[str, str], *, learning: bool = False) -> Sent:
        """Ask what it would send for a packet, which is given as field and value; with `learning` it learns from it."""
        protocol = {"6": "tcp", "17": "udp"}.get(fields.get("nw_proto", ""))
        words = [
            f"{name.replace('tp_', f'{protocol}_') if protocol else name}={value}" for name, value in fields.items()
        ]
        text = self._run("ovs-appctl", "ofproto/trace", "br0", ",".join(words), *(["-generate"] if learning else []))
        (actions,) = re.findall(r"^Datapath actions: (.*)$", text, re.MULTILINE)
        return carried_out(actions, fields)


def carried_out(actions: str, fields: Mapping[str, str]) -> Sent:
    """What actions of the datapath, ovs-actions(7)'s lower half, make of a packet."""
    packet = {name: number(value) for name, value in fields.items() if name not in NOT_SENT}
    if "nw_ecn" in fields:
        packet["nw_tos"] |= number(fields["nw_ecn"])
    sent: Sent = []
    for action in re.findall(r"(?:[^,(]|\((?:[^()]|\([^()]*\))*\))+", actions):
        if action.isdigit():
            sent.append((int(action), {name: value for name, value in packet.items() if value}))
        elif action == "pop_vlan":
            packet["vlan_tci"] = 0
        elif found := re.fullmatch(r"push_vlan\(vid=(\d+),pcp=(\d+)\)", action):
            packet["vlan_tci"] = 0x1000 | int(found[2]) << 13 | int(found[1])
        elif found := re.fullmatch(r"set\((\w+)\((.*)\)\)", action):
            for word in found[2].split(","):
                name, _, text = word.partition("=")
                value, _, mask = text.partition("/")
                field = NAMES[found[1], name]
                ones = number(mask) if mask else -1
                packet[field] = packet.get(field, 0) & ~ones | number(value) & ones
        else:
            # A packet whose time to live ends is reported, or would be where a controller wants to know.
            assert action == "drop" or action.startswith("userspace("), actions
    return sent


def number(text: str) -> int:
    if text.count(":") == 5 and "::" not in text:
        return int(text.replace(":", ""), 16)
    if ":" in text or "." in text:
        return int(ip_address(text))
    return int(text, 0)
