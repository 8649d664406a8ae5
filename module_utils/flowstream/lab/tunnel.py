# SPDX-License-Identifier: Apache-2.0
"""Links that end at another lab, on another machine as a rule: VXLAN of the kernel (RFC 7348), with one other end each."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.lab.interface import Interface

PORT = 4789
"""The UDP port of VXLAN (RFC 7348, section 8)."""
MOST_VNI, MOST_PORT = (1 << 24) - 1, (1 << 16) - 1
_ALIAS = "link to another lab by"
_NAMESPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")


@dataclass(frozen=True)
class Vxlan:
    """How frames get to the other lab: network `vni`, from address `local` (empty: as the routes have it) to `remote`, by UDP `port`.

    `underlay` is the network namespace with the way there; empty: that of the machine that carries the lab.
    """

    vni: int
    remote: str
    local: str = ""
    port: int = PORT
    underlay: str = ""

    @property
    def alias(self) -> str:
        """What the interface is called besides, by which a lab knows that it has made it."""
        return f"{_ALIAS} {self.underlay}".rstrip()

    def __str__(self) -> str:
        places = [f"from {self.local}"] if self.local else []
        places += [f"port {self.port}"] if self.port != PORT else []
        places += [f"in {self.underlay}"] if self.underlay else []
        return " ".join([f"VNI {self.vni} at {self.remote}", *places])


@dataclass(frozen=True)
class Tunnel:
    """The end of a link in this lab, and the way to its other end."""

    end: Interface
    vxlan: Vxlan

    def __str__(self) -> str:
        return f"{self.end} to {self.vxlan}"


def underlay_in(alias: str) -> str | None:
    """Return the underlay that an alias names; None: the interface is no link to another lab."""
    return alias.removeprefix(_ALIAS).strip() if alias.startswith(_ALIAS) else None


def read_vxlan(declared: Mapping[str, Any], where: str, errors: list[str]) -> Vxlan:
    """Return the way to another lab; `errors` gets a message, begun by `where`, for each thing that is wrong."""
    vni, port = int(declared["vni"]), int(declared.get("port") or PORT)
    for name, value, most in (("vni", vni, MOST_VNI), ("port", port, MOST_PORT)):
        if not 1 <= value <= most:
            errors.append(f"{where}: vxlan: {name} {value} is outside 1..{most}")
    remote, local = (
        _address(declared.get(name) or "", f"{where}: vxlan: {name}", errors) for name in ("remote", "local")
    )
    if local and remote and ipaddress.ip_address(local).version != ipaddress.ip_address(remote).version:
        errors.append(
            f"{where}: vxlan: local {local} and remote {remote} are of two kinds; write two of IPv4 or two of IPv6"
        )
    underlay = str(declared.get("underlay") or "")
    if underlay and not _NAMESPACE.match(underlay):
        errors.append(
            f"{where}: vxlan: underlay: got '{underlay}'; write the name of a network namespace, as ip netns lists them"
        )
    return Vxlan(vni, remote, local, port, underlay)


def _address(text: str, where: str, errors: list[str]) -> str:
    if not text:
        return ""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        errors.append(f"{where}: got '{text}'; write the IP address of a machine that carries a lab")
        return ""
    if address.is_multicast or address.is_unspecified:
        errors.append(f"{where}: got '{text}'; write the address of one machine")
    return str(address)
