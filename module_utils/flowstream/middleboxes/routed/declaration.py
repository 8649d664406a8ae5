# SPDX-License-Identifier: Apache-2.0
"""The elements that modules which forward by a table have in common: their routes, and networks that they stand before."""

from __future__ import annotations

from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape
from ansible.module_utils.flowstream.allocation.values import ANY_ADDRESS, ANY_MASK, PORTID, WHOLE_16

MASK_MEANING = "how many addresses; a dotted mask must be ones followed by zeros"

TABLE = Shape(
    "forwardingtable",
    "The module's routes; the longest prefix that matches is taken. A packet that matches none is dropped and counted.",
    attributes=(Attribute("id", WHOLE_16, "nothing yet"),),
    repeated={"forwardingentry": "at least one route, or remove the pm"},
)
ENTRY = Shape(
    "forwardingentry",
    "A route.",
    attributes=(
        Attribute(
            "addr",
            ANY_ADDRESS,
            "the first address of the destinations; IPv6 where the type carries it",
            "the first address of the destinations",
        ),
        Attribute("mask", ANY_MASK, MASK_MEANING, "a length or a dotted mask"),
        Attribute("outputport", PORTID, "the platform port that they leave by", "the portid that packets leave by"),
        Attribute(
            "gateway",
            ANY_ADDRESS,
            "the next hop, of the same family; without it the port's gateway, and without that the destination itself",
        ),
    ),
    named_by=("addr", "mask"),
)

NETWORKS = Shape(
    "networks",
    "The networks that the module stands before: it gets what comes from them by their port, and what goes to them by any other.",
    attributes=(
        Attribute("port", PORTID, "the platform port that they are behind; all modules have the same", "their portid"),
    ),
    repeated={"subnet": "at least one network"},
    named_by=("port",),
)
SUBNET = Shape(
    "subnet",
    "A network that the module serves. No two modules may have the same address.",
    attributes=(
        Attribute("addr", ANY_ADDRESS, "the first address; IPv6 where the type carries it", "the first address"),
        Attribute("mask", ANY_MASK, MASK_MEANING, "a length or a dotted mask"),
    ),
    named_by=("addr", "mask"),
)
