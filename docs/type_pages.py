# SPDX-License-Identifier: Apache-2.0
"""A page for each type of processing or of stages: what it does and leaves out, an example with its picture, and its verification."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml
from allocation_reference import ROOT
from ansible.module_utils.flowstream.addresses import address_text
from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.middleboxes.middlebox import Counters, Counting, Middlebox
from ansible.module_utils.flowstream.middleboxes.stage import StageType
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.plan.plan import HostPlan, Plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.planner.types import STAGES, TYPES
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.traffic.probe import Probe
from example_pictures import of_page, of_paths
from markdown_table import table

EXAMPLES = ROOT / "examples"


def pages() -> Iterator[tuple[str, str]]:
    """Yield for each type, and each type of stages, the name of its page and the page, without the notice."""
    plans = dict(example_plans())
    for word, known in TYPES.items():
        example = example_of_type(word, plans)
        yield word, page(known, example, plans[example])
    for word, kind in STAGES.items():
        example = example_of_stage(word, plans)
        yield page_of_stage(word), stage_page(kind, example, plans[example])


def pictures() -> Iterator[tuple[str, str]]:
    """Yield the name of each picture and its text for graphviz: one for each page, and those of paths."""
    plans = dict(example_plans())
    for word in TYPES:
        yield word, of_page(plans[example_of_type(word, plans)])
    for word in STAGES:
        yield page_of_stage(word), of_page(plans[example_of_stage(word, plans)], word)
    yield from of_paths((file.parent.name, plan) for file, plan in plans.items())


def example_of_type(word: str, plans: Mapping[Path, Plan]) -> Path:
    """Return the shortest example of a type: a reader has it whole on a page."""
    return min((file for file, plan in plans.items() if plan.type == word), key=lambda file: file.stat().st_size)


def example_of_stage(word: str, plans: Mapping[Path, Plan]) -> Path:
    return next(file for file, plan in plans.items() if word in stages_in(plan))


def page_of_stage(word: str) -> str:
    return f"stage-{word}"


def stages_in(plan: Plan) -> set[str]:
    return {pm.stage.type for host in plan.hosts.values() for pm in host.pms if pm.stage is not None}


def example_plans() -> Iterator[tuple[Path, Plan]]:
    for file in sorted(EXAMPLES.glob("*/allocation.xml")):
        own = file.parent / "platform.yml"
        facts = yaml.safe_load((own if own.exists() else EXAMPLES / "platform.yml").read_text())
        allocation = parse(file.read_bytes(), file.name).allocation
        yield (
            file,
            plan_allocation(
                allocation, Platform.from_facts(facts), renderer(ROOT / "templates" / "click", file.parent)
            ),
        )


def page(known: Middlebox, example: Path, plan: Plan) -> str:
    declared = known.declaration
    rows = list(probe_rows(known.expectations(plan)))
    return "\n".join(
        [
            f"# Type `{declared.type}`\n\n{declared.text}\n",
            "".join(f"- subtype `{word}`: {text}\n" for word, text in declared.subtypes.items()),
            *limits(declared),
            example_of(example, plan.hosts.values(), declared.type),
            "## What a verification sends\n\nUDP packets, of which these come out and those are dropped:\n\n"
            + table(("enters by", "from", "to", "comes out by", "or is counted by"), rows),
            *running(known),
        ]
    )


def stage_page(known: StageType, example: Path, plan: Plan) -> str:
    declared = known.declaration
    return "\n".join(
        [
            f"# Stages of type `{declared.type}`\n\n{declared.text}\n",
            "How packets come to a stage: [paths](../paths.md).\n",
            *limits(declared),
            example_of(example, plan.hosts.values(), page_of_stage(declared.type)),
            *running(known),
        ]
    )


def limits(declared: Declaration) -> Iterator[str]:
    if declared.limits:
        yield "## What it leaves out\n\n" + "".join(f"- {text}\n" for text in declared.limits)


def example_of(example: Path, hosts: Iterable[HostPlan], picture: str) -> str:
    name = example.parent.name
    configurations = ", ".join(
        f"[{pm.name}](../../examples/{name}/expected/click/{pm.name}.click)" for host in hosts for pm in host.pms
    )
    return (
        f"## An example\n\n`examples/{name}/allocation.xml`; its elements are explained in [allocation](../allocation.md)."
        f" What its modules run: {configurations}.\n\n```xml\n{example.read_text().strip()}\n```\n\n"
        "Each bridge as often as a packet passes it, with the port, and on links the VLAN tag, by which it leaves;"
        " `plan.yml` draws this for every port of a plan, with the reasons:\n\n"
        f"![the ways of one platform port in {name}](../pictures/{picture}.svg)\n"
    )


def running(known: Counting) -> Iterator[str]:
    yield "## What it counts\n\n" + table(("handler", "in tables"), list(counter_rows(known.counters)))
    memory = ", ".join(f"{mib} MiB as `{kind}`" for kind, mib in known.cost.memory_mib.items())
    state = ", ".join(f"`{handler}`" for handler in known.state or ()) or "nothing that another module could take"
    yield f"## On a host\n\nA module gets {memory}, unless the allocation says otherwise. It keeps {state}.\n"


def probe_rows(probes: Iterable[Probe]) -> Iterator[tuple[str, ...]]:
    for probe in probes:
        source = "" if probe.source_address is None else address_text(probe.source_address, probe.family)
        source += "" if probe.vlan is None else f" in VLAN {probe.vlan}"
        out = "" if probe.output_port is None else f"port {probe.output_port}"
        counter = "" if out else probe.counter or "the switch"
        yield f"port {probe.source_port}", source, address_text(probe.destination, probe.family), out, counter


def counter_rows(counters: Counters) -> Iterator[tuple[str, str]]:
    for handler in (*counters.always, *counters.per_port):
        yield f"`{handler}`", counters.titles.get(handler, "")
