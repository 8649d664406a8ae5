# SPDX-License-Identifier: Apache-2.0
"""Reads loosely typed facts of the inventory and collects what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from ansible.module_utils.flowstream.errors import FlowstreamError

Value = TypeVar("Value")


class FactReader:
    """Reads loosely typed facts and collects what is wrong with them."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def error(self, subject: str, text: str) -> None:
        """Note what is wrong with a fact."""
        self.messages.append(f"inventory: {subject}: {text}")

    def table(self, facts: Mapping[str, object], key: str) -> list[tuple[str, Mapping[str, object]]]:
        """Return the named mappings of one group of facts, sorted by name."""
        table = facts.get(key) or {}
        if not isinstance(table, Mapping):
            self.error("platform", f"{key} is no mapping, got {table!r}; write facts by name")
            return []
        rows: list[tuple[str, Mapping[str, object]]] = []
        for name, fact in sorted(table.items(), key=lambda item: str(item[0])):
            if isinstance(fact, Mapping):
                rows.append((str(name), fact))
            else:
                self.error("platform", f"{key} {name} is no mapping, got {fact!r}; write its facts by name")
        return rows

    def only(self, subject: str, fact: Mapping[str, object], known: tuple[str, ...]) -> None:
        """Note facts that nobody asks for."""
        for name in sorted(set(map(str, fact)) - set(known)):
            self.error(subject, f"fact is unknown, got {name}; use {', '.join(known)}")

    def word(self, subject: str, fact: Mapping[str, object], key: str, variable: str) -> str:
        """Return a text, empty where it is missing, which is noted."""
        word = fact.get(key)
        if not isinstance(word, str) or not word:
            self.error(subject, f"{variable} is missing; set it in the inventory")
            return ""
        return word

    def whole(self, subject: str, fact: Mapping[str, object], key: str, variable: str, high: int) -> int:
        """Return a whole number from 1 on, 0 where there is none, which is noted."""
        value = fact.get(key)
        if value is None:
            self.error(subject, f"{variable} is missing; set it in the inventory")
            return 0
        text = str(value)
        if isinstance(value, bool) or not text.isdecimal() or not 1 <= int(text) <= high:
            self.error(subject, f"{variable} is not a whole number 1..{high}, got {value}; correct it")
            return 0
        return int(text)

    def value(self, subject: str, text: str, read: Callable[[str], Value]) -> Value | None:
        """Return what is read of a text, None where it cannot be, which is noted."""
        try:
            return read(text)
        except FlowstreamError as error:
            self.error(subject, str(error))
            return None
