# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.template import Render, renderer
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform

ROOT = Path(__file__).parents[3]

HOST = {
    "driver": "process",
    "bridge": "br-pm",
    "uplink_port": 1,
    "switch": "sw1",
    "switch_port": 11,
    "capacity": {"pms": 64, "memory_mib": 2048, "vcpus": 2},
}
FACTS: dict[str, Any] = {
    "switches": {"sw1": {"bridge": "br-flow"}},
    "hosts": {"mh1": HOST, "mh2": {**HOST, "switch_port": 12}},
    "ports": {},
}

Planner = Callable[..., Plan]


@pytest.fixture
def facts() -> dict[str, Any]:
    """Facts of a platform with one switch and two module hosts, to be changed at will."""
    return deepcopy(FACTS)


@pytest.fixture(scope="session")
def render() -> Render:
    return renderer(ROOT / "templates" / "click")


@pytest.fixture
def plan_of(render: Render, facts: dict[str, Any]) -> Planner:
    """Plans the text of an allocation, the seed's unless told otherwise."""

    def plan(text: str | None = None, facts: dict[str, Any] = facts, beside: Path | None = None) -> Plan:
        data = text.encode() if text else (ROOT / "examples" / "felipeiprouter" / "allocation.xml").read_bytes()
        own = render if beside is None else renderer(ROOT / "templates" / "click", beside)
        return plan_allocation(parse(data, "alloc.xml").allocation, Platform.from_facts(facts), own)

    return plan


@pytest.fixture
def seed() -> str:
    return (ROOT / "examples" / "felipeiprouter" / "allocation.xml").read_text()


def messages(call: Callable[[], object]) -> list[str]:
    """The messages with which a call is refused."""
    with pytest.raises(FlowstreamError) as caught:
        call()
    return list(caught.value.messages)
