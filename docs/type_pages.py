# SPDX-License-Identifier: Apache-2.0
"""A page for each type of processing: what it does and leaves out, an example, and what a verification makes of that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from allocation_reference import ROOT
from ansible.module_utils.flowstream.addresses import address_text
from ansible.module_utils.flowstream.middleboxes.middlebox import Counters, Middlebox
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.planner.types import TYPES
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.traffic.probe import Probe
from markdown_table import table

EXAMPLES = ROOT / "examples"


def pages() -> Iterator[tuple[str, str]]:
    """Yield for each type its word and its page, without the notice."""
    plans = dict(example_plans())
    for word, known in TYPES.items():
        example = next(file for file, plan in plans.items() if plan.type == word)
        yield word, page(known, example, plans[example])


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
    name = example.parent.name
    parts = [
        f"# Type `{declared.type}`\n\n{declared.text}\n",
        "".join(f"- subtype `{word}`: {text}\n" for word, text in declared.subtypes.items()),
    ]
    if declared.limits:
        parts.append("## What it leaves out\n\n" + "".join(f"- {text}\n" for text in declared.limits))
    configurations = ", ".join(
        f"[{pm.name}](../../examples/{name}/expected/click/{pm.name}.click)"
        for host in plan.hosts.values()
        for pm in host.pms
    )
    parts += [
        f"## An example\n\n`examples/{name}/allocation.xml`; its elements are explained in [allocation](../allocation.md)."
        f" What its modules run: {configurations}.\n\n```xml\n{example.read_text().strip()}\n```\n",
        "## What a verification sends\n\nUDP packets, of which these come out and those are dropped:\n\n"
        + table(
            ("enters by", "from", "to", "comes out by", "or is counted by"), list(probe_rows(known.expectations(plan)))
        ),
        "## What it counts\n\n" + table(("handler", "in tables"), list(counter_rows(known.counters))),
    ]
    memory = ", ".join(f"{mib} MiB as `{kind}`" for kind, mib in known.cost.memory_mib.items())
    state = ", ".join(f"`{handler}`" for handler in known.state) or "nothing that another module could take"
    parts.append(f"## On a host\n\nA module gets {memory}, unless the allocation says otherwise. It keeps {state}.\n")
    return "\n".join(parts)


def probe_rows(probes: Iterable[Probe]) -> Iterator[tuple[str, ...]]:
    for probe in probes:
        source = "" if probe.source_address is None else address_text(probe.source_address)
        out = "" if probe.output_port is None else f"port {probe.output_port}"
        counter = "" if out else probe.counter or "the switch"
        yield f"port {probe.source_port}", source, address_text(probe.destination), out, counter


def counter_rows(counters: Counters) -> Iterator[tuple[str, str]]:
    for handler in (*counters.always, *counters.per_port):
        yield f"`{handler}`", counters.titles.get(handler, "")
