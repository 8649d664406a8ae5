# SPDX-License-Identifier: Apache-2.0
"""The action by which a switch teaches itself an entry from a packet: `learn` of ovs-actions(7), in the spelling of a dump."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.fields import Match
from ansible.module_utils.flowstream.flows.values import number

_SETTINGS = {
    "table": 254,
    "idle_timeout": 0xFFFF,
    "hard_timeout": 0xFFFF,
    "fin_idle_timeout": 0xFFFF,
    "fin_hard_timeout": 0xFFFF,
    "priority": 0xFFFF,
    "cookie": 0xFFFFFFFFFFFFFFFF,
    "limit": 0xFFFFFFFF,
}
_DEFAULTS = {**dict.fromkeys(_SETTINGS, 0), "table": 1, "priority": 0x8000}
_FIELDS = {
    "NXM_OF_ETH_SRC[]": "dl_src",
    "NXM_OF_ETH_DST[]": "dl_dst",
    "NXM_OF_IP_SRC[]": "nw_src",
    "NXM_OF_IP_DST[]": "nw_dst",
    "NXM_OF_TCP_SRC[]": "tp_src",
    "NXM_OF_TCP_DST[]": "tp_dst",
    "NXM_OF_UDP_SRC[]": "tp_src",
    "NXM_OF_UDP_DST[]": "tp_dst",
}
_LITERALS = {"eth_type": "dl_type", "nw_proto": "nw_proto"}
_LOAD = re.compile(r"load:(0x[0-9a-f]+|\d+)->NXM_NX_REG(\d+)\[\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Learn:
    """What is learned: the entry's settings, its match and its actions.

    `literals` are fields with their values, `copies` those that have in the entry what another field (or the same) has in the
    packet, both in the spelling of a dump; `loads` are registers with what the entry puts into them. `delete_learned`: what was
    learned goes when the last entry goes that teaches into this table under this cookie.
    """

    table: int
    cookie: int
    priority: int
    literals: Match
    copies: tuple[tuple[str, str], ...]
    loads: tuple[tuple[int, int], ...]
    idle_timeout: int = 0
    hard_timeout: int = 0
    fin_idle_timeout: int = 0
    fin_hard_timeout: int = 0
    limit: int = 0
    delete_learned: bool = False

    @classmethod
    def parse(cls, action: str) -> Learn:
        """Read `learn(...)` as a person writes it or as a dump has it."""
        if not (action.startswith("learn(") and action.endswith(")")):
            raise FlowstreamError(f"action '{action}' is not learn(...)")
        settings = dict(_DEFAULTS)
        literals, copies, loads = [], [], []
        flags = set()
        for word in filter(None, (word.strip() for word in action[6:-1].split(","))):
            name, equals, value = word.partition("=")
            if name in _SETTINGS and equals:
                settings[name] = number(value, f"learn: {name}", _SETTINGS[name])
            elif name in _LITERALS and equals:
                literals.append((_LITERALS[name], value))
            elif word == "delete_learned":
                flags.add(word)
            elif found := _LOAD.fullmatch(word):
                loads.append((int(found[2]), int(found[1], 0)))
            elif name in _FIELDS and (not equals or value in _FIELDS):
                copies.append((name, value or name))
            else:
                raise FlowstreamError(f"action learn: '{word}' is not understood")
        return cls(
            literals=tuple((name, str(number(value, name, 0xFFFF))) for name, value in literals),
            copies=tuple(copies),
            loads=tuple(loads),
            delete_learned="delete_learned" in flags,
            **settings,
        )

    def __str__(self) -> str:
        words = [f"table={self.table}"]
        for name in ("idle_timeout", "hard_timeout", "fin_idle_timeout", "fin_hard_timeout", "priority"):
            value = getattr(self, name)
            words += [f"{name}={value}"] if value != _DEFAULTS[name] else []
        words += ["delete_learned"] if self.delete_learned else []
        words += [f"cookie={self.cookie:#x}"] if self.cookie else []
        words += [f"limit={self.limit}"] if self.limit else []
        spelled = {name: word for word, name in _LITERALS.items()}
        for name, value in self.literals:
            words.append(f"{spelled[name]}={int(value):#x}" if name == "dl_type" else f"{spelled[name]}={value}")
        words += [field if field == source else f"{field}={source}" for field, source in self.copies]
        words += [f"load:{value:#x}->NXM_NX_REG{register}[]" for register, value in self.loads]
        return f"learn({','.join(words)})"

    def match(self, teacher: Match) -> Match:
        """What all entries have in common that packets of a match can teach."""
        asked = dict(teacher)
        copied = ((_FIELDS[field], asked.get(_FIELDS[source])) for field, source in self.copies)
        return (*self.literals, *((name, text) for name, text in copied if text is not None))

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield each field of an entry that is copied, and the field of the packet that it is copied from."""
        return ((_FIELDS[field], _FIELDS[source]) for field, source in self.copies)

    @property
    def actions(self) -> tuple[str, ...]:
        """What the entry does to a packet."""
        return tuple(f"set_field:{value:#x}->reg{register}" for register, value in self.loads)


@lru_cache(maxsize=1 << 10)
def lessons(actions: tuple[str, ...]) -> tuple[Learn, ...]:
    """Return what a list of actions teaches."""
    return tuple(Learn.parse(action) for action in actions if action.startswith("learn("))


def taught_by(flows: Iterable[tuple[str, ...]]) -> frozenset[tuple[int, int]]:
    """Return where entries with these actions teach: tables, each with the cookie that is learned there."""
    return frozenset((lesson.table, lesson.cookie) for actions in flows for lesson in lessons(actions))
