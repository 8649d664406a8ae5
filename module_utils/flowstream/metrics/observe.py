# SPDX-License-Identifier: Apache-2.0
"""What a scrape reads of a machine: its modules, its bridges, its lock. Changes nothing, and remembers nothing."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.control.socket import ControlSocket
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.driver import Driver, Handlers
from ansible.module_utils.flowstream.hosts.process.arguments import DEFAULT_PATHS
from ansible.module_utils.flowstream.hosts.process.driver import ProcessDriver
from ansible.module_utils.flowstream.hosts.process.unit import UNIT_PREFIX, UNIT_SUFFIX, PmHost, PmPaths
from ansible.module_utils.flowstream.metrics.catalogue import Sample
from ansible.module_utils.flowstream.metrics.handlers import readings
from ansible.module_utils.flowstream.metrics.samples import ModuleState, bridge_samples, host_samples, port_samples
from ansible.module_utils.flowstream.metrics.settings import BridgeToRead, Settings
from ansible.module_utils.flowstream.openflow.observe import Switch, observe_flow_counters, observe_ports
from ansible.module_utils.flowstream.world.lock import LOCK, Holding
from ansible.module_utils.flowstream.world.run import Run, checked, local_run

_ANSWER_SECONDS = 2.0
"""What one module may take at most; one that is stuck is not to cost the others their turn."""
_AT_ONCE = 8
_USAGE = {
    "CPUUsageNSec": ("flowstream_module_cpu_seconds", 1e-9),
    "MemoryCurrent": ("flowstream_module_memory_bytes", 1),
}


@dataclass(frozen=True)
class Doors:
    """Where a machine is read: `run_for` gives the way to run programs that may take so many seconds."""

    run_for: Callable[[float], Run] = local_run
    paths: PmPaths = DEFAULT_PATHS
    lock: Path = LOCK


Report = Callable[[str], None]
AnyDriver = Driver[Any, Any, Any]


def complain(text: str) -> None:
    """Say in the journal why something is not in the page."""
    print(text, file=sys.stderr)


def observe(settings: Settings, report: Report = complain, doors: Doors = Doors()) -> list[Sample]:
    """Every sample of a scrape. What cannot be read is `machine_up` 0, and its cause goes to `report`."""
    end = time.monotonic() + settings.seconds
    found: list[Sample] = []
    up: dict[str, bool] = {}
    took: dict[str, float] = {}

    def ask(machine: str, question: Callable[[], list[Sample]]) -> None:
        begun = time.monotonic()
        try:
            found.extend(question())
            up.setdefault(machine, True)
        except (FlowstreamError, OSError) as error:
            report(f"{machine}: {error}")
            up[machine] = False
        took[machine] = took.get(machine, 0) + time.monotonic() - begun

    ask(settings.machine, lambda: lock_samples(settings.machine, doors.lock))
    if settings.driver:
        ask(settings.machine, lambda: observe_host(settings, doors, end, report))
    for bridge in settings.bridges:
        ask(bridge.machine, lambda bridge=bridge: observe_bridge(bridge, doors, end))  # type: ignore[misc]
    found += [Sample("flowstream_machine_up", (machine,), float(answers)) for machine, answers in sorted(up.items())]
    found += [Sample("flowstream_scrape_duration_seconds", (one,), seconds) for one, seconds in sorted(took.items())]
    return found


def lock_samples(machine: str, path: Path) -> list[Sample]:
    """For how long the holder of the lock was not heard of, if it has one."""
    try:
        holding = Holding.parse(path.read_text())
    except FileNotFoundError:
        return []
    silent = time.clock_gettime(time.CLOCK_BOOTTIME) - holding.heard if holding else None
    return [] if silent is None else [Sample("flowstream_deployment_lock_silent_seconds", (machine,), silent)]


def observe_host(settings: Settings, doors: Doors, end: float, report: Report) -> list[Sample]:
    """The modules of this machine."""
    run = doors.run_for(settings.seconds)
    usage = process_usage(run) if settings.driver == "process" else {}
    with driver_of(settings, doors.paths, run) as driver:
        seen = list(driver.survey(None, ()).values())

        def state(one: Any) -> ModuleState:
            return module_state(driver, one, end, usage.get(one.name, []), report)

        if settings.driver == "process":
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                modules = list(pool.map(state, seen))
        else:  # one XenStore, one question at a time
            modules = [state(one) for one in seen]
    return list(host_samples(settings.machine, modules, settings.capacity))


@contextmanager
def driver_of(settings: Settings, paths: PmPaths, run: Run) -> Iterator[AnyDriver]:
    """What runs this machine's modules."""
    if settings.driver == "process":
        yield ProcessDriver(run, PmHost(paths=paths), answer_timeout=_ANSWER_SECONDS)
        return
    # Hosts of processes have no use for these, and would read them in every scrape.
    from ansible.module_utils.flowstream.hosts.xen.connection import open_doors
    from ansible.module_utils.flowstream.hosts.xen.driver import XenDriver
    from ansible.module_utils.flowstream.hosts.xen.steps import DomainHost
    from ansible.module_utils.flowstream.xen.connection import open_toolstack
    from ansible.module_utils.flowstream.xen.toolstack import URI

    toolstack = cache(lambda: open_toolstack(settings.toolstack, URI, run))
    with open_doors(run, toolstack, _ANSWER_SECONDS) as opened:
        yield XenDriver(opened, DomainHost(config_dir=paths.config_dir), _ANSWER_SECONDS)


def module_state(driver: AnyDriver, seen: Any, end: float, usage: list[Sample], report: Report) -> ModuleState:
    """A module with what it says, unless the time is over."""
    about = driver.describe(seen)
    if not seen.active:
        return ModuleState(about)
    if time.monotonic() > end:
        report(f"{seen.name}: was not asked, for the time of the scrape is over")
        return ModuleState(about, counted=usage)
    try:
        counted = list(_counted(driver, seen))
    except FlowstreamError as error:
        report(f"{seen.name}: {error}")
        return ModuleState(about, counted=usage)
    return ModuleState(about, True, [*usage, *counted])


def _counted(driver: AnyDriver, seen: Any) -> Iterator[Sample]:
    """What a module has counted of all that its configuration declares."""
    wanted = {reading.handler: reading for reading in readings(seen.config or "")}
    with driver.handlers(seen) as control:
        values = (
            control.read_present(list(wanted)) if isinstance(control, ControlSocket) else _one_by_one(control, wanted)
        )
    for handler, value in values.items():
        yield Sample(wanted[handler].metric, wanted[handler].labels, float(value))


def _one_by_one(control: Handlers, handlers: Iterable[str]) -> dict[str, str]:
    """What XenStore has one place for."""
    return {handler: control.read(handler) for handler in handlers if control.readable(handler)}


def process_usage(run: Run) -> dict[str, list[Sample]]:
    """What systemd has measured of each module that is a process."""
    argv = ["systemctl", "show", f"--property=Id,{','.join(_USAGE)}", f"{UNIT_PREFIX}*{UNIT_SUFFIX}"]
    found: dict[str, list[Sample]] = {}
    for block in checked(run, argv, "read what the units use").strip().split("\n\n"):
        pairs = dict(line.partition("=")[::2] for line in block.splitlines())
        name = pairs.pop("Id", "").removeprefix(UNIT_PREFIX).removesuffix(UNIT_SUFFIX)
        found[name] = list(_used(pairs))
    return found


def _used(pairs: Mapping[str, str]) -> Iterator[Sample]:
    for key, text in sorted(pairs.items()):
        if re.fullmatch(r"\d{1,19}", text):  # 2**64-1, or words, where nobody counts
            metric, unit = _USAGE[key]
            yield Sample(metric, (), int(text) * unit)


def observe_bridge(bridge: BridgeToRead, doors: Doors, end: float) -> list[Sample]:
    """The entries of a bridge, and its ports."""
    seconds = max(1, int(end - time.monotonic()))
    switch = Switch(bridge.address, bridge.version, seconds, **bridge.keys)
    run = doors.run_for(seconds + 1)
    flows = [counters.to_dict() for counters in observe_flow_counters(run, switch, None)]
    found = list(bridge_samples(bridge.machine, bridge.bridge, flows))
    if bridge.ports:
        found += port_samples(bridge.machine, bridge.bridge, observe_ports(run, switch))
    return found
