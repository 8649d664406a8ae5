# SPDX-License-Identifier: Apache-2.0
"""What a module host and a ClickOS domain write for each other: the values of the nodes in docs/xenstore.md."""

from __future__ import annotations

from dataclasses import dataclass

from ansible.module_utils.flowstream.errors import FlowstreamError

CHUNK_BYTES = 512
"""How long the parts of a configuration are: short enough for every quota on a node's size."""
_MOST_CHUNKS = 512
"""How many they are at most, so that the domain has nodes left of its quota of 1,000; longer ones then."""
_MOST_CHUNK_BYTES = 2000

# clickos-ctl and the guest say it so to each other, without a generation.
_STATES_WITHOUT_GENERATION = {"Running": "running", "Halted": "stopped", "Error": "error"}


def chunks(text: bytes) -> list[bytes]:
    """The parts of a configuration."""
    size = max(CHUNK_BYTES, -(-len(text) // _MOST_CHUNKS))
    if size > _MOST_CHUNK_BYTES:
        most = _MOST_CHUNKS * _MOST_CHUNK_BYTES
        raise FlowstreamError(f"cannot use a configuration of {len(text)} bytes: a ClickOS domain takes {most}")
    return [text[start : start + size] for start in range(0, len(text), size)]


@dataclass(frozen=True)
class Generation:
    """`generation`: which configuration the module host wants, by number, and how to know it."""

    number: int
    length: int
    digest: str

    @classmethod
    def parse(cls, value: bytes | None) -> Generation | None:
        """None when there is none, or it is somebody's mistake."""
        match (value or b"").decode(errors="replace").split():
            case [number, length, digest] if number.isdecimal() and length.isdecimal():
                return cls(int(number), int(length), digest)
        return None

    def __str__(self) -> str:
        return f"{self.number} {self.length} {self.digest}"


@dataclass(frozen=True)
class Status:
    """`status`: the generation it speaks of, and running, stopped or error with messages."""

    generation: int
    state: str
    messages: tuple[str, ...] = ()

    @classmethod
    def parse(cls, value: bytes | None) -> Status | None:
        """None when there is none."""
        head, *messages = (value or b"").decode(errors="replace").splitlines() or [""]
        match head.split():
            case [number, state] if number.isdecimal():
                return cls(int(number), state, tuple(messages))
            case [state] if state in _STATES_WITHOUT_GENERATION:
                return cls(0, _STATES_WITHOUT_GENERATION[state])
        return None


@dataclass(frozen=True)
class Answer:
    """`reply`: the question's number, and a part of the answer (its whole length is `length`), or why there is none."""

    number: str
    ok: bool
    length: int
    text: bytes

    @classmethod
    def parse(cls, value: bytes | None) -> Answer | None:
        """None when there is none."""
        head, _, text = (value or b"").partition(b"\n")
        match head.decode(errors="replace").split():
            case [number, "ok", length] if length.isdecimal():
                return cls(number, True, int(length), text)
            case [number, "error"]:
                return cls(number, False, 0, text)
        return None


@dataclass(frozen=True)
class Question:
    """`request`: a number, and `read HANDLER [PARAMETER]`, `write HANDLER` with a value, or `more OFFSET`."""

    number: str
    words: bytes

    @classmethod
    def parse(cls, value: bytes | None) -> Question | None:
        """None when there is none."""
        number, _, words = (value or b"").partition(b" ")
        return cls(number.decode(errors="replace"), words) if number else None

    def __bytes__(self) -> bytes:
        return self.number.encode() + b" " + self.words
