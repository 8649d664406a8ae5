# SPDX-License-Identifier: Apache-2.0
"""xl's spelling of a Xen domain, see xl.cfg(5), written and read back; and what `xl list` says of those that run.

The files are ours and have one statement a line, so that they read back without a parser of the whole language.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xen.domain import ANTI_SPOOF_SCRIPT, Domain, DomainVif, Owner

_TAGS = "# flowstream: "
_STATEMENT = re.compile(r"([a-z_]+) = (.+)\Z")
_BRIDGE = re.compile(r"([^.:]*)(?:\.(\d+))?\Z")


def xl_config(domain: Domain) -> str:
    """The whole file of a domain. What xl has no word for stands in its first line."""
    owner = domain.owner.to_dict() if domain.owner else {}
    tags = {**owner, "ofports": {vif.device: vif.ofport for vif in domain.vifs if vif.ofport is not None}}
    statements: dict[str, str | int] = {
        "name": domain.name,
        "type": domain.kind,
        "kernel": domain.kernel,
        "ramdisk": domain.ramdisk,
        "cmdline": domain.cmdline,
        "memory": domain.memory_kib // 1024,
        "vcpus": domain.vcpus,
        "on_poweroff": "destroy",
        "on_reboot": "restart",
        "on_crash": "restart",
    }
    lines = [f"{_TAGS}{json.dumps(tags, sort_keys=True)}"]
    lines += [f"{key} = {_value(value)}" for key, value in statements.items() if value != ""]
    lines.append("vif = [" + ", ".join(f'"{_vif(vif)}"' for vif in domain.vifs) + "]")
    return "".join(f"{line}\n" for line in lines)


def _value(value: str | int) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _vif(vif: DomainVif) -> str:
    bridge = vif.bridge if vif.vlan is None else f"{vif.bridge}.{vif.vlan}"
    text = f"mac={vif.mac},bridge={bridge},script={vif.script},vifname={vif.device}"
    return text if vif.rate_mbps is None else f"{text},rate={vif.rate_mbps}Mb/s"


def parse_xl_config(text: str, path: str) -> Domain:
    """The domain that a file of ours describes."""
    tags: dict[str, Any] = {}
    values: dict[str, Any] = {"vif": [], "ramdisk": "", "cmdline": ""}
    try:
        for number, line in enumerate(text.splitlines(), start=1):
            if line.startswith(_TAGS):
                tags = json.loads(line.removeprefix(_TAGS))
            elif found := _STATEMENT.match(line):
                values[found.group(1)] = ast.literal_eval(found.group(2))
            elif line.strip():
                raise FlowstreamError(f"{path}:{number}: is no statement of ours, got {line!r}; remove the file")
        return Domain(
            name=values["name"],
            kind=values["type"],
            kernel=values["kernel"],
            ramdisk=values["ramdisk"],
            cmdline=values["cmdline"],
            memory_kib=values["memory"] * 1024,
            vcpus=values["vcpus"],
            vifs=tuple(_parse_vif(vif, tags.get("ofports", {})) for vif in values["vif"]),
            owner=Owner.from_dict(tags),
        )
    except (KeyError, SyntaxError, ValueError, TypeError) as error:
        raise FlowstreamError(f"cannot read {path}: {error}; remove the file") from error


def _parse_vif(text: str, ofports: dict[str, int]) -> DomainVif:
    settings = dict(part.split("=", 1) for part in text.split(","))
    bridge, vlan = _parse_bridge(settings["bridge"])
    rate = settings.get("rate")
    return DomainVif(
        device=settings["vifname"],
        bridge=bridge,
        mac=settings["mac"],
        ofport=ofports.get(settings["vifname"]),
        vlan=vlan,
        rate_mbps=int(rate.removesuffix("Mb/s")) if rate else None,
        anti_spoof=settings["script"] == ANTI_SPOOF_SCRIPT,
    )


def _parse_bridge(text: str) -> tuple[str, int | None]:
    found = _BRIDGE.match(text)
    if not found:
        return text, None
    return found.group(1), int(found.group(2)) if found.group(2) else None


def parse_running(text: str) -> dict[str, Domain | None]:
    """What `xl list -l` says: domains by name, None for one that no `Domain` can be. Nobody's owner is known."""
    return {
        entry["config"]["c_info"]["name"]: _running(entry["config"])
        for entry in json.loads(text or "[]")
        if entry.get("domid") != 0
    }


def _running(config: dict[str, Any]) -> Domain | None:
    create, build = config["c_info"], config["b_info"]
    try:
        return Domain(
            name=create["name"],
            kind=create.get("type", ""),
            kernel=build.get("kernel", ""),
            ramdisk=build.get("ramdisk", ""),
            cmdline=build.get("cmdline", ""),
            memory_kib=build.get("max_memkb", 0),
            vcpus=build.get("max_vcpus", 1),
            vifs=tuple(_running_vif(nic) for nic in config.get("nics", ())),
        )
    except FlowstreamError:
        return None


def _running_vif(nic: dict[str, Any]) -> DomainVif:
    bridge, vlan = _parse_bridge(nic.get("bridge", ""))
    size = nic.get("rate_bytes_per_interval", 0)
    return DomainVif(
        device=nic.get("ifname", ""),
        bridge=bridge,
        mac=nic.get("mac", ""),
        vlan=vlan,
        rate_mbps=round(size * 8 / nic["rate_interval_usecs"]) if size else None,
        anti_spoof=nic.get("script") == ANTI_SPOOF_SCRIPT,
    )


def parse_states(text: str) -> dict[str, tuple[int, str]]:
    """What `xl list` says: by name, a domain's number and whether it is running or paused. dom0 is left out."""
    states: dict[str, tuple[int, str]] = {}
    for line in text.splitlines()[1:]:
        name, number, _, _, flags, _ = line.rsplit(maxsplit=5)
        if number != "0":
            states[name] = (int(number), "paused" if "p" in flags else "running")
    return states
