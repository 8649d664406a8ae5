# SPDX-License-Identifier: Apache-2.0
"""What an operator asked for, as typed values: an allocation with its platform ports and processing modules.

Every object keeps the line of the input that it stands on, so that later checks can name it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.addresses import EVERYTHING, EVERYTHING6, Interface, Prefix

MAX_ALLOCATION_ID = 40
MAX_PM_ID = 65535
MAX_PORTID = 65535
MAX_PORTS = 254
"""A port's number travels in Click's one-byte paint annotation, where 255 means "all"."""

UNREAD_NUMBER = -1
UNREAD_TEXT = ""
"""What stands in an object, while a file is checked, for a value that could not be read. No check compares it."""


@dataclass(frozen=True, slots=True)
class Port:
    """A platform port as the outside sees it.

    `portid` is its number in forwarding entries, `mac` its Ethernet address outside, `switchport` the OpenFlow port
    of the switch behind it. `addresses` make it answer ARP and send ICMP errors; `gateway` is the next hop for
    destinations that are on none of its segments. `addresses6` and `gateway6` are those of IPv6. `any_source`: packets may
    come in from the networks of other ports. `switch` is which one of several, empty where nobody has said so.
    """

    portid: int
    mac: str
    switchport: int
    addresses: tuple[Interface, ...] = ()
    gateway: int | None = None
    any_source: bool = False
    line: int = 0
    addresses6: tuple[Interface, ...] = ()
    gateway6: int | None = None
    switch: str = ""

    @property
    def all_addresses(self) -> tuple[Interface, ...]:
        """Return its addresses of both families."""
        return (*self.addresses, *self.addresses6)


@dataclass(frozen=True, slots=True)
class ProcessingModule:
    """One of the modules that share the work of an allocation or of a stage. `body` is what its type read of it.

    What is None is decided by the plan. `memory` is in MiB, `rate` in Mbit/s of what the module may send. In a stage
    `networks` are those behind its port whose packets the module gets; without any it gets all. One that is a `part` of
    another has the packets to that prefix which would be the other's, the one numbered `part_of`.
    """

    pm_id: int
    body: Any
    kind: str | None = None
    memory: int | None = None
    vcpus: int | None = None
    rate: int | None = None
    networks: tuple[Prefix, ...] = ()
    line: int = 0
    part: Prefix | None = None
    part_of: int = 0


@dataclass(frozen=True, slots=True)
class UsedDevice:
    """A device of the platform by its name, and what becomes of packets when it is down: they pass it by, or it blocks them."""

    name: str
    down: str


@dataclass(frozen=True, slots=True)
class Stage:
    """Processing that stands between platform port `port` and the allocation's own modules, for both directions.

    It is carried by modules or by a `device`, not by both. `carries_ipv6` is what the declaration of its type says.
    """

    stage_id: str
    type: str
    port: int
    pms: tuple[ProcessingModule, ...]
    line: int = 0
    device: UsedDevice | None = None
    carries_ipv6: bool = False


@dataclass(frozen=True, slots=True)
class Allocation:
    """An allocation description: ports sorted by portid, processing modules by id.

    `stages` are in the order of the file: of two at one port, the first is nearer to the port.
    `file` is the name the description was read under, `sha256` the hexadecimal digest of its bytes. `tenant` is whose it is,
    empty where it does not say.
    """

    allocation_id: str
    type: str
    subtype: str
    ports: tuple[Port, ...]
    pms: tuple[ProcessingModule, ...]
    file: str
    sha256: str
    stages: tuple[Stage, ...] = ()
    line: int = 0
    tenant: str = ""

    @property
    def all_pms(self) -> tuple[ProcessingModule, ...]:
        """Return its own modules and those of its stages."""
        return (*self.pms, *(pm for stage in self.stages for pm in stage.pms))

    @property
    def has_ipv6(self) -> bool:
        """Whether any of its ports has an address of IPv6."""
        return any(port.addresses6 for port in self.ports)

    def behind(self, portid: int) -> tuple[Prefix, ...]:
        """Return all addresses that stages at a port see: those of IPv4, and of IPv6 where the port has an address of that."""
        has_ipv6 = any(port.addresses6 for port in self.ports if port.portid == portid)
        return (EVERYTHING, EVERYTHING6) if has_ipv6 else (EVERYTHING,)

    def name_of(self, pm: ProcessingModule) -> str:
        """Return the platform-wide name of one of its processing modules."""
        if pm.part is None:
            return f"{self.allocation_id}-pm{pm.pm_id}"
        return f"{self.allocation_id}-pm{pm.part_of}-{str(pm.part).replace('/', '-')}"
