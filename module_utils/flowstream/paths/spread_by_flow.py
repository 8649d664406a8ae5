# SPDX-License-Identifier: Apache-2.0
"""The flow entries of modules that share what they claim: each flow goes to one of them, in both directions.

The switch hashes addresses and ports so that it does not matter which is whose, keeps the module's number in a register,
and says it to the module's host as a VLAN tag: hosts hash with other versions and processors, and would choose otherwise.
The tag is the module's own within an allocation; the port's MAC beside it says of which. docs/decisions/0016 has why.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible.module_utils.flowstream.addresses import EVERYTHING
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.flows.marks import owner_metadata
from ansible.module_utils.flowstream.paths import why
from ansible.module_utils.flowstream.paths.host_offload import (
    BY_ADDRESSES,
    BY_FLOW,
    DEALT,
    deal,
    in_turn,
    leading,
    resting,
)
from ansible.module_utils.flowstream.paths.parallel_by_prefix import (
    DROP_PRIORITY,
    FORWARD_PRIORITY,
    Answer,
    Arm,
    claimed,
    in_order,
    links_of,
    name_of,
    neighbours,
    spoofed,
)
from ansible.module_utils.flowstream.plan.plan import PlannedPort

FRAGMENT_PRIORITY = 1500
"""Above every claim: a fragment but the first has no ports, so all of them are dealt by addresses alone."""
MOST_MODULES = 64
"""How many highest random weight (D. Thaler, C. Ravishankar, 1998) is for: one more module moves 1/n of the flows, at n hashes a flow."""


def switch_flows(ports: Sequence[PlannedPort], arms: Sequence[Arm], cookie: int) -> tuple[Flow, ...]:
    """Return the entries of the switch; arms come in the order of their modules, each of which has one for every port.

    Raises FlowstreamError where modules do not claim the same, or are too many.
    """
    flows: list[Flow] = []
    owner = owner_metadata(cookie)
    for port in ports:
        serving = _sharing(port, arms)
        links = links_of(serving)
        inward, mine = ("in_port", str(port.switchport)), ("dl_dst", port.mac)
        for claim in serving[0].claims if serving else ():
            if claim.enters(port.portid):
                match = (inward, mine, *claimed(claim))
                reason = why.inward(name_of(port), f"one of {len(serving)} modules", claim, 1, 2)
                for priority, asked, fields in (
                    (FORWARD_PRIORITY, match, BY_FLOW),
                    (FRAGMENT_PRIORITY, (*match, ("nw_frag", "yes")), BY_ADDRESSES),
                ):
                    actions = _dealt(fields, serving, owner)
                    flows.append(Flow(0, priority + claim.length, asked, actions, cookie, why=reason))
        match, reason = (inward, mine, ("dl_type", "0x0800")), why.no_claim(name_of(port))
        flows.append(Flow(0, DROP_PRIORITY, match, ("drop",), cookie, why=reason))
        flows += neighbours(
            inward, port, Answer(serving[0], serving[0].switch_port) if serving else None, list(links), cookie, 1
        )
        for link, host in links.items():
            match, reason = (
                (("in_port", str(link)), ("dl_src", port.mac)),
                why.outward(f"modules on {host}", name_of(port), 2, 2),
            )
            flows.append(Flow(0, FORWARD_PRIORITY, match, (f"output:{port.switchport}",), cookie, why=reason))
        for number, arm in enumerate(serving):
            if arm.spare:
                flows += resting(number, arm, sum(not each.spare for each in serving), cookie)
            else:
                reason = why.inward("every port", arm.name, EVERYTHING, 1, 2)
                flows.append(leading(number, arm, cookie, reason))
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
                reason = why.inward(name_of(port), arm.name, EVERYTHING, 2, 2)
                flows.append(Flow(0, FORWARD_PRIORITY, match, ("pop_vlan", f"output:{arm.ofport}"), cookie, why=reason))
                sender, reason = (
                    (("in_port", str(arm.ofport)), ("dl_src", port.mac)),
                    why.outward(arm.name, name_of(port), 1, 2),
                )
                flows.append(Flow(0, FORWARD_PRIORITY, sender, (f"output:{uplink}",), cookie, why=reason))
        answer = Answer(own[0], own[0].ofport) if own and own[0] is serving[0] else None
        flows += neighbours(inward, port, answer, sorted(arm.ofport for arm in own), cookie, 2)
    flows += spoofed([arm for arm in arms if arm.host == host], cookie)
    return tuple(sorted(flows, key=in_order))


def _sharing(port: PlannedPort, arms: Sequence[Arm]) -> list[Arm]:
    """The arms of a port, whose numbers are those of their modules."""
    serving = in_turn(port, arms)
    if len(serving) > MOST_MODULES:
        raise FlowstreamError(
            f"flows are spread over {MOST_MODULES} modules at most, got {len(serving)}; use fewer, or spread by prefix"
        )
    if any(arm.claims != serving[0].claims for arm in serving):
        raise FlowstreamError("modules that share flows do not claim the same; give all of them the same claims")
    return serving


def _dealt(fields: str, arms: Sequence[Arm], owner: int) -> tuple[str, ...]:
    return deal(fields, len(arms)), f"write_metadata:{owner:#x}", f"goto_table:{DEALT}"
