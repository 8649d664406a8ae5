# SPDX-License-Identifier: Apache-2.0
"""Which elements and attributes an allocation description has; schemas/allocation.xsd says the same to editors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import shown
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings

ROOT = "allocationdescription"


@dataclass(frozen=True, slots=True)
class _Shape:
    """What an element may hold. Values say what a missing attribute or element is for."""

    required: dict[str, str]
    optional: tuple[str, ...] = ()
    single: dict[str, str] | None = None
    repeated: dict[str, str] | None = None

    @property
    def attributes(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)

    @property
    def children(self) -> tuple[str, ...]:
        return (*(self.single or ()), *(self.repeated or ()))


_SHAPES = {
    ROOT: _Shape(
        required={
            "id": "the name of the allocation",
            "type": "the kind of router, for example fastiprouter",
            "subtype": "how the load is shared, for example prefixlb",
        },
        single={"portmacmappings": "the platform ports"},
        repeated={"pm": "at least one processing module"},
    ),
    "portmacmappings": _Shape(required={}, repeated={"portmacmapping": "one for each platform port"}),
    "portmacmapping": _Shape(
        required={
            "portid": "the number that forwarding entries use",
            "mac": "the Ethernet address of the port outside",
            "switchport": "the OpenFlow port of the switch behind it",
        },
        optional=("address", "gateway", "sources"),
    ),
    "pm": _Shape(
        required={"id": "the number of the processing module"},
        optional=("kind", "memory", "vcpus", "rate"),
        single={"forwardingtable": "the routes of the processing module"},
        repeated={"prefix": "the destinations that the processing module serves"},
    ),
    "prefix": _Shape(required={"addr": "the first address", "mask": "a length or a dotted mask"}),
    "forwardingtable": _Shape(
        required={}, optional=("id",), repeated={"forwardingentry": "at least one route, or remove the pm"}
    ),
    "forwardingentry": _Shape(
        required={
            "addr": "the first address of the destinations",
            "mask": "a length or a dotted mask",
            "outputport": "the portid that packets leave by",
        },
        optional=("gateway",),
    ),
}
_PLAIN_ENTRY = _SHAPES["forwardingentry"].required.keys()


def check_shape(element: Element, findings: Findings) -> None:
    """Note everything in the element, and below it, that the shape does not allow or misses."""
    shape = _SHAPES[element.name]
    if element.text:
        _error(findings, element, "", f"has text, got {shown(element.text)}; put values into attributes")
    if not (element.name == "forwardingentry" and element.attributes.keys() == _PLAIN_ENTRY):
        _check_attributes(element, shape, findings)
    counts = dict.fromkeys(shape.children, 0)
    for child in element.children:
        if child.name not in counts:
            allowed = f"use {choice(shape.children)}" if shape.children else "remove it"
            _error(findings, child, "", f"element is unknown in {element.name}, got {shown(child.name)}; {allowed}")
            continue
        counts[child.name] += 1
        if shape.single and child.name in shape.single and counts[child.name] == 2:
            _error(findings, child, "", f"stands twice in {label(element)}; put everything into one")
        check_shape(child, findings)
    for name, purpose in {**(shape.single or {}), **(shape.repeated or {})}.items():
        if not counts[name] and name not in element.attributes:
            _error(findings, element, "", f"has no {name}; add {purpose}")


def _check_attributes(element: Element, shape: _Shape, findings: Findings) -> None:
    for name, value in element.attributes.items():
        if name in shape.children:
            _error(findings, element, name, f"{name} is an element, got {shown(value)}; write its attributes")
        elif name not in shape.attributes:
            allowed = f"use {choice(shape.attributes)}" if shape.attributes else "remove it"
            _error(findings, element, name, f"attribute is unknown, got {shown(name)}; {allowed}")
    for name, purpose in shape.required.items():
        if name not in element.attributes:
            _error(findings, element, "", f"{name} is missing; add {purpose}")


def _error(findings: Findings, element: Element, attribute: str, text: str) -> None:
    findings.error(element.line_of(attribute), label(element), text)


def label(element: Element) -> str:
    """Name an element as messages do: by what its author sees in the file."""
    attributes = element.attributes
    if element.name == "pm" and "id" in attributes:
        return f"pm {shown(attributes['id'])}"
    if element.name == "portmacmapping" and "portid" in attributes:
        return f"portmacmapping {shown(attributes['portid'])}"
    if element.name in ("prefix", "forwardingentry") and "addr" in attributes and "mask" in attributes:
        return f"{element.name} {shown(attributes['addr'] + '/' + attributes['mask'])}"
    return shown(element.name)


def choice(words: Iterable[str]) -> str:
    """Offer words in a message: `a, b or c`."""
    *rest, last = words
    return f"{', '.join(rest)} or {last}" if rest else last
