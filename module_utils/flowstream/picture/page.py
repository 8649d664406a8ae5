# SPDX-License-Identifier: Apache-2.0
"""One page that shows a plan to people: its pictures, and what is in it with the reasons. It needs nothing but a browser.

A plan of any size makes a page of some megabytes at most: what there is more of is counted, and lies in the plan's other files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ansible.module_utils.flowstream.addresses import address_text
from ansible.module_utils.flowstream.picture import graph, listing
from ansible.module_utils.flowstream.picture.ways import Hop, Way, Wiring
from ansible.module_utils.flowstream.plan.plan import PLAN_PAGE, Plan, PlannedPort
from ansible.module_utils.flowstream.templates import filled_in
from markupsafe import Markup

MOST_BYTES = 6 << 20
"""Of a page."""

Draw = Callable[[Sequence[str]], list[str]]
"""Makes an `svg` element of each text of graphviz."""


class Pictured(NamedTuple):
    """A platform port with its ways, of `modules` modules in all."""

    port: PlannedPort
    ways: tuple[tuple[str, str], ...]
    modules: int
    shown: int
    svg: Markup | None


def page(plan: Plan, templates: Path, draw: Draw | None) -> str:
    """Return the page of a plan; without `draw` it has words in place of pictures."""
    wiring = Wiring(plan)
    ports = plan.ports[: graph.MOST_PORTS]
    found = [wiring.of_port(port, graph.MOST_MODULES) for port in ports]
    texts = [
        graph.platform(plan).text,
        *(graph.path(plan, port, ways) for port, (ways, _) in zip(ports, found, strict=True)),
    ]
    # S704: graphviz has escaped what it wrote, and no text of a plan is read as its language (`drawing`).
    drawn = [None] * len(texts) if draw is None else [Markup(svg) for svg in draw(texts)]  # noqa: S704
    listed, more_ways = listing.entries(plan)
    pictured = [
        Pictured(
            port, tuple(map(_in_words, ways)), modules, len({name for way in ways for name in way.modules[-1:]}), svg
        )
        for port, (ways, modules), svg in zip(ports, found, drawn[1:], strict=True)
    ]
    every = [pm for host in plan.hosts.values() for pm in host.pms]
    modules = listing.modules(plan)
    return filled_in(
        templates,
        f"{PLAN_PAGE}.j2",
        {
            "plan": plan,
            "cookie": f"{plan.cookie:#018x}",
            "platform": drawn[0],
            "pictured": pictured,
            "more_ports": len(plan.ports) - len(ports),
            "entries": sum(len(bridge.flows) for bridge in plan.bridges().values()),
            "ways": listed,
            "more_ways": more_ways,
            "groups": list(listing.groups(plan)),
            "modules": modules,
            "more_modules": len(every) - len(modules),
        },
        f"write {PLAN_PAGE}",
        {"address": address_text},
    )


def _in_words(way: Way) -> tuple[str, str]:
    """Which packets take a way, and what they pass, in an order that can be read aloud."""
    named = [f"{step.bridge} (port {step.leaving})" if isinstance(step, Hop) else step.name for step in way.steps]
    end = f"port {way.port}"
    return ", ".join(map(str, way.packets)), " → ".join([end, *named] if way.inward else [*named, end])
