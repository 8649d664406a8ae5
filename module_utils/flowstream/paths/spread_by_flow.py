# SPDX-License-Identifier: Apache-2.0
"""The flow entries of modules that share what they claim: each flow goes to one of them, in both directions.

The switch hashes addresses and ports so that it does not matter which is whose, keeps the module's number in a register,
and says it to the module's host as a VLAN tag: hosts hash with other versions and processors, and would choose otherwise.
The tag is the module's own within an allocation; the port's MAC beside it says of which. docs/decisions/0016 has why.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.packet import TAGGED
from ansible.module_utils.flowstream.paths.parallel_by_prefix import (
    DROP_PRIORITY,
    FORWARD_PRIORITY,
    Arm,
    arp,
    claimed,
    in_order,
)
from ansible.module_utils.flowstream.plan.plan import OWNER, PlannedPort, owner_metadata

DEALT = 4
"""The table that has the modules by number."""
FRAGMENT_PRIORITY = 1500
"""Above every claim: a fragment but the first has no ports, so all of them are dealt by addresses alone."""
MOST_MODULES = 64
"""How many highest random weight (D. Thaler, C. Ravishankar, 1998) is for: one more module moves 1/n of the flows, at n hashes a flow."""

_BY_FLOW, _BY_ADDRESSES = "symmetric_l3l4+udp", "symmetric_l3"


def switch_flows(ports: Sequence[PlannedPort], arms: Sequence[Arm], cookie: int) -> tuple[Flow, ...]:
    """Return the entries of the switch; arms come in the order of their modules, each of which has one for every port.

    Raises FlowstreamError where modules do not claim the same, or are too many.
    """
    flows: list[Flow] = []
    owner = owner_metadata(cookie)
    for port in ports:
        serving = _sharing(port, arms)
        links = sorted({arm.switch_port for arm in serving})
        inward, mine = ("in_port", str(port.switchport)), ("dl_dst", port.mac)
        for claim in serving[0].claims if serving else ():
            if claim.enters(port.portid):
                match = (inward, mine, *claimed(claim))
                fragment = (*match, ("nw_frag", "yes"))
                flows.append(Flow(0, FORWARD_PRIORITY + claim.length, match, _dealt(_BY_FLOW, serving, owner), cookie))
                flows.append(
                    Flow(0, FRAGMENT_PRIORITY + claim.length, fragment, _dealt(_BY_ADDRESSES, serving, owner), cookie)
                )
        flows.append(Flow(0, DROP_PRIORITY, (inward, mine, ("dl_type", "0x0800")), ("drop",), cookie))
        flows += arp(inward, port, serving[0].switch_port if serving else None, links, cookie)
        for link in links:
            match = (("in_port", str(link)), ("dl_src", port.mac))
            flows.append(Flow(0, FORWARD_PRIORITY, match, (f"output:{port.switchport}",), cookie))
        for number, arm in enumerate(serving):
            match = (("metadata", f"{owner:#x}/{OWNER:#x}"), ("reg0", f"{number:#x}/0xffff"))
            tag = ("push_vlan:0x8100", f"set_field:{TAGGED | number + 1}->vlan_vid")
            flows.append(Flow(DEALT, FORWARD_PRIORITY, match, (*tag, f"output:{arm.switch_port}"), cookie))
    return tuple(sorted(set(flows), key=in_order))


def host_flows(
    ports: Sequence[PlannedPort], arms: Sequence[Arm], host: str, uplink: int, cookie: int
) -> tuple[Flow, ...]:
    """Return the entries of one host's bridge, whose port `uplink` leads to the switch."""
    flows: list[Flow] = []
    inward = ("in_port", str(uplink))
    for port in ports:
        serving = _sharing(port, arms)
        own = [arm for arm in serving if arm.host == host]
        for number, arm in enumerate(serving):
            if arm.host == host:
                match = (inward, ("dl_vlan", str(number + 1)), ("dl_dst", port.mac), ("dl_type", "0x0800"))
                flows.append(Flow(0, FORWARD_PRIORITY, match, ("pop_vlan", f"output:{arm.ofport}"), cookie))
                sender = (("in_port", str(arm.ofport)), ("dl_src", port.mac))
                flows.append(Flow(0, FORWARD_PRIORITY, sender, (f"output:{uplink}",), cookie))
        answering = own[0].ofport if own and own[0] is serving[0] else None
        flows += arp(inward, port, answering, sorted(arm.ofport for arm in own), cookie)
    for vif in sorted({arm.ofport for arm in arms if arm.host == host}):
        flows.append(Flow(0, DROP_PRIORITY, (("in_port", str(vif)),), ("drop",), cookie))
    return tuple(sorted(flows, key=in_order))


def _sharing(port: PlannedPort, arms: Sequence[Arm]) -> list[Arm]:
    """The arms of a port, whose numbers are those of their modules."""
    serving = [arm for arm in arms if arm.serves(port.portid)]
    if len(serving) > MOST_MODULES:
        raise FlowstreamError(
            f"flows are spread over {MOST_MODULES} modules at most, got {len(serving)}; use fewer, or spread by prefix"
        )
    if any(arm.claims != serving[0].claims for arm in serving):
        raise FlowstreamError("modules that share flows do not claim the same; give all of them the same claims")
    return serving


def _dealt(fields: str, arms: Sequence[Arm], owner: int) -> tuple[str, ...]:
    hashed = f"multipath({fields},0,hrw,{len(arms)},0,NXM_NX_REG0[0..15])"
    return hashed, f"write_metadata:{owner:#x}", f"goto_table:{DEALT}"
