# SPDX-License-Identifier: Apache-2.0
"""The flow entries that hold a module whose configuration is somebody else's: it sends no frame with a VLAN tag.

A tag is how bridges tell each other where a packet goes, so only they may give one. All else that such a module sends is held
by what holds every module: it leaves with the Ethernet address of a platform port of its own, or not at all. Where that
somebody is a tenant, it leaves with source addresses of its own as well, in IPv4, IPv6 and ARP. Of neighbour discovery it may
ask, and advertise the addresses of its port; it is no router of the segment, so it advertises none and redirects nobody. Where no
port has an address of IPv6, none leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ansible.module_utils.flowstream.addresses import IPV6, Prefix, uncovered
from ansible.module_utils.flowstream.flows.fields import Match
from ansible.module_utils.flowstream.flows.flow import Flow
from ansible.module_utils.flowstream.paths import why
from ansible.module_utils.flowstream.paths.parallel_by_prefix import ADVERTISEMENT, IP, IP6
from ansible.module_utils.flowstream.paths.serial import TAGGED
from ansible.module_utils.flowstream.plan.own import own_senders, own_sources
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.vif import Vif

FENCE_PRIORITY = 3100
"""Above every entry that leads somewhere, and those that look at where a packet is on its way."""
ADVERTISE_PRIORITY = 3060
DISCOVERY_PRIORITY = 3055
HOLD_PRIORITY = 3050

_ICMP6 = ("nw_proto", "58")
# RFC 4861 sections 4.2, 4.4 and 4.5: what tells neighbours where somebody is.
_TELLING = {"134": "a router advertisement", "136": "an advertisement for somebody else", "137": "a redirect"}


def fence(modules: Iterable[tuple[int, int]], cookie: int) -> Iterator[Flow]:
    """Yield the entries of a host's bridge for such modules, each given by its number and the port that it hangs at."""
    for pm, ofport in modules:
        reason = why.drop(f"pm {pm}", "fence, a tag from a configuration of somebody else")
        yield Flow(0, FENCE_PRIORITY, (("in_port", str(ofport)), TAGGED), ("drop",), cookie, why=reason)


def hold(pm: PlannedPm, vif: Vif, ports: Sequence[PlannedPort], uplink: int, cookie: int) -> Iterator[Flow]:
    """Yield the entries of a host's bridge that drop what a tenant's module sends at an interface as somebody else.

    What it may advertise goes to `uplink`, past these.
    """
    sender = ("in_port", str(vif.ofport))

    def drop(match: Match, what: str, priority: int = HOLD_PRIORITY) -> Flow:
        reason = why.drop(f"pm {pm.pm_id}", f"anti-spoof, {what}")
        return Flow(0, priority, (sender, *match), ("drop",), cookie, why=reason)

    has_ipv6 = any(port.addresses6 for port in ports)
    if not has_ipv6:
        yield drop((IP6,), "IPv6, of which no port has an address")
    for port in ports:
        if not vif.serves(port.portid):
            continue
        mine, at = ("dl_src", port.mac), f"at port {port.portid}"
        for prefix in uncovered(own_sources(pm.claims, ports, port)):
            yield drop((mine, IP, *_asks("nw_src", prefix)), f"a source that is not its own {at}")
        for prefix in uncovered(own_senders(port)):
            yield drop((mine, ("dl_type", "0x0806"), *_asks("arp_spa", prefix)), f"ARP as somebody else {at}")
        for prefix in uncovered(own_sources(pm.claims, ports, port, IPV6), IPV6) if has_ipv6 else ():
            yield drop((mine, IP6, *_asks("ipv6_src", prefix)), f"a source that is not its own {at}")
        for kind, what in _TELLING.items() if port.addresses6 else ():
            yield drop((mine, IP6, _ICMP6, ("icmp_type", kind)), f"{what} {at}", DISCOVERY_PRIORITY)
        reason = why.outward(f"pm {pm.pm_id}", f"port {port.portid} (neighbour advertisement)", 1, 2)
        for match in _advertised(port):
            yield Flow(0, ADVERTISE_PRIORITY, (sender, mine, *match), (f"output:{uplink}",), cookie, why=reason)


def _advertised(port: PlannedPort) -> Iterator[Match]:
    """The advertisements for the addresses of a port, each from any of these."""
    for source in port.addresses6:
        for target in port.addresses6:
            ends = (("ipv6_src", source.text), *ADVERTISEMENT[2:], ("nd_target", target.text))
            yield (IP6, _ICMP6, *ends)


def _asks(field: str, prefix: Prefix) -> Match:
    return ((field, str(prefix)),) if prefix.length else ()
