# SPDX-License-Identifier: Apache-2.0
"""XenStore, the tree of small values through which a Xen host and its domains talk, as the toolkit uses it."""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ansible.module_utils.flowstream.errors import FlowstreamError

MOST_VALUE_BYTES = 2000
"""The longest value that every daemon takes from everybody, with its node's name and permissions."""

DOMAINS = "/local/domain"

T = TypeVar("T")


class XenStoreError(FlowstreamError):
    """The daemon refused a request, for the reason `errno`."""

    def __init__(self, intent: str, number: int) -> None:
        self.errno = number
        super().__init__(f"cannot {intent}: {errno.errorcode.get(number, number)} ({os.strerror(number)})")


@dataclass(frozen=True)
class Permission:
    """What a domain may do with a node, as `n0` or `b5`: n(othing), r(ead), w(rite), b(oth).

    The first permission of a node names its owner, and what every domain may that has none of its own.
    """

    access: str
    domain: int

    @classmethod
    def parse(cls, text: str) -> Permission:
        """Read `r5`."""
        if not re.fullmatch(r"[nrwb](0|[1-9][0-9]{0,4})", text):
            raise FlowstreamError(f"permissions: '{text}' is not one of n, r, w, b and a domain's number, such as r5")
        return cls(text[0], int(text[1:]))

    def __str__(self) -> str:
        return f"{self.access}{self.domain}"


class Nodes(Protocol):
    """The tree, or what a transaction sees of it. Paths are absolute; what is not there reads as None."""

    def read(self, path: str) -> bytes | None:
        """The value of a node."""

    def children(self, path: str) -> tuple[str, ...] | None:
        """The names below a node, sorted."""

    def permissions(self, path: str) -> tuple[Permission, ...] | None:
        """Who may do what with a node, its owner first."""

    def write(self, path: str, value: bytes) -> None:
        """Set a node's value; it and the folders above it are made when they are not there."""

    def make(self, path: str) -> None:
        """Make a node without a value, unless it is there."""

    def remove(self, path: str) -> None:
        """Remove a node with everything below it, if it is there."""

    def permit(self, path: str, permissions: Sequence[Permission]) -> None:
        """Replace a node's permissions."""


class Watch(Protocol):
    """Tells of changes to a node and below it."""

    def wait(self, seconds: float) -> bool:
        """Wait until something may have changed since the last call; False when that many seconds have passed."""


class XenStore(Nodes, Protocol):
    """A connection to the daemon. No call waits for ever: a daemon that does not answer is an error."""

    def transact(self, work: Callable[[Nodes], T]) -> T:
        """Do `work` as a whole or not at all; it is called again when somebody else interfered."""

    def watch(self, path: str) -> AbstractContextManager[Watch]:
        """Watch a node, which need not be there, and everything below it."""


def wait_for(watch: Watch, look: Callable[[], T | None], seconds: float) -> T | None:
    """What `look` finds, at once or after a change; None when it has found nothing after that many seconds."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        left = deadline - time.monotonic()
        if left <= 0 or not watch.wait(left):
            return None
    return found


@dataclass(frozen=True)
class Domain:
    """A domain of this host."""

    id: int
    name: str

    @property
    def folder(self) -> str:
        """Where its nodes are."""
        return f"{DOMAINS}/{self.id}"

    def __str__(self) -> str:
        return f"domain {self.name or self.id}"


def find_domain(nodes: Nodes, domain: str) -> Domain:
    """The running domain of that name or number."""
    if domain.isdecimal():
        name = nodes.read(f"{DOMAINS}/{domain}/name")
        if name is None and nodes.read(f"{DOMAINS}/{domain}") is None:
            raise FlowstreamError(f"cannot find domain {domain}: no domain of this number runs on this host")
        return Domain(int(domain), (name or b"").decode(errors="replace"))
    found = [
        number for number in nodes.children(DOMAINS) or () if nodes.read(f"{DOMAINS}/{number}/name") == domain.encode()
    ]
    if not found:
        raise FlowstreamError(f"cannot find domain {domain}: no domain of this name runs on this host")
    if len(found) > 1:
        raise FlowstreamError(f"cannot find domain {domain}: domains {', '.join(found)} have this name; use the number")
    return Domain(int(found[0]), domain)
