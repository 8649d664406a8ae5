# SPDX-License-Identifier: Apache-2.0
"""The pictures of the examples that pages of docs/ show, as SVG.

Another version of graphviz would put things elsewhere, so what is compared is the text that it drew from: each picture has its
digest. One whose text is as it was stays as it is, and asks for no graphviz.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from ansible.module_utils.flowstream.picture import graph
from ansible.module_utils.flowstream.picture.svg import draw
from ansible.module_utils.flowstream.picture.ways import Wiring
from ansible.module_utils.flowstream.plan.plan import Plan, PlannedPort
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run

PATHS = {
    "path-basic": ("click", 0),
    "path-parallel": ("felipeiprouter", 0),
    "path-by-flow": ("flow-router", 0),
    "path-spilled": ("spilling-router", 0),
    "path-serial": ("staged-router", 1),
    "path-tunnel": ("vpn-router", 1),
    "path-device": ("through-devices", 1),
}
"""The pictures of docs/paths.md: an example, and a platform port of it."""

_STYLE = """\
<style>
svg { color: #111; background: #fff; }
text { fill: currentColor; }
path, polygon, ellipse { stroke: currentColor; }
.edge polygon { fill: currentColor; }
@media (prefers-color-scheme: dark) { svg { color: #eee; background: #111; } }
</style>
"""


def of_page(plan: Plan, stage: str | None = None) -> str:
    """Return the text of the picture that stands for an example: of the port with most on its ways, or with a stage of a type."""
    wiring = Wiring(plan)
    wanted = {
        pm.stage.port
        for host in plan.hosts.values()
        for pm in host.pms
        if pm.stage is not None and pm.stage.type == stage
    }
    found = [
        (sum(len(way.steps) for way in ways), -port.portid, graph.path(plan, port, ways))
        for port in plan.ports
        if not wanted or port.portid in wanted
        for ways in (wiring.of_port(port, graph.MOST_MODULES)[0],)
    ]
    return max(found)[-1]


def of_paths(plans: Iterable[tuple[str, Plan]]) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each picture of docs/paths.md."""
    known = dict(plans)
    for name, (example, portid) in PATHS.items():
        plan = known[example]
        (port,) = (port for port in plan.ports if port.portid == portid)
        yield name, _of_port(plan, port)
    yield "platform", graph.platform(known["staged-router"]).text


def _of_port(plan: Plan, port: PlannedPort) -> str:
    return graph.path(plan, port, Wiring(plan).of_port(port, graph.MOST_MODULES)[0])


def file_of(path: Path, text: str) -> str:
    """Return what the file of a picture says: what is there if it was drawn from the same text, else drawn now."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    head = (
        "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
        f"<!-- Written by `make docs` from what an example plans; sha256 of the text for graphviz: {digest} -->\n"
    )
    there = path.read_text() if path.exists() else ""
    if there.startswith(head):
        return there
    (svg,) = draw(local_run(COMMAND_SECONDS), [text])
    opening, rest = svg.split(">", 1)
    return f"{head}{opening}>\n{_STYLE}{rest.strip()}\n"
