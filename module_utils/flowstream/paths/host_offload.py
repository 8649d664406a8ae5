# SPDX-License-Identifier: Apache-2.0
"""The flow entries by which modules that share flows spill some to a spare on another host, and take them back.

The switch deals flows to all modules, spares too, so that each has flows of its own whatever the others do. While a spare rests,
what is dealt to it is dealt once more, to those that never rest. One entry above these ends that: with it the spare gets its
flows, without it the others have them. No other flow goes elsewhere in either state, and whether a spare rests can be read from
the switch alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.marks import OWNER, owner_metadata
from ansible.module_utils.flowstream.flows.packet import TAGGED
from ansible.module_utils.flowstream.paths.parallel_by_prefix import FORWARD_PRIORITY, Arm
from ansible.module_utils.flowstream.plan.plan import PlannedPort

DEALT = 4
"""The table that has the modules by number."""
BY_FLOW, BY_ADDRESSES = "symmetric_l3l4+udp", "symmetric_l3"
"""What is hashed: of a fragment the addresses alone, for it has no ports but in the first."""
_FRAGMENT_PRIORITY = 1500
_SPILLED_PRIORITY = 2000


def deal(fields: str, modules: int) -> str:
    """Return the action that gives a packet the number of one of so many modules."""
    return f"multipath({fields},0,hrw,{modules},0,NXM_NX_REG0[0..15])"


def leading(number: int, arm: Arm, cookie: int, reason: str, priority: int = FORWARD_PRIORITY) -> Flow:
    """Return the entry that leads what is dealt to a module to its host, with the module's tag."""
    tag = ("push_vlan:0x8100", f"set_field:{TAGGED | number + 1}->vlan_vid")
    return Flow(DEALT, priority, _dealt_to(number, cookie), (*tag, f"output:{arm.switch_port}"), cookie, why=reason)


def resting(number: int, spare: Arm, serving: int, cookie: int) -> Iterator[Flow]:
    """Yield the entries that deal a spare's packets to the first modules, so many as always serve."""
    match = _dealt_to(number, cookie)
    reason = f"every port to a module that always serves: in, hop 1 of 2, while {spare.name} rests"
    for priority, asked, fields in (
        (FORWARD_PRIORITY, match, BY_FLOW),
        (_FRAGMENT_PRIORITY, (*match, ("dl_type", "0x0800"), ("nw_frag", "yes")), BY_ADDRESSES),
    ):
        actions = (deal(fields, serving), f"resubmit(,{DEALT})")
        yield Flow(DEALT, priority, asked, actions, cookie, why=reason)


def spilled(ports: Sequence[PlannedPort], arms: Sequence[Arm], cookie: int) -> dict[int, Flow]:
    """Return, by number of the module, the entry with which a spare gets its flows."""
    found: dict[int, Flow] = {}
    for port in ports:
        for number, arm in enumerate(in_turn(port, arms)):
            if arm.spare:
                reason = f"every port to {arm.name}: in, hop 1 of 2, spilled"
                found[arm.pm] = leading(number, arm, cookie, reason, _SPILLED_PRIORITY)
    return dict(sorted(found.items()))


def in_turn(port: PlannedPort, arms: Sequence[Arm]) -> list[Arm]:
    """Return the arms of a port in the order of their numbers: those that always serve before spares."""
    return sorted((arm for arm in arms if arm.serves(port.portid)), key=lambda arm: arm.spare)


def _dealt_to(number: int, cookie: int) -> tuple[tuple[str, str], ...]:
    return ("metadata", f"{owner_metadata(cookie):#x}/{OWNER:#x}"), ("reg0", f"{number:#x}/0xffff")
