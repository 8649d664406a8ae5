# SPDX-License-Identifier: Apache-2.0
"""The flow entries that hold a module whose configuration is somebody else's: it sends no frame with a VLAN tag.

A tag is how bridges tell each other where a packet goes, so only they may give one. All else that such a module sends is held
by what holds every module: it leaves with the Ethernet address of a platform port of its own, or not at all. Where that
somebody is a tenant, it leaves with source addresses of its own as well, in IPv4 and in ARP, and IPv6 does not leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ansible.module_utils.flowstream.addresses import Prefix, uncovered
from ansible.module_utils.flowstream.flows.fields import Match
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.paths import why
from ansible.module_utils.flowstream.paths.serial import TAGGED
from ansible.module_utils.flowstream.plan.own import own_senders, own_sources
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.vif import Vif

FENCE_PRIORITY = 3100
"""Above every entry that leads somewhere, and those that look at where a packet is on its way."""
HOLD_PRIORITY = 3050


def fence(modules: Iterable[tuple[int, int]], cookie: int) -> Iterator[Flow]:
    """Yield the entries of a host's bridge for such modules, each given by its number and the port that it hangs at."""
    for pm, ofport in modules:
        reason = why.drop(f"pm {pm}", "fence, a tag from a configuration of somebody else")
        yield Flow(0, FENCE_PRIORITY, (("in_port", str(ofport)), TAGGED), ("drop",), cookie, why=reason)


def hold(pm: PlannedPm, vif: Vif, ports: Sequence[PlannedPort], cookie: int) -> Iterator[Flow]:
    """Yield the entries of a host's bridge that drop what a tenant's module sends at an interface as somebody else."""
    sender = ("in_port", str(vif.ofport))

    def drop(match: Match, what: str) -> Flow:
        reason = why.drop(f"pm {pm.pm_id}", f"anti-spoof, {what}")
        return Flow(0, HOLD_PRIORITY, (sender, *match), ("drop",), cookie, why=reason)

    yield drop((("dl_type", "0x86dd"),), "IPv6, of which no port has an address")
    for port in ports:
        if vif.serves(port.portid):
            mine = ("dl_src", port.mac)
            for prefix in uncovered(own_sources(pm.claims, ports, port)):
                match = (mine, ("dl_type", "0x0800"), *_asks("nw_src", prefix))
                yield drop(match, f"a source that is not its own at port {port.portid}")
            for prefix in uncovered(own_senders(port)):
                match = (mine, ("dl_type", "0x0806"), *_asks("arp_spa", prefix))
                yield drop(match, f"ARP as somebody else at port {port.portid}")


def _asks(field: str, prefix: Prefix) -> Match:
    return ((field, str(prefix)),) if prefix.length else ()
