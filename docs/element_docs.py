# SPDX-License-Identifier: Apache-2.0
"""The doc blocks of the engine's elements, as values.

A block is a C comment with a `=c` line; its tags are those of Click's element documentation: `=c` signature, `=s` section
and half a sentence, `=d` description, `=item` keyword arguments, `=h` handlers with their mode, `=n` notes, `=e` example,
`=a` neighbours. A file may hold several blocks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class HandlerDoc:
    name: str
    mode: str
    meaning: str


@dataclass(frozen=True)
class ElementDoc:
    name: str
    family: str
    signature: str
    section: str
    summary: str
    description: str
    keywords: tuple[tuple[str, str], ...]
    handlers: tuple[HandlerDoc, ...]
    example: str
    neighbours: str


COMMENT = re.compile(r"/\*+(.*?)\*/", re.DOTALL)
TAG = re.compile(r"^=([a-z]+)[ \t]*(.*)$")


def read_element_docs(folder: Path) -> list[ElementDoc]:
    """Return the documentation of every element below a folder, sorted by name; the family is the file's folder."""
    docs = [
        parse_block(block, path.parent.name)
        for path in sorted(folder.glob("*/*.cc")) + sorted(folder.glob("*/*.hh"))
        for block in doc_blocks(path.read_text())
    ]
    return sorted(docs, key=lambda doc: doc.name)


def doc_blocks(source: str) -> list[str]:
    blocks = []
    for match in COMMENT.finditer(source):
        lines = [re.sub(r"^\s?\*(?: |$)", "", line) for line in match[1].splitlines()]
        if any(re.match(r"=c\b", line) for line in lines):
            blocks.append("\n".join(lines))
    return blocks


def parse_block(block: str, family: str) -> ElementDoc:
    signature, section, summary, example, neighbours = "", "", "", "", ""
    description: list[str] = []
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
                description.append(as_paragraphs(text))
            case "h":
                name, _, mode = head.partition(" ")
                handlers.append(HandlerDoc(plain(name), mode.strip(), markdown(body.strip())))
            case "e":
                example = plain(text)
            case "a":
                neighbours = markdown(" ".join(text.split())).rstrip(".")
    return ElementDoc(
        name=re.split(r"[\s(]", signature, maxsplit=1)[0],
        family=family,
        signature=signature,
        section=section,
        summary=summary,
        description="\n\n".join(part for part in description if part),
        keywords=tuple(keywords),
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


def markdown(text: str) -> str:
    text = re.sub(r"[C]<([^<>]*)>", r"`\1`", text)
    text = re.sub(r"B<([^<>]*)>", r"**\1**", text)
    text = re.sub(r"[IF]<([^<>]*)>", r"*\1*", text)
    return text.replace("E<lt>", "&lt;").replace("E<gt>", "&gt;")


def plain(text: str) -> str:
    return re.sub(r"[BCIF]<([^<>]*)>", r"\1", text).replace("E<lt>", "<").replace("E<gt>", ">")
