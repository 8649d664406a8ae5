# SPDX-License-Identifier: Apache-2.0
"""The elements of a traffic generator: its address, what it sends, and its routes."""

from __future__ import annotations

from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape, Value
from ansible.module_utils.flowstream.allocation.values import ADDRESS, whole
from ansible.module_utils.flowstream.middleboxes.routed.declaration import ENTRY, TABLE

MAX_RATE, MAX_PINGS = 1_000_000, 1000
SHORTEST, LONGEST = 60, 1514
REFLECTOR_PORT = 862
"""Where datagrams are sent to be sent back (TWAMP-Test, RFC 8545 6)."""

_LENGTH = Value(
    "framelength",
    f"{SHORTEST}..{LONGEST} bytes",
    "xs:positiveInteger",
    (("minInclusive", str(SHORTEST)), ("maxInclusive", str(LONGEST))),
)

GENERATOR = Shape(
    "generator",
    f"What the module sends, and from where. What others send to its address as UDP to port {REFLECTOR_PORT} goes back to them, so that two"
    " modules measure what lies between them; pings are answered, and UDP to the discard port (RFC 863) is counted.",
    attributes=(
        Attribute(
            "address",
            ADDRESS,
            "the address that packets come from, and answers go to. Routers outside have a route for it to the platform port",
            "the address to send from",
        ),
    ),
    optional={"stream": "datagrams that are sent", "ping": "pings that are sent"},
    named_by=("address",),
)
STREAM = Shape(
    "stream",
    f"UDP at a steady rate to port {REFLECTOR_PORT} of a host. How much was sent is in `sent<n>.count`, how much came back in"
    " `returned<n>.count`; n counts streams and pings of the module from 0, in the order of the file.",
    attributes=(
        Attribute("dst", ADDRESS, "where to", "the address to send to"),
        Attribute("rate", whole("streamrate", MAX_RATE, "packets/s"), "how many", "the rate"),
        Attribute(
            "length",
            _LENGTH,
            "the length of a frame without its check sequence; the shortest if it is not there",
        ),
    ),
    named_by=("dst",),
)
PING = Shape(
    "ping",
    "ICMP echo requests to a host. `probe<n>.count` says how many were sent, `probe<n>.replies` how many were answered, `probe<n>.rtt_avg`"
    " in which time, in seconds.",
    attributes=(
        Attribute("dst", ADDRESS, "where to", "the address to ping"),
        Attribute("rate", whole("pingrate", MAX_PINGS, "a second"), "how many", "the rate"),
    ),
    named_by=("dst",),
)

DECLARATION = Declaration(
    type="generator",
    subtypes={
        "reflecting": "each processing module sends from an address of its own, and sends back what others send to that"
    },
    unpassable="nothing passes it: it sends, and counts what comes back",
    unspillable="what was sent and came back, one module counts",
    text="A traffic generator that measures: each of its modules sends UDP and pings at steady rates from an address of its own, and counts"
    " what comes back, as long as it is deployed. It claims what goes to that address, and nothing else.",
    single={
        "generator": "the address, and what is sent",
        "forwardingtable": "the routes of the processing module",
    },
    repeated={},
    shapes=(GENERATOR, STREAM, PING, TABLE, ENTRY),
    limits=(
        "A datagram has no number and no time: losses are told by counters, order and duplicates are not; times are those of pings.",
        "Rates are kept on the average. A process shares its processor, so that packets may leave in bursts, and a rate beyond what the"
        " module can send is not reached: compare `sent<n>.count` with the time.",
        "To begin anew, write to `reset` of `source<n>` and `reset_counts` of the counters; a deployment of the same does not.",
        "IPv6 does not pass, and is refused in an allocation.",
    ),
)
