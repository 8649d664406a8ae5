# SPDX-License-Identifier: Apache-2.0
"""What must hold for an allocation as a whole whatever its type: ports, their networks and the modules' numbers.

docs/errors.md has the list, with the rules that each type adds.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import pairwise
from typing import Protocol, TypeVar

from ansible.module_utils.flowstream.addresses import (
    IPV4,
    IPV6,
    LINK_LOCAL,
    Prefix,
    address_text,
    uncovered,
)
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import (
    UNREAD_NUMBER,
    UNREAD_TEXT,
    Allocation,
    Port,
    ProcessingModule,
    Stage,
)

MAX_STAGES = 16
"""At one platform port."""

SHOWN_GAPS = 4
"""How many uncovered prefixes a warning spells out."""


class _Placed(Protocol):
    @property
    def line(self) -> int: ...


Thing = TypeVar("Thing", bound=_Placed)


def check(allocation: Allocation, findings: Findings) -> None:
    """Note every broken rule."""
    _check_ports(allocation.ports, findings)
    _check_port_addresses(allocation.ports, findings)
    _check_stages(allocation, findings)
    everywhere = [*allocation.pms, *(pm for stage in allocation.stages for pm in stage.pms)]
    for pm, earlier in repeated(everywhere, lambda pm: pm.pm_id):
        text = f"id stands twice, got {pm.pm_id}, first on line {earlier.line}; give each pm its own"
        findings.error(pm.line, pm_label(pm), text)


def _check_stages(allocation: Allocation, findings: Findings) -> None:
    """Note what is wrong with the stages, whatever their type; warn of networks that no module of one serves."""
    for stage, earlier in repeated(allocation.stages, lambda stage: stage.stage_id):
        text = f"id stands twice, got {stage.stage_id}, first on line {earlier.line}; give each stage its own"
        findings.error(stage.line, stage_label(stage), text)
    carried = [stage for stage in allocation.stages if stage.device is not None]
    for stage, earlier in repeated(carried, _device_of):
        text = f"device carries {stage_label(earlier)} on line {earlier.line} already, got {_device_of(stage)}"
        findings.error(stage.line, stage_label(stage), f"{text}; a device carries one stage, use another")
    at_port: dict[int, int] = {}
    for stage in allocation.stages:
        at_port[stage.port] = at_port.get(stage.port, 0) + 1
        if stage.port != UNREAD_NUMBER and at_port[stage.port] == MAX_STAGES + 1:
            text = f"is one too many at port {stage.port}, got {MAX_STAGES + 1}; keep {MAX_STAGES}"
            findings.error(stage.line, stage_label(stage), text)
        behind = allocation.behind(stage.port)
        for pm in stage.pms if stage.port != UNREAD_NUMBER else ():
            for network in pm.networks:
                if all(network.family != whole.family for whole in behind):
                    text = f"network is of IPv6, of which port {stage.port} has no address, got {network}"
                    findings.error(pm.line, pm_label(pm), f"{text}; give the port an address6, or remove the network")
        served = sorted(
            ((network, pm) for pm in stage.pms for network in pm.networks or behind), key=lambda each: each[0].in_order
        )
        for (network, pm), (other, second) in pairwise(served):
            if network.contains(other):
                text = (
                    f"has network {other} inside {network} of {pm_label(pm)} on line {pm.line}, got {pm_label(second)}"
                )
                findings.error(second.line, stage_label(stage), f"{text}; give every network to one pm")
        networks = [network for network, _ in served]
        gaps = [gap for whole in behind for gap in uncovered(networks, whole.family)] if stage.device is None else []
        if gaps and not findings.errors:
            some = ", ".join(map(str, gaps[:SHOWN_GAPS])) + (" and more" if len(gaps) > SHOWN_GAPS else "")
            text = f"no pm has the networks {some}; packets from and to them are dropped there"
            findings.warning(stage.line, stage_label(stage), text)


def _device_of(stage: Stage) -> str:
    return stage.device.name if stage.device else UNREAD_TEXT


def _check_ports(ports: Iterable[Port], findings: Findings) -> None:
    keys: dict[str, Callable[[Port], int | str]] = {
        "portid": lambda port: port.portid,
        "mac": lambda port: port.mac,
        "switchport": lambda port: (
            f"{port.switch}/{port.switchport}" if port.switch and port.switchport > 0 else port.switchport
        ),
    }
    for name, key in keys.items():
        for port, earlier in repeated(ports, key):
            text = f"{name} stands twice, got {key(port)}, first on line {earlier.line}; give each port its own"
            findings.error(port.line, port_label(port), text)


def _check_port_addresses(ports: Iterable[Port], findings: Findings) -> None:
    subnets: list[tuple[Prefix, Port]] = []
    for port in sorted(ports, key=lambda port: port.line):
        for interface in port.all_addresses:
            for subnet, other in subnets:
                if subnet.contains(interface.subnet) or interface.subnet.contains(subnet):
                    text = f"address overlaps {subnet} of {port_label(other)} on line {other.line}, got {interface}"
                    findings.error(port.line, port_label(port), f"{text}; put each segment behind one port, once")
            subnets.append((interface.subnet, port))
        if port.gateway is not None:
            check_gateway(port.gateway, port, port.line, port_label(port), findings)
        if port.gateway6 is not None:
            check_gateway(port.gateway6, port, port.line, port_label(port), findings, IPV6)


def check_gateway(gateway: int, port: Port, line: int, subject: str, findings: Findings, family: int = IPV4) -> None:
    """A next hop must be somebody else on a segment of the port; without addresses, anything may be there.

    Of IPv6 it may have a link-local address: every link has these.
    """
    text = address_text(gateway, family)
    addresses = port.addresses6 if family == IPV6 else port.addresses
    if family == IPV6 and LINK_LOCAL.holds(gateway):
        return
    if any(interface.address == gateway for interface in addresses):
        findings.error(line, subject, f"gateway is the port's own address, got {text}; write the neighbour's")
    elif addresses and not any(interface.subnet.holds(gateway) for interface in addresses):
        segments = ", ".join(str(interface.subnet) for interface in addresses)
        where = f"on no segment of {port_label(port)}"
        findings.error(line, subject, f"gateway is {where}, got {text}; write an address in {segments}")


def refuse_stages_of_ipv6(allocation: Allocation, findings: Findings) -> None:
    """Note each stage of a type that carries IPv4 alone where ports have addresses of IPv6."""
    for stage in (stage for stage in allocation.stages if allocation.has_ipv6 and not stage.carries_ipv6):
        text = f"carries IPv4 alone, got IPv6 in its allocation and type {stage.type}; remove the stage, or IPv6"
        findings.error(stage.line, stage_label(stage), text)


def repeated(things: Iterable[Thing], key: Callable[[Thing], Hashable]) -> Iterator[tuple[Thing, Thing]]:
    """Yield each thing whose key an earlier line has, with the first of that key."""
    first: dict[Hashable, Thing] = {}
    for thing in sorted(things, key=lambda thing: thing.line):
        value = key(thing)
        if value not in (UNREAD_NUMBER, UNREAD_TEXT) and (earlier := first.setdefault(value, thing)) is not thing:
            yield thing, earlier


def port_label(port: Port) -> str:
    """Name a port in a message."""
    return f"portmacmapping {port.portid}" if port.portid != UNREAD_NUMBER else "portmacmapping"


def stage_label(stage: Stage) -> str:
    """Name a stage in a message."""
    return f"stage {stage.stage_id}" if stage.stage_id != UNREAD_TEXT else "stage"


def pm_label(pm: ProcessingModule) -> str:
    """Name a module in a message."""
    return f"pm {pm.pm_id}" if pm.pm_id != UNREAD_NUMBER else "pm"
