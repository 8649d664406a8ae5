# SPDX-License-Identifier: Apache-2.0
"""A small experiment in the lab: what it measures, that it does not measure it again, and that nothing stays behind."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from .router_lab import RouterLab

pytestmark = [pytest.mark.live, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

DESCRIPTION: dict[str, Any] = {
    "id": "small",
    "title": "A small one",
    "processing": "fastiprouter",
    "modules": 2,
    "computers": 2,
    "flows": 8,
    "rate": [0, 500, "throughput"],
    "trial": {"milliseconds": 300, "tries": 3},
    "search": {"least": 200, "most": 2000, "resolution": 50},
    "portmacmappings": {
        "portmacmapping": [
            {"portid": 0, "mac": "02:00:5E:00:53:00", "switchport": 1},
            {"portid": 1, "mac": "02:00:5E:00:53:01", "switchport": 2},
        ]
    },
}


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A description, in JSON, which is YAML."""
    path = tmp_path_factory.mktemp("experiment") / "small.yml"
    path.write_text(json.dumps(DESCRIPTION))
    return path


def test_an_experiment_is_measured_and_shown(lab: RouterLab, described: Path) -> None:
    variables = {"experiment": str(described), "experiment_folder": str(described.parent)}
    looked = lab.play("experiment", "--check", **variables)
    assert "small: 3 measurements, 0 are there already, 3 to do on 1 deployments" in looked.output
    assert not (described.parent / "results.csv").exists()

    assert "3 measurements, 0 missing" in lab.play("experiment", **variables).output
    with (described.parent / "results.csv").open(newline="") as file:
        idle, steady, limit = csv.DictReader(file)
    assert (idle["rate"], idle["sent"], idle["latency_samples"]) == ("0", "0", "")
    assert (steady["sent"], steady["received"], steady["loss_ppm"]) == ("150", "150", "0.0")
    assert (
        0 < float(steady["latency_min_us"]) <= float(steady["latency_p50_us"]) <= float(steady["latency_max_us"]) < 2e6
    )
    assert 200 <= int(limit["throughput_pps"]) <= 2000
    assert int(limit["received"]) > 0
    for row in (steady, limit):
        assert int(row["processor_ns_per_packet"]) > 0
        assert float(row["module_memory_mib"]) > 1
        assert float(row["start_seconds"]) > 0

    pictures = sorted(described.parent.glob("*.svg"))
    assert [path.stem for path in pictures] == ["forwarded-by-2", "idle", "latency", "start", "throughput"]
    for path in pictures:
        assert etree.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"
        assert path.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    page = html.fromstring((described.parent / "report.html").read_bytes())
    assert len(page.findall(".//img")) == len(pictures)
    assert len(page.findall(".//tbody/tr")) == 3


def test_what_was_measured_is_not_measured_again_and_nothing_is_deployed_any_more(
    lab: RouterLab, described: Path
) -> None:
    again = lab.play("experiment", experiment=str(described), experiment_folder=str(described.parent))
    assert "3 are there already, 0 to do on 0 deployments" in again.output
    assert again.changed == {}
    assert lab.modules("mh1") == lab.modules("mh2") == {}
