# SPDX-License-Identifier: Apache-2.0
"""Which source addresses are a module's own where its configuration is a tenant's: what it may send by each platform port.

These are what it claims: where the packets come from that it passes on, and, towards who sends them, where they go to. What
answers in the name of such an address is as right as what passes on a packet from there. By ARP and by neighbour discovery it
speaks for the port alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible.module_utils.flowstream.addresses import BITS, IPV4, IPV6, Interface, Prefix, of_family
from ansible.module_utils.flowstream.plan.claim import Claim
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort

_NOBODY = Prefix(0, 32)
"""Who asks without an address of its own (RFC 5227 section 1.1)."""


def is_held(pm: PlannedPm) -> bool:
    """Whether a module may send nothing but what is its own: its configuration is that of a tenant."""
    return pm.foreign and bool(pm.tenant)


def own_sources(
    claims: Iterable[Claim], ports: Sequence[PlannedPort], by: PlannedPort, family: int = IPV4
) -> tuple[Prefix, ...]:
    """The sources of packets of a family that a module with these claims may send by a platform port, none of them within another.

    Where the port has no address of IPv6, there are none of that family: nobody would know whom it speaks for.
    """
    if family == IPV6 and not by.addresses6:
        return ()
    claims = tuple(claims)
    mine = [_alone(interface) for port in ports for interface in port.all_addresses]
    passed_on = [claim.sources for claim in claims]
    answered = [claim.destination for claim in claims if claim.enters(by.portid)]
    return _widest(of_family([*mine, *passed_on, *answered], family))


def own_senders(by: PlannedPort) -> tuple[Prefix, ...]:
    """The addresses that a module may have in ARP at a platform port: those of the port, or that of nobody where it has none."""
    return _widest(map(_alone, by.addresses)) or (_NOBODY,)


def _alone(interface: Interface) -> Prefix:
    return Prefix(interface.address, BITS[interface.family], interface.family)


def _widest(prefixes: Iterable[Prefix]) -> tuple[Prefix, ...]:
    kept: list[Prefix] = []
    for prefix in sorted(prefixes):
        if not kept or not kept[-1].contains(prefix):
            kept.append(prefix)
    return tuple(kept)
