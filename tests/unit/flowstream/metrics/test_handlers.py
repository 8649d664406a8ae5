# SPDX-License-Identifier: Apache-2.0
"""Which metric each handler is, of every type of processing that there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils.flowstream.metrics.catalogue import BY_NAME, CATALOGUE, MODULE
from ansible.module_utils.flowstream.metrics.handlers import Reading, readings
from ansible.module_utils.flowstream.planner.types import counters_of

ROOT = Path(__file__).parents[4]
EXAMPLES = sorted((ROOT / "examples").glob("*/expected/click/*.click"))
MOST_OF_A_PORT, MOST_OF_IPV6_AT_A_PORT, MOST_OF_A_MODULE = 8, 6, 24


@pytest.mark.parametrize("handler", counters_of([0, 12]))
def test_whatever_status_reads_of_any_type_is_a_metric(handler: str) -> None:
    element = handler.partition(".")[0]
    assert handler in {reading.handler for reading in readings(f"{element} :: Counter -> Discard;")}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.relative_to(ROOT / "examples").as_posix())
def test_a_module_has_each_sample_once_with_the_labels_of_its_metric_and_no_more_of_them_than_is_said(
    path: Path,
) -> None:
    found = readings(path.read_text())
    assert len({(reading.metric, reading.labels) for reading in found}) == len(found)
    for reading in found:
        assert len(MODULE) + len(reading.labels) == len(BY_NAME[reading.metric].labels)
    ports = {reading.handler for reading in found if reading.metric == "flowstream_module_received_packets"}
    six = {reading.handler for reading in found if reading.metric == "flowstream_module_received_ipv6_packets"}
    assert len(found) <= MOST_OF_A_MODULE + MOST_OF_A_PORT * len(ports) + MOST_OF_IPV6_AT_A_PORT * len(six)


def test_what_a_configuration_declares_is_asked_and_nothing_else() -> None:
    assert readings("in7 :: Counter -> mine :: Counter -> Discard; // in8 says nothing") == [
        Reading("in7.count", "flowstream_module_received_packets", ("7",)),
        Reading("in7.byte_count", "flowstream_module_received_bytes", ("7",)),
    ]


def test_names_are_once_in_the_catalogue_and_none_says_its_kind_itself() -> None:
    names = [metric.name for metric in CATALOGUE]
    assert len(set(names)) == len(names)
    assert not [name for name in names if name.endswith("_total")]
