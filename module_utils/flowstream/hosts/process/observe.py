# SPDX-License-Identifier: Apache-2.0
"""What a host has of processing modules that are processes: files, units, ports, namespaces, and what they run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.control.socket import Address, ControlSocket
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.process.steps import SeenPm, SeenPort
from ansible.module_utils.flowstream.hosts.process.unit import (
    UNIT_PREFIX,
    UNIT_SUFFIX,
    PmHost,
    PmPaths,
    account_of_unit,
    allocation_of_unit,
    unit_of,
)
from ansible.module_utils.flowstream.openvswitch.tags import ALLOCATION_TAG, PM_TAG
from ansible.module_utils.flowstream.world.run import Run, checked


def read_text(path: Path) -> str | None:
    """The text of a file, None when there is none."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FlowstreamError(f"cannot read {path}: {error.strerror}") from error


def observe_tagged_ports(run: Run) -> list[SeenPort]:
    """The ports of this host's Open vSwitch that carry our tags, on any bridge."""
    argv = ["ovs-vsctl", "--timeout=10", "--format=json", "--columns=name,ofport,external_ids", "list", "Interface"]
    rows = json.loads(checked(run, argv, "read the ports of Open vSwitch"))["data"]
    ports = []
    for name, ofport, (_, pairs) in rows:
        tags = dict(pairs)
        if ALLOCATION_TAG in tags and PM_TAG in tags:
            number = ofport if isinstance(ofport, int) and ofport > 0 else None
            ports.append(SeenPort(name, number, tags[ALLOCATION_TAG], tags[PM_TAG]))
    return sorted(ports, key=lambda port: port.device)


def observe_namespaces(run: Run) -> set[str]:
    """The named network namespaces of this host."""
    text = checked(run, ["ip", "-json", "netns", "list"], "read the network namespaces")
    return {entry["name"] for entry in json.loads(text or "[]")}


def _observe_states(run: Run, units: list[str]) -> dict[str, dict[str, str]]:
    """What systemd says of each unit, by unit; a unit that it does not know has empty values."""
    if not units:
        return {}
    argv = ["systemctl", "show", "--property=Id,ActiveState,UnitFileState,MainPID", "--", *units]
    text = checked(run, argv, "read the state of the units")
    blocks = (dict(line.partition("=")[::2] for line in block.splitlines()) for block in text.strip().split("\n\n"))
    return {block["Id"]: block for block in blocks if "Id" in block}


def observe_units(run: Run, paths: PmPaths, allocation: str | None, names: Iterable[str]) -> dict[str, SeenPm]:
    """What this host has of the named modules and of all others of the allocation (None: of any allocation).

    What the engines themselves say is left out.
    """
    unit_files = sorted(paths.unit_dir.glob(f"{UNIT_PREFIX}?*{UNIT_SUFFIX}"))
    units = {paths.name_of(path): read_text(path) for path in unit_files}
    ports = {port.pm: port for port in observe_tagged_ports(run)}
    namespaces = observe_namespaces(run)
    ours = {
        *names,
        *(name for name, text in units.items() if _is_of(allocation, allocation_of_unit(text or ""))),
        *(name for name, port in ports.items() if _is_of(allocation, port.allocation)),
    }
    states = _observe_states(run, [unit_of(name) for name in sorted(ours)])
    return {
        name: _seen(paths, name, units.get(name), states.get(unit_of(name), {}), ports.get(name), name in namespaces)
        for name in sorted(ours)
    }


def _is_of(allocation: str | None, found: str | None) -> bool:
    return found is not None and allocation in (None, found)


def _seen(
    paths: PmPaths, name: str, unit: str | None, state: Mapping[str, str], port: SeenPort | None, namespace: bool
) -> SeenPm:
    return SeenPm(
        name=name,
        allocation=allocation_of_unit(unit or "") or (port.allocation if port else None),
        unit=unit,
        config=read_text(paths.config_file(name)),
        active=state.get("ActiveState") in ("active", "reloading"),
        enabled=state.get("UnitFileState") == "enabled",
        pid=int(state.get("MainPID") or 0),
        namespace=namespace,
        port=port,
    )


def with_engine(host: PmHost, pm: SeenPm, timeout: float) -> SeenPm:
    """The module with what its engine says, which may take `timeout` seconds."""
    if not pm.active:
        return pm
    running = _running_config(host.paths, pm.name, timeout)
    return replace(pm, engine_current=_runs(pm.pid, host.click), running_config=running)


def _runs(pid: int, program: Path) -> bool:
    """Whether the process runs the file that `program` names now, not one that it replaced."""
    try:
        return Path(f"/proc/{pid}/exe").samefile(program)
    except OSError:
        return False


def _running_config(paths: PmPaths, name: str, timeout: float) -> str | None:
    """What the module runs; None when it does not answer, which is a finding and not an error here."""
    try:
        with ControlSocket(Address(str(paths.socket(name))), timeout) as control:
            return control.read("config")
    except FlowstreamError:
        return None


def describe_pm(paths: PmPaths, pm: SeenPm) -> dict[str, Any]:
    """One processing module as a report shows it."""
    account = account_of_unit(pm.unit or "")
    numbered = {pm.port.device: pm.port.ofport} if pm.port and pm.port.ofport else {}
    return {
        "name": pm.name,
        "allocation": pm.allocation,
        "tenant": account.tenant,
        "memory_mib": account.memory_mib,
        "vcpus": account.vcpus,
        "rate_mbps": account.rate_mbps,
        "ports": {**account.ports, **numbered},
        "active": pm.active,
        "enabled": pm.enabled,
        "pid": pm.pid,
        "device": pm.port.device if pm.port else None,
        "ofport": pm.port.ofport if pm.port else None,
        "socket": str(paths.socket(pm.name)),
        "config_file": str(paths.config_file(pm.name)),
    }
