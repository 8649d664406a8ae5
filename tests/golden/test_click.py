# SPDX-License-Identifier: Apache-2.0
"""The engine itself accepts every configuration of the examples. `make unit` builds it before."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.flowstream.middleboxes.template import renderer
from ansible.module_utils.flowstream.planner.parser import parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation
from ansible.module_utils.flowstream.platform.facts import Platform

ROOT = Path(__file__).parents[2]
CLICK = ROOT / "clickos" / "build" / "click"
DEFAULT_ROUTE = """
<allocationdescription id="edge" type="fastiprouter" subtype="prefixlb">
<portmacmappings>
<portmacmapping portid="0" mac="00:15:17:15:5D:20" switchport="1"/>
<portmacmapping portid="1" mac="00:15:17:15:5D:21" switchport="2"/>
</portmacmappings>
<pm id="0">
<prefix addr="0.0.0.0" mask="0"/>
<forwardingtable id="0"><forwardingentry addr="0.0.0.0" mask="0" outputport="1"/></forwardingtable>
</pm>
</allocationdescription>
"""
CONFIGS = sorted((ROOT / "examples").glob("*/expected/click/*.click"))


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.parents[2].name}/{config.stem}")
def test_the_engine_accepts_the_configuration(config: Path) -> None:
    checked = subprocess.run([CLICK, "--check", config], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("ports", [{}, {"0": {"addresses": ["192.0.2.1/24"]}, "1": {"addresses": ["198.51.100.1/24"]}}])
def test_the_engine_accepts_a_module_that_has_a_route_for_everything(ports: dict[str, object], tmp_path: Path) -> None:
    facts = yaml.safe_load((ROOT / "examples" / "platform.yml").read_text())
    allocation = parse(DEFAULT_ROUTE.encode(), "edge.xml").allocation
    platform = Platform.from_facts({**facts, "ports": ports})
    plan = plan_allocation(allocation, platform, renderer(ROOT / "templates" / "click"))
    (pm,) = (pm for host in plan.hosts.values() for pm in host.pms)
    config = tmp_path / "edge.click"
    config.write_text(pm.config)
    test_the_engine_accepts_the_configuration(config)


def test_there_are_configurations_to_accept() -> None:
    assert len(CONFIGS) >= 7
