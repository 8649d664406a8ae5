# SPDX-License-Identifier: Apache-2.0
"""What elements of a running Click know of flows and neighbours, read in chunks from one router and written to another.

The handlers are `ELEMENT.state` and `ELEMENT.state_since`, as docs/elements.md has them: the first line of a chunk says when it was
read, on the clock of the router that was read, and where the next chunk begins.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ansible.module_utils.flowstream.control.socket import Handlers
from ansible.module_utils.flowstream.errors import FlowstreamError

_HEADER_WORDS = 5
_END = "end"
_MOST_CHUNKS = 1 << 20
"""Of one element in one round: more places than any element has."""


class _Header(NamedTuple):
    now: str
    position: str


@dataclass(frozen=True, slots=True)
class State:
    """Chunks by handler in the order in which they were read; `times` is for the next round.

    Its representation does not show the chunks: they say who speaks with whom.
    """

    chunks: Mapping[str, Sequence[str]] = field(repr=False)
    times: Mapping[str, str]

    @property
    def records(self) -> dict[str, int]:
        """How many records there are, by handler."""
        return {name: sum(len(text.splitlines()) - 1 for text in texts) for name, texts in self.chunks.items()}

    @property
    def bytes(self) -> int:
        """How long the chunks are together."""
        return sum(len(text) for texts in self.chunks.values() for text in texts)

    def packed(self) -> str:
        """Return the chunks as one word of text, far smaller than they are."""
        return base64.b64encode(zlib.compress(json.dumps(self.chunks).encode(), 1)).decode()

    @classmethod
    def unpacked(cls, packed: str) -> State:
        """Read what `packed` returned."""
        try:
            chunks = json.loads(zlib.decompress(base64.b64decode(packed, validate=True)))
        except (binascii.Error, zlib.error, ValueError) as error:
            raise FlowstreamError("cannot read the state: it is none, or not whole; read it again") from error
        return cls(chunks, {})


def read_state(handlers: Handlers, names: Sequence[str], since: Mapping[str, str]) -> State:
    """Read what the named handlers have, all of it or, of those in `since`, what was used after these times.

    An element that the router does not have has nothing.
    """
    chunks: dict[str, list[str]] = {}
    times: dict[str, str] = {}
    for name in names:
        if not handlers.readable(name):
            continue
        texts = [_chunk(handlers, name, since.get(name), "")]
        first = header = _header(name, texts[0])
        while header.position != _END:
            if len(texts) >= _MOST_CHUNKS:
                raise FlowstreamError(f"cannot read handler '{name}': it has no end, got {len(texts)} chunks")
            texts.append(_chunk(handlers, name, since.get(name), header.position))
            header = _header(name, texts[-1])
        # What a later chunk had seen by its own time, an earlier one may have missed.
        times[name] = first.now
        chunks[name] = [text for text in texts if text.count("\n") > 1]
    return State(chunks, times)


def write_state(handlers: Handlers, state: State) -> None:
    """Have the elements take what others of their kind had; what they had under the same keys gives way."""
    for name, texts in state.chunks.items():
        for text in texts:
            handlers.write(name, text)


@dataclass(frozen=True, slots=True)
class Carrying:
    """What is done to one router, in this order: hold frames back by the handler `gate`, write, let them in, read."""

    gate: str
    shut: bool
    given: State
    open: bool
    read: Sequence[str]
    since: Mapping[str, str]


def converge_state(handlers: Handlers, wanted: Carrying, *, check_mode: bool) -> dict[str, object]:
    """Do what is wanted of a router; return a module's result. In check mode it is only read."""
    is_shut = handlers.readable(wanted.gate) and handlers.read(wanted.gate).strip() == "false"
    changes: list[str] = []
    if wanted.shut and not is_shut:
        changes.append("hold frames back")
        if not check_mode:
            handlers.write(wanted.gate, "false")
    count = sum(wanted.given.records.values())
    if count:
        changes.append(f"write {count} records")
        if not check_mode:
            write_state(handlers, wanted.given)
    if wanted.open and (is_shut or wanted.shut):
        changes.append("let frames in")
        if not check_mode:
            handlers.write(wanted.gate, "true")
    state = read_state(handlers, wanted.read, wanted.since)
    counted = state if wanted.read else wanted.given
    return {
        "changed": bool(changes),
        "changes": changes,
        "state": state.packed(),
        "times": dict(state.times),
        "records": counted.records,
        "bytes": counted.bytes,
        "is_shut": is_shut,
    }


def _chunk(handlers: Handlers, name: str, since: str | None, position: str) -> str:
    if since is None:
        return handlers.read(name, position)
    return handlers.read(f"{name}_since", f"{since} {position}".rstrip())


def _header(name: str, text: str) -> _Header:
    words = text.partition("\n")[0].split()
    if len(words) != _HEADER_WORDS:
        raise FlowstreamError(
            f"cannot understand handler '{name}': a chunk begins with five words, got '{' '.join(words)}'"
        )
    return _Header(words[3], words[4])
