# SPDX-License-Identifier: Apache-2.0
"""Where packets are looked at: a platform port, a host's uplink or a module's interface, and on which machine that is which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.plan import Plan

_FORMS = "port:NUMBER, uplink:HOST, vif:MODULE or vif:MODULE/INTERFACE"


@dataclass(frozen=True, slots=True)
class Point:
    """An interface of `machine`, called `name` as it was asked for: port `ofport` of the machine's bridge."""

    name: str
    machine: str
    bridge: str
    ofport: int

    def to_dict(self) -> dict[str, str | int]:
        """Return it as its machine has to know it."""
        return {"name": self.name, "bridge": self.bridge, "ofport": self.ofport}


def points_of(plan: Plan, texts: Iterable[str]) -> list[Point]:
    """Return the points that are meant; FlowstreamError says what is wrong with each that is none."""
    found: dict[Point, None] = {}
    messages: list[str] = []
    for text in filter(None, map(str.strip, texts)):
        kind, _, name = text.partition(":")
        try:
            found |= dict.fromkeys(_points(plan, text, kind, name))
        except FlowstreamError as error:
            messages += error.messages
    if not found and not messages:
        messages.append(f"points are missing; write some, as -e points=port:0,uplink:mh1, of the forms {_FORMS}")
    if messages:
        raise FlowstreamError(*messages)
    return list(found)


def _points(plan: Plan, text: str, kind: str, name: str) -> Iterator[Point]:
    if kind == "port":
        yield from _port(plan, text, name)
    elif kind == "uplink":
        host = plan.hosts.get(name)
        if host is None:
            raise FlowstreamError(f"point {text}: is no module host, got {name}; use {_some(plan.hosts)}")
        yield Point(text, name, host.bridge, host.uplink_port)
    elif kind == "vif":
        yield from _vifs(plan, text, name)
    elif kind == "element":
        raise FlowstreamError(
            f"point {text}: packets inside of a module cannot be had, got element; the engine gives none out while it runs. Capture the"
            " vif of its module, or follow one packet through its elements with playbooks/trace.yml"
        )
    else:
        raise FlowstreamError(f"point {text}: is none, got {kind}; write {_FORMS}")


def _port(plan: Plan, text: str, name: str) -> Iterator[Point]:
    port = next((port for port in plan.ports if str(port.portid) == name), None)
    if port is None:
        known = _some(str(port.portid) for port in plan.ports)
        raise FlowstreamError(f"point {text}: is no platform port of {plan.allocation_id}, got {name}; use {known}")
    switch = plan.switch_of(port)
    if plan.switches[switch].flows:
        yield Point(text, switch, plan.switches[switch].bridge, port.switchport)


def _vifs(plan: Plan, text: str, name: str) -> Iterator[Point]:
    module, _, interface = name.partition("/")
    pms = {pm.name: (host, pm) for host, planned in plan.hosts.items() for pm in planned.pms}
    if module not in pms:
        raise FlowstreamError(
            f"point {text}: is no module of {plan.allocation_id}, got {module}; use {_some(sorted(pms))}"
        )
    host, pm = pms[module]
    vifs = [vif for vif in pm.vifs if interface in ("", vif.interface)]
    if not vifs:
        known = _some(vif.interface for vif in pm.vifs)
        raise FlowstreamError(f"point {text}: is no interface of {module}, got {interface}; use {known}")
    for vif in vifs:
        yield Point(f"vif:{module}/{vif.interface}", host, plan.hosts[host].bridge, vif.ofport)


def _some(names: Iterable[str]) -> str:
    return ", ".join(names) or "none, there is none"
