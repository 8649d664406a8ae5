# SPDX-License-Identifier: Apache-2.0
"""The elements of a configuration that is the operator's own: its file, the packets that it is for, and what becomes of some."""

from __future__ import annotations

from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape, Value
from ansible.module_utils.flowstream.allocation.values import ANY_ADDRESS, ANY_BLOCK, PORTID

_FILE = Value(
    "clickfile", "`meter.click`, or in a folder", facets=(("pattern", r"([A-Za-z0-9_\-]+/)*[A-Za-z0-9_\-]+\.click"),)
)

CLAIM = Shape(
    "claim",
    "Packets that the module gets. No two modules may get the same. Of IPv6 are those of which `src` or `dst` is, at a port that has"
    " an `address6`; `::/0` is all of them. What leaves, it sends from the Ethernet address of a platform"
    " port, and that says by which one it leaves; all else is dropped by its host.",
    attributes=(
        Attribute("from", PORTID, "the platform port that they enter by", "the portid that the packets enter by"),
        Attribute("src", ANY_BLOCK, "where they come from; from anywhere if it is not there"),
        Attribute("dst", ANY_BLOCK, "where they go to; to anywhere if it is not there"),
    ),
)
CLICK = Shape(
    "click",
    "The configuration: a file of the Click language beside the allocation file, or in a folder there. It gets `$interface`, and of"
    " each platform port, by its portid, `$mac0`, and `$ip0`, `$net0` and `$gateway0` where the port has them; of IPv6 `$ip6_0`,"
    " `$net6_0` and `$gateway6_0`.",
    attributes=(Attribute("file", _FILE, "its name, seen from the allocation file", "the name of a .click file"),),
    optional={"packet": "a packet that verify-router sends"},
)
PACKET = Shape(
    "packet",
    "A UDP packet to the discard port, which verify-router sends, and what must come of it.",
    attributes=(
        Attribute("from", PORTID, "the platform port that it enters by", "the portid that the packet enters by"),
        Attribute("src", ANY_ADDRESS, "where it comes from; from the endpoint there if it is not there"),
        Attribute("dst", ANY_ADDRESS, "where it goes to", "the address that it goes to"),
        Attribute("to", PORTID, "the platform port that it must leave by; it must be dropped if that is not there"),
    ),
    named_by=("dst",),
)

DECLARATION = Declaration(
    type="click",
    subtypes={"file": "each processing module runs a Click configuration of the operator's own"},
    unpassable="nobody knows what the configuration would do to the next packet",
    unspillable="what the configuration knows of a flow, only its author knows",
    text="Whatever a Click configuration does, on one interface that carries all platform ports. The engine checks it before"
    " anything is touched. The switches give it what it claims and nothing else, and let it send from the Ethernet addresses of"
    " the allocation's platform ports only, without a VLAN tag: tags are how bridges tell each other where a packet goes."
    " A plan in which a packet of its could get anywhere else is refused. A tenant's own"
    " is refused where it could send as somebody else.",
    carries_ipv6=True,
    single={"click": "the configuration"},
    repeated={"claim": "the packets that the module gets"},
    shapes=(CLICK, PACKET, CLAIM),
    limits=(
        "Elements that it names are read by click_handler and by hand; status shows none of them.",
        "ARP requests and neighbour solicitations for the addresses of platform ports go to the first module, which has to answer them.",
        "In an allocation without a tenant it may send IP packets with any source address: give it to people who may.",
        "With IPv6, no stage stands before it: what looks like neighbour discovery would go around, and nobody knows what it sends.",
    ),
)
