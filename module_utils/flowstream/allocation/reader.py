# SPDX-License-Identifier: Apache-2.0
"""Turn the elements of an allocation description into the typed model, whatever its type.

Everything that is wrong is found in one run: the shape by `shape`, each value here and by the type, and what only the
whole tells by `rules` and the type's own. An object with an unreadable value takes part in the remaining checks with
a placeholder that no check compares; it is never handed out, because an error refuses the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ansible.module_utils.flowstream.addresses import (
    IPV6,
    Interface,
    parse_interface,
    parse_interface6,
    parse_mac,
    shown,
)
from ansible.module_utils.flowstream.allocation.device import DEVICE, read_device
from ansible.module_utils.flowstream.allocation.document import (
    NETWORK,
    PORT,
    PORTS,
    ROOT,
    Declaration,
    shapes_of,
    stage_shapes_of,
)
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import (
    MAX_ALLOCATION_ID,
    MAX_PM_ID,
    MAX_PORTID,
    MAX_PORTS,
    UNREAD_NUMBER,
    UNREAD_TEXT,
    Allocation,
    Port,
    ProcessingModule,
    Stage,
)
from ansible.module_utils.flowstream.allocation.rules import check
from ansible.module_utils.flowstream.allocation.shape import Shapes, choice
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.values import MAX_SWITCH_PORT
from ansible.module_utils.flowstream.platform.drivers import PM_KINDS


class BodyReader(Protocol):
    """What a type of processing gives for its modules to be read."""

    @property
    def declaration(self) -> Declaration:
        """Its words and elements."""

    def read(self, pm: Element, values: Values) -> Any:
        """The body of a module, as far as it can be read."""


class Readable(BodyReader, Protocol):
    """What it gives for its allocations to be read."""

    def check(self, allocation: Allocation, findings: Findings) -> None:
        """Note every broken rule of its own; `rules` has had its turn."""


class ReadableStage(BodyReader, Protocol):
    """What a type of stages gives for them to be read."""

    def check(self, stage: Stage, allocation: Allocation, findings: Findings) -> None:
        """Note every broken rule of its own; `rules` has had its turn."""


def read_allocation(
    root: Element,
    types: Mapping[str, Readable],
    stages: Mapping[str, ReadableStage],
    findings: Findings,
    sha256: str,
) -> Allocation | None:
    """Read the whole description and check it; None when it is something else."""
    if root.name != ROOT:
        findings.error(root.line, "document", f"is no allocation description, got {shown(root.name)}; use {ROOT}")
        return None
    chosen = types.get(root.attributes.get("type", UNREAD_TEXT))
    declarations = [known.declaration for known in types.values()]
    standing = _standing(stages)
    shapes = Shapes(shapes_of(declarations, chosen.declaration if chosen else None, standing))
    shapes.check(root, findings)
    return _AllocationReader(Values(shapes, findings), types, chosen, stages).allocation(root, sha256)


class _AllocationReader:
    """Turns elements into the model, noting all that is wrong on the way."""

    def __init__(
        self,
        values: Values,
        types: Mapping[str, Readable],
        chosen: Readable | None,
        stages: Mapping[str, ReadableStage],
    ) -> None:
        self._values = values
        self._types = types
        self._chosen = chosen
        self._stages = stages

    def allocation(self, root: Element, sha256: str) -> Allocation:
        findings = self._values.findings
        allocation_id = self._values.name(root, "id", MAX_ALLOCATION_ID) or UNREAD_TEXT
        self._check_type(root)
        self._values.kind = root.attributes.get("type", UNREAD_TEXT)
        self._values.carries_ipv6 = self._chosen is None or self._chosen.declaration.carries_ipv6
        self._values.subtype = root.attributes.get("subtype", UNREAD_TEXT)
        ports = self._ports(root)
        pms = [self._pm(child, self._values, self._chosen) for child in root.children if child.name == "pm"]
        # Where the document has no word for them, the shapes have refused them.
        stages = [self._stage(child) for child in root.children if child.name == "stage" and self._stages]
        allocation = Allocation(
            allocation_id=allocation_id,
            type=root.attributes.get("type", UNREAD_TEXT),
            subtype=root.attributes.get("subtype", UNREAD_TEXT),
            ports=tuple(sorted(ports, key=lambda port: port.portid)),
            pms=tuple(sorted(pms, key=lambda pm: pm.pm_id)),
            file=findings.file,
            sha256=sha256,
            stages=tuple(stages),
            line=root.line,
            tenant=self._values.name(root, "tenant", MAX_ALLOCATION_ID) or UNREAD_TEXT,
        )
        check(allocation, findings)
        if self._chosen is not None:
            self._chosen.check(allocation, findings)
        for stage in stages:
            if stage.type in self._stages:
                self._stages[stage.type].check(stage, allocation, findings)
        return allocation

    def _check_type(self, root: Element) -> None:
        kind, subtype = root.attributes.get("type"), root.attributes.get("subtype")
        if kind is not None and self._chosen is None:
            self._values.error(root, "type", f"type is unknown, got {shown(kind)}; use {choice(self._types)}")
        elif self._chosen is not None and subtype is not None and subtype not in self._chosen.declaration.subtypes:
            known = choice(self._chosen.declaration.subtypes)
            self._values.error(root, "subtype", f"subtype of {kind} is unknown, got {shown(subtype)}; use {known}")

    def _ports(self, root: Element) -> list[Port]:
        elements = [
            element
            for mappings in root.children
            if mappings.name == PORTS.name
            for element in mappings.children
            if element.name == PORT.name
        ]
        if len(elements) > MAX_PORTS:
            text = f"holds too many ports, got {len(elements)}; use at most {MAX_PORTS}"
            self._values.findings.error(elements[MAX_PORTS].line, PORTS.name, text)
        ports = [self._port(element) for element in elements]
        self._values.knows_all_portids = bool(ports) and all(port.portid != UNREAD_NUMBER for port in ports)
        return ports

    def _port(self, element: Element) -> Port:
        values = self._values
        portid = values.whole(element, "portid", 0, MAX_PORTID)
        if portid is not None:
            values.portids.add(portid)
        for name in ("address6", "gateway6") if not values.carries_ipv6 else ():
            if name in element.attributes:
                values.refuse_ipv6(element, name, shown(element.attributes[name]))
        return Port(
            portid=UNREAD_NUMBER if portid is None else portid,
            mac=values.attribute(element, "mac", parse_mac) or UNREAD_TEXT,
            switchport=values.whole(element, "switchport", 1, MAX_SWITCH_PORT) or UNREAD_NUMBER,
            addresses=self._interfaces(element, "address", parse_interface),
            gateway=values.address(element, "gateway"),
            any_source=values.attribute(element, "sources", _parse_sources) or False,
            line=element.line,
            addresses6=self._interfaces(element, "address6", parse_interface6),
            gateway6=values.address(element, "gateway6", IPV6),
            switch=element.attributes.get("switch", UNREAD_TEXT),
        )

    def _interfaces(self, element: Element, name: str, read: Callable[[str], Interface]) -> tuple[Interface, ...]:
        found = (self._values.value(element, name, text, read) for text in element.attributes.get(name, "").split())
        return tuple(interface for interface in found if interface is not None)

    def _stage(self, element: Element) -> Stage:
        kind = element.attributes.get("type", UNREAD_TEXT)
        chosen = self._stages.get(kind)
        standing = _standing(self._stages)
        of_device = kind == DEVICE.type
        declared = DEVICE if of_device else chosen.declaration if chosen else None
        shapes = Shapes(stage_shapes_of(standing, declared))
        shapes.check(element, self._values.findings)
        carries_ipv6 = declared is None or declared.carries_ipv6
        values = self._values.with_shapes(shapes, kind if self._values.carries_ipv6 else self._values.kind)
        values.carries_ipv6 = self._values.carries_ipv6 and carries_ipv6
        if kind and declared is None:
            known = choice(each.type for each in standing)
            values.error(element, "type", f"type is unknown, got {shown(kind)}; use {known}")
        port = values.portid(element, "port")
        return Stage(
            stage_id=values.name(element, "id", MAX_ALLOCATION_ID) or UNREAD_TEXT,
            type=kind,
            port=UNREAD_NUMBER if port is None else port,
            pms=tuple(
                sorted(
                    (self._pm(child, values, chosen) for child in element.children if child.name == "pm"),
                    key=lambda pm: pm.pm_id,
                )
            ),
            line=element.line,
            device=read_device(element, values) if of_device else None,
            carries_ipv6=carries_ipv6,
        )

    def _pm(self, element: Element, values: Values, chosen: BodyReader | None) -> ProcessingModule:
        pm_id = values.whole(element, "id", 0, MAX_PM_ID)
        kind = element.attributes.get("kind")
        if kind is not None and kind not in PM_KINDS:
            values.error(element, "kind", f"kind is unknown, got {shown(kind)}; use {choice(PM_KINDS)}")
        body = chosen.read(element, values) if chosen else None
        networks = [values.prefix(child) for child in element.children if child.name == NETWORK.name]
        return ProcessingModule(
            pm_id=UNREAD_NUMBER if pm_id is None else pm_id,
            body=body,
            kind=kind,
            memory=values.whole(element, "memory", 1, 1024 * 1024),
            vcpus=values.whole(element, "vcpus", 1, 128),
            rate=values.whole(element, "rate", 1, 1_000_000),
            networks=tuple(
                sorted((network for network in networks if network is not None), key=lambda network: network.in_order)
            ),
            line=element.line,
        )


def _standing(stages: Mapping[str, ReadableStage]) -> list[Declaration]:
    """The types that stages may have, where a document may have stages."""
    return [*(known.declaration for known in stages.values()), DEVICE] if stages else []


def _parse_sources(text: str) -> bool:
    if text not in ("any", "own"):
        raise FlowstreamError(f"sources is unknown, got {shown(text)}; use any or own")
    return text == "any"
