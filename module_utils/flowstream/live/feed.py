# SPDX-License-Identifier: Apache-2.0
"""What passes now, told to all who look: exporters are read while somebody does, once for all of them, and at no other time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping
from typing import Any

from ansible.module_utils.flowstream.live.rates import Page, now

MOST_WATCHERS = 32
_SILENCE_SECONDS = 10.0
"""After which somebody who waits is told that there is nothing new, so that one who has gone is found out."""

Read = Callable[[], Mapping[str, Page | str]]


class Feed:
    """Events as server-sent events have them; `read` asks all machines, `seconds` after it was last answered."""

    def __init__(self, read: Read, seconds: float) -> None:
        self._read = read
        self._seconds = seconds
        self._changed = threading.Condition()
        self._watchers = 0
        self._number = 0
        self._event = ""
        self._reading = False

    def watch(self) -> Generator[str]:
        """Yield events until the reader goes; nothing at all where there are too many readers already."""
        with self._changed:
            if self._watchers >= MOST_WATCHERS:
                return
            self._watchers += 1
            seen = self._number  # what is read from now on is new
            if not self._reading:
                self._reading = True
                threading.Thread(target=self._keep_reading, daemon=True).start()
        try:
            yield from self._events(seen)
        finally:
            with self._changed:
                self._watchers -= 1
                self._changed.notify_all()

    def _events(self, seen: int) -> Generator[str]:
        yield ": here\n\n"
        while True:
            with self._changed:
                if self._number == seen:
                    self._changed.wait(_SILENCE_SECONDS)
                new, seen, event = self._number > seen, self._number, self._event
            yield event if new else ": nothing new\n\n"

    def _keep_reading(self) -> None:
        pages: dict[str, Page] = {}
        while True:
            answers = self._read()
            event = f"data: {json.dumps(_told(pages, answers))}\n\n"
            pages |= {name: answer for name, answer in answers.items() if isinstance(answer, Page)}
            with self._changed:
                self._number += 1
                self._event = event
                self._changed.notify_all()
                self._changed.wait_for(lambda: not self._watchers, self._seconds)
                if not self._watchers:
                    self._reading = False
                    return


def _told(pages: Mapping[str, Page], answers: Mapping[str, Page | str]) -> dict[str, Any]:
    """One event: what passes, and of whom nothing is known and why."""
    heard = {name: answer for name, answer in answers.items() if isinstance(answer, Page)}
    silent = {name: answer for name, answer in answers.items() if isinstance(answer, str)}
    found = now((pages.get(name), page) for name, page in heard.items())
    return {**found.to_dict(), "silent": silent, "rates": bool(pages)}
