# SPDX-License-Identifier: Apache-2.0
"""What placing asks and what it answers, whichever algorithm does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.platform.facts import ModuleHost
from ansible.module_utils.flowstream.platform.occupancy import Use

DEFAULT_VCPUS = 1


@dataclass(frozen=True, slots=True)
class Request:
    """What a processing module needs of a host. `where` is its place in the allocation, for messages.

    `kind` and `memory` (MiB) are None when the host may choose; `usual_memory` is what a module of each kind gets then.
    `at` is the host that it runs on, empty when it runs on none. `rate` is in Mbit/s of what all of its interfaces may send,
    `packet_ns` what a packet costs it on one processor; either is 0 where nobody knows. `flows` are its entries on the host's
    bridge. Modules with the same word in `apart` do the same work, and are to be on different hosts.
    """

    where: str
    number: int
    kind: str | None
    memory: int | None
    vcpus: int | None
    usual_memory: Mapping[str, int]
    at: str = ""
    rate: int = 0
    packet_ns: int = 0
    flows: int = 0
    apart: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A host for one processing module, what the module is there, and in words why it is there, if the algorithm can say."""

    host: ModuleHost
    kind: str
    memory: int
    vcpus: int
    why: str = ""


Placer = Callable[[Sequence[Request], Sequence[ModuleHost], Mapping[str, Use]], list[Place]]
"""Returns one place for each request, in the order of the requests, or raises FlowstreamError.

The last argument is what modules of others take of the hosts, by host.
"""
