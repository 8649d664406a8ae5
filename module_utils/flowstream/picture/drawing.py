# SPDX-License-Identifier: Apache-2.0
"""One picture in the making, as text of graphviz.

Names of nodes are numbers and texts are escaped: nothing in a plan, whoever wrote it, is read as graphviz's own language.
"""

from __future__ import annotations

from graphviz import Digraph, escape, nohtml  # type: ignore[import-untyped]  # it has annotations, and does not say so

_LOOK = {
    "port": {"shape": "oval"},
    "switch": {"shape": "box", "style": "bold"},
    "host": {"shape": "box"},
    "module": {"shape": "box", "style": "rounded,filled"},
    "device": {"shape": "box", "style": "dashed"},
    "more": {"shape": "plaintext"},
}
"""What there is on pictures; the word is the class of its elements in the SVG."""


class Drawing:
    """Nodes and edges from left to right, or `down`. `name` begins the id of everything in it, so that a page may have several."""

    def __init__(self, name: str, title: str, *, down: bool = False) -> None:
        self._name = name
        self._nodes = 0
        self._edges: set[tuple[str, ...]] = set()
        self.marks: dict[str, tuple[str, ...]] = {}
        """What elements of the SVG stand for, by their id, where whoever drew them said so."""
        self._graph = Digraph(
            graph_attr={
                "id": name,
                "tooltip": _plain(title),
                "rankdir": "TB" if down else "LR",
                "ranksep": "0.35",
                "nodesep": "0.2",
                "bgcolor": "transparent",
            },
            node_attr={"fontname": "sans-serif", "fontsize": "11", "fillcolor": "transparent"},
            edge_attr={"fontname": "sans-serif", "fontsize": "9", "arrowsize": "0.7"},
        )

    def node(self, kind: str, *lines: str, tip: str = "", mark: tuple[str, ...] = ()) -> str:
        """Draw something and return its name here; `tip` is what a reader who points at it is told, `mark` what it stands for."""
        self._nodes += 1
        name = f"n{self._nodes}"
        text = "\n".join(lines)
        look = {**_LOOK[kind], "class": kind, "id": self._marked(name, mark), "tooltip": _plain(tip or text)}
        self._graph.node(name, label=_plain(text), **look)
        return name

    def edge(
        self,
        one: str,
        other: str,
        *lines: str,
        tip: str = "",
        tail: str = "",
        head: str = "",
        arrow: bool = True,
        mark: tuple[str, ...] = (),
    ) -> None:
        """Draw a line between two; one that is there already is not drawn again. `tail` and `head` stand at its ends."""
        text = "\n".join(lines)
        key = (one, other, text)
        if key in self._edges:
            return
        self._edges.add(key)
        more = {} if arrow else {"arrowhead": "none"}
        for attribute, value in (("label", text), ("taillabel", tail), ("headlabel", head)):
            if value:
                more[attribute] = _plain(value)
        more |= {"id": self._marked(f"e{len(self._edges)}", mark), "tooltip": _plain(tip or text or " ")}
        self._graph.edge(one, other, **more)

    def _marked(self, name: str, mark: tuple[str, ...]) -> str:
        element = f"{self._name}-{name}"
        if mark:
            self.marks[element] = mark
        return element

    @property
    def text(self) -> str:
        """The picture as graphviz reads it."""
        return str(self._graph.source)


def _plain(text: str) -> str:
    """Return a text that graphviz shows as it is, without what it takes for markup or cannot show."""
    shown = "".join(char if char.isprintable() or char == "\n" else "?" for char in text)
    # A text in angle brackets would be markup, but for nohtml.
    plain: str = nohtml(escape(shown).replace("\n", "\\n"))
    return plain
