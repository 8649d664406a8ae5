# SPDX-License-Identifier: Apache-2.0
"""The elements of a load balancer: the networks that servers are on, the services, and the routes."""

from __future__ import annotations

from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape
from ansible.module_utils.flowstream.allocation.values import ADDRESS, one_of, whole
from ansible.module_utils.flowstream.middleboxes.routed.declaration import ENTRY, NETWORKS, SUBNET, TABLE

PROTOCOLS = ("tcp", "udp")
MAX_SESSIONS = 1_000_000
MAX_PORT = 65535
MAX_CHECK = 3600
MISSES = 3
"""After so many pings without an answer a server is taken for dead."""

_PORT = whole("transportport", MAX_PORT)

BALANCER = Shape(
    "balancer",
    "The services of the module.",
    attributes=(
        Attribute(
            "sessions",
            whole("balancedsessions", MAX_SESSIONS),
            "the most connections of the module at once; 65536 if it is not there",
        ),
        Attribute(
            "check",
            whole("checkinterval", MAX_CHECK, "seconds"),
            f"how often each server is asked by ping, from the address of the platform port. One that has not answered {MISSES} times in a row"
            " gets no new connections until it answers again; nobody asks if it is not there",
        ),
    ),
    repeated={"service": "at least one service"},
)
SERVICE = Shape(
    "service",
    "An address that clients know, a protocol and a port. New connections are shared among the servers by a hash of their addresses"
    " and ports (Maglev), so that modules with the same servers choose alike.",
    attributes=(
        Attribute(
            "address",
            ADDRESS,
            "what clients connect to: an address of a platform port, or one that routers outside have a route for to it. It answers"
            " pings. No other module may have it",
            "the address that clients connect to",
        ),
        Attribute("protocol", one_of("balancedprotocol", PROTOCOLS), "what is shared", "tcp or udp"),
        Attribute("port", _PORT, "its port", "the port that clients connect to"),
    ),
    repeated={"server": "at least one server"},
    named_by=("address", "protocol", "port"),
)
SERVER = Shape(
    "server",
    "A server of the service, on a network of the module. It sees the clients' own addresses, and has the platform port as its"
    " gateway. One that is taken away keeps the connections that it has, and gets no new ones.",
    attributes=(
        Attribute("address", ADDRESS, "its address", "the address of the server"),
        Attribute("port", _PORT, "its port; that of the service if it is not there"),
    ),
    named_by=("address",),
)

DECLARATION = Declaration(
    type="loadbalancer",
    subtypes={"maglev": "each processing module has services, and servers of its own, chosen by consistent hashing"},
    unpassable="it changes addresses, which a switch that knows the flow alone would leave as they are",
    unspillable="which server a connection has, one module knows",
    text="A load balancer for TCP and UDP, its modules each before networks of servers. Connections stay with their server whatever"
    " comes and goes. What belongs to no service and to no connection is dropped and counted.",
    single={
        "networks": "the networks that the servers are on",
        "balancer": "the services",
        "forwardingtable": "the routes of the processing module",
    },
    repeated={},
    shapes=(NETWORKS, SUBNET, BALANCER, SERVICE, SERVER, TABLE, ENTRY),
    limits=(
        "Servers have equal shares; there are no weights.",
        "A server is asked by ping (`check`): one whose machine answers and whose program is dead is not noticed. A dead one is left within"
        f" {MISSES + 1} times `check`, and one that answers again is taken back within two; `health<n>.down` says what is thought of it. With a"
        " new configuration all count as alive. When all are dead, new connections are dropped.",
        "Whoever knows better takes a server away by another deployment, or at once by writing `remove` of `balancer<n>` (n from 0, in the"
        " order of the file), which the next deployment undoes.",
        "Servers begin no connections of their own through the module: such packets are dropped and counted.",
        "IPv6 does not pass, and is refused in an allocation.",
    ),
)
