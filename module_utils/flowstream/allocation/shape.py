# SPDX-License-Identifier: Apache-2.0
"""What an allocation description may hold, as data.

The reader checks by it; the schema for editors and docs/allocation.md are written from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ansible.module_utils.flowstream.addresses import shown
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings


@dataclass(frozen=True, slots=True)
class Value:
    """What an attribute may hold: `text` for people, and a simple type of XML Schema called `name`.

    `facets` restrict `base`, as (facet, value); a name such as `xs:string` is of the schema language itself. With `items`
    it is a list of those, separated by spaces.
    """

    name: str
    text: str
    base: str = "xs:string"
    facets: tuple[tuple[str, str], ...] = ()
    items: Value | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: its meaning for people, and, where it is required, what a missing one is to be (`add ...`)."""

    name: str
    value: Value
    meaning: str
    missing: str = ""


@dataclass(frozen=True)
class Shape:
    """What an element may hold.

    `single` and `repeated` have the names of the elements inside, with what a missing one is for; `most` bounds the
    latter. `optional` are those that may be missing or repeated, with what they say. `named_by` are the attributes that
    tell it from others in messages. What stands in an `open` one is not judged. `refused` are elements that others of its name
    may have, with the reason why it may not.
    """

    name: str
    text: str
    attributes: tuple[Attribute, ...] = ()
    single: Mapping[str, str] = field(default_factory=dict)
    repeated: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    most: int | None = None
    named_by: tuple[str, ...] = ()
    open: bool = False
    refused: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def required(self) -> dict[str, str]:
        """The attributes that may not be missing, with what to add."""
        return {attribute.name: attribute.missing for attribute in self.attributes if attribute.missing}

    @cached_property
    def known(self) -> tuple[str, ...]:
        """The names of all attributes, required ones first."""
        optional = (attribute.name for attribute in self.attributes if not attribute.missing)
        return (*self.required, *optional)

    @cached_property
    def children(self) -> tuple[str, ...]:
        """The names of all elements inside."""
        return (*self.single, *self.repeated, *self.optional)


class Shapes:
    """The shapes of one kind of document, by the names of the elements. An element without one is judged by others."""

    def __init__(self, shapes: Iterable[Shape]) -> None:
        self._shapes = {shape.name: shape for shape in shapes}

    def check(self, element: Element, findings: Findings) -> None:
        """Note everything in the element, and below it, that the shapes do not allow or miss."""
        shape = self._shapes[element.name]
        if element.text:
            self.error(findings, element, "", f"has text, got {shown(element.text)}; put values into attributes")
        # Nearly all of a large file are entries that have what they must and nothing else.
        if element.attributes.keys() != shape.required.keys():
            self._check_attributes(element, shape, findings)
        if not shape.children and not element.children:
            return
        counts = dict.fromkeys(shape.children, 0)
        for child in element.children:
            if child.name not in counts:
                if shape.open:
                    continue
                if child.name in shape.refused:
                    self.error(findings, child, "", f"{shape.refused[child.name]}; remove it")
                    continue
                allowed = f"use {choice(shape.children)}" if shape.children else "remove it"
                text = f"element is unknown in {element.name}, got {shown(child.name)}; {allowed}"
                self.error(findings, child, "", text)
                continue
            counts[child.name] += 1
            if child.name in shape.single and counts[child.name] == 2:
                self.error(findings, child, "", f"stands twice in {self.label(element)}; put everything into one")
            if child.name in self._shapes:
                self.check(child, findings)
        for name, purpose in {**shape.single, **shape.repeated}.items():
            if not counts[name] and name not in element.attributes:
                self.error(findings, element, "", f"has no {name}; add {purpose}")

    def _check_attributes(self, element: Element, shape: Shape, findings: Findings) -> None:
        for name, value in element.attributes.items():
            if name in shape.children:
                text = f"{name} is an element, got {shown(value)}; write its attributes"
                self.error(findings, element, name, text)
            elif name not in shape.known:
                allowed = f"use {choice(shape.known)}" if shape.known else "remove it"
                self.error(findings, element, name, f"attribute is unknown, got {shown(name)}; {allowed}")
        for name, purpose in shape.required.items():
            if name not in element.attributes:
                self.error(findings, element, "", f"{name} is missing; add {purpose}")

    def error(self, findings: Findings, element: Element, attribute: str, text: str) -> None:
        """Note an error where the attribute stands, or the element when the attribute is empty."""
        findings.error(element.line_of(attribute), self.label(element), text)

    def label(self, element: Element) -> str:
        """Name an element as messages do: by what its author sees in the file."""
        shape = self._shapes.get(element.name)
        names = shape.named_by if shape else ()
        if names and all(name in element.attributes for name in names):
            return f"{element.name} {shown('/'.join(element.attributes[name] for name in names))}"
        return shown(element.name)


def choice(words: Iterable[str]) -> str:
    """Offer words in a message: `a, b or c`."""
    *rest, last = words
    return f"{', '.join(rest)} or {last}" if rest else last
