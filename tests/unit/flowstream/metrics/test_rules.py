# SPDX-License-Identifier: Apache-2.0
"""The rules and alerts of role monitoring, as Prometheus' own tool reads and plays them, and what they name."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from ansible.module_utils.flowstream.filters.inventory import flowstream_scrape_targets
from ansible.module_utils.flowstream.metrics.catalogue import CATALOGUE

ROOT = Path(__file__).parents[4]
ROLE = ROOT / "roles" / "monitoring"
TEMPLATES = ROLE / "templates" / "etc" / "prometheus"
NAME = re.compile(r"\bflowstream[_:][\w:]+")

pytestmark = pytest.mark.skipif(shutil.which("promtool") is None, reason="needs prometheus, which packages.txt has")


def rendered(name: str, **variables: Any) -> str:
    """A template as Ansible renders it, with the role's defaults."""
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    marks = {"variable_start_string": "[[", "variable_end_string": "]]"}
    environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined, autoescape=False, **marks)  # noqa: S701  no HTML
    environment.filters["flowstream_scrape_targets"] = flowstream_scrape_targets
    return environment.from_string((TEMPLATES / f"{name}.j2").read_text()).render({**defaults, **variables})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What entry point configuration writes, for one machine."""
    hosts = {
        "mh1": {"ansible_host": "198.51.100.1"},
        "sw9": {"flow_switch_connection": "openflow"},
        "mh6": {"ansible_host": "2001:db8::1"},
    }
    for name in ("flowstream-rules.yml", "flowstream-targets.yml", "prometheus.yml"):
        (tmp_path / name).write_text(rendered(name, monitoring_machines=sorted(hosts), hostvars=hosts))
    return tmp_path


def promtool(*argv: str | Path) -> str:
    done = subprocess.run(["promtool", *argv], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rules(folder: Path) -> list[dict[str, Any]]:
    groups = yaml.safe_load((folder / "flowstream-rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def exported() -> set[str]:
    """Every name that a query may have."""
    return {metric.sample for metric in CATALOGUE} | {
        found for found in NAME.findall((TEMPLATES / "flowstream-rules.yml.j2").read_text()) if ":" in found
    }


def test_the_configuration_is_prometheus_own(folder: Path) -> None:
    promtool("check", "config", folder / "prometheus.yml")
    promtool("check", "rules", folder / "flowstream-rules.yml")
    targets = yaml.safe_load((folder / "flowstream-targets.yml").read_text())
    assert targets == [
        {"targets": ["198.51.100.1:9808"], "labels": {"machine": "mh1"}},
        {"targets": ["[2001:db8::1]:9808"], "labels": {"machine": "mh6"}},
    ]


def test_alerts_come_when_they_should_and_go(folder: Path) -> None:
    played = folder / "flowstream-rules-test.yml"
    shutil.copy(Path(__file__).with_name(played.name), folder)
    assert "SUCCESS" in promtool("test", "rules", played)


def test_every_alert_is_played() -> None:
    text = (TEMPLATES / "flowstream-rules.yml.j2").read_text()
    played = Path(__file__).with_name("flowstream-rules-test.yml").read_text()
    assert set(re.findall(r"- alert: (\w+)", text)) == set(re.findall(r"alertname: (\w+)", played))


def test_rules_name_what_is_exported_and_nothing_else(folder: Path) -> None:
    named = {name for rule in rules(folder) for name in NAME.findall(rule["expr"])}
    assert named
    assert named <= exported()
