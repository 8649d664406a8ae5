# SPDX-License-Identifier: Apache-2.0
"""A rollout that is killed between any two modules is gone on with or taken back by the next run, by what modules run alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.rollout.standing import Standing, modules, standing
from ansible.module_utils.flowstream.rollout.waves import Wish, canary_of, waves_of

from .test_killed_deployment import FACTS, HOST, ROOT

PORTS = "".join(f'<portmacmapping portid="{n}" mac="02:00:00:00:00:0{n}" switchport="{n + 1}"/>' for n in range(2))
NAMES = [f"fleet-pm{number}" for number in range(6)]


def plan_of(outputs: str, *, more: bool = False) -> Plan:
    """Six modules on two hosts, each with a route by the output of its place; with `more`, one of them gets more packets."""
    pms = "".join(
        f'<pm id="{number}"><prefix addr="10.{number}.0.0" mask="16"/>'
        + ('<prefix addr="10.99.0.0" mask="16"/>' if more and number == 0 else "")
        + f'<forwardingtable><forwardingentry addr="10.{number}.0.0" mask="16" outputport="{output}"/></forwardingtable></pm>'
        for number, output in enumerate(outputs)
    )
    text = (
        '<allocationdescription id="fleet" type="fastiprouter" subtype="prefixlb">'
        f"<portmacmappings>{PORTS}</portmacmappings>{pms}</allocationdescription>"
    )
    facts: dict[str, Any] = {**FACTS, "hosts": {f"mh{n}": {**HOST, "switch_port": 10 + n} for n in (1, 2)}}
    render = renderer(Path(ROOT) / "templates" / "click")
    return plan_allocation(parse(text.encode(), "fleet.xml").allocation, Platform.from_facts(facts), render)


DEPLOYED, WANTED, THIRD = plan_of("000000"), plan_of("111110"), plan_of("010101")


def configurations(plan: Plan) -> dict[str, str]:
    return {pm.name: pm.config for _, pm in modules(plan)}


def run(deployed: Plan, wanted: Plan, running: dict[str, str]) -> Iterator[str]:
    """A rollout as the playbook has it, one module at a time: after the name is returned, it runs what it is to."""
    found = standing(deployed, wanted, running)
    where = {pm.name: host for host, pm in modules(wanted)}
    canary = canary_of(Wish(), found.waiting, found.begun, [])
    rest = [name for name in found.waiting if name not in canary]
    waves = waves_of(Wish(), sorted({where[name] for name in rest}))
    for name in [*found.astray, *canary, *(name for wave in waves for name in rest if where[name] in wave)]:
        running[name] = configurations(wanted)[name]
        yield name


@pytest.mark.parametrize("killed_after", range(6))
def test_the_next_run_goes_on_or_takes_back_and_a_third_description_is_refused(killed_after: int) -> None:
    running = configurations(DEPLOYED)
    steps = run(DEPLOYED, WANTED, running)
    done = [next(steps) for _ in range(killed_after)]
    found = standing(DEPLOYED, WANTED, running)
    assert (sorted(found.begun), len(found.waiting), found.astray) == (sorted(done), 5 - killed_after, ())

    went_on = dict(running)
    assert sorted([*done, *run(DEPLOYED, WANTED, went_on)]) == NAMES[:5]
    assert went_on == configurations(WANTED)

    taken_back = dict(running)
    assert standing(DEPLOYED, DEPLOYED, taken_back) == Standing(astray=found.begun)
    assert sorted(run(DEPLOYED, DEPLOYED, taken_back)) == sorted(done)
    assert taken_back == configurations(DEPLOYED)

    strange = [name for name in done if configurations(THIRD)[name] != configurations(WANTED)[name]]
    if strange:
        with pytest.raises(FlowstreamError) as refused:
            standing(DEPLOYED, THIRD, running)
        in_order = [pm.name for _, pm in modules(THIRD) if pm.name in strange]
        assert str(refused.value) == (
            f"fleet: modules run neither what is deployed nor what is wanted, got {', '.join(in_order)}; an earlier rollout was not"
            " finished: roll out its description again, or what is deployed to take it back"
        )


def test_what_is_more_than_configurations_is_no_rollout() -> None:
    with pytest.raises(FlowstreamError) as refused:
        standing(DEPLOYED, plan_of("111111", more=True), configurations(DEPLOYED))
    first, *lines = refused.value.messages
    assert first == (
        "fleet: a rollout gives modules that run another configuration and nothing else, got 4 other changes; deploy it (playbooks/deploy.yml)"
    )
    assert lines[0].startswith("+ sw1: ")
    assert "nw_dst=10.99.0.0/16" in lines[0]


def test_a_module_that_does_not_run_is_mended_first() -> None:
    running = configurations(DEPLOYED)
    del running["fleet-pm3"]
    with pytest.raises(FlowstreamError) as refused:
        standing(DEPLOYED, WANTED, running)
    (host,) = [host for host, pm in modules(WANTED) if pm.name == "fleet-pm3"]
    assert str(refused.value) == (
        f"fleet-pm3: does not run on {host}, or does not answer; mend it first (playbooks/drift.yml says what is wrong)"
    )
