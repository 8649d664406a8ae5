# SPDX-License-Identifier: Apache-2.0
"""Carry out on a Xen host what `steps` decides, and read back what its modules run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.control.clickos import ClickOsControl
from ansible.module_utils.flowstream.control.text import same_configuration
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.declaration import Declaration
from ansible.module_utils.flowstream.hosts.xen.initramfs import with_file
from ansible.module_utils.flowstream.hosts.xen.steps import (
    DomainHost,
    SeenModule,
    WantedModule,
    module_steps,
    touched,
    wanted_modules,
)
from ansible.module_utils.flowstream.world.files import remove_file, replace_file
from ansible.module_utils.flowstream.world.run import NotInstalledError, Run
from ansible.module_utils.flowstream.xen.converge import carry_out, domain_diff, require_kernels
from ansible.module_utils.flowstream.xen.observe import observe_domains
from ansible.module_utils.flowstream.xen.steps import DomainStep, DomainVerb, SeenDomain
from ansible.module_utils.flowstream.xen.toolstack import Toolstack
from ansible.module_utils.flowstream.xenstore.library import LibraryXenStore
from ansible.module_utils.flowstream.xenstore.store import Domain, XenStore

_POLL_SECONDS = 0.05
_CONFIGURATION = "router.click"
"""The file in which a Linux guest finds its configuration."""
_STATES = {"started": "running", "present": "defined", "stopped": "stopped"}


@dataclass(frozen=True)
class XenDoors:
    """The ways into a Xen host, each opened when it is first needed."""

    run: Run
    toolstack: Callable[[], Toolstack]
    store: Callable[[], XenStore]


@contextmanager
def open_doors(run: Run, toolstack: Callable[[], Toolstack], timeout: float) -> Iterator[XenDoors]:
    """The ways into this host. `timeout` bounds each answer of XenStore, in seconds."""
    opened: list[LibraryXenStore] = []

    def store() -> XenStore:
        if not opened:
            opened.append(LibraryXenStore(timeout))
        return opened[0]

    try:
        yield XenDoors(run, toolstack, store)
    finally:
        for one in opened:
            one.close()


def control_of(doors: XenDoors, seen: SeenDomain, timeout: float) -> ClickOsControl:
    """The control of the router in a running domain."""
    number = seen.known.number if seen.known else 0
    return ClickOsControl(doors.store(), Domain(number, seen.name), 0, timeout)


def observe_modules(
    doors: XenDoors, host: DomainHost, allocation: str | None, names: Sequence[str], timeout: float
) -> dict[str, SeenModule]:
    """All that this host has of the named modules and of all others of the allocation (None: of any allocation)."""
    seen = observe_domains(doors.toolstack(), doors.run)
    ours = sorted({*names, *(name for name, domain in seen.items() if _is_of(allocation, domain))})
    return {name: _observe_module(doors, host, seen.get(name, SeenDomain(name)), timeout) for name in ours}


def _is_of(allocation: str | None, seen: SeenDomain) -> bool:
    found = seen.allocation
    return found is not None and allocation in (None, found)


def _observe_module(doors: XenDoors, host: DomainHost, seen: SeenDomain, timeout: float) -> SeenModule:
    path = host.config_file(seen.name)
    running = None
    if seen.state == "running":
        try:
            with control_of(doors, seen, timeout) as control:
                running = control.configuration()
        except FlowstreamError:
            running = None
    config = path.read_text() if path.exists() else None
    return SeenModule(seen, config, running, host.initramfs(seen.name).exists())


def converge_modules(
    doors: XenDoors, host: DomainHost, declared: Declaration, timeout: float, check_mode: bool
) -> dict[str, Any]:
    """Make the processing modules of `host` be as declared; return a module's result.

    New and changed modules come first and removals last. `timeout` bounds, in seconds, each answer of a module, and how
    long a started one may take until it runs its configuration and its port has its number.
    """
    wanted = [] if declared.state == "absent" else wanted_modules(host, declared.allocation, declared.pms)
    names = [pm.name for pm in declared.pms]
    before = after = _observe(doors, host, declared.allocation, names, timeout, check_mode)
    steps = [
        step
        for module in wanted
        for step in module_steps(
            module, before.get(module.name, SeenModule(SeenDomain(module.name))), _STATES[declared.state]
        )
    ]
    gone = [name for name in declared.to_remove(before) if before[name].exists]
    steps += [DomainStep(DomainVerb.REMOVE, name) for name in gone]
    modules = {module.name: module for module in wanted}
    if steps and not check_mode:
        require_kernels(doors.run, [module.domain for module in wanted], steps)
        _carry_out(doors, host, modules, before, steps, timeout)
        after = observe_modules(doors, host, declared.allocation, names, timeout)
    return {
        "changed": bool(steps),
        "changes": [str(step) for step in steps],
        "touched": touched(steps),
        "pms": [describe_module(host.config_dir, module) for module in after.values() if module.exists],
        "diff": _diff(host, modules, before, steps),
    }


def _observe(
    doors: XenDoors, host: DomainHost, allocation: str, names: Sequence[str], timeout: float, check_mode: bool
) -> dict[str, SeenModule]:
    try:
        return observe_modules(doors, host, allocation, names, timeout)
    except NotInstalledError:
        # What check mode sees of a host before its first deployment.
        if check_mode:
            return {}
        raise


def _carry_out(
    doors: XenDoors,
    host: DomainHost,
    wanted: Mapping[str, WantedModule],
    before: Mapping[str, SeenModule],
    steps: Sequence[DomainStep],
    timeout: float,
) -> None:
    for step in steps:
        module, have = wanted.get(step.name), before.get(step.name)
        seen = have.seen if have else SeenDomain(step.name)
        if step.verb is DomainVerb.REMOVE:
            # The start of a module waits for nothing here: removals come last.
            carry_out(doors.toolstack(), doors.run, step, seen, None, timeout)
            for path in (host.config_file(step.name), host.initramfs(step.name)):
                remove_file(path, folders=2)
        elif module is not None and step.verb is DomainVerb.WRITE:
            _write_files(host, module)
        elif module is not None and step.verb is DomainVerb.RECONFIGURE:
            with control_of(doors, seen, timeout) as control:
                control.install(module.config)
            _write_files(host, module)
        else:
            carry_out(doors.toolstack(), doors.run, step, seen, module.domain if module else None, timeout)
        if module is not None and step.verb in (DomainVerb.START, DomainVerb.RESTART):
            _await_router(doors, module, timeout)


def _await_router(doors: XenDoors, module: WantedModule, timeout: float) -> None:
    """Wait until a started domain runs its configuration; its own words when it refuses it."""
    deadline = time.monotonic() + timeout
    known = doors.toolstack().domains([module.name]).get(module.name)
    with control_of(doors, SeenDomain(module.name, known), timeout) as control:
        while (status := control.status()) is None:
            if time.monotonic() > deadline:
                raise FlowstreamError(f"cannot start domain {module.name}: it says nothing in {timeout:g} s")
            time.sleep(_POLL_SECONDS)
        if status.state == "error":
            raise FlowstreamError(f"cannot start domain {module.name}: " + "\n".join(status.messages))
        if not same_configuration(control.configuration(), module.config):
            raise FlowstreamError(f"cannot start domain {module.name}: it runs another configuration than its own")


def _write_files(host: DomainHost, module: WantedModule) -> None:
    """Write what a module starts with, its configuration last: that is what says that all is there."""
    if module.initramfs is not None:
        try:
            image = module.initramfs.read_bytes()
        except OSError as error:
            raise FlowstreamError(f"cannot read {module.initramfs}: {error.strerror}") from error
        replace_file(host.initramfs(module.name), with_file(image, _CONFIGURATION, module.config.encode()))
    replace_file(host.config_file(module.name), module.config)


def _diff(
    host: DomainHost,
    wanted: Mapping[str, WantedModule],
    before: Mapping[str, SeenModule],
    steps: Sequence[DomainStep],
) -> list[dict[str, str]]:
    """Before and after of each module's definition and configuration, as far as the steps touch them."""
    diff: list[dict[str, str]] = []
    for name in sorted({step.name for step in steps}):
        have = before.get(name, SeenModule(SeenDomain(name)))
        own = [step for step in steps if step.name == name]
        module = wanted.get(name)
        diff.append(domain_diff(have.seen, module.domain if module else None, own))
        path = str(host.config_file(name))
        was = have.running_config if have.running_config is not None else have.config or ""
        texts = {"before": was, "after": module.config if module else ""}
        diff.append({"before_header": path, "after_header": path, **texts})
    return [entry for entry in diff if entry["before"] != entry["after"]]


def describe_module(config_dir: Path, module: SeenModule) -> dict[str, Any]:
    """One processing module as a report shows it."""
    seen = module.seen
    port = next(iter(sorted((seen.ports or {}).values(), key=lambda port: port.device)), None)
    return {
        "name": seen.name,
        "allocation": seen.allocation,
        "active": seen.state == "running",
        "enabled": seen.known.autostart if seen.known else False,
        "domain": seen.known.number if seen.known else 0,
        "device": port.device if port else None,
        "ofport": port.ofport if port else None,
        "config_file": str(config_dir / f"{seen.name}.click"),
    }


def observe_running_modules(
    doors: XenDoors, config_dir: Path, allocation: str | None, handlers: Sequence[str], timeout: float
) -> list[dict[str, Any]]:
    """Every module of the allocation (None: of any), by name, with handlers of those that run.

    A module that cannot be read carries the reason as `error`: a report about many shows the others all the same.
    """
    return [
        {**describe_module(config_dir, SeenModule(seen)), **_handlers(doors, seen, handlers, timeout)}
        for seen in observe_domains(doors.toolstack(), doors.run).values()
        if _is_of(allocation, seen)
    ]


def observe_configurations(doors: XenDoors, config_dir: Path, allocation: str | None, timeout: float) -> dict[str, str]:
    """By name what each module of the allocation runs, or, where none answers, what it starts with."""
    host = DomainHost(bridge="", boot="", kernels={}, config_dir=config_dir)
    modules = observe_modules(doors, host, allocation, (), timeout)
    return {
        name: module.running_config if module.running_config is not None else module.config or ""
        for name, module in modules.items()
    }


def _handlers(doors: XenDoors, seen: SeenDomain, handlers: Sequence[str], timeout: float) -> dict[str, Any]:
    if seen.state != "running" or not handlers:
        return {"handlers": {}, "error": ""}
    try:
        with control_of(doors, seen, timeout) as control:
            present = [handler for handler in handlers if control.readable(handler)]
            return {"handlers": {name: control.read(name).rstrip("\n") for name in present}, "error": ""}
    except FlowstreamError as error:
        return {"handlers": {}, "error": str(error)}
