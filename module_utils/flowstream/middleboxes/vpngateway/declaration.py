# SPDX-License-Identifier: Apache-2.0
"""The elements of a VPN gateway that is a stage: the tunnel, and the networks at its ends."""

from __future__ import annotations

from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape, Value
from ansible.module_utils.flowstream.allocation.values import ADDRESS, MASK

LEAST_MTU, MOST_MTU, USUAL_MTU = 576, 9000, 1500

_KEY = Value("keyreference", "`vault:branch`", facets=(("pattern", r"vault:[A-Za-z][A-Za-z0-9_\-]{0,39}"),))
_MTU = Value(
    "tunnelmtu",
    f"{LEAST_MTU}..{MOST_MTU} bytes",
    "xs:positiveInteger",
    (("minInclusive", str(LEAST_MTU)), ("maxInclusive", str(MOST_MTU))),
)
_NETWORK = (
    Attribute("addr", ADDRESS, "the first address", "the first address"),
    Attribute("mask", MASK, "how many addresses", "a length or a dotted mask"),
)

NEAR = Shape("near", "A network of this side, whose packets may pass the tunnel.", _NETWORK, named_by=("addr", "mask"))
FAR = Shape(
    "far",
    "A network of the other side. What goes there leaves encrypted or not at all, and what comes from there is let in by the"
    " tunnel alone.",
    _NETWORK,
    named_by=("addr", "mask"),
)
TUNNEL = Shape(
    "tunnel",
    "The tunnel to the gateway of the other side.",
    attributes=(
        Attribute("peer", ADDRESS, "the other gateway", "the address of the other gateway"),
        Attribute(
            "local",
            ADDRESS,
            "the address of the port that the other gateway knows this one by",
            "the address of the port that the other gateway sends to",
        ),
        Attribute(
            "key",
            _KEY,
            "the name of the keys in the variable [`vpn_secrets`](paths.md#serial-encrypted-a-tunnel-to-another-site); they are in no file of a plan",
            "the name of the keys in vpn_secrets, as vault:NAME",
        ),
        Attribute(
            "mtu",
            _MTU,
            f"the longest packet that the way between the gateways takes; without it {USUAL_MTU}. Packets that do not fit are"
            " answered with the size that does (RFC 1191), or cut if they allow it",
        ),
    ),
    repeated={"near": "a network of this side", "far": "a network of the other side"},
    named_by=("peer",),
)

DECLARATION = Declaration(
    type="vpngateway",
    subtypes={},
    unpassable="what goes past it is not encrypted",
    unspillable="the other gateway takes packets of one sequence of numbers",
    text="One end of an encrypted tunnel between two sites (ESP in tunnel mode, RFC 4303, with AES-GCM, RFC 4106). What leaves by"
    " the port from one of its near networks to a far one goes to the other gateway encrypted, with the Ethernet addresses that it"
    " had; what comes in from the other gateway is checked, decrypted, and goes on to the allocation's own modules if it is from a"
    " far network to a near one. Packets between others pass as they are, but nothing from or to a far network passes unencrypted."
    " Several gateways at one port are several stages.",
    single={"tunnel": "the tunnel"},
    shapes=(TUNNEL, NEAR, FAR),
    limits=(
        "There is no key exchange (IKE): keys are deployed, and replaced by deploying others.",
        "A module that was started again counts its packets from 1 again, which the other gateway takes for replays: give"
        " it new keys.",
        "ESP in UDP, for a gateway behind a NAT, is not understood.",
        "The outer header says nothing of the traffic class or of congestion (RFC 6040) of what is inside.",
    ),
)
