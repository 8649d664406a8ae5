# SPDX-License-Identifier: Apache-2.0
"""The lock on a machine of the platform: whose it is, and when the next may have it. Pure: claims come as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError

LOCK = Path("/run/flowstream/deployment.lock")
"""Gone when the machine reboots, as everything that was on its way then is."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One run of a playbook that has, or wants, the lock.

    `owner` is a user and a control node, `node` the very boot of that machine and `process` the run on it, such as
    `1234:5678` (process id, start time); `node` is empty where the machine does not tell. `since` is the time at which
    it began, as people write it.
    """

    owner: str
    node: str
    process: str
    purpose: str
    since: str

    def to_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return {
            "owner": self.owner,
            "node": self.node,
            "process": self.process,
            "purpose": self.purpose,
            "since": self.since,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Claim:
        """Read plain data; FlowstreamError when something of it lacks."""
        try:
            return cls(**{name: str(plain[name]) for name in ("owner", "node", "process", "purpose", "since")})
        except KeyError as error:
            raise FlowstreamError(f"claim has no {error.args[0]}; the action plugin platform_lock makes it") from error

    def is_of_the_run(self, other: Claim) -> bool:
        """Whether both are of one run."""
        return (self.owner, self.node, self.process) == (other.owner, other.node, other.process)


@dataclass(frozen=True, slots=True)
class Holding:
    """A claim that has the lock, and when its machine last heard of it, in seconds since that machine booted."""

    claim: Claim
    heard: float

    def __str__(self) -> str:
        return json.dumps({**self.claim.to_dict(), "heard": self.heard}, sort_keys=True) + "\n"

    @classmethod
    def parse(cls, text: str) -> Holding | None:
        """Read the spelling of `str`; None when it is none, as after a write that was cut off."""
        try:
            plain = json.loads(text)
            return cls(Claim.from_dict(plain), float(plain["heard"]))
        except (ValueError, KeyError, TypeError, FlowstreamError):
            return None


def is_stale(holder: Claim, silent: float, own: Claim, lives: bool, lease: float) -> bool:
    """Whether the lock may be taken from its holder, of whom its machine has not heard for `silent` seconds.

    On the same control node as `own` it is enough to look whether the process `lives`; another one has its `lease`.
    """
    if own.node and holder.node == own.node:
        return not lives
    return silent > lease


def refusal(holder: Claim, silent: float, lease: float) -> str:
    """Return what the next is told."""
    return (
        f"{holder.owner} (process {holder.process.partition(':')[0]}) has the lock since {holder.since} to "
        f"{holder.purpose}, last heard of {silent:.0f} s ago; wait with -e lock_wait=SECONDS, or, when that run is no "
        f"more, take it with -e lock_break=true (after {lease:.0f} s of silence it is free)"
    )
