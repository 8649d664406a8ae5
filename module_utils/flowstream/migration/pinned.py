# SPDX-License-Identifier: Apache-2.0
"""Modules that somebody wants on a host of his choice, or away from one; whichever algorithm places the others, those that run stay."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.placement.request import Place, Placer, Request
from ansible.module_utils.flowstream.platform.facts import ModuleHost
from ansible.module_utils.flowstream.platform.occupancy import Use

ASKED = "moved there, as was asked"


def pinned(place: Placer, pins: Mapping[int, str]) -> Placer:
    """Return the same algorithm with the modules of these numbers on these hosts.

    To it, they run there already, so that it has nothing new to learn. What it cannot do is refused: a host that has no room for one of
    them, or only without another that runs there.
    """

    def placed(requests: Sequence[Request], hosts: Sequence[ModuleHost], used: Mapping[str, Use]) -> list[Place]:
        asked = [replace(request, at=pins.get(request.number, request.at)) for request in requests]
        places = place(asked, hosts, used)
        errors = [
            _refusal(request, pins)
            for request, found in zip(asked, places, strict=True)
            if found.host.name != request.at and request.at in pins.values()
        ]
        if errors:
            raise FlowstreamError(*errors)
        return [
            replace(found, why=ASKED) if request.number in pins and request.at != pins[request.number] else found
            for request, found in zip(requests, places, strict=True)
        ]

    return placed if pins else place


def avoiding(place: Placer, left: Collection[str]) -> Placer:
    """Return the same algorithm that puts nothing on the hosts that are to be left; what runs there goes as if they were gone."""

    def placed(requests: Sequence[Request], hosts: Sequence[ModuleHost], used: Mapping[str, Use]) -> list[Place]:
        return place(requests, [host for host in hosts if host.name not in left], used)

    return placed if left else place


def _refusal(request: Request, pins: Mapping[int, str]) -> str:
    if request.number in pins:
        return f"{request.where}: has no room on the host that is asked for, got {request.at}; choose another, or make room there"
    asked = " and ".join(f"pm {number}" for number, host in sorted(pins.items()) if host == request.at)
    return f"{request.where}: would have to leave {request.at}, got {asked} for it; choose another host for {asked}"
