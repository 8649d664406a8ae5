# SPDX-License-Identifier: Apache-2.0
"""The shape of every allocation description, and of one type's: what the type declares stands in the elements `pm`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible.module_utils.flowstream.allocation.model import MAX_ALLOCATION_ID, MAX_PORTS
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape, Value, choice
from ansible.module_utils.flowstream.allocation.values import (
    ADDRESS,
    ADDRESS6,
    ANY_ADDRESS,
    ANY_MASK,
    PORTID,
    WHOLE_16,
    one_of,
    whole,
)
from ansible.module_utils.flowstream.flows.values import MAX_SWITCH_PORT
from ansible.module_utils.flowstream.platform.drivers import PM_KINDS

ROOT = "allocationdescription"
BYPASS = "bypass"
"""The element by which a module gives flows back to the switch."""
SPILL = "spill"
"""The element by which a module is a spare for others on another host."""

_ID = Value(
    "allocationid",
    f"1 to {MAX_ALLOCATION_ID} letters, digits and `-`, a letter first",
    facets=(("pattern", rf"[A-Za-z][A-Za-z0-9\-]{{0,{MAX_ALLOCATION_ID - 1}}}"),),
)
_SWITCH = Value("switch", "its name in the inventory", facets=(("minLength", "1"),))
_TENANT = Value("tenantid", _ID.text, _ID.base, _ID.facets)
_MAC = Value("mac", "`00:15:17:15:5D:20`", facets=(("pattern", "[0-9A-Fa-f][02468ACEace](:[0-9A-Fa-f]{2}){5}"),))
_INTERFACE = Value("interface", "`192.0.2.1/24`", facets=(("pattern", "[0-9.]{7,15}/[0-9.]{1,15}"),))
_INTERFACE6 = Value(
    "interface6",
    "`2001:db8::1/64`",
    facets=(("pattern", "[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){2,7}/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8])"),),
)
_INTERFACES6 = Value("interfaces6", "`2001:db8::1/64`, several separated by spaces", items=_INTERFACE6)
_INTERFACES = Value("interfaces", "`192.0.2.1/24`, several separated by spaces", items=_INTERFACE)

PORTS = Shape(
    "portmacmappings",
    f"One `portmacmapping` for each platform port, at most {MAX_PORTS}.",
    repeated={"portmacmapping": "one for each platform port"},
    most=MAX_PORTS,
)
PORT = Shape(
    "portmacmapping",
    "A platform port.",
    attributes=(
        Attribute(
            "portid", WHOLE_16, "the number that other elements name it by", "the number that forwarding entries use"
        ),
        Attribute(
            "mac",
            _MAC,
            "the port's Ethernet address as the outside sees it; packets for the modules are sent to it, and leave with it",
            "the Ethernet address of the port outside",
        ),
        Attribute(
            "switchport",
            whole("switchport", MAX_SWITCH_PORT),
            "the OpenFlow port of the switch behind it",
            "the OpenFlow port of the switch behind it",
        ),
        Attribute(
            "switch",
            _SWITCH,
            "the switch that the port is at, where the platform has several; without it, `platform_ports` of the inventory says so",
        ),
        Attribute(
            "address",
            _INTERFACES,
            "the port's own addresses: it answers ARP and ping for them, and ICMP errors come from them. Without any: see"
            " [platform](platform.md)",
        ),
        Attribute("gateway", ADDRESS, "the next hop of what leaves by this port and is on none of its networks"),
        Attribute(
            "address6",
            _INTERFACES6,
            "the port's own IPv6 addresses, where the type carries IPv6: it answers neighbour solicitations and ping for them, and"
            " ICMPv6 errors come from them",
        ),
        Attribute("gateway6", ADDRESS6, "the same as `gateway` for IPv6; it may be a link-local address"),
        Attribute(
            "sources",
            one_of("sources", ("own", "any")),
            "whether packets that come in by this port from the networks of other ports are dropped (`own`, the default: BCP 38)"
            " or forwarded (`any`, for a network that two ports share)",
        ),
    ),
    named_by=("portid",),
)
_PM_ATTRIBUTES = (
    Attribute("id", WHOLE_16, "its number in the allocation", "the number of the processing module"),
    Attribute(
        "kind",
        one_of("kind", PM_KINDS),
        "what it runs as; without it, what its module host offers ([an example](../examples/two-kinds/allocation.xml))",
    ),
    Attribute("memory", whole("memory", 1024 * 1024, "MiB"), "what it is given of the host's memory"),
    Attribute("vcpus", whole("vcpus", 128), "what it is given of the host's processors"),
    Attribute("rate", whole("rate", 1_000_000, "Mbit/s"), "the most that it may send"),
)


NETWORK = Shape(
    "network",
    "In a stage: a network behind the port of the stage. The module gets the packets from it and to it.",
    attributes=(
        Attribute("addr", ANY_ADDRESS, "the first address; IPv6 where the type carries it", "the first address"),
        Attribute("mask", ANY_MASK, "how many addresses", "a length or a dotted mask"),
    ),
    named_by=("addr", "mask"),
)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a type of processing adds to the document: words for `type` and `subtype`, and the elements in its `pm`.

    `single`, `repeated` and `optional` are those that stand directly in a `pm`, as in a Shape; `text` says what the type
    does, `limits` what somebody may expect that it does not. A type of stages has no subtypes. `unpassable` is the reason why no
    flow can go past its modules, empty where flows can; `unspillable` the one why none can go to another module, where none can.
    Stages with `attributes` of their own have no modules. `carries_ipv6`: prefixes, routes and ports may be of IPv6,
    and of a type of stages, that these may stand where they are.
    """

    type: str
    subtypes: Mapping[str, str]
    text: str
    single: Mapping[str, str] = field(default_factory=dict)
    repeated: Mapping[str, str] = field(default_factory=dict)
    shapes: tuple[Shape, ...] = ()
    optional: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    unpassable: str = ""
    attributes: tuple[Attribute, ...] = ()
    unspillable: str = "its modules share networks, not flows"
    carries_ipv6: bool = False


def root_shape(declarations: Iterable[Declaration], stages: Iterable[Declaration] = ()) -> Shape:
    """The document's own element; `type` and `subtype` take the words of the declarations."""
    declared = list(declarations)
    types = tuple(declaration.type for declaration in declared)
    subtypes = tuple(dict.fromkeys(subtype for declaration in declared for subtype in declaration.subtypes))
    meanings = "; ".join(f"`{name}`: {text}" for declaration in declared for name, text in declaration.subtypes.items())
    return Shape(
        ROOT,
        "In YAML: the document.",
        attributes=(
            Attribute(
                "id",
                _ID,
                "the allocation's name on the platform: its modules are called `<id>-pm<n>`, its flows carry a cookie that is"
                " derived from it",
                "the name of the allocation",
            ),
            Attribute(
                "type",
                one_of("type", types),
                "the kind of middlebox",
                f"the kind of router, for example {types[0]}",
            ),
            Attribute(
                "subtype",
                one_of("subtype", subtypes),
                f"how its load is shared; {meanings}",
                f"how the load is shared, for example {subtypes[0]}",
            ),
            Attribute(
                "tenant",
                _TENANT,
                "whose it is: one of [`platform_tenants`](platform.md), which bounds what a tenant may have; where a platform has"
                " such, every allocation names its own",
            ),
        ),
        single={"portmacmappings": "the platform ports"},
        repeated={"pm": "at least one processing module"},
        optional={"stage": "processing between a platform port and the modules"} if any(True for _ in stages) else {},
    )


def stage_shape(stages: Iterable[Declaration], chosen: Declaration | None = None) -> Shape:
    """The element `stage` of a type; `type` takes the words of the types of stages."""
    own = chosen.attributes if chosen else ()
    standing = tuple(stages)
    words = tuple(declaration.type for declaration in standing)
    of_both = [f"`{declaration.type}`" for declaration in standing if declaration.carries_ipv6]
    ipv6 = f", those of IPv6 where the type is {choice(of_both)}" if of_both else ""
    return Shape(
        "stage",
        "Processing that stands between a platform port and the allocation's own modules: what comes in by the port passes it"
        " before them, what leaves by the port passes it after them. Of several stages at one port the first is nearest to the"
        f" port. IPv4 packets pass{ipv6}; ARP and neighbour discovery go around."
        " [How](paths.md)",
        attributes=(
            Attribute("id", _ID, "its name in the allocation", "the name of the stage"),
            Attribute(
                "type", one_of("stagetype", words), "the kind of processing", f"the kind, for example {words[0]}"
            ),
            Attribute("port", PORTID, "where it stands", "the portid where the stage stands"),
            *own,
        ),
        repeated={} if own else {"pm": "at least one processing module"},
        named_by=("id",),
    )


def pm_shape(declaration: Declaration | None, *, in_stage: bool = False) -> Shape:
    """The element `pm` of a type; what may stand in that of an unknown type, nobody can say."""
    networks = {"network": "the networks behind the port that the module serves; without any, all"} if in_stage else {}
    return Shape(
        "pm",
        "A processing module: one running Click router.",
        _PM_ATTRIBUTES,
        single=declaration.single if declaration else {},
        repeated=declaration.repeated if declaration else {},
        optional={**declaration.optional, **networks} if declaration else {},
        named_by=("id",),
        open=declaration is None,
        refused=_refused(declaration, in_stage=in_stage) if declaration else {},
    )


def _refused(declaration: Declaration, *, in_stage: bool) -> dict[str, str]:
    what = f"a stage of type {declaration.type}" if in_stage else f"type {declaration.type}"
    reasons = {
        BYPASS: (f"no flow can go past the module, got {BYPASS} in {what}", declaration.unpassable),
        SPILL: (f"no flow can go to another module, got {SPILL} in {what}", declaration.unspillable),
    }
    return {
        name: f"{text}: {reason}"
        for name, (text, reason) in reasons.items()
        if reason and name not in declaration.optional
    }


def shapes_of(
    declarations: Iterable[Declaration], chosen: Declaration | None, stages: Iterable[Declaration] = ()
) -> list[Shape]:
    """All shapes of a document of the chosen type; those in a stage are `stage_shapes_of` its type."""
    own = chosen.shapes if chosen else ()
    return [root_shape(declarations, stages), PORTS, PORT, pm_shape(chosen), *own]


def stage_shapes_of(stages: Iterable[Declaration], chosen: Declaration | None) -> list[Shape]:
    """All shapes of a stage of the chosen type."""
    own = chosen.shapes if chosen else ()
    return [stage_shape(stages, chosen), pm_shape(chosen, in_stage=True), NETWORK, *own]
