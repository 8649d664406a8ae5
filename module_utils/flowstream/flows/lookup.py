# SPDX-License-Identifier: Apache-2.0
"""Finding the entry of a flow table that a packet matches, in a time that does not grow with the table.

V. Srinivasan, S. Suri, G. Varghese, "Packet classification using tuple space search", SIGCOMM 1999: one dictionary
for each set of fields and masks that entries look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.packet import Constraint, Packet, constraints

Signature = tuple[tuple[str, int], ...]
Key = tuple[int, ...]
Known = frozenset[tuple[str, int]]
"""Fields, and the bits of each that are known."""
Seen = tuple[int, Known, int, Key]
"""A table, and what is known of a packet of all that its entries ask."""
Residue = tuple[Constraint, ...]
"""What remains to be asked of a packet of which something is known."""


class LookupTable:
    """The entries of one table of one switch. What is wrong with them is in `repeated` and, as it is met, in `rivals`."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self.repeated: list[Flow] = []
        self.rivals: set[tuple[Flow, Flow]] = set()
        self._spaces: dict[Signature, dict[Key, Flow]] = {}
        self._indexes: dict[Known, tuple[list[tuple[str, int]], list[_Index]]] = {}
        self._shared: dict[tuple[Signature, Key], _Index] = {}
        identities = set()
        for flow in flows:
            if flow.identity in identities:
                self.repeated.append(flow)
            identities.add(flow.identity)
            try:
                asked = constraints(flow.match)
            except FlowstreamError as error:
                raise FlowstreamError(f"cannot check the flow '{flow}': {error}") from error
            if asked is not None:
                space = self._spaces.setdefault(tuple([(field, mask) for field, _, mask in asked]), {})
                key = tuple([value for _, value, _ in asked])
                other = space.get(key)
                if other is None or other.priority < flow.priority:
                    space[key] = flow

    def find(self, packet: Packet) -> Flow | None:
        """Return the entry of highest priority that the packet matches; note those between which a switch may choose."""
        best: Flow | None = None
        rival: Flow | None = None
        get = packet.values.get
        for signature, space in self._spaces.items():
            flow = space.get(tuple([get(field, 0) & mask for field, mask in signature]))
            if flow is None:
                continue
            if best is None or flow.priority > best.priority:
                best, rival = flow, None
            elif flow.priority == best.priority and flow.actions != best.actions:
                rival = flow
        if best is not None and rival is not None:
            self.rivals.add((min(best, rival), max(best, rival)))
        return best

    def undecided(self, packet: Packet, known: Known, least: int, seen: set[Seen]) -> Iterator[frozenset[Residue]]:
        """Yield what entries ask besides, of those that agree with a packet in the bits that are known of it.

        Entries below priority `least`, that of the one that the packet meets, do not matter to it. Nothing is yielded
        if a packet of which the same is known is in `seen`; otherwise this one is afterwards.
        """
        if known not in self._indexes:
            indexes = list(self._indexed(dict(known)))
            asked: dict[str, int] = {}
            for index in indexes:
                for field, mask in index.asked:
                    asked[field] = asked.get(field, 0) | mask
            self._indexes[known] = list(asked.items()), indexes
        asked_of_all, indexes = self._indexes[known]
        get = packet.values.get
        mark = (id(self), known, least, tuple([get(field, 0) & mask for field, mask in asked_of_all]))
        if mark in seen:
            return
        seen.add(mark)
        for index in indexes:
            found = index.residues(tuple([get(field, 0) & mask for field, mask in index.asked]))
            yield from (residues for priority, residues in found.items() if priority >= least)

    def _indexed(self, known: Mapping[str, int]) -> Iterator[_Index]:
        """An index for each space whose entries ask more than is known."""
        for signature, space in self._spaces.items():
            masks = tuple([mask & known.get(field, 0) for field, mask in signature])
            if any(mask != sure for (_, mask), sure in zip(signature, masks, strict=True)):
                if (signature, masks) not in self._shared:
                    self._shared[signature, masks] = _Index(signature, masks, space)
                yield self._shared[signature, masks]


class _Index:
    """The entries of a space by the known bits of their fields, each as its priority and what it asks of the others."""

    def __init__(self, signature: Signature, known: Key, space: Mapping[Key, Flow]) -> None:
        columns = list(zip(range(len(signature)), signature, known, strict=True))
        self._rest = [(at, field, mask & ~sure) for at, (field, mask), sure in columns if mask & ~sure]
        self.asked = [(field, sure) for _, (field, _), sure in columns if sure]
        sure_columns = [(at, sure) for at, _, sure in columns if sure]
        self._entries: dict[Key, list[tuple[Key, int]]] = {}
        for key, flow in space.items():
            of = tuple([key[at] & sure for at, sure in sure_columns])
            self._entries.setdefault(of, []).append((key, flow.priority))
        self._residues: dict[Key, dict[int, frozenset[Residue]]] = {}

    def residues(self, known: Key) -> Mapping[int, frozenset[Residue]]:
        """Return by priority what the entries with these bits ask besides."""
        if known not in self._entries:
            return {}
        if known not in self._residues:
            found: dict[int, set[Residue]] = {}
            for key, priority in self._entries[known]:
                rest = tuple([Constraint(field, key[at] & mask, mask) for at, field, mask in self._rest])
                found.setdefault(priority, set()).add(rest)
            self._residues[known] = {priority: frozenset(residues) for priority, residues in found.items()}
        return self._residues[known]
