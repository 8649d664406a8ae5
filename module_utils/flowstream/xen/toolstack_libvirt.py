# SPDX-License-Identifier: Apache-2.0
"""Domains by libvirt-python, over one connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import libvirt  # type: ignore[import-untyped]
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xen.domain import Domain
from ansible.module_utils.flowstream.xen.error_causes import explained
from ansible.module_utils.flowstream.xen.libvirt_xml import domain_xml, parse_domain
from ansible.module_utils.flowstream.xen.toolstack import KnownDomain

_STATES = {libvirt.VIR_DOMAIN_PAUSED: "paused", libvirt.VIR_DOMAIN_SHUTOFF: "stopped"}

T = TypeVar("T")


class LibvirtToolstack:
    """libvirt's connection `connection`; `virDomain` objects do not leave it."""

    name = "libvirt"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @classmethod
    def connect(cls, uri: str) -> LibvirtToolstack:
        """Connect to libvirt at `uri`."""
        # It would write what it also raises to standard error.
        libvirt.registerErrorHandler(lambda _context, _error: None, None)
        return cls(_ask(f"connect to {uri}", lambda: libvirt.open(uri)))

    def domains(self, names: Sequence[str] | None = None) -> Mapping[str, KnownDomain]:
        """The domains by name, dom0 left out: the named ones as far as there are such, None for all."""
        found = _ask("list the domains", self._connection.listAllDomains)
        known = {}
        for domain in found:
            name = domain.name()
            if domain.ID() != 0 and (names is None or name in names):
                known[name] = _ask(f"read domain {name}", partial(_known, domain))
        return dict(sorted(known.items()))

    def define(self, domain: Domain) -> None:
        """Write its definition, new or in the place of an older one; a running domain goes on as it is."""
        intent = f"define domain {domain.name}"
        same = [one.UUIDString() for one in _ask(intent, self._connection.listAllDomains) if one.name() == domain.name]
        _ask(intent, lambda: self._connection.defineXML(domain_xml(domain, same[0] if same else None)))

    def start(self, name: str, paused: bool) -> None:
        """Start a defined domain, or have it wait before its first instruction."""
        flags = libvirt.VIR_DOMAIN_START_PAUSED if paused else 0
        self._do("start", name, lambda domain: domain.createWithFlags(flags))

    def pause(self, name: str) -> None:
        """Let it have no processor."""
        self._do("pause", name, lambda domain: domain.suspend())

    def resume(self, name: str) -> None:
        """Let a paused domain go on."""
        self._do("resume", name, lambda domain: domain.resume())

    def destroy(self, name: str) -> None:
        """End it at once."""
        self._do("stop", name, lambda domain: domain.destroy())

    def undefine(self, name: str) -> None:
        """Forget the definition of a domain that does not run."""
        self._do("remove", name, lambda domain: domain.undefine())

    def autostart(self, name: str, enabled: bool) -> None:
        """Have it started, or not, whenever dom0 boots."""
        self._do("set the start at boot of", name, lambda domain: domain.setAutostart(int(enabled)))

    def _do(self, verb: str, name: str, action: Callable[[Any], object]) -> None:
        _ask(f"{verb} domain {name}", lambda: action(self._connection.lookupByName(name)))


def _known(domain: Any) -> KnownDomain:
    state, _ = domain.state()
    active, persistent = bool(domain.isActive()), bool(domain.isPersistent())
    return KnownDomain(
        name=domain.name(),
        defined=parse_domain(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)) if persistent else None,
        running=parse_domain(domain.XMLDesc()) if active else None,
        state=_STATES.get(state, "running" if active else "stopped"),
        number=domain.ID() if active else 0,
        autostart=bool(domain.autostart()) if persistent else False,
    )


def _ask(intent: str, question: Callable[[], T]) -> T:
    try:
        return question()
    except libvirt.libvirtError as error:
        said = f"cannot {intent}: {error.get_error_message() or error}"
        raise explained(FlowstreamError(said, details={"libvirt_code": error.get_error_code()})) from error
