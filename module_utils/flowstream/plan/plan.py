# SPDX-License-Identifier: Apache-2.0
"""The compiled result, and the only thing that apply reads: what runs where, configured how, and which flows.

A plan is plain JSON with sorted keys; the same input gives the same bytes. `planner` makes it, this file gives it types.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.flowstream.addresses import (
    EVERYTHING,
    IPV6,
    Interface,
    Prefix,
    address_text,
    parse_address,
    parse_address6,
    parse_interface,
    parse_interface6,
)
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.fabric.share import UNLINKED, Share
from ansible.module_utils.flowstream.flows.flow import Flow, Group
from ansible.module_utils.flowstream.plan.claim import Claim, claims_of
from ansible.module_utils.flowstream.plan.route import PlannedRoute
from ansible.module_utils.flowstream.plan.stage import PlannedDevice, PlannedStage
from ansible.module_utils.flowstream.plan.vif import Vif

SCHEMA = 1
"""Grows when a reader of older plans would misread a new one."""

PLAN_FOLDERS = ("click", "flows")
"""The folders of build/<allocation id>/ in which nothing but a plan's renderings lies."""
PLAN_PAGE = "plan.html"
"""What shows a plan to people, beside plan.json."""


def digest(name: str) -> int:
    """Return the 256 bits from which every number follows that a name decides by itself."""
    return int.from_bytes(hashlib.sha256(f"flowstream:{name}".encode()).digest(), "big")


def cookie_of(allocation_id: str) -> int:
    """Return the mark of an allocation's flows."""
    return digest(allocation_id) >> 192


@dataclass(frozen=True, slots=True)
class PlannedPort:
    """A platform port with the addresses that it has, whoever gave them; `addresses6` and `gateway6` are those of IPv6.

    `any_source`: packets may come in by it from the networks of other ports. `switch` is empty where there is one.
    """

    portid: int
    mac: str
    switchport: int
    addresses: tuple[Interface, ...]
    gateway: int | None
    any_source: bool = False
    addresses6: tuple[Interface, ...] = ()
    gateway6: int | None = None
    switch: str = ""

    @property
    def all_addresses(self) -> tuple[Interface, ...]:
        """Return its addresses of both families."""
        return (*self.addresses, *self.addresses6)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plan JSON."""
        return {
            "portid": self.portid,
            "mac": self.mac,
            "switchport": self.switchport,
            "addresses": [str(interface) for interface in self.addresses],
            "gateway": None if self.gateway is None else address_text(self.gateway),
            **({"any_source": True} if self.any_source else {}),
            **({"addresses6": [str(interface) for interface in self.addresses6]} if self.addresses6 else {}),
            **({} if self.gateway6 is None else {"gateway6": address_text(self.gateway6, IPV6)}),
            **({"switch": self.switch} if self.switch else {}),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> PlannedPort:
        """Read plan JSON."""
        return cls(
            portid=plain["portid"],
            mac=plain["mac"],
            switchport=plain["switchport"],
            addresses=tuple(parse_interface(text) for text in plain["addresses"]),
            gateway=None if plain["gateway"] is None else parse_address("gateway", plain["gateway"]),
            any_source=plain.get("any_source", False),
            addresses6=tuple(parse_interface6(text) for text in plain.get("addresses6", ())),
            gateway6=parse_address6("gateway6", plain["gateway6"]) if "gateway6" in plain else None,
            switch=plain.get("switch", ""),
        )


@dataclass(frozen=True, slots=True)
class PlannedPm:
    """A processing module with everything that its host needs to start it; `config` is Click text.

    `claims` are the packets that it gets, sorted by their rank; one that stands in a stage has none, but `stage`. `facts` is
    what its type decided besides, as JSON. `tenant` is whose it is, empty where the platform has none. What a `foreign`
    one sends is decided by nobody here. `why` says for people why it is on its host; what differs in it alone is equal.
    """

    name: str
    pm_id: int
    kind: str
    memory_mib: int
    vcpus: int
    claims: tuple[Claim, ...]
    routes: tuple[PlannedRoute, ...]
    vifs: tuple[Vif, ...]
    config: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    tenant: str = ""
    stage: PlannedStage | None = None
    foreign: bool = False
    why: str = field(default="", compare=False)

    @property
    def gets(self) -> tuple[str, ...]:
        """The packets that it gets, for people."""
        return tuple(map(str, self.claims if self.stage is None else (self.stage,)))

    @property
    def destinations(self) -> tuple[Prefix, ...]:
        """The destinations of packets that it may get."""
        return (EVERYTHING,) if self.stage else tuple(claim.destination for claim in self.claims)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plan JSON; what only some types need is there only where it says something."""
        other = [claim.to_dict() for claim in self.claims if not claim.is_plain]
        return {
            "name": self.name,
            "id": self.pm_id,
            "kind": self.kind,
            "memory_mib": self.memory_mib,
            "vcpus": self.vcpus,
            "prefixes": [str(claim.destination) for claim in self.claims if claim.is_plain],
            **({"claims": other} if other else {}),
            "routes": [str(route) for route in self.routes],
            "vifs": [vif.to_dict() for vif in self.vifs],
            "config": self.config,
            **({"facts": self.facts} if self.facts else {}),
            **({"tenant": self.tenant} if self.tenant else {}),
            **({"stage": self.stage.to_dict()} if self.stage else {}),
            **({"foreign": True} if self.foreign else {}),
            **({"why": self.why} if self.why else {}),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> PlannedPm:
        """Read plan JSON."""
        return cls(
            name=plain["name"],
            pm_id=plain["id"],
            kind=plain["kind"],
            memory_mib=plain["memory_mib"],
            vcpus=plain["vcpus"],
            claims=claims_of(plain["prefixes"], plain.get("claims", ())),
            routes=tuple(PlannedRoute.parse(text) for text in plain["routes"]),
            vifs=tuple(Vif.from_dict(vif) for vif in plain["vifs"]),
            config=plain["config"],
            facts=plain.get("facts", {}),
            tenant=plain.get("tenant", ""),
            stage=PlannedStage.from_dict(plain["stage"]) if "stage" in plain else None,
            foreign=plain.get("foreign", False),
            why=plain.get("why", ""),
        )


@dataclass(frozen=True, slots=True)
class SwitchPlan:
    """What one OpenFlow switch gets on its bridge; `spilled` are entries with which spares get flows, by module.

    Of several switches each has its share of their `fabric` besides, which is there whatever is allocated.
    """

    bridge: str
    flows: tuple[Flow, ...]
    groups: tuple[Group, ...] = ()
    spilled: Mapping[str, Flow] = field(default_factory=dict)
    fabric: Share = UNLINKED

    def to_dict(self) -> dict[str, Any]:
        """Return it as plan JSON."""
        return {
            "bridge": self.bridge,
            "flows": [flow.to_dict() for flow in self.flows],
            "groups": [group.to_dict() for group in self.groups],
            **({"spilled": {name: flow.to_dict() for name, flow in self.spilled.items()}} if self.spilled else {}),
            **self.fabric.to_dict(),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> SwitchPlan:
        """Read plan JSON."""
        return cls(
            bridge=plain["bridge"],
            flows=tuple(Flow.from_dict(flow) for flow in plain["flows"]),
            groups=tuple(Group.from_dict(group) for group in plain["groups"]),
            spilled={name: Flow.from_dict(flow) for name, flow in plain.get("spilled", {}).items()},
            fabric=Share.from_dict(plain),
        )


@dataclass(frozen=True, slots=True)
class HostPlan:
    """What one module host gets: processing modules, and flows on its bridge that lead to them.

    Its uplink is OpenFlow port `uplink_port` here and `switch_port` on `switch`.
    """

    driver: str
    bridge: str
    uplink_port: int
    switch: str
    switch_port: int
    flows: tuple[Flow, ...]
    pms: tuple[PlannedPm, ...]
    groups: tuple[Group, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plan JSON."""
        return {
            "driver": self.driver,
            "bridge": self.bridge,
            "uplink_port": self.uplink_port,
            "switch": self.switch,
            "switch_port": self.switch_port,
            "flows": [flow.to_dict() for flow in self.flows],
            **({"groups": [group.to_dict() for group in self.groups]} if self.groups else {}),
            "pms": [pm.to_dict() for pm in self.pms],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> HostPlan:
        """Read plan JSON."""
        return cls(
            driver=plain["driver"],
            bridge=plain["bridge"],
            uplink_port=plain["uplink_port"],
            switch=plain["switch"],
            switch_port=plain["switch_port"],
            flows=tuple(Flow.from_dict(flow) for flow in plain["flows"]),
            pms=tuple(PlannedPm.from_dict(pm) for pm in plain["pms"]),
            groups=tuple(Group.from_dict(group) for group in plain.get("groups", ())),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan. `switches` and `hosts` are by inventory name, and name every one that the platform has.

    A switch or host with nothing in it is there to be emptied: apply needs no memory of earlier plans.
    """

    allocation_id: str
    type: str
    subtype: str
    sha256: str
    ports: tuple[PlannedPort, ...]
    cookie: int
    switches: Mapping[str, SwitchPlan]
    hosts: Mapping[str, HostPlan]
    tenant: str = ""
    devices: tuple[PlannedDevice, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain data."""
        return {
            "schema": SCHEMA,
            "allocation": {
                "id": self.allocation_id,
                "type": self.type,
                "subtype": self.subtype,
                "sha256": self.sha256,
                "ports": [port.to_dict() for port in self.ports],
                **({"tenant": self.tenant} if self.tenant else {}),
            },
            "cookie": f"{self.cookie:#018x}",
            "switches": {name: switch.to_dict() for name, switch in self.switches.items()},
            "hosts": {name: host.to_dict() for name, host in self.hosts.items()},
            **({"devices": [device.to_dict() for device in self.devices]} if self.devices else {}),
        }

    def to_json(self) -> str:
        """Return the plan as the text of plan.json."""
        return _json(self.to_dict())

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Plan:
        """Read plain data; raises FlowstreamError when it is no plan of this schema."""
        if plain.get("schema") != SCHEMA:
            raise FlowstreamError(f"cannot read plan: its schema is {plain.get('schema')}, not {SCHEMA}; plan again")
        try:
            allocation = plain["allocation"]
            return cls(
                allocation_id=allocation["id"],
                type=allocation["type"],
                subtype=allocation["subtype"],
                sha256=allocation["sha256"],
                ports=tuple(PlannedPort.from_dict(port) for port in allocation["ports"]),
                cookie=int(plain["cookie"], 16),
                switches={name: SwitchPlan.from_dict(switch) for name, switch in sorted(plain["switches"].items())},
                hosts={name: HostPlan.from_dict(host) for name, host in sorted(plain["hosts"].items())},
                tenant=allocation.get("tenant", ""),
                devices=tuple(PlannedDevice.from_dict(device) for device in plain.get("devices", ())),
            )
        except KeyError as error:
            raise FlowstreamError(f"cannot read plan: {error.args[0]} is missing; plan again") from error
        except (AttributeError, TypeError, ValueError) as error:
            raise FlowstreamError(f"cannot read plan: {error}; plan again") from error

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read the text of plan.json."""
        try:
            plain = json.loads(text)
        except json.JSONDecodeError as error:
            raise FlowstreamError(f"cannot read plan: {error}; plan again") from error
        if not isinstance(plain, dict):
            raise FlowstreamError(f"cannot read plan: it is no mapping but {type(plain).__name__}; plan again")
        return cls.from_dict(plain)

    def bridges(self) -> dict[str, SwitchPlan | HostPlan]:
        """Return every bridge that has flows, switches first, by inventory name."""
        return {**self.switches, **self.hosts}

    def entries(self) -> dict[str, tuple[Flow, ...]]:
        """Return the entries by which each bridge leads packets: the allocation's, and at a switch of several those of the fabric."""
        return {
            **{name: (*switch.flows, *switch.fabric.flows) for name, switch in self.switches.items()},
            **{name: host.flows for name, host in self.hosts.items()},
        }

    def groups(self) -> dict[str, tuple[Group, ...]]:
        """Return the groups of each bridge, likewise."""
        switches = {name: (*switch.groups, *switch.fabric.groups) for name, switch in self.switches.items()}
        return {**switches, **{name: host.groups for name, host in self.hosts.items()}}

    def up(self) -> dict[tuple[str, int], bool]:
        """Return the ports that groups watch, links and those of devices, as they usually are."""
        links = {(name, port): True for name, switch in self.switches.items() for port in switch.fabric.links}
        return links | {place: True for device in self.devices for place in device.ports()}

    def links(self) -> dict[tuple[str, int], tuple[str, int]]:
        """Return the other end of each port of a bridge that leads to another bridge."""
        found: dict[tuple[str, int], tuple[str, int]] = {}
        for name, host in self.hosts.items():
            found[host.switch, host.switch_port] = (name, host.uplink_port)
            found[name, host.uplink_port] = (host.switch, host.switch_port)
        return found | {
            (name, port): end for name, switch in self.switches.items() for port, end in switch.fabric.links.items()
        }

    def switch_of(self, port: PlannedPort) -> str:
        """Return the switch that a platform port is at."""
        return port.switch or next(iter(self.switches))

    def files(self) -> dict[str, str]:
        """Return the files of build/<allocation id>/ by relative path: the plan, and its parts for people and tools."""
        files = {"plan.json": self.to_json()}
        for name, bridge in self.bridges().items():
            files[f"flows/{name}.flows"] = "".join(f"{flow}\n" for flow in bridge.flows)
            if bridge.groups:
                files[f"flows/{name}.groups"] = "".join(f"{group}\n" for group in bridge.groups)
        for name, switch in self.switches.items():
            share, spilled = switch.fabric, switch.spilled.values()
            for kind, found in (("fabric", share.flows), ("fabric-groups", share.groups), ("spilled", spilled)):
                if found:
                    files[f"flows/{name}.{kind}"] = "".join(f"{entry}\n" for entry in found)
        for host in self.hosts.values():
            for pm in host.pms:
                files[f"click/{pm.name}.click"] = pm.config
        return files

    def shown(self) -> dict[str, str]:
        """Return the same files as a person compares them: plan.json without what the others say, and without reasons."""
        plain = self.to_dict()
        for bridge in (*plain["switches"].values(), *plain["hosts"].values()):
            for key in ("flows", "groups", "spilled", "fabric"):
                bridge.pop(key, None)
            for pm in bridge.get("pms", ()):
                del pm["config"]
                pm.pop("why", None)
        return {**self.files(), "plan.json": _json(plain)}


def _json(plain: Mapping[str, Any]) -> str:
    return json.dumps(plain, indent=2, sort_keys=True) + "\n"
