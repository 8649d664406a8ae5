# SPDX-License-Identifier: Apache-2.0
"""Turn the settings of a dom0, and remember what they were."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible.module_utils.flowstream.dom0.facts import Demand, Dom0
from ansible.module_utils.flowstream.dom0.limits import (
    GRUB_FILE,
    Change,
    Kept,
    changes,
    live_value,
    rendered,
    shortfalls,
    waits_for_reboot,
    wanted_settings,
)
from ansible.module_utils.flowstream.dom0.observe import OXENSTORED, sysctl_path
from ansible.module_utils.flowstream.dom0.rates import STATISTICS, STATISTICS_STOCK, VIF_RULES_FILE
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import Run, checked

MEMORY = Path("var/lib/flowstream/dom0_limits.json")
"""Where the old values are kept for undo."""


@dataclass(frozen=True)
class Limits:
    """What is to be done on a dom0, and what cannot be."""

    wanted: Mapping[str, Kept]
    changes: Sequence[Change]
    files: Mapping[str, str | None]
    """The files to write, None for those to remove."""
    before: str
    after: str
    reboot: Sequence[str]
    shortfalls: Sequence[str]


def plan_limits(host: Dom0, demand: Demand | None, root: Path = Path("/")) -> Limits:
    """What it takes to have `demand` fit on `host`; None takes every setting back."""
    kept = read_kept(root)
    wanted = wanted_settings(host, demand, kept) if demand else {}
    turned = changes(host, wanted, kept)
    if host.open_vswitch is None and any(change.setting == STATISTICS for change in turned):
        raise FlowstreamError(
            "Open vSwitch does not run, and its database keeps a setting that has to be given back; start openvswitch-switch"
        )
    services = {name: daemon.service for name, daemon in host.processes.items()}
    have, want = rendered(kept, services), rendered(wanted, services)
    files: dict[str, str | None] = {}
    for path in sorted({*have, *want}):
        if want.get(path) != _text(root, path):
            files[path] = want.get(path)
    return Limits(
        wanted=wanted,
        changes=turned,
        files=files,
        before=_shown(kept, {path: _text(root, path) for path in {*have, *want}}),
        after=_shown(wanted, want),
        reboot=_waiting(
            host, {name: one.old for name, one in kept.items()} | {name: one.value for name, one in wanted.items()}
        ),
        shortfalls=shortfalls(host, demand, wanted) if demand else [],
    )


def apply_limits(run: Run, host: Dom0, limits: Limits, root: Path = Path("/")) -> None:
    """Turn what `plan_limits` found: the old values are safe first, then the files, then the running system."""
    _write(
        root / MEMORY, json.dumps({name: vars(kept) for name, kept in limits.wanted.items()}, indent=1, sort_keys=True)
    )
    for path, text in limits.files.items():
        if text is None:
            _remove(root / path.lstrip("/"))
        else:
            _write(root / path.lstrip("/"), text)
    if any(path.startswith("/etc/systemd/") for path in limits.files):
        checked(run, ["systemctl", "daemon-reload"], "have systemd read its limits")
    if VIF_RULES_FILE in limits.files:
        checked(run, ["udevadm", "control", "--reload"], "have udev read its rules")
    for change in limits.changes:
        kind, name = change.setting.split(" ", 1)
        if kind == "sysctl":
            _write(sysctl_path(root, name), f"{change.value}\n")
        elif kind == "files":
            # A running xenstored cannot be started anew without a reboot of the host.
            limit = f"--nofile={change.value}:{change.value}"
            checked(run, ["prlimit", f"--pid={host.processes[name].pid}", limit], f"raise the open files of {name}")
        elif kind == "quota":
            quotas = root / OXENSTORED
            _write(quotas, re.sub(rf"(?m)^{name}\s*=.*$", f"{name} = {change.value}", quotas.read_text()))
        elif kind == "ovs":
            checked(run, _ovs_vsctl(name, change.value), f"set {name} of Open vSwitch")
    if GRUB_FILE in limits.files and (root / "boot/grub/grub.cfg").exists():
        checked(run, ["update-grub"], "write the boot menu")
    if not limits.wanted:
        _remove(root / MEMORY)


def read_kept(root: Path = Path("/")) -> dict[str, Kept]:
    """The settings that were turned."""
    try:
        text = (root / MEMORY).read_text()
    except FileNotFoundError:
        return {}
    return {name: Kept(**kept) for name, kept in json.loads(text).items()}


def _waiting(host: Dom0, values: Mapping[str, int]) -> list[str]:
    """The settings that come to their values when the host boots, a sentence each."""
    return [
        f"{name}: {live} until the reboot, then {value}"
        for name, value in sorted(values.items())
        if waits_for_reboot(name)
        and (live := live_value(host, name)) is not None
        and (live != value or (name.startswith("quota ") and host.quotas_wait))
    ]


def _text(root: Path, path: str) -> str | None:
    try:
        return (root / path.lstrip("/")).read_text()
    except FileNotFoundError:
        return None


def _shown(settings: Mapping[str, Kept], files: Mapping[str, str | None]) -> str:
    elsewhere = [
        f"{name} = {kept.value}\n" for name, kept in sorted(settings.items()) if name.startswith(("ovs ", "quota "))
    ]
    return "".join(f"{path}:\n{text}" for path, text in sorted(files.items()) if text) + "".join(elsewhere)


def _ovs_vsctl(name: str, value: int) -> list[str]:
    """The command that has Open vSwitch's database keep a setting, or forget the one that is as without."""
    call = ["ovs-vsctl", "--timeout=30"]
    if value == STATISTICS_STOCK:
        return [*call, "remove", "Open_vSwitch", ".", "other_config", name]
    return [*call, "set", "Open_vSwitch", ".", f"other_config:{name}={value}"]


def _write(path: Path, text: str) -> None:
    try:
        if path.is_relative_to("/proc"):
            path.write_text(text)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        draft.write_text(text)
        draft.chmod(0o644)
        os.replace(draft, path)  # noqa: PTH105  Path.replace says the same less plainly
    except OSError as error:
        raise FlowstreamError(f"cannot write {path}: {error.strerror}") from error


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    if path.parent.name.endswith(".d") and path.parent.parent.name == "system" and not any(path.parent.iterdir()):
        path.parent.rmdir()
