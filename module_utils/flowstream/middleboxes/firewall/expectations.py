# SPDX-License-Identifier: Apache-2.0
"""What a deployed firewall must do, as packets that a verification can send: out of each network, and into it."""

from __future__ import annotations

from collections.abc import Iterator

from ansible.module_utils.flowstream.addresses import BITS, of_family
from ansible.module_utils.flowstream.middleboxes.firewall.policy import Policy
from ansible.module_utils.flowstream.middleboxes.routed.crossing import modules_of, outward_probes, strangers
from ansible.module_utils.flowstream.middleboxes.routed.expectations import first_host, own_addresses
from ansible.module_utils.flowstream.middleboxes.routed.networks import inside_of, networks_of
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.traffic.frames import UDP_PORT
from ansible.module_utils.flowstream.traffic.probe import Probe

REFUSED, REJECTED = "refused.count", "rejected.count"
"""What the policy denies, and, in a stateful firewall, what comes from outside and belongs to no connection."""
EXTENDED6 = "extended6.count"
"""What of IPv6 has extension headers."""


def probes(plan: Plan) -> list[Probe]:
    """Return, for each network of each module, a packet along every route that leads out, and one in by each other port."""
    found: list[Probe] = []
    for pm, host in modules_of(plan):
        found += _outward(plan, pm, host)
        for family in BITS:
            found += _inward(plan, pm, host, family)
    return found


def _outward(plan: Plan, pm: PlannedPm, host: str) -> Iterator[Probe]:
    inside, policy = inside_of(pm), Policy.from_dict(pm.facts["policy"])

    def passes(source: int, destination: int, family: int) -> bool:
        return policy.allows_udp(inside, inside, source, destination, UDP_PORT, family)

    return outward_probes(plan, pm, host, passes, REFUSED)


def _inward(plan: Plan, pm: PlannedPm, host: str, family: int) -> Iterator[Probe]:
    """What is to be refused goes to a host that the other probes do not speak from: to that one it would be an answer."""
    inside, own, policy = inside_of(pm), own_addresses(plan.ports, family), Policy.from_dict(pm.facts["policy"])
    refusing = REFUSED if policy.connections is None else REJECTED

    def allows(port: PlannedPort, source: int, destination: int) -> bool:
        return policy.allows_udp(port.portid, inside, source, destination, UDP_PORT, family)

    for port, source in strangers(plan, inside, family):
        for network in of_family(networks_of(pm), family):
            speaking = first_host([network], own)
            silent = next((at for at in range(network.last - 1, network.network + 1, -1) if at not in own), None)
            if speaking is not None and allows(port, source, speaking):
                destination, output = speaking, inside
            elif silent is not None and not allows(port, source, silent):
                destination, output = silent, None
            else:
                continue
            yield Probe(
                prefix=network,
                source_port=port.portid,
                source_mac=port.mac,
                source_address=source,
                destination=destination,
                output_port=output,
                next_hop=None if output is None else destination,
                pm=pm.name,
                host=host,
                counter=refusing if output is None else "",
                family=family,
            )
