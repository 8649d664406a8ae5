# SPDX-License-Identifier: Apache-2.0
"""A ClickOS domain as docs/xenstore.md describes it, without Xen and without Click: handlers are Python values."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from .xenstore_server import XenStoreServer

_MOST_BYTES = 2000


@dataclass
class Router:
    config: str | None = None
    generation: str = "0"
    last_request: str = ""
    answer: bytes = b""


@dataclass
class PlayedClickOs:
    """Answers what is written for it into `store`, unless it is `silent`. A configuration with `NoSuchElement` is refused."""

    store: XenStoreServer
    id: int = 5
    name: str = "pm0"
    handlers: dict[str, str] = field(default_factory=dict)
    routers: dict[str, Router] = field(default_factory=dict)
    silent: bool = False

    def __post_init__(self) -> None:
        self.folder = f"/local/domain/{self.id}"
        self.store.write(f"{self.folder}/name", self.name)
        self.store.write(f"{self.folder}/data/clickos", "1")
        with self.store.lock:
            self.store.tree.permissions[f"{self.folder}/data/clickos"] = [f"n{self.id}"]
        self.store.on_change.append(self.follow)

    def follow(self, path: str) -> None:
        prefix = f"{self.folder}/data/clickos/"
        number, _, node = path.removeprefix(prefix).partition("/")
        if not path.startswith(prefix) or self.silent or node not in ("generation", "control", "request"):
            return
        router = self.routers.setdefault(number, Router())
        text = self.store.read(path)
        if text is None:
            return
        if node == "generation":
            self._generation(prefix + number, router, text)
        elif node == "control" and router.config is not None:
            state = {"start": "running", "stop": "stopped"}[text]
            self.store.write(f"{prefix}{number}/status", f"{router.generation} {state}")
        elif node == "request":
            self._request(prefix + number, router, text)

    def _generation(self, folder: str, router: Router, line: str) -> None:
        router.generation, length, digest = line.split()
        parts: list[bytes] = []
        while (part := self.store.tree.values.get(f"{folder}/config/{len(parts)}")) is not None:
            parts.append(part)
        text = b"".join(parts)[: int(length)].decode()
        assert sha256(text.encode()).hexdigest() == digest
        state = "running" if text else "stopped"
        if "NoSuchElement" in text:
            state = "error\nconfig:2: unknown element class 'NoSuchElement'\n"
        else:
            router.config = text or None
        self.store.write(f"{folder}/status", f"{router.generation} {state}")

    def _request(self, folder: str, router: Router, text: str) -> None:
        line, _, value = text.partition("\n")
        number, verb, *words = line.split()
        if number == router.last_request:
            return
        router.last_request = number
        offset = 0
        if verb == "more":
            offset = int(words[0])
        elif router.config is None:
            self.store.write(f"{folder}/reply", f"{number} error\nno router")
            return
        else:
            known = {"config": router.config, "version": "1", **self.handlers}
            known["handlers"] = "config\tr\nversion\tr\nhandlers\tr\n"
            known["queue.handlers"] = "capacity\trw\nreset_counts\tw\n"
            if words[0] not in known and not (verb == "write" and words[0] == "queue.reset_counts"):
                self.store.write(f"{folder}/reply", f"{number} error\nno {verb} handler '{words[0]}'")
                return
            if verb == "write":
                self.handlers[words[0]] = value
            router.answer = known[words[0]].encode() if verb == "read" else b""
        head = f"{number} ok {len(router.answer)}\n".encode()
        body = router.answer[offset : offset + _MOST_BYTES - len(head)]
        self.store.write(f"{folder}/reply", head + body)
