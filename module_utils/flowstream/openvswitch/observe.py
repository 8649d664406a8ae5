# SPDX-License-Identifier: Apache-2.0
"""What Open vSwitch's database says of a bridge and its ports, read through ovs-vsctl."""

from __future__ import annotations

import json
import time
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.openvswitch.bridge import Bridge, BridgePort
from ansible.module_utils.flowstream.world.run import Run, checked


def observe_bridge(run: Run, name: str) -> Bridge | None:
    """The bridge with every port that has an OpenFlow number, or None when there is none of that name."""
    columns = "datapath_type,fail_mode,protocols"
    rows = read_table(run, ["--columns", columns, "find", "Bridge", f"name={name}"], f"read bridge {name}")
    if not rows:
        return None
    ports = checked(run, ["ovs-vsctl", "--timeout=30", "list-ports", name], f"list the ports of {name}").split()
    interfaces = read_table(
        run, ["--columns", "name,ofport,type,external_ids,bfd", "list", "Interface"], f"read the interfaces of {name}"
    )
    found = {
        row["name"]: BridgePort(
            row["name"],
            row["ofport"],
            row["type"],
            tuple(sorted(row["external_ids"].items())),
            _bfd_interval(row["bfd"]),
        )
        for row in interfaces
        if row["name"] in ports and isinstance(row["ofport"], int) and row["ofport"] > 0
    }
    row = rows[0]
    settings = {key: _text(row[key]) for key in columns.split(",") if _text(row[key])}
    return Bridge(name, settings, found)


def _bfd_interval(settings: dict[str, str]) -> int:
    """Milliseconds; 0 where there is no BFD, and where it is not as we have it."""
    intervals = {settings.get(name, "") for name in ("min_rx", "min_tx")}
    (interval, *others) = intervals
    return int(interval) if settings.get("enable") == "true" and not others and interval.isdecimal() else 0


def await_ports(run: Run, want: Bridge, deadline: float) -> None:
    """Wait until the switch has given every wanted port its number; `deadline` in seconds of the monotonic clock.

    Raises FlowstreamError with a line for each port that it refuses.
    """
    while True:
        rows = {
            row["name"]: row
            for row in read_table(run, ["--columns", "name,ofport,error", "list", "Interface"], f"read {want.name}")
        }
        wrong = [
            f"cannot plug {name} into {want.name} as port {port.ofport}: {_refusal(rows.get(name))}"
            for name, port in sorted(want.ports.items())
            if rows.get(name, {}).get("ofport") != port.ofport
        ]
        if not wrong:
            return
        if time.monotonic() > deadline:
            raise FlowstreamError(*wrong)
        time.sleep(0.05)


def _refusal(row: dict[str, Any] | None) -> str:
    if row is None:
        return "it is not in the database"
    return _text(row["error"]) or f"the switch gave it port {_text(row['ofport']) or 'none'}"


def read_table(run: Run, arguments: list[str], intent: str) -> list[dict[str, Any]]:
    """The rows that ovs-vsctl prints; sets are lists, maps are dicts."""
    text = checked(run, ["ovs-vsctl", "--timeout=30", "--format=json", *arguments], intent)
    table = json.loads(text)
    return [dict(zip(table["headings"], map(_value, row), strict=True)) for row in table["data"]]


def _value(value: Any) -> Any:
    """OVSDB's JSON (RFC 7047, section 5.1): sets become lists, maps become dicts."""
    if isinstance(value, list) and value[:1] == ["set"]:
        return sorted(value[1])
    if isinstance(value, list) and value[:1] == ["map"]:
        return {key: str(entry) for key, entry in value[1]}
    return value


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
