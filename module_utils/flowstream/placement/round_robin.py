# SPDX-License-Identifier: Apache-2.0
"""Modules dealt to hosts in turn.

An algorithm is any function of the `Placer` shape. This one needs no more than a count, and is what a platform has that chooses
none; `balanced` is the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.placement.request import DEFAULT_VCPUS, Place, Request
from ansible.module_utils.flowstream.platform.facts import ModuleHost
from ansible.module_utils.flowstream.platform.occupancy import Use


@dataclass(slots=True)
class _Room:
    """What is left of a host of which others use something."""

    host: ModuleHost
    used: Use
    pms: int
    memory: int

    def place(self, request: Request, why: str) -> Place | None:
        kind = request.kind or self.host.kinds[0]
        memory = request.memory or request.usual_memory[kind]
        vcpus = request.vcpus or DEFAULT_VCPUS
        if kind not in self.host.kinds or self.pms < 1 or self.memory < memory or self.host.max_vcpus < vcpus:
            return None
        self.pms -= 1
        self.memory -= memory
        return Place(self.host, kind, memory, vcpus, why)

    def __str__(self) -> str:
        memory = f"{self.memory} of {self.host.max_memory} MiB{self.host.origin('memory_mib')}"
        left = f"{self.pms} of {self.host.max_pms} pms and {memory} left"
        others = f", others use {self.used.pms} pms and {self.used.memory} MiB" if self.used.pms else ""
        return f"runs {' or '.join(self.host.kinds)}, has {left}{others}, {self._vcpus()}"

    def _vcpus(self) -> str:
        return f"up to {self.host.max_vcpus} vcpus{self.host.origin('vcpus')} for one pm"


def round_robin(
    requests: Sequence[Request], hosts: Sequence[ModuleHost], used: Mapping[str, Use] = MappingProxyType({})
) -> list[Place]:
    """Leave what runs where it is, deal the rest out by number, and take the next host with room when one is full.

    The number, not the position in the list, chooses the host: a module that is added or removed moves no other,
    as long as there is room.
    """
    rooms = [_room(host, used.get(host.name, Use())) for host in hosts]
    by_name = {room.host.name: room for room in rooms}
    staying = {
        at: place
        for at, request in enumerate(requests)
        if request.at in by_name and (place := by_name[request.at].place(request, "runs there already"))
    }
    places: list[Place] = []
    homeless: list[str] = []
    for at, request in enumerate(requests):
        place = staying.get(at) or _first_place(request, rooms)
        if place is None:
            homeless.append(no_room(request, hosts))
        else:
            places.append(place)
    if homeless:
        raise FlowstreamError(*homeless, *(f"inventory: module host {room.host.name}: {room}" for room in rooms))
    return places


def _room(host: ModuleHost, used: Use) -> _Room:
    return _Room(host, used, max(0, host.max_pms - used.pms), max(0, host.max_memory - used.memory))


def _first_place(request: Request, rooms: Sequence[_Room]) -> Place | None:
    for step in range(len(rooms)):
        why = "round robin: first host with room" if step else "round robin: the host whose turn it is"
        place = rooms[(request.number + step) % len(rooms)].place(request, why)
        if place is not None:
            return place
    return None


def no_room(request: Request, hosts: Sequence[ModuleHost]) -> str:
    """Return the message for a module that no host can have."""
    needs = [
        f"kind {request.kind or 'any'}",
        f"{request.memory} MiB" if request.memory else "default memory",
        f"{request.vcpus or DEFAULT_VCPUS} vcpus",
    ]
    return f"{request.where}: fits on no module host, got {', '.join(needs)}; {_advice(request, hosts)}"


def _advice(request: Request, hosts: Sequence[ModuleHost]) -> str:
    """Say what would make room: capacity is the answer only where a host could run the module at all."""
    able = [host for host in hosts if request.kind in (None, *host.kinds)]
    if not able:
        kinds = " or ".join(sorted({kind for host in hosts for kind in host.kinds}))
        return f"no module host runs {request.kind}, they run {kinds}; leave kind out, or add a host with that driver"
    most = max(host.max_vcpus for host in able)
    if (request.vcpus or DEFAULT_VCPUS) > most:
        return f"none gives one pm more than {most} vcpus; ask for fewer, or raise vcpus of module_host_capacity"
    return "add a module host or raise module_host_capacity"
