# SPDX-License-Identifier: Apache-2.0
"""A bridge of Open vSwitch as it is wanted, and what it takes to get there from what is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible.module_utils.flowstream.errors import FlowstreamError

MAX_OFPORT = 0xFEFF
"""Open vSwitch gives OpenFlow port numbers 1..65279 (ovs-vswitchd.conf.db(5), ofport_request)."""
SHORTEST_BFD, LONGEST_BFD = 10, 60_000
"""Milliseconds between two packets of BFD: a shorter time is below the resolution of the switch's own timers."""


@dataclass(frozen=True)
class BridgePort:
    """A network interface plugged into a bridge as OpenFlow port `ofport`.

    `type` is how Open vSwitch's datapath moves its packets: empty for the system's own interface, `afxdp-nonpmd`, ...
    `external_ids` are our marks on its database row. With `bfd_interval` the port is alive for fast-failover groups while
    packets of BFD (RFC 5880, RFC 5881) come in by it, of which as many milliseconds are between two, and three may be lost; 0
    is none, None is nobody's business.
    """

    name: str
    ofport: int
    type: str = ""
    external_ids: tuple[tuple[str, str], ...] = ()
    bfd_interval: int | None = None

    def __post_init__(self) -> None:
        """Check the ranges of the port number and the interval."""
        if not 1 <= self.ofport <= MAX_OFPORT:
            raise FlowstreamError(
                f"port {self.name}: ofport must be a number from 1 to {MAX_OFPORT}, got {self.ofport}"
            )
        if self.bfd_interval and not SHORTEST_BFD <= self.bfd_interval <= LONGEST_BFD:
            raise FlowstreamError(
                f"port {self.name}: bfd_interval must be 0 or from {SHORTEST_BFD} to {LONGEST_BFD} ms, got {self.bfd_interval}"
            )

    def __str__(self) -> str:
        kind = f", type {self.type}" if self.type else ""
        probed = f", BFD every {self.bfd_interval} ms" if self.bfd_interval else ""
        return f"port {self.name} (OpenFlow port {self.ofport}{kind}{probed})"

    def set_arguments(self) -> list[str]:
        """What ovs-vsctl sets on its Interface row."""
        return [
            'type="' + self.type + '"',
            f"ofport_request={self.ofport}",
            *(f"external_ids:{key}={value}" for key, value in self.external_ids),
            *self._bfd_arguments(),
        ]

    def _bfd_arguments(self) -> list[str]:
        if not self.bfd_interval:
            return [] if self.bfd_interval is None else ["bfd:enable=false"]
        return ["bfd:enable=true", *(f"bfd:{name}={self.bfd_interval}" for name in ("min_rx", "min_tx"))]


@dataclass(frozen=True)
class Bridge:
    """A bridge with the ports that somebody wants in it; other ports are none of our business.

    `settings` are columns of its database row: datapath_type, fail_mode, protocols (sorted, joined by commas).
    """

    name: str
    settings: Mapping[str, str]
    ports: Mapping[str, BridgePort] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """One line for the bridge and one for each port, for `--diff`."""
        settings = ", ".join(f"{key} {value}" for key, value in sorted(self.settings.items()))
        return [f"bridge {self.name} ({settings})", *(str(self.ports[name]) for name in sorted(self.ports))]


@dataclass(frozen=True)
class BridgeChange:
    """One step towards the wanted bridge: a sentence, and the ovs-vsctl command for it."""

    text: str
    command: tuple[str, ...]

    def __str__(self) -> str:
        return self.text


def bridge_changes(want: Bridge, have: Bridge | None) -> list[BridgeChange]:
    """The steps from `have` to `want`, all to be done in one ovs-vsctl transaction.

    Settings and ports that `want` does not name stay.
    """
    changes: list[BridgeChange] = []
    settings = [f"{key}={value}" for key, value in sorted(want.settings.items())]
    if have is None:
        command = ("add-br", want.name, "--", "set", "bridge", want.name, *settings)
        changes.append(BridgeChange(f"add {want.lines()[0]}", command))
    else:
        for key, value in sorted(want.settings.items()):
            old = have.settings.get(key, "")
            if old != value:
                text = f"set {key} of bridge {want.name} to {value}, was {old or 'unset'}"
                changes.append(BridgeChange(text, ("set", "bridge", want.name, f"{key}={value}")))
    present = {} if have is None else have.ports
    for name in sorted(want.ports):
        port, old_port = want.ports[name], present.get(name)
        if old_port is None:
            plug = ("--may-exist", "add-port", want.name, name, "--", "set", "interface", name, *port.set_arguments())
            changes.append(BridgeChange(f"add {port}", plug))
        elif _differs(port, old_port):
            change = ("set", "interface", name, *port.set_arguments())
            changes.append(BridgeChange(f"change {old_port} to {port}", change))
    return changes


def merged(want: Bridge, have: Bridge | None) -> Bridge:
    """The bridge after `bridge_changes`: what is wanted, and what was there and nobody spoke of."""
    if have is None:
        return want
    return Bridge(want.name, {**have.settings, **want.settings}, {**have.ports, **want.ports})


def removal_changes(name: str, have: Bridge | None) -> list[BridgeChange]:
    """The step that removes the bridge with all its ports, if it is there."""
    return [] if have is None else [BridgeChange(f"remove bridge {name}", ("del-br", name))]


def vsctl_argv(changes: Iterable[BridgeChange]) -> list[str]:
    """One ovs-vsctl call that makes all changes or none, and waits until the switch runs them."""
    argv = ["ovs-vsctl", "--timeout=30"]
    for change in changes:
        argv += ["--", *change.command]
    return argv


def _differs(want: BridgePort, have: BridgePort) -> bool:
    marks = dict(have.external_ids)
    return (
        (want.ofport, want.type) != (have.ofport, have.type)
        or any(marks.get(key) != value for key, value in want.external_ids)
        or want.bfd_interval not in (None, have.bfd_interval or 0)
    )
