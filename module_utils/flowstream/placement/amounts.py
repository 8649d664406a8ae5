# SPDX-License-Identifier: Apache-2.0
"""What hosts have and modules take, one whole number a resource."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ansible.module_utils.flowstream.placement.request import DEFAULT_VCPUS, Request
from ansible.module_utils.flowstream.platform.facts import ModuleHost
from ansible.module_utils.flowstream.platform.occupancy import Use

UNBOUNDED = 1 << 50
"""More than any host has: a limit that nobody stated."""
WHOLE = 1000
"""Shares are in thousandths: of a host's capacity, and of a processor."""


class Resource(NamedTuple):
    """How a resource is called, in what it is counted, and by which key of module_host_capacity it is stated."""

    word: str
    unit: str
    key: str


RESOURCES = (
    Resource("pms", "pms", "pms"),
    Resource("memory", "MiB", "memory_mib"),
    Resource("processors", "thousandths of a processor", "processors"),
    Resource("uplink", "Mbit/s", "uplink_mbps"),
    Resource("flow entries", "flow entries", "flow_entries"),
)
Amounts = tuple[int, ...]
"""One number for each of RESOURCES."""
NONE: Amounts = (0,) * len(RESOURCES)


def capacity_of(host: ModuleHost) -> Amounts:
    """Return what a host has for modules."""
    processors = UNBOUNDED if host.max_processors is None else WHOLE * host.max_processors
    uplink, flows = (UNBOUNDED if most is None else most for most in (host.max_uplink, host.max_flows))
    return host.max_pms, host.max_memory, processors, uplink, flows


def demand_of(request: Request, kind: str, frame_bytes: int) -> Amounts:
    """Return what a module takes of a host where it is of this kind."""
    vcpus = request.vcpus or DEFAULT_VCPUS
    processors = min(_processors(request.rate, request.packet_ns, frame_bytes), WHOLE * vcpus)
    return 1, request.memory or request.usual_memory[kind], processors, request.rate, request.flows


def use_of(use: Use, packet_ns: int, frame_bytes: int) -> Amounts:
    """Return what others take: of what type they are nobody says, so each of their packets costs `packet_ns`."""
    return use.pms, use.memory, _processors(use.rate, packet_ns, frame_bytes), use.rate, 0


def _processors(rate: int, packet_ns: int, frame_bytes: int) -> int:
    """Thousandths of a processor, rounded up, that Mbit/s in frames of this size keep busy."""
    return -(-rate * packet_ns * WHOLE // (frame_bytes * 8 * 1000))


def added(one: Sequence[int], other: Sequence[int]) -> Amounts:
    """Return the sum."""
    return tuple(a + b for a, b in zip(one, other, strict=True))


def less(one: Sequence[int], other: Sequence[int]) -> Amounts:
    """Return the difference."""
    return tuple(a - b for a, b in zip(one, other, strict=True))


def total(each: Iterable[Sequence[int]]) -> Amounts:
    """Return the sum of any number of them."""
    return tuple(map(sum, zip(NONE, *each, strict=True)))


def share(load: Sequence[int], capacity: Sequence[int]) -> int:
    """Return how full the fullest resource is, in thousandths, rounded up."""
    return max(-(-WHOLE * taken // most) for taken, most in zip(load, capacity, strict=True))


def fullest(load: Sequence[int], capacity: Sequence[int]) -> tuple[int, Resource]:
    """Return that with the name of the resource, the first of several."""
    shares = [-(-WHOLE * taken // most) for taken, most in zip(load, capacity, strict=True)]
    most = max(shares)
    return most, RESOURCES[shares.index(most)]
