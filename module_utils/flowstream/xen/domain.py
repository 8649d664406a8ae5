# SPDX-License-Identifier: Apache-2.0
"""A Xen domain as it is declared and as it is read back, whichever toolstack spells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError

KINDS = ("pvh", "pv")
ANTI_SPOOF_SCRIPT = "vif-flowstream-anti-spoof"
HOTPLUG_SCRIPT = "vif-flowstream"
"""What Xen runs when an interface comes up; role module_host_xen installs both. The port is there before it."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*\Z")
_DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}\Z")
_MAC = re.compile(r"[0-9a-f][02468ace](?::[0-9a-f]{2}){5}\Z")
# No word of a toolstack's file ends early, whatever its quotes are.
_PLAIN = re.compile(r"[^\x00-\x1f\x7f\"'\\]*\Z")

VIF_ARGUMENTS: dict[str, Any] = {
    "device": {"type": "str", "required": True},
    "bridge": {"type": "str", "required": True},
    "mac": {"type": "str", "required": True},
    "ofport": {"type": "int"},
    "vlan": {"type": "int"},
}
"""The suboptions that say of an interface and its port what they must be."""


@dataclass(frozen=True, slots=True)
class DomainVif:
    """An interface of a domain: `device` is its end in dom0, a port of the Open vSwitch bridge `bridge`.

    `ofport` is its OpenFlow port number there and `vlan` its access VLAN, None for whatever the bridge gives;
    `rate_mbps` bounds what the domain may send. With `anti_spoof`, what it sends from another address than `mac` is
    dropped before the bridge sees it.
    """

    device: str
    bridge: str
    mac: str
    ofport: int | None = None
    vlan: int | None = None
    rate_mbps: int | None = None
    anti_spoof: bool = False

    @property
    def script(self) -> str:
        """The hotplug script that brings it up."""
        return ANTI_SPOOF_SCRIPT if self.anti_spoof else HOTPLUG_SCRIPT

    def problems(self) -> list[str]:
        """What is wrong with it, each as `FIELD is ..., got VALUE; what to do`."""
        found = []
        if not _DEVICE.match(self.device):
            found.append(
                f"device is not a valid name of an interface, got {self.device!r}; use up to 15 letters and digits"
            )
        # Xen takes these for its own names, and libvirt forgets them when the domain ends.
        if self.device.startswith("vif"):
            found.append(f"device begins as Xen's own names do, got {self.device}; begin it otherwise than with vif")
        # Toolstacks write a VLAN behind the bridge: NAME.TAG.
        if not _DEVICE.match(self.bridge) or "." in self.bridge:
            found.append(
                f"bridge is not a valid name of a bridge, got {self.bridge!r}; use up to 15 letters, digits, _ and -"
            )
        if not _MAC.match(self.mac):
            found.append(
                f"mac is not a unicast address in lower-case digits, got {self.mac!r}; write 02:00:00:00:00:01"
            )
        for what, value, low, high in (
            ("ofport", self.ofport, 1, 65279),
            ("vlan", self.vlan, 1, 4094),
            ("rate_mbps", self.rate_mbps, 1, 1_000_000),
        ):
            if value is not None and not low <= value <= high:
                found.append(f"{what} is outside {low}..{high}, got {value}; correct it")
        return found


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose domain it is: the allocation, the digest of what its plan says of this domain, and whose allocation that is."""

    allocation: str
    digest: str = ""
    tenant: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return it as a toolstack's file has it; a tenant is there only where there is one."""
        said = {"allocation": self.allocation, "digest": self.digest}
        return {**said, "tenant": self.tenant} if self.tenant else said

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Owner | None:
        """Read it; None where it names no allocation."""
        allocation = plain.get("allocation")
        return cls(allocation, plain.get("digest") or "", plain.get("tenant") or "") if allocation else None


@dataclass(frozen=True, slots=True)
class Domain:
    """One Xen domain, everything that is decided of it. FlowstreamError names all that is wrong with it.

    `kernel` and `ramdisk` are files in dom0; `ramdisk` and `cmdline` are empty for none.
    """

    name: str
    kind: str
    kernel: str
    memory_kib: int
    ramdisk: str = ""
    cmdline: str = ""
    vcpus: int = 1
    vifs: tuple[DomainVif, ...] = ()
    owner: Owner | None = None

    def __post_init__(self) -> None:
        found = []
        if not _NAME.match(self.name):
            found.append(f"name is not a valid name of a domain, got {self.name!r}; use letters, digits and _.+-")
        if self.kind not in KINDS:
            found.append(f"kind is unknown, got {self.kind!r}; use {' or '.join(KINDS)}")
        for what, path, needed in (("kernel", self.kernel, True), ("ramdisk", self.ramdisk, False)):
            if (path or needed) and not (path.startswith("/") and _PLAIN.match(path)):
                found.append(f"{what} is no absolute path without quotes, got {path!r}; name a file of dom0")
        if not _PLAIN.match(self.cmdline):
            found.append(f"cmdline has quotes or control characters, got {self.cmdline!r}; write it without")
        if self.owner and not all(_PLAIN.match(text) for text in self.owner.to_dict().values()):
            found.append(f"allocation has quotes or control characters, got {self.owner.allocation!r}")
        # Toolstacks count in KiB, hypervisors in pages, xl's files in MiB.
        if self.memory_kib < 1024 or self.memory_kib % 1024:
            found.append(f"memory_kib is no whole number of MiB, got {self.memory_kib}; use 1024 times as many MiB")
        if not 1 <= self.vcpus <= 128:
            found.append(f"vcpus is outside 1..128, got {self.vcpus}; correct it")
        for number, vif in enumerate(self.vifs):
            found += [f"vif {number}: {problem}" for problem in vif.problems()]
        devices = [vif.device for vif in self.vifs]
        found += [f"vif {at}: device is that of another vif, got {name}; choose another"
                  for at, name in enumerate(devices) if name in devices[:at]]  # fmt: skip
        if found:
            raise FlowstreamError(*(f"domain {self.name}: {text}" for text in found))

    def summary(self) -> str:
        """The size of it in a few words."""
        processors = "1 vcpu" if self.vcpus == 1 else f"{self.vcpus} vcpus"
        return f"{self.kind}, {self.memory_kib} KiB, {processors}, kernel {self.kernel}"

    def lines(self) -> list[str]:
        """One line for each thing that is decided, for diffs."""
        plain = [f"{field.name}: {getattr(self, field.name)}" for field in fields(self) if field.name not in _NESTED]
        if self.owner:
            plain += [f"{name}: {text}" for name, text in self.owner.to_dict().items()]
        return [*plain, *(f"vif {number}: {_vif_text(vif)}" for number, vif in enumerate(self.vifs))]

    def to_dict(self) -> dict[str, Any]:
        """It as a report shows it."""
        plain: dict[str, Any] = {
            field.name: getattr(self, field.name) for field in fields(self) if field.name not in _NESTED
        }
        plain |= self.owner.to_dict() if self.owner else {"allocation": None, "digest": None}
        plain["vifs"] = [{field.name: getattr(vif, field.name) for field in fields(vif)} for vif in self.vifs]
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Domain:
        """Read what `to_dict` writes."""
        values = dict(plain)
        owner = Owner.from_dict({name: values.pop(name, None) for name in ("allocation", "digest", "tenant")})
        vifs = tuple(DomainVif(**vif) for vif in values.pop("vifs", None) or ())
        return cls(**values, vifs=vifs, owner=owner)


def paging_kib(kind: str, memory_kib: int) -> int:
    """What a domain of one processor has for its page tables; those of PV are in its own memory.

    libxl__get_required_paging_memory: 256 pages for each processor, and one for each MiB.
    """
    return 4 * (256 + memory_kib // 1024) if kind == "pvh" else 0


_NESTED = ("owner", "vifs")
_IN_PLACE = ("ofport", "vlan")
"""What Open vSwitch changes under a running domain."""


def _vif_text(vif: DomainVif) -> str:
    settings = ((field.name, getattr(vif, field.name)) for field in fields(vif))
    return " ".join(f"{name}={value}" for name, value in settings if value not in (None, False))


def restart_reasons(want: Domain, running: Domain) -> list[str]:
    """Why a running domain has to be restarted to become what is wanted; nothing when it need not."""
    reasons = [
        f"its {field.name} is {getattr(running, field.name) or 'none'}, not {getattr(want, field.name) or 'none'}"
        for field in fields(want)
        if field.name not in _NESTED and getattr(running, field.name) != getattr(want, field.name)
    ]
    if len(want.vifs) != len(running.vifs):
        reasons.append(f"it has {len(running.vifs)} vifs, not {len(want.vifs)}")
    for number, (wanted, have) in enumerate(zip(want.vifs, running.vifs, strict=False)):
        reasons += [
            f"{field.name} of vif {number} is {getattr(have, field.name)}, not {getattr(wanted, field.name)}"
            for field in fields(wanted)
            if field.name not in _IN_PLACE and getattr(wanted, field.name) != getattr(have, field.name)
        ]
    return reasons
