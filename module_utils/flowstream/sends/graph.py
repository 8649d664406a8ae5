# SPDX-License-Identifier: Apache-2.0
"""A flat Click router, as the engine's `--graph` writes it: elements with their arguments and lines, and what leads where."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Element(NamedTuple):
    """An element of the flat router; `place` is the file and line that it stands on."""

    name: str
    kind: str
    arguments: tuple[str, ...]
    place: str

    def __str__(self) -> str:
        return f"{self.place}: {self.name} :: {self.kind}"


class End(NamedTuple):
    """An input of an element, both by number."""

    element: int
    port: int


@dataclass(frozen=True)
class Graph:
    """Elements, and by element and output the inputs that it leads to."""

    elements: tuple[Element, ...]
    ways: dict[tuple[int, int], tuple[End, ...]]

    def outputs(self, element: int) -> list[int]:
        """The outputs that lead somewhere."""
        return sorted(port for one, port in self.ways if one == element)

    @classmethod
    def from_json(cls, text: str) -> Graph:
        """Read what the engine wrote."""
        plain = json.loads(text)
        elements = (
            Element(one["name"], one["class"], tuple(one["arguments"]), one["landmark"]) for one in plain["elements"]
        )
        return cls(tuple(elements), _ways(plain["connections"]))


def _ways(connections: Iterable[tuple[int, int, int, int]]) -> dict[tuple[int, int], tuple[End, ...]]:
    ways: dict[tuple[int, int], tuple[End, ...]] = {}
    for start, output, end, port in connections:
        ways[start, output] = (*ways.get((start, output), ()), End(end, port))
    return ways
