# SPDX-License-Identifier: Apache-2.0
"""Read an allocation file in XML, without trusting it: no document type, no entities, no network, bounded size."""

from __future__ import annotations

import re
from xml.parsers import expat

from ansible.module_utils.flowstream.addresses import shown
from ansible.module_utils.flowstream.allocation.element import MAX_DEPTH, TOO_DEEP, Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from lxml import etree

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
"""Attributes of this namespace tell an editor where the schema is, and nothing about the allocation."""

_PROLOG = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->)", re.DOTALL)

_DEEPEST = 256
"""Here reading ends, so that nobody makes it keep millions of open elements; elements from MAX_DEPTH on are only refused."""

_NO_LINES: dict[str, int] = {}
"""In XML an attribute's line is its element's; one dictionary for a million elements."""

_POSITION = re.compile(r", line \d+, column \d+$")
_ENCODING = re.compile(r"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"']*)[\"']")


def read_xml(data: bytes, findings: Findings) -> Element | None:
    """Return the document's element; None when the file is refused, with the reason in `findings`."""
    if not _is_harmless(data, findings):
        return None
    tree = _Tree(findings)
    try:
        tree.read(data)
    except _TooDeepError:
        return None
    except expat.ExpatError as error:
        line, message = error.lineno, expat.ErrorString(error.code)
        try:
            # It words what is wrong better, but keeps lines beyond 65,535 to itself, and takes twice the time.
            etree.fromstring(data, etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as better:
            line, message = better.lineno or line, _POSITION.sub("", better.msg or message)
        findings.error(line, "document", f"is not well-formed XML: {message}; correct the markup")
        return None
    return tree.root


def _is_harmless(data: bytes, findings: Findings) -> bool:
    """Refuse, before the XML parser sees it, what that would have to be trusted with.

    A document type can only stand before the first element (XML 1.0 section 2.8), and entities only in it.
    """
    text = findings.decoded(data)
    if text is None:
        return False
    encoding = _ENCODING.match(text)
    if encoding and encoding[1].lower() not in ("utf-8", "us-ascii"):
        findings.error(
            1, "document", f"declares an encoding other than UTF-8, got {shown(encoding[1])}; save it as UTF-8"
        )
        return False
    position = 0
    while prolog := _PROLOG.match(text, position):
        position = prolog.end()
    rest = text[position:].lstrip()
    if rest.startswith("<!DOCTYPE"):
        line = text.count("\n", 0, len(text) - len(rest)) + 1
        findings.error(
            line,
            "document",
            f"has a document type, got {shown(rest[:24].split('[')[0].strip())}; remove it, entities too",
        )
        return False
    return True


class _TooDeepError(Exception):
    """Nesting has been refused, and goes on."""


class _Tree:
    """Makes elements of what expat finds."""

    def __init__(self, findings: Findings) -> None:
        self.root: Element | None = None
        self._findings = findings
        self._open: list[Element] = []
        self._has_namespaces = False
        self._parser = expat.ParserCreate("utf-8", "}")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def read(self, data: bytes) -> None:
        """Raise ExpatError where the document is not well-formed."""
        self._has_namespaces = b"xmlns" in data
        try:
            self._parser.Parse(data, True)
        finally:
            # Its handlers are this object's: with it the tree would stay until the garbage collector comes.
            del self._parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._has_namespaces:
            name, attributes = _qualified(name), {_qualified(key): value for key, value in attributes.items()}
        element = Element(name, self._parser.CurrentLineNumber, attributes, lines=_NO_LINES)
        depth = len(self._open)
        if depth == _DEEPEST:
            raise _TooDeepError
        if depth == 0:
            element.attributes = {name: value for name, value in attributes.items() if not name.startswith(_XSI)}
            self.root = element
        elif depth <= MAX_DEPTH:
            self._open[-1].children.append(element)
            if depth == MAX_DEPTH:
                self._findings.error(element.line, name, TOO_DEEP)
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        if not text.isspace():
            element = self._open[-1]
            element.text = element.text or text.strip()


def _qualified(name: str) -> str:
    """A name as ElementTree writes it, `{namespace}name`; expat joins the two."""
    return f"{{{name}" if "}" in name else name
