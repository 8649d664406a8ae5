# SPDX-License-Identifier: Apache-2.0
"""Read an allocation description, in XML or YAML, into the typed model.

Everything that is wrong is found in one run: the shape by `shape`, each value here, and what only the
whole tells (duplicates, overlaps, routes) by `rules`. An object with an unreadable value takes part in the remaining checks with
a placeholder that no check compares; it never leaves this module, because an error refuses the file.
"""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import TypeVar

from ansible.module_utils.flowstream.addresses import (
    Interface,
    Prefix,
    parse_address,
    parse_interface,
    parse_mac,
    parse_prefix,
    shown,
)
from ansible.module_utils.flowstream.allocation.element import MAX_BYTES, Element
from ansible.module_utils.flowstream.allocation.findings import Finding, Findings
from ansible.module_utils.flowstream.allocation.from_xml import read_xml
from ansible.module_utils.flowstream.allocation.from_yaml import read_yaml
from ansible.module_utils.flowstream.allocation.model import (
    MAX_ALLOCATION_ID,
    MAX_PM_ID,
    MAX_PORTID,
    MAX_PORTS,
    ROUTER_TYPES,
    UNREAD_NUMBER,
    UNREAD_TEXT,
    Allocation,
    OwnedPrefix,
    Port,
    ProcessingModule,
    Route,
)
from ansible.module_utils.flowstream.allocation.rules import check
from ansible.module_utils.flowstream.allocation.shape import ROOT, check_shape, choice, label
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.fields import MAX_SWITCH_PORT
from ansible.module_utils.flowstream.platform.drivers import PM_KINDS

_ALLOCATION_ID = re.compile(r"[A-Za-z][A-Za-z0-9-]*", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_SHOWN_PORTS = 8
"""How many portids a message offers."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A usable allocation, and what its author may want to know about it."""

    allocation: Allocation
    warnings: tuple[Finding, ...]


def parse(data: bytes, file: str) -> Parsed:
    """Read the bytes of an allocation file; `file` is its name in messages, and its suffix says the language.

    Raises FlowstreamError with one message for each error, in file order.
    """
    findings = Findings(file)
    with _collector_at_rest():
        root = _read(data, file, findings)
        reader = _AllocationReader(findings, file, hashlib.sha256(data).hexdigest())
        allocation = reader.allocation(root) if root else None
    if allocation is None or findings.errors:
        raise findings.as_error()
    return Parsed(allocation, findings.warnings)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Spare the garbage collector millions of new objects without a cycle: walking them is half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(data: bytes, file: str, findings: Findings) -> Element | None:
    suffix = PurePath(file).suffix.lower()
    if suffix not in (".xml", ".yml", ".yaml"):
        findings.error(1, "document", f"has an unknown suffix, got {shown(suffix)}; name it .xml, .yml or .yaml")
    elif len(data) > MAX_BYTES:
        findings.error(1, "document", f"is too large, got {len(data)} bytes; keep it below {MAX_BYTES}")
    elif not data.strip():
        findings.error(1, "document", "is empty, got nothing; write an allocation description")
    elif suffix == ".xml":
        return read_xml(data, findings)
    else:
        return read_yaml(data, ROOT, findings)
    return None


class _AllocationReader:
    """Turns elements into the model, noting all that is wrong on the way."""

    def __init__(self, findings: Findings, file: str, sha256: str) -> None:
        self._findings = findings
        self._file = file
        self._sha256 = sha256
        self._portids: set[int] = set()
        self._knows_all_portids = True
        self._unread_prefixes: set[int] = set()

    def allocation(self, root: Element) -> Allocation | None:
        """Read the whole description and check it; None when it is something else."""
        if root.name != ROOT:
            self._findings.error(
                root.line, "document", f"is no allocation description, got {shown(root.name)}; use {ROOT}"
            )
            return None
        check_shape(root, self._findings)
        allocation_id = self._name(root)
        self._check_type(root)
        ports = self._ports(root)
        pms = [self._pm(child) for child in root.children if child.name == "pm"]
        allocation = Allocation(
            allocation_id=allocation_id,
            type=root.attributes.get("type", UNREAD_TEXT),
            subtype=root.attributes.get("subtype", UNREAD_TEXT),
            ports=tuple(sorted(ports, key=lambda port: port.portid)),
            pms=tuple(sorted(pms, key=lambda pm: pm.pm_id)),
            file=self._file,
            sha256=self._sha256,
            line=root.line,
        )
        check(allocation, self._findings, frozenset(self._unread_prefixes))
        return allocation

    def _name(self, root: Element) -> str:
        name = root.attributes.get("id")
        if name is None:
            return UNREAD_TEXT
        if not _ALLOCATION_ID.fullmatch(name):
            text = f"id is no name for hosts and units, got {shown(name)}"
            self._error(root, "id", f"{text}; begin with a letter, then use letters, digits and -")
        elif len(name) > MAX_ALLOCATION_ID:
            self._error(root, "id", f"id is too long, got {len(name)} characters; use at most {MAX_ALLOCATION_ID}")
        return name

    def _check_type(self, root: Element) -> None:
        kind, subtype = root.attributes.get("type"), root.attributes.get("subtype")
        if kind is not None and kind not in ROUTER_TYPES:
            self._error(root, "type", f"type is unknown, got {shown(kind)}; use {choice(ROUTER_TYPES)}")
        elif kind is not None and subtype is not None and subtype not in ROUTER_TYPES[kind]:
            text = f"subtype of {kind} is unknown, got {shown(subtype)}; use {choice(ROUTER_TYPES[kind])}"
            self._error(root, "subtype", text)

    def _ports(self, root: Element) -> list[Port]:
        elements = [
            element
            for mappings in root.children
            if mappings.name == "portmacmappings"
            for element in mappings.children
            if element.name == "portmacmapping"
        ]
        if len(elements) > MAX_PORTS:
            self._findings.error(
                elements[MAX_PORTS].line,
                "portmacmappings",
                f"holds too many ports, got {len(elements)}; use at most {MAX_PORTS}",
            )
        ports = [self._port(element) for element in elements]
        self._knows_all_portids = bool(ports) and all(port.portid != UNREAD_NUMBER for port in ports)
        return ports

    def _port(self, element: Element) -> Port:
        portid = self._whole(element, "portid", 0, MAX_PORTID)
        if portid is not None:
            self._portids.add(portid)
        addresses: tuple[Interface, ...] = tuple(
            address
            for text in element.attributes.get("address", "").split()
            if (address := self._value(element, "address", text, parse_interface)) is not None
        )
        return Port(
            portid=UNREAD_NUMBER if portid is None else portid,
            mac=self._attribute(element, "mac", parse_mac) or UNREAD_TEXT,
            switchport=self._whole(element, "switchport", 1, MAX_SWITCH_PORT) or UNREAD_NUMBER,
            addresses=addresses,
            gateway=self._gateway(element),
            any_source=self._attribute(element, "sources", _parse_sources) or False,
            line=element.line,
        )

    def _pm(self, element: Element) -> ProcessingModule:
        pm_id = self._whole(element, "id", 0, MAX_PM_ID)
        kind = element.attributes.get("kind")
        if kind is not None and kind not in PM_KINDS:
            self._error(element, "kind", f"kind is unknown, got {shown(kind)}; use {choice(PM_KINDS)}")
        prefixes = [self._owned(child, element) for child in element.children if child.name == "prefix"]
        routes = [
            route
            for table in element.children
            if table.name == "forwardingtable"
            for entry in table.children
            if entry.name == "forwardingentry" and (route := self._route(entry)) is not None
        ]
        for table in element.children:
            if table.name == "forwardingtable":
                self._whole(table, "id", 0, MAX_PM_ID)
        return ProcessingModule(
            pm_id=UNREAD_NUMBER if pm_id is None else pm_id,
            prefixes=tuple(sorted((owned for owned in prefixes if owned), key=lambda owned: owned.prefix)),
            routes=tuple(sorted(routes, key=lambda route: route.prefix)),
            kind=kind,
            memory=self._whole(element, "memory", 1, 1024 * 1024),
            vcpus=self._whole(element, "vcpus", 1, 128),
            rate=self._whole(element, "rate", 1, 1_000_000),
            line=element.line,
        )

    def _owned(self, element: Element, pm: Element) -> OwnedPrefix | None:
        prefix = self._prefix(element)
        if prefix is None:
            self._unread_prefixes.add(pm.line)
            return None
        return OwnedPrefix(prefix, element.line)

    def _route(self, element: Element) -> Route | None:
        prefix = self._prefix(element)
        text = element.attributes.get("outputport")
        port = None
        if text is not None:
            port = self._value(element, "outputport", text, _parse_portid)
            if port is not None and port not in self._portids and self._knows_all_portids:
                known = choice([str(portid) for portid in sorted(self._portids)[:_SHOWN_PORTS]])
                self._error(element, "outputport", f"outputport does not exist, got {port}; use {known}")
        gateway = self._gateway(element)
        if prefix is None:
            return None
        return Route(prefix, UNREAD_NUMBER if port is None else port, gateway, element.line)

    def _prefix(self, element: Element) -> Prefix | None:
        addr, mask = element.attributes.get("addr"), element.attributes.get("mask")
        if addr is None or mask is None:
            return None
        try:
            return parse_prefix(addr, mask)
        except FlowstreamError as error:
            self._error(element, "mask" if str(error).startswith("mask") else "addr", str(error))
            return None

    def _gateway(self, element: Element) -> int | None:
        if "gateway" not in element.attributes:
            return None
        return self._attribute(element, "gateway", lambda text: parse_address("gateway", text))

    def _whole(self, element: Element, name: str, low: int, high: int) -> int | None:
        return self._attribute(element, name, lambda text: _parse_whole(name, text, low, high))

    def _attribute(self, element: Element, name: str, read: Callable[[str], Value]) -> Value | None:
        text = element.attributes.get(name)
        return None if text is None else self._value(element, name, text, read)

    def _value(self, element: Element, name: str, text: str, read: Callable[[str], Value]) -> Value | None:
        try:
            return read(text)
        except FlowstreamError as error:
            self._error(element, name, str(error))
            return None

    def _error(self, element: Element, attribute: str, text: str) -> None:
        self._findings.error(element.line_of(attribute), label(element), text)


def _parse_sources(text: str) -> bool:
    if text not in ("any", "own"):
        raise FlowstreamError(f"sources is unknown, got {shown(text)}; use any or own")
    return text == "any"


def _parse_portid(text: str) -> int:
    return _parse_whole("outputport", text, 0, MAX_PORTID)


def _parse_whole(name: str, text: str, low: int, high: int) -> int:
    if not _WHOLE.fullmatch(text):
        raise FlowstreamError(f"{name} is not a whole number, got {shown(text)}; write one from {low} to {high}")
    if not low <= int(text) <= high:
        raise FlowstreamError(f"{name} is outside {low}..{high}, got {text}; write one inside")
    return int(text)
