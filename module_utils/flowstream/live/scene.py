# SPDX-License-Identifier: Apache-2.0
"""What the live page shows before anything moves: the picture of all that is deployed, and what its elements stand for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.picture import graph
from ansible.module_utils.flowstream.picture.page import Draw
from ansible.module_utils.flowstream.picture.ways import Hop, Wiring
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.templates import filled_in
from markupsafe import Markup

TEMPLATE = "live.html.j2"


@dataclass(frozen=True, slots=True)
class Scene:
    """The page, and what its script has to know."""

    html: str
    facts: Mapping[str, Any]


def scene(plans: Sequence[Plan], targets: Mapping[str, str], templates: Path, draw: Draw) -> Scene:
    """Return what shows these plans, which are of one platform, on machines with exporters at `targets`."""
    drawing = graph.platform(*plans) if plans else None
    allocations = [
        {"name": plan.allocation_id, "tenant": plan.tenant, "type": plan.type, "places": sorted(set(_places(plan)))}
        for plan in plans
    ]
    modules = [
        {"name": pm.name, "machine": name, "allocation": plan.allocation_id, "tenant": pm.tenant, "kind": pm.kind}
        for plan in plans
        for name, host in plan.hosts.items()
        for pm in host.pms
    ]
    facts = {
        "marks": {element: list(mark) for element, mark in drawing.marks.items()} if drawing else {},
        "allocations": allocations,
        "modules": sorted(modules, key=lambda module: (module["name"], module["machine"])),
        "machines": sorted(targets),
    }
    # S704: graphviz has escaped what it wrote, and no text of a plan is read as its language (`drawing`).
    picture = Markup(draw([drawing.text])[0]) if drawing else None  # noqa: S704
    variables = {"picture": picture, "allocations": allocations}
    html = filled_in(templates, TEMPLATE, variables, "write the live page")
    return Scene(html, facts)


def _places(plan: Plan) -> Iterator[str]:
    """Yield what the packets of an allocation pass, as elements of the picture are marked: links, machines, modules, ports."""
    for host in plan.hosts.values():
        for pm in host.pms:
            yield f"module {pm.name}"
            yield f"arm {pm.name}"
    # A link is marked by its end at a switch, of two switches by that whose name comes first.
    uplinks = {
        "{} {}".format(*far): "{} {}".format(*end) for end, far in plan.links().items() if _marks(plan, end, far)
    }
    wiring = Wiring(plan)
    for port in plan.ports:
        yield f"port {port.portid}"
        yield f"link {plan.switch_of(port)} {port.switchport}"
        for way in wiring.of_port(port, graph.MOST_MODULES)[0]:
            for step in way.steps:
                if isinstance(step, Hop):
                    link = f"{step.bridge} {step.output}"
                    yield f"machine {step.bridge}"
                    yield f"link {uplinks.get(link, link)}"


def _marks(plan: Plan, end: tuple[str, int], far: tuple[str, int]) -> bool:
    return end[0] in plan.switches and (far[0] not in plan.switches or end < far)
