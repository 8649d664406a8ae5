# SPDX-License-Identifier: Apache-2.0
"""The flow entries and groups of a stage that a device carries which is not ours: no tag goes in, and none comes out.

What comes back is known by the port that it comes by and by the platform port's Ethernet address, so a device has its two
ports for itself. It may go down with them. Then a group of the switch that watches both goes on with a packet as if the device
had given it back at once, or, where nothing is to go past the device, a packet is lost there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible.module_utils.flowstream.addresses import EVERYTHING, Prefix
from ansible.module_utils.flowstream.flows.flow import Bucket, Group

_GROUPS_OF_A_PORT = 4
"""Numbers of groups: a port is of one device, and a device of one stage, so nobody else has them."""
_WATCH_ENTRY, _WATCH_RETURN, _PAST = range(3)


@dataclass(frozen=True, slots=True)
class DeviceArm:
    """Where the device of a stage hangs: both of its ports are the switch's. It gets all packets of its stage."""

    device: str
    stage: str
    outside_port: int
    inside_port: int
    bypass: bool
    networks: tuple[Prefix, ...] = (EVERYTHING,)

    @property
    def name(self) -> str:
        """What people call it."""
        return f"stage {self.stage} (device {self.device})"

    def entry(self, *, is_inward: bool) -> int:
        """By which port packets go into it."""
        return self.outside_port if is_inward else self.inside_port

    def back(self, *, is_inward: bool) -> int:
        """By which port they come back."""
        return self.entry(is_inward=not is_inward)

    def into(self, *, is_inward: bool) -> str:
        """The action that leads packets into it, or past it where that is so."""
        entry = self.entry(is_inward=is_inward)
        return f"group:{_group_id(entry, _WATCH_ENTRY)}" if self.bypass else f"output:{entry}"

    def groups(self) -> Iterator[Group]:
        """Yield the groups of the switch that lead past it while one of its ports is down."""
        for is_inward in (True, False) if self.bypass else ():
            entry, back = self.entry(is_inward=is_inward), self.back(is_inward=is_inward)
            number = {which: _group_id(entry, which) for which in (_WATCH_ENTRY, _WATCH_RETURN, _PAST)}
            past = Bucket((f"group:{number[_PAST]}",), watch_group=number[_PAST])
            way = f"{self.name}: {'in' if is_inward else 'out'}"
            inside = Bucket((f"group:{number[_WATCH_RETURN]}",), watch_port=str(entry))
            yield Group(
                number[_WATCH_ENTRY], "fast_failover", (inside, past), f"{way}, past it while port {entry} is down"
            )
            inside = Bucket((f"output:{entry}",), watch_port=str(back))
            yield Group(
                number[_WATCH_RETURN], "fast_failover", (inside, past), f"{way}, past it while port {back} is down"
            )
            # Set, so that a packet may leave by the port that it came by.
            given_back = Bucket((f"set_field:{back}->in_port", "resubmit(,0)"))
            yield Group(number[_PAST], "indirect", (given_back,), f"{way}, past it, as if it came back by port {back}")


def _group_id(port: int, which: int) -> int:
    return port * _GROUPS_OF_A_PORT + which
