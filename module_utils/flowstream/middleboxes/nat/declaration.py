# SPDX-License-Identifier: Apache-2.0
"""The elements of a NAT: the networks that it translates, its public addresses, and its routes."""

from __future__ import annotations

from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape
from ansible.module_utils.flowstream.allocation.values import ADDRESS, MASK, whole
from ansible.module_utils.flowstream.middleboxes.nat.blocks import PORTS
from ansible.module_utils.flowstream.middleboxes.routed.declaration import (
    ENTRY,
    MASK_MEANING,
    NETWORKS,
    SUBNET,
    TABLE,
)

MAX_SESSIONS = 1_000_000

NAT = Shape(
    "nat",
    "How the subscribers share public addresses: each gets a block of ports of one address, in the order of their addresses"
    " (RFC 7422); the plan lists them.",
    attributes=(
        Attribute(
            "ports",
            whole("blocksize", PORTS),
            "how many ports a subscriber has of each protocol, and identifiers of pings; 1024 if it is not there",
        ),
        Attribute(
            "subscriber",
            whole("subscriberlength", 32),
            "the length of a subscriber's prefix: `32`, which it is if it is not there, makes each address a subscriber",
        ),
        Attribute(
            "sessions",
            whole("sessions", MAX_SESSIONS),
            "the most sessions of the module at once, and as many pings; 65536 if it is not there",
        ),
    ),
    repeated={"pool": "at least one public address"},
)
POOL = Shape(
    "pool",
    "Public addresses of the module, all of which are used. Routers outside have a route for them to the platform port.",
    attributes=(
        Attribute("addr", ADDRESS, "the first address", "the first address"),
        Attribute("mask", MASK, MASK_MEANING, "a length or a dotted mask"),
    ),
    named_by=("addr", "mask"),
)

DECLARATION = Declaration(
    type="nat",
    subtypes={"deterministic": "each subscriber has a public address and ports of its own, by arithmetic"},
    unpassable="it changes addresses and ports, which a switch that knows the flow alone would leave as they are",
    unspillable="the mappings of a connection are those of one module",
    text="A carrier-grade NAT (RFC 6888) for TCP, UDP and pings, its modules each before networks of their own. ICMP errors about"
    " what was translated pass both ways, and so do the router's own. Nothing comes in that nobody inside has asked for. Fragments"
    " are put together before they are translated. Whose an address and a port are or were at a time, `subscriber.yml` says by the plan that"
    " was deployed then (RFC 6888 REQ-12 without a log of sessions): `-e allocation_id=nat -e address=203.0.113.4 -e source_port=7000`,"
    " `-e \"at='2026-01-31 12:00:00'\"`. It knows the last generations, 20 of an allocation (`platform_history_keep`); a plan is from"
    " the end of its deployment on.",
    single={
        "networks": "the networks that the module translates",
        "nat": "the public addresses",
        "forwardingtable": "the routes of the processing module",
    },
    repeated={},
    shapes=(NETWORKS, SUBNET, NAT, POOL, TABLE, ENTRY),
    limits=(
        "A mapping is of one session: its address and ports and the other side's. So only that other side can answer (address and"
        " port dependent mapping and filtering), where RFC 4787 REQ-1 asks for mappings that are the same for every destination.",
        "Subscribers of one module reach each other by their public addresses as hosts outside reach them (hairpinning, RFC 4787"
        " REQ-9): both have to send, and each sees the other's public address. Pings do not, and what goes to a public address of another"
        " module goes out by the routes.",
        "A subscriber's limit is its block: so many sessions at once to one address and port of the other side. There is no limit"
        " of all its sessions together but the module's.",
        "What else than TCP, UDP, pings and ICMP errors comes from inside is dropped and counted. There is no gateway for any"
        " application: active FTP does not pass.",
        "Sessions stay when a module gets another configuration in which the subscriber's block is the same.",
        "IPv6 does not pass, and is refused in an allocation.",
    ),
)
