# SPDX-License-Identifier: Apache-2.0
"""What a host's processing modules are and say, whatever runs them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.driver import AnyModule, AnySeen, AnyStep, Driver
from ansible.module_utils.flowstream.world.run import NotInstalledError


def observe_modules(
    driver: Driver[AnyModule, AnySeen, AnyStep], allocation: str | None, names: Iterable[str], *, bare: bool = False
) -> dict[str, AnySeen]:
    """Everything about the named modules and all others of the allocation (None: of any), by name.

    With `bare`, a host on which the tools are not installed yet has nothing: so check mode sees it before its first
    deployment, and so does a removal.
    """
    try:
        return {name: driver.ask(seen) for name, seen in driver.survey(allocation, names).items()}
    except NotInstalledError:
        if bare:
            return {}
        raise


def report(driver: Driver[AnyModule, AnySeen, AnyStep], params: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """What a module with PM_INFO_ARGUMENTS returns."""
    allocation, handlers = params["allocation"], params["handlers"]
    pms: list[dict[str, Any]] = []
    configurations: dict[str, str] = {}
    at = time.monotonic()
    try:
        seen = driver.survey(allocation, ())
        pms = [{**driver.describe(one), **_counted(driver, one, handlers)} for one in seen.values()]
        if params["configurations"]:
            configurations = {name: configuration_of(driver.ask(one)) for name, one in seen.items()}
    except NotInstalledError:
        if not check_mode:
            raise
    return {"changed": False, "pms": pms, "configurations": configurations, "at": at}


def configuration_of(seen: AnySeen) -> str:
    """What a module runs, or, where none answers, what it starts with."""
    return seen.running_config if seen.running_config is not None else seen.config or ""


def _counted(driver: Driver[AnyModule, AnySeen, AnyStep], seen: AnySeen, handlers: Sequence[str]) -> dict[str, Any]:
    """The handlers of a module that runs.

    One that cannot be read carries the reason as `error`: a report about many shows the others all the same.
    """
    if not seen.active or not handlers:
        return {"handlers": {}, "error": ""}
    try:
        with driver.handlers(seen) as control:
            present = [handler for handler in handlers if control.readable(handler)]
            return {"handlers": {name: control.read(name).rstrip("\n") for name in present}, "error": ""}
    except FlowstreamError as error:
        return {"handlers": {}, "error": str(error)}
