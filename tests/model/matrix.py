# SPDX-License-Identifier: Apache-2.0
"""Every type of processing on every path as every kind of module: allocations made of the examples, and what the planner says of each.

docs/support.md is written from this, and test_matrix.py sends packets through every plan that comes of it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml
from ansible.module_utils.flowstream.allocation.device import DEVICE
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.offload.spare import Spare
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.planner.types import STAGES, TYPES
from ansible.module_utils.flowstream.platform.drivers import PM_KINDS
from ansible.module_utils.flowstream.platform.facts import Platform
from lxml import etree

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PLATFORMS = {"process": EXAMPLES / "platform.yml"}
"""By kind; the others run on Xen."""
XEN = EXAMPLES / "two-kinds" / "platform.yml"

BASIC, BY_CLAIM, BY_FLOW, SERIAL = "basic", "parallel by claim", "parallel by flow", "behind a stage"
THROUGH, SPILLED = "through a device", "to another host"
PATHS = (BASIC, BY_CLAIM, BY_FLOW, SERIAL, SPILLED)
STAGE = "stage"
_OF_TYPE = {
    "fastiprouter": "felipeiprouter",
    "firewall": "firewall",
    "nat": "nat",
    "loadbalancer": "loadbalancer",
    "translator": "translator",
    "bng": "bng",
    "generator": "generator",
    "click": "click",
}
_OF_STAGE = {"vpngateway": "vpn-router", "ids": "watched-router"}
_SPILL = '<spill load="packets" high="2000" low="500"/>'
_LINE = '<stage id="line" type="shaper" port="1"><pm id="90"><line out="900" in="900"/></pm></stage>'


class Cell(NamedTuple):
    """A type on a path as modules of a kind; `source` is an allocation that asks for it, with its files in `folder`."""

    type: str
    path: str
    kind: str
    source: bytes
    folder: Path

    def plan(self) -> Plan:
        """Return its plan; raises FlowstreamError where it is refused."""
        facts = yaml.safe_load(PLATFORMS.get(self.kind, XEN).read_text())
        allocation = parse(self.source, "allocation.xml").allocation
        render = renderer(ROOT / "templates" / "click", self.folder)
        return plan_allocation(allocation, Platform.from_facts(facts), render)

    def refusal(self) -> str:
        """Return why the planner refuses it, without the line; nothing where it does not."""
        try:
            self.plan()
        except FlowstreamError as error:
            return error.messages[0].removeprefix("allocation.xml:").lstrip("0123456789").removeprefix(": ")
        return ""


def cells() -> Iterator[Cell]:
    """Yield every cell of the matrix."""
    for kind in PM_KINDS:
        for word in TYPES:
            example = EXAMPLES / _OF_TYPE[word]
            for path in PATHS:
                dealt = {BY_FLOW: "flow-router", SPILLED: "spilling-router"} if word == "fastiprouter" else {}
                own = EXAMPLES / dealt[path] if path in dealt else example
                yield Cell(word, path, kind, _source(own, kind, path), own)
        for word in STAGES:
            example = EXAMPLES / _OF_STAGE.get(word, "staged-router")
            yield Cell(f"{STAGE} {word}", SERIAL, kind, _source(example, kind, word), example)
        example = EXAMPLES / "through-devices"
        yield Cell(f"{STAGE} {DEVICE.type}", THROUGH, kind, _source(example, kind, DEVICE.type), example)


def shown_by(example: str) -> set[tuple[str, str]]:
    """Return which types on which paths an example has."""
    cell = Cell("", "", "process", (EXAMPLES / example / "allocation.xml").read_bytes(), EXAMPLES / example)
    plan = cell.plan()
    modules = [pm for host in plan.hosts.values() for pm in host.pms]
    own = [pm for pm in modules if pm.stage is None]
    stages = {(f"{STAGE} {pm.stage.type}", SERIAL) for pm in modules if pm.stage is not None}
    stages |= {(f"{STAGE} {device.stage.type}", THROUGH) for device in plan.devices}
    if stages:
        path = SERIAL
    elif len(own) == 1:
        path = BASIC
    else:
        path = BY_FLOW if any(claim.dealt for pm in own for claim in pm.claims) else BY_CLAIM
        path = SPILLED if any(Spare.of(pm.facts) for pm in own) else path
    return {(plan.type, path), *stages}


def _source(example: Path, kind: str, variant: str) -> bytes:
    """The allocation of an example, with modules of a kind, on a path or with the stages of one type only."""
    root = etree.fromstring((example / "allocation.xml").read_bytes())
    own = root.findall("pm")
    if variant == BASIC:
        for pm in own[1:]:
            root.remove(pm)
    elif variant == BY_CLAIM and len(own) == 1:
        _add_another(own[0])
    elif variant == BY_FLOW:
        root.set("subtype", "flowlb")
    elif variant == SPILLED:
        if root.find(".//spill") is None:
            own[-1].insert(0, etree.fromstring(_SPILL))
    elif variant == SERIAL:
        root.append(etree.fromstring(_LINE))
    else:
        for stage in root.findall("stage"):
            if stage.get("type") != variant:
                root.remove(stage)
    for pm in root.iter("pm"):
        pm.set("kind", kind)
    return etree.tostring(root)


def _add_another(pm: etree._Element) -> None:
    """Give half of what a module has of each network to a second one."""
    other = copy.deepcopy(pm)
    other.set("id", "1")
    for element in pm.iter():
        for name, value in element.items():
            element.set(name, value.replace("/24", "/25"))
    for element in other.iter():
        for name, value in element.items():
            half = re.sub(r"^(192\.168\.\d+)\.0/24$", r"\1.128/25", value)
            element.set(name, re.sub(r"^(192\.168\.\d+)\.1$", r"\1.129", half))
    pm.addnext(other)
