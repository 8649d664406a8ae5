# SPDX-License-Identifier: Apache-2.0
"""What a Xen host has of processing modules: domains, files, ports, and what they run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.xen.connection import XenDoors
from ansible.module_utils.flowstream.hosts.xen.steps import DomainHost, SeenModule
from ansible.module_utils.flowstream.xen.observe import observe_domains
from ansible.module_utils.flowstream.xen.steps import SeenDomain


def observe_domains_of(
    doors: XenDoors, host: DomainHost, allocation: str | None, names: Iterable[str]
) -> dict[str, SeenModule]:
    """All that this host has of the named modules and of all others of the allocation (None: of any allocation).

    What the modules themselves say is left out.
    """
    seen = observe_domains(doors.toolstack(), doors.run)
    ours = sorted({*names, *(name for name, domain in seen.items() if _is_of(allocation, domain))})
    return {name: _seen(host, seen.get(name, SeenDomain(name))) for name in ours}


def _is_of(allocation: str | None, seen: SeenDomain) -> bool:
    found = seen.allocation
    return found is not None and allocation in (None, found)


def _seen(host: DomainHost, seen: SeenDomain) -> SeenModule:
    path = host.config_file(seen.name)
    config = path.read_text() if path.exists() else None
    return SeenModule(seen, config, None, host.initramfs(seen.name).exists())


def with_answer(doors: XenDoors, module: SeenModule, timeout: float) -> SeenModule:
    """The module with what it says that it runs, which may take `timeout` seconds."""
    if not module.active:
        return module
    try:
        with doors.control(module.seen, timeout) as control:
            return replace(module, running_config=control.configuration())
    except FlowstreamError:
        return module


def describe_module(config_dir: Path, module: SeenModule) -> dict[str, Any]:
    """One processing module as a report shows it."""
    seen = module.seen
    port = next(iter(sorted((seen.ports or {}).values(), key=lambda port: port.device)), None)
    defined = seen.known and (seen.known.defined or seen.known.running)
    vifs = defined.vifs if defined else ()
    rates = [vif.rate_mbps for vif in vifs if vif.rate_mbps is not None]
    planned = {vif.device: vif.ofport for vif in vifs if vif.ofport}
    numbered = {one.device: one.ofport for one in (seen.ports or {}).values() if one.ofport}
    return {
        "name": seen.name,
        "allocation": seen.allocation,
        "tenant": defined.owner.tenant if defined and defined.owner else "",
        "memory_mib": defined.memory_kib // 1024 if defined else 0,
        "vcpus": defined.vcpus if defined else 0,
        "rate_mbps": sum(rates) if rates else None,
        "ports": {**planned, **numbered},
        "active": seen.state == "running",
        "enabled": seen.known.autostart if seen.known else False,
        "domain": seen.known.number if seen.known else 0,
        "device": port.device if port else None,
        "ofport": port.ofport if port else None,
        "config_file": str(config_dir / f"{seen.name}.click"),
    }
