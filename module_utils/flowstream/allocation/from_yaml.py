# SPDX-License-Identifier: Apache-2.0
"""Read an allocation file in YAML: a mapping per element, a scalar per attribute, a list for repeated elements.

Values are taken as they are written (`10` stays `10`, a MAC address needs no quotes). Anchors, aliases and tags are
refused: with them a short file may mean a huge one, or a program.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import yaml
from ansible.module_utils.flowstream.addresses import shown
from ansible.module_utils.flowstream.allocation.element import MAX_DEPTH, TOO_DEEP, Element
from ansible.module_utils.flowstream.allocation.findings import Findings

_NULLS = ("", "~", "null", "Null", "NULL")


class _RefusedError(Exception):
    """Ends the reading of a file; the reason is in the findings already."""


def read_yaml(data: bytes, root_name: str, findings: Findings) -> Element | None:
    """Return the document as an element named `root_name`; None when it is refused, with the reason in `findings`."""
    text = findings.decoded(data)
    if text is None:
        return None
    try:
        return _Reader(text, findings).document(root_name)
    except _RefusedError:
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context
        findings.error(mark.line + 1 if mark else 1, "document", f"is not YAML: {problem}; correct the text")
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        findings.error(line, "document", f"has the control character #x{error.character:04x}; remove it")
        return None


class _Reader:
    """Builds elements from the events of one document."""

    def __init__(self, text: str, findings: Findings) -> None:
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        self._findings = findings

    def document(self, root_name: str) -> Element:
        """Read the one document of the file."""
        event = self._next()
        while not isinstance(event, yaml.DocumentStartEvent):
            if isinstance(event, yaml.StreamEndEvent):
                self._findings.error(1, "document", "is empty, got nothing; write an allocation description")
                raise _RefusedError
            event = self._next()
        event = self._next()
        if not isinstance(event, yaml.MappingStartEvent):
            self._refuse(
                event, "document", "is not a mapping; write the keys id, type, subtype, portmacmappings and pm"
            )
        root = self._element(root_name, event, MAX_DEPTH)
        self._next()
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            self._refuse(event, "document", "has a second document; keep one")
        return root

    def _next(self) -> yaml.Event:
        event = next(self._events)
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, "document", f"has an alias, got *{event.anchor}; write the value out")
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            self._refuse(event, "document", f"has an anchor, got &{event.anchor}; remove it")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._refuse(event, "document", f"has a tag, got {shown(tag)}; remove it")
        return event

    def _element(self, name: str, start: yaml.Event, depth: int) -> Element:
        element = Element(name, _line(start))
        if depth == 0:
            self._refuse(start, name, TOO_DEEP)
        seen: set[str] = set()
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                self._refuse(key, name, "key is not a word; write an attribute or element name")
            if key.value in seen:
                self._findings.error(
                    _line(key), name, f"key stands twice, got {shown(key.value)}; keep one, or write a list"
                )
            seen.add(key.value)
            self._value(element, key, depth)
        return element

    def _value(self, element: Element, key: yaml.ScalarEvent, depth: int) -> None:
        value = self._next()
        if isinstance(value, yaml.ScalarEvent):
            self._attribute(element, key, [value])
        elif isinstance(value, yaml.MappingStartEvent):
            element.children.append(self._element(key.value, value, depth - 1))
        else:
            self._list(element, key, depth)

    def _list(self, element: Element, key: yaml.ScalarEvent, depth: int) -> None:
        scalars: list[yaml.ScalarEvent] = []
        while not isinstance(item := self._next(), yaml.SequenceEndEvent):
            if isinstance(item, yaml.MappingStartEvent):
                element.children.append(self._element(key.value, item, depth - 1))
            elif isinstance(item, yaml.ScalarEvent):
                scalars.append(item)
            else:
                self._refuse(item, key.value, "is a list in a list; write one list")
        if scalars:
            self._attribute(element, key, scalars)

    def _attribute(self, element: Element, key: yaml.ScalarEvent, values: list[yaml.ScalarEvent]) -> None:
        words = [value.value for value in values if value.style or value.value not in _NULLS]
        if words:
            element.attributes[key.value] = " ".join(words)
            element.lines[key.value] = _line(key)

    def _refuse(self, event: yaml.Event, subject: str, text: str) -> NoReturn:
        self._findings.error(_line(event), subject, text)
        raise _RefusedError


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
