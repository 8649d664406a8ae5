# SPDX-License-Identifier: Apache-2.0
"""Which source addresses are a module's own where its configuration is a tenant's: what it may send by each platform port.

These are what it claims: where the packets come from that it passes on, and, towards who sends them, where they go to. What
answers in the name of such an address is as right as what passes on a packet from there. By ARP it speaks for the port alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort

_NOBODY = Prefix(0, 32)
"""Who asks without an address of its own (RFC 5227 section 1.1)."""


def is_held(pm: PlannedPm) -> bool:
    """Whether a module may send nothing but what is its own: its configuration is that of a tenant."""
    return pm.foreign and bool(pm.tenant)


def own_sources(claims: Iterable[Claim], ports: Sequence[PlannedPort], by: PlannedPort) -> tuple[Prefix, ...]:
    """The sources of IPv4 packets that a module with these claims may send by a platform port, none of them within another."""
    claims = tuple(claims)
    mine = [Prefix(interface.address, 32) for port in ports for interface in port.addresses]
    passed_on = [claim.source for claim in claims]
    answered = [claim.destination for claim in claims if claim.enters(by.portid)]
    return _widest([*mine, *passed_on, *answered])


def own_senders(by: PlannedPort) -> tuple[Prefix, ...]:
    """The addresses that a module may have in ARP at a platform port: those of the port, or that of nobody where it has none."""
    return _widest(Prefix(interface.address, 32) for interface in by.addresses) or (_NOBODY,)


def _widest(prefixes: Iterable[Prefix]) -> tuple[Prefix, ...]:
    kept: list[Prefix] = []
    for prefix in sorted(prefixes):
        if not kept or not kept[-1].contains(prefix):
            kept.append(prefix)
    return tuple(kept)
