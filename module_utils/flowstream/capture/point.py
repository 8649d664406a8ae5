# SPDX-License-Identifier: Apache-2.0
"""Where packets are looked at: a platform port, a host's uplink, a module's interface or an element of it, and on which machine that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible.module_utils.flowstream.capture.taps import Place
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm

_FORMS = "port:NUMBER, uplink:HOST, vif:MODULE, vif:MODULE/INTERFACE or element:MODULE/ELEMENT"


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


@dataclass(frozen=True, slots=True)
class ElementPoint:
    """Ports of an element of a module on `machine`, called `name` as it was asked for; the module has `memory_mib` of memory."""

    name: str
    machine: str
    module: str
    element: str
    memory_mib: int

    def to_dict(self) -> dict[str, str | int]:
        """Return it as its machine has to know it."""
        return {"name": self.name, "module": self.module, "element": self.element, "memory_mib": self.memory_mib}


def points_of(plan: Plan, texts: Iterable[str]) -> list[Point | ElementPoint]:
    """Return the points that are meant; FlowstreamError says what is wrong with each that is none."""
    found: dict[Point | ElementPoint, None] = {}
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


def _points(plan: Plan, text: str, kind: str, name: str) -> Iterator[Point | ElementPoint]:
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
        yield _element(plan, text, name)
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


def _module(plan: Plan, text: str, name: str) -> tuple[str, PlannedPm]:
    """A module by its name, and the host that it is on."""
    pms = {pm.name: (host, pm) for host, planned in plan.hosts.items() for pm in planned.pms}
    if name not in pms:
        raise FlowstreamError(
            f"point {text}: is no module of {plan.allocation_id}, got {name}; use {_some(sorted(pms))}"
        )
    return pms[name]


def _element(plan: Plan, text: str, name: str) -> ElementPoint:
    module, _, element = name.partition("/")
    host, pm = _module(plan, text, module)
    if not element:
        raise FlowstreamError(f"point {text}: names no element; write one behind its module, as element:{module}/rt")
    if pm.kind != "process":
        raise FlowstreamError(
            f"point {text}: packets inside of {module} cannot be had, got kind {pm.kind}; a guest has no file that its host can read."
            " Capture the vif of it, or follow one packet through its elements with playbooks/trace.yml"
        )
    try:
        Place.parse(element)
    except FlowstreamError as error:
        raise FlowstreamError(*(f"point {text}: {message}" for message in error.messages)) from None
    return ElementPoint(text, host, module, element, pm.memory_mib)


def _vifs(plan: Plan, text: str, name: str) -> Iterator[Point]:
    module, _, interface = name.partition("/")
    host, pm = _module(plan, text, module)
    vifs = [vif for vif in pm.vifs if interface in ("", vif.interface)]
    if not vifs:
        known = _some(vif.interface for vif in pm.vifs)
        raise FlowstreamError(f"point {text}: is no interface of {module}, got {interface}; use {known}")
    for vif in vifs:
        yield Point(f"vif:{module}/{vif.interface}", host, plan.hosts[host].bridge, vif.ofport)


def _some(names: Iterable[str]) -> str:
    return ", ".join(names) or "none, there is none"
