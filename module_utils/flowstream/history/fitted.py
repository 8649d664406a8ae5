# SPDX-License-Identifier: Apache-2.0
"""A plan that was made before, on the platform as it is now: nothing is decided again, so it has to fit as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.fabric.share import UNLINKED
from ansible.module_utils.flowstream.flows.marks import Marks, marks_of
from ansible.module_utils.flowstream.plan.obstacles import full_tables, joined, port_conflicts
from ansible.module_utils.flowstream.plan.plan import HostPlan, Plan, SwitchPlan
from ansible.module_utils.flowstream.platform.facts import ModuleHost, Platform
from ansible.module_utils.flowstream.platform.occupancy import Occupancy

_ADVICE = "deploy the description instead"


def fitted(plan: Plan, platform: Platform, occupancy: Occupancy) -> Plan:
    """Return the plan with every machine that the platform has gained since, to be emptied.

    Raises FlowstreamError with all that is not as it was: machines that are gone or other, room and names that others have now.
    """
    others = occupancy.without(plan.allocation_id)
    messages = [
        *_machines(plan, platform),
        *_room(plan, platform, others),
        *(f"{text}; {_ADVICE}" for text in full_tables(plan, platform.switches, others.taken)),
        *_claims(plan, others),
    ]
    if messages:
        raise FlowstreamError(*(f"allocation {plan.allocation_id}: {message}" for message in messages))
    shares = {one.name: platform.fabric.share(one.name) if platform.fabric else UNLINKED for one in platform.switches}
    new_switches = {one.name: SwitchPlan(one.bridge, (), (), fabric=shares[one.name]) for one in platform.switches}
    new_hosts = {host.name: _empty(host) for host in platform.hosts}
    known_hosts, known_switches = {host.name for host in platform.hosts}, {switch.name for switch in platform.switches}
    kept_switches = {
        name: replace(switch, fabric=shares[name]) for name, switch in plan.switches.items() if name in known_switches
    }
    kept_hosts = {name: host for name, host in plan.hosts.items() if name in known_hosts}
    return replace(
        plan,
        switches=dict(sorted({**new_switches, **kept_switches}.items())),
        hosts=dict(sorted({**new_hosts, **kept_hosts}.items())),
    )


def _empty(host: ModuleHost) -> HostPlan:
    return HostPlan(host.driver, host.bridge, host.uplink_port, host.switch, host.switch_port, (), ())


def _place(host: ModuleHost | HostPlan) -> tuple[object, ...]:
    """How a host is wired, which entries of a plan name."""
    return host.driver, host.bridge, host.uplink_port, host.switch, host.switch_port


def _machines(plan: Plan, platform: Platform) -> Iterator[str]:
    """What was planned for and is not there in this way any more; a machine with nothing on it may be gone."""
    switches = {switch.name: switch for switch in platform.switches}
    for name, planned in plan.switches.items():
        if name not in switches and (planned.flows or planned.groups):
            yield f"{name} is no flow switch any more; {_ADVICE}"
        elif name in switches and switches[name].bridge != planned.bridge:
            yield f"{name} had bridge {planned.bridge} then, got {switches[name].bridge}; {_ADVICE}"
    yield from _labels(plan, platform)
    hosts = {host.name: host for host in platform.hosts}
    for name, there in plan.hosts.items():
        if not there.pms and not there.flows:
            continue
        if name not in hosts:
            yield f"{name} is no module host any more; {_ADVICE}"
        elif _place(hosts[name]) != _place(there):
            then, now = (" ".join(map(str, _place(one))) for one in (there, hosts[name]))
            yield f"{name} had driver, bridge and ports {then} then, got {now}; {_ADVICE}"


def _labels(plan: Plan, platform: Platform) -> Iterator[str]:
    """What entries of a plan say to the fabric, and it does not know any more."""
    if bool(platform.fabric) != (len(plan.switches) > 1):
        yield f"the platform had {len(plan.switches)} flow switches then, got {len(platform.switches)}; {_ADVICE}"
        return
    fabric = platform.fabric
    for name, planned in plan.switches.items():
        if fabric and name in fabric.nodes and (gone := planned.fabric.labels - fabric.share(name).labels):
            yield f"{name} had labels {', '.join(map(str, sorted(gone)))} then; {_ADVICE}"


def _room(plan: Plan, platform: Platform, others: Occupancy) -> Iterator[str]:
    """What a host lacks for modules that it once had."""
    hosts = {host.name: host for host in platform.hosts}
    for name, planned in plan.hosts.items():
        if name not in hosts or not planned.pms:
            continue
        used = others.use(name)
        modules, memory = used.pms + len(planned.pms), used.memory + sum(pm.memory_mib for pm in planned.pms)
        host = hosts[name]
        limits = (("modules", modules, host.max_pms, "pms"), ("MiB", memory, host.max_memory, "memory_mib"))
        for what, needed, most, key in limits:
            if needed > most:
                got = f"{most}{host.origin(key)}"
                yield f"{name} has no room any more: {needed} {what} with those of others, got {got}; {_ADVICE}"
        taken = {number: module for module in others.modules if module.host == name for number in module.ports.values()}
        for pm in planned.pms:
            for vif in pm.vifs:
                if vif.ofport in taken:
                    owner = taken[vif.ofport].allocation
                    yield f"port {vif.ofport} of {name}, of {pm.name}, is that of allocation {owner} now; {_ADVICE}"


def _claims(plan: Plan, others: Occupancy) -> Iterator[str]:
    """What of a switch another allocation has now."""
    own = {name: marks_of(switch.flows) for name, switch in plan.switches.items()}
    for owner in others.owners(plan.switches):
        theirs = {name: others.marks.get(name, {}).get(owner, Marks()) for name in plan.switches}
        for port in plan.ports:
            for text in port_conflicts(port, plan.allocation_id, joined(plan, own), owner, joined(plan, theirs)):
                yield f"platform port {port.portid}: {text}"
        for name in plan.switches:
            for tag in sorted(own[name].tags & theirs[name].tags):
                yield f"switch {name}: packets of tag {tag.vlan} at port {tag.port} are those of allocation {owner} now; {_ADVICE}"
