# SPDX-License-Identifier: Apache-2.0
"""Matrix, resumption, table, plots and page of experiments whose results are made up here."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.experiments.job import ExperimentJob, plan_experiment, report_experiment
from ansible.module_utils.flowstream.experiments.result import COLUMNS, Tried, kept, line_of, row_of
from ansible.module_utils.flowstream.experiments.throughput import Outcome
from ansible.module_utils.flowstream.planner.parser import parse
from lxml import etree, html

ROOT = Path(__file__).parents[4]
DRIVERS = {"mh1": "process", "mh2": "process", "x1": "xen"}
ENDPOINTS = {
    "ep0": {"portid": "0", "addresses": ["192.168.5.1"]},
    "ep1": {"portid": "1", "addresses": ["192.168.6.1"]},
}
DESCRIPTION: dict[str, Any] = {
    "id": "e",
    "title": "Routers <here>",
    "processing": "fastiprouter",
    "modules": [1, 2],
    "computers": [1, 2],
    "size": [64, 512],
    "rate": [0, 1000, "throughput"],
    "portmacmappings": {
        "portmacmapping": [
            {"portid": 0, "mac": "02:00:5E:00:53:00", "switchport": 1},
            {"portid": 1, "mac": "02:00:5E:00:53:01", "switchport": 2},
        ]
    },
}


def job(folder: Path, **changes: Any) -> ExperimentJob:
    source = folder / "e.yml"
    source.write_text(yaml.safe_dump({**DESCRIPTION, **changes}))
    return ExperimentJob(source, folder / "out", ROOT / "templates" / "experiment", DRIVERS, ENDPOINTS)


def measured(tried: list[Tried], **more: Any) -> dict[str, Any]:
    return json.loads(json.dumps(kept(tried, **more)))


def result_of(cell: dict[str, Any]) -> dict[str, Any]:
    rate = cell["cell"]["rate"]
    if rate == 0:
        made = measured([])
    else:
        outcome = Outcome(1000, 1000.0, 500, 500)
        over = Outcome(2000, 2000.0, 1000, 998)
        tried = [Tried(over, (1,)), Tried(outcome, tuple(range(1000, 501_000, 1000)))]
        made = measured(tried, searched=True, found=outcome) if rate == "throughput" else measured(tried[1:])
    usage = {"flowstream-pm@e-pm0.service": {"processor_ns": 0, "memory_bytes": 1 << 20}}
    after = {"flowstream-pm@e-pm0.service": {"processor_ns": 50_000_000, "memory_bytes": 3 << 20}}
    facts = {"measured_at": "2026-01-01T00:00:00+00:00", "start_seconds": 1.5, "commit": "abc", "plan": "def"}
    return {
        "cell": cell["cell"],
        "digest": cell["digest"],
        "measured": made,
        "usage": {"mh1": {"before": {"at": 10.0, "units": usage}, "after": {"at": 12.0, "units": after}}},
        "facts": {**facts, "kernel": "6.1.0"},
    }


def cells(planned: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for setup in planned["setups"] for cell in setup["variables"]["measure_cells"]]


def measure(planned: dict[str, Any], most: int | None = None) -> None:
    for cell in cells(planned)[:most]:
        Path(cell["file"]).write_text(json.dumps(result_of(cell)))


def test_all_combinations_that_can_be_are_measured_by_deployment(tmp_path: Path) -> None:
    planned = plan_experiment(job(tmp_path))
    assert [setup["name"] for setup in planned["setups"]] == [
        "fastiprouter, 1 module (process) on 1 computer (process)",
        "fastiprouter, 2 modules (process) on 1 computer (process)",
        "fastiprouter, 2 modules (process) on 2 computers (process)",
    ]
    assert planned["left_out"] == [
        "fastiprouter, 1 module (process) on 2 computers (process): each computer needs a module"
    ]
    assert [setup["variables"]["allocation_left"] for setup in planned["setups"]] == [
        ["mh2", "x1"],
        ["mh2", "x1"],
        ["x1"],
    ]
    assert len({cell["file"] for cell in cells(planned)}) == len(cells(planned)) == 18
    assert planned["lines"][0] == (
        f"e: 18 measurements, 0 are there already, 18 to do on 3 deployments, about {round(planned['seconds'] / 60)} min"
    )


def test_what_is_deployed_is_an_allocation_as_any_other(tmp_path: Path) -> None:
    for setup in plan_experiment(job(tmp_path))["setups"]:
        path = Path(setup["variables"]["allocation"])
        allocation = parse(path.read_bytes(), str(path)).allocation
        assert (allocation.allocation_id, allocation.type) == ("e", "fastiprouter")
        assert len(allocation.pms) == setup["variables"]["measure_cells"][0]["cell"]["modules"]


@pytest.mark.parametrize(
    "template", sorted((ROOT / "templates" / "experiment").glob("*.yml.j2")), ids=lambda path: path.name
)
@pytest.mark.parametrize("modules", [1, 3])
def test_every_kind_of_processing_makes_an_allocation_that_can_be_read(
    tmp_path: Path, template: Path, modules: int
) -> None:
    name = template.name.removesuffix(".yml.j2")
    planned = plan_experiment(job(tmp_path, processing=name, modules=modules, computers=1))
    path = Path(planned["setups"][0]["variables"]["allocation"])
    # A type that needs to know its own addresses has them from the platform.
    assert len(parse(path.read_bytes(), str(path)).allocation.pms) == modules


def test_a_run_that_was_killed_goes_on_with_what_is_missing(tmp_path: Path) -> None:
    planned = plan_experiment(job(tmp_path))
    measure(planned, most=8)
    again = plan_experiment(job(tmp_path))
    assert cells(again) == cells(planned)[8:]
    assert len(again["setups"]) == 2
    measure(again)
    assert plan_experiment(job(tmp_path))["setups"] == []


def test_only_what_a_changed_description_decides_about_is_measured_again(tmp_path: Path) -> None:
    measure(plan_experiment(job(tmp_path)))
    assert cells(plan_experiment(job(tmp_path, title="Other words"))) == []
    longer = cells(plan_experiment(job(tmp_path, search={"resolution": 1})))
    assert {cell["cell"]["rate"] for cell in longer} == {"throughput"}
    assert len(longer) == 6
    more = cells(plan_experiment(job(tmp_path, size=[64, 512, 1024])))
    assert {cell["cell"]["size"] for cell in more} == {1024}
    assert len(cells(plan_experiment(job(tmp_path, trial={"milliseconds": 60})))) == 18


def test_a_platform_without_what_is_asked_for_is_said_and_the_rest_is_measured(tmp_path: Path) -> None:
    planned = plan_experiment(
        job(tmp_path, host=["process", "xen"], module=["process", "clickos"], computers=3, modules=3)
    )
    assert planned["setups"] == []
    assert planned["left_out"] == [
        "fastiprouter, 3 modules (process) on 3 computers (process): the platform has 2 module hosts of driver process",
        "fastiprouter, 3 modules (clickos) on 3 computers (process): hosts of driver process run process",
        "fastiprouter, 3 modules (process) on 3 computers (xen): hosts of driver xen run clickos and linux_guest",
        "fastiprouter, 3 modules (clickos) on 3 computers (xen): the platform has 1 module hosts of driver xen",
    ]


def test_processing_without_a_template_and_ports_without_an_endpoint_are_errors(tmp_path: Path) -> None:
    with pytest.raises(FlowstreamError) as caught:
        plan_experiment(job(tmp_path, processing="magic", modules=1, computers=1))
    assert str(caught.value) == (
        f"cannot write the allocation of magic-1xprocess-1xprocess: {ROOT}/templates/experiment has no template magic.yml.j2"
    )
    ports = [{"portid": number, "mac": "02:00:5E:00:53:00", "switchport": 1} for number in (0, 7)]
    with pytest.raises(FlowstreamError) as caught:
        plan_experiment(job(tmp_path, portmacmappings={"portmacmapping": ports}))
    assert str(caught.value) == (
        "cannot measure: no endpoint is at platform port 7, got 0, 1; put one into the inventory's group endpoints"
    )


def test_the_report_has_all_that_was_measured_as_table_plots_and_page(tmp_path: Path) -> None:
    measure(plan_experiment(job(tmp_path)), most=17)
    done = report_experiment(job(tmp_path), ROOT / "templates" / "page", write=True)
    assert (done["changed"], done["rows"], done["missing"]) == (True, 17, 1)
    folder = tmp_path / "out"
    rows = list(csv.DictReader(io.StringIO((folder / "results.csv").read_text(), newline="")))
    assert len(rows) == 17
    assert tuple(rows[0]) == COLUMNS
    names = {path.stem for path in folder.glob("*.svg")}
    assert names == {"idle", "forwarded-by-1", "forwarded-by-2", "throughput", "latency", "start"}
    for name in names:
        assert etree.parse(folder / f"{name}.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG\r\n")
    page = html.fromstring((folder / "report.html").read_bytes())
    assert page.findtext(".//h1") == "Routers <here>"
    assert len(page.findall(".//img")) == 6
    assert len(page.findall(".//tbody/tr")) == 17
    assert "1 are still to be made" in page.text_content()
    assert report_experiment(job(tmp_path), ROOT / "templates" / "page", write=True)["changed"] is False


def test_nothing_is_written_when_only_looked_at(tmp_path: Path) -> None:
    measure(plan_experiment(job(tmp_path)), most=1)
    assert report_experiment(job(tmp_path), ROOT / "templates" / "page", write=False)["changed"]
    assert not (tmp_path / "out" / "results.csv").exists()


def test_without_matplotlib_the_reader_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measure(plan_experiment(job(tmp_path)), most=1)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(FlowstreamError) as caught:
        report_experiment(job(tmp_path), ROOT / "templates" / "page", write=True)
    assert str(caught.value) == (
        "cannot draw plots: matplotlib is not installed for the Python that runs Ansible; run make venv, which installs what"
        " requirements.txt has"
    )


def test_a_row_says_what_was_measured(tmp_path: Path) -> None:
    found = {str(cell["cell"]["rate"]): result_of(cell) for cell in cells(plan_experiment(job(tmp_path)))[:3]}
    row = row_of(found["throughput"])
    assert {name: row[name] for name in ("throughput_pps", "throughput_mbps", "limit", "trials", "loss_ppm")} == {
        "throughput_pps": 1000,
        "throughput_mbps": 0.512,
        "limit": "loss",
        "trials": 2,
        "loss_ppm": 0.0,
    }
    assert (row["latency_p50_us"], row["latency_p99_us"], row["latency_samples"]) == (250.0, 495.0, 500)
    # 50 ms of a processor for 1,500 packets in a second; for none in two seconds.
    assert (row["processor_percent"], row["processor_ns_per_packet"], row["module_memory_mib"]) == (5.0, 33333, 3.0)
    assert row_of(found["0"])["processor_percent"] == 2.5
    assert (
        line_of(found["1000"])
        == "64 bytes, 1 flows, 1000 packets/s: 500 of 500 came, median 250 us, 10 % of a processor"
    )


@pytest.mark.parametrize(
    ("over", "limit"),
    [([], "search"), ([Outcome(2000, 2000, 9, 8)], "loss"), ([Outcome(2000, 500, 9, 9)], "generator")],
)
def test_a_throughput_says_what_it_was_limited_by(over: list[Outcome], limit: str) -> None:
    found = Outcome(1000, 1000.0, 500, 500)
    tried = [Tried(one, ()) for one in (*over, found)]
    assert kept(tried, searched=True, found=found)["limit"] == limit
