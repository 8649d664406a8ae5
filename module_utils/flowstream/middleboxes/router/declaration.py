# SPDX-License-Identifier: Apache-2.0
"""The elements of a load-balancing IP router: each module's destinations, and its routes."""

from __future__ import annotations

from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape
from ansible.module_utils.flowstream.allocation.values import ANY_ADDRESS, ANY_MASK
from ansible.module_utils.flowstream.middleboxes.routed.declaration import ENTRY, MASK_MEANING, TABLE
from ansible.module_utils.flowstream.middleboxes.routed.spill import SPILL

_PREFIX = Shape(
    "prefix",
    "Destinations that the module serves, and that its routes lie in. No two modules may claim the same address; where flows are"
    " shared (`flowlb`), all claim the same.",
    attributes=(
        Attribute("addr", ANY_ADDRESS, "the first address", "the first address"),
        Attribute("mask", ANY_MASK, MASK_MEANING, "a length or a dotted mask"),
    ),
    named_by=("addr", "mask"),
)
BY_FLOW = "flowlb"

DECLARATION = Declaration(
    type="fastiprouter",
    subtypes={
        "prefixlb": "each processing module serves a part of the destination addresses",
        BY_FLOW: "all modules serve the same destinations by the same routes, and the switch gives each flow to one of them, in both"
        " directions",
    },
    unpassable="a router counts the TTL down and writes the addresses of the next hop",
    text="A router for IPv4 and IPv6 whose modules share the destinations. A packet from 0/8, 127/8, 224/4, 255.255.255.255 or one"
    " of the router's own addresses is dropped and counted (`martians`) whatever port it comes in by (RFC 1812 5.3.7); of IPv6 one"
    " from ::/127, ::ffff:0:0/96, fe80::/10, ff00::/8 or an address of its own. A port with `address6` answers neighbour"
    " solicitations and pings for it (RFC 4861, RFC 4443), and ICMPv6 errors come from there; routes of IPv6 leave by such ports.",
    single={"forwardingtable": "the routes of the processing module"},
    repeated={"prefix": "the destinations that the processing module serves"},
    optional={SPILL.name: "in subtype `flowlb`: that the module gets flows only while the others have too much"},
    carries_ipv6=True,
    shapes=(_PREFIX, TABLE, ENTRY, SPILL),
    limits=(
        "IPv6 passes in subtype `prefixlb`, and stages of types that carry it, as each page of these says.",
        "The router sends no router advertisements (RFC 4861 6.2) and has no link-local address: its neighbours have it as"
        " their gateway by an address of `address6`.",
        "A module that moves asks for its IPv6 neighbours anew.",
        "Modules that share flows cannot stand behind stages.",
    ),
)
