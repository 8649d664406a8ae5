# SPDX-License-Identifier: Apache-2.0
"""Carry out on a Xen host what `steps` decides."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import NotInstalledError, Run, checked
from ansible.module_utils.flowstream.xen.domain import Domain, DomainVif
from ansible.module_utils.flowstream.xen.observe import describe_domain, observe_domains, observe_ports
from ansible.module_utils.flowstream.xen.steps import (
    OVS_VSCTL,
    DomainStep,
    DomainVerb,
    SeenDomain,
    WantedDomain,
    domain_steps,
    pending_restart,
    plug_words,
    removal_steps,
    unplug_words,
)
from ansible.module_utils.flowstream.xen.toolstack import Toolstack

_POLL_SECONDS = 0.05
_BOOTS = (DomainVerb.START, DomainVerb.START_PAUSED, DomainVerb.RESTART)


def resolved(path: str) -> str:
    """The file that `path` leads to, so that a link which leads elsewhere now is another kernel."""
    return str(Path(path).resolve()) if path.startswith("/") else path


def observe_bare(open_host: Callable[[], Toolstack], run: Run, names: Sequence[str]) -> dict[str, SeenDomain]:
    """As `observe_domains`, but a host without a toolstack or Open vSwitch has nothing: a first run in check mode."""
    try:
        return observe_domains(open_host(), run, names)
    except NotInstalledError:
        return {}


def converge_domain(
    open_host: Callable[[], Toolstack], run: Run, want: WantedDomain | str, timeout: float, check_mode: bool
) -> dict[str, Any]:
    """Make one domain be as declared, or be gone when only its name is given; return a module's result.

    `timeout` bounds, in seconds, how long Open vSwitch may take to give a started domain's ports their numbers.
    """
    name = want if isinstance(want, str) else want.domain.name
    seen = observe_bare(open_host, run, [name]) if check_mode else observe_domains(open_host(), run, [name])
    before = after = seen.get(name, SeenDomain(name))
    steps = removal_steps(before) if isinstance(want, str) else domain_steps(want, before)
    if steps and not check_mode:
        domain = None if isinstance(want, str) else want.domain
        require_kernels(run, [domain] if domain else [], steps)
        toolstack = open_host()
        for step in steps:
            carry_out(toolstack, run, step, before, domain, timeout)
        after = observe_domains(toolstack, run, [name]).get(name, SeenDomain(name))
    reasons = [] if isinstance(want, str) else _reasons_left(want, before, steps)
    return {
        "changed": bool(steps),
        "changes": [str(step) for step in steps],
        "restart_needed": reasons,
        "domain": describe_domain(after) if after.exists else {},
        "diff": domain_diff(before, None if isinstance(want, str) else want.domain, steps),
    }


def require_kernels(run: Run, domains: Sequence[Domain], steps: Sequence[DomainStep]) -> None:
    """FlowstreamError when a domain that the steps boot has no kernel: that is to be known before the first step."""
    booted = {step.name for step in steps if step.verb in _BOOTS}
    missing = [one for one in domains if one.name in booted and run(["test", "-f", one.kernel]).rc]
    if missing:
        raise FlowstreamError(
            *(f"cannot start domain {one.name}: its kernel {one.kernel} is not there; install it" for one in missing)
        )


def _reasons_left(want: WantedDomain, before: SeenDomain, steps: Sequence[DomainStep]) -> list[str]:
    ended = {DomainVerb.RESTART, DomainVerb.STOP}
    return [] if any(step.verb in ended for step in steps) else pending_restart(want.domain, before)


def carry_out(
    toolstack: Toolstack, run: Run, step: DomainStep, before: SeenDomain, domain: Domain | None, timeout: float
) -> None:
    """Do one step; `domain` is the wanted definition, None for a domain that goes."""
    name = step.name
    if step.verb is DomainVerb.REMOVE:
        _remove(toolstack, run, before)
    elif step.verb is DomainVerb.UNPLUG:
        _unplug(run, step.subject)
    elif step.verb is DomainVerb.STOP:
        toolstack.destroy(name)
    elif step.verb is DomainVerb.PAUSE:
        toolstack.pause(name)
    elif step.verb is DomainVerb.RESUME:
        toolstack.resume(name)
    elif step.verb in (DomainVerb.ENABLE, DomainVerb.DISABLE):
        toolstack.autostart(name, step.verb is DomainVerb.ENABLE)
    elif domain is not None:
        _make(toolstack, run, step, before, domain, timeout)


def _make(toolstack: Toolstack, run: Run, step: DomainStep, before: SeenDomain, domain: Domain, timeout: float) -> None:
    if step.verb in (DomainVerb.DEFINE, DomainVerb.REDEFINE):
        toolstack.define(domain)
    elif step.verb is DomainVerb.PLUG:
        [vif] = [vif for vif in domain.vifs if vif.device == step.subject]
        port = (before.ports or {}).get(vif.device)
        words = plug_words(domain, vif, port.bridge if port else None)
        checked(run, [*OVS_VSCTL, *words], f"plug {vif.device} into {vif.bridge}")
        if before.known and before.known.running and vif.device in {one.device for one in before.known.running.vifs}:
            await_ports(run, domain.name, [vif], timeout)
    elif step.verb in _BOOTS:
        if step.verb is DomainVerb.RESTART:
            toolstack.destroy(step.name)
        toolstack.start(step.name, paused=step.verb is DomainVerb.START_PAUSED)
        await_ports(run, domain.name, domain.vifs, timeout)


def await_ports(run: Run, domain: str, vifs: Sequence[DomainVif], timeout: float) -> None:
    """Wait until the bridge gave each port under a running domain the number that flows speak of."""
    deadline = time.monotonic() + timeout
    while True:
        given = {port.device: port.ofport for port in observe_ports(run)}
        waiting = [vif for vif in vifs if vif.device not in given or given[vif.device] is None]
        wrong = [vif for vif in vifs if vif not in waiting and vif.ofport not in (None, given[vif.device])]
        if not waiting and not wrong:
            return
        # A number that somebody else had is given up within moments, if at all: both kinds have until the deadline.
        if time.monotonic() > deadline:
            raise FlowstreamError(
                *(
                    f"cannot plug {vif.device} of domain {domain} into {vif.bridge}"
                    f" as OpenFlow port {vif.ofport}: the bridge gave it {given.get(vif.device) or 'none'}"
                    for vif in (*waiting, *wrong)
                )
            )
        time.sleep(_POLL_SECONDS)


def _remove(toolstack: Toolstack, run: Run, seen: SeenDomain) -> None:
    known = seen.known
    if known is not None and known.state != "stopped":
        toolstack.destroy(seen.name)
    # A transient domain of somebody else's making is gone with its end.
    if known is not None and toolstack.domains([seen.name]):
        toolstack.undefine(seen.name)
    for device in sorted(seen.ports or {}):
        _unplug(run, device)


def _unplug(run: Run, device: str) -> None:
    checked(run, [*OVS_VSCTL, *unplug_words(device)], f"remove port {device}")


def domain_diff(before: SeenDomain, want: Domain | None, steps: Sequence[DomainStep]) -> dict[str, str]:
    """Before and after of a domain's definition and state."""
    header = f"domain {before.name}"
    old = before.known.defined if before.known else None
    was = [*(old.lines() if old else ()), *_life(before)]
    state, boot = _after(before, steps)
    gone = any(step.verb is DomainVerb.REMOVE for step in steps)
    new = None if gone else want or old
    becomes = [] if gone else [*(new.lines() if new else ()), f"state: {state}", f"autostart: {boot}"]
    if not steps:
        becomes = was
    return {
        "before_header": header,
        "after_header": header,
        "before": "".join(f"{line}\n" for line in was),
        "after": "".join(f"{line}\n" for line in becomes),
    }


def _life(seen: SeenDomain) -> list[str]:
    return [f"state: {seen.known.state}", f"autostart: {seen.known.autostart}"] if seen.known else []


_STATE_AFTER: Mapping[DomainVerb, str] = {
    DomainVerb.START: "running",
    DomainVerb.START_PAUSED: "paused",
    DomainVerb.RESTART: "running",
    DomainVerb.PAUSE: "paused",
    DomainVerb.RESUME: "running",
    DomainVerb.STOP: "stopped",
}


def _after(before: SeenDomain, steps: Sequence[DomainStep]) -> tuple[str, bool]:
    state, boot = before.state, before.known.autostart if before.known else False
    for step in steps:
        state = _STATE_AFTER.get(step.verb, state)
        if step.verb in (DomainVerb.ENABLE, DomainVerb.DISABLE):
            boot = step.verb is DomainVerb.ENABLE
    return state, boot
