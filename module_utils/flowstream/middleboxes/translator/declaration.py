# SPDX-License-Identifier: Apache-2.0
"""The elements of a translator between IPv6 and IPv4: the prefix, the IPv4 addresses of IPv6 hosts, and the routes."""

from __future__ import annotations

from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape, Value
from ansible.module_utils.flowstream.allocation.values import ADDRESS, ADDRESS6, MASK, whole
from ansible.module_utils.flowstream.middleboxes.routed.declaration import ENTRY, MASK_MEANING, TABLE
from ansible.module_utils.flowstream.middleboxes.translator.embedding import LENGTHS

STATEFUL, STATELESS = "nat64", "siit"
MAX_SESSIONS = 1_000_000

_LENGTH = Value(
    "embeddinglength",
    ", ".join(f"`{length}`" for length in LENGTHS),
    facets=tuple(("enumeration", str(length)) for length in LENGTHS),
)

TRANSLATION = Shape(
    "translation",
    "The prefix in which IPv6 hosts write the addresses of IPv4 hosts (RFC 6052): what goes to it is translated. `64:ff9b::/96` is"
    " everybody's, for IPv4 addresses of the Internet; prefixes in `64:ff9b:1::/48` are for what is known inside alone (RFC 8215).",
    attributes=(
        Attribute("addr", ADDRESS6, "the first address", "the first address of an IPv6 prefix"),
        Attribute("mask", _LENGTH, "its length", "the length of the prefix"),
        Attribute(
            "sessions",
            whole("translatedsessions", MAX_SESSIONS),
            "in subtype `nat64`: the most sessions of the module at once; 65536 if it is not there",
        ),
    ),
    repeated={"pool4": "at least one IPv4 address"},
    named_by=("addr", "mask"),
)
POOL = Shape(
    "pool4",
    "IPv4 addresses of the IPv6 hosts: in subtype `nat64` all hosts share them, in subtype `siit` each is that of the host whose IPv6"
    " address it is embedded in. What goes to them is translated. Routers outside have a route for them to the platform port.",
    attributes=(
        Attribute("addr", ADDRESS, "the first address", "the first address"),
        Attribute("mask", MASK, MASK_MEANING, "a length or a dotted mask"),
    ),
    named_by=("addr", "mask"),
)

DECLARATION = Declaration(
    type="translator",
    subtypes={
        STATEFUL: "IPv6 hosts reach IPv4 hosts by addresses that they share; the module keeps who has which port (RFC 6146)",
        STATELESS: "addresses of IPv6 and IPv4 hosts stand for each other by the prefix, both ways, and nothing is kept (RFC 7915)",
    },
    unpassable="it writes the header of another protocol, which a switch cannot",
    unspillable="the sessions of a host are those of one module",
    text="A translator between IPv6 and IPv4, each of its modules with a prefix of its own. TCP, UDP and pings are translated, and ICMP"
    " errors about them; the hop limit counts down once, as in any router. In front of a packet that is too long for IPv6 and must stay"
    " whole its sender is told 1480; others leave in fragments. Two translators of subtype `siit` with the same prefix and an IPv6 network"
    " between them join IPv4 networks (464).",
    single={
        "translation": "the prefix and the IPv4 addresses",
        "forwardingtable": "the routes of the processing module, of both families",
    },
    carries_ipv6=True,
    shapes=(TRANSLATION, POOL, TABLE, ENTRY),
    limits=(
        "Names are not its work: hosts that look for IPv4 servers by name need DNS64 (RFC 6147) or a resolver that does it, such as"
        " `dns64` of unbound or BIND with the module's prefix. Hosts need a route to the prefix: no router advertisements are sent.",
        "Subtype `siit` has one prefix for both addresses of a packet: what a host of 464XLAT (RFC 6877) does with two, it does not.",
        "In subtype `nat64` fragments of IPv6 are dropped, IPv4 ones are put together; hosts do not reach each other by the IPv4"
        " addresses (no hairpinning), and there is no limit for a single host but the module's sessions.",
        "In subtype `siit` ICMPv6 errors of routers whose address is not in the prefix are dropped (RFC 6791 is not done).",
        "Packets to the router's own addresses come to no module: a port answers ARP and neighbour solicitations for them, and ICMP errors"
        " come from there, but pings only by the translated address.",
        "Modules cannot stand behind stages.",
    ),
)
