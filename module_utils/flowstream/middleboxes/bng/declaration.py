# SPDX-License-Identifier: Apache-2.0
"""The elements of a subscriber edge: the networks of its subscribers, who they are, and its routes."""

from __future__ import annotations

from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape
from ansible.module_utils.flowstream.allocation.values import ADDRESS, whole
from ansible.module_utils.flowstream.middleboxes.routed.declaration import ENTRY, NETWORKS, SUBNET, TABLE

MAX_VLAN = 4094
MAX_RATE = 100_000
_RATE = whole("subscriberrate", MAX_RATE, "Mbit/s")

SUBSCRIBERS = Shape(
    "subscribers",
    "Who may send and be reached.",
    repeated={"subscriber": "at least one subscriber"},
)
SUBSCRIBER = Shape(
    "subscriber",
    "One household or one office: a VLAN at the port of the networks, and the address that is known to be there.",
    attributes=(
        Attribute("vlan", whole("vlan", MAX_VLAN), "its VLAN (IEEE 802.1Q)", "the VLAN of the subscriber"),
        Attribute("address", ADDRESS, "its address, on a network of the module", "the address of the subscriber"),
        Attribute("up", _RATE, "the most that it sends", "the rate of what it sends"),
        Attribute("down", _RATE, "the most that is sent to it", "the rate of what is sent to it"),
    ),
    named_by=("vlan",),
)

DECLARATION = Declaration(
    type="bng",
    subtypes={"vlan": "each subscriber is behind a VLAN of its own, with one address"},
    unpassable="every packet waits for its turn there",
    unspillable="what a subscriber may send is the rate of one module, and not that of two",
    text="The edge between subscribers and a network (a broadband network gateway): each subscriber has a VLAN of its own at the access"
    " port, which is that of the networks, and an address. What comes by its VLAN from another address is dropped and counted (RFC 2827),"
    " and so are ARP replies for another address. Each way has a rate, in front of which packets wait in queues of flows (RFC 8290). The"
    " addresses of the access port answer ARP and pings in every VLAN. Packets leave to the network without a tag.",
    single={
        "networks": "the networks that the subscribers' addresses are on",
        "subscribers": "the subscribers",
        "forwardingtable": "the routes of the processing module",
    },
    repeated={},
    shapes=(NETWORKS, SUBNET, SUBSCRIBERS, SUBSCRIBER, TABLE, ENTRY),
    limits=(
        "PPPoE and DHCP are not spoken: addresses are given by the file. There is no accounting but the counters: of VLAN n"
        " `up<n>.count`, `down<n>.count`, the same of bytes (`byte_count`), `up<n>_queue.drops`, `down<n>_queue.drops` and `forged<n>.count`.",
        "Subscribers reach each other by the edge alone, at their rates, where they send to its address: nobody answers ARP for a"
        " subscriber to another one (no proxy ARP), and subscribers of two modules reach each other by the network outside.",
        "A rate counts Ethernet frames without their tag on the way up, and IP packets on the way down. After a pause as much passes at"
        " once as the rate has in 50 ms.",
        "Stages cannot stand before it, and ports and modules have to be at one switch: bridges use tags of their own there.",
        "`trace.yml` sends packets without a tag, and follows those to a subscriber as far as the question for its Ethernet address.",
        "IPv6 does not pass, and is refused in an allocation.",
    ),
)
