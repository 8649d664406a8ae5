# SPDX-License-Identifier: Apache-2.0
"""The doc block of an element, as values.

Its tags are those of Click's element documentation: `=c` signature, `=s` section and half a sentence, `=d` description,
`=item` keyword arguments, `=h` handlers with their mode, `=n` notes, `=e` example, `=a` neighbours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class HandlerDoc:
    name: str
    mode: str
    meaning: str


@dataclass(frozen=True)
class ElementDoc:
    """One block, which may describe several elements; `remarks` stand after the list of arguments."""

    names: tuple[str, ...]
    family: str
    signature: str
    section: str
    summary: str
    description: str
    keywords: tuple[tuple[str, str], ...]
    remarks: str
    handlers: tuple[HandlerDoc, ...]
    example: str
    neighbours: str


TAG = re.compile(r"^=([a-z]+)[ \t]*(.*)$")


def parse_block(names: tuple[str, ...], family: str, block: str) -> ElementDoc:
    signature, section, summary, example, neighbours = "", "", "", "", ""
    description: list[str] = []
    remarks: list[str] = []
    keywords: list[tuple[str, str]] = []
    handlers: list[HandlerDoc] = []
    for tag, head, body in tagged(block):
        text = "\n".join(part for part in (head, body) if part).strip("\n")
        match tag:
            case "c":
                signature = plain(text).strip()
            case "s":
                section, summary = (head, body) if body else ("", head)
                summary = markdown(" ".join(summary.split()))
            case "d" | "n":
                description.append(as_paragraphs(re.sub(r"\nKeyword arguments are:\s*$", "", text)))
            case "item":
                keywords.append((plain(head), markdown(body.strip())))
            case "back":
                remarks.append(as_paragraphs(text))
            case "h":
                handler, _, mode = head.partition(" ")
                handlers.append(HandlerDoc(plain(handler), mode.strip(), markdown(body.strip())))
            case "e":
                example = as_paragraphs(text)
            case "a":
                neighbours = markdown(" ".join(text.split())).rstrip(".")
    return ElementDoc(
        names=names,
        family=family,
        signature=signature,
        section=section,
        summary=summary,
        description="\n\n".join(part for part in description if part),
        keywords=tuple(keywords),
        remarks="\n\n".join(part for part in remarks if part),
        handlers=tuple(handlers),
        example=example,
        neighbours=neighbours,
    )


def tagged(block: str) -> list[tuple[str, str, str]]:
    """Split a block into (tag, rest of the tag's line, lines up to the next tag)."""
    found: list[tuple[str, str, list[str]]] = []
    for line in block.splitlines():
        match = TAG.match(line)
        if match:
            found.append((match[1], match[2].strip(), []))
        elif found:
            found[-1][2].append(line.rstrip())
    return [(tag, head, "\n".join(lines).strip("\n")) for tag, head, lines in found]


def as_paragraphs(text: str) -> str:
    """Keep indented lines, which are examples, as they are; join the others to paragraphs."""
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        if paragraph.startswith((" ", "\t")):
            paragraphs.append("```\n" + plain(paragraph) + "\n```")
        elif paragraph.strip():
            paragraphs.append(markdown(" ".join(paragraph.split())))
    return "\n\n".join(paragraphs)


MARKUP = re.compile(r"([BCFI])(?:<< (.*?) >>|<([^<>]*)>)")
AROUND = {"B": "**", "C": "`", "F": "*", "I": "*"}


def markdown(text: str) -> str:
    def spelled(match: re.Match[str]) -> str:
        around = AROUND[match[1]]
        return f"{around}{match[2] or match[3]}{around}"

    return MARKUP.sub(spelled, text).replace("E<lt>", "&lt;").replace("E<gt>", "&gt;")


def plain(text: str) -> str:
    text = MARKUP.sub(lambda match: match[2] or match[3] or "", text)
    return text.replace("E<lt>", "<").replace("E<gt>", ">")
