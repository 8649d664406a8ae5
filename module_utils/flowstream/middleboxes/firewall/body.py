# SPDX-License-Identifier: Apache-2.0
"""What an operator asks of one module of a firewall: reading it, and what must hold for it."""

from __future__ import annotations

from dataclasses import dataclass

from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.rules import refuse_stages_of_ipv6
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.middleboxes.firewall.declaration import STATELESS
from ansible.module_utils.flowstream.middleboxes.firewall.policy import Policy, check_reach, read_policy
from ansible.module_utils.flowstream.middleboxes.routed.body import Route, read_routes
from ansible.module_utils.flowstream.middleboxes.routed.networks import Networks, check_networks, read_networks


@dataclass(frozen=True, slots=True)
class FirewallBody:
    """A part of the firewall: its networks, what passes, and its routes."""

    networks: Networks
    routes: tuple[Route, ...]
    policy: Policy


def read_body(pm: Element, values: Values) -> FirewallBody:
    """Read the elements of a `pm`."""
    policy = read_policy(pm, values, keeps=values.subtype != STATELESS)
    return FirewallBody(read_networks(pm, values), read_routes(pm, values), policy)


def check_firewall(allocation: Allocation, findings: Findings) -> None:
    """Note every broken rule."""
    refuse_stages_of_ipv6(allocation, findings)
    check_networks(allocation, findings)
    for pm in allocation.pms:
        networks: Networks = pm.body.networks
        if networks.is_whole:
            check_reach(pm.body.policy, networks.port, networks.prefixes, findings)
