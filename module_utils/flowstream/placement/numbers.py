# SPDX-License-Identifier: Apache-2.0
"""Numbers that a name decides by itself, and that it keeps: of interfaces, and of their OpenFlow ports on a host."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.plan import digest
from ansible.module_utils.flowstream.platform.occupancy import Occupancy, RunningModule

FIRST_OFPORT, LAST_OFPORT = 256, 65000
"""Numbers below are for uplinks and what else a host's bridge carries."""
_LAST_DEVICE = 0xFFFFFFFF
_DEVICE = re.compile(r"pm([0-9a-f]{8})")


class Plug(NamedTuple):
    """An interface that is to be on a host's bridge: `name` is of the whole platform, its module's or MODULE/ARM."""

    name: str
    module: str
    host: str


class Numbered(NamedTuple):
    """What a plug is called on its host, and its OpenFlow number there."""

    device: str
    ofport: int


def numbered(plugs: Sequence[Plug], allocation_id: str, occupancy: Occupancy) -> dict[str, Numbered]:
    """Give each plug a device and a number of its own, by name.

    What runs keeps what it has; what is new gets what its name says, or the next one that nobody has on its host.
    """
    others: dict[str, dict[str, int]] = {}
    for module in occupancy.without(allocation_id).modules:
        others.setdefault(module.host, {}).update(module.ports)
    running = occupancy.of(allocation_id)
    names = {host: {int(found[1], 16) for device in ports if (found := _DEVICE.fullmatch(device))}
             for host, ports in others.items()}  # fmt: skip
    numbers = {host: set(ports.values()) for host, ports in others.items()}
    kept = _kept(plugs, running)
    devices = _numbers(plugs, {name: device for name, (device, _) in kept.items()}, names, (0, _LAST_DEVICE))
    ofports = _numbers(
        plugs, {name: ofport for name, (_, ofport) in kept.items()}, numbers, (FIRST_OFPORT, LAST_OFPORT)
    )
    return {plug.name: Numbered(f"pm{devices[plug.name]:08x}", ofports[plug.name]) for plug in plugs}


def _kept(plugs: Sequence[Plug], running: Mapping[str, RunningModule]) -> dict[str, tuple[int, int]]:
    """The number of the device and the OpenFlow number of each plug that is on its host already.

    An interface is known by the device that its name decides; the only one of a module by being that.
    """
    of_module: dict[str, list[Plug]] = {}
    for plug in plugs:
        of_module.setdefault(plug.module, []).append(plug)
    kept: dict[str, tuple[int, int]] = {}
    for name, own in of_module.items():
        module = running.get(name)
        if module is None or module.host != own[0].host:
            continue
        ports = {
            int(found[1], 16): ofport for device, ofport in module.ports.items() if (found := _DEVICE.fullmatch(device))
        }
        for plug in own:
            device = _wanted(plug.name, (0, _LAST_DEVICE))
            if len(own) == len(ports) == 1:
                (device,) = ports
            if device in ports:
                kept[plug.name] = device, ports[device]
    return kept


def _wanted(name: str, within: tuple[int, int]) -> int:
    low, high = within
    return low + (digest(name) >> 192) % (high - low + 1)


def _numbers(
    plugs: Sequence[Plug], kept: Mapping[str, int], taken: Mapping[str, Collection[int]], within: tuple[int, int]
) -> dict[str, int]:
    """Each plug's own number: what it keeps, else that of its hash, else the next free one in the order of the plugs.

    A name keeps its number whatever else comes and goes, unless it shares its hash with another.
    """
    low, high = within
    numbers = {plug.name: kept[plug.name] for plug in plugs
               if plug.name in kept and kept[plug.name] not in taken.get(plug.host, ())}  # fmt: skip
    used = set(numbers.values())
    for plug in plugs:
        if plug.name in numbers:
            continue
        others = taken.get(plug.host, ())
        number = wanted = _wanted(plug.name, within)
        while number in used or number in others:
            number = low if number == high else number + 1
            if number == wanted:
                raise FlowstreamError(
                    f"inventory: module host {plug.host}: has no OpenFlow port left for {plug.name}, got {low}..{high} all"
                    " taken; add a module host"
                )
        used.add(number)
        numbers[plug.name] = number
    return numbers
