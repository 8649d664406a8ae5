# SPDX-License-Identifier: Apache-2.0
"""The elements of a firewall: the networks that it protects, its policy, and its routes."""

from __future__ import annotations

from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.middleboxes.firewall.policy import FIREWALL, RULE
from ansible.module_utils.flowstream.middleboxes.routed.declaration import ENTRY, NETWORKS, SUBNET, TABLE

STATEFUL, STATELESS = "stateful", "stateless"

DECLARATION = Declaration(
    type="firewall",
    subtypes={
        STATEFUL: "what belongs to a connection that was allowed passes, both ways",
        STATELESS: "each packet is judged alone",
    },
    unpassable="it routes, so it counts the TTL down and writes the addresses of the next hop; a stage of type firewall does not",
    unspillable="which connections were let in, one module knows",
    text="A firewall that routes, its modules each before networks of their own. What comes from the networks may pass, what goes to"
    " them may not, unless rules say so. Fragments are put together before they are judged. Packets from the networks that enter"
    " elsewhere are dropped and counted (`martians`).",
    single={
        "networks": "the networks that the module protects",
        "firewall": "the policy",
        "forwardingtable": "the routes of the processing module",
    },
    repeated={},
    carries_ipv6=True,
    shapes=(NETWORKS, SUBNET, FIREWALL, RULE, TABLE, ENTRY),
    limits=(
        "Of IPv6, packets with extension headers (hop-by-hop, routing, fragment, destination options) do not pass, as no rule sees what"
        " is behind them: `extended6.count` has them. Fragments of IPv6 are among these; hosts learn by path MTU discovery.",
        "A stateless firewall passes the ICMPv6 errors that no rule is about, both ways (RFC 4890 4.3.1).",
        "A rule can say by which port a packet enters, not by which one it leaves: name the destinations.",
        "A stateful firewall passes ICMP and ICMPv6 for pings and for errors about connections, no other messages. Neighbour discovery is"
        " the router's, of each port, and no rule is about it.",
        "Connections stay when a module gets another policy, and when another allocation changes; they do not move with a"
        " network to another module.",
        "What is denied is counted, by rule in `rule<n>.count` (n from 0, in the order of the file); single packets are not logged.",
    ),
)
