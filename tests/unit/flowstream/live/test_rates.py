# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.flowstream.live import rates
from ansible.module_utils.flowstream.live.rates import Page, now
from ansible.module_utils.flowstream.metrics.catalogue import CATALOGUE

PORT = {"machine": "sw1", "bridge": "br-flow", "port": "3", "interface": "p3"}
MODULE = {"machine": "mh1", "module": "r-pm0", "allocation": "r", "tenant": "blue"}


def page(at: float, *samples: tuple[str, dict[str, str], float]) -> Page:
    return Page(at, {(name, tuple(sorted(labels.items()))): value for name, labels, value in samples})


def received(at: float, packets: float, octets: float) -> Page:
    name = "flowstream_switch_port_received"
    return page(at, (f"{name}_packets_total", PORT, packets), (f"{name}_bytes_total", PORT, octets))


def told(before: Page | None, after: Page) -> dict[str, Any]:
    return now([(before, after)]).to_dict()


def test_every_counter_that_is_read_is_one_that_exporters_have() -> None:
    known = {metric.sample for metric in CATALOGUE}
    assert {*rates.LINK, *rates.MODULE, rates.DROPPED, rates.UP, rates.FLOWS, rates.MACHINE_UP} <= known


def test_a_link_has_packets_and_bits_a_second() -> None:
    found = told(received(10, 100, 6400), received(14, 300, 19200))
    assert found["links"] == {"sw1 3": {"received_packets": 50, "received_bits": 25600}}


@pytest.mark.parametrize(("after", "rate"), [(300, 100.0), (100, None), (40, 20.0)])
def test_a_counter_that_is_smaller_began_anew_and_one_that_stands_has_no_rate(after: float, rate: float | None) -> None:
    found = told(received(10, 100, 0), received(12, after, 0))
    assert found["links"].get("sw1 3", {}).get("received_packets") == rate


def test_what_was_not_there_before_has_no_rate_yet() -> None:
    assert told(None, received(10, 100, 6400))["links"] == {}
    assert told(page(8), received(10, 100, 6400))["links"] == {}


def test_drops_of_a_module_are_summed_and_told_by_reason() -> None:
    drops = "flowstream_module_dropped_packets_total"

    def counted(at: float, *values: float) -> Page:
        places = (("checksum", "0"), ("checksum", "1"), ("no route", ""))
        return page(
            at,
            *((drops, MODULE | {"reason": reason, "port": port}, value) for (reason, port), value in zip(places, values, strict=True)),
            ("flowstream_module_up", MODULE, 1),
            ("flowstream_module_flows", MODULE | {"table": "udp"}, 7),
            ("flowstream_module_flows", MODULE | {"table": "tcp"}, 5),
            ("flowstream_machine_up", {"machine": "mh1"}, 0),
        )  # fmt: skip

    found = told(counted(0, 0, 0, 0), counted(2, 2, 4, 10))
    assert found["modules"] == {
        "r-pm0": {
            "machine": "mh1",
            "allocation": "r",
            "tenant": "blue",
            "up": True,
            "flows": 12,
            "dropped_packets": 8,
            "reasons": {"checksum": 3, "no route": 5},
        }
    }
    assert found["machines"] == {"mh1": False}


def test_what_a_stage_was_given_is_what_it_received() -> None:
    name = "flowstream_module_passed_packets_total"
    ways = [MODULE | {"direction": direction} for direction in ("in", "out")]
    before, after = (page(at, *((name, labels, at * 10) for labels in ways)) for at in (0, 2))
    assert told(before, after)["modules"]["r-pm0"]["received_packets"] == 20
