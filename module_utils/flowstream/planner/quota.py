# SPDX-License-Identifier: Apache-2.0
"""What a tenant may have of the platform, counted over all of its allocations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible.module_utils.flowstream.allocation.document import ROOT
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.rules import pm_label, port_label
from ansible.module_utils.flowstream.allocation.shape import choice
from ansible.module_utils.flowstream.fabric.share import Place
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.joint import with_plan
from ansible.module_utils.flowstream.platform.facts import Platform, Tenant
from ansible.module_utils.flowstream.platform.occupancy import Occupancy, RunningModule


def refuse_beyond_quota(allocation: Allocation, plan: Plan, platform: Platform, occupancy: Occupancy) -> None:
    """Raise FlowstreamError, with lines of the allocation, for all that its tenant may not have."""
    findings = Findings(allocation.file)
    _check_owner(allocation, occupancy, findings)
    tenant = platform.tenants.get(allocation.tenant)
    if tenant is not None:
        _check_permissions(allocation, plan, tenant, findings)
        modules = [one for one in with_plan(occupancy, plan).modules if one.tenant == tenant.name]
        _check_sums(allocation, tenant, modules, findings)
    elif platform.tenants:
        known = choice(platform.tenants)
        text = f"is unknown here, got {allocation.tenant}; use" if allocation.tenant else "is missing; add one of"
        findings.error(allocation.line, ROOT, f"tenant {text} {known}, or have another put into platform_tenants")
    if findings.errors:
        raise findings.as_error()


def _check_owner(allocation: Allocation, occupancy: Occupancy, findings: Findings) -> None:
    """An allocation that runs is its tenant's, whoever else has a file of its id."""
    owners = {module.tenant for module in occupancy.of(allocation.allocation_id).values()} - {"", allocation.tenant}
    for owner in sorted(owners):
        text = f"id is that of an allocation of tenant {owner}, got {allocation.allocation_id}; choose another"
        findings.error(allocation.line, ROOT, text)


def _check_permissions(allocation: Allocation, plan: Plan, tenant: Tenant, findings: Findings) -> None:
    if tenant.types is not None and allocation.type not in tenant.types:
        allowed = f"use {choice(tenant.types)}" if tenant.types else "it may have none"
        text = f"type is none that tenant {tenant.name} may have, got {allocation.type}; {allowed}"
        findings.error(allocation.line, ROOT, text)
    for port, planned in zip(allocation.ports, plan.ports, strict=True):
        place = Place(plan.switch_of(planned), planned.switchport)
        if tenant.switchports is not None and place not in tenant.switchports:
            got, *own = (
                str(one if len(plan.switches) > 1 else one.port) for one in (place, *sorted(tenant.switchports))
            )
            allowed = f"use {choice(own)}" if own else "it has none"
            text = f"switchport is none of tenant {tenant.name}'s, got {got}; {allowed}"
            findings.error(port.line, port_label(port), text)
    if tenant.rate is not None:
        for pm in allocation.all_pms:
            if pm.rate is None:
                text = f"rate is missing; add it, tenant {tenant.name} has {tenant.rate} Mbit/s for all of its modules"
                findings.error(pm.line, pm_label(pm), text)


def _check_sums(allocation: Allocation, tenant: Tenant, modules: Sequence[RunningModule], findings: Findings) -> None:
    for most, what, sizes in (
        (tenant.modules, "modules", [(one.allocation, 1) for one in modules]),
        (tenant.memory, "MiB of memory", [(one.allocation, one.memory_mib) for one in modules]),
        (tenant.rate, "Mbit/s", [(one.allocation, one.rate_mbps or 0) for one in modules]),
    ):
        total = sum(size for _, size in sizes)
        if most is not None and total > most:
            others = _others(allocation.allocation_id, sizes)
            text = f"tenant {tenant.name} may have {most} {what}, got {total}{others}; ask for less, or have it raised"
            findings.error(allocation.line, ROOT, f"{text} in platform_tenants")


def _others(own: str, sizes: Iterable[tuple[str, int]]) -> str:
    """What of a sum is other allocations', by name."""
    shares: dict[str, int] = {}
    for name, size in sizes:
        shares[name] = shares.get(name, 0) + size
    told = [f"{size} of {name}" for name, size in sorted(shares.items()) if name != own]
    return f" with {', '.join(told)}" if told else ""
