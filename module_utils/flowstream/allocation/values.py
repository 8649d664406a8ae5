# SPDX-License-Identifier: Apache-2.0
"""What an attribute may hold, whatever the type of processing, and reading it with a message for each that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from ansible.module_utils.flowstream.addresses import (
    IPV4,
    IPV6,
    LINK_LOCAL,
    NO_MACHINES6,
    Prefix,
    address_text,
    parse_address,
    parse_address6,
    parse_address_text,
    parse_block,
    parse_prefix,
    shown,
)
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import MAX_PORTID
from ansible.module_utils.flowstream.allocation.shape import Shapes, Value, choice
from ansible.module_utils.flowstream.errors import FlowstreamError

_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_NOBODYS = (Prefix(0, 8), Prefix(127 << 24, 8), Prefix(224 << 24, 3))
"""This network, loopback, groups and what was reserved (RFC 6890)."""
_NOBODYS6 = (*NO_MACHINES6, LINK_LOCAL)
_ONES = "(128|192|224|240|248|252|254|255)"
WHOLE_16 = Value("xs:unsignedShort", "0..65535")
ADDRESS = Value("address", "IPv4 address", facets=(("pattern", rf"({_BYTE}\.){{3}}{_BYTE}"),))
MASK = Value(
    "mask",
    "`0`..`32`, or a dotted mask such as `128.0.0.0`",
    facets=(
        ("pattern", "[0-9]|[12][0-9]|3[0-2]"),
        ("pattern", rf"(0|{_ONES[1:-1]})\.0\.0\.0"),
        ("pattern", rf"255\.{_ONES}\.0\.0"),
        ("pattern", rf"255\.255\.{_ONES}\.0"),
        ("pattern", rf"255\.255\.255\.{_ONES}"),
    ),
)
ADDRESS6 = Value("address6", "IPv6 address", facets=(("pattern", "[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){2,7}"),))
ANY_ADDRESS = Value("anyaddress", "IPv4 or IPv6 address", facets=(*ADDRESS.facets, *ADDRESS6.facets))
ANY_MASK = Value(
    "anymask",
    "`0`..`32`, or a dotted mask such as `128.0.0.0`; of IPv6 `0`..`128`",
    facets=(("pattern", "[0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]"), *MASK.facets[1:]),
)
ANY_BLOCK = Value(
    "anyblock",
    "`10.0.0.0/8`, `2001:db8::/32`, or an address",
    facets=(
        ("pattern", "[0-9.]{7,15}(/[0-9.]{1,15})?"),
        ("pattern", "[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){2,7}(/[0-9]{1,3})?"),
    ),
)
PORTID = Value("xs:unsignedShort", "a `portid`")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_SHOWN_PORTS = 8
"""How many portids a message offers."""

Read = TypeVar("Read")


def whole(name: str, high: int, unit: str = "") -> Value:
    """A number from 1 on."""
    return Value(name, f"1..{high}{unit and ' '}{unit}", "xs:positiveInteger", (("maxInclusive", str(high)),))


def one_of(name: str, words: tuple[str, ...]) -> Value:
    """A word of a list."""
    text = ", ".join(f"`{word}`" for word in words)
    return Value(name, text, facets=tuple(("enumeration", word) for word in words))


class Values:
    """Reads the attributes of one document. What cannot be read is None, and noted.

    `portids` are the platform ports that the document has; `knows_all_portids` says that each of them could be read. `subtype` is
    the document's. `carries_ipv6` says whether the elements may speak of IPv6; where they may not, `kind` is the type that
    carries none.
    """

    def __init__(self, shapes: Shapes, findings: Findings) -> None:
        self.findings = findings
        self.portids: set[int] = set()
        self.knows_all_portids = True
        self.subtype = ""
        self.kind = ""
        self.carries_ipv6 = False
        self._shapes = shapes
        self._portids: dict[str, int] = {}  # of texts that were read without an error

    def whole(self, element: Element, name: str, low: int, high: int) -> int | None:
        """A number in low..high."""
        return self.attribute(element, name, lambda text: _parse_whole(name, text, low, high))

    def only(self, element: Element, name: str) -> Element | None:
        """The child of this name, if there is one; more than one are noted."""
        found = [child for child in element.children if child.name == name]
        for another in found[1:]:
            self.error(another, "", f"stands twice in {element.name}; put everything into one")
        return found[0] if found else None

    def with_shapes(self, shapes: Shapes, kind: str) -> Values:
        """The same for a part of the document that has shapes of its own, and is of another type."""
        other = Values(shapes, self.findings)
        other.kind = kind
        other.portids, other.knows_all_portids = self.portids, self.knows_all_portids
        return other

    def name(self, element: Element, attribute: str, longest: int) -> str | None:
        """A name that hosts, units and domains may have; one that they may not is noted, and returned all the same."""
        name = element.attributes.get(attribute)
        if name is not None and not _NAME.fullmatch(name):
            text = f"{attribute} is not a valid name for hosts and units, got {shown(name)}"
            self.error(element, attribute, f"{text}; begin with a letter, then use letters, digits and -")
        elif name is not None and len(name) > longest:
            text = f"{attribute} is too long, got {len(name)} characters; use at most {longest}"
            self.error(element, attribute, text)
        return name

    def prefix(self, element: Element) -> Prefix | None:
        """The prefix that attributes `addr` and `mask` spell, of a family that the type carries."""
        addr, mask = element.attributes.get("addr"), element.attributes.get("mask")
        if addr is None or mask is None:
            return None
        try:
            prefix = parse_prefix(addr, mask)
        except FlowstreamError as error:
            self.error(element, "mask" if str(error).startswith("mask") else "addr", str(error))
            return None
        if prefix.family == IPV6 and not self.carries_ipv6:
            self.refuse_ipv6(element, "addr", address_text(prefix.network, IPV6))
            return None
        return prefix

    def block(self, element: Element, name: str) -> Prefix | None:
        """A prefix, or an address alone, of a family that the type carries."""
        block = self.attribute(element, name, lambda text: parse_block(name, text, either=True))
        if block is not None and block.family == IPV6 and not self.carries_ipv6:
            self.refuse_ipv6(element, name, shown(element.attributes[name]))
            return None
        return block

    def network(self, element: Element) -> Prefix | None:
        """A prefix of addresses that machines may have."""
        prefix = self.prefix(element)
        if prefix is not None and any(nobodys.contains(prefix) for nobodys in (*_NOBODYS, *_NOBODYS6)):
            outside = ", ".join(map(str, _NOBODYS6)) if prefix.family == IPV6 else "0/8, 127/8 and 224/3"
            self.error(element, "addr", f"addr is of no machine, got {prefix}; write a network outside of {outside}")
            return None
        return prefix

    def refuse_ipv6(self, element: Element, attribute: str, got: str) -> None:
        """Note that the type carries IPv4 alone."""
        text = f"{attribute} is of IPv6, which type {self.kind} does not carry, got {got}"
        self.error(element, attribute, f"{text}; write IPv4, or remove it")

    def address(self, element: Element, name: str, family: int | None = IPV4) -> int | None:
        """An address of a family, or of either when that is None."""
        read = {IPV4: parse_address, IPV6: parse_address6, None: _parse_either}[family]
        return self.attribute(element, name, lambda text: read(name, text))

    def host(self, element: Element, name: str) -> int | None:
        """An IPv4 address that a machine may have."""
        if name not in element.attributes:
            return None
        return self.attribute(element, name, lambda text: _parse_host(name, text))

    def portid(self, element: Element, name: str) -> int | None:
        """The number of a platform port that is there."""
        text = element.attributes.get(name)
        if text is None:
            return None
        if (known := self._portids.get(text)) is not None:
            return known
        port = self.value(element, name, text, lambda text: _parse_whole(name, text, 0, MAX_PORTID))
        if port is not None and port not in self.portids and self.knows_all_portids:
            offer = choice([str(portid) for portid in sorted(self.portids)[:_SHOWN_PORTS]])
            self.error(element, name, f"{name} does not exist, got {port}; use {offer}")
        elif port is not None:
            self._portids[text] = port
        return port

    def attribute(self, element: Element, name: str, read: Callable[[str], Read]) -> Read | None:
        """An attribute by any function that raises FlowstreamError."""
        text = element.attributes.get(name)
        return None if text is None else self.value(element, name, text, read)

    def value(self, element: Element, name: str, text: str, read: Callable[[str], Read]) -> Read | None:
        """A part of an attribute."""
        try:
            return read(text)
        except FlowstreamError as error:
            self.error(element, name, str(error))
            return None

    def error(self, element: Element, attribute: str, text: str) -> None:
        """Note what is wrong with an attribute."""
        self._shapes.error(self.findings, element, attribute, text)


def _parse_either(name: str, text: str) -> int:
    return parse_address_text(name, text)[0]


def _parse_host(name: str, text: str) -> int:
    address = parse_address(name, text)
    if any(prefix.holds(address) for prefix in _NOBODYS):
        raise FlowstreamError(f"{name} is of no machine, got {text}; write one outside of 0/8, 127/8 and 224/3")
    return address


def _parse_whole(name: str, text: str, low: int, high: int) -> int:
    if not _WHOLE.fullmatch(text):
        raise FlowstreamError(f"{name} is not a whole number, got {shown(text)}; write one from {low} to {high}")
    if not low <= int(text) <= high:
        raise FlowstreamError(f"{name} is outside {low}..{high}, got {text}; write one inside")
    return int(text)
