# SPDX-License-Identifier: Apache-2.0
"""What the planner has to know of the platform: its switches, its module hosts, its ports. The inventory says it.

The facts come as one mapping (the filter `flowstream_platform` makes it from the inventory); docs/platform.md
explains each variable.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ansible.module_utils.flowstream.addresses import Interface, parse_address, parse_interface
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.fabric.fabric import Fabric
from ansible.module_utils.flowstream.fabric.share import Place
from ansible.module_utils.flowstream.flows.values import MAX_SWITCH_PORT
from ansible.module_utils.flowstream.platform.drivers import DRIVER_KINDS, PM_KINDS
from ansible.module_utils.flowstream.platform.reader import FactReader
from ansible.module_utils.flowstream.platform.switches import FlowSwitch, check_fabric, fabric_of, read_switch


@dataclass(frozen=True, slots=True)
class ModuleHost:
    """A server that runs processing modules.

    `bridge` is its own virtual switch, whose OpenFlow port `uplink_port` is wired to port `switch_port` of `switch`.
    `max_pms` and `max_memory` (MiB) bound all its processing modules together, `max_vcpus` each single one:
    processors are shared, memory is not. Of what the inventory leaves open, `measured` has the keys of module_host_capacity
    that were measured on the host, and `unknown` those that were not, which nothing bounds. `pm_kind` is what a module is whose
    kind the allocation leaves open; empty for the driver's own default. `max_processors` (whole ones), `max_uplink` (Mbit/s)
    and `max_flows` (entries on its bridge) bound all modules together where the inventory states them.
    """

    name: str
    driver: str
    bridge: str
    uplink_port: int
    switch: str
    switch_port: int
    max_pms: int
    max_memory: int
    max_vcpus: int
    pm_kind: str = ""
    max_processors: int | None = None
    max_uplink: int | None = None
    max_flows: int | None = None
    measured: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()

    def origin(self, key: str) -> str:
        """Return where a limit is from, by its key of module_host_capacity, for a message; empty where all are the inventory's."""
        if not self.measured:
            return ""
        return " measured" if key in self.measured else " from the inventory"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of processing modules that it can run, its default first."""
        return tuple(sorted(DRIVER_KINDS[self.driver], key=lambda kind: kind != self.pm_kind))


@dataclass(frozen=True, slots=True)
class Device:
    """Somebody else's middlebox at two ports of `switch`: what goes into one of them comes out of the other, or nowhere.

    Packets on their way in go into it by `outside_port` and come back by `inside_port`, those on their way out the other way.
    """

    name: str
    switch: str
    outside_port: int
    inside_port: int


@dataclass(frozen=True, slots=True)
class PortFacts:
    """Addresses, gateway and switch that the inventory gives a platform port; the allocation may give others."""

    addresses: tuple[Interface, ...] = ()
    gateway: int | None = None
    switch: str = ""


@dataclass(frozen=True, slots=True)
class Tenant:
    """What all allocations of a tenant together may have; what is None has no bound.

    `memory` is in MiB, `rate` in Mbit/s of what modules may send. `switchports` are the ports of switches that platform ports
    may be at, `types` the types of allocations.
    """

    name: str
    modules: int | None = None
    memory: int | None = None
    rate: int | None = None
    switchports: frozenset[Place] | None = None
    types: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Platform:
    """All facts, sorted by name; `ports` by portid. Without tenants, nobody asks whose an allocation is."""

    switches: tuple[FlowSwitch, ...]
    hosts: tuple[ModuleHost, ...]
    ports: Mapping[int, PortFacts]
    tenants: Mapping[str, Tenant] = field(default_factory=dict)
    devices: tuple[Device, ...] = ()

    @cached_property
    def fabric(self) -> Fabric | None:
        """What joins its switches, None where there is one."""
        attached = {(host.switch, host.switch_port): f"module host {host.name}" for host in self.hosts}
        for device in self.devices:
            attached |= {
                (device.switch, port): f"device {device.name}" for port in (device.outside_port, device.inside_port)
            }
        return fabric_of(self.switches, attached)

    @classmethod
    def from_facts(cls, facts: Mapping[str, object]) -> Platform:
        """Read `{"switches": {name: {...}}, "hosts": {name: {...}}, "ports": {portid: {...}}, "tenants": {name: {...}}}`.

        `devices` are by name as well.
        Raises FlowstreamError with one message for each fact that is missing, unknown or out of range.
        """
        reader = FactReader()
        switches = [read_switch(reader, name, fact) for name, fact in reader.table(facts, "switches")]
        hosts = [_host(reader, name, fact) for name, fact in reader.table(facts, "hosts")]
        ports = [_port(reader, name, fact) for name, fact in reader.table(facts, "ports")]
        names = [switch.name for switch in switches]
        tenants = [_tenant(reader, name, fact, names) for name, fact in reader.table(facts, "tenants")]
        devices = [_device(reader, name, fact) for name, fact in reader.table(facts, "devices")]
        reader.only("platform", facts, ("switches", "hosts", "ports", "tenants", "devices"))
        known = {switch.name for switch in switches}
        links: dict[tuple[str, int], str] = {}
        for host in hosts:
            subject = f"module host {host.name}"
            if host.switch and host.switch not in known:
                choice = ", ".join(sorted(known)) or "the name of a host in group flow_switches"
                reader.error(subject, f"module_host_switch is no flow switch, got {host.switch}; use {choice}")
            other = links.setdefault((host.switch, host.switch_port), host.name)
            if other != host.name:
                where = f"{host.switch_port} on {host.switch}"
                reader.error(
                    subject, f"module_host_switch_port is that of {other}, got {where}; give each host its own"
                )
        for device in devices:
            _check_device(reader, device, known, links)
        for portid, port in ports:
            if port.switch and port.switch not in known:
                text = f"switch is no flow switch, got {port.switch}; use {', '.join(sorted(known))}"
                reader.error(f"platform port {portid}", text)
        check_fabric(reader, switches, links)
        if not switches:
            reader.error("platform", "has no flow switch; put one into the group flow_switches")
        if not hosts:
            reader.error("platform", "has no module host; put one into the group module_hosts")
        if reader.messages:
            raise FlowstreamError(*reader.messages)
        return cls(
            switches=tuple(sorted(switches, key=lambda switch: switch.name)),
            hosts=tuple(sorted(hosts, key=lambda host: host.name)),
            ports=dict(sorted(ports)),
            tenants={tenant.name: tenant for tenant in tenants},
            devices=tuple(devices),
        )


_MOST = {
    "pms": 65536,
    "memory_mib": 1 << 30,
    "vcpus": 4096,
    "processors": 1 << 30,
    "uplink_mbps": 1 << 30,
    "flow_entries": 1 << 30,
}
"""The keys of module_host_capacity, each with the largest value that it may have."""


def _host(reader: FactReader, name: str, fact: Mapping[str, object]) -> ModuleHost:
    subject = f"module host {name}"
    known = ("driver", "pm_kind", "bridge", "uplink_port", "switch", "switch_port", "capacity", "measured")
    reader.only(subject, fact, known)
    driver = reader.word(subject, fact, "driver", "module_host_driver")
    if driver and driver not in DRIVER_KINDS:
        reader.error(subject, f"module_host_driver is unknown, got {driver}; use {' or '.join(DRIVER_KINDS)}")
    kinds = DRIVER_KINDS.get(driver, PM_KINDS)
    pm_kind = fact.get("pm_kind", "")
    if pm_kind and pm_kind not in kinds:
        reader.error(subject, f"module_host_pm_kind is none of the driver's, got {pm_kind}; use {' or '.join(kinds)}")
    stated = fact.get("capacity") or {}
    if not isinstance(stated, Mapping):
        text = f"module_host_capacity is no mapping, got {stated}; write a mapping of {', '.join(_MOST)}"
        reader.error(subject, text)
        stated = {}
    reader.only(f"{subject}: module_host_capacity", stated, tuple(_MOST))
    seen = fact.get("measured") or {}
    measured = {key: value for key, value in seen.items() if key not in stated} if isinstance(seen, Mapping) else {}
    limits = {
        key: reader.whole(subject, {**measured, **stated}, key, f"module_host_capacity.{key}", most)
        for key, most in _MOST.items()
        if key in stated or key in measured
    }
    return ModuleHost(
        name=name,
        driver=driver,
        pm_kind=str(pm_kind),
        bridge=reader.word(subject, fact, "bridge", "module_host_bridge"),
        uplink_port=reader.whole(subject, fact, "uplink_port", "module_host_uplink_port", MAX_SWITCH_PORT),
        switch=reader.word(subject, fact, "switch", "module_host_switch"),
        switch_port=reader.whole(subject, fact, "switch_port", "module_host_switch_port", MAX_SWITCH_PORT),
        max_pms=limits.get("pms", _MOST["pms"]),
        max_memory=limits.get("memory_mib", _MOST["memory_mib"]),
        max_vcpus=limits.get("vcpus", _MOST["vcpus"]),
        max_processors=limits.get("processors"),
        max_uplink=limits.get("uplink_mbps"),
        max_flows=limits.get("flow_entries"),
        measured=frozenset(measured),
        unknown=tuple(key for key in ("memory_mib", "vcpus") if key not in limits),
    )


def _device(reader: FactReader, name: str, fact: Mapping[str, object]) -> Device:
    subject = f"device {name}"
    reader.only(subject, fact, ("switch", "outside_port", "inside_port"))
    return Device(
        name=name,
        switch=reader.word(subject, fact, "switch", "device_switch"),
        outside_port=reader.whole(subject, fact, "outside_port", "device_outside_port", MAX_SWITCH_PORT),
        inside_port=reader.whole(subject, fact, "inside_port", "device_inside_port", MAX_SWITCH_PORT),
    )


def _check_device(
    reader: FactReader, device: Device, switches: Collection[str], plugged: dict[tuple[str, int], str]
) -> None:
    """Note a switch that is not there, and a port that something else is plugged into; add its own to what is `plugged`."""
    subject = f"device {device.name}"
    if device.switch and device.switch not in switches:
        choice = ", ".join(sorted(switches)) or "the name of a host in group flow_switches"
        reader.error(subject, f"device_switch is no flow switch, got {device.switch}; use {choice}")
    if device.outside_port == device.inside_port != 0:
        text = (
            f"device_inside_port is device_outside_port, got {device.inside_port}; a device needs a port for each side"
        )
        reader.error(subject, text)
        return
    for variable, port in (("device_outside_port", device.outside_port), ("device_inside_port", device.inside_port)):
        other = plugged.setdefault((device.switch, port), device.name)
        if other != device.name and port:
            where = f"{port} on {device.switch}"
            reader.error(subject, f"{variable} is that of {other}, got {where}; give each device ports of its own")


def _port(reader: FactReader, name: str, fact: Mapping[str, object]) -> tuple[int, PortFacts]:
    subject = f"platform port {name}"
    reader.only(subject, fact, ("addresses", "gateway", "switch"))
    if not name.isdecimal():
        reader.error(subject, f"portid is not a whole number, got {name}; use the portid of the allocations")
    addresses = fact.get("addresses") or []
    if not isinstance(addresses, list | tuple):
        reader.error(subject, f"addresses is no list, got {addresses}; write a list such as [192.168.5.254/24]")
        addresses = []
    read = [reader.value(subject, str(text), parse_interface) for text in addresses]
    gateway = fact.get("gateway")
    return (
        int(name) if name.isdecimal() else -1,
        PortFacts(
            addresses=tuple(interface for interface in read if interface is not None),
            gateway=reader.value(subject, str(gateway), lambda text: parse_address("gateway", text))
            if gateway
            else None,
            switch=str(fact.get("switch") or ""),
        ),
    )


def _tenant(reader: FactReader, name: str, fact: Mapping[str, object], switches: Sequence[str]) -> Tenant:
    subject = f"tenant {name}"
    reader.only(subject, fact, ("modules", "memory_mib", "rate_mbps", "switchports", "types"))

    def most(key: str, high: int) -> int | None:
        return reader.whole(subject, fact, key, key, high) if key in fact else None

    def items(key: str, what: str) -> list[object] | None:
        value = fact.get(key)
        if value is None or isinstance(value, list | tuple):
            return None if value is None else list(value)
        reader.error(subject, f"{key} is no list, got {value}; write {what}")
        return None

    ports, types = items("switchports", "a list such as [1, 2]"), items("types", "a list of types of allocations")
    return Tenant(
        name=name,
        modules=most("modules", 65536),
        memory=most("memory_mib", 1 << 30),
        rate=most("rate_mbps", 1 << 30),
        switchports=None if ports is None else frozenset(_place(reader, subject, port, switches) for port in ports),
        types=None if types is None else tuple(map(str, types)),
    )


def _place(reader: FactReader, subject: str, text: object, switches: Sequence[str]) -> Place:
    """Read a port of a tenant's: SWITCH/PORT, or of the only switch its number alone."""
    switch, slash, port = str(text).rpartition("/")
    if slash and switch not in switches:
        choice = ", ".join(switches) or "the name of a host in group flow_switches"
        reader.error(subject, f"switchports has a port of no flow switch, got {text}; use {choice}")
    elif not slash and len(switches) > 1:
        advice = f"write SWITCH/PORT, such as {switches[0]}/{port}"
        reader.error(subject, f"switchports has a port and not of which switch, got {text}; {advice}")
    number = port if slash else text
    return Place(
        switch or "".join(switches[:1]),
        reader.whole(subject, {"port": number}, "port", "switchports", MAX_SWITCH_PORT),
    )
