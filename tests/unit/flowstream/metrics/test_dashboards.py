# SPDX-License-Identifier: Apache-2.0
"""The dashboards: what Grafana's schema and Prometheus say of them, and whether all that is exported is on one of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.flowstream.metrics.catalogue import CATALOGUE, MODULE

from .grafana import faults
from .test_rules import NAME, ROLE, TEMPLATES, exported, promtool

DASHBOARDS = sorted((ROLE / "files" / "dashboards").glob("*.json"))
WIDTH = 24
SHOWN_NOWHERE = {"flowstream_host_capacity_vcpus", "flowstream_host_reserved_vcpus"}
"""Processors are shared: more of them may be promised than there are."""


def read(path: Path) -> dict[str, Any]:
    dashboard: dict[str, Any] = json.loads(path.read_text())
    return dashboard


def queries(dashboard: dict[str, Any]) -> Iterator[str]:
    """Every query, as Grafana would send it: with a value for each variable and window."""
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [annotation["expr"] for annotation in dashboard["annotations"]["list"]]
    for variable in dashboard["templating"]["list"]:
        found = (
            re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"])
            if variable["type"] == "query"
            else None
        )
        asked += [found[1]] if found else []
    for text in asked:
        yield re.sub(r"\$\w+", ".*", text.replace("$__rate_interval", "5m"))


@pytest.fixture(params=DASHBOARDS, ids=lambda path: path.stem)
def dashboard(request: pytest.FixtureRequest) -> dict[str, Any]:
    return read(request.param)


def test_there_are_three() -> None:
    assert [path.stem for path in DASHBOARDS] == ["allocation", "module", "platform"]


def test_grafana_has_every_field_and_value_of_it(dashboard: dict[str, Any]) -> None:
    assert faults(dashboard) == []


def _panel(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda dashboard: dashboard["panels"][0].update({key: value})


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (_panel("title", 7), "dashboard.panels[0].title: not a str, got 7"),
        (_panel("transparent", 1), "dashboard.panels[0].transparent: not a bool, got 1"),
        (_panel("heigth", 4), "dashboard.panels[0].heigth: not in the schema, got 4"),
        (_panel("type", "stats"), "dashboard.panels[0]: a panel of no kind of Grafana's, got 'stats'"),
        (_panel("gridPos", {"x": "0"}), "dashboard.panels[0].grid_pos.x: not a int, got '0'"),
        (_panel("gridPos", [0, 0]), "dashboard.panels[0].gridPos: read as"),
        (
            _panel("options", {"colorMod": "value"}),
            "dashboard.panels[0].options.colorMod: not in the schema, got 'value'",
        ),
        (
            _panel("options", {"colorMode": "loud"}),
            "dashboard.panels[0].options.color_mode: not a BigValueColorMode, got 'loud'",
        ),
        (_panel("targets", [{"query": "up"}]), "dashboard.panels[0].targets[0].query: not in the schema, got 'up'"),
        (_panel("targets", [{"expr": ["up"]}]), "dashboard.panels[0].targets[0].expr: not a str, got ['up']"),
        (_panel("datasource", {"type": "promtheus"}), "dashboard.panels[0].targets[0]: a query of no data source"),
        (_panel("links", [{"titel": "x"}]), "dashboard.panels[0].links[0].titel: not in the schema, got 'x'"),
        (
            _panel("fieldConfig", {"defaults": {"thresholds": {"mode": "relative"}}}),
            "not a ThresholdsMode, got 'relative'",
        ),
        (lambda dashboard: dashboard.update(panels="none"), "dashboard: not a Dashboard"),
        (lambda dashboard: dashboard.update(refresh={}), "dashboard.refresh"),
        (
            lambda dashboard: dashboard["templating"]["list"][0].update(type="datasources"),
            "not a VariableType, got 'datasources'",
        ),
        (
            lambda dashboard: dashboard["annotations"]["list"][0].update(enabled=True),
            "list[0].enabled: not in the schema",
        ),
    ],
)
def test_a_broken_one_is_told(broken: Callable[[dict[str, Any]], None], told: str) -> None:
    dashboard = read(DASHBOARDS[0])
    broken(dashboard)
    assert any(told in fault for fault in faults(dashboard)), faults(dashboard)


def test_prometheus_can_read_every_query(dashboard: dict[str, Any], tmp_path: Path) -> None:
    asked = list(queries(dashboard))
    assert len(asked) > 10
    rules = [{"record": f"query:{number}", "expr": text} for number, text in enumerate(asked)]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    assert f"{len(asked)} rules found" in promtool("check", "rules", file)


def test_queries_name_what_is_exported_by_labels_that_it_has(dashboard: dict[str, Any]) -> None:
    labels = {metric.sample: metric.labels for metric in CATALOGUE}
    for text in queries(dashboard):
        assert set(NAME.findall(text)) <= exported()
        for name, selector in re.findall(r"\b(flowstream_\w+)\{([^}]*)\}", text):
            assert set(re.findall(r"(\w+)=", selector)) <= set(labels[name]), text
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            known = {
                label
                for name in NAME.findall(target["expr"])
                for label in labels.get(name, (*MODULE, "reason", "allocation"))
            }
            assert shown <= known, target


def test_variables_are_declared_and_panels_lie_beside_each_other(dashboard: dict[str, Any]) -> None:
    declared = {variable["name"] for variable in dashboard["templating"]["list"]}
    assert set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard))) <= declared | {"__rate_interval", "__all"}
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken
        assert place["x"] + place["w"] <= WIDTH
        taken |= cells
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in dashboard["panels"])


def test_whatever_is_exported_is_on_a_dashboard_or_in_a_rule() -> None:
    shown = {name for path in DASHBOARDS for text in queries(read(path)) for name in NAME.findall(text)}
    shown |= set(NAME.findall((TEMPLATES / "flowstream-rules.yml.j2").read_text()))
    assert {metric.sample for metric in CATALOGUE} - shown == SHOWN_NOWHERE
