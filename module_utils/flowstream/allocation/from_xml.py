# SPDX-License-Identifier: Apache-2.0
"""Read an allocation file in XML, without trusting it: no document type, no entities, no network, bounded size."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible.module_utils.flowstream.addresses import shown
from ansible.module_utils.flowstream.allocation.element import MAX_DEPTH, TOO_DEEP, Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from lxml import etree

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
"""Attributes of this namespace tell an editor where the schema is, and nothing about the allocation."""

_PROLOG = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->)", re.DOTALL)
_MARKUP = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?![/!?])", re.DOTALL)
"""What begins with `<`; a start tag as just that, because no attribute of a well-formed document has another one."""

_POSITION = re.compile(r", line \d+, column \d+$")
_ENCODING = re.compile(r"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"']*)[\"']")


def read_xml(data: bytes, findings: Findings) -> Element | None:
    """Return the document's element; None when the file is refused, with the reason in `findings`."""
    text = _harmless_text(data, findings)
    if text is None:
        return None
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, message = error.lineno or 1, _POSITION.sub("", error.msg or "")
        if message.startswith("Excessive depth"):
            findings.error(line, "document", TOO_DEEP)
        else:
            findings.error(line, "document", f"is not well-formed XML: {message}; correct the markup")
        return None
    element = _element(root, _start_lines(text), findings, MAX_DEPTH)
    element.attributes = {name: value for name, value in element.attributes.items() if not name.startswith(_XSI)}
    return element


def _harmless_text(data: bytes, findings: Findings) -> str | None:
    """Decode the document; refuse, before the XML parser sees it, what that would have to be trusted with.

    A document type can only stand before the first element (XML 1.0 section 2.8), and entities only in it.
    """
    text = findings.decoded(data)
    if text is None:
        return None
    encoding = _ENCODING.match(text)
    if encoding and encoding[1].lower() not in ("utf-8", "us-ascii"):
        findings.error(
            1, "document", f"declares an encoding other than UTF-8, got {shown(encoding[1])}; save it as UTF-8"
        )
        return None
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
        return None
    return text


def _start_lines(text: str) -> Iterator[int]:
    """Yield the line of every start tag of a well-formed document, in order.

    The parser's own line numbers are exact below 65535 only, where libxml2 keeps them in 16 bits.
    """
    line, position = 1, 0
    for markup in _MARKUP.finditer(text):
        if markup[0] == "<":
            line += text.count("\n", position, markup.start())
            position = markup.start()
            yield line


def _element(node: etree._Element, lines: Iterator[int], findings: Findings, depth: int) -> Element:
    line = next(lines)
    attributes = {str(name): str(value) for name, value in node.items()}
    element = Element(str(node.tag), line, attributes, text=(node.text or "").strip())
    if depth == 0:
        findings.error(line, element.name, TOO_DEEP)
        for _ in node.iterdescendants():
            next(lines)
        return element
    for child in node:
        element.children.append(_element(child, lines, findings, depth - 1))
        element.text = element.text or (child.tail or "").strip()
    return element
