# SPDX-License-Identifier: Apache-2.0
"""What has to happen on a Xen host so that a domain is as declared. Pure: what is seen comes as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ansible.module_utils.flowstream.openvswitch.tags import ALLOCATION_TAG, DOMAIN_TAG
from ansible.module_utils.flowstream.xen.domain import Domain, DomainVif, restart_reasons
from ansible.module_utils.flowstream.xen.toolstack import KnownDomain

OVS_VSCTL = ("ovs-vsctl", "--no-wait")
"""What makes and removes ports, all that follows in one transaction: the interfaces under them come later."""


@dataclass(frozen=True)
class DomainPort:
    """A port of Open vSwitch that is tagged as a domain's.

    `ofport` is the number that the bridge gave it, None before its interface is there; `requested` the one that it
    is to have.
    """

    device: str
    bridge: str
    domain: str
    allocation: str | None
    requested: int | None
    ofport: int | None
    vlan: int | None


@dataclass(frozen=True)
class SeenDomain:
    """What a host has of one domain: what its toolstack knows, and the ports that are its own."""

    name: str
    known: KnownDomain | None = None
    ports: Mapping[str, DomainPort] | None = None

    @property
    def exists(self) -> bool:
        """Whether anything of it is there."""
        return self.known is not None or bool(self.ports)

    @property
    def state(self) -> str:
        """Running, paused or stopped."""
        return self.known.state if self.known else "stopped"

    @property
    def allocation(self) -> str | None:
        """Whose it is, by its definition or by a port that outlived it."""
        owner = self.known.defined.owner if self.known and self.known.defined else None
        tags = (port.allocation for port in (self.ports or {}).values() if port.allocation)
        return owner.allocation if owner else next(tags, None)


class DomainVerb(Enum):
    """What is done to one domain, as reports say it."""

    DEFINE = "define domain {}"
    REDEFINE = "change the definition of domain {}"
    WRITE = "write the start-up configuration of domain {}"
    PLUG = "plug in domain {}"
    START = "start domain {}"
    START_PAUSED = "start domain {} paused"
    RESTART = "restart domain {}"
    PAUSE = "pause domain {}"
    RESUME = "resume domain {}"
    RECONFIGURE = "replace the configuration of domain {}"
    ENABLE = "have domain {} started at boot"
    DISABLE = "have domain {} not started at boot"
    STOP = "stop domain {}"
    UNPLUG = "unplug domain {}"
    REMOVE = "remove domain {}"


@dataclass(frozen=True)
class DomainStep:
    """One step for one domain. `reason` follows the name in the report; `subject` is the port that a step is about."""

    verb: DomainVerb
    name: str
    reason: str = ""
    subject: str = ""

    def __str__(self) -> str:
        return self.verb.value.format(self.name) + (f": {self.reason}" if self.reason else "")


@dataclass(frozen=True)
class WantedDomain:
    """A declared domain: its definition, the state to be in, and what to do at boot (None: as it is).

    `state` is defined (as it is), running, paused or stopped. `restart` allows to restart a running domain whose
    definition cannot be taken otherwise.
    """

    domain: Domain
    state: str
    autostart: bool | None = None
    restart: bool = False


def domain_steps(want: WantedDomain, have: SeenDomain) -> list[DomainStep]:
    """The steps that make the domain be as declared, in their order."""
    reasons = pending_restart(want.domain, have)
    return [
        *_to_define(want.domain, have),
        *_to_unplug(want, have, bool(reasons)),
        *_to_plug(want.domain, have),
        *_to_live(want, have, reasons),
        *_to_boot(want, have),
    ]


def removal_steps(have: SeenDomain) -> list[DomainStep]:
    """The step after which nothing of a domain is left."""
    return [DomainStep(DomainVerb.REMOVE, have.name)] if have.exists else []


def pending_restart(domain: Domain, have: SeenDomain) -> list[str]:
    """Why the running domain is not yet what its definition says; nothing when it is, or when it does not run."""
    known = have.known
    if known is None or known.state == "stopped":
        return []
    return restart_reasons(domain, known.running) if known.running else ["it was started as another kind of domain"]


def _to_define(domain: Domain, have: SeenDomain) -> list[DomainStep]:
    if have.known is None or have.known.defined is None:
        return [DomainStep(DomainVerb.DEFINE, domain.name, domain.summary())]
    if have.known.defined != domain:
        return [DomainStep(DomainVerb.REDEFINE, domain.name)]
    return []


def _to_plug(domain: Domain, have: SeenDomain) -> list[DomainStep]:
    ports = have.ports or {}
    return [
        DomainStep(DomainVerb.PLUG, domain.name, _plug_text(vif), vif.device)
        for vif in domain.vifs
        if not _is_plugged(domain, vif, ports.get(vif.device))
    ]


def _is_plugged(domain: Domain, vif: DomainVif, port: DomainPort | None) -> bool:
    allocation = domain.owner.allocation if domain.owner else None
    if port is None:
        return False
    wanted = (domain.name, allocation, vif.bridge, vif.vlan, vif.ofport)
    if wanted != (port.domain, port.allocation, port.bridge, port.vlan, port.requested):
        return False
    return port.ofport is None or vif.ofport in (None, port.ofport)


def _plug_text(vif: DomainVif) -> str:
    port = f"{vif.device} is a port of {vif.bridge}"
    return port if vif.ofport is None else f"{vif.device} is OpenFlow port {vif.ofport} of {vif.bridge}"


def _to_live(want: WantedDomain, have: SeenDomain, reasons: list[str]) -> list[DomainStep]:
    name = want.domain.name
    if want.state == "stopped":
        return [DomainStep(DomainVerb.STOP, name)] if have.state != "stopped" else []
    if want.state == "defined":
        return []
    if have.state == "stopped":
        return [DomainStep(DomainVerb.START_PAUSED if want.state == "paused" else DomainVerb.START, name)]
    steps = []
    if reasons and want.restart:
        steps.append(DomainStep(DomainVerb.RESTART, name, "; ".join(reasons)))
        return [*steps, DomainStep(DomainVerb.PAUSE, name)] if want.state == "paused" else steps
    if have.state != want.state:
        steps.append(DomainStep(DomainVerb.PAUSE if want.state == "paused" else DomainVerb.RESUME, name))
    return steps


def _to_boot(want: WantedDomain, have: SeenDomain) -> list[DomainStep]:
    enabled = have.known.autostart if have.known else False
    if want.autostart is None or want.autostart == enabled:
        return []
    return [DomainStep(DomainVerb.ENABLE if want.autostart else DomainVerb.DISABLE, want.domain.name)]


def _to_unplug(want: WantedDomain, have: SeenDomain, waits: bool) -> list[DomainStep]:
    """Ports that the definition has no more: they go first, for another may want their numbers.

    One under a domain that still waits for its restart stays until then.
    """
    if waits and not want.restart and want.state != "stopped":
        return []
    kept = {vif.device for vif in want.domain.vifs}
    return [
        DomainStep(DomainVerb.UNPLUG, want.domain.name, device, device)
        for device in sorted(have.ports or {})
        if device not in kept
    ]


def port_tags(domain: Domain) -> dict[str, str]:
    """What the ports of a domain carry as external_ids."""
    return {DOMAIN_TAG: domain.name, **({ALLOCATION_TAG: domain.owner.allocation} if domain.owner else {})}


def plug_words(domain: Domain, vif: DomainVif, bridge_now: str | None = None) -> list[str]:
    """The commands that make a port as it is to be, whatever it was; `bridge_now` is where it is plugged in so far.

    Those of many ports may follow each other, behind one OVS_VSCTL.
    """
    words = [] if bridge_now in (None, vif.bridge) else unplug_words(vif.device)
    words += ["--", "--may-exist", "add-port", vif.bridge, vif.device]
    words += ["--", *(["clear", "Port", vif.device, "tag"] if vif.vlan is None
                      else ["set", "Port", vif.device, f"tag={vif.vlan}"])]  # fmt: skip
    words += ["--", "clear", "Interface", vif.device, "external_ids", "ofport_request"]
    tags = [f"external_ids:{key}={value}" for key, value in port_tags(domain).items()]
    number = [] if vif.ofport is None else [f"ofport_request={vif.ofport}"]
    return [*words, "--", "set", "Interface", vif.device, *tags, *number]


def unplug_words(device: str) -> list[str]:
    """The command after which there is no such port."""
    return ["--", "--if-exists", "del-port", device]
