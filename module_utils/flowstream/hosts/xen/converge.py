# SPDX-License-Identifier: Apache-2.0
"""Carry out on a Xen host what `steps` decides."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from ansible.module_utils.flowstream.control.clickos import ClickOsControl
from ansible.module_utils.flowstream.control.text import same_configuration
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.xen.connection import XenDoors
from ansible.module_utils.flowstream.hosts.xen.initramfs import with_file
from ansible.module_utils.flowstream.hosts.xen.steps import DomainHost, SeenModule, WantedModule
from ansible.module_utils.flowstream.world.files import remove_file, replace_file
from ansible.module_utils.flowstream.xen.converge import carry_out, domain_diff, require_kernels
from ansible.module_utils.flowstream.xen.steps import DomainStep, DomainVerb, SeenDomain

_POLL_SECONDS = 0.05
# Domains that start beside each other: dom0 builds them one after the other, and each boots within a second or two.
_BATCH = 32
_CONFIGURATION = "router.click"
"""The file in which a Linux guest finds its configuration."""


def carry_out_modules(
    doors: XenDoors,
    host: DomainHost,
    wanted: Mapping[str, WantedModule],
    before: Mapping[str, SeenModule],
    steps: Sequence[DomainStep],
    timeout: float,
) -> None:
    """Do the steps. `timeout` bounds, in seconds, each answer, and how long a batch of started modules may take.

    Until then each has to run its configuration, and its port to have its number.
    """
    require_kernels(doors.run, [module.domain for module in wanted.values()], steps)
    begun: list[WantedModule] = []
    for step in steps:
        module, have = wanted.get(step.name), before.get(step.name)
        # Removals come last: by then what takes the place of what goes has to do its work.
        if len(begun) == _BATCH or step.verb is DomainVerb.REMOVE:
            _await_routers(doors, begun, timeout)
            begun = []
        seen = have.seen if have else SeenDomain(step.name)
        if step.verb is DomainVerb.REMOVE:
            carry_out(doors.toolstack(), doors.run, step, seen, None, timeout)
            for path in (host.config_file(step.name), host.initramfs(step.name)):
                remove_file(path, folders=2)
        elif module is not None and step.verb is DomainVerb.WRITE:
            _write_files(host, module)
        elif module is not None and step.verb is DomainVerb.RECONFIGURE:
            with doors.control(seen, timeout) as control:
                control.install(module.config)
            _write_files(host, module)
        else:
            carry_out(doors.toolstack(), doors.run, step, seen, module.domain if module else None, timeout)
        if module is not None and step.verb in (DomainVerb.START, DomainVerb.RESTART):
            begun.append(module)
    _await_routers(doors, begun, timeout)


def _await_routers(doors: XenDoors, modules: Sequence[WantedModule], timeout: float) -> None:
    """Wait until domains that were started together run their configurations; every one that does not is named."""
    deadline = time.monotonic() + timeout
    known = doors.toolstack().domains([module.name for module in modules]) if modules else {}
    errors: list[str] = []
    for module in modules:
        try:
            with doors.control(SeenDomain(module.name, known.get(module.name)), timeout) as control:
                _await_router(control, module, deadline, timeout)
        except FlowstreamError as error:
            errors += error.messages
    if errors:
        raise FlowstreamError(*errors)


def _await_router(control: ClickOsControl, module: WantedModule, deadline: float, timeout: float) -> None:
    """Return when the domain runs its configuration; its own words when it refuses it."""
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


def differences(
    host: DomainHost, name: str, module: WantedModule | None, have: SeenModule, steps: Sequence[DomainStep]
) -> list[dict[str, str]]:
    """Before and after of a module's definition and configuration."""
    path = str(host.config_file(name))
    was = have.running_config if have.running_config is not None else have.config or ""
    texts = {"before": was, "after": module.config if module else ""}
    return [
        domain_diff(have.seen, module.domain if module else None, steps),
        {"before_header": path, "after_header": path, **texts},
    ]
