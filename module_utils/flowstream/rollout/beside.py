# SPDX-License-Identifier: Apache-2.0
"""Modules with a new configuration beside those that they may succeed, each with a share of the other's flows.

The bridge of the host deals: where an entry leads packets to the one module, each gets one of a hundred numbers by a hash of its
addresses and ports that is the same in both directions (docs/decisions/0016), and a table of its own leads so many numbers to the
successor. A select group with weights would not do: the hash of Open vSwitch 3.1 for these leaves the ports of UDP out. The switch knows
nothing of all that. The plan of before, made true again, leads all packets back and takes the successors away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.plan.plan import HostPlan, Plan, PlannedPm, digest
from ansible.module_utils.flowstream.plan.vif import Vif
from ansible.module_utils.flowstream.rollout.standing import modules

_FIRST_OFPORT, _LAST_OFPORT = 256, 65000
"""As those of all modules; see placement/numbers.py."""
SHARES = 5
"""The table of a host's bridge that has the shares; no path leads through it."""
_NUMBERS = 100
_DEAL = f"multipath(symmetric_l3l4+udp,0,modulo_n,{_NUMBERS},0,NXM_NX_REG0[0..15])"
_SHARE_PRIORITY, _REST_PRIORITY = 1000, 100
_HARDWARE_ADDRESS_REPLY = ("arp_op", "2")  # RFC 826
_ADVERTISEMENT = ("icmp_type", "136")  # RFC 4861 section 4.4
_QUESTIONS = {("dl_type", "0x0806"), ("icmp_type", "135")}


class Taken(NamedTuple):
    """What a host has: modules, memory in MiB, and the OpenFlow numbers of its bridge; and how much of the first two it may have."""

    pms: int
    memory: int
    most_pms: int
    most_memory: int
    ports: Mapping[str, int]


def parse_weight(given: object) -> int:
    """Read what a person wrote; 0 where no share is wanted, FlowstreamError where none can be meant."""
    text = "" if isinstance(given, bool) else str(given).strip().removesuffix("%").strip()
    weight = int(text) if text.isdecimal() and len(text) < 4 else -1
    if not 0 <= weight <= 99:
        raise FlowstreamError(
            f"rollout_weight: is no share of the flows from 1 to 99 percent, got {given!r}; write 5, or leave it out"
        )
    return weight


def successor_of(module: str) -> str:
    """Return what a module's successor is called while it runs beside it."""
    return f"{module}-canary"


def beside(deployed: Plan, wanted: Plan, names: Collection[str], weight: int, taken: Mapping[str, Taken]) -> Plan:
    """Return the plan that is deployed with a successor beside each of these modules that gets `weight` percent of its flows.

    `taken` has every host of these modules. Raises FlowstreamError for each host without room.
    """
    configured = {pm.name: pm for _, pm in modules(wanted)}
    number = max(pm.pm_id for _, pm in modules(deployed))
    hosts = dict(deployed.hosts)
    errors: list[str] = []
    for name, host in sorted(hosts.items()):
        own = [pm for pm in host.pms if pm.name in names]
        if not own:
            continue
        errors += _without_room(name, own, taken[name])
        used = {*taken[name].ports.values(), *(vif.ofport for pm in host.pms for vif in pm.vifs)}
        for pm in own:
            number += 1
            one = _successor(configured[pm.name], number, weight, used)
            used |= {vif.ofport for vif in one.vifs}
            host = _dealt(host, pm, one, weight)
        hosts[name] = host
    if errors:
        raise FlowstreamError(*errors)
    return replace(deployed, hosts=hosts)


def _without_room(host: str, own: Collection[PlannedPm], taken: Taken) -> Iterator[str]:
    memory = sum(pm.memory_mib for pm in own)
    if taken.pms + len(own) > taken.most_pms:
        yield (
            f"rollout_weight: {host} has no room for successors beside its modules, got {taken.pms + len(own)} modules of"
            f" {taken.most_pms}; name fewer with rollout_canary, or raise pms of module_host_capacity"
        )
    if taken.memory + memory > taken.most_memory:
        yield (
            f"rollout_weight: {host} has no memory for successors beside its modules, got {taken.memory + memory} MiB of"
            f" {taken.most_memory}; name fewer with rollout_canary, or raise memory_mib of module_host_capacity"
        )


def _successor(pm: PlannedPm, number: int, weight: int, used: Collection[int]) -> PlannedPm:
    name = successor_of(pm.name)
    vifs: list[Vif] = []
    for vif in pm.vifs:
        mark = digest(f"{name}/{vif.interface}")
        ofport = _FIRST_OFPORT + (mark >> 192) % (_LAST_OFPORT - _FIRST_OFPORT + 1)
        while ofport in used or ofport in {one.ofport for one in vifs}:
            ofport = _FIRST_OFPORT if ofport == _LAST_OFPORT else ofport + 1
        vifs.append(replace(vif, device=f"pm{(mark >> 160) & 0xFFFFFFFF:08x}", ofport=ofport))
    return replace(pm, name=name, pm_id=number, vifs=tuple(vifs), why=f"beside {pm.name}, with {weight} % of its flows")


def _dealt(host: HostPlan, pm: PlannedPm, successor: PlannedPm, weight: int) -> HostPlan:
    """The same host where both have their share."""
    flows = list(host.flows)
    for old, new in zip(pm.vifs, successor.vifs, strict=True):
        reason = f"{weight} % of the flows of {pm.name} to {successor.name}"
        cookie = flows[0].cookie
        flows = [one for flow in flows for one in _shared(flow, old.ofport, new.ofport, reason)]
        flows += _shares(old.ofport, new.ofport, weight, cookie, reason)
    return replace(host, flows=tuple(flows), pms=(*host.pms, successor))


def _shared(flow: Flow, old: int, new: int, reason: str) -> Iterator[Flow]:
    """What becomes of an entry: both send, both hear what neighbours answer, one answers for both, and what else comes is dealt."""
    match, sent = dict(flow.match), f"output:{old}"
    if match.get("in_port") == str(old):
        yield flow
        yield replace(flow, match=tuple({**match, "in_port": str(new)}.items()))
    elif sent not in flow.actions:
        yield flow
    elif {_HARDWARE_ADDRESS_REPLY, _ADVERTISEMENT} & set(flow.match):
        yield replace(flow, actions=(*flow.actions, f"output:{new}"))
    elif _QUESTIONS & set(flow.match):
        yield flow
    else:
        deal = (_DEAL, f"set_field:{new:#x}->reg1", f"resubmit(,{SHARES})")
        actions = tuple(step for action in flow.actions for step in (deal if action == sent else (action,)))
        yield replace(flow, actions=actions, why=f"{flow.why}; {reason}")


def _shares(old: int, new: int, weight: int, cookie: int, reason: str) -> Iterator[Flow]:
    """The entries that lead the first `weight` numbers to the one port and the rest to the other, by as few masks as there are."""
    own = ("reg1", f"{new:#x}")
    first = 0
    while first < weight:
        size = (first & -first) or 1 << weight.bit_length()
        while first + size > weight:
            size >>= 1
        numbers = ("reg0", f"{first:#x}/{0xFFFF & -size:#x}")
        yield Flow(SHARES, _SHARE_PRIORITY, (numbers, own), (f"output:{new}",), cookie, why=reason)
        first += size
    yield Flow(SHARES, _REST_PRIORITY, (own,), (f"output:{old}",), cookie, why=f"the rest, after {reason}")
