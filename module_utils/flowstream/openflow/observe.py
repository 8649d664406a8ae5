# SPDX-License-Identifier: Apache-2.0
"""What an OpenFlow switch says of itself: flows, groups and counters, read through ovs-ofctl."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.fields import match_text
from ansible.module_utils.flowstream.flows.flow import Flow, Group, parse_flows, parse_groups
from ansible.module_utils.flowstream.flows.marks import marks_by_cookie
from ansible.module_utils.flowstream.world.run import NotInstalledError, Run, checked


@dataclass(frozen=True)
class Switch:
    """How ovs-ofctl reaches one bridge: `target` is a bridge name, or `tcp:HOST:PORT`, `ssl:HOST:PORT`."""

    target: str
    version: str = "OpenFlow13"
    timeout: int = 10
    private_key: str | None = None
    certificate: str | None = None
    ca_certificate: str | None = None

    def argv(self, command: str, *arguments: str) -> list[str]:
        """The whole ovs-ofctl command line for one command on this switch."""
        options = [f"--protocols={self.version}", f"--timeout={self.timeout}"]
        for option, value in (
            ("--private-key", self.private_key),
            ("--certificate", self.certificate),
            ("--ca-cert", self.ca_certificate),
        ):
            if value is not None:
                options.append(f"{option}={value}")
        return ["ovs-ofctl", *options, command, self.target, *arguments]


class NoBridgeError(FlowstreamError):
    """The host has no bridge of this name."""


def observe_flows(run: Run, switch: Switch) -> list[Flow]:
    """Every flow of every table, whoever owns it."""
    result = run(switch.argv("dump-flows", "--no-stats", "--no-names"))
    if result.rc != 0:
        kind = NoBridgeError if "is not a bridge or a socket" in result.stderr else FlowstreamError
        raise kind(f"cannot read the flows of {switch.target}: {result.cause}", details=result.details)
    return parse_flows(result.stdout.splitlines())


def observe_owners(run: Run, switch: Switch, *, bare: bool) -> list[dict[str, object]]:
    """Who has flows, by cookie, and what they look for. With `bare`, a bridge that is not there yet has none."""
    try:
        owners = marks_by_cookie(observe_flows(run, switch))
    except (NotInstalledError, NoBridgeError):
        if bare:
            return []
        raise
    return [{"cookie": f"{cookie:#018x}", **marks.to_dict()} for cookie, marks in owners.items()]


def observe_table_limits(run: Run, switch: Switch) -> list[dict[str, int]]:
    """How many entries the switch says that its tables hold: `entries` of each table from `first` to `last`; none where it does not say.

    It is asked for table features (OpenFlow Switch Specification 1.3.5, 7.3.5.5), which OpenFlow 1.0 does not have.
    """
    limits: list[dict[str, int]] = []
    entries: int | None = None
    try:
        asked = run(switch.argv("dump-table-features"))
    except NotInstalledError:
        return limits
    for table in re.split(r"^ *(?=tables? \d)", asked.stdout, flags=re.MULTILINE)[1:] if asked.rc == 0 else ():
        numbers = re.findall(r"\d+", table.partition(":")[0])
        if most := re.search(r"max_entries=(\d+)", table):  # else it is as the tables before ("ditto")
            entries = int(most[1])
        if entries is None:
            continue
        if limits and limits[-1]["entries"] == entries:
            limits[-1]["last"] = int(numbers[-1])
        else:
            limits.append({"first": int(numbers[0]), "last": int(numbers[-1]), "entries": entries})
    return limits


def observe_groups(run: Run, switch: Switch) -> list[Group]:
    """Every group."""
    return parse_groups(checked(run, switch.argv("dump-groups"), f"read the groups of {switch.target}").splitlines())


@dataclass(frozen=True)
class FlowCounters:
    """A flow and what it has counted; `duration` is its age in seconds."""

    flow: Flow
    packets: int
    bytes: int
    duration: float

    def to_dict(self) -> dict[str, object]:
        """The flow's plan JSON with its counters, and the match as one line for tables."""
        return {
            **self.flow.to_dict(),
            "match_text": match_text(self.flow.match),
            "packets": self.packets,
            "bytes": self.bytes,
            "duration": self.duration,
        }


def observe_flow_counters(run: Run, switch: Switch, cookie: int | None) -> list[FlowCounters]:
    """The flows with their counters, sorted; only those of `cookie` when it is given."""
    selector = [] if cookie is None else [f"cookie={cookie:#x}/-1"]
    argv = switch.argv("dump-flows", *selector, "--no-names")
    text = checked(run, argv, f"read the flow counters of {switch.target}")
    found = [
        FlowCounters(
            Flow.parse(line),
            packets=int(_labelled(line, "n_packets")),
            bytes=int(_labelled(line, "n_bytes")),
            duration=float(_labelled(line, "duration")),
        )
        for line in text.splitlines()
        if "actions=" in line
    ]
    return sorted(found, key=lambda counters: counters.flow)


def _labelled(line: str, name: str) -> str:
    match = re.search(rf"\b{name}=([0-9.]+)", line)
    return match.group(1) if match else "0"


def observe_ports(run: Run, switch: Switch) -> list[dict[str, object]]:
    """Each OpenFlow port with its number (or LOCAL), name, whether it is up, and counters, in the switch's order of numbers."""
    text = checked(run, switch.argv("dump-ports-desc"), f"read the ports of {switch.target}")
    names: dict[str, str] = {}
    down: set[str] = set()
    for described in re.split(r"^ *(?=\w+\([^)]*\): addr:)", text, flags=re.MULTILINE)[1:]:
        port, _, rest = described.partition("(")
        names[port] = rest.partition(")")[0]
        if re.search(r"^ *(?:config|state): .*(?:PORT_DOWN|LINK_DOWN)", rest, re.MULTILINE):
            down.add(port)
    text = checked(run, switch.argv("dump-ports", "--no-names"), f"read the port counters of {switch.target}")
    ports = []
    for block in re.split(r"^ *port +", text, flags=re.MULTILINE)[1:]:
        port, _, body = block.partition(": ")
        rx, _, tx = body.partition(" tx ")
        counters = {
            f"{direction}_{_COUNTERS[name]}": int(value)
            for direction, half in (("rx", rx), ("tx", tx))
            for name, value in re.findall(r"(\w+)=(\d+)(?![\d.])", half)
            if name in _COUNTERS
        }
        ports.append({"port": port, "name": names.get(port, ""), "up": port not in down, **counters})
    return sorted(ports, key=lambda entry: (not str(entry["port"]).isdigit(), str(entry["port"]).zfill(5)))


_COUNTERS = {"pkts": "packets", "bytes": "bytes", "drop": "dropped", "errs": "errors"}


def observe_tables(run: Run, switch: Switch) -> list[dict[str, int]]:
    """Each table that holds a flow or saw a packet: flows in it, packets looked up, packets that matched."""
    text = checked(run, switch.argv("dump-tables"), f"read the tables of {switch.target}")
    found = re.findall(r"table (\d+)[^:]*:\s+active=(\d+), lookup=(\d+), matched=(\d+)", text)
    rows = [
        {"table": int(table), "active": int(active), "lookups": int(lookups), "matched": int(matched)}
        for table, active, lookups, matched in found
    ]
    return [row for row in rows if row["active"] or row["lookups"]]


def observe_counters(run: Run, switch: Switch, cookie: int | None) -> dict[str, object]:
    """Flows with their counters and sums, ports and tables: what status reports show of one switch."""
    flows = observe_flow_counters(run, switch, cookie)
    return {
        "flows": [counters.to_dict() for counters in flows],
        "packets": sum(counters.packets for counters in flows),
        "bytes": sum(counters.bytes for counters in flows),
        "ports": observe_ports(run, switch),
        "tables": observe_tables(run, switch),
    }
